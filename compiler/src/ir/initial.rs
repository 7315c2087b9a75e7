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
    /// Uniform from `low` to `high`.
    Between {
        /// The least.
        low: f64,
        /// The bound above.
        high: f64,
    },
    /// All the same number.
    Constant(f64),
    /// Normal around `mean`.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        deviation: f64,
    },
    /// Normal around `mean`, redrawn beyond two deviations, as Keras's truncated normal.
    TruncatedNormal {
        /// The mean.
        mean: f64,
        /// The deviation before truncation.
        deviation: f64,
    },
    /// A random matrix whose rows, or columns where those are fewer, are at right angles and of length `gain`.
    Orthogonal {
        /// How many rows; the parameter's first dimension.
        rows: usize,
        /// How many columns; the product of the others.
        columns: usize,
        /// The length of each.
        gain: f64,
    },
    /// `gain` where a matrix's row and column are the same, zero elsewhere.
    Identity {
        /// How many columns.
        columns: usize,
        /// The number on the diagonal.
        gain: f64,
    },
    /// The bias of an LSTM: one where the forget gate is, the second of four runs of `units` numbers, `others` elsewhere.
    ForgetGate {
        /// How many units.
        units: usize,
        /// How the other gates start.
        others: f64,
    },
}

/// The standard deviation of a unit normal cut at two deviations: Keras divides by it so that the drawn values have the
/// deviation that was asked for.
const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    /// Glorot and Bengio, 2010, uniform: `±sqrt(6 / fan_in.saturating_add(fan_out))`.
    pub fn glorot_uniform(fan_in: usize, fan_out: usize) -> Self {
        Self::Uniform { limit: (6.0 / fan_in.saturating_add(fan_out).max(1) as f64).sqrt() }
    }

    /// Glorot and Bengio, 2010, normal: deviation `sqrt(2 / fan_in.saturating_add(fan_out))`.
    pub fn glorot_normal(fan_in: usize, fan_out: usize) -> Self {
        Self::truncated((2.0 / fan_in.saturating_add(fan_out).max(1) as f64).sqrt())
    }

    /// He et al., 2015, uniform: `±sqrt(6 / fan_in)`.
    pub fn he_uniform(fan_in: usize) -> Self {
        Self::Uniform { limit: (6.0 / fan_in.max(1) as f64).sqrt() }
    }

    /// He et al., 2015, normal: deviation `sqrt(2 / fan_in)`.
    pub fn he_normal(fan_in: usize) -> Self {
        Self::truncated((2.0 / fan_in.max(1) as f64).sqrt())
    }

    /// Klambauer et al., 2017, uniform: `±sqrt(3 / fan_in)`.
    pub fn lecun_uniform(fan_in: usize) -> Self {
        Self::Uniform { limit: (3.0 / fan_in.max(1) as f64).sqrt() }
    }

    /// Klambauer et al., 2017, normal: deviation `sqrt(1 / fan_in)`.
    pub fn lecun_normal(fan_in: usize) -> Self {
        Self::truncated((1.0 / fan_in.max(1) as f64).sqrt())
    }

    /// A truncated normal around zero whose drawn values have this deviation.
    pub fn truncated(deviation: f64) -> Self {
        Self::TruncatedNormal { mean: 0.0, deviation: deviation / TRUNCATED_DEVIATION }
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
            Self::Between { low, high } => {
                (0..count).map(|_| (low + random.random::<f64>() * (high - low)) as f32).collect()
            }
            Self::Constant(number) => vec![number as f32; count],
            Self::Normal { mean, deviation } => {
                (0..count).map(|_| (mean + normal(&mut random) * deviation) as f32).collect()
            }
            Self::TruncatedNormal { mean, deviation } => {
                (0..count).map(|_| (mean + truncated_normal(&mut random) * deviation) as f32).collect()
            }
            Self::Orthogonal { rows, columns, gain } => orthogonal(&mut random, rows, columns, gain),
            Self::Identity { columns, gain } => {
                let on_diagonal = |at: usize| at / columns.max(1) == at % columns.max(1);
                (0..count).map(|at| if on_diagonal(at) { gain as f32 } else { 0.0 }).collect()
            }
            Self::ForgetGate { units, others } => {
                let forget = units..2 * units;
                (0..count).map(|at| if forget.contains(&at) { 1.0 } else { others as f32 }).collect()
            }
        }
    }
}

