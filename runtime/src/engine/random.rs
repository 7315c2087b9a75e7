//! Where dropout's masks come from: a stream of its own for every seed, step and node, so that a run is the same
//! whatever else runs beside it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The factors of dropout for `count` elements: 0 with probability `rate`, `1 / (1 - rate)` otherwise.
pub fn dropout_factors(seed: u64, step: u64, node: u64, rate: f64, count: usize) -> Vec<f32> {
    let mut key = [0; 32];
    for (part, number) in key.chunks_exact_mut(8).zip([seed, step, node, u64::from_le_bytes(*b"dropout\0")]) {
        part.copy_from_slice(&number.to_le_bytes());
    }
    let mut random = ChaCha8Rng::from_seed(key);
    let threshold = (rate * 2f64.powi(32)) as u32;
    let kept = (1.0 / (1.0 - rate)) as f32;
    let mut factors = vec![0.0; count];
    // Two draws from each word of the stream.
    for pair in factors.chunks_mut(2) {
        let word = random.next_u64();
        for (factor, draw) in pair.iter_mut().zip([word as u32, (word >> 32) as u32]) {
            *factor = if draw < threshold { 0.0 } else { kept };
        }
    }
    factors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_its_seeds_steps_and_nodes_alone() {
        let mask = dropout_factors(1, 2, 3, 0.25, 1000);
        assert_eq!(mask, dropout_factors(1, 2, 3, 0.25, 1000));
        assert_ne!(mask, dropout_factors(2, 2, 3, 0.25, 1000));
        assert_ne!(mask, dropout_factors(1, 3, 3, 0.25, 1000));
        assert_ne!(mask, dropout_factors(1, 2, 4, 0.25, 1000));
    }

    #[test]
    fn the_share_of_zeros_is_the_rate_and_the_mean_stays_one() {
        let mask = dropout_factors(7, 0, 0, 0.25, 100_000);
        let zeros = mask.iter().filter(|factor| **factor == 0.0).count() as f64 / 100_000.0;
        let mean = mask.iter().map(|factor| f64::from(*factor)).sum::<f64>() / 100_000.0;
        assert!((zeros - 0.25).abs() < 0.01, "{zeros}");
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!(mask.iter().all(|factor| *factor == 0.0 || *factor == (1.0 / 0.75) as f32));
    }

    #[test]
    fn a_rate_of_zero_keeps_everything() {
        assert!(dropout_factors(7, 0, 0, 0.0, 1001).iter().all(|factor| *factor == 1.0));
    }
}
