//! How columns go together, two by two: by the measure that fits what they are.

use serde::Serialize;

/// The values of a column in the rows that are compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Series {
    /// Numbers, days and moments; what is missing is not a number.
    Numbers(Vec<f64>),
    /// Labels by their places, so many of them; nothing where one is missing.
    Labels(Vec<Option<u32>>, usize),
}

/// How strongly two columns go together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relation {
    /// One of them, by its place.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// By what.
    pub measure: Measure,
    /// How strongly: from -1 to 1 for two numbers, from 0 to 1 otherwise.
    pub value: f64,
    /// Of two numbers, the correlation of their ranks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_ranks: Option<f64>,
    /// The rows in which both have a value.
    pub rows: usize,
}

/// By what two columns are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Of two numbers: Pearson's correlation.
    Pearson,
    /// Of two columns of labels: Cramér's V, with Bergsma's correction for chance.
    CramersV,
    /// Of labels and a number: the correlation ratio, how much of the number's variance is between the labels (its root).
    CorrelationRatio,
}

impl Relation {
    /// How strong it is, whatever its direction; of two numbers the stronger of both correlations.
    pub fn strength(&self) -> f64 {
        self.value.abs().max(self.of_ranks.map_or(0.0, f64::abs))
    }
}

/// Rows that tell nothing: with fewer no relation is answered.
const FEWEST: usize = 5;

/// Each pair of some columns, given with their places, whose relation can be told.
pub(crate) fn relations(columns: &[(usize, Series)]) -> Vec<Relation> {
    let mut all = Vec::new();
    for (at, (one, a)) in columns.iter().enumerate() {
        for (other, b) in &columns[at + 1..] {
            let found = match (a, b) {
                (Series::Numbers(a), Series::Numbers(b)) => {
                    let (a, b): (Vec<f64>, Vec<f64>) =
                        a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (*a, *b)).unzip();
                    let of_ranks = pearson(&ranks(&a), &ranks(&b));
                    pearson(&a, &b).map(|value| (Measure::Pearson, value, of_ranks, a.len()))
                }
                (Series::Labels(a, m), Series::Labels(b, n)) => {
                    cramers_v(a, *m, b, *n).map(|(value, rows)| (Measure::CramersV, value, None, rows))
                }
                (Series::Labels(a, m), Series::Numbers(b)) | (Series::Numbers(b), Series::Labels(a, m)) => {
                    ratio(a, *m, b).map(|(value, rows)| (Measure::CorrelationRatio, value, None, rows))
                }
            };
            if let Some((measure, value, of_ranks, rows)) =
                found.filter(|(_, value, _, rows)| value.is_finite() && *rows >= FEWEST)
            {
                all.push(Relation { one: *one, other: *other, measure, value, of_ranks, rows });
            }
        }
    }
    all
}

/// Pearson's correlation; nothing where one of them is always the same.
fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let count = a.len() as f64;
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / count;
    let (of_a, of_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - of_a, b - of_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    (aa > 0.0 && bb > 0.0).then(|| (ab / (aa.sqrt() * bb.sqrt())).clamp(-1.0, 1.0))
}

/// The place of each number among all; equal ones have the mean of theirs.
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..numbers.len() as u32).collect();
    order.sort_unstable_by(|a, b| numbers[*a as usize].total_cmp(&numbers[*b as usize]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| numbers[*a as usize] == numbers[*b as usize]) {
        let rank = before as f64 + (equal.len() - 1) as f64 / 2.0;
        equal.iter().for_each(|place| ranks[*place as usize] = rank);
        before += equal.len();
    }
    ranks
}

