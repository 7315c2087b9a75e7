//! The numbers below an end in a random order, each found alone: what is unique, and who refers to whom but once.
//!
//! A Feistel network over just enough bits, gone through again where it leaves the range ("cycle walking": Black and Rogaway,
//! "Ciphers with arbitrary finite domains", CT-RSA 2002). Less than half of the numbers it orders are too large, so one step in two
//! stays on average at the worst.

use crate::random::Stream;

/// Enough for the eye and for chi-square; nothing here is a secret.
const ROUNDS: usize = 6;

/// An order of the numbers below an end.
#[derive(Clone, Debug)]
pub struct Permutation {
    end: u64,
    low_bits: u32,
    high_bits: u32,
    rounds: [Stream; ROUNDS],
}

impl Permutation {
    /// An order of the numbers below `end`, which follows from a stream.
    pub fn new(end: u64, stream: Stream) -> Self {
        let bits = (u64::BITS - end.saturating_sub(1).leading_zeros()).max(2);
        let rounds = std::array::from_fn(|round| stream.lane(round as u64));
        Self { end, low_bits: bits / 2, high_bits: bits - bits / 2, rounds }
    }

    /// How many numbers there are.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The number at a place. Places from the end on have none and are answered as they are.
    pub fn at(&self, place: u64) -> u64 {
        if place >= self.end {
            return place;
        }
        let mut value = place;
        loop {
            value = self.forward(value);
            if value < self.end {
                return value;
            }
        }
    }

    /// The place of a number: the inverse of [`Self::at`].
    pub fn place(&self, value: u64) -> u64 {
        if value >= self.end {
            return value;
        }
        let mut place = value;
        loop {
            place = self.backward(place);
            if place < self.end {
                return place;
            }
        }
    }

    /// One pass over all bits: halves of unlike widths are changed in turn, each by what the other is.
    #[inline]
    fn forward(&self, value: u64) -> u64 {
        let (mut low, mut high) = self.halves(value);
        for pair in self.rounds.chunks_exact(2) {
            low ^= pair[0].word(high) & mask(self.low_bits);
            high ^= pair[1].word(low) & mask(self.high_bits);
        }
        high << self.low_bits | low
    }

    #[inline]
    fn backward(&self, value: u64) -> u64 {
        let (mut low, mut high) = self.halves(value);
        for pair in self.rounds.chunks_exact(2).rev() {
            high ^= pair[1].word(low) & mask(self.high_bits);
            low ^= pair[0].word(high) & mask(self.low_bits);
        }
        high << self.low_bits | low
    }

    #[inline]
    fn halves(&self, value: u64) -> (u64, u64) {
        (value & mask(self.low_bits), value >> self.low_bits)
    }
}

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_number_comes_once() {
        for end in [1, 2, 3, 5, 16, 17, 100, 1000, 4097] {
            let permutation = Permutation::new(end, Stream::new(3, &["key"]));
            let mut seen = vec![false; end as usize];
            for place in 0..end {
                let value = permutation.at(place);
                assert!(!std::mem::replace(&mut seen[value as usize], true), "{value} of {end} came twice");
            }
        }
    }

    #[test]
    fn the_order_looks_random() {
        // Pairs of neighbours that stay in order are as many as those that do not.
        let permutation = Permutation::new(100_000, Stream::new(3, &["key"]));
        let rising = (0..99_999).filter(|place| permutation.at(*place) < permutation.at(place + 1)).count();
        assert!((rising as f64 - 50_000.0).abs() < 400.0, "{rising}");
        let moved: f64 = (0..100_000).map(|place| (permutation.at(place) as f64 - place as f64).abs()).sum();
        assert!((moved / 1e5 - 33_333.0).abs() < 400.0, "{moved}");
    }

    proptest! {
        #[test]
        fn a_number_is_found_at_its_place(end in 1u64.., at: u64, seed: u64) {
            let permutation = Permutation::new(end, Stream::new(seed, &["key"]));
            let place = at % end;
            let value = permutation.at(place);
            prop_assert!(value < end);
            prop_assert_eq!(permutation.place(value), place);
        }
    }
}
