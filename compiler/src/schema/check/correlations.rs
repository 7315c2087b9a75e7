//! Correlations between columns of a table.

use foldhash::HashMap;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, SchemaItemKind};

use super::Checker;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::datum::Datum;
use crate::schema::expression::Type;
use crate::schema::form::{ColumnId, Correlation, TableId};

/// More correlated columns than this in one table are refused: the work grows with the cube.
const MAX_COLUMNS: usize = 128;

/// How far below zero an eigenvalue may come out of rounding.
const TOLERANCE: f64 = 1e-9;

impl<'a> Checker<'a> {
    /// Reads every `correlate`, and checks that all those of a table can hold at once.
    pub(super) fn correlations(&mut self) {
        for table in (0..self.schemas.tables.len()).map(|index| TableId(index as u32)) {
            let items = self.trees[table.0 as usize].items.clone();
            for item in items {
                if let SchemaItemKind::Correlate { columns, strength, .. } = &item.kind
                    && let Some(correlation) = self.correlation(table, columns, strength, item.span)
                {
                    self.schemas.tables[table.0 as usize].correlations.push(correlation);
                }
            }
            self.matrix(table);
        }
    }

    fn correlation(
        &mut self,
        table: TableId,
        columns: &'a [ast::Ident],
        strength: &'a Expr,
        span: Span,
    ) -> Option<Correlation> {
        let ids = self.columns_named(table, columns);
        let strength_value = self.constant(strength, &Type::Float);
        let ids = ids?;
        if let ([_], [only]) = (&ids[..], columns) {
            let fault = Diagnostic::new(Code::Correlation, only.span, "a correlation is between two columns or more");
            self.report(fault.label("the only one"));
            return None;
        }
        let mut whole = true;
        for (id, name) in ids.iter().zip(columns) {
            let column = self.column(table, *id);
            let ty = column.kind.value();
            let measured = ty.is_number() || ty.is_moment() || ty == Type::Time;
            let (message, place, text) = match (&ty, column.reference().is_some(), &column.derived) {
                (Type::Unknown, _, _) => {
                    whole = false;
                    continue;
                }
                (_, true, _) => (
                    format!("`{}` is a reference, and its values are in no order", column.name),
                    column.kind_span,
                    "a reference",
                ),
                (ty, _, _) if !measured => (
                    format!("`{}` is {ty}, and only numbers and moments correlate", column.name),
                    column.kind_span,
                    "its type",
                ),
                (_, _, Some(derived)) => (
                    format!("`{}` follows from other columns, so nothing is left to choose", column.name),
                    derived.span,
                    "derived here",
                ),
                _ => continue,
            };
            whole = false;
            let fault = Diagnostic::new(Code::Correlation, name.span, message).label("cannot be correlated");
            self.report(fault.related(place, text));
        }
        let strength_value = match strength_value? {
            Datum::Float(strength) => strength,
            Datum::Int(strength) => strength as f64,
            _ => return None,
        };
        if !(-1.0..=1.0).contains(&strength_value) {
            let fault = Diagnostic::new(
                Code::Correlation,
                strength.span,
                format!("a correlation is from -1 to 1, not {strength_value}"),
            );
            self.report(fault.label("no correlation"));
            return None;
        }
        whole.then_some(Correlation { columns: ids, strength: strength_value, span })
    }

