//! Attention of one head after the other: scores, their softmax and what is seen, without a tensor of scores that goes through memory
//! several times.

use rayon::prelude::*;

use super::math::exp;
use super::matrix::{Into, Matrix, Threads, multiply};
use super::{largest, sum, threads, vectored};

/// The sizes of an attention.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Rows of the batch.
    pub rows: usize,
    /// Heads of queries, keys and values alike.
    pub heads: usize,
    /// Places that look.
    pub queries: usize,
    /// Places that are looked at.
    pub keys: usize,
    /// Numbers of a query and a key.
    pub width: usize,
    /// Numbers of a value.
    pub values: usize,
}

/// `[rows, heads, places, numbers]` in memory as `[rows, places, heads, numbers]`, as a layer in front makes it, or as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Heads<'a> {
    /// The numbers.
    pub numbers: &'a [f32],
    /// From one row of the batch, one head and one place to the next.
    pub strides: [usize; 3],
}

impl<'a> Heads<'a> {
    /// One head of one row of the batch.
    fn matrix(self, sizes: Sizes, at: usize, places: usize, width: usize) -> Matrix<'a> {
        let [row, head, place] = self.strides;
        let start = (at / sizes.heads) * row + (at % sizes.heads) * head;
        Matrix::strided(self.numbers.get(start..).unwrap_or_default(), [places, width], [place, 1])
    }
}

/// What is done beside the softmax.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What scores are multiplied by.
    pub scale: f32,
    /// Whether a place sees only itself and those before it.
    pub causal: bool,
}

/// What is seen, `[rows, places, heads, values]` in memory, and the shares `[rows, heads, queries, keys]`.
pub fn forward(q: Heads<'_>, k: Heads<'_>, v: Heads<'_>, sizes: Sizes, settings: Settings) -> (Vec<f32>, Vec<f32>) {
    let Sizes { rows, heads, queries, keys, width, values } = sizes;
    let mut shares = vec![0.0; rows * heads * queries * keys];
    let mut seen = vec![0.0; rows * queries * heads * values];
    let of_row = |row: usize, shares: &mut [f32], seen: &mut [f32]| {
        for (head, shares) in shares.chunks_exact_mut((queries * keys).max(1)).enumerate() {
            let at = row * heads + head;
            let (q, k) = (q.matrix(sizes, at, queries, width), k.matrix(sizes, at, keys, width));
            multiply(shares, keys, q, k.transposed(), settings.scale, Into::Fresh, Threads::One);
            softmax(shares, keys, settings.causal);
            let v = v.matrix(sizes, at, keys, values);
            let shares = Matrix::new(shares, queries, keys);
            multiply(&mut seen[head * values..], heads * values, shares, v, 1.0, Into::Fresh, Threads::One);
        }
    };
    let parts = (heads * queries * keys, queries * heads * values);
    if parts.0 == 0 || parts.1 == 0 {
        return (seen, shares);
    }
    match threads() {
        1 => {
            let parts = shares.chunks_exact_mut(parts.0).zip(seen.chunks_exact_mut(parts.1)).enumerate();
            parts.for_each(|(row, (shares, seen))| of_row(row, shares, seen));
        }
        _ => {
            let parts = shares.par_chunks_exact_mut(parts.0).zip(seen.par_chunks_exact_mut(parts.1)).enumerate();
            parts.for_each(|(row, (shares, seen))| of_row(row, shares, seen));
        }
    }
    (seen, shares)
}

