//! How faults are said: for people on stderr, for scripts as JSON lines on stdout.

use std::path::Path;

use ndsl::compiler::Source;
use ndsl::compiler::diagnostics::render::{concise, render};
use ndsl::compiler::diagnostics::{Diagnostic, Severity, json};

use super::Failure;
use crate::terminal;

/// How diagnostics and results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The source with the places underlined, on stderr.
    #[default]
    Pretty,
    /// One line each, on stderr.
    Concise,
    /// One JSON object a line, on stdout.
    Json,
}

/// The largest file that is read as a program.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a program; `-` is stdin.
pub fn read_source(path: &Path) -> Result<Source, Failure> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let name = if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes)
    } else {
        if path.is_dir() {
            return Err(Failure::Command(format!("{name} is a folder, not a program")));
        }
        std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::io("read", path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(Failure::Fault(format!(
                "{name} is not UTF-8 text: line {line} has a byte that belongs to no character"
            )))
        }
    }
}

/// The most diagnostics that are drawn: nobody reads more, and a generated file may have a hundred thousand.
const MOST_DRAWN: usize = 200;

/// Shows diagnostics.
pub fn diagnostics(diagnostics: &[Diagnostic], source: &Source, format: Format) {
    let shown = if format == Format::Pretty { diagnostics.len().min(MOST_DRAWN) } else { diagnostics.len() };
    for diagnostic in &diagnostics[..shown] {
        match format {
            Format::Pretty => eprint!("{}", render(diagnostic, source, terminal::style())),
            Format::Concise => eprintln!("{}", concise(diagnostic, source)),
            Format::Json => println!("{}", to_json(&json::json(diagnostic, source))),
        }
    }
    if shown < diagnostics.len() {
        eprintln!("… and {} more; `--message-format concise` lists them all", diagnostics.len() - shown);
    }
}

/// Says how many errors and warnings there were, for people.
pub fn count(diagnostics: &[Diagnostic], format: Format) {
    if format == Format::Json {
        return;
    }
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let some = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        count => Some(format!("{count} {noun}s")),
    };
    let parts: Vec<String> = [some(count(Severity::Error), "error"), some(count(Severity::Warning), "warning")]
        .into_iter()
        .flatten()
        .collect();
    if !parts.is_empty() {
        eprintln!("{}", parts.join(", "));
    }
    if let Some(first) = diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        eprintln!("`ndsl explain {}` says more", first.code.as_str());
    }
}

/// Says in one line what went wrong.
pub fn error(message: &str) {
    match terminal::style().colour {
        true => eprintln!("\u{1b}[31merror:\u{1b}[0m {message}"),
        false => eprintln!("error: {message}"),
    }
}

/// A value as one line of JSON.
pub fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}
