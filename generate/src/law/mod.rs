//! Distributions of numbers, each by its quantiles: the value below which a chance lies.
//!
//! A value is drawn as the quantile of an even number between 0 and 1. So a distribution is cut off at two ends by taking even
//! numbers between the chances of those, without drawing twice; numbers that go together share even numbers that do; and
//! different parts of the even numbers give different values. Days and moments are seconds from 1970.

mod counts;
mod guide;
mod inverse;
mod moments;
mod normal;
mod slice;
mod special;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use libm::{exp, expm1, log, log1p, pow};

pub use guide::Guide;
pub use moments::{Hours, Season};
pub use normal::{below as normal_below, quantile as normal_quantile};
pub use slice::Slice;

use counts::Counts;
use inverse::{Curve, solve};

/// A distribution with its parameters.
#[derive(Clone, Debug)]
pub enum Law {
    /// The bell curve.
    Normal {
        /// Its middle.
        mean: f64,
        /// Its standard deviation, above 0.
        deviation: f64,
    },
    /// Any between two, each as likely.
    Uniform {
        /// The least.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// Its logarithm is normal.
    LogNormal {
        /// The mean of the logarithm.
        mean: f64,
        /// The standard deviation of the logarithm.
        deviation: f64,
    },
    /// The wait for what comes at a rate.
    Exponential {
        /// How many come in one unit.
        rate: f64,
    },
    /// A sum of waits.
    Gamma {
        /// How many are summed.
        shape: f64,
        /// The mean of one.
        scale: f64,
        /// The values of many rows.
        curve: Option<Arc<Curve>>,
    },
    /// A share.
    Beta {
        /// The weight near 1.
        alpha: f64,
        /// The weight near 0.
        beta: f64,
        /// The values of many rows.
        curve: Option<Arc<Curve>>,
    },
    /// A heavy tail above a least value.
    Pareto {
        /// The least.
        minimum: f64,
        /// How fast the tail falls.
        shape: f64,
    },
    /// A whole number.
    Counts(Counts),
    /// Some numbers in rising order, with their chances.
    Points {
        /// The numbers.
        at: Arc<[f64]>,
        /// Their chances.
        guide: Arc<Guide>,
    },
    /// One of several.
    Mixture {
        /// Which, with its share; the shares sum to 1.
        parts: Arc<[(f64, Law)]>,
    },
    /// Moments that come more often at one part of a period. Like the next two it has no chance by itself, only between two ends.
    Season(Season),
    /// Moments that come more often as years pass.
    Trend {
        /// The growth of the logarithm of how many come, a second.
        growth: f64,
        /// Where how many come is 1 a second, so that no number is too large.
        origin: f64,
    },
    /// Moments at which offices are open.
    Hours(Hours),
    /// The end of another one, turned and moved: `origin - x`.
    Mirrored {
        /// What it is moved by.
        origin: f64,
        /// The other.
        law: Arc<Law>,
    },
    /// Another one moved: `origin + x`.
    Moved {
        /// What it is moved by.
        origin: f64,
        /// The other.
        law: Arc<Law>,
    },
}

impl Law {
    /// Always the same number.
    pub fn constant(at: f64) -> Self {
        Self::Uniform { min: at, max: at }
    }

    /// A gamma distribution.
    pub fn gamma(shape: f64, scale: f64) -> Self {
        Self::Gamma { shape, scale, curve: None }
    }

    /// A beta distribution.
    pub fn beta(alpha: f64, beta: f64) -> Self {
        Self::Beta { alpha, beta, curve: None }
    }

    /// How often something rare happens.
    pub fn poisson(mean: f64) -> Self {
        Self::Counts(Counts::Poisson { mean })
    }

    /// How many of some trials succeed.
    pub fn binomial(trials: f64, probability: f64) -> Self {
        Self::Counts(Counts::Binomial { trials: trials.floor(), probability })
    }

    /// How many trials until one succeeds.
    pub fn geometric(probability: f64) -> Self {
        Self::Counts(Counts::Geometric { probability })
    }

    /// Ranks.
    pub fn zipf(exponent: f64) -> Self {
        Self::Counts(Counts::zipf(exponent))
    }

