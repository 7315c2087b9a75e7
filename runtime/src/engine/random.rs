//! Where dropout's masks and other drawn numbers come from: a stream of its own for every seed, step and node, so that a run is the same
//! whatever else runs beside it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The factors of dropout for `count` elements: 0 with probability `rate`, `1 / (1 - rate)` otherwise.
pub fn dropout_factors(seed: u64, step: u64, node: u64, rate: f64, count: usize) -> Vec<f32> {
    let mut random = stream(seed, step, node, *b"dropout\0");
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

/// `count` numbers of the unit normal distribution.
pub fn normal(seed: u64, step: u64, node: u64, count: usize) -> Vec<f32> {
    let mut random = stream(seed, step, node, *b"normal\0\0");
    let mut numbers = Vec::with_capacity(count + 1);
    // Two numbers of each draw, by Box and Muller's transform.
    while numbers.len() < count {
        let (radius, angle) = (1.0 - share(random.next_u64()), share(random.next_u64()));
        let (radius, angle) = ((-2.0 * radius.ln()).sqrt(), std::f64::consts::TAU * angle);
        numbers.extend([(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]);
    }
    numbers.truncate(count);
    numbers
}

/// `count` numbers from 0 up to 1.
pub fn uniform(seed: u64, step: u64, node: u64, count: usize) -> Vec<f32> {
    let mut random = stream(seed, step, node, *b"uniform\0");
    // As many bits as an `f32` holds below 1.
    (0..count).map(|_| (random.next_u32() >> 8) as f32 / (1 << 24) as f32).collect()
}

/// A number from 0 up to 1 of 53 bits.
fn share(word: u64) -> f64 {
    (word >> 11) as f64 / (1u64 << 53) as f64
}

/// The stream of one node in one step.
fn stream(seed: u64, step: u64, node: u64, purpose: [u8; 8]) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (part, number) in key.chunks_exact_mut(8).zip([seed, step, node, u64::from_le_bytes(purpose)]) {
        part.copy_from_slice(&number.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
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
    fn drawn_numbers_have_their_moments() {
        for (numbers, mean, variance) in
            [(normal(7, 0, 0, 100_001), 0.0, 1.0), (uniform(7, 0, 0, 100_001), 0.5, 1.0 / 12.0)]
        {
            assert_eq!(numbers.len(), 100_001);
            let count = numbers.len() as f64;
            let average = numbers.iter().map(|number| f64::from(*number)).sum::<f64>() / count;
            let spread = numbers.iter().map(|number| (f64::from(*number) - average).powi(2)).sum::<f64>() / count;
            assert!((average - mean).abs() < 0.01 && (spread - variance).abs() < 0.02, "{average} {spread}");
        }
        assert_ne!(normal(7, 0, 0, 4), normal(7, 1, 0, 4));
        assert!(uniform(7, 0, 0, 1000).iter().all(|number| (0.0..1.0).contains(number)));
    }

    #[test]
    fn a_rate_of_zero_keeps_everything() {
        assert!(dropout_factors(7, 0, 0, 0.0, 1001).iter().all(|factor| *factor == 1.0));
    }
}
