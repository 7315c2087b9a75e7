//! Rows of a batch of which each is mixed with another: whole pictures (Zhang and others, "mixup: Beyond Empirical Risk Minimization", 2018)
//! or a rectangle of one in the other (Yun and others, "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
//! Features", 2019). Everything is drawn from the seed, the epoch and the row; which row is its partner follows from the batch too.

use ndsl_compiler::plan::Augmentation;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Uniform};

use super::batches::stream;

/// What a row is mixed with, and how.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mix {
    /// The place of the other row in the batch, which may be its own.
    pub(super) partner: usize,
    way: Way,
}

#[derive(Clone, Debug, PartialEq)]
enum Way {
    /// Every pixel is one of both, the row's own in this share.
    Blend { share: f64 },
    /// A rectangle is the other's: its sides and its middle as parts of those of the picture.
    Cut { side: f64, middle: [f64; 2] },
}

/// How the rows of a batch are mixed; none where nothing mixes them.
pub(super) fn drawn(changes: &[Augmentation], (seed, epoch): (u64, usize), rows: &[usize]) -> Vec<Mix> {
    let ways: Vec<&Augmentation> = changes.iter().filter(|change| change.mixes()).collect();
    let mut mixes = Vec::new();
    for row in rows.iter().filter(|_| !ways.is_empty()) {
        let mut random = stream(seed, "mix", epoch as u64);
        random.set_stream(*row as u64);
        let partner = below(rows.len(), &mut random);
        let way = match *ways[below(ways.len(), &mut random)] {
            Augmentation::Cutmix { alpha } => {
                let side = (1.0 - beta(alpha, &mut random)).sqrt();
                Way::Cut { side, middle: [part(&mut random), part(&mut random)] }
            }
            Augmentation::Mixup { alpha } => Way::Blend { share: beta(alpha, &mut random) },
            _ => Way::Blend { share: 1.0 },
        };
        mixes.push(Mix { partner, way });
    }
    mixes
}

/// Evenly one of so many numbers from 0.
fn below(count: usize, random: &mut ChaCha8Rng) -> usize {
    Uniform::new(0, count as u64).map_or(0, |even| even.sample(random) as usize)
}

/// From 0 to below 1.
fn part(random: &mut ChaCha8Rng) -> f64 {
    Uniform::new(0.0, 1.0).map_or(0.0, |even| even.sample(random))
}

/// Of the beta distribution whose parameters both are `alpha`.
fn beta(alpha: f64, random: &mut ChaCha8Rng) -> f64 {
    // Beyond these it is one or nothing, or one half, to the last bit that a pixel has.
    let alpha = alpha.clamp(1e-3, 1e6);
    Beta::new(alpha, alpha).map_or(0.5, |beta| beta.sample(random).clamp(0.0, 1.0))
}

impl Mix {
    /// The share of the row's own picture in what comes of it, for a picture of this height and width.
    pub(super) fn share(&self, size: [usize; 2]) -> f32 {
        match self.way {
            Way::Blend { share } => share as f32,
            Way::Cut { .. } => {
                let [(top, bottom), (left, right)] = self.rectangle(size);
                let area = (bottom - top) * (right - left);
                1.0 - area as f32 / (size[0] * size[1]).max(1) as f32
            }
        }
    }

    /// The rows and the columns of what is cut out of the other: from each first one to the one behind the last. What would stand
    /// over the border is left out, as the paper has it.
    fn rectangle(&self, size: [usize; 2]) -> [(usize, usize); 2] {
        let Way::Cut { side, middle } = self.way else { return [(0, 0); 2] };
        [0, 1].map(|axis| {
            let whole = size[axis] as f64;
            let (half, middle) = ((whole * side).floor() / 2.0, (whole * middle[axis]).floor());
            let within = |place: f64| place.clamp(0.0, whole) as usize;
            (within((middle - half).round()), within((middle + half).round()))
        })
    }
}