    /// Some numbers with their weights, in any order; nothing where no weight is above 0.
    pub fn points(mut points: Vec<(f64, f64)>) -> Option<Self> {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let weights: Vec<f64> = points.iter().map(|(_, weight)| *weight).collect();
        let at = points.into_iter().map(|(at, _)| at).collect();
        Some(Self::Points { at, guide: Arc::new(Guide::new(&weights)?) })
    }

    /// The same with what makes many values of it fast.
    pub fn prepared(self) -> Self {
        match self {
            Self::Gamma { shape, scale, curve: None } => {
                let unit = Self::gamma(shape, 1.0);
                let density = |x| exp(special::gamma_density(shape, x));
                let curve = Some(Arc::new(Curve::new(|p| unit.quantile(p), density)));
                Self::Gamma { shape, scale, curve }
            }
            Self::Beta { alpha, beta, curve: None } => {
                let unit = Self::beta(alpha, beta);
                let density = |x| exp(special::beta_density(alpha, beta, x));
                let curve = Some(Arc::new(Curve::new(|p| unit.quantile(p), density)));
                Self::Beta { alpha, beta, curve }
            }
            Self::Counts(counts) => Self::Counts(counts.prepared()),
            Self::Mixture { parts } => {
                Self::Mixture { parts: parts.iter().map(|(share, law)| (*share, law.clone().prepared())).collect() }
            }
            other => other,
        }
    }

    /// The chance of less than `x`.
    pub fn below(&self, x: f64) -> f64 {
        match self {
            Self::Normal { mean, deviation } => normal::below((x - mean) / deviation),
            Self::Uniform { min, max } if min == max => f64::from(u8::from(x > *min)),
            Self::Uniform { min, max } => ((x - min) / (max - min)).clamp(0.0, 1.0),
            Self::LogNormal { mean, deviation } if x > 0.0 => normal::below((log(x) - mean) / deviation),
            Self::Exponential { rate } if x > 0.0 => -expm1(-rate * x),
            Self::Gamma { shape, scale, .. } => special::gamma_below(*shape, x / scale),
            Self::Beta { alpha, beta, .. } => special::beta_below(*alpha, *beta, x),
            Self::Pareto { minimum, shape } if x > *minimum => -expm1(shape * log(minimum / x)),
            Self::LogNormal { .. } | Self::Exponential { .. } | Self::Pareto { .. } => 0.0,
            Self::Counts(counts) => counts.below(x),
            Self::Points { at, guide } => guide.before(at.partition_point(|point| *point < x)),
            Self::Mixture { parts } => parts.iter().map(|(share, law)| share * law.below(x)).sum(),
            Self::Season(season) => season.before(x),
            Self::Trend { growth, origin } => trend_before(*growth, x - origin),
            Self::Hours(hours) => hours.before(x),
            Self::Mirrored { origin, law } => law.above(origin - x),
            Self::Moved { origin, law } => law.below(x - origin),
        }
    }

    /// The chance of more than `x`.
    pub fn above(&self, x: f64) -> f64 {
        match self {
            Self::Normal { mean, deviation } => normal::below((mean - x) / deviation),
            Self::Uniform { min, max } if min == max => f64::from(u8::from(x < *min)),
            Self::LogNormal { mean, deviation } if x > 0.0 => normal::below((mean - log(x)) / deviation),
            Self::Exponential { rate } if x > 0.0 => exp(-rate * x),
            Self::Gamma { shape, scale, .. } => special::gamma_above(*shape, x / scale),
            Self::Beta { alpha, beta, .. } => special::beta_below(*beta, *alpha, 1.0 - x),
            Self::Pareto { minimum, shape } if x > *minimum => pow(minimum / x, *shape),
            Self::LogNormal { .. } | Self::Exponential { .. } | Self::Pareto { .. } => 1.0,
            Self::Counts(counts) => counts.above(x),
            Self::Points { at, guide } => 1.0 - guide.before(at.partition_point(|point| *point <= x)),
            Self::Mixture { parts } => parts.iter().map(|(share, law)| share * law.above(x)).sum(),
            Self::Mirrored { origin, law } => law.below(origin - x),
            Self::Moved { origin, law } => law.above(x - origin),
            _ => 1.0 - self.below(x),
        }
    }

