//! What the tests of gradients go by: numbers that are no pattern, and a loss before and behind one of them.

/// So many numbers between -1 and 1.
pub(crate) fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0).collect()
}

/// The numbers, one of them moved.
pub(crate) fn moved(numbers: &[f32], place: usize, by: f32) -> Vec<f32> {
    let mut numbers = numbers.to_vec();
    numbers[place] += by;
    numbers
}
