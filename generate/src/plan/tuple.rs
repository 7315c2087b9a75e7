//! Columns whose values together differ in every row: made together, as the digits of one number.

use ndsl_compiler::schema::ColumnId;

use crate::permutation::Permutation;
use crate::random::Stream;

/// Some columns that are made together.
#[derive(Clone, Debug)]
pub struct Tuple {
    /// The columns.
    pub columns: Vec<ColumnId>,
    /// How many values each has.
    pub counts: Vec<u64>,
    /// How they are told apart.
    pub how: Telling,
}

/// How the rows of a tuple are told apart.
#[derive(Clone, Debug)]
pub enum Telling {
    /// Every combination in a random order, of which the first are used. What there are more combinations than whole numbers for is
    /// divided into so many of equal size.
    Order {
        /// The order.
        order: Permutation,
        /// How many combinations a number stands for.
        size: u128,
        /// Which of them is used.
        stream: Stream,
    },
    /// The first column has its values as often as their chances say; the others are told apart within each.
    Shares {
        /// Which part each row has.
        order: Permutation,
        /// The first part of each value, and the end.
        starts: Vec<u64>,
        /// How the others are ordered.
        stream: Stream,
    },
    /// The first column gives each of its rows some rows one after another; the others are told apart within each.
    Within {
        /// How the others are ordered.
        stream: Stream,
    },
}

impl Tuple {
    /// Combinations of the columns from `first` on.
    fn combinations(&self, first: usize) -> u128 {
        self.counts[first..].iter().map(|count| u128::from(*count)).product()
    }

    /// The place of each column's value for a row. `parent` is, where the first column has its rows one after another, which
    /// parent it is and which of its children the row is.
    pub fn places(&self, row: u64, parent: impl FnOnce() -> (u64, u64)) -> Vec<u64> {
        match &self.how {
            Telling::Order { order, size, stream } => {
                let within = (u128::from(stream.word(row)) * size) >> 64;
                let mut out = vec![0; self.counts.len()];
                digits(u128::from(order.at(row)) * size + within, &self.counts, &mut out);
                out
            }
            Telling::Shares { order, starts, stream } => {
                let part = order.at(row);
                let value = starts.partition_point(|start| *start <= part) - 1;
                self.rest(value as u64, part - starts[value], *stream)
            }
            Telling::Within { stream } => {
                let (parent, child) = parent();
                self.rest(parent, child, *stream)
            }
        }
    }

    fn rest(&self, first: u64, place: u64, stream: Stream) -> Vec<u64> {
        let end = u64::try_from(self.combinations(1)).unwrap_or(u64::MAX);
        let index = Permutation::new(end, stream.lane(first)).at(place);
        let mut out = vec![first; self.counts.len()];
        digits(u128::from(index), &self.counts[1..], &mut out[1..]);
        out
    }

    /// Parts of `rows` for values of these chances, none more than the combinations of the others: where each begins, and the
    /// end. Nothing where they are too few.
    pub fn starts(weights: &[f64], rows: u64, most: u128) -> Option<Vec<u64>> {
        let most = most.min(u128::from(rows)) as f64;
        let total: f64 = weights.iter().sum();
        let mut scale = rows as f64 / total;
        for _ in 0..100 {
            let (mut full, mut rest) = (0.0, 0.0);
            for weight in weights {
                if weight * scale >= most { full += most } else { rest += weight }
            }
            let next = if rest > 0.0 { (rows as f64 - full) / rest } else { f64::INFINITY };
            if next <= scale * (1.0 + 1e-12) {
                break;
            }
            scale = next.min(f64::MAX);
        }
        let mut starts = vec![0];
        let (mut sum, mut last) = (0.0, 0u64);
        for weight in weights {
            sum += (weight * scale).min(most);
            // Rounded so that no part is larger than what there is.
            last = (sum.round() as u64).clamp(last, last + most as u64).min(rows);
            starts.push(last);
        }
        (last == rows).then_some(starts)
    }
}

/// The digits of a number, the last column the fastest.
fn digits(mut number: u128, counts: &[u64], out: &mut [u64]) {
    for (count, digit) in counts.iter().zip(out).rev() {
        let count = u128::from(*count).max(1);
        *digit = (number % count) as u64;
        number /= count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_large_as_their_shares_allow() {
        assert_eq!(Tuple::starts(&[0.7, 0.3], 10, 100), Some(vec![0, 7, 10]));
        assert_eq!(Tuple::starts(&[0.7, 0.3], 10, 6), Some(vec![0, 6, 10]));
        assert_eq!(Tuple::starts(&[0.9, 0.05, 0.05], 12, 4), Some(vec![0, 4, 8, 12]));
        assert_eq!(Tuple::starts(&[0.7, 0.3], 10, 4), None);
    }
}