/// The gradients of queries, keys and values, each `[rows, places, heads, numbers]` in memory.
pub fn backward(
    gradient: Heads<'_>,
    shares: &[f32],
    [q, k, v]: [Heads<'_>; 3],
    sizes: Sizes,
    settings: Settings,
) -> [Vec<f32>; 3] {
    let Sizes { rows, heads, queries, keys, width, values } = sizes;
    let lengths = [queries * heads * width, keys * heads * width, keys * heads * values];
    let mut gradients = lengths.map(|length| vec![0.0; rows * length]);
    if lengths.contains(&0) {
        return gradients;
    }
    let of_row = |row: usize, [dq, dk, dv]: [&mut [f32]; 3]| {
        let mut scores = vec![0.0; queries * keys];
        for head in 0..heads {
            let at = row * heads + head;
            let own = &shares[at * queries * keys..(at + 1) * queries * keys];
            let given = gradient.matrix(sizes, at, queries, values);
            let weights = Matrix::new(own, queries, keys);
            let out = &mut dv[head * values..];
            multiply(out, heads * values, weights.transposed(), given, 1.0, Into::Fresh, Threads::One);
            let v = v.matrix(sizes, at, keys, values);
            multiply(&mut scores, keys, given, v.transposed(), 1.0, Into::Fresh, Threads::One);
            softmax_slope(&mut scores, own, keys);
            let scores = Matrix::new(&scores, queries, keys);
            let (q, k) = (q.matrix(sizes, at, queries, width), k.matrix(sizes, at, keys, width));
            let scale = settings.scale;
            multiply(&mut dq[head * width..], heads * width, scores, k, scale, Into::Fresh, Threads::One);
            multiply(&mut dk[head * width..], heads * width, scores.transposed(), q, scale, Into::Fresh, Threads::One);
        }
    };
    let [dq, dk, dv] = &mut gradients;
    match threads() {
        1 => {
            let parts = dq.chunks_exact_mut(lengths[0]).zip(dk.chunks_exact_mut(lengths[1]));
            let parts = parts.zip(dv.chunks_exact_mut(lengths[2])).enumerate();
            parts.for_each(|(row, ((dq, dk), dv))| of_row(row, [dq, dk, dv]));
        }
        _ => {
            let parts = dq.par_chunks_exact_mut(lengths[0]).zip(dk.par_chunks_exact_mut(lengths[1]));
            let parts = parts.zip(dv.par_chunks_exact_mut(lengths[2])).enumerate();
            parts.for_each(|(row, ((dq, dk), dv))| of_row(row, [dq, dk, dv]));
        }
    }
    gradients
}

vectored! {
    /// Scores to shares, row by row; of a causal one what comes later has none.
    fn softmax(scores: &mut [f32], keys: usize, causal: bool) {
        for (query, row) in scores.chunks_exact_mut(keys).enumerate() {
            let (row, later) = row.split_at_mut(if causal { (query + 1).min(keys) } else { keys });
            let most = largest(row);
            for score in row.iter_mut() {
                *score = exp(*score - most);
            }
            let factor = 1.0 / sum(row);
            for share in row.iter_mut() {
                *share *= factor;
            }
            later.fill(0.0);
        }
    }

    /// The gradient of shares to that of scores.
    fn softmax_slope(gradient: &mut [f32], shares: &[f32], keys: usize) {
        for (gradient, shares) in gradient.chunks_exact_mut(keys).zip(shares.chunks_exact(keys)) {
            let along = super::dot(gradient, shares);
            for (g, share) in gradient.iter_mut().zip(shares) {
                *g = *share * (*g - along);
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
        let sizes = Sizes { rows: 2, heads: 2, queries: 5, keys: 5, width: 3, values: 4 };
        let settings = Settings { scale: 0.7, causal: true };
        let (q, k, v, weight) = (numbers(60, 1), numbers(60, 2), numbers(80, 3), numbers(80, 4));
        fn of_width(numbers: &[f32]) -> Heads<'_> {
            Heads { numbers, strides: [30, 3, 6] }
        }
        fn of_values(numbers: &[f32]) -> Heads<'_> {
            Heads { numbers, strides: [40, 4, 8] }
        }
        let loss = |q: &[f32], k: &[f32], v: &[f32]| -> f64 {
            let (seen, _) = forward(of_width(q), of_width(k), of_values(v), sizes, settings);
            seen.iter().zip(&weight).map(|(y, w)| f64::from(*y) * f64::from(*w)).sum()
        };
        let (_, shares) = forward(of_width(&q), of_width(&k), of_values(&v), sizes, settings);
        assert!(shares[..5].iter().zip([1.0, 0.0, 0.0, 0.0, 0.0]).all(|(share, wanted)| *share == wanted));
        let read = [of_width(&q), of_width(&k), of_values(&v)];
        let [dq, dk, dv] = backward(of_values(&weight), &shares, read, sizes, settings);
        let near = |found: f32, [below, above]: [f64; 2]| (f64::from(found) - (above - below) / 2e-2).abs() < 1e-3;
        for place in 0..60 {
            assert!(near(dq[place], [-1e-2, 1e-2].map(|by| loss(&moved(&q, place, by), &k, &v))));
            assert!(near(dk[place], [-1e-2, 1e-2].map(|by| loss(&q, &moved(&k, place, by), &v))));
        }
        for (place, dv) in dv.iter().enumerate() {
            assert!(near(*dv, [-1e-2, 1e-2].map(|by| loss(&q, &k, &moved(&v, place, by)))));
        }
    }
}
