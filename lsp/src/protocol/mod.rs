//! The loop that speaks to an editor: JSON-RPC over a pair of streams.
//!
//! `frames` reads and writes messages; [`serve()`] hands them, in their order, to `handlers`, which send what they
//! are told into `state`, the one thread that owns every document, before they wait for anything. `check` checks a
//! snapshot off that thread, and requests run on the last one. `files` are those a document uses. `client` is what the editor can do, `convert` turns
//! the answers of [`crate::ide`] into the protocol's types, and `stdio` runs it all as a process.

mod check;
mod client;
mod convert;
mod files;
mod frames;
mod handlers;
mod serve;
mod state;
mod stdio;

pub use check::Statistics;
pub use serve::{Ending, serve};
pub use stdio::{Options, run_stdio};
