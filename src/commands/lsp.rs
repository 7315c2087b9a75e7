//! `ndsl lsp`: the language server over stdin and stdout.

use std::path::PathBuf;
use std::sync::Arc;

use ndsl::compiler::schema::{ColumnId, Schemas, TableId};
use ndsl::lsp::ide::Examples;
use ndsl::runtime::operations::generate;

use super::Failure;

/// Values of a column that are shown.
const VALUES: u64 = 3;

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
        let options = ndsl::lsp::Options {
            log_file: self.log,
            examples: Some(Arc::new(Generated)),
            ..ndsl::lsp::Options::default()
        };
        match ndsl::lsp::run_stdio(&options) {
            // The protocol has exit codes of its own, so the process ends here with the one it asks for.
            Ok(code) => std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS)),
            Err(error) => Err(Failure::Command(format!("the language server stopped: {error}"))),
        }
    }
}

/// Values as `ndsl generate` makes them.
#[derive(Debug)]
struct Generated;

impl Examples for Generated {
    fn values(&self, schemas: &Schemas, table: TableId, column: ColumnId) -> Vec<String> {
        let values = generate::examples(schemas, table, column, VALUES);
        // What no row can be made of is said when rows are asked for, not while somebody reads.
        values.unwrap_or_default().into_iter().flatten().collect()
    }
}
