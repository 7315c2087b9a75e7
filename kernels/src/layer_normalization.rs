//! Each row to mean 0 and variance 1, or by the root of the mean of its squares, then scaled and moved by learnt numbers.

use super::{each_rows, each_rows_of_two, sum, sum_rows, vectored};

/// What is normalised, and how.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Numbers of a row.
    pub width: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether the mean is taken away first.
    pub centred: bool,
}

/// What comes out, and two numbers for each row that its gradient needs: the mean, and one over the deviation.
pub fn forward(x: &[f32], scale: Option<&[f32]>, offset: Option<&[f32]>, settings: Settings) -> (Vec<f32>, Vec<f32>) {
    let width = settings.width;
    let mut y = vec![0.0; x.len()];
    let mut statistics = vec![0.0; x.len() / width.max(1) * 2];
    each_rows_of_two([&mut y, &mut statistics], [width, 2], 2 * width, |from, y, statistics| {
        forward_rows(
            &x[from * width..],
            scale.unwrap_or_default(),
            offset.unwrap_or_default(),
            settings,
            y,
            statistics,
        );
    });
    (y, statistics)
}

/// The gradient of `x`, which takes the place of that of `y`; before it those of the scale and the offset, where they are wanted.
pub fn backward(
    gradient: &mut [f32],
    x: &[f32],
    statistics: &[f32],
    scale: Option<&[f32]>,
    settings: Settings,
    learnt: bool,
) -> Option<[Vec<f32>; 2]> {
    let width = settings.width;
    let learnt = learnt.then(|| {
        let given: &[f32] = gradient;
        let both = sum_rows(x.len() / width.max(1), 2 * width, 2 * width, |rows, sums| {
            let part = rows.start * width..rows.end * width;
            learnt_rows(&given[part.clone()], &x[part], &statistics[2 * rows.start..], width, sums);
        });
        let (scale, offset) = both.split_at(width);
        [scale.to_vec(), offset.to_vec()]
    });
    each_rows(gradient, width, 3 * width, |from, gradient| {
        backward_rows(gradient, &x[from * width..], &statistics[2 * from..], scale.unwrap_or_default(), settings);
    });
    learnt
}

vectored! {
    fn forward_rows(
        x: &[f32],
        scale: &[f32],
        offset: &[f32],
        settings: Settings,
        y: &mut [f32],
        statistics: &mut [f32],
    ) {
        let Settings { width, epsilon, centred } = settings;
        let share = 1.0 / width as f32;
        let rows = x.chunks_exact(width).zip(y.chunks_exact_mut(width));
        for ((x, y), kept) in rows.zip(statistics.as_chunks_mut::<2>().0) {
            let mean = if centred { sum(x) * share } else { 0.0 };
            for (y, x) in y.iter_mut().zip(x) {
                *y = *x - mean;
            }
            let variance = super::dot(y, y) * share;
            let inverse = 1.0 / (variance + epsilon).sqrt();
            *kept = [mean, inverse];
            if scale.is_empty() {
                for y in y.iter_mut() {
                    *y *= inverse;
                }
            } else {
                for (y, scale) in y.iter_mut().zip(scale) {
                    *y *= inverse * *scale;
                }
            }
            super::add_row(y, offset);
        }
    }

    fn learnt_rows(gradient: &[f32], x: &[f32], statistics: &[f32], width: usize, sums: &mut [f32]) {
        let (scale, offset) = sums.split_at_mut(width);
        let rows = gradient.chunks_exact(width).zip(x.chunks_exact(width));
        for ((gradient, x), [mean, inverse]) in rows.zip(statistics.as_chunks::<2>().0) {
            for ((scale, g), x) in scale.iter_mut().zip(gradient).zip(x) {
                *scale += *g * ((*x - *mean) * *inverse);
            }
            super::add_row(offset, gradient);
        }
    }

    fn backward_rows(gradient: &mut [f32], x: &[f32], statistics: &[f32], scale: &[f32], settings: Settings) {
        let Settings { width, centred, .. } = settings;
        let share = 1.0 / width as f32;
        let rows = gradient.chunks_exact_mut(width).zip(x.chunks_exact(width));
        for ((gradient, x), [mean, inverse]) in rows.zip(statistics.as_chunks::<2>().0) {
            for (g, scale) in gradient.iter_mut().zip(scale) {
                *g *= *scale;
            }
            let middle = if centred { sum(gradient) * share } else { 0.0 };
            // The mean of the gradient times what is normalised.
            let along = super::dot_from(gradient, x, *mean) * *inverse * share;
            for (g, x) in gradient.iter_mut().zip(x) {
                let normal = (*x - *mean) * *inverse;
                *g = *inverse * (*g - middle - normal * along);
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
        for (centred, learnt) in [(true, true), (false, true), (true, false)] {
            let settings = Settings { width: 19, epsilon: 1e-3, centred };
            let (x, weight) = (numbers(57, 1), numbers(57, 2));
            let (scale, offset) = (numbers(19, 3), numbers(19, 4));
            let (scale, offset) = (learnt.then_some(&scale[..]), learnt.then_some(&offset[..]));
            let loss = |x: &[f32], scale: Option<&[f32]>, offset: Option<&[f32]>| -> f64 {
                let y = forward(x, scale, offset, settings).0;
                y.iter().zip(&weight).map(|(y, w)| f64::from(*y) * f64::from(*w)).sum()
            };
            let statistics = forward(&x, scale, offset, settings).1;
            let mut gradient = weight.clone();
            let of_learnt = backward(&mut gradient, &x, &statistics, scale, settings, learnt);
            for (place, found) in gradient.iter().enumerate() {
                let [below, above] = [-1e-2, 1e-2].map(|by| loss(&moved(&x, place, by), scale, offset));
                let difference = ((above - below) / 2e-2) as f32;
                assert!((found - difference).abs() < 2e-3 * (1.0 + difference.abs()), "{place}");
            }
            let Some([of_scale, of_offset]) = of_learnt else { continue };
            let (scale, offset) = (scale.unwrap_or_default(), offset.unwrap_or_default());
            for place in 0..19 {
                let [below, above] = [-1e-2, 1e-2].map(|by| loss(&x, Some(&moved(scale, place, by)), Some(offset)));
                assert!((of_scale[place] - ((above - below) / 2e-2) as f32).abs() < 1e-3);
                let [below, above] = [-1e-2, 1e-2].map(|by| loss(&x, Some(scale), Some(&moved(offset, place, by))));
                assert!((of_offset[place] - ((above - below) / 2e-2) as f32).abs() < 1e-3);
            }
        }
    }
}
