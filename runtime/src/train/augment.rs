//! What is done to the images of a training batch: drawn from the seed, the epoch and the row, so that a run that goes on changes each
//! as one that never stopped.

use ndsl_compiler::plan::Augmentation;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;

use super::batches::stream;
use super::mix::{Mix, mix};

/// An image: bytes of channels, one pixel after another, one row after another.
#[derive(Clone, Debug, PartialEq)]
struct Image {
    height: usize,
    width: usize,
    channels: usize,
    pixels: Vec<u8>,
}

/// The full range of a pixel.
const RANGE: f64 = 255.0;

/// How much longer than high, or higher than long, an erased rectangle may be.
const LONGEST: f64 = 3.0;

/// Whether values of this shape are images: with a byte for each channel of every pixel.
pub(super) fn is_image(shape: &[usize]) -> bool {
    matches!(shape, [_, _, 1 | 3 | 4])
}

/// Changes the images of a batch, each of this shape, which are those of `rows`; `mixes` are those that are mixed, where they are.
pub(super) fn augment(
    changes: &[Augmentation],
    (seed, epoch): (u64, usize),
    rows: &[usize],
    mixes: &[Mix],
    shape: &[usize],
    batch: &mut [u8],
) {
    let &[height, width, channels] = shape else { return };
    let size = (height * width * channels).max(1);
    let draws = |row: &usize| {
        let mut random = stream(seed, "augment", epoch as u64);
        random.set_stream(*row as u64);
        Draws(random)
    };
    let mut draws: Vec<Draws> = rows.iter().map(draws).collect();
    let mut each = |changes: &[Augmentation], batch: &mut [u8]| {
        for (random, pixels) in draws.iter_mut().zip(batch.chunks_exact_mut(size)).filter(|_| !changes.is_empty()) {
            let mut image = Image { height, width, channels, pixels: pixels.to_vec() };
            changes.iter().for_each(|change| image.change(change, random));
            pixels.copy_from_slice(&image.pixels);
        }
    };
    // They are mixed once, between what stands before and what stands behind.
    let (before, behind) = changes.split_at(changes.iter().position(Augmentation::mixes).unwrap_or(changes.len()));
    each(before, batch);
    mix(mixes, shape, batch);
    each(behind, batch);
}

/// The numbers that the changes of a row are drawn by.
struct Draws(ChaCha8Rng);

impl Draws {
    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    /// From `-most` to below `most`.
    fn around(&mut self, most: f64) -> f64 {
        (2.0 * self.share() - 1.0) * most
    }

    /// From 0 to `last`.
    fn whole(&mut self, last: usize) -> usize {
        ((self.share() * (last as f64 + 1.0)) as usize).min(last)
    }

    /// Normally distributed (Box and Muller, 1958).
    fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.share(), self.share() * std::f64::consts::TAU);
        (-2.0 * radius.ln()).sqrt() * angle.cos()
    }
}

impl Image {
    fn change(&mut self, change: &Augmentation, draws: &mut Draws) {
        let (height, width) = (self.height as f64, self.width as f64);
        let middle = ((height - 1.0) / 2.0, (width - 1.0) / 2.0);
        match *change {
            Augmentation::Flip { horizontal, vertical, share } => {
                if horizontal && draws.share() < share {
                    *self = self.picked(|y, x| (y, self.width - 1 - x));
                }
                if vertical && draws.share() < share {
                    *self = self.picked(|y, x| (self.height - 1 - y, x));
                }
            }
            Augmentation::Rotate { degrees } => {
                let (sine, cosine) = draws.around(degrees).to_radians().sin_cos();
                *self = self.sampled(self.height, self.width, |y, x| {
                    let (y, x) = (y - middle.0, x - middle.1);
                    (middle.0 + cosine * y - sine * x, middle.1 + sine * y + cosine * x)
                });
            }
            Augmentation::Shift { height: down, width: right } => {
                let (down, right) = (draws.around(down) * height, draws.around(right) * width);
                *self = self.sampled(self.height, self.width, |y, x| (y - down, x - right));
            }
            Augmentation::Zoom { share } => {
                let factor = 1.0 + draws.around(share);
                *self = self.sampled(self.height, self.width, |y, x| {
                    (middle.0 + (y - middle.0) / factor, middle.1 + (x - middle.1) / factor)
                });
            }
            Augmentation::Crop { height, width, padding } => self.crop(height, width, padding, draws),
            Augmentation::Brightness { share } => {
                let added = draws.around(share) * RANGE;
                self.each_colour(|colour| colour + added);
            }
            Augmentation::Contrast { share } => {
                let factor = 1.0 + draws.around(share);
                let (mut sum, mut count) = (0.0, 0.0);
                self.each_colour(|colour| {
                    (sum, count) = (sum + colour, count + 1.0);
                    colour
                });
                let mean = sum / f64::max(count, 1.0);
                self.each_colour(|colour| mean + (colour - mean) * factor);
            }
            Augmentation::Noise { deviation } => self.each_colour(|colour| colour + draws.normal() * deviation * RANGE),
            Augmentation::Erase { area, share } => {
                if draws.share() < share {
                    self.erase(area, draws);
                }
            }
            // Which is of several images.
            Augmentation::Mixup { .. } | Augmentation::Cutmix { .. } => {}
        }
    }

