//! Texts: where they are kept while a column is made.

mod column;

pub use column::Texts;
