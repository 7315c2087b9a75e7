//! The `ndsl` binary, run as people run it.

mod command;
mod project;
mod readme;
