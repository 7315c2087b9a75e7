//! Diagnostics for programs: one JSON object each.

use ndsl_grammar::Span;
use serde::Serialize;

use super::{Applicability, Diagnostic};
use crate::source::Position;
use crate::sources::Texts;

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
    /// The name of the source it stands in.
    pub file: String,
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
pub fn json(diagnostic: &Diagnostic, texts: &dyn Texts) -> JsonDiagnostic {
    let span = |span: Span| {
        let source = texts.source(span.file);
        JsonSpan {
            start: source.position(span.start as usize),
            end: source.position(span.end as usize),
            bytes: [span.start, span.end],
        }
    };
    let file = |span: Span| texts.source(span.file).name.clone();
    let place = |at: Span, text: &str| JsonLabel { file: file(at), span: span(at), text: text.to_owned() };
    JsonDiagnostic {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.word(),
        message: diagnostic.message.clone(),
        file: file(diagnostic.label.span),
        span: span(diagnostic.label.span),
        label: diagnostic.label.text.clone(),
        related: diagnostic.related.iter().map(|label| place(label.span, &label.text)).collect(),
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
                edits: fix.edits.iter().map(|edit| place(edit.span, &edit.text)).collect(),
            })
            .collect(),
    }
}
