//! The language server alone, on standard input and output: what `ndsl lsp` runs, without the rest of `ndsl`.

use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    ndsl_lsp::run_stdio(&ndsl_lsp::Options::default())
}
