//! Distributions of whole numbers.

use std::sync::Arc;

use libm::{exp, lgamma, log, log1p, pow};

use super::guide::Guide;
use super::{normal, special};

/// A distribution of whole numbers from 0 on.
#[derive(Clone, Debug)]
pub enum Counts {
    /// How often something rare happens.
    Poisson {
        /// How often on average.
        mean: f64,
    },
    /// How many of some trials succeed.
    Binomial {
        /// How many are tried.
        trials: f64,
        /// The chance of each.
        probability: f64,
    },
    /// How many trials until one succeeds, from 1.
    Geometric {
        /// The chance of each.
        probability: f64,
    },
    /// Ranks from 1.
    Zipf {
        /// How much rarer each is.
        exponent: f64,
        /// The weights of all of them summed.
        total: f64,
    },
    /// Any of them, with what is likely kept in a table.
    Table {
        /// Which.
        counts: Arc<Counts>,
        /// The first number of the table.
        from: f64,
        /// The chance of less than that.
        before: f64,
        /// The chance of what is in the table.
        within: f64,
        /// The numbers from there on.
        guide: Arc<Guide>,
    },
}

/// Numbers that are kept in a table at most.
const TABLE: f64 = 65_536.0;

impl Counts {
    /// Ranks whose weights fall with a power of them.
    pub fn zipf(exponent: f64) -> Self {
        Self::Zipf { exponent, total: special::zeta_from(exponent, 1.0) }
    }

    /// The same with a table of what is likely.
    pub fn prepared(self) -> Self {
        let (from, to) = match self {
            Self::Poisson { mean } => (mean - 9.0 * mean.sqrt() - 10.0, mean + 9.0 * mean.sqrt() + 30.0),
            Self::Binomial { trials, probability } => {
                let mean = trials * probability;
                let reach = 9.0 * (mean * (1.0 - probability)).sqrt() + 30.0;
                (mean - reach, (mean + reach).min(trials))
            }
            Self::Zipf { .. } => (1.0, 4096.0),
            // A logarithm is faster than most tables, and a table is no table of a table.
            Self::Geometric { .. } | Self::Table { .. } => return self,
        };
        let (from, to) = (from.max(0.0).floor(), to.ceil());
        if to - from > TABLE {
            return self;
        }
        let weights: Vec<f64> = (0..=(to - from) as u64).map(|step| exp(self.density(from + step as f64))).collect();
        match Guide::new(&weights) {
            Some(guide) => {
                let (before, within) = (self.below(from), weights.iter().sum());
                Self::Table { counts: Arc::new(self), from, before, within, guide: Arc::new(guide) }
            }
            None => self,
        }
    }

    /// The logarithm of the chance of `k`.
    fn density(&self, k: f64) -> f64 {
        match self {
            Self::Poisson { mean } => k * log(*mean) - mean - lgamma(k + 1.0),
            Self::Binomial { trials, probability } => {
                let times = |count: f64, log: f64| if count == 0.0 { 0.0 } else { count * log };
                lgamma(trials + 1.0) - lgamma(k + 1.0) - lgamma(trials - k + 1.0)
                    + times(k, log(*probability))
                    + times(trials - k, log1p(-probability))
            }
            Self::Geometric { probability } => log(*probability) + (k - 1.0) * log1p(-probability),
            Self::Zipf { exponent, total } => -exponent * log(k) - log(*total),
            Self::Table { counts, .. } => counts.density(k),
        }
    }

    /// The chance of at most `k`, a whole number.
    fn up_to(&self, k: f64) -> f64 {
        match self {
            _ if k < 0.0 => 0.0,
            Self::Poisson { mean } => special::gamma_above(k + 1.0, *mean),
            Self::Binomial { trials, .. } if k >= *trials => 1.0,
            Self::Binomial { trials, probability } => special::beta_below(trials - k, k + 1.0, 1.0 - probability),
            Self::Geometric { probability } if *probability >= 1.0 => f64::from(u8::from(k >= 1.0)),
            Self::Geometric { probability } => -libm::expm1(k * log1p(-probability)),
            Self::Zipf { exponent, total } if k >= 1.0 => 1.0 - special::zeta_from(*exponent, k + 1.0) / total,
            Self::Zipf { .. } => 0.0,
            Self::Table { counts, .. } => counts.up_to(k),
        }
    }

    /// The chance of more than `k`, a whole number.
    fn beyond(&self, k: f64) -> f64 {
        match self {
            _ if k < 0.0 => 1.0,
            Self::Poisson { mean } => special::gamma_below(k + 1.0, *mean),
            Self::Binomial { trials, .. } if k >= *trials => 0.0,
            Self::Binomial { trials, probability } => special::beta_below(k + 1.0, trials - k, *probability),
            Self::Geometric { probability } if *probability < 1.0 => exp(k * log1p(-probability)),
            Self::Zipf { exponent, total } if k >= 1.0 => special::zeta_from(*exponent, k + 1.0) / total,
            Self::Table { counts, .. } => counts.beyond(k),
            _ => 1.0 - self.up_to(k),
        }
    }

    /// The chance of less than `x`.
    pub fn below(&self, x: f64) -> f64 {
        self.up_to(x.ceil() - 1.0)
    }

    /// The chance of more than `x`.
    pub fn above(&self, x: f64) -> f64 {
        self.beyond(x.floor())
    }

    /// The least number that a chance of `p` lies at or below.
    #[inline]
    pub fn quantile(&self, p: f64) -> f64 {
        let guess = match self {
            Self::Table { counts, from, before, within, guide } => {
                let inside = (p - before) / within;
                return if inside > 0.0 && inside < 1.0 - 1e-12 {
                    from + guide.place(inside) as f64
                } else {
                    counts.quantile(p)
                };
            }
            Self::Geometric { probability } => {
                return if *probability >= 1.0 { 1.0 } else { (log1p(-p) / log1p(-probability)).ceil().max(1.0) };
            }
            Self::Poisson { mean } => mean + mean.sqrt() * normal::quantile(p),
            Self::Binomial { trials, probability } => {
                let mean = trials * probability;
                mean + (mean * (1.0 - probability)).sqrt() * normal::quantile(p)
            }
            Self::Zipf { exponent, total } => {
                // Where the tail's weight is that of an integral: k ** (1 - s) / (s - 1).
                let tail = ((1.0 - p) * total * (exponent - 1.0)).max(f64::MIN_POSITIVE);
                return self.search(p, pow(tail, 1.0 / (1.0 - exponent)).min(9e15));
            }
        };
        self.search(p, guess)
    }

    /// The quantile near a guess: steps that double until it lies between two, then halves of them.
    fn search(&self, p: f64, guess: f64) -> f64 {
        let enough = |k: f64| self.up_to(k) >= p;
        let least = if matches!(self, Self::Zipf { .. }) { 1.0 } else { 0.0 };
        let most = if let Self::Binomial { trials, .. } = self { *trials } else { 9e15 };
        let guess = guess.round().clamp(least, most);
        // `low` is not enough and `high` is.
        let (mut low, mut high) = (least - 1.0, most);
        let mut step = 1.0;
        if enough(guess) {
            high = guess;
            while high - step > low && enough(high - step) {
                high -= step;
                step *= 2.0;
            }
            low = low.max(high - step);
        } else {
            low = guess;
            while low + step < high && !enough(low + step) {
                low += step;
                step *= 2.0;
            }
            high = high.min(low + step);
        }
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0).floor();
            if enough(middle) { high = middle } else { low = middle }
        }
        high
    }
}
