//! Everything that computes: data, engines, training, and one file for each operation.

pub mod files;
pub mod operations;
pub mod signature;
