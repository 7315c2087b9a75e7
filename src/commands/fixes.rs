//! `ndsl check --fix` and `--diff`: what diagnostics offer, applied to the files that were given.

use std::path::Path;

use ndsl::compiler::Source;
use ndsl::compiler::fix::{Mended, fix};
use ndsl::runtime::files::replace_whole;
use serde_json::json;
use similar::TextDiff;

use super::Failure;
use super::check::is_stdin;
use super::report::{self, Rendering};

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// What of the fixes is wanted.
#[derive(clap::Args)]
pub struct Fixes {
    /// Apply the fixes that are safe to the given files; a program from stdin goes to stdout
    #[arg(long)]
    fix: bool,
    /// Show what `--fix` would change as a diff on stdout, and write nothing
    #[arg(long)]
    diff: bool,
    /// Apply the fixes that are guesses too; look at what they did
    #[arg(long)]
    unsafe_fixes: bool,
}

impl Fixes {
    /// Whether anything is to be fixed, or shown fixed.
    pub fn wanted(&self) -> bool {
        self.fix || self.diff || self.unsafe_fixes
    }

    /// Whether a program was said all of already: stdin is read once.
    pub fn took(&self, file: &Path) -> bool {
        self.diff || self.wanted() && is_stdin(file)
    }

    /// Fixes one file, or shows how; answers whether something is still to be done.
    pub fn apply(&self, file: &Path, rendering: Rendering) -> Result<bool, Failure> {
        if !self.fix && !self.diff {
            return Err(Failure::Command("`--unsafe-fixes` says which fixes; `--fix` or `--diff` applies them".into()));
        }
        if is_stdin(file) && !rendering.is_for_people() {
            return Err(Failure::Command(
                "the fixed program goes to stdout; write faults `pretty` or `concise`".into(),
            ));
        }
        let (source, files) = report::read_program(file)?;
        let mended = fix(&source, &files, self.unsafe_fixes);
        let fixed = &mended.analysis.source;
        let changed = fixed.text != source.text;
        if self.diff {
            let diff = TextDiff::from_lines(&*source.text, &*fixed.text);
            print!("{}", diff.unified_diff().context_radius(CONTEXT).header(&source.name, &source.name));
            self.say(&mended, &source, rendering, "would fix");
            return Ok(changed);
        }
        if is_stdin(file) {
            print!("{}", fixed.text);
        } else if changed {
            replace_whole(file, source.text.as_bytes(), fixed.text.as_bytes())
                .map_err(|error| Failure::io("write", file, &error))?;
        }
        self.say(&mended, &source, rendering, "fixed");
        if is_stdin(file) {
            report::shown(&mended.analysis.diagnostics.iter().collect::<Vec<_>>(), &mended.analysis.sources, rendering);
            report::count(&mended.analysis.diagnostics, rendering);
        }
        Ok(is_stdin(file) && mended.analysis.has_errors())
    }

    /// Says what was fixed, and what could be.
    fn say(&self, mended: &Mended, source: &Source, rendering: Rendering, verb: &str) {
        for done in &mended.applied {
            let (line, column, code) = (done.at.line, done.at.column, done.code.as_str());
            match rendering {
                Rendering::Json if !self.diff => println!(
                    "{}",
                    json!({ "event": "fixed", "file": source.name, "line": line, "column": column, "code": code, "title": done.title })
                ),
                _ => eprintln!("{}:{line}:{column}: {verb} {code}: {}", source.name, done.title),
            }
        }
        if mended.guesses > 0 && !self.unsafe_fixes {
            let faults = report::some(mended.guesses, "fault");
            eprintln!("{}: {faults} more may be fixed by `--unsafe-fixes`", source.name);
        }
    }
}
