//! Everything that computes: data, engines, training, and one file for each operation.
//!
//! Nothing here prints. Progress goes to a [`train::Watcher`], faults come back as values.

pub mod checkpoint;
pub mod data;
pub mod databases;
pub mod engine;
pub mod fetch;
pub mod files;
mod infer;
mod memory;
pub mod model;
pub mod operations;
pub mod report;
pub mod results;
pub mod sampling;
pub mod search;
pub mod signature;
pub mod tensor;
pub mod train;
pub mod validate;

pub use tensor::{Tensor, TensorData};
