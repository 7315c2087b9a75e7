//! Metrics of order: what stands at which place when outputs are sorted, the largest first and of equal ones the first.

/// Scores to be sorted, and what each is worth.
pub(super) struct List<'a> {
    scores: &'a [f32],
    worths: Worths,
}

enum Worths {
    /// One is right; there may be no such one.
    One(usize),
    /// What each is worth; below 0 is worth nothing.
    Each(Vec<f64>),
}

impl<'a> List<'a> {
    /// One of them is right.
    pub(super) fn with_one(scores: &'a [f32], right: usize) -> Self {
        Self { scores, worths: Worths::One(right) }
    }

    /// Each is worth something.
    pub(super) fn with_worths(scores: &'a [f32], worths: Vec<f64>) -> Self {
        Self { scores, worths: Worths::Each(worths) }
    }

    /// The place of one of them, counted from 1.
    fn place(&self, which: usize) -> usize {
        let Some(own) = self.scores.get(which) else { return usize::MAX };
        let before = |(index, score): &(usize, &f32)| *score > own || *score == own && *index < which;
        1 + self.scores.iter().enumerate().filter(before).count()
    }

    /// The place of the first that is worth anything, counted from 1; behind all where none is.
    pub(super) fn first_right(&self) -> usize {
        match &self.worths {
            Worths::One(right) => self.place(*right),
            Worths::Each(worths) => {
                let best = worths.iter().enumerate().filter(|(_, worth)| **worth > 0.0).map(|(index, _)| index);
                // Of those that are worth anything, the one with the largest score is the first, whatever stands between.
                let first = best.reduce(|best, other| match self.scores.get(other) > self.scores.get(best) {
                    true => other,
                    false => best,
                });
                first.map_or(usize::MAX, |first| self.place(first))
            }
        }
    }

    /// The discounted gain of the first `k`, as a share of what the best order would have (Järvelin and Kekäläinen, 2002); 0 where
    /// nothing is worth anything.
    pub(super) fn gain(&self, k: usize) -> f64 {
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let worths = match &self.worths {
            Worths::One(right) => {
                let place = self.place(*right);
                return if place <= k { discount(place - 1) } else { 0.0 };
            }
            Worths::Each(worths) => worths,
        };
        let worth = |index: &usize| worths.get(*index).copied().unwrap_or(0.0).max(0.0);
        let mut order: Vec<usize> = (0..self.scores.len()).collect();
        order.sort_by(|a, b| self.scores[*b].total_cmp(&self.scores[*a]));
        let gain = |order: &[usize]| -> f64 {
            order.iter().take(k).enumerate().map(|(place, index)| worth(index) * discount(place)).sum()
        };
        let had = gain(&order);
        order.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        let best = gain(&order);
        if best > 0.0 { had / best } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_scores_the_first_goes_first() {
        let places = |right| List::with_one(&[0.2, 0.4, 0.4, 0.0], right).first_right();
        assert_eq!([0, 1, 2, 3, 4].map(places), [3, 1, 2, 4, usize::MAX]);
    }

    #[test]
    fn a_list_in_which_nothing_is_right_gains_nothing() {
        let list = List::with_worths(&[0.2, 0.4], vec![0.0, -1.0]);
        assert_eq!((list.gain(2), list.first_right()), (0.0, usize::MAX));
    }
}
