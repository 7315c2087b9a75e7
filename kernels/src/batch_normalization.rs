//! Each channel to the mean 0 and the variance 1 of a batch, channels last.

use super::{each_rows, sum_rows, vectored};

/// What a batch's own numbers are, channel by channel.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// The mean.
    pub mean: Vec<f32>,
    /// The variance, biased.
    pub variance: Vec<f32>,
}

/// The mean and the variance of each channel, in two passes, so that a large mean costs no accuracy.
pub fn statistics(x: &[f32], channels: usize) -> Statistics {
    let rows = x.len() / channels.max(1);
    let share = 1.0 / rows.max(1) as f32;
    let mut mean = super::sum_of_rows(x, channels);
    mean.iter_mut().for_each(|mean| *mean *= share);
    let mut variance = sum_rows(rows, channels, channels, |rows, sums| {
        squares(&x[rows.start * channels..rows.end * channels], &mean, sums);
    });
    variance.iter_mut().for_each(|variance| *variance *= share);
    Statistics { mean, variance }
}

/// `(x - mean) / sqrt(variance + epsilon) · scale + offset`.
pub fn forward(x: &[f32], scale: &[f32], offset: &[f32], of: &Statistics, epsilon: f32) -> Vec<f32> {
    let factor: Vec<f32> = scale.iter().zip(inverse(of, epsilon)).map(|(scale, inverse)| scale * inverse).collect();
    let moved: Vec<f32> = offset.iter().zip(&factor).zip(&of.mean).map(|((b, factor), m)| b - m * factor).collect();
    let mut y = vec![0.0; x.len()];
    each_rows(&mut y, scale.len(), scale.len(), |from, y| line(&x[from * scale.len()..], &factor, &moved, y));
    y
}

/// One over the deviations.
fn inverse(of: &Statistics, epsilon: f32) -> impl Iterator<Item = f32> {
    of.variance.iter().map(move |variance| 1.0 / (variance + epsilon).sqrt())
}

/// The gradient of `x` takes the place of that of what came out; answers those of the scale and the offset.
pub fn backward(gradient: &mut [f32], x: &[f32], scale: &[f32], of: &Statistics, epsilon: f32) -> [Vec<f32>; 2] {
    let channels = scale.len();
    let rows = x.len() / channels.max(1);
    let given: &[f32] = gradient;
    let both = sum_rows(rows, 2 * channels, 2 * channels, |rows, sums| {
        let part = rows.start * channels..rows.end * channels;
        along(&given[part.clone()], &x[part], &of.mean, sums);
    });
    let (products, sums) = both.split_at(channels);
    let of_scale: Vec<f32> = products.iter().zip(inverse(of, epsilon)).map(|(sum, inverse)| sum * inverse).collect();
    // The gradient of `x` is a sum of three: `a g + b x + c`, with the numbers of its channel.
    let share = 1.0 / rows.max(1) as f32;
    let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
    for (channel, inverse) in inverse(of, epsilon).enumerate() {
        let factor = scale[channel] * inverse;
        let slope = -factor * inverse * of_scale[channel] * share;
        a.push(factor);
        b.push(slope);
        c.push(-factor * sums[channel] * share - slope * of.mean[channel]);
    }
    each_rows(gradient, channels, 2 * channels, |from, gradient| three(gradient, &x[from * channels..], &a, &b, &c));
    [of_scale, sums.to_vec()]
}

vectored! {
    fn squares(x: &[f32], mean: &[f32], sums: &mut [f32]) {
        for row in x.chunks_exact(mean.len()) {
            for ((sum, x), mean) in sums.iter_mut().zip(row).zip(mean) {
                let apart = *x - *mean;
                *sum += apart * apart;
            }
        }
    }

    fn line(x: &[f32], factor: &[f32], moved: &[f32], y: &mut [f32]) {
        for (y, x) in y.chunks_exact_mut(factor.len()).zip(x.chunks_exact(factor.len())) {
            for (((y, x), factor), moved) in y.iter_mut().zip(x).zip(factor).zip(moved) {
                *y = *x * *factor + *moved;
            }
        }
    }

    /// Of each channel the sum of the gradient times what is apart from the mean, and behind them the sums of the gradient.
    fn along(gradient: &[f32], x: &[f32], mean: &[f32], sums: &mut [f32]) {
        let (products, sums) = sums.split_at_mut(mean.len());
        for (gradient, x) in gradient.chunks_exact(mean.len()).zip(x.chunks_exact(mean.len())) {
            let each = products.iter_mut().zip(sums.iter_mut());
            for ((((product, sum), g), x), mean) in each.zip(gradient).zip(x).zip(mean) {
                *product += *g * (*x - *mean);
                *sum += *g;
            }
        }
    }

    fn three(gradient: &mut [f32], x: &[f32], a: &[f32], b: &[f32], c: &[f32]) {
        for (gradient, x) in gradient.chunks_exact_mut(a.len()).zip(x.chunks_exact(a.len())) {
            for ((((g, x), a), b), c) in gradient.iter_mut().zip(x).zip(a).zip(b).zip(c) {
                *g = *a * *g + *b * *x + *c;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differences::{moved, numbers};

    #[test]
    fn gradients_are_what_differences_say() {
        let (x, weight, scale, offset) = (numbers(60, 1), numbers(60, 2), numbers(5, 3), numbers(5, 4));
        let loss = |x: &[f32], scale: &[f32]| -> f64 {
            let y = forward(x, scale, &offset, &statistics(x, 5), 1e-3);
            y.iter().zip(&weight).map(|(y, w)| f64::from(*y) * f64::from(*w)).sum()
        };
        let mut gradient = weight.clone();
        let [of_scale, of_offset] = backward(&mut gradient, &x, &scale, &statistics(&x, 5), 1e-3);
        for (place, found) in gradient.iter().enumerate() {
            let [below, above] = [-1e-2, 1e-2].map(|by| loss(&moved(&x, place, by), &scale));
            let difference = ((above - below) / 2e-2) as f32;
            assert!((found - difference).abs() < 1e-3, "{place}: {found} and {difference}");
        }
        for place in 0..5 {
            let [below, above] = [-1e-2, 1e-2].map(|by| loss(&x, &moved(&scale, place, by)));
            assert!((of_scale[place] - ((above - below) / 2e-2) as f32).abs() < 1e-3);
            let sum: f32 = weight.iter().skip(place).step_by(5).sum();
            assert!((of_offset[place] - sum).abs() < 1e-4);
        }
    }
}