/// A unit normal, by Box and Muller's transform.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
}

/// A unit normal within two deviations, by rejection.
fn truncated_normal(random: &mut ChaCha8Rng) -> f64 {
    loop {
        let value = normal(random);
        if value.abs() <= 2.0 {
            return value;
        }
    }
}

/// Random vectors made orthogonal one after the other (Gram and Schmidt, twice, which is as exact as Householder's way).
///
/// Directions drawn from a normal distribution are uniform, and stay so.
fn orthogonal(random: &mut ChaCha8Rng, rows: usize, columns: usize, gain: f64) -> Vec<f32> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    while vectors.len() < count {
        let mut vector: Vec<f64> = (0..length).map(|_| normal(random)).collect();
        for _ in 0..2 {
            for other in &vectors {
                let along: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                vector.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
        }
        let norm = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
        if norm > 1e-6 {
            vector.iter_mut().for_each(|number| *number /= norm);
            vectors.push(vector);
        }
    }
    let number = |row: usize, column: usize| match rows <= columns {
        true => vectors[row][column],
        false => vectors[column][row],
    };
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .map(|(row, column)| (number(row, column) * gain) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products(rows: usize, columns: usize) -> Vec<f64> {
        let matrix = Initializer::Orthogonal { rows, columns, gain: 2.0 }.sample(1, "w", rows * columns);
        let at = |row: usize, column: usize| f64::from(matrix[row * columns + column]);
        (0..rows)
            .flat_map(|a| (0..rows).map(move |b| (a, b)))
            .map(|(a, b)| (0..columns).map(|column| at(a, column) * at(b, column)).sum())
            .collect()
    }

    #[test]
    fn the_rows_of_an_orthogonal_matrix_are_at_right_angles() {
        for (at, product) in products(3, 5).into_iter().enumerate() {
            let wanted = if at % 4 == 0 { 4.0 } else { 0.0 };
            assert!((product - wanted).abs() < 1e-5, "{at}: {product}");
        }
    }

    #[test]
    fn a_tall_orthogonal_matrix_has_columns_of_the_same_length() {
        let trace: f64 = products(5, 3).into_iter().step_by(6).sum();
        assert!((trace - 12.0).abs() < 1e-5, "{trace}");
    }

    #[test]
    fn distributions_have_the_mean_and_the_deviation_asked_for() {
        for (initializer, mean, deviation) in [
            (Initializer::Normal { mean: 1.0, deviation: 2.0 }, 1.0, 2.0),
            (Initializer::Between { low: 1.0, high: 4.0 }, 2.5, 3.0 / 12f64.sqrt()),
            (Initializer::truncated(0.5), 0.0, 0.5),
            (Initializer::lecun_normal(4), 0.0, 0.5),
            (Initializer::lecun_uniform(3), 0.0, 1.0 / 3f64.sqrt()),
        ] {
            let drawn = initializer.sample(3, "w", 40_000);
            let count = drawn.len() as f64;
            let found = drawn.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
            let spread = (drawn.iter().map(|x| (f64::from(*x) - found).powi(2)).sum::<f64>() / count).sqrt();
            assert!(
                (found - mean).abs() < 0.03 && (spread - deviation).abs() < 0.03,
                "{initializer:?}: {found}, {spread}"
            );
        }
    }

    #[test]
    fn what_is_fixed_is_as_it_says() {
        assert_eq!(Initializer::Identity { columns: 2, gain: 3.0 }.sample(0, "w", 4), [3.0, 0.0, 0.0, 3.0]);
        let bias = Initializer::ForgetGate { units: 1, others: 0.0 }.sample(0, "b", 4);
        assert_eq!(bias, [0.0, 1.0, 0.0, 0.0]);
    }
}
