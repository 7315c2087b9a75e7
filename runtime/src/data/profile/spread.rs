//! How numbers are spread: their mean and extremes exactly, their quantiles from all of them or, of many, from a sample.

use ndsl_compiler::diagram::grouped;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::Serialize;

/// The bytes that the samples of all columns take.
const BYTES: usize = 64 << 20;

/// The fewest and the most numbers of a sample.
const SAMPLE: (usize, usize) = (1_000, 1 << 16);

/// The bars of a histogram; a terminal joins three of them.
const BARS: usize = 36;

/// How numbers are spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Their mean.
    pub mean: f64,
    /// The root of the mean square of what they differ from it.
    pub standard_deviation: f64,
    /// Below which there are a twentieth, a quarter, a half, three quarters and nineteen twentieths of them.
    pub quantiles: Vec<Quantile>,
    /// How many are in each of so many equal parts between the least and the largest.
    pub histogram: Vec<u64>,
    /// Of how many numbers the quantiles and the histogram are, drawn among all, where these are more.
    pub sampled: Option<usize>,
}

/// A number below which there is a share of the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// The share.
    pub share: f64,
    /// The number.
    pub value: f64,
}

/// Numbers that come one by one.
pub(super) struct Spreading {
    count: u64,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
    /// Each number with the same chance (Vitter's algorithm R); the same ones of the same numbers.
    sample: Vec<f64>,
    most: usize,
    random: ChaCha8Rng,
}

impl Spreading {
    /// Of one of so many columns.
    pub(super) fn new(columns: usize) -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sample: Vec::new(),
            most: (BYTES / size_of::<f64>() / columns.max(1)).clamp(SAMPLE.0, SAMPLE.1),
            random: ChaCha8Rng::seed_from_u64(0),
        }
    }

    pub(super) fn add(&mut self, number: f64) {
        self.count += 1;
        let before = number - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (number - self.mean);
        (self.min, self.max) = (self.min.min(number), self.max.max(number));
        if self.sample.len() < self.most {
            self.sample.push(number);
            return;
        }
        let place = (u128::from(self.random.next_u64()) * u128::from(self.count)) >> 64;
        if let Some(kept) = self.sample.get_mut(place as usize) {
            *kept = number;
        }
    }

    pub(super) fn finish(mut self) -> Spread {
        self.sample.sort_unstable_by(f64::total_cmp);
        let sample = &self.sample;
        let quantile = |share: f64| {
            // Between the two numbers that the place is between, as NumPy has it.
            let place = share * sample.len().saturating_sub(1) as f64;
            let at = |place: f64| sample.get(place as usize).copied().unwrap_or(f64::NAN);
            let (low, high) = (at(place.floor()), at(place.ceil()));
            Quantile { share, value: low + (high - low) * place.fract() }
        };
        let mut histogram = vec![0; BARS];
        let width = (self.max - self.min) / BARS as f64;
        for number in sample {
            // All of one value are in the middle; what is too large to be divided is at an end.
            let bar = if width > 0.0 { ((number - self.min) / width) as usize } else { BARS / 2 };
            histogram[bar.min(BARS - 1)] += 1;
        }
        Spread {
            min: self.min,
            max: self.max,
            mean: self.mean,
            standard_deviation: (self.squares / self.count.max(1) as f64).sqrt(),
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(quantile).to_vec(),
            histogram,
            sampled: (self.count > sample.len() as u64).then_some(sample.len()),
        }
    }
}

/// A number as people read it.
pub fn readable(number: f64) -> String {
    match number.abs() {
        size if size < 1e15 && number.fract() == 0.0 => {
            let sign = if number < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(size as u64))
        }
        size if !(1e-3..1e9).contains(&size) => format!("{number:.3e}"),
        size if size >= 100.0 => {
            let text = format!("{size:.1}");
            let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
            let sign = if number < 0.0 { "-" } else { "" };
            format!("{sign}{}.{part}", grouped(whole.parse().unwrap_or_default()))
        }
        _ => format!("{number:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let cases = [
            (0.0, "0"),
            (-1234.0, "-1,234"),
            (189_778.44, "189,778.4"),
            (-100.06, "-100.1"),
            (2.5, "2.500"),
            (1e-5, "1.000e-5"),
        ];
        for (number, text) in cases {
            assert_eq!(readable(number), text);
        }
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        let mut spreading = Spreading::new(1);
        [4.0, 1.0, 3.0, 2.0].into_iter().for_each(|number| spreading.add(number));
        let spread = spreading.finish();
        let values: Vec<f64> = spread.quantiles.iter().map(|quantile| quantile.value).collect();
        let close = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
        assert!(values.iter().zip([1.15, 1.75, 2.5, 3.25, 3.85]).all(|(found, expected)| close(*found, expected)));
        assert_eq!((spread.min, spread.max, spread.mean, spread.sampled), (1.0, 4.0, 2.5, None));
        assert!(close(spread.standard_deviation, 1.25f64.sqrt()));
        let bars = spread.histogram.iter().enumerate().filter(|(_, count)| **count > 0);
        assert_eq!(bars.collect::<Vec<_>>(), [(0, &1), (12, &1), (24, &1), (35, &1)]);
    }

    #[test]
    fn of_many_numbers_a_sample_is_kept() {
        let spread = || {
            let mut spreading = Spreading::new(1_000);
            (0..100_000).for_each(|number| spreading.add(f64::from(number)));
            spreading.finish()
        };
        let found = spread();
        assert_eq!((found.sampled, found.max), (Some(8_388), 99_999.0));
        assert!((found.mean - 49_999.5).abs() < 1e-6, "{found:?}");
        assert!((found.quantiles[2].value - 50_000.0).abs() < 2_000.0, "{found:?}");
        assert_eq!(found, spread());
    }

    #[test]
    fn one_value_is_one_bar() {
        let mut spreading = Spreading::new(1);
        (0..3).for_each(|_| spreading.add(7.0));
        let spread = spreading.finish();
        assert_eq!((spread.histogram.iter().sum::<u64>(), spread.standard_deviation), (3, 0.0));
    }
}
