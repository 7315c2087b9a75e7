//! Convolutions of images whose channels are last, as products of matrices: the windows of some images, one a row, times the weights.
//!
//! Windows are laid out for as many images at a time as make a product worth while, so they take little memory and stay in the caches; the
//! gradient of the weights lays them out once more rather than keep them.

use rayon::prelude::*;

use super::matrix::{Into, Matrix, Threads, multiply};
use super::{sum_of_rows, threads, vectored};

/// Rows of windows that make a product worth while.
const WINDOWS: usize = 512;

/// Sums of gradients side by side, at the most; each takes the memory of the weights.
const PARTS: usize = 8;

/// An image and the windows that slide over it; of its two axes the vertical one is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// The image, without padding.
    pub image: [usize; 2],
    /// Numbers of a place.
    pub channels: usize,
    /// Places of a window.
    pub window: [usize; 2],
    /// From one window to the next.
    pub strides: [usize; 2],
    /// From one place of a window to the next.
    pub dilation: [usize; 2],
    /// Places of zeros before and after each axis.
    pub padding: [(usize, usize); 2],
}

impl Sliding {
    /// How many windows there are along each axis; none where the image is too small for one.
    pub fn windows(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let whole = self.image[axis] + self.padding[axis].0 + self.padding[axis].1;
            let reach = (self.window[axis].max(1) - 1) * self.dilation[axis] + 1;
            whole.checked_sub(reach).map_or(0, |left| left / self.strides[axis].max(1) + 1)
        })
    }

    /// Numbers of an image.
    pub fn image_size(&self) -> usize {
        self.image[0] * self.image[1] * self.channels
    }

    /// Windows of an image.
    pub fn count(&self) -> usize {
        let [down, right] = self.windows();
        down * right
    }

    /// Numbers of a window.
    pub fn window_size(&self) -> usize {
        self.window[0] * self.window[1] * self.channels
    }

    /// Whether the windows of an image are the image itself.
    fn is_places(&self) -> bool {
        self.window == [1, 1] && self.strides == [1, 1] && self.padding == [(0, 0); 2]
    }

    /// Images whose windows are laid out at a time. It does not depend on the threads, as the order of sums follows from it.
    fn together(&self) -> usize {
        WINDOWS.div_ceil(self.count().max(1)).max(1)
    }

    /// Where a window starts along an axis, and which of its places are in the image.
    #[inline(always)]
    pub(super) fn seen(&self, axis: usize, at: usize) -> (isize, std::ops::Range<usize>) {
        let start = (at * self.strides[axis]) as isize - self.padding[axis].0 as isize;
        let step = self.dilation[axis] as isize;
        let end = self.image[axis] as isize;
        let first = if start < 0 { ((-start + step - 1) / step) as usize } else { 0 };
        let past = if end > start { ((end - start + step - 1) / step) as usize } else { 0 };
        let past = past.min(self.window[axis]);
        (start, first.min(past)..past)
    }
}

/// `[images, down, right, filters]` of `x [images, height, width, channels]` and `weight [window, channels, filters]`.
pub fn forward(x: &[f32], weight: &[f32], bias: Option<&[f32]>, sliding: &Sliding, filters: usize) -> Vec<f32> {
    let (image, windows, window) = (sliding.image_size(), sliding.count(), sliding.window_size());
    let images = x.len() / image.max(1);
    let mut y = match bias {
        Some(bias) => bias.repeat(images * windows),
        None => vec![0.0; images * windows * filters],
    };
    let into = if bias.is_some() { Into::Sum } else { Into::Fresh };
    let weight = Matrix::new(weight, window, filters);
    if sliding.is_places() {
        multiply(&mut y, filters, Matrix::new(x, images * windows, window), weight, 1.0, into, Threads::All);
        return y;
    }
    let together = sliding.together();
    let of_some = |x: &[f32], y: &mut [f32], laid: &mut Vec<f32>, threads: Threads| {
        lay_out(x, sliding, laid);
        multiply(y, filters, Matrix::new(laid, y.len() / filters.max(1), window), weight, 1.0, into, threads);
    };
    let (from, to) = ((together * image).max(1), (together * windows * filters).max(1));
    if threads() > 1 && images.div_ceil(together) >= threads() {
        let parts = x.par_chunks(from).zip(y.par_chunks_mut(to));
        parts.for_each_init(Vec::new, |laid, (x, y)| of_some(x, y, laid, Threads::One));
    } else {
        let mut laid = Vec::new();
        x.chunks(from).zip(y.chunks_mut(to)).for_each(|(x, y)| of_some(x, y, &mut laid, Threads::All));
    }
    y
}

