//! Parzen estimators: how likely a value is, judged by those that were taken (Bergstra and others, 2011, section 4).

use super::next::Random;

/// Where the bell over the whole range is.
const MIDDLE: f64 = 0.5;

/// Values drawn for each variable, of which one is taken.
const CANDIDATES: usize = 24;

/// A density of numbers between 0 and 1: a bell over the whole range, and one around each that was taken, as wide as the way to its farther
/// neighbour.
#[derive(Clone, Debug)]
pub(super) struct Bells(Vec<Bell>);

#[derive(Clone, Copy, Debug)]
struct Bell {
    mean: f64,
    width: f64,
    /// What of it lies between 0 and 1.
    share: f64,
}

impl Bell {
    fn new(mean: f64, width: f64) -> Self {
        let up_to = |x: f64| 0.5 * (1.0 + erf((x - mean) / width / std::f64::consts::SQRT_2));
        Self { mean, width, share: (up_to(1.0) - up_to(0.0)).max(1e-12) }
    }

    fn density(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.width;
        (-0.5 * z * z).exp() / self.width / (2.0 * std::f64::consts::PI).sqrt() / self.share
    }

    fn draw(&self, random: &mut Random) -> f64 {
        // At least a third of a bell whose middle is within the range is within it, so the end is hardly ever met.
        for _ in 0..100 {
            let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
            let x = self.mean + self.width * radius * (2.0 * std::f64::consts::PI * random.unit()).cos();
            if (0.0..1.0).contains(&x) {
                return x;
            }
        }
        random.unit()
    }
}

impl Bells {
    /// Around these numbers.
    pub(super) fn new(taken: &[f64]) -> Self {
        let mut sorted: Vec<f64> = taken.iter().copied().chain([MIDDLE]).collect();
        sorted.sort_by(f64::total_cmp);
        let whole = sorted.iter().position(|mean| *mean == MIDDLE);
        let least = 1.0 / (sorted.len() as f64).min(100.0);
        let bell = |(index, mean): (usize, &f64)| {
            let before = index.checked_sub(1).map_or(0.0, |before| mean - sorted[before]);
            let after = sorted.get(index + 1).map_or(0.0, |after| after - mean);
            let width = if Some(index) == whole { 1.0 } else { before.max(after).clamp(least, 1.0) };
            Bell::new(*mean, width)
        };
        Self(sorted.iter().enumerate().map(bell).collect())
    }

    /// How likely a number is.
    pub(super) fn density(&self, x: f64) -> f64 {
        self.0.iter().map(|bell| bell.density(x)).sum::<f64>() / self.0.len() as f64
    }

    fn draw(&self, random: &mut Random) -> f64 {
        self.0[random.below(self.0.len() as u64) as usize].draw(random)
    }
}

/// How likely each of a list is: as often as it was taken, and once more.
pub(super) fn shares(taken: &[u64], count: u64) -> Vec<f64> {
    let mut shares = vec![1.0; count as usize];
    for index in taken {
        shares[*index as usize] += 1.0;
    }
    let all: f64 = shares.iter().sum();
    shares.iter().map(|share| share / all).collect()
}

/// The number that is likeliest among the good ones against the rest, of some that are drawn like the good ones; `meant` is the number
/// that a drawn one stands for.
pub(super) fn number(good: &[f64], rest: &[f64], random: &mut Random, meant: impl Fn(f64) -> f64) -> f64 {
    let (good, rest) = (Bells::new(good), Bells::new(rest));
    let drawn: Vec<f64> = (0..CANDIDATES).map(|_| good.draw(random)).collect();
    let worth = |x: &f64| good.density(meant(*x)) / rest.density(meant(*x));
    first_best(drawn, worth)
}

/// The same of a list.
pub(super) fn listed(good: &[u64], rest: &[u64], count: u64, random: &mut Random) -> u64 {
    let (good, rest) = (shares(good, count), shares(rest, count));
    let drawn: Vec<u64> = (0..CANDIDATES).map(|_| random.by_shares(&good)).collect();
    first_best(drawn, |index| good[*index as usize] / rest[*index as usize])
}

fn first_best<T: Copy>(drawn: Vec<T>, worth: impl Fn(&T) -> f64) -> T {
    let mut best = drawn[0];
    for one in &drawn[1..] {
        if worth(one) > worth(&best) {
            best = *one;
        }
    }
    best
}

/// The error function to about 1e-7 (Abramowitz and Stegun, 7.1.26).
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.3275911 * x.abs());
    let series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
    let tail = series.iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-x * x).exp();
    (1.0 - tail).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_density_is_one_over_the_whole_range() {
        for taken in [&[][..], &[0.1, 0.9, 0.91], &[0.0, 1.0]] {
            let bells = Bells::new(taken);
            let sum: f64 = (0..1000).map(|step| bells.density((f64::from(step) + 0.5) / 1000.0) / 1000.0).sum();
            assert!((sum - 1.0).abs() < 1e-3, "{taken:?}: {sum}");
        }
    }

    #[test]
    fn what_is_drawn_is_near_the_good_ones_and_away_from_the_rest() {
        let mut random = Random::new(1, 2);
        let drawn: Vec<f64> = (0..50).map(|_| number(&[0.2, 0.25], &[0.6, 0.7, 0.9], &mut random, |x| x)).collect();
        assert!(drawn.iter().all(|x| (0.0..0.5).contains(x)), "{drawn:?}");
        assert!((0..50).all(|_| listed(&[2, 2, 2], &[0, 1, 1, 0], 4, &mut random) == 2));
    }

    #[test]
    fn the_error_function_is_what_tables_say() {
        assert!((erf(0.5) - 0.5204999).abs() < 2e-7 && (erf(-1.5) + 0.9661051).abs() < 2e-7 && erf(0.0).abs() < 2e-7);
    }
}
