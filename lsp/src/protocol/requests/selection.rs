//! `textDocument/selectionRange`.

use tower_lsp_server::ls_types::{Position, SelectionRange};

use crate::ide::selection::selection;
use crate::protocol::check::Snapshot;
use crate::protocol::convert;

/// What a selection at each place grows to.
pub fn answer(snapshot: &Snapshot, positions: &[Position]) -> Vec<SelectionRange> {
    positions.iter().map(|position| at(snapshot, convert::offset(*position, snapshot))).collect()
}

fn at(snapshot: &Snapshot, offset: usize) -> SelectionRange {
    let mut grown: Option<SelectionRange> = None;
    for range in selection(&snapshot.analysis, offset).into_iter().rev() {
        let range = convert::range(range, snapshot);
        grown = Some(SelectionRange { range, parent: grown.map(Box::new) });
    }
    grown.unwrap_or_else(|| SelectionRange { range: convert::range(offset..offset, snapshot), parent: None })
}
