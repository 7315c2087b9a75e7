//! `ndsl fmt`: one layout for every program.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use ndsl::compiler::Source;
use ndsl::compiler::diagnostics::Diagnostic;
use ndsl::grammar::format;
use ndsl::runtime::files::write_whole;
use similar::{ChangeTag, TextDiff};

use super::{Failure, Format, programs, report};
use crate::terminal;

/// Lay out programs in the one way there is
///
/// Programs are rewritten in place; one that is in order is left untouched, and so is one with errors in its form, which are
/// reported. What a program means does not change.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl fmt\n  ndsl fmt model.ndsl examples/\n  ndsl fmt --check\n  ndsl fmt --diff model.ndsl\n  ndsl fmt - < model.ndsl"
)]
pub struct Arguments {
    /// The programs, and folders of programs; `-` lays out stdin to stdout
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write nothing; list the programs that are not in order, and end with 1 if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

/// What came of the programs so far.
#[derive(Default)]
struct Tally {
    changed: usize,
    unchanged: usize,
    failure: Option<Failure>,
}

impl Tally {
    /// Keeps the gravest failure for the end and says the others at once.
    fn fails(&mut self, failure: Failure) {
        let graver = matches!(failure, Failure::Command(_)) || self.failure.is_none();
        let said = if graver { self.failure.replace(failure) } else { Some(failure) };
        if let Some(said) = said {
            said.print();
        }
    }
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let mut tally = Tally::default();
        for path in &self.paths {
            match programs::programs(path) {
                Ok(programs) => programs.iter().for_each(|program| {
                    if let Err(failure) = self.program(program, &mut tally) {
                        tally.fails(failure);
                    }
                }),
                Err(failure) => tally.fails(failure),
            }
        }
        self.sum_up(&tally);
        match tally.failure {
            Some(failure) => Err(failure),
            None if self.check && tally.changed > 0 => Err(Failure::Faults),
            None => Ok(()),
        }
    }

    fn program(&self, path: &Path, tally: &mut Tally) -> Result<(), Failure> {
        let source = report::read_source(path)?;
        let laid_out = match format(&source.text) {
            Ok(text) => text,
            Err(errors) => {
                let diagnostics: Vec<Diagnostic> = errors.into_iter().map(Diagnostic::from).collect();
                return Err(Failure::program(&diagnostics, &source, self.message_format));
            }
        };
        let same = laid_out == *source.text;
        let piped = path == Path::new("-");
        if self.diff && !same {
            show_diff(&source, &laid_out);
        }
        if piped && !self.check && !self.diff {
            print!("{laid_out}");
            return Ok(());
        }
        if same {
            tally.unchanged += 1;
            return Ok(());
        }
        tally.changed += 1;
        if self.check && !self.diff {
            println!("{}", source.name);
        } else if !self.check && !self.diff {
            replace(path, &laid_out).map_err(|error| Failure::io("write", path, &error))?;
        }
        Ok(())
    }

    /// Says for people what was done.
    fn sum_up(&self, tally: &Tally) {
        if self.paths.iter().any(|path| path == Path::new("-")) || self.message_format == Format::Json {
            return;
        }
        let files = |count: usize| if count == 1 { "1 program".to_owned() } else { format!("{count} programs") };
        let would = if self.check || self.diff { "would be laid out anew" } else { "laid out anew" };
        match (tally.changed, tally.unchanged) {
            (0, 0) if tally.failure.is_some() => {}
            (0, 0) => eprintln!("no programs here"),
            (0, unchanged) => eprintln!("{} in order", files(unchanged)),
            (changed, 0) => eprintln!("{} {would}", files(changed)),
            (changed, unchanged) => eprintln!("{} {would}, {} in order", files(changed), unchanged),
        }
    }
}

/// Puts `text` in the place of a file, whose permissions and links stay.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = std::fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    write_whole(&path, text.as_bytes())?;
    std::fs::set_permissions(&path, permissions)
}

/// Shows on stdout what changes, as `diff -u` does.
fn show_diff(source: &Source, laid_out: &str) {
    let colour = terminal::colours() && io::stdout().is_terminal();
    let paint = |code: &str, line: &str| match colour {
        true => println!("\u{1b}[{code}m{line}\u{1b}[0m"),
        false => println!("{line}"),
    };
    let diff = TextDiff::from_lines(&*source.text, laid_out);
    paint("1", &format!("--- {}", source.name));
    paint("1", &format!("+++ {}", source.name));
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        paint("36", &hunk.header().to_string());
        for change in hunk.iter_changes() {
            let (sign, code) = match change.tag() {
                ChangeTag::Equal => (" ", "0"),
                ChangeTag::Delete => ("-", "31"),
                ChangeTag::Insert => ("+", "32"),
            };
            // A carriage return that goes is worth seeing, and would move the cursor.
            let line = change.value().trim_end_matches('\n').replace('\r', "␍");
            paint(code, &format!("{sign}{line}"));
            if change.missing_newline() {
                paint("0", "\\ No newline at end of file");
            }
        }
    }
}
