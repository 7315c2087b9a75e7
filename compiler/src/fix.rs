//! Applies the fixes that diagnostics offer to the text they are found in.
//!
//! One fix may uncover another fault, so a text is checked and mended in rounds until nothing is left that can be mended.
//! Only the given text changes: what is wrong in the files it uses is mended where those are given.

use std::collections::HashSet;
use std::sync::Arc;

use ndsl_grammar::FileId;

use crate::check::{Analysis, analyze_with};
use crate::diagnostics::{Applicability, Code, Edit, Fix};
use crate::files::Files;
use crate::rewrite::apply;
use crate::source::{Position, Source};

/// Rounds after which what is left stays.
const MAX_ROUNDS: usize = 16;

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The fault it mended.
    pub code: Code,
    /// Where the fault stood when it was mended.
    pub at: Position,
    /// What was done: "replace `Desne` with `Dense`".
    pub title: String,
}

/// A text with its faults mended as far as fixes go.
#[derive(Clone, Debug)]
pub struct Mended {
    /// The text as it is now, checked.
    pub analysis: Analysis,
    /// What was done, in order.
    pub applied: Vec<Applied>,
    /// How many of the faults that are left have a fix that was not applied because it is a guess.
    pub guesses: usize,
}

/// Applies every safe fix to `source`, and with `guesses` those that a person should look at too.
pub fn fix(source: &Source, files: &dyn Files, guesses: bool) -> Mended {
    let mut analysis = analyze_with(source, files);
    let mut applied = Vec::new();
    let mut seen: HashSet<Arc<str>> = HashSet::from([source.text.clone()]);
    for _ in 0..MAX_ROUNDS {
        let (edits, done) = round(&analysis, guesses);
        if edits.is_empty() {
            break;
        }
        let text: Arc<str> = apply(&analysis.source.text, &edits).into();
        if !seen.insert(text.clone()) {
            // Fixes that undo one another.
            break;
        }
        let next = analyze_with(&analysis.source.with_text(text), files);
        if unreadable(&next) > unreadable(&analysis) {
            // A fix that leaves a text that cannot be read is a fault of ours, and must not become one of the user's.
            break;
        }
        applied.extend(done);
        analysis = next;
    }
    let left = analysis.own_diagnostics().iter();
    let offers = |fix: &Fix| is_own(fix) && fix.applicability == Applicability::Guess;
    let guesses = left.filter(|found| found.fixes.first().is_some_and(offers)).count();
    Mended { analysis, applied, guesses }
}

/// The edits of one round: of each fault its likeliest fix, unless it touches one that was chosen before.
fn round(analysis: &Analysis, guesses: bool) -> (Vec<Edit>, Vec<Applied>) {
    let crlf = analysis.source.text.contains("\r\n");
    let mut edits: Vec<Edit> = Vec::new();
    let mut applied = Vec::new();
    for found in analysis.own_diagnostics() {
        let wanted = |fix: &&Fix| is_own(fix) && (guesses || fix.applicability == Applicability::Safe);
        let Some(fix) = found.fixes.first().filter(wanted) else { continue };
        let own: Vec<Edit> = fix.edits.iter().map(|edit| with_line_ends(edit, crlf)).collect();
        // Several faults may be mended by one change.
        let new: Vec<Edit> = own.into_iter().filter(|edit| !edits.contains(edit)).collect();
        if new.iter().any(|edit| edits.iter().any(|other| touches(edit, other))) {
            continue;
        }
        if new.iter().all(|edit| changes(edit, &analysis.source.text)) {
            applied.push(Applied {
                code: found.code,
                at: analysis.source.position(found.label.span.start as usize),
                title: fix.title.clone(),
            });
            edits.extend(new);
        }
    }
    (edits, applied)
}

/// Whether a fix changes the given text and no other.
fn is_own(fix: &Fix) -> bool {
    fix.edits.iter().all(|edit| edit.span.file == FileId::default())
}

/// Whether two edits overlap or meet: what stands between two that meet, neither can know.
fn touches(a: &Edit, b: &Edit) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

fn changes(edit: &Edit, text: &str) -> bool {
    text.get(edit.span.range()).is_some_and(|before| before != edit.text)
}

