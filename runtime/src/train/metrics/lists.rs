//! What a loss of pairs or of neighbours puts in order, in one batch.

use super::order::List;
use crate::tensor::Tensor;

/// Scores of which one is right, list by list.
#[derive(Clone, Copy, Debug)]
pub enum Lists<'a> {
    /// Two each, of which the last is right.
    Pairs(&'a Tensor),
    /// Of each row one for every row, of which its own is right, where `alike` says so.
    Neighbours {
        /// The scores.
        scores: &'a Tensor,
        /// Of each row, a number above one half where its own is right; nothing where all are.
        alike: Option<&'a Tensor>,
    },
}

impl<'a> Lists<'a> {
    /// Each list; of a row without a right one there is none.
    pub(super) fn each(self) -> impl Iterator<Item = List<'a>> {
        let (scores, alike) = match self {
            Self::Pairs(scores) => (scores, None),
            Self::Neighbours { scores, alike } => (scores, alike),
        };
        let width = scores.shape.last().copied().unwrap_or(1).max(1);
        let lists = scores.as_f32().unwrap_or_default().chunks_exact(width).enumerate();
        let is_right = move |row: usize| alike.is_none_or(|alike| alike.data.number(row).is_some_and(|it| it > 0.5));
        lists
            .filter(move |(row, _)| is_right(*row))
            .map(move |(row, list)| List::with_one(list, if matches!(self, Self::Pairs(_)) { width - 1 } else { row }))
    }
}

#[cfg(test)]
mod tests {
    use ndsl_compiler::plan::{Metric, Task};

    use super::super::Tally;
    use super::*;

    /// MRR, recall at 1 and NDCG of lists.
    fn measured(rows: usize, lists: Lists<'_>) -> [f64; 3] {
        let metrics = [Metric::Mrr { k: 10 }, Metric::HitRate { k: 1 }, Metric::Ndcg { k: 10 }];
        let mut tally = Tally::new(Task::Regression, &metrics);
        let zeros = Tensor::f32([rows], vec![0.0; rows]);
        tally.add_ranked(&zeros, &zeros, None, Some(lists));
        ["mrr", "hit_rate", "ndcg"].map(|name| tally.measures().metrics[name])
    }

    #[test]
    fn of_a_pair_the_last_is_right_and_equal_ones_are_wrong() {
        let scores = Tensor::f32([4, 2], vec![0.1, 0.9, 0.9, 0.1, 0.5, 0.5, 0.2, 0.3]);
        let second = 1.0 / 3.0f64.log2();
        assert_eq!(measured(4, Lists::Pairs(&scores)), [0.75, 0.5, (2.0 + 2.0 * second) / 4.0]);
        // Several a row count each.
        let scores = Tensor::f32([2, 2, 2], vec![0.1, 0.9, 0.9, 0.1, 0.5, 0.6, 0.2, 0.3]);
        assert_eq!(measured(2, Lists::Pairs(&scores))[1], 0.75);
    }

    #[test]
    fn a_row_looks_for_its_own_among_the_others() {
        let scores = Tensor::f32([3, 4], vec![3.0, 1.0, 2.0, 0.0, 5.0, 4.0, 1.0, 6.0, 0.0, 0.0, 1.0, 2.0]);
        let (second, third) = (1.0 / 3.0f64.log2(), 0.5);
        let all = measured(3, Lists::Neighbours { scores: &scores, alike: None });
        assert_eq!(all, [(1.0 + 1.0 / 3.0 + 0.5) / 3.0, 1.0 / 3.0, (1.0 + third + second) / 3.0]);
        // One without a right one is asked for nothing, and may be another's wrong one.
        let alike = Tensor::f32([3], vec![1.0, 0.0, 1.0]);
        let some = measured(3, Lists::Neighbours { scores: &scores, alike: Some(&alike) });
        assert_eq!(some, [0.75, 0.5, (1.0 + second) / 2.0]);
    }
}