    /// A part at a drawn place, brought to the size of the image.
    fn crop(&mut self, height: usize, width: usize, padding: usize, draws: &mut Draws) {
        let top = draws.whole((self.height + 2 * padding).saturating_sub(height));
        let left = draws.whole((self.width + 2 * padding).saturating_sub(width));
        let mut part =
            Self { height, width, channels: self.channels, pixels: Vec::with_capacity(height * width * self.channels) };
        for y in 0..height {
            for x in 0..width {
                let place = (y + top).checked_sub(padding).zip((x + left).checked_sub(padding));
                let inside = place.filter(|(y, x)| *y < self.height && *x < self.width);
                for channel in 0..self.channels {
                    part.pixels
                        .push(inside.map_or(0, |(y, x)| self.pixels[(y * self.width + x) * self.channels + channel]));
                }
            }
        }
        let (down, right) = (height as f64 / self.height as f64, width as f64 / self.width as f64);
        *self = match (height, width) == (self.height, self.width) {
            true => part,
            false => part.sampled(self.height, self.width, |y, x| ((y + 0.5) * down - 0.5, (x + 0.5) * right - 0.5)),
        };
    }

    fn erase(&mut self, area: f64, draws: &mut Draws) {
        let (height, width) = (self.height as f64, self.width as f64);
        let size = draws.share() * area * height * width;
        let form = draws.around(LONGEST.ln()).exp();
        let side = |length: f64, whole: usize| (length.round() as usize).min(whole);
        let (rows, columns) = (side((size * form).sqrt(), self.height), side((size / form).sqrt(), self.width));
        let (top, left) = (draws.whole(self.height - rows), draws.whole(self.width - columns));
        for y in top..top + rows {
            let start = (y * self.width + left) * self.channels;
            self.pixels[start..start + columns * self.channels].fill(0);
        }
    }

    /// Every number of every pixel but its transparency, changed.
    fn each_colour(&mut self, mut change: impl FnMut(f64) -> f64) {
        let colours = self.channels.min(3);
        for pixel in self.pixels.chunks_exact_mut(self.channels) {
            for colour in &mut pixel[..colours] {
                *colour = change(f64::from(*colour)).round().clamp(0.0, RANGE) as u8;
            }
        }
    }

