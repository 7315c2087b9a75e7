//! Code generation and the tidy checks.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for the terminal")]

mod onnx_proto;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

tasks:
  tidy                  check what the compiler cannot: who imports whom, names, sizes, pages
  onnx-proto [--check]  generate compiler/src/backend/onnx/proto.rs, or fail if it is not what would be generated";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["tidy"] => tidy::run(&root()),
        ["onnx-proto"] => onnx_proto::write(&root()),
        ["onnx-proto", "--check"] => onnx_proto::check(&root()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