/// The gradient of what went in.
pub fn backward_input(gradient: &[f32], weight: &[f32], sliding: &Sliding, filters: usize) -> Vec<f32> {
    let (image, windows, window) = (sliding.image_size(), sliding.count(), sliding.window_size());
    let images = gradient.len() / (windows * filters).max(1);
    let mut x = vec![0.0; images * image];
    let weight = Matrix::new(weight, window, filters).transposed();
    if sliding.is_places() {
        let gradient = Matrix::new(gradient, images * windows, filters);
        multiply(&mut x, window, gradient, weight, 1.0, Into::Fresh, Threads::All);
        return x;
    }
    let together = sliding.together();
    let of_some = |gradient: &[f32], x: &mut [f32], laid: &mut Vec<f32>, threads: Threads| {
        let rows = gradient.len() / filters.max(1);
        laid.resize(rows * window, 0.0);
        multiply(laid, window, Matrix::new(gradient, rows, filters), weight, 1.0, Into::Fresh, threads);
        gather(laid, sliding, x);
    };
    let (from, to) = ((together * windows * filters).max(1), (together * image).max(1));
    if threads() > 1 && images.div_ceil(together) >= threads() {
        let parts = gradient.par_chunks(from).zip(x.par_chunks_mut(to));
        parts.for_each_init(Vec::new, |laid, (gradient, x)| of_some(gradient, x, laid, Threads::One));
    } else {
        let mut laid = Vec::new();
        let parts = gradient.chunks(from).zip(x.chunks_mut(to));
        parts.for_each(|(gradient, x)| of_some(gradient, x, &mut laid, Threads::All));
    }
    x
}

/// The gradients of the weights and of the bias.
pub fn backward_weight(gradient: &[f32], x: &[f32], sliding: &Sliding, filters: usize) -> [Vec<f32>; 2] {
    let (image, windows, window) = (sliding.image_size(), sliding.count(), sliding.window_size());
    let images = x.len() / image.max(1);
    let of_bias = sum_of_rows(gradient, filters);
    if sliding.is_places() {
        let (x, rows) = (Matrix::new(x, images * windows, window), images * windows);
        let weight = super::matrix::product(x.transposed(), Matrix::new(gradient, rows, filters), Threads::All);
        return [weight, of_bias];
    }
    let together = sliding.together();
    let groups = images.div_ceil(together).max(1);
    let parts = groups.min(PARTS);
    let each = groups.div_ceil(parts) * together;
    let of_part = |at: usize, threads: Threads| {
        let images = (at * each).min(images)..((at + 1) * each).min(images);
        let mut weight = vec![0.0; window * filters];
        let mut laid = Vec::new();
        let x = x[images.start * image..images.end * image].chunks((together * image).max(1));
        let gradient = &gradient[images.start * windows * filters..images.end * windows * filters];
        let gradients = gradient.chunks((together * windows * filters).max(1));
        for (x, gradient) in x.zip(gradients) {
            lay_out(x, sliding, &mut laid);
            let rows = gradient.len() / filters.max(1);
            let laid = Matrix::new(&laid, rows, window).transposed();
            multiply(&mut weight, filters, laid, Matrix::new(gradient, rows, filters), 1.0, Into::Sum, threads);
        }
        weight
    };
    let add = |mut sums: Vec<f32>, more: Vec<f32>| {
        super::add(&mut sums, &more);
        sums
    };
    let weight = if threads() > 1 && parts >= threads() {
        let all: Vec<Vec<f32>> = (0..parts).into_par_iter().map(|at| of_part(at, Threads::One)).collect();
        all.into_iter().reduce(add)
    } else {
        (0..parts).map(|at| of_part(at, Threads::All)).reduce(add)
    };
    [weight.unwrap_or_default(), of_bias]
}

