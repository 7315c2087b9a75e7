//! The loop that speaks to an editor: JSON-RPC over a pair of streams.
//!
//! `frames` reads and writes messages; [`serve()`] hands them, in their order, to `handlers`, which send what they
//! are told into `state`, the one thread that owns every document, before they wait for anything. `check` checks a
//! snapshot off that thread, and requests run on the last one: `requests` has one file for each, and `convert` what they
//! share of the protocol's types. `files` are those a document uses, `workspace` all of a project, and `library` what comes
//! with the compiler and is written to disk to be opened. `client` is what the editor can do, `settings` what the user has
//! set, `asks` what we ask the editor, `progress` what it is told of long work, and `stdio` runs it all as a
//! process.

mod asks;
mod check;
mod client;
mod convert;
mod files;
mod frames;
mod handlers;
mod library;
mod progress;
mod requests;
mod serve;
mod settings;
mod state;
mod stdio;
mod workspace;

pub use check::Statistics;
pub use serve::{Ending, serve};
pub use stdio::{Options, run_stdio};
