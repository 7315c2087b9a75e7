//! How parameters start: the same numbers for the same seed and name, whatever engine then runs them.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The distribution a parameter's first values are drawn from.
///
/// Fans are those of the layer: for a convolution, the kernel's area times the channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initializer {
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// Uniform within `±limit`.
    Uniform {
        /// The bound.
        limit: f64,
    },
    /// Normal around zero, redrawn beyond two deviations, as Keras's truncated normal.
    TruncatedNormal {
        /// The deviation before truncation.
        deviation: f64,
    },
}

/// The standard deviation of a unit normal cut at two deviations: Keras divides by it so that the drawn values have the
/// deviation that was asked for.
const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    /// Glorot and Bengio, 2010, uniform: `±sqrt(6 / (fan_in + fan_out))`.
    pub fn glorot_uniform(fan_in: usize, fan_out: usize) -> Self {
        Self::Uniform { limit: (6.0 / (fan_in + fan_out).max(1) as f64).sqrt() }
    }

    /// Glorot and Bengio, 2010, normal: deviation `sqrt(2 / (fan_in + fan_out))`.
    pub fn glorot_normal(fan_in: usize, fan_out: usize) -> Self {
        Self::TruncatedNormal { deviation: (2.0 / (fan_in + fan_out).max(1) as f64).sqrt() / TRUNCATED_DEVIATION }
    }

    /// He et al., 2015, uniform: `±sqrt(6 / fan_in)`.
    pub fn he_uniform(fan_in: usize) -> Self {
        Self::Uniform { limit: (6.0 / fan_in.max(1) as f64).sqrt() }
    }

    /// He et al., 2015, normal: deviation `sqrt(2 / fan_in)`.
    pub fn he_normal(fan_in: usize) -> Self {
        Self::TruncatedNormal { deviation: (2.0 / fan_in.max(1) as f64).sqrt() / TRUNCATED_DEVIATION }
    }

    /// The first `count` values of the parameter called `name`, in row-major order.
    ///
    /// The stream is keyed by `seed` and `name`, so that adding a layer leaves the others' values alone.
    pub fn sample(&self, seed: u64, name: &str, count: usize) -> Vec<f32> {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(name.as_bytes());
        let mut random = ChaCha8Rng::from_seed(hash.finalize().into());
        match *self {
            Self::Zeros => vec![0.0; count],
            Self::Ones => vec![1.0; count],
            Self::Uniform { limit } => {
                (0..count).map(|_| ((random.random::<f64>() * 2.0 - 1.0) * limit) as f32).collect()
            }
            Self::TruncatedNormal { deviation } => {
                (0..count).map(|_| (truncated_normal(&mut random) * deviation) as f32).collect()
            }
        }
    }
}

/// A unit normal within two deviations, by Box and Muller's transform and rejection.
fn truncated_normal(random: &mut ChaCha8Rng) -> f64 {
    loop {
        let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
        let value = radius * (std::f64::consts::TAU * random.random::<f64>()).cos();
        if value.abs() <= 2.0 {
            return value;
        }
    }
}
