//! `textDocument/inlayHint`.

use std::ops::Range;

use tower_lsp_server::ls_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintTooltip};

use crate::ide::hints::{Hint, Kind, Wanted, hints};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;

/// The hints of a range.
pub fn answer(snapshot: &Snapshot, range: &Range<usize>, wanted: Wanted) -> Vec<InlayHint> {
    hints(&snapshot.analysis, range, wanted).into_iter().map(|hint| shown(hint, snapshot)).collect()
}

fn shown(hint: Hint, snapshot: &Snapshot) -> InlayHint {
    InlayHint {
        position: convert::range(hint.at..hint.at, snapshot).start,
        label: InlayHintLabel::String(hint.label),
        kind: Some(match hint.kind {
            Kind::Type => InlayHintKind::TYPE,
            Kind::Parameter => InlayHintKind::PARAMETER,
        }),
        text_edits: None,
        tooltip: hint.tooltip.map(InlayHintTooltip::String),
        padding_left: Some(hint.padded_left),
        padding_right: Some(false),
        data: None,
    }
}
