//! How the parts of a text are chosen: by chance, or by counting.
//!
//! What writes a text asks for one choice after another. Answered by [`Draws`], the texts come as often as in life; answered by the
//! digits of a [`Number`], every number is another text. So a text is written by one function, whether it must be unique or not.

use crate::random::{Draws, below};

/// Who says which of several comes next.
pub(super) trait Choose {
    /// A whole number below `end`, which is not 0.
    fn below(&mut self, end: u64) -> u64;

    /// One of several that come by shares.
    fn pick(&mut self, shares: &Shares) -> usize;

    /// One of several alternatives, which come by shares and lead to so many texts each.
    fn alternative(&mut self, shares: &Shares, counts: &[u64]) -> usize;
}

impl Choose for Draws {
    #[inline(always)]
    fn below(&mut self, end: u64) -> u64 {
        Draws::below(self, end)
    }

    #[inline(always)]
    fn pick(&mut self, shares: &Shares) -> usize {
        shares.at(self.word())
    }

    #[inline(always)]
    fn alternative(&mut self, shares: &Shares, _: &[u64]) -> usize {
        self.pick(shares)
    }
}

/// The choices that one number stands for: its digits, each in the base of how many could be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// What is left of it.
    pub rest: u64,
}

impl Choose for Number {
    #[inline(always)]
    fn below(&mut self, end: u64) -> u64 {
        let digit = self.rest % end;
        self.rest /= end;
        digit
    }

    #[inline(always)]
    fn pick(&mut self, shares: &Shares) -> usize {
        self.below(shares.len() as u64) as usize
    }

    fn alternative(&mut self, _: &Shares, counts: &[u64]) -> usize {
        // What goes beyond all of them is one round more, and left over at the end.
        let all = counts.iter().fold(0, |all: u64, count| all.saturating_add(*count));
        let (round, mut within) = (self.rest / all, self.rest % all);
        let mut chosen = 0;
        while within >= counts[chosen] {
            within -= counts[chosen];
            chosen += 1;
        }
        self.rest = within.saturating_add(round.saturating_mul(counts[chosen]));
        chosen
    }
}

/// Several things with how often each comes, drawn in one step (the alias method: Walker, "An efficient method for generating
/// discrete random variables with general distributions", ACM TOMS 3, 1977).
#[derive(Clone, Debug)]
pub(super) struct Shares {
    cells: Box<[Cell]>,
}

/// As many cells as things, each of which is divided between its own thing and one other.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// Below this of 2^32, the cell's own.
    own: u32,
    other: u32,
}

impl Shares {
    /// Things by weights, of which one at least is above 0.
    pub fn new(weights: &[u32]) -> Self {
        let count = weights.len() as u64;
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        // In units of one `total`th of a cell, so that nothing is rounded before the end.
        let mut left: Vec<u64> = weights.iter().map(|weight| u64::from(*weight) * count).collect();
        let mut cells: Vec<Cell> = (0..weights.len() as u32).map(|own| Cell { own: u32::MAX, other: own }).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..weights.len()).partition(|at| left[*at] < total);
        while let (Some(&from), Some(&to)) = (small.last(), large.last()) {
            small.pop();
            cells[from] = Cell { own: ((left[from] << 32) / total) as u32, other: to as u32 };
            left[to] -= total - left[from];
            if left[to] < total {
                large.pop();
                small.push(to);
            }
        }
        Self { cells: cells.into() }
    }

    /// How many there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The one that a random word stands for.
    #[inline(always)]
    pub fn at(&self, word: u64) -> usize {
        let place = below(word, self.cells.len() as u64) as usize;
        let cell = self.cells[place];
        // The low bits say nothing of the place but where it lies within 2^64, of which there are far more than cells.
        if (word as u32) < cell.own { place } else { cell.other as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn shares_come_as_often_as_they_say() {
        let weights = [500, 0, 300, 1, 199];
        let shares = Shares::new(&weights);
        let stream = Stream::new(1, &["shares"]);
        let mut counts = [0u32; 5];
        (0..1_000_000).for_each(|row| counts[shares.at(stream.word(row))] += 1);
        for (count, weight) in counts.iter().zip(weights) {
            let expected = f64::from(weight) * 1000.0;
            let spread = 4.0 * expected.sqrt();
            assert!((f64::from(*count) - expected).abs() <= spread, "{counts:?}");
        }
    }

    #[test]
    fn every_number_is_another_choice() {
        let counts = [3, 1, 8];
        let mut seen = std::collections::BTreeSet::new();
        for rest in 0..36 {
            let mut number = Number { rest };
            let chosen = number.alternative(&Shares::new(&[1; 3]), &counts);
            let within = number.below(counts[chosen]);
            assert!(number.rest < 3 && seen.insert((chosen, within, number.rest)));
        }
    }
}