/// Cramér's V of two columns of labels, corrected after Bergsma ("A bias-correction for Cramér's V and Tschuprow's T", 2013), and the rows with both.
fn cramers_v(a: &[Option<u32>], m: usize, b: &[Option<u32>], n: usize) -> Option<(f64, usize)> {
    let mut counts = vec![0u32; m * n];
    let mut rows = 0usize;
    for (a, b) in a.iter().zip(b) {
        if let (Some(a), Some(b)) = (a, b) {
            counts[*a as usize * n + *b as usize] += 1;
            rows += 1;
        }
    }
    let of_a: Vec<f64> = counts.chunks(n.max(1)).map(|row| row.iter().map(|count| f64::from(*count)).sum()).collect();
    let of_b: Vec<f64> = (0..n).map(|b| (0..m).map(|a| f64::from(counts[a * n + b])).sum()).collect();
    let some = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count() as f64;
    let (count, r, k) = (rows as f64, some(&of_a), some(&of_b));
    if r < 2.0 || k < 2.0 || rows < 2 {
        return None;
    }
    let mut chi = 0.0;
    for (a, of_a) in of_a.iter().enumerate() {
        for (b, of_b) in of_b.iter().enumerate() {
            let expected = of_a * of_b / count;
            if expected > 0.0 {
                let found = f64::from(counts[a * n + b]);
                chi += (found - expected) * (found - expected) / expected;
            }
        }
    }
    let phi = (chi / count - (r - 1.0) * (k - 1.0) / (count - 1.0)).max(0.0);
    let corrected = |k: f64| k - (k - 1.0) * (k - 1.0) / (count - 1.0);
    let least = (corrected(r) - 1.0).min(corrected(k) - 1.0);
    (least > 0.0).then(|| ((phi / least).sqrt().min(1.0), rows))
}

/// The root of the share of a number's variance that is between labels, and the rows with both.
fn ratio(labels: &[Option<u32>], count: usize, numbers: &[f64]) -> Option<(f64, usize)> {
    let mut sums = vec![(0.0, 0usize); count];
    let both = || {
        labels
            .iter()
            .zip(numbers)
            .filter_map(|(label, number)| Some(((*label)?, *number)))
            .filter(|(_, number)| !number.is_nan())
    };
    for (label, number) in both() {
        let (sum, rows) = &mut sums[label as usize];
        *sum += number;
        *rows += 1;
    }
    let rows: usize = sums.iter().map(|(_, rows)| rows).sum();
    let mean = sums.iter().map(|(sum, _)| sum).sum::<f64>() / rows as f64;
    let between: f64 = sums
        .iter()
        .filter(|(_, rows)| *rows > 0)
        .map(|(sum, rows)| (sum / *rows as f64 - mean).powi(2) * *rows as f64)
        .sum();
    let all: f64 = both().map(|(_, number)| (number - mean).powi(2)).sum();
    (all > 0.0).then(|| ((between / all).clamp(0.0, 1.0).sqrt(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn correlations_are_those_of_the_rows_with_both() {
        let a = Series::Numbers(vec![1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN]);
        let b = Series::Numbers(vec![2.0, 1.0, 4.0, 3.0, 30.0, 1.0]);
        let found = relations(&[(3, a), (7, b)]);
        assert_eq!((found[0].one, found[0].other, found[0].rows), (3, 7, 5));
        // Pearson's and Spearman's of [1, 2, 3, 4, 5] and [2, 1, 4, 3, 30].
        assert!(close(found[0].value, 0.742_613_903_610_796_7), "{found:?}");
        assert!(close(found[0].of_ranks.unwrap(), 0.8), "{found:?}");
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
    }

    #[test]
    fn labels_that_follow_from_each_other_go_together_wholly_and_others_do_not() {
        let labels =
            |each: &dyn Fn(u32) -> u32, count| Series::Labels((0..600).map(|row| Some(each(row))).collect(), count);
        let (a, same, other) =
            (labels(&|row| row % 3, 3), labels(&|row| (row % 3) ^ 1, 4), labels(&|row| row / 3 % 2, 2));
        let found = relations(&[(0, a.clone()), (1, same), (2, other)]);
        assert!(close(found[0].value, 1.0) && close(found[1].value, 0.0), "{found:?}");
        let number = |each: &dyn Fn(u32) -> f64| Series::Numbers((0..600).map(each).collect());
        let found =
            relations(&[(0, a), (1, number(&|row| f64::from(row % 3))), (2, number(&|row| f64::from(row / 3)))]);
        assert_eq!(found[0].measure, Measure::CorrelationRatio);
        assert!(close(found[0].value, 1.0) && close(found[1].value, 0.0), "{found:?}");
    }

    #[test]
    fn what_never_changes_goes_with_nothing() {
        let constant = Series::Numbers(vec![1.0; 10]);
        let number = Series::Numbers((0..10).map(f64::from).collect());
        assert_eq!(relations(&[(0, constant.clone()), (1, number)]), []);
        assert_eq!(relations(&[(0, constant), (1, Series::Labels(vec![Some(0); 10], 1))]), []);
    }
}