    /// The least value that a chance of `p` lies at or below; `p` is above 0 and below 1, but for laws of moments, where it is what
    /// [`Self::below`] counts.
    #[inline]
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Normal { mean, deviation } => mean + deviation * normal::quantile(p),
            Self::Uniform { min, max } => min + (max - min) * p,
            Self::LogNormal { mean, deviation } => exp(mean + deviation * normal::quantile(p)),
            Self::Exponential { rate } => -log1p(-p) / rate,
            Self::Gamma { shape, scale, curve } => {
                let known = curve.as_ref().and_then(|curve| curve.at(p));
                scale * known.unwrap_or_else(|| gamma_quantile(*shape, p))
            }
            Self::Beta { alpha, beta, curve } => {
                let known = curve.as_ref().and_then(|curve| curve.at(p));
                known.unwrap_or_else(|| beta_quantile(*alpha, *beta, p))
            }
            Self::Pareto { minimum, shape } => minimum * exp(-log1p(-p) / shape),
            Self::Counts(counts) => counts.quantile(p),
            Self::Points { at, guide } => at[guide.place(p)],
            Self::Mixture { .. } => self.searched(p),
            Self::Season(season) => season.at(p),
            Self::Trend { growth, origin } => origin + trend_at(*growth, p),
            Self::Hours(hours) => hours.at(p),
            Self::Mirrored { origin, law } => origin - law.upper(p),
            Self::Moved { origin, law } => origin + law.quantile(p),
        }
    }

    /// The value that a chance of `q` lies above; exact also where `q` is so small that `1 - q` is 1.
    #[inline]
    pub fn upper(&self, q: f64) -> f64 {
        match self {
            Self::Normal { mean, deviation } => mean + deviation * normal::upper(q),
            Self::LogNormal { mean, deviation } => exp(mean + deviation * normal::upper(q)),
            Self::Exponential { rate } => -log(q) / rate,
            Self::Pareto { minimum, shape } => minimum * exp(-log(q) / shape),
            Self::Mirrored { origin, law } => origin - law.quantile(q),
            Self::Moved { origin, law } => origin + law.upper(q),
            _ => self.quantile(1.0 - q),
        }
    }

    /// Whether chances are measured only between two ends.
    pub fn is_measure(&self) -> bool {
        matches!(self, Self::Season(_) | Self::Trend { .. } | Self::Hours(_))
    }

    /// By halving, where there is no other way.
    fn searched(&self, p: f64) -> f64 {
        let (mut low, mut high) = (-1.0, 1.0);
        while self.below(low) > p && low > -1e300 {
            low *= 16.0;
        }
        while self.above(high) > 1.0 - p && high < 1e300 {
            high *= 16.0;
        }
        for _ in 0..200 {
            let middle = low / 2.0 + high / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if 1.0 - self.above(middle) >= p { high = middle } else { low = middle }
        }
        high
    }
}

fn gamma_quantile(shape: f64, p: f64) -> f64 {
    // In the logarithm, so that shapes below 1, which rise steeply from 0, are found as well.
    let z = normal::quantile(p);
    let cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    let guess = if cube > 0.1 { log(shape) + 3.0 * log(cube) } else { (log(p) + libm::lgamma(shape + 1.0)) / shape };
    let chance = |t: f64| {
        let x = exp(t);
        (special::gamma_below(shape, x), exp(special::gamma_density(shape, x) + t))
    };
    exp(solve(p, guess, -700.0, 700.0, chance))
}

fn beta_quantile(alpha: f64, beta: f64, p: f64) -> f64 {
    // In the logarithm of the odds, for the same reason at both ends.
    let mean = alpha / (alpha + beta);
    let spread = (mean * (1.0 - mean) / (alpha + beta + 1.0)).sqrt();
    let near = (mean + spread * normal::quantile(p)).clamp(mean / 100.0, 1.0 - (1.0 - mean) / 100.0);
    let chance = |t: f64| {
        let x = odds(t);
        let slope = exp(special::beta_density(alpha, beta, x) + log(x) + log1p(-x));
        (special::beta_below(alpha, beta, x), slope)
    };
    odds(solve(p, log(near) - log1p(-near), -700.0, 36.0, chance))
}

fn odds(t: f64) -> f64 {
    1.0 / (1.0 + exp(-t))
}

/// How many come before `t`, counted from the origin, where `exp(growth * t)` come a second.
fn trend_before(growth: f64, t: f64) -> f64 {
    if growth == 0.0 { t } else { expm1(growth * t) / growth }
}

fn trend_at(growth: f64, count: f64) -> f64 {
    if growth == 0.0 { count } else { log1p(growth * count) / growth }
}
