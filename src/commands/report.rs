//! How faults are said: for people on stderr, for scripts as JSON lines on stdout.

use std::path::Path;

use ndsl::compiler::diagnostics::render::{concise, render};
use ndsl::compiler::diagnostics::{Diagnostic, Severity, json};
use ndsl::compiler::files::{MAX_BYTES, text_of};
use ndsl::compiler::{Source, Texts};
use ndsl::runtime::files::Disk;

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

/// Reads a program, `-` from stdin, and says what it may use.
pub fn read_source(path: &Path) -> Result<(Source, Disk), Failure> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let name = if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)
    } else {
        if path.is_dir() {
            return Err(Failure::Command(format!("{name} is a folder, not a program")));
        }
        std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::io("read", path, &error))?;
    match text_of(bytes) {
        Ok(text) => Ok(Disk::program(folder(path), &name, text)),
        Err(fault) => Err(Failure::Fault(format!("{name} cannot be read: {fault}"))),
    }
}

/// The folder that a program stands in; that of stdin is the current one.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The most diagnostics that are drawn: nobody reads more, and a generated file may have a hundred thousand.
const MOST_DRAWN: usize = 200;

/// Shows diagnostics.
pub fn diagnostics(diagnostics: &[Diagnostic], texts: &dyn Texts, format: Format) {
    let shown = if format == Format::Pretty { diagnostics.len().min(MOST_DRAWN) } else { diagnostics.len() };
    for diagnostic in &diagnostics[..shown] {
        match format {
            Format::Pretty => eprint!("{}", render(diagnostic, texts, terminal::style())),
            Format::Concise => eprintln!("{}", concise(diagnostic, texts)),
            Format::Json => println!("{}", to_json(&json::json(diagnostic, texts))),
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
