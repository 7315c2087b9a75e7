//! The answers of [`crate::ide`] in the protocol's types, and places both ways.

use std::collections::HashMap;
use std::ops::Range as Bytes;

use ndsl_compiler::Texts;
use ndsl_compiler::diagnostics::{Applicability, Edit, Severity};
use ndsl_grammar::{FileId, Span};
use serde_json::json;
use tower_lsp_server::jsonrpc::{Error, ErrorCode};
use tower_lsp_server::ls_types::{
    CodeAction, CodeActionKind, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DocumentChanges, Documentation, Hover, HoverContents, Location, MarkupContent, MarkupKind, NumberOrString, OneOf,
    OptionalVersionedTextDocumentIdentifier, Position, Range, TextDocumentEdit, TextEdit, WorkspaceEdit,
};

use super::check::Snapshot;
use super::library;
use crate::ide;
use crate::ide::format::Change;
use crate::text;

/// A place of the editor's.
pub fn place(position: Position) -> text::Position {
    text::Position { line: position.line, character: position.character }
}

/// The byte at a position.
pub fn offset(position: Position, snapshot: &Snapshot) -> usize {
    let encoding = snapshot.moment.client.encoding;
    snapshot.lines.offset(&snapshot.analysis.source.text, place(position), encoding)
}

/// The bytes of a range.
pub fn bytes(range: Range, snapshot: &Snapshot) -> Bytes<usize> {
    offset(range.start, snapshot)..offset(range.end, snapshot)
}

/// The range of some bytes.
pub fn range(bytes: Bytes<usize>, snapshot: &Snapshot) -> Range {
    let position = |offset| {
        let encoding = snapshot.moment.client.encoding;
        let text::Position { line, character } =
            snapshot.lines.position(&snapshot.analysis.source.text, offset, encoding);
        Position { line, character }
    };
    Range { start: position(bytes.start), end: position(bytes.end) }
}

/// A place in this text or another, those of the standard library among them.
pub fn location(span: Span, snapshot: &Snapshot) -> Option<Location> {
    if span.file == FileId::default() {
        return Some(Location { uri: snapshot.moment.uri.clone(), range: range(span.range(), snapshot) });
    }
    let source = snapshot.analysis.sources.source(span.file);
    let uri = match source.standard {
        true => library::standard_file(&source.path)?,
        false => snapshot.project.uri(&source.path)?,
    };
    let lines = text::Lines::new(&source.text);
    let position = |offset| {
        let text::Position { line, character } = lines.position(&source.text, offset, snapshot.moment.client.encoding);
        Position { line, character }
    };
    let bytes = span.range();
    Some(Location { uri, range: Range { start: position(bytes.start), end: position(bytes.end) } })
}

/// A place in words: its line, and its file where that is another.
fn named(span: Span, snapshot: &Snapshot) -> String {
    let source = snapshot.analysis.sources.source(span.file);
    match span.file == FileId::default() {
        true => format!("line {}", range(span.range(), snapshot).start.line + 1),
        false => format!("{}, line {}", source.name, source.position(span.start as usize).line),
    }
}

/// A fault. An editor that cannot show other places is told of their lines.
pub fn diagnostic(shown: &ide::Diagnostic, snapshot: &Snapshot) -> Diagnostic {
    let client = snapshot.moment.client;
    let mut message = shown.message.clone();
    let mut related = Vec::new();
    for label in &shown.related {
        match location(label.span, snapshot).filter(|_| client.related_information) {
            Some(location) => related.push(DiagnosticRelatedInformation { location, message: label.text.clone() }),
            None => message += &format!("\n{}: {}", named(label.span, snapshot), label.text),
        }
    }
    Diagnostic {
        range: range(shown.range.clone(), snapshot),
        severity: Some(match shown.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: shown.code.map(|code| NumberOrString::String(code.to_owned())),
        code_description: shown
            .code
            .filter(|_| client.code_descriptions)
            .and_then(library::page)
            .map(|href| CodeDescription { href }),
        source: Some("ndsl".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        data: (!shown.fixes.is_empty()).then(|| fixes(shown, snapshot)),
        ..Diagnostic::default()
    }
}

/// The fixes of a fault as they travel with it.
fn fixes(shown: &ide::Diagnostic, snapshot: &Snapshot) -> serde_json::Value {
    let fixes: Vec<_> = shown
        .fixes
        .iter()
        .map(|fix| {
            let applicability = match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Guess => "guess",
            };
            json!({ "title": fix.title, "applicability": applicability, "edits": edits(&fix.edits, snapshot) })
        })
        .collect();
    json!({ "fixes": fixes })
}

fn edits(edits: &[Edit], snapshot: &Snapshot) -> Vec<TextEdit> {
    edits.iter().map(|edit| TextEdit::new(range(edit.span.range(), snapshot), edit.text.clone())).collect()
}

/// What a name is.
pub fn hover(hover: ide::Hover, snapshot: &Snapshot) -> Hover {
    let kind = if snapshot.moment.client.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value: hover.markdown }),
        range: Some(range(hover.range, snapshot)),
    }
}

/// What is said of something, as Markdown to an editor that takes that, and else as a plain text.
pub fn documentation(value: String, markdown: bool) -> Documentation {
    match markdown {
        true => Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }),
        false => Documentation::String(value),
    }
}

/// A change that mends a fault.
pub fn quick_fix(fix: &ide::QuickFix, snapshot: &Snapshot) -> CodeAction {
    let changes: Vec<Change> =
        fix.edits.iter().map(|edit| Change { range: edit.span.range(), text: edit.text.clone() }).collect();
    let edit = workspace_edit([(snapshot, changes.as_slice())]);
    CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic(&fix.diagnostic, snapshot)]),
        edit: Some(edit),
        is_preferred: Some(fix.preferred),
        ..CodeAction::default()
    }
}

/// Changes of one text.
pub fn text_edits(changes: &[Change], snapshot: &Snapshot) -> Vec<TextEdit> {
    changes.iter().map(|change| TextEdit::new(range(change.range.clone(), snapshot), change.text.clone())).collect()
}

/// Changes of several texts, each for the version it was made of where the editor takes that.
pub fn workspace_edit<'s>(changed: impl IntoIterator<Item = (&'s Snapshot, &'s [Change])>) -> WorkspaceEdit {
    let mut by_version = Vec::new();
    let mut plain = HashMap::new();
    let mut versioned = true;
    for (snapshot, changes) in changed {
        let (uri, version) = (snapshot.moment.uri.clone(), snapshot.moment.version);
        let edits = text_edits(changes, snapshot);
        versioned &= snapshot.moment.client.document_changes;
        by_version.push(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version },
            edits: edits.iter().cloned().map(OneOf::Left).collect(),
        });
        plain.insert(uri, edits);
    }
    match versioned {
        true => {
            WorkspaceEdit { document_changes: Some(DocumentChanges::Edits(by_version)), ..WorkspaceEdit::default() }
        }
        false => WorkspaceEdit { changes: Some(plain), ..WorkspaceEdit::default() },
    }
}

/// Why a request comes to nothing, as editors show it.
pub fn refused(reason: String) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: reason.into(), data: None }
}

/// What the protocol calls a request that is well-formed and cannot be carried out.
const REQUEST_FAILED: i64 = -32803;
