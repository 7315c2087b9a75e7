//! Numbers that go together by their ranks, whatever their distributions: a Gaussian copula.

use std::f64::consts::PI;

use libm::sin;
use ndsl_compiler::schema::{ColumnId, Table};

/// Columns of a table that go together.
#[derive(Clone, Debug)]
pub struct Correlated {
    /// The columns.
    pub columns: Vec<ColumnId>,
    /// For each, how much of each column's own normal number goes into its own: the lower triangle of Cholesky's factor.
    pub mix: Vec<Vec<f64>>,
}

/// The groups of columns of a table that are said to go together, directly or through others.
pub fn groups(table: &Table) -> Vec<Correlated> {
    let mut groups: Vec<Vec<ColumnId>> = Vec::new();
    for correlation in &table.correlations {
        let (mut joined, rest): (Vec<Vec<ColumnId>>, Vec<Vec<ColumnId>>) =
            groups.into_iter().partition(|group| group.iter().any(|column| correlation.columns.contains(column)));
        joined.push(correlation.columns.clone());
        let mut all: Vec<ColumnId> = joined.into_iter().flatten().collect();
        all.sort_unstable();
        all.dedup();
        groups = rest;
        groups.push(all);
    }
    groups
        .into_iter()
        .map(|columns| {
            let count = columns.len();
            let mut matrix: Vec<Vec<f64>> =
                (0..count).map(|row| (0..count).map(|column| f64::from(u8::from(row == column))).collect()).collect();
            for correlation in &table.correlations {
                for (row, a) in columns.iter().enumerate() {
                    for (column, b) in columns.iter().enumerate() {
                        if row != column && correlation.columns.contains(a) && correlation.columns.contains(b) {
                            // Two normals whose ranks are to correlate so strongly correlate by this themselves (Pearson, 1907).
                            matrix[row][column] = 2.0 * sin(PI / 6.0 * correlation.strength);
                        }
                    }
                }
            }
            Correlated { columns, mix: factor(&matrix) }
        })
        .collect()
}

/// Cholesky's factor, of a matrix that may lie just outside of what has one.
fn factor(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let count = matrix.len();
    let mut ridge = 0.0;
    loop {
        let mut out = vec![vec![0.0; count]; count];
        let mut whole = true;
        for row in 0..count {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| out[row][k] * out[column][k]).sum();
                if row == column {
                    let rest = matrix[row][row] - known;
                    whole &= rest > 1e-12;
                    out[row][row] = rest.max(0.0).sqrt();
                } else if out[column][column] > 0.0 {
                    let entry = matrix[row][column] / (1.0 + ridge);
                    out[row][column] = (entry - known) / out[column][column];
                }
            }
        }
        if whole || ridge > 1.0 {
            return out;
        }
        ridge = if ridge == 0.0 { 1e-9 } else { ridge * 4.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_times_itself_is_the_matrix() {
        let matrix = vec![vec![1.0, 0.4, -0.2], vec![0.4, 1.0, 0.1], vec![-0.2, 0.1, 1.0]];
        let mix = factor(&matrix);
        for row in 0..3 {
            for column in 0..3 {
                let back: f64 = (0..3).map(|k| mix[row][k] * mix[column][k]).sum();
                assert!((back - matrix[row][column]).abs() < 1e-12);
            }
        }
        // Two that are the same make no factor, and one nearby does.
        let same = factor(&[vec![1.0, 1.0], vec![1.0, 1.0]]);
        assert!(same[1][1] > 0.0 && same[1][0] > 0.999_999);
    }
}
