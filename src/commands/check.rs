//! `ndsl check`: every fault in a program, in one run.

use std::path::PathBuf;

use ndsl::compiler::analyze;

use super::{Failure, Format, report, summary, tables};

/// Find every fault in a program
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl check model.ndsl\n  ndsl check model.ndsl --summary\n  ndsl check *.ndsl --message-format json | jq .message"
)]
pub struct Arguments {
    /// The programs; `-` reads one from stdin
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Show each model's layers with their output shapes, parameters and FLOPs, and each table's columns
    #[arg(long)]
    summary: bool,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let mut faulty = false;
        for file in &self.files {
            let source = report::read_source(file)?;
            let analysis = analyze(&source);
            report::diagnostics(&analysis.diagnostics, &source, self.message_format);
            report::count(&analysis.diagnostics, self.message_format);
            faulty |= analysis.has_errors();
            if self.summary {
                for model in &analysis.models {
                    summary::print(model, self.message_format);
                }
                tables::print(&analysis.schemas, self.message_format);
            } else if !analysis.has_errors() && self.message_format != Format::Json {
                eprintln!("{} is sound: {}", source.name, summary::contents(&analysis));
            }
        }
        if faulty { Err(Failure::Faults) } else { Ok(()) }
    }
}