/// The windows of images, a row each, with zeros where they reach beyond.
fn lay_out(x: &[f32], sliding: &Sliding, laid: &mut Vec<f32>) {
    let images = x.len() / sliding.image_size().max(1);
    laid.resize(images * sliding.count() * sliding.window_size(), 0.0);
    write_windows(x, sliding, laid);
}

vectored! {
    fn write_windows(x: &[f32], sliding: &Sliding, laid: &mut [f32]) {
        let (channels, [_, width], [tall, wide]) = (sliding.channels, sliding.image, sliding.window);
        let [down, right] = sliding.windows();
        let line = wide * channels;
        let mut rows = laid.chunks_exact_mut((tall * line).max(1));
        for image in x.chunks_exact(sliding.image_size().max(1)) {
            for top in 0..down {
                let (start_y, seen_y) = sliding.seen(0, top);
                for left in 0..right {
                    let Some(row) = rows.next() else { return };
                    let (start_x, seen_x) = sliding.seen(1, left);
                    let is_whole = seen_y.len() == tall && seen_x.len() == wide;
                    if !is_whole {
                        row.fill(0.0);
                    }
                    if seen_x.is_empty() {
                        continue;
                    }
                    for y in seen_y.clone() {
                        let above = (start_y + (y * sliding.dilation[0]) as isize) as usize * width;
                        let to = &mut row[y * line..(y + 1) * line];
                        if sliding.dilation[1] == 1 {
                            let from = (above as isize + start_x + seen_x.start as isize) as usize * channels;
                            let to = &mut to[seen_x.start * channels..seen_x.end * channels];
                            let length = to.len();
                            to.copy_from_slice(&image[from..from + length]);
                        } else {
                            for x in seen_x.clone() {
                                let from = above + (start_x + (x * sliding.dilation[1]) as isize) as usize;
                                let to = &mut to[x * channels..(x + 1) * channels];
                                to.copy_from_slice(&image[from * channels..(from + 1) * channels]);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Adds every number of every window to the place it is of.
    fn gather(laid: &[f32], sliding: &Sliding, x: &mut [f32]) {
        let (channels, [_, width], [tall, wide]) = (sliding.channels, sliding.image, sliding.window);
        let [down, right] = sliding.windows();
        let line = wide * channels;
        let mut rows = laid.chunks_exact((tall * line).max(1));
        for image in x.chunks_exact_mut(sliding.image_size().max(1)) {
            for top in 0..down {
                let (start_y, seen_y) = sliding.seen(0, top);
                for left in 0..right {
                    let Some(row) = rows.next() else { return };
                    let (start_x, seen_x) = sliding.seen(1, left);
                    if seen_x.is_empty() {
                        continue;
                    }
                    for y in seen_y.clone() {
                        let above = (start_y + (y * sliding.dilation[0]) as isize) as usize * width;
                        let from = &row[y * line..(y + 1) * line];
                        if sliding.dilation[1] == 1 {
                            let to = (above as isize + start_x + seen_x.start as isize) as usize * channels;
                            let from = &from[seen_x.start * channels..seen_x.end * channels];
                            super::add_row(&mut image[to..to + from.len()], from);
                        } else {
                            for x in seen_x.clone() {
                                let to = above + (start_x + (x * sliding.dilation[1]) as isize) as usize;
                                let from = &from[x * channels..(x + 1) * channels];
                                super::add_row(&mut image[to * channels..(to + 1) * channels], from);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differences::numbers;

    /// Place by place, as it is defined.
    fn plainly(x: &[f32], weight: &[f32], s: &Sliding, filters: usize) -> Vec<f64> {
        let [down, right] = s.windows();
        let mut y = Vec::new();
        for image in x.chunks_exact(s.image_size()) {
            for place in 0..down * right {
                for filter in 0..filters {
                    let mut sum = 0.0;
                    for window in 0..s.window[0] * s.window[1] {
                        let row = (place / right * s.strides[0] + window / s.window[1] * s.dilation[0])
                            .checked_sub(s.padding[0].0);
                        let column = (place % right * s.strides[1] + window % s.window[1] * s.dilation[1])
                            .checked_sub(s.padding[1].0);
                        let (Some(row), Some(column)) = (row, column) else { continue };
                        if row >= s.image[0] || column >= s.image[1] {
                            continue;
                        }
                        for channel in 0..s.channels {
                            let x = image[(row * s.image[1] + column) * s.channels + channel];
                            sum += f64::from(x) * f64::from(weight[(window * s.channels + channel) * filters + filter]);
                        }
                    }
                    y.push(sum);
                }
            }
        }
        y
    }

    #[test]
    fn windows_slide_as_they_should() {
        let plain = Sliding {
            image: [5, 6],
            channels: 3,
            window: [3, 2],
            strides: [1, 1],
            dilation: [1, 1],
            padding: [(0, 0); 2],
        };
        let cases = [
            plain,
            Sliding { padding: [(1, 2), (0, 1)], strides: [2, 1], ..plain },
            Sliding { dilation: [2, 2], padding: [(1, 1), (2, 0)], ..plain },
            Sliding { window: [1, 1], ..plain },
            Sliding { window: [1, 1], strides: [2, 2], ..plain },
            // Windows that lie in the padding altogether.
            Sliding { window: [1, 2], padding: [(2, 2), (3, 3)], ..plain },
        ];
        for sliding in cases {
            let (images, filters) = (3, 4);
            let x = numbers(images * sliding.image_size(), 1);
            let weight = numbers(sliding.window_size() * filters, 2);
            let bias = numbers(filters, 3);
            let y = forward(&x, &weight, Some(&bias), &sliding, filters);
            let wanted = plainly(&x, &weight, &sliding, filters);
            assert_eq!(y.len(), wanted.len(), "{sliding:?}");
            for (place, (y, wanted)) in y.iter().zip(&wanted).enumerate() {
                let wanted = wanted + f64::from(bias[place % filters]);
                assert!((f64::from(*y) - wanted).abs() < 1e-5, "{sliding:?}: {y} and {wanted}");
            }
            // It is linear in each of the two, so a gradient along any direction is the outcome of that direction.
            let gradient = numbers(y.len(), 4);
            let along = |y: &[f64]| y.iter().zip(&gradient).map(|(y, g)| y * f64::from(*g)).sum::<f64>();
            let product =
                |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
            let direction = numbers(x.len(), 5);
            let of_x = product(&backward_input(&gradient, &weight, &sliding, filters), &direction);
            assert!((of_x - along(&plainly(&direction, &weight, &sliding, filters))).abs() < 1e-3, "{sliding:?}");
            let direction = numbers(weight.len(), 6);
            let [of_weight, of_bias] = backward_weight(&gradient, &x, &sliding, filters);
            let of_weight = product(&of_weight, &direction);
            assert!((of_weight - along(&plainly(&x, &direction, &sliding, filters))).abs() < 1e-3, "{sliding:?}");
            let sum: f32 = gradient.iter().step_by(filters).sum();
            assert!((of_bias[0] - sum).abs() < 1e-4);
        }
    }

    #[test]
    fn numbers_do_not_depend_on_threads() {
        let sliding = Sliding {
            image: [12, 12],
            channels: 8,
            window: [3, 3],
            strides: [1, 1],
            dilation: [1, 1],
            padding: [(1, 1); 2],
        };
        let (x, weight) = (numbers(40 * sliding.image_size(), 1), numbers(72 * 16, 2));
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| {
                let y = forward(&x, &weight, None, &sliding, 16);
                (backward_input(&y, &weight, &sliding, 16), backward_weight(&y, &x, &sliding, 16))
            })
        };
        assert_eq!(with(1), with(3));
    }
}
