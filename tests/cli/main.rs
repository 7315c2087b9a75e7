//! The `ndsl` binary, run as people run it.

mod check;
mod command;
mod dataset;
mod devices;
mod examples;
mod fmt;
mod generate;
mod infer;
mod memory;
mod profile;
mod project;
mod readme;
mod resume;
mod sample;
mod schema;
mod tune;
mod validate;
mod viz;
