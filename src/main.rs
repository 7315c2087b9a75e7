//! The `ndsl` command: parses its arguments, calls one operation, prints what came of it.

mod commands;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use ndsl::grammar::on_large_stack;

use commands::{Command, Failure};

// Training frees and takes large tensors at every step: an allocator that keeps what is freed saves the page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A small, typed language for machine-learning models.
///
/// Exit codes: 0 when all went well, 1 when the program or the data has faults, 2 when the command could not be carried out.
#[derive(Parser)]
#[command(
    name = "ndsl",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  ndsl new hello && cd hello && ndsl train model.ndsl\n  ndsl check model.ndsl --summary\n  ndsl compile runs/hello --backend onnx\n  ndsl explain E0301"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    terminal::end_quietly_on_closed_pipes();
    let run = || match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.print(),
    };
    // What reads and checks programs then stays on this one thread.
    on_large_stack(run).unwrap_or_else(|error| Failure::Command(format!("the system gives no thread: {error}")).print())
}