/// The edit with lines ended as those of the text are.
fn with_line_ends(edit: &Edit, crlf: bool) -> Edit {
    match crlf {
        true => Edit { text: edit.text.replace("\r\n", "\n").replace('\n', "\r\n"), ..edit.clone() },
        false => edit.clone(),
    }
}

/// How many faults of form there are.
fn unreadable(analysis: &Analysis) -> usize {
    analysis.own_diagnostics().iter().filter(|found| found.code.as_str().starts_with("E01")).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Memory, NoFiles};

    fn mended(text: &str, guesses: bool) -> Mended {
        fix(&Source::new("test.ndsl", text), &NoFiles, guesses)
    }

    #[test]
    fn a_fix_may_uncover_another_fault() {
        // Only once `Linear` is `Dense` is its parameter known to be another.
        let mended = mended("model M {\n    input x: f32[4]\n    Linear(3, bias=false) as out\n}\n", false);
        assert_eq!(
            &*mended.analysis.source.text,
            "model M {\n    input x: f32[4]\n    Dense(3, use_bias=false) as out\n}\n"
        );
        let done: Vec<_> = mended.applied.iter().map(|done| (done.code.as_str(), done.at.line)).collect();
        assert_eq!(done, [("E0203", 3), ("E0301", 3)]);
        assert!(mended.analysis.diagnostics.is_empty());
    }

    #[test]
    fn a_guess_is_applied_only_when_asked_for() {
        let text = "const width = 4\nmodel M { input x: f32[2]; Dense(widht) as out }\n";
        let left = mended(text, false);
        assert_eq!((&*left.analysis.source.text, left.applied.len(), left.guesses), (text, 0, 1));
        let done = mended(text, true);
        assert_eq!(&*done.analysis.source.text, text.replace("widht", "width"));
        assert_eq!(done.guesses, 0);
    }

    #[test]
    fn one_change_that_mends_two_faults_is_made_once() {
        let text = include_str!("../tests/check/my_model_bound.ndsl");
        let twice = format!("{text}\n{}", text[text.find("train").unwrap()..].replacen("train ", "train second_", 1));
        let mended = mended(&twice, false);
        assert_eq!(mended.analysis.source.text.matches("Flatten()").count(), 1);
        assert!(mended.analysis.diagnostics.is_empty(), "{:?}", mended.analysis.diagnostics);
    }

    #[test]
    fn lines_end_as_they_did() {
        let text = include_str!("../tests/check/my_model_bound.ndsl").replace('\n', "\r\n");
        let mended = mended(&text, false);
        assert!(mended.analysis.source.text.contains("Flatten()\r\n"));
        assert_eq!(
            mended.analysis.source.text.matches('\n').count(),
            mended.analysis.source.text.matches("\r\n").count()
        );
    }

    #[test]
    fn only_the_given_file_changes() {
        let files = Memory::new([("net.ndsl", "model Net { input x: f32[2]; Desne(1) as out }\nconst a = 1")]);
        let main = Source::new("main.ndsl", "use Net, a from \"net.ndsl\"\nconst b = a\n");
        let mended = fix(&main, &files, true);
        assert_eq!(&*mended.analysis.source.text, "use a from \"net.ndsl\"\nconst b = a\n");
        let left: Vec<_> = mended.analysis.diagnostics.iter().map(|found| found.code.as_str()).collect();
        assert_eq!(left, ["E0203"]);
    }

    #[test]
    fn names_that_are_not_read_leave_the_use_one_after_the_other() {
        let files = Memory::new([("n.ndsl", "const a = 1\nconst b = 2\nconst c = 3\n")]);
        let text = |names: &str| format!("// first\nuse {names} from \"n.ndsl\"\nconst d = c\n");
        for names in ["a, b, c", "a, c, b", "c, a, b", "a as x, b as y, c", "a,\n    b,\n    c"] {
            let mended = fix(&Source::new("main.ndsl", text(names)), &files, false);
            assert_eq!(&*mended.analysis.source.text, text("c"), "{names}");
        }
        let unused = "use a, b from \"n.ndsl\"\n\nconst d = 1\n";
        let mended = fix(&Source::new("main.ndsl", unused), &files, false);
        assert_eq!(&*mended.analysis.source.text, "\nconst d = 1\n");
    }
}
