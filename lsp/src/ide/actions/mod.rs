//! Changes of a program that keep what it means, or fill in what it lacks: offered where the selection is.
//!
//! Each is a file of its own. What moves code about is checked again before it is offered, so that none leaves a fault behind
//! that was not there.

mod extract;
mod fill;
mod inline;
mod spelling;
mod tune;

use std::ops::Range;

use ndsl_compiler::Analysis;

use super::format::Change;
use super::rename::applied;

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A part gets a place of its own.
    Extract,
    /// What stands elsewhere is written out here.
    Inline,
    /// The same is said otherwise, or more is said.
    Rewrite,
}

/// A change that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does, as an imperative.
    pub title: String,
    /// What kind of change it is.
    pub kind: Kind,
    /// The changes, not overlapping.
    pub changes: Vec<Change>,
}

/// Every change that is offered for a selection; `check` reads the given text with other words in it.
pub fn actions(analysis: &Analysis, selection: &Range<usize>, check: &dyn Fn(String) -> Analysis) -> Vec<Action> {
    let text = &*analysis.source.text;
    let start = text.floor_char_boundary(selection.start);
    let selection = start..text.floor_char_boundary(selection.end).max(start);
    let moved = [
        extract::extract(analysis, &selection),
        inline::inline(analysis, &selection),
        tune::tune(analysis, &selection),
    ];
    let is_sound = |action: &Action| {
        let errors = |analysis: &Analysis| analysis.diagnostics.iter().filter(|found| found.is_error()).count();
        errors(&check(applied(text, &action.changes))) <= errors(analysis)
    };
    let mut offered: Vec<Action> = moved.into_iter().flatten().filter(is_sound).collect();
    offered.extend(fill::fill(analysis, &selection));
    offered.extend(spelling::spelling(analysis, &selection));
    offered
}

/// How far the line at `offset` stands in.
fn indent(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Lines with another indent in place of the one they share.
fn indented(lines: &str, from: &str, to: &str) -> String {
    let line = |(at, line): (usize, &str)| match at {
        0 => line.to_owned(),
        _ if line.trim().is_empty() => String::new(),
        _ => format!("{to}{}", line.strip_prefix(from).unwrap_or(line.trim_start())),
    };
    lines.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}
