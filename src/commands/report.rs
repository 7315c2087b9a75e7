//! How faults are said: for people on stderr, for scripts as JSON lines on stdout.

use std::path::Path;

use ndsl::compiler::diagnostics::github::github;
use ndsl::compiler::diagnostics::render::{concise, render};
use ndsl::compiler::diagnostics::{Diagnostic, Severity, json};
use ndsl::compiler::files::{MAX_BYTES, text_within};
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

/// How `ndsl check` writes what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Rendering {
    /// The source with the places underlined, on stderr.
    #[default]
    Pretty,
    /// One line each, on stderr.
    Concise,
    /// One JSON object a line, on stdout.
    Json,
    /// A SARIF 2.1.0 log, on stdout.
    Sarif,
    /// GitHub workflow commands, on stdout: GitHub shows them beside the lines of a pull request.
    Github,
}

impl From<Format> for Rendering {
    fn from(format: Format) -> Self {
        match format {
            Format::Pretty => Self::Pretty,
            Format::Concise => Self::Concise,
            Format::Json => Self::Json,
        }
    }
}

impl Rendering {
    /// Whether what is found is for people, so that a summary in words may stand beside it.
    pub fn is_for_people(self) -> bool {
        !matches!(self, Self::Json | Self::Sarif)
    }

    /// How everything but diagnostics is written.
    pub fn format(self) -> Format {
        if self == Self::Json { Format::Json } else { Format::Pretty }
    }
}

/// Reads a program, `-` from stdin, as one of its project, whose files it may use.
pub fn read_program(path: &Path) -> Result<(Source, Disk), Failure> {
    Ok(as_program(path, read_source(path)?))
}

/// A text as a program of its project, whose files it may use.
pub fn as_program(path: &Path, source: Source) -> (Source, Disk) {
    Disk::program(folder(path), &source.name, source.text)
}

/// Reads a program; `-` is stdin.
pub fn read_source(path: &Path) -> Result<Source, Failure> {
    read_text(path, MAX_BYTES)
}

/// Reads a text of at most so many bytes; `-` is stdin.
pub fn read_text(path: &Path, most: usize) -> Result<Source, Failure> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let name = if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut bytes)
    } else {
        if path.is_dir() {
            return Err(Failure::Command(format!("{name} is a folder, not a file")));
        }
        std::fs::File::open(path).and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::io("read", path, &error))?;
    match text_within(bytes, most) {
        Ok(text) => Ok(Source::new(name, text)),
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
    shown(&diagnostics.iter().collect::<Vec<_>>(), texts, format.into());
}

/// Shows diagnostics; those of a SARIF log are for whoever finishes it.
pub fn shown(diagnostics: &[&Diagnostic], texts: &dyn Texts, rendering: Rendering) {
    let count = if rendering == Rendering::Pretty { diagnostics.len().min(MOST_DRAWN) } else { diagnostics.len() };
    for diagnostic in &diagnostics[..count] {
        match rendering {
            Rendering::Pretty => eprint!("{}", render(diagnostic, texts, terminal::style())),
            Rendering::Concise => eprintln!("{}", concise(diagnostic, texts)),
            Rendering::Json => println!("{}", to_json(&json::json(diagnostic, texts))),
            Rendering::Github => println!("{}", github(diagnostic, texts)),
            Rendering::Sarif => {}
        }
    }
    if count < diagnostics.len() {
        eprintln!("… and {} more; `--message-format concise` lists them all", diagnostics.len() - count);
    }
}

/// Says how many errors and warnings there were, for people.
pub fn count<'d>(diagnostics: impl IntoIterator<Item = &'d Diagnostic>, rendering: impl Into<Rendering>) {
    if !rendering.into().is_for_people() {
        return;
    }
    let diagnostics: Vec<&Diagnostic> = diagnostics.into_iter().collect();
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .into_iter()
        .filter(|(severity, _)| count(*severity) > 0)
        .map(|(severity, noun)| some(count(severity), noun))
        .collect();
    if !parts.is_empty() {
        eprintln!("{}", parts.join(", "));
    }
    if let Some(first) = diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        eprintln!("`ndsl explain {}` says more", first.code.as_str());
    }
}

/// `1 error`, `2 errors`
pub fn some(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
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
