//! `textDocument/foldingRange`.

use tower_lsp_server::ls_types::{FoldingRange, FoldingRangeKind};

use crate::ide::folding::{Fold, Kind, folds};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;

/// What may be folded.
pub fn answer(snapshot: &Snapshot) -> Vec<FoldingRange> {
    let lines_only = snapshot.moment.client.folds_lines;
    folds(&snapshot.analysis).into_iter().filter_map(|fold| range(&fold, snapshot, lines_only)).collect()
}

fn range(fold: &Fold, snapshot: &Snapshot, lines_only: bool) -> Option<FoldingRange> {
    let range = convert::range(fold.start..fold.end, snapshot);
    let is_region = fold.kind == Kind::Region;
    // An editor that folds whole lines keeps the one with the closing bracket.
    let end_line = if lines_only && is_region { range.end.line.checked_sub(1)? } else { range.end.line };
    if end_line <= range.start.line {
        return None;
    }
    Some(FoldingRange {
        start_line: range.start.line,
        start_character: (!lines_only).then_some(range.start.character),
        end_line,
        end_character: (!lines_only).then_some(range.end.character),
        kind: match fold.kind {
            Kind::Region => None,
            Kind::Comment => Some(FoldingRangeKind::Comment),
            Kind::Imports => Some(FoldingRangeKind::Imports),
        },
        collapsed_text: None,
    })
}
