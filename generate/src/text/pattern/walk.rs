//! Texts as paths through an automaton: drawn, or numbered so that all differ.
//!
//! For every state and every number of characters it is known how many texts there are, so each can be found by its number. Where there
//! are far more than rows, only the end of a text tells the rows apart: up to the last state from which as many texts go on as
//! there are rows, and no next one does, every row goes its own way. Which state that is follows from the way alone, so two rows that
//! came the same way go on by their numbers from the same state, and differ.

use ndsl_compiler::schema::Length;

use super::super::form::number;
use super::super::{Impossible, TextMaker, Texts};
use super::MAX_LENGTH;
use super::automaton::{Automaton, State, Way};
use crate::permutation::Permutation;
use crate::random::Stream;
use crate::rows::Rows;

/// As many numbers of texts are kept at most: states times lengths.
const MAX_COUNTS: usize = 4_000_000;

/// So many lengths are drawn from where more would do.
const LENGTHS: usize = 24;

/// The texts of an automaton.
#[derive(Debug)]
pub(super) struct Walk {
    automaton: Automaton,
    /// By the characters that are left, then by the state: how many texts there are, or as many as can be counted.
    counts: Vec<Vec<u64>>,
    /// The lengths that texts have.
    lengths: Vec<usize>,
    /// How many texts every way must leave open.
    rows: u64,
    order: Option<Order>,
    own: Stream,
}

/// Which number a row has.
#[derive(Debug)]
enum Order {
    /// There is room for all rows in texts of each length.
    Each(Permutation),
    /// All texts are needed, and one after another they have so many.
    All(Permutation),
}

impl Walk {
    /// # Errors
    /// If there is no text, or there are fewer than rows that must differ.
    pub fn new(
        automaton: Automaton,
        length: Option<Length>,
        unique: Option<u64>,
        own: Stream,
    ) -> Result<Self, Impossible> {
        let rows = unique.unwrap_or(1).max(1);
        let (least, most) = length.map_or((0, None), |length| (length.min, length.max));
        let longest = most.unwrap_or(u64::MAX).min(MAX_LENGTH) as usize;
        let longest = longest.min(MAX_COUNTS / automaton.states.len());
        let mut counts = vec![automaton.states.iter().map(|state| u64::from(state.ends)).collect::<Vec<_>>()];
        let mut found: Vec<usize> = Vec::new();
        let mut total: u64 = 0;
        loop {
            let at = counts.len() - 1;
            let last = &counts[at];
            if at as u64 >= least && last[0] > 0 {
                found.push(at);
                total = total.saturating_add(last[0]);
            }
            // No text of any state is longer than what no state has a text of.
            let enough = found.len() >= LENGTHS && total >= rows;
            if enough || at >= longest || last.iter().all(|count| *count == 0) {
                break;
            }
            let next = automaton.states.iter().map(|state| state.count(last)).collect();
            counts.push(next);
        }
        if found.is_empty() {
            return Err(
                length.map_or(Impossible::Unmatched, |length| Impossible::Length { min: length.min, max: length.max })
            );
        }
        if total < rows {
            return Err(Impossible::Few { rows, count: total.into() });
        }
        let roomy: Vec<_> = found.iter().copied().filter(|at| counts[*at][0] >= rows).collect();
        let order = unique.map(|_| match roomy.is_empty() {
            true => Order::All(Permutation::new(total, own)),
            false => Order::Each(Permutation::new(rows, own)),
        });
        let lengths = if roomy.is_empty() { found } else { roomy };
        Ok(Self { automaton, counts, lengths, rows, order, own })
    }

    /// Writes the text of a row.
    fn write(&self, row: u64, out: &mut String) {
        let mut draws = self.own.lane(0).draws(row);
        let number = match &self.order {
            Some(Order::All(order)) => return self.write_any(number(order, row), out),
            Some(Order::Each(order)) => number(order, row),
            None => 0,
        };
        let mut left = self.lengths[draws.below(self.lengths.len() as u64) as usize];
        let mut state = 0;
        while left > 0 {
            let counts = &self.counts[left - 1];
            let State { ways, .. } = &self.automaton.states[state];
            let roomy = || ways.iter().filter(|way| counts[way.to] >= self.rows);
            let all = roomy().fold(0, |all: u64, way| all.saturating_add(way.count(counts)));
            if all == 0 {
                break;
            }
            let mut drawn = draws.below(all);
            let chosen = roomy().find(|way| match drawn.checked_sub(way.count(counts)) {
                Some(rest) => {
                    drawn = rest;
                    false
                }
                None => true,
            });
            let Some(way) = chosen else { break };
            out.push(way.characters.at(drawn / counts[way.to]));
            state = way.to;
            left -= 1;
        }
        let each = self.counts[left][state] / self.rows;
        self.write_from(state, left, number * each + draws.below(each), out);
    }

    /// Writes the text with a number among all.
    fn write_any(&self, mut number: u64, out: &mut String) {
        for length in &self.lengths {
            let count = self.counts[*length][0];
            if number < count {
                return self.write_from(0, *length, number, out);
            }
            number -= count;
        }
    }

    /// Writes what follows a state: the text with a number among those of a length.
    fn write_from(&self, mut state: usize, left: usize, mut number: u64, out: &mut String) {
        for left in (0..left).rev() {
            let counts = &self.counts[left];
            for way in &self.automaton.states[state].ways {
                let count = way.count(counts);
                if number < count {
                    out.push(way.characters.at(number / counts[way.to]));
                    number %= counts[way.to];
                    state = way.to;
                    break;
                }
                number -= count;
            }
        }
    }
}

impl State {
    /// How many texts go on from here, by how many do from the states that follow.
    fn count(&self, after: &[u64]) -> u64 {
        self.ways.iter().fold(0, |all: u64, way| all.saturating_add(way.count(after)))
    }
}

impl Way {
    #[inline(always)]
    fn count(&self, after: &[u64]) -> u64 {
        after[self.to].saturating_mul(self.characters.count())
    }
}

impl TextMaker for Walk {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        rows.each(|row| {
            self.write(row, out.open());
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        match &self.order {
            Some(Order::All(order)) => Some(order.end().into()),
            _ => None,
        }
    }
}
