//! Rows of numbers: how they are shared among threads, and what is made of one.

use rayon::prelude::*;

use super::{threads, vectored};

/// So many numbers are worth another thread.
const SHARE: usize = 1 << 14;

/// Has `work` fill every row of `width` numbers of `out`, several rows at a time: it is given the number of the first and the rows.
/// `cost` is how many numbers a row is worth in work.
pub fn each_rows(out: &mut [f32], width: usize, cost: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let width = width.max(1);
    let rows = (SHARE / cost.max(1)).max(1);
    if threads() == 1 || out.len() / width <= rows {
        return work(0, out);
    }
    out.par_chunks_mut(rows * width).enumerate().for_each(|(at, part)| work(at * rows, part));
}

/// The same for two outputs of as many rows.
pub fn each_rows_of_two(
    [a, b]: [&mut [f32]; 2],
    widths: [usize; 2],
    cost: usize,
    work: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
) {
    let [first, second] = widths.map(|width| width.max(1));
    let rows = (SHARE / cost.max(1)).max(1);
    if threads() == 1 || a.len() / first <= rows {
        return work(0, a, b);
    }
    let parts = a.par_chunks_mut(rows * first).zip(b.par_chunks_mut(rows * second)).enumerate();
    parts.for_each(|(at, (a, b))| work(at * rows, a, b));
}

/// Sums over rows: `add` adds what rows `from..to` give to `sums`. The rows are split where their number says, never where threads do.
pub fn sum_rows(
    rows: usize,
    width: usize,
    cost: usize,
    add: impl Fn(std::ops::Range<usize>, &mut [f32]) + Sync,
) -> Vec<f32> {
    /// More parts take more memory than they save time.
    const PARTS: usize = 16;
    let parts = (rows.saturating_mul(cost) / SHARE).clamp(1, PARTS).min(rows.max(1));
    let each = rows.div_ceil(parts).max(1);
    let part = |at: usize| {
        let mut sums = vec![0.0; width];
        add((at * each).min(rows)..((at + 1) * each).min(rows), &mut sums);
        sums
    };
    if threads() == 1 {
        // The same sums, without the memory for all of them at a time.
        let mut sums = part(0);
        (1..parts).for_each(|at| add_row(&mut sums, &part(at)));
        return sums;
    }
    let partial: Vec<Vec<f32>> = (0..parts).into_par_iter().map(part).collect();
    let mut partial = partial.into_iter();
    let mut sums = partial.next().unwrap_or_default();
    partial.for_each(|more| add_row(&mut sums, &more));
    sums
}

vectored! {
    /// Adds the rows of a matrix of `width` columns to sums.
    fn add_rows(numbers: &[f32], width: usize, sums: &mut [f32]) {
        for row in numbers.chunks_exact(width.max(1)) {
            add_row(sums, row);
        }
    }
}

/// Adds `more` to `numbers`, element by element.
pub fn add(numbers: &mut [f32], more: &[f32]) {
    each_rows(numbers, 1, 1, |from, part| add_rows(&more[from..from + part.len()], part.len(), part));
}

/// The sum of the rows of a matrix of `width` columns.
pub fn sum_of_rows(numbers: &[f32], width: usize) -> Vec<f32> {
    let width = width.max(1);
    let part = |rows: std::ops::Range<usize>, sums: &mut [f32]| {
        add_rows(&numbers[rows.start * width..rows.end * width], width, sums);
    };
    sum_rows(numbers.len() / width, width, width, part)
}

/// Adds a row to sums.
#[inline(always)]
pub fn add_row(sums: &mut [f32], row: &[f32]) {
    for (sum, number) in sums.iter_mut().zip(row) {
        *sum += number;
    }
}

/// Sums side by side, of which one vector or several are made.
const LANES: usize = 16;

/// The sum of products of two rows.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    dot_from(a, b, 0.0)
}

/// The sum of products of a row and another less `middle`.
#[inline(always)]
pub fn dot_from(a: &[f32], b: &[f32], middle: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a_whole, a_rest) = a.as_chunks::<LANES>();
    let (b_whole, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_whole.iter().zip(b_whole) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * (b - middle);
        }
    }
    let mut all = folded(lanes);
    for (a, b) in a_rest.iter().zip(b_rest) {
        all += a * (b - middle);
    }
    all
}

/// The sum of a row.
#[inline(always)]
pub fn sum(row: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (whole, rest) = row.as_chunks::<LANES>();
    for part in whole {
        for (lane, number) in lanes.iter_mut().zip(part) {
            *lane += number;
        }
    }
    let mut all = folded(lanes);
    for number in rest {
        all += number;
    }
    all
}

/// The sum of the lanes, by halves.
#[inline(always)]
fn folded(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        let (low, high) = lanes.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
        half /= 2;
    }
    lanes[0]
}

/// The largest number of a row; negative infinity of none.
#[inline(always)]
pub fn largest(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (whole, rest) = row.as_chunks::<LANES>();
    for part in whole {
        for (lane, number) in lanes.iter_mut().zip(part) {
            // A comparison rather than `max`, which takes more instructions for the sake of what is no number.
            *lane = if *number > *lane { *number } else { *lane };
        }
    }
    let mut most = f32::NEG_INFINITY;
    for number in lanes.iter().chain(rest) {
        most = if *number > most { *number } else { most };
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_threads() {
        let numbers: Vec<f32> = (0..300_000usize).map(|at| ((at * 7919) % 1013) as f32 * 1e-3 - 0.5).collect();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| sum_of_rows(&numbers, 30))
        };
        let one = with(1);
        assert_eq!(one, with(3));
        let column = |c: usize| numbers.iter().skip(c).step_by(30).map(|x| f64::from(*x)).sum::<f64>();
        assert!((0..30).all(|c| (f64::from(one[c]) - column(c)).abs() < 1e-2), "{one:?}");
    }

    #[test]
    fn rows_are_reduced_whatever_their_length() {
        for length in [0, 1, 15, 16, 17, 100] {
            let row: Vec<f32> = (0..length).map(|at| at as f32 - 3.0).collect();
            assert_eq!(sum(&row), row.iter().sum::<f32>());
            assert_eq!(dot(&row, &row), row.iter().map(|x| x * x).sum::<f32>());
            assert_eq!(largest(&row), row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
