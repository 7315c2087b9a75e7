//! Rows from schemas alone.
//!
//! Every value is a function of a seed, the names of its table and column, and the number of its row. So the same seed gives the
//! same rows on any number of threads and in chunks of any size, any part can be made without what comes before it, a key
//! need not be kept to be referred to, and changing one column leaves the others as they were.
//!
//! `plan` finds out once how each column is made, `make` makes rows by it, a batch and a column at a time; [`law`] has the
//! distributions, [`text`] what looks real, [`random`] and [`permutation`] the numbers all of it follows from. [`Generator`] is the whole, and [`output`]
//! writes its rows.
//!
//! Nothing here reads or writes a file; what a schema draws from files is handed in.

pub mod column;
mod fault;
mod generator;
mod inputs;
pub mod law;
mod make;
pub mod output;
pub mod permutation;
mod plan;
pub mod random;
pub mod rows;
pub mod text;

pub use fault::{Fault, Result};
pub use generator::{Generator, Options};
pub use inputs::{Inputs, NoInputs, Sources};
pub use make::{Gathered, aggregate_type, evaluate};
