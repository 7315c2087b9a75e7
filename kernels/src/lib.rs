//! What a step of training spends its time on, on plain numbers: several operations in one pass, in vectors, on every thread.
//!
//! Nothing here knows of an engine or a graph. Every sum is taken in an order that does not depend on the number of threads, so the numbers
//! of a run do not either.

pub mod activation;
pub mod adam;
pub mod attention;
pub mod batch_normalization;
pub mod convolution;
pub mod cross_entropy;
#[cfg(test)]
mod differences;
pub mod layer_normalization;
pub mod lstm;
pub mod math;
pub mod matrix;
pub mod pooling;
mod rows;
mod vectors;

pub use rows::{add, add_row, dot, dot_from, each_rows, each_rows_of_two, largest, sum, sum_of_rows, sum_rows};

use vectors::vectored;

/// How many threads may be used.
pub fn threads() -> usize {
    rayon::current_num_threads()
}
