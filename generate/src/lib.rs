//! Rows from schemas alone.
//!
//! Every value is a function of a seed, the names of its table and column, and the number of its row. So the same seed gives the
//! same rows on any number of threads and in chunks of any size, any part can be made without what comes before it, a key
//! need not be kept to be referred to, and changing one column leaves the others as they were.
//!
//! Nothing here reads or writes a file; what a schema draws from files is handed in.

pub mod output;
pub mod permutation;
pub mod random;
pub mod rows;
pub mod text;
