//! Diagnostics for programs: one JSON object each.

use ndsl_grammar::Span;
use serde::Serialize;

use super::{Applicability, Diagnostic, Label};
use crate::source::{Position, Source};

/// A diagnostic as scripts, requests and editors read it.
#[derive(Clone, Debug, Serialize)]
pub struct JsonDiagnostic {
    /// `E0301`
    pub code: &'static str,
    /// `error`, `warning` or `note`
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// The source's name.
    pub file: String,
    /// The exact place.
    pub span: JsonSpan,
    /// The phrase for that place; may be empty.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<JsonLabel>,
    /// Why, and what to do.
    pub help: Vec<String>,
    /// Changes that mend it.
    pub fixes: Vec<JsonFix>,
}

/// A place: lines and columns from 1, columns in characters; offsets in bytes from 0.
#[derive(Clone, Debug, Serialize)]
pub struct JsonSpan {
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// The first byte and one past the last.
    pub bytes: [u32; 2],
}

/// A place and a phrase.
#[derive(Clone, Debug, Serialize)]
pub struct JsonLabel {
    /// The place.
    pub span: JsonSpan,
    /// The phrase.
    pub text: String,
}

/// A change of the text.
#[derive(Clone, Debug, Serialize)]
pub struct JsonFix {
    /// What it does.
    pub title: String,
    /// `safe` or `guess`
    pub applicability: &'static str,
    /// Its edits.
    pub edits: Vec<JsonLabel>,
}

/// The diagnostic as plain data.
pub fn json(diagnostic: &Diagnostic, source: &Source) -> JsonDiagnostic {
    let span = |span: Span| JsonSpan {
        start: source.position(span.start as usize),
        end: source.position(span.end as usize),
        bytes: [span.start, span.end],
    };
    let label = |label: &Label| JsonLabel { span: span(label.span), text: label.text.clone() };
    JsonDiagnostic {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.word(),
        message: diagnostic.message.clone(),
        file: source.name.clone(),
        span: span(diagnostic.label.span),
        label: diagnostic.label.text.clone(),
        related: diagnostic.related.iter().map(label).collect(),
        help: diagnostic.help.clone(),
        fixes: diagnostic
            .fixes
            .iter()
            .map(|fix| JsonFix {
                title: fix.title.clone(),
                applicability: match fix.applicability {
                    Applicability::Safe => "safe",
                    Applicability::Guess => "guess",
                },
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| JsonLabel { span: span(edit.span), text: edit.text.clone() })
                    .collect(),
            })
            .collect(),
    }
}
