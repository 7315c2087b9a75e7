//! Tree to checked program to IR, and the artifacts made of it.
//!
//! Nothing here reads files, computes tensors or knows an engine.

pub mod backend;
pub mod diagnostics;
pub mod ir;
pub mod plan;
pub mod weights;

pub use weights::{Weight, Weights};
