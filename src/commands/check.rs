//! `ndsl check`: every fault in a program, in one run.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ndsl::compiler::diagnostics::Diagnostic;
use ndsl::compiler::diagnostics::sarif::Log;
use ndsl::compiler::{Analysis, Texts, analyze_with};

use super::report::{self, Rendering};
use super::{Failure, fixes, summary, tables};

/// Find every fault in a program
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl check model.ndsl\n  ndsl check model.ndsl --summary\n  ndsl check *.ndsl --message-format json | jq .message\n  ndsl check *.ndsl --message-format sarif > found.sarif\n  ndsl check model.ndsl --fix\n  ndsl check model.ndsl --diff --unsafe-fixes"
)]
pub struct Arguments {
    /// The programs; `-` reads one from stdin
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Show each model's layers with their output shapes, parameters and FLOPs, and each table's columns
    #[arg(long)]
    summary: bool,
    /// How faults are written
    #[arg(long, visible_alias = "format", value_enum, default_value_t)]
    message_format: Rendering,
    #[command(flatten)]
    fixes: fixes::Fixes,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let rendering = self.message_format;
        if self.summary && rendering == Rendering::Sarif {
            return Err(Failure::Command("a SARIF log has no place for `--summary`".into()));
        }
        let mut run = Run { rendering, said: HashSet::new(), log: Log::default() };
        let mut faulty = false;
        if self.fixes.wanted() {
            for file in &self.files {
                faulty |= self.fixes.apply(file, rendering)?;
            }
        }
        for file in &self.files {
            if self.fixes.took(file) {
                continue;
            }
            let (source, files) = report::read_program(file)?;
            let analysis = analyze_with(&source, &files);
            run.show(&analysis);
            faulty |= analysis.has_errors();
            if self.summary {
                for model in analysis.models() {
                    summary::print(model, rendering.format());
                }
                tables::print(analysis.schemas(), rendering.format());
            } else if !analysis.has_errors() && rendering.is_for_people() {
                eprintln!("{} is sound: {}", source.name, summary::contents(&analysis));
            }
        }
        if rendering == Rendering::Sarif {
            println!("{:#}", run.log.finish());
        }
        if faulty { Err(Failure::Faults) } else { Ok(()) }
    }
}

/// What was said so far: what is wrong with a file that several use is said once.
struct Run {
    rendering: Rendering,
    said: HashSet<(String, u32, u32, String)>,
    log: Log,
}

impl Run {
    fn show(&mut self, analysis: &Analysis) {
        let new = |found: &&Diagnostic| {
            let span = found.label.span;
            let name = analysis.sources.source(span.file).name.clone();
            self.said.insert((name, span.start, span.end, found.message.clone()))
        };
        let found: Vec<&Diagnostic> = analysis.diagnostics.iter().filter(new).collect();
        report::shown(&found, &analysis.sources, self.rendering);
        if self.rendering == Rendering::Sarif {
            found.iter().for_each(|found| self.log.add(found, &analysis.sources));
        }
        report::count(found, self.rendering);
    }
}

/// Whether a path stands for stdin.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}
