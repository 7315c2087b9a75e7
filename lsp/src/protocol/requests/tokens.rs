//! `textDocument/semanticTokens`: whole, what changed since, and of a range.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_lsp_server::ls_types::{
    SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensDelta, SemanticTokensEdit,
    SemanticTokensFullDeltaResult, SemanticTokensFullOptions, SemanticTokensLegend, SemanticTokensOptions,
    SemanticTokensServerCapabilities, Uri,
};

use crate::ide::tokens::{Kind, Modifiers, tokens};
use crate::protocol::check::Snapshot;
use crate::text::Position;

/// What was answered last of each document.
#[derive(Debug, Default)]
pub struct Answered {
    last: Mutex<HashMap<Uri, (String, Vec<SemanticToken>)>>,
    next: AtomicU64,
}

impl Answered {
    /// Keeps an answer under a number of its own; what was kept of the document before.
    fn keep(&self, uri: &Uri, data: &[SemanticToken]) -> (String, Option<(String, Vec<SemanticToken>)>) {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        // A panic elsewhere does not make what was kept wrong.
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let before = last.insert(uri.clone(), (id.clone(), data.to_vec()));
        (id, before)
    }

    /// The document is closed.
    pub fn forget(&self, uri: &Uri) {
        self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(uri);
    }
}

/// What is offered.
pub fn offer() -> SemanticTokensServerCapabilities {
    SemanticTokensServerCapabilities::SemanticTokensOptions(SemanticTokensOptions {
        legend: SemanticTokensLegend {
            token_types: Kind::ALL.iter().map(|(_, name)| SemanticTokenType::new(name)).collect(),
            token_modifiers: Modifiers::ALL.iter().map(|name| SemanticTokenModifier::new(name)).collect(),
        },
        range: Some(true),
        full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
        ..SemanticTokensOptions::default()
    })
}

/// All tokens.
pub fn full(snapshot: &Snapshot, answered: &Answered) -> SemanticTokens {
    let data = encoded(snapshot, &(0..snapshot.analysis.source.text.len()));
    let (id, _) = answered.keep(&snapshot.moment.uri, &data);
    SemanticTokens { result_id: Some(id), data }
}

/// What changed since the answer `previous`, or all where that is not known any more.
pub fn delta(snapshot: &Snapshot, answered: &Answered, previous: &str) -> SemanticTokensFullDeltaResult {
    let data = encoded(snapshot, &(0..snapshot.analysis.source.text.len()));
    let (id, before) = answered.keep(&snapshot.moment.uri, &data);
    match before.filter(|(id, _)| id == previous) {
        Some((_, before)) => SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta {
            result_id: Some(id),
            edits: edits(&before, &data),
        }),
        None => SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id: Some(id), data }),
    }
}

/// The tokens of a range.
pub fn of_range(snapshot: &Snapshot, range: &Range<usize>) -> SemanticTokens {
    SemanticTokens { result_id: None, data: encoded(snapshot, range) }
}

/// One edit of what lies between the common beginning and the common end.
fn edits(before: &[SemanticToken], after: &[SemanticToken]) -> Vec<SemanticTokensEdit> {
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[start..], &after[start..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
    if before.is_empty() && after.is_empty() {
        return Vec::new();
    }
    // Each token is five numbers.
    vec![SemanticTokensEdit {
        start: 5 * start as u32,
        delete_count: 5 * before.len() as u32,
        data: Some(after.to_vec()),
    }]
}

fn encoded(snapshot: &Snapshot, range: &Range<usize>) -> Vec<SemanticToken> {
    let (text, encoding) = (&*snapshot.analysis.source.text, snapshot.moment.client.encoding);
    let mut last = Position::default();
    let mut out = Vec::new();
    for token in tokens(&snapshot.analysis, range) {
        let at = snapshot.lines.position(text, token.range.start, encoding);
        let delta_line = at.line - last.line;
        out.push(SemanticToken {
            delta_line,
            delta_start: if delta_line == 0 { at.character - last.character } else { at.character },
            length: encoding.len(&text[token.range]) as u32,
            token_type: Kind::ALL.iter().position(|(kind, _)| *kind == token.kind).unwrap_or_default() as u32,
            token_modifiers_bitset: token.modifiers.bits(),
        });
        last = at;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(length: u32) -> SemanticToken {
        SemanticToken { delta_line: 0, delta_start: 1, length, token_type: 0, token_modifiers_bitset: 0 }
    }

    #[test]
    fn an_edit_is_what_lies_between_what_stayed() {
        let before: Vec<_> = [1, 2, 3, 4].map(token).into();
        let after: Vec<_> = [1, 7, 8, 3, 4].map(token).into();
        let edits = edits(&before, &after);
        assert_eq!((edits[0].start, edits[0].delete_count), (5, 5));
        assert_eq!(edits[0].data.as_deref(), Some([token(7), token(8)].as_slice()));
        assert!(super::edits(&after, &after).is_empty());
        // A text that only grows has no part counted twice.
        let twice: Vec<_> = [1, 1, 1].map(token).into();
        let edits = super::edits(&twice[..2], &twice);
        assert_eq!((edits[0].start, edits[0].delete_count), (10, 0));
    }
}