    /// The image whose pixels stood elsewhere in this one.
    fn picked(&self, from: impl Fn(usize, usize) -> (usize, usize)) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..self.height {
            for x in 0..self.width {
                let (y, x) = from(y, x);
                let start = (y * self.width + x) * self.channels;
                pixels.extend_from_slice(&self.pixels[start..start + self.channels]);
            }
        }
        Self { pixels, ..*self }
    }

    /// An image whose pixels stood between those of this one: each is made of its four neighbours, beyond the border of the nearest.
    fn sampled(&self, height: usize, width: usize, from: impl Fn(f64, f64) -> (f64, f64)) -> Self {
        let mut pixels = Vec::with_capacity(height * width * self.channels);
        for y in 0..height {
            for x in 0..width {
                let (y, x) = from(y as f64, x as f64);
                let (y, x) = (y.clamp(0.0, (self.height - 1) as f64), x.clamp(0.0, (self.width - 1) as f64));
                let (top, left) = (y as usize, x as usize);
                let (bottom, right) = ((top + 1).min(self.height - 1), (left + 1).min(self.width - 1));
                let (down, over) = (y - top as f64, x - left as f64);
                for channel in 0..self.channels {
                    let at =
                        |y: usize, x: usize| f64::from(self.pixels[(y * self.width + x) * self.channels + channel]);
                    let above = at(top, left) * (1.0 - over) + at(top, right) * over;
                    let below = at(bottom, left) * (1.0 - over) + at(bottom, right) * over;
                    pixels.push((above * (1.0 - down) + below * down).round() as u8);
                }
            }
        }
        Self { height, width, pixels, channels: self.channels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [3, 4, 1];

    fn image() -> Vec<u8> {
        (0..12).map(|pixel| pixel * 20).collect()
    }

    fn changed(change: Augmentation, epoch: usize, rows: &[usize]) -> Vec<Vec<u8>> {
        let mut batch = image().repeat(rows.len());
        augment(&[change], (7, epoch), rows, &[], &SHAPE, &mut batch);
        batch.chunks(12).map(<[u8]>::to_vec).collect()
    }

    fn all() -> Vec<Augmentation> {
        vec![
            Augmentation::Flip { horizontal: true, vertical: true, share: 0.5 },
            Augmentation::Rotate { degrees: 30.0 },
            Augmentation::Shift { height: 0.3, width: 0.3 },
            Augmentation::Zoom { share: 0.5 },
            Augmentation::Crop { height: 2, width: 2, padding: 1 },
            Augmentation::Crop { height: 3, width: 4, padding: 2 },
            Augmentation::Brightness { share: 0.3 },
            Augmentation::Contrast { share: 0.5 },
            Augmentation::Noise { deviation: 0.1 },
            Augmentation::Erase { area: 0.5, share: 1.0 },
        ]
    }

    #[test]
    fn a_change_is_that_of_its_row_and_epoch_whatever_batch_it_is_in() {
        for change in all() {
            let several = changed(change.clone(), 1, &[5, 6, 7, 8]);
            assert_eq!(several[2], changed(change.clone(), 1, &[7])[0], "{change:?}");
            let differs = |other: &[Vec<u8>]| other.iter().zip(&several).any(|(other, one)| other != one);
            assert!(differs(&changed(change.clone(), 2, &[5, 6, 7, 8])), "{change:?} is another in another epoch");
            assert!(several.iter().any(|one| *one != several[0]), "{change:?} is another for another row");
        }
    }

    #[test]
    fn a_mirrored_image_has_its_sides_exchanged() {
        let flip =
            |horizontal, vertical| changed(Augmentation::Flip { horizontal, vertical, share: 1.0 }, 1, &[0]).remove(0);
        assert_eq!(flip(true, false)[..4], [60, 40, 20, 0]);
        assert_eq!(flip(false, true)[..4], [160, 180, 200, 220]);
        let mut turned = image();
        turned.reverse();
        assert_eq!(flip(true, true), turned);
    }

    #[test]
    fn what_changes_nothing_leaves_every_pixel() {
        let nothing = [
            Augmentation::Rotate { degrees: 0.0 },
            Augmentation::Shift { height: 0.0, width: 0.0 },
            Augmentation::Zoom { share: 0.0 },
            Augmentation::Crop { height: 3, width: 4, padding: 0 },
            Augmentation::Contrast { share: 0.0 },
            Augmentation::Erase { area: 0.9, share: 0.0 },
        ];
        for change in nothing {
            assert_eq!(changed(change.clone(), 3, &[0])[0], image(), "{change:?}");
        }
    }

    #[test]
    fn a_brighter_image_is_brighter_everywhere_and_transparency_stays() {
        let one = changed(Augmentation::Brightness { share: 0.2 }, 1, &[3]).remove(0);
        let added = i16::from(one[5]) - 100;
        assert!(added != 0 && added.abs() <= 51);
        assert!(image().iter().zip(&one).all(|(before, now)| *now == (i16::from(*before) + added).clamp(0, 255) as u8));
        let mut pixel = [10, 20, 30, 40];
        augment(&[Augmentation::Brightness { share: 1.0 }], (7, 1), &[0], &[], &[1, 1, 4], &mut pixel);
        assert!(pixel[3] == 40 && pixel[0] != 10);
    }
}
