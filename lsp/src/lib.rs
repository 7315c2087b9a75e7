//! The language server: [`ide`] answers questions about a checked file, as plain data on byte offsets; [`text`] turns
//! offsets into an editor's positions and back; [`protocol`] is the loop that speaks to the editor.
//!
//! [`run_stdio`] is all a command needs; [`serve`] runs the same over any pair of streams.

pub mod ide;
pub mod protocol;
pub mod text;

pub use protocol::{Ending, Options, Statistics, run_stdio, serve};