    /// Reports pairs given twice and correlations that no columns can have all at once.
    fn matrix(&mut self, table: TableId) {
        let mut faults = Vec::new();
        let mut place: HashMap<ColumnId, usize> = HashMap::default();
        let mut pairs: HashMap<(usize, usize), Span> = HashMap::default();
        let mut entries: Vec<(usize, usize, f64)> = Vec::new();
        let mut spans: Vec<Span> = Vec::new();
        let form = self.table(table);
        let mut too_many = None;
        for correlation in &form.correlations {
            spans.push(correlation.span);
            for (index, first) in correlation.columns.iter().enumerate() {
                for second in &correlation.columns[index + 1..] {
                    let mut at = |id: &ColumnId| {
                        let next = place.len();
                        *place.entry(*id).or_insert(next)
                    };
                    let (a, b) = (at(first), at(second));
                    let key = (a.min(b), a.max(b));
                    if let Some(known) = pairs.get(&key) {
                        let names = [first, second].map(|id| form.at(*id).name.as_str());
                        let message = format!("`{}` and `{}` are correlated twice", names[0], names[1]);
                        let fault = Diagnostic::new(Code::Duplicate, correlation.span, message).label("again here");
                        faults.push(fault.related(*known, "first here"));
                        continue;
                    }
                    pairs.insert(key, correlation.span);
                    entries.push((key.0, key.1, correlation.strength));
                    if place.len() > MAX_COLUMNS && too_many.is_none() {
                        too_many = Some(correlation.span);
                    }
                }
            }
            if too_many.is_some() {
                break;
            }
        }
        if let Some(span) = too_many {
            let message = format!("at most {MAX_COLUMNS} columns of a table are correlated");
            faults.push(Diagnostic::new(Code::TooDeep, span, message).label("one too many"));
        } else if faults.is_empty() && !entries.is_empty() {
            let size = place.len();
            let mut matrix = vec![vec![0.0; size]; size];
            for (index, row) in matrix.iter_mut().enumerate() {
                row[index] = 1.0;
            }
            for (a, b, strength) in entries {
                (matrix[a][b], matrix[b][a]) = (strength, strength);
            }
            let least = least_eigenvalue(matrix);
            if least < -TOLERANCE
                && let Some((last, rest)) = spans.split_last()
            {
                let scale = (1.0 / (1.0 - least) * 100.0).floor() / 100.0;
                let message = format!("no columns of `{}` can have all these correlations at once", form.name);
                let mut fault = Diagnostic::new(Code::Correlation, *last, message).label("contradicts the others");
                for span in rest.iter().take(6) {
                    fault = fault.related(*span, "together with this");
                }
                fault = fault
                    .help("where two columns go with a third, they go with each other")
                    .help(format!("all of them times {scale} would be possible"));
                faults.push(fault);
            }
        }
        faults.into_iter().for_each(|fault| self.report(fault));
    }
}

/// The least eigenvalue of a symmetric matrix, by Jacobi's rotations.
fn least_eigenvalue(mut matrix: Vec<Vec<f64>>) -> f64 {
    let size = matrix.len();
    for _ in 0..30 {
        let mut off = 0.0;
        for p in 0..size {
            for q in p + 1..size {
                let entry = matrix[p][q];
                off += entry * entry;
                if entry.abs() < 1e-14 {
                    continue;
                }
                let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * entry);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in &mut matrix {
                    let (a, b) = (row[p], row[q]);
                    (row[p], row[q]) = (c * a - s * b, s * a + c * b);
                }
                let (above, below) = matrix.split_at_mut(q);
                for (a, b) in above[p].iter_mut().zip(&mut below[0]) {
                    (*a, *b) = (c * *a - s * *b, s * *a + c * *b);
                }
            }
        }
        if off < 1e-22 {
            break;
        }
    }
    (0..size).map(|index| matrix[index][index]).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::least_eigenvalue;

    #[test]
    fn the_least_eigenvalue_is_found() {
        let two = |r: f64| vec![vec![1.0, r], vec![r, 1.0]];
        assert!((least_eigenvalue(two(0.4)) - 0.6).abs() < 1e-12);
        let three = |a: f64, b: f64, c: f64| vec![vec![1.0, a, b], vec![a, 1.0, c], vec![b, c, 1.0]];
        // 1 - r for three equal ones; and one that no columns can have.
        assert!((least_eigenvalue(three(0.5, 0.5, 0.5)) - 0.5).abs() < 1e-12);
        assert!(least_eigenvalue(three(0.9, 0.9, -0.9)) < -0.5);
        assert!(least_eigenvalue(three(1.0, 1.0, 1.0)) > -1e-12);
    }
}