/// Mixes the pictures of a batch, each of this shape.
pub(super) fn mix(mixes: &[Mix], shape: &[usize], batch: &mut [u8]) {
    let &[height, width, channels] = shape else { return };
    if mixes.is_empty() {
        return;
    }
    let size = (height * width * channels).max(1);
    let before = batch.to_vec();
    for (mix, pixels) in mixes.iter().zip(batch.chunks_exact_mut(size)) {
        let other = &before[mix.partner * size..(mix.partner + 1) * size];
        match mix.way {
            Way::Blend { share } => {
                for (own, other) in pixels.iter_mut().zip(other) {
                    *own = (f64::from(*own) * share + f64::from(*other) * (1.0 - share)).round() as u8;
                }
            }
            Way::Cut { .. } => {
                let [(top, bottom), (left, right)] = mix.rectangle([height, width]);
                for y in top..bottom {
                    let part = (y * width + left) * channels..(y * width + right) * channels;
                    pixels[part.clone()].copy_from_slice(&other[part]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [8, 8, 1];

    fn pictures(count: usize) -> Vec<u8> {
        (0..count).flat_map(|picture| vec![picture as u8 * 20; 64]).collect()
    }

    #[test]
    fn a_share_is_that_of_the_pixels() {
        let rows: Vec<usize> = (0..8).collect();
        for epoch in 1..40 {
            for change in [Augmentation::Mixup { alpha: 0.4 }, Augmentation::Cutmix { alpha: 1.0 }] {
                let mixes = drawn(std::slice::from_ref(&change), (3, epoch), &rows);
                let mut batch = pictures(8);
                mix(&mixes, &SHAPE, &mut batch);
                for (row, (pixels, mix)) in batch.chunks(64).zip(&mixes).enumerate() {
                    let mean = pixels.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / 64.0;
                    let share = f64::from(mix.share([8, 8]));
                    let expected = 20.0 * (row as f64 * share + mix.partner as f64 * (1.0 - share));
                    assert!((mean - expected).abs() <= 0.5, "{change:?} of row {row}: {mean} for {expected}");
                }
            }
        }
    }

    #[test]
    fn a_mix_is_that_of_its_seed_its_epoch_and_its_row() {
        let (rows, both) = ([4, 9, 2], [Augmentation::Mixup { alpha: 0.4 }, Augmentation::Cutmix { alpha: 1.0 }]);
        let mixes = drawn(&both, (3, 1), &rows);
        assert_eq!(mixes, drawn(&both, (3, 1), &rows));
        assert_eq!(mixes[2], drawn(&both, (3, 1), &[7, 8, 2])[2], "whatever stands beside it");
        assert_ne!(mixes, drawn(&both, (3, 2), &rows));
        assert_ne!(mixes, drawn(&both, (4, 1), &rows));
        assert!(drawn(&[Augmentation::Zoom { share: 0.1 }], (3, 1), &rows).is_empty());
    }

    #[test]
    fn shares_are_of_the_beta_distribution() {
        let (mut sum, mut squares) = (0.0, 0.0);
        let rows: Vec<usize> = (0..20_000).collect();
        for mix in drawn(&[Augmentation::Mixup { alpha: 2.0 }], (5, 1), &rows) {
            let share = f64::from(mix.share([1, 1]));
            (sum, squares) = (sum + share, squares + share * share);
        }
        let (mean, count) = (sum / 20_000.0, 20_000.0);
        // Its variance is 1 / (4 (2 alpha + 1)).
        assert!((mean - 0.5).abs() < 0.01 && (squares / count - mean * mean - 0.05).abs() < 0.002);
    }

    #[test]
    fn parameters_without_bounds_do_no_harm() {
        for alpha in [f64::MIN_POSITIVE, 1e-300, 1e300, f64::MAX] {
            for change in [Augmentation::Mixup { alpha }, Augmentation::Cutmix { alpha }] {
                let mixes = drawn(&[change], (1, 1), &[0, 1, 2, 3]);
                mix(&mixes, &SHAPE, &mut pictures(4));
                assert!(mixes.iter().all(|mix| (0.0..=1.0).contains(&mix.share([8, 8]))));
            }
        }
    }
}
