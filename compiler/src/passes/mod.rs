//! What turns a graph into another that computes the same, or a part of the same.

mod at_the_end;
mod fold;

pub use at_the_end::at_the_end;
pub use fold::fold;
