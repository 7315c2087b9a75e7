//! What turns a graph into another that computes the same.

mod fold;

pub use fold::fold;
