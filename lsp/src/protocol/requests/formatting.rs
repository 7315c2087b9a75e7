//! `textDocument/formatting`, of a range, and while typing.

use std::ops::Range;

use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::TextEdit;

use crate::ide::format::{Refusal, format, format_range, format_typed};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::convert::refused;

/// The changes that lay out a document.
pub fn whole(snapshot: &Snapshot) -> Result<Option<Vec<TextEdit>>> {
    let changes = format(&snapshot.analysis.source.text).map_err(|Refusal(reason)| refused(reason))?;
    Ok(Some(convert::text_edits(&changes, snapshot)))
}

/// The changes within a range.
pub fn of_range(snapshot: &Snapshot, range: &Range<usize>) -> Result<Option<Vec<TextEdit>>> {
    let changes = format_range(&snapshot.analysis.source.text, range).map_err(|Refusal(reason)| refused(reason))?;
    Ok(Some(convert::text_edits(&changes, snapshot)))
}

/// The changes behind a character that was typed.
pub fn typed(snapshot: &Snapshot, offset: usize, typed: &str) -> Vec<TextEdit> {
    let Some(typed) = typed.chars().next() else { return Vec::new() };
    convert::text_edits(&format_typed(&snapshot.analysis.source.text, offset, typed), snapshot)
}
