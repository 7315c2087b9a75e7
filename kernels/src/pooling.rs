//! The largest number, or the mean, of windows of images whose channels are last. Padding counts for nothing.

use super::convolution::Sliding;
use super::{each_rows, vectored};
use rayon::prelude::*;

/// The largest number of each window and channel, and which of its places that is of.
pub fn largest(x: &[f32], sliding: &Sliding) -> (Vec<f32>, Vec<u32>) {
    let (image, made) = (sliding.image_size().max(1), (sliding.count() * sliding.channels).max(1));
    let images = x.len() / image;
    let (mut y, mut places) = (vec![0.0; images * made], vec![0; images * made]);
    let parts = x.par_chunks_exact(image).zip(y.par_chunks_exact_mut(made)).zip(places.par_chunks_exact_mut(made));
    parts.for_each(|((x, y), places)| largest_of_image(x, sliding, y, places));
    (y, places)
}

/// The gradient of what went in.
pub fn largest_backward(gradient: &[f32], places: &[u32], sliding: &Sliding) -> Vec<f32> {
    let (image, made) = (sliding.image_size().max(1), (sliding.count() * sliding.channels).max(1));
    let mut x = vec![0.0; gradient.len() / made * image];
    each_rows(&mut x, image, image, |from, part| {
        for (at, x) in part.chunks_exact_mut(image).enumerate() {
            let own = (from + at) * made..(from + at + 1) * made;
            largest_back_to_image(&gradient[own.clone()], &places[own], sliding, x);
        }
    });
    x
}

/// The mean of what each window has of the image.
pub fn mean(x: &[f32], sliding: &Sliding) -> Vec<f32> {
    let (image, made) = (sliding.image_size().max(1), (sliding.count() * sliding.channels).max(1));
    let mut y = vec![0.0; x.len() / image * made];
    each_rows(&mut y, made, image, |from, part| {
        for (at, y) in part.chunks_exact_mut(made).enumerate() {
            mean_of_image(&x[(from + at) * image..(from + at + 1) * image], sliding, y);
        }
    });
    y
}

/// The gradient of what went in.
pub fn mean_backward(gradient: &[f32], sliding: &Sliding) -> Vec<f32> {
    let (image, made) = (sliding.image_size().max(1), (sliding.count() * sliding.channels).max(1));
    let mut x = vec![0.0; gradient.len() / made * image];
    each_rows(&mut x, image, image, |from, part| {
        for (at, x) in part.chunks_exact_mut(image).enumerate() {
            mean_back_to_image(&gradient[(from + at) * made..(from + at + 1) * made], sliding, x);
        }
    });
    x
}

/// Goes through the windows: the number of the window, the number of a place in it, and where that is in the image.
macro_rules! each_place {
    ($sliding:expr, |$at:ident, $place:ident, $from:ident, $share:ident| $body:block) => {
        let sliding: &Sliding = $sliding;
        let [down, right] = sliding.windows();
        for top in 0..down {
            let (start_y, seen_y) = sliding.seen(0, top);
            for left in 0..right {
                let (start_x, seen_x) = sliding.seen(1, left);
                let $at = (top * right + left) * sliding.channels;
                let $share = (seen_y.len() * seen_x.len()) as f32;
                for y in seen_y.clone() {
                    for x in seen_x.clone() {
                        let $place = (y * sliding.window[1] + x) as u32;
                        let row = (start_y + y as isize) as usize;
                        let $from = (row * sliding.image[1] + (start_x + x as isize) as usize) * sliding.channels;
                        $body
                    }
                }
            }
        }
    };
}

vectored! {
    fn largest_of_image(x: &[f32], sliding: &Sliding, y: &mut [f32], places: &mut [u32]) {
        y.fill(f32::NEG_INFINITY);
        // What no window reaches is nowhere; the first place of each is taken where all are negative infinity.
        places.fill(u32::MAX);
        let channels = sliding.channels;
        each_place!(sliding, |at, place, from, _share| {
            let best = y[at..at + channels].iter_mut().zip(&mut places[at..at + channels]);
            for ((best, chosen), x) in best.zip(&x[from..from + channels]) {
                // The first of equal ones, and what is no number before all, as PyTorch has it.
                let is_better = *x > *best || x.is_nan() || *chosen == u32::MAX;
                *best = if is_better { *x } else { *best };
                *chosen = if is_better { place } else { *chosen };
            }
        });
    }

    fn largest_back_to_image(gradient: &[f32], places: &[u32], sliding: &Sliding, x: &mut [f32]) {
        let channels = sliding.channels;
        each_place!(sliding, |at, place, from, _share| {
            let given = gradient[at..at + channels].iter().zip(&places[at..at + channels]);
            for ((g, chosen), x) in given.zip(&mut x[from..from + channels]) {
                *x += if *chosen == place { *g } else { 0.0 };
            }
        });
    }

    fn mean_of_image(x: &[f32], sliding: &Sliding, y: &mut [f32]) {
        y.fill(0.0);
        let channels = sliding.channels;
        each_place!(sliding, |at, _place, from, share| {
            for (y, x) in y[at..at + channels].iter_mut().zip(&x[from..from + channels]) {
                *y += *x / share;
            }
        });
    }

    fn mean_back_to_image(gradient: &[f32], sliding: &Sliding, x: &mut [f32]) {
        let channels = sliding.channels;
        each_place!(sliding, |at, _place, from, share| {
            for (x, g) in x[from..from + channels].iter_mut().zip(&gradient[at..at + channels]) {
                *x += *g / share;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLIDING: Sliding = Sliding {
        image: [3, 3],
        channels: 2,
        window: [2, 2],
        strides: [2, 2],
        dilation: [1, 1],
        padding: [(0, 1), (0, 1)],
    };

    /// Nine places of two channels; the second counts down.
    fn image() -> Vec<f32> {
        (0..9).flat_map(|at| [at as f32, -(at as f32)]).collect()
    }

    #[test]
    fn the_largest_gets_the_gradient() {
        let (y, places) = largest(&image(), &SLIDING);
        assert_eq!(y, [4.0, 0.0, 5.0, -2.0, 7.0, -6.0, 8.0, -8.0]);
        let x = largest_backward(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &places, &SLIDING);
        let first: Vec<f32> = x.iter().step_by(2).copied().collect();
        let second: Vec<f32> = x.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(first, [0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 0.0, 5.0, 7.0]);
        assert_eq!(second, [2.0, 0.0, 4.0, 0.0, 0.0, 0.0, 6.0, 0.0, 8.0]);
    }

    #[test]
    fn what_is_no_number_is_the_largest() {
        let mut x = image();
        x[2] = f32::NAN;
        let (y, places) = largest(&x, &SLIDING);
        assert!(y[0].is_nan() && places[0] == 1);
        let nothing = vec![f32::NEG_INFINITY; 18];
        let (y, places) = largest(&nothing, &SLIDING);
        assert!(y.iter().all(|y| *y == f32::NEG_INFINITY) && places.iter().all(|place| *place == 0));
    }

    #[test]
    fn a_mean_is_of_the_image_alone() {
        assert_eq!(mean(&image(), &SLIDING), [2.0, -2.0, 3.5, -3.5, 6.5, -6.5, 8.0, -8.0]);
        let x = mean_backward(&[4.0, 0.0, 2.0, 0.0, 6.0, 0.0, 1.0, 0.0], &SLIDING);
        let first: Vec<f32> = x.iter().step_by(2).copied().collect();
        assert_eq!(first, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 1.0]);
    }
}
