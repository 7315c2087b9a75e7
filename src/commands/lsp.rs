//! `ndsl lsp`: the language server over stdin and stdout.

use std::path::PathBuf;

use super::Failure;

/// Serve an editor over stdin and stdout
#[derive(clap::Args)]
#[command(
    after_help = "An editor starts this; for Helix, in languages.toml:\n  [language-server.ndsl]\n  command = \"ndsl\"\n  args = [\"lsp\"]"
)]
pub struct Arguments {
    /// A file to write logs to; stderr where none is given
    #[arg(long)]
    log: Option<PathBuf>,
    /// Accepted and meaningless: stdin and stdout are the only transport
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let options = ndsl::lsp::Options { log_file: self.log, ..ndsl::lsp::Options::default() };
        match ndsl::lsp::run_stdio(&options) {
            // The protocol has exit codes of its own, so the process ends here with the one it asks for.
            Ok(code) => std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS)),
            Err(error) => Err(Failure::Command(format!("the language server stopped: {error}"))),
        }
    }
}
