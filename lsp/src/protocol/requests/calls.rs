//! `textDocument/prepareCallHierarchy` and what uses, or is used by, its items.

use std::ops::Range;

use tower_lsp_server::ls_types::{CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall};

use super::symbols::kind;
use crate::ide::calls::{Item, incoming, outgoing, prepare, wanted};
use crate::ide::references::word;
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::workspace::Survey;

/// The item at a place.
pub fn prepared(snapshot: &Snapshot, offset: usize) -> Option<Vec<CallHierarchyItem>> {
    Some(vec![shown(&prepare(&snapshot.analysis, offset)?, snapshot)?])
}

/// What the item named at `selection` uses.
pub fn used(snapshot: &Snapshot, selection: &Range<usize>) -> Vec<CallHierarchyOutgoingCall> {
    let name = ndsl_grammar::Span::new(ndsl_grammar::FileId::default(), selection.clone());
    let calls = outgoing(&snapshot.analysis, name).into_iter();
    let shown = |call: crate::ide::calls::Call| {
        let from_ranges = call.places.into_iter().map(|place| convert::range(place, snapshot)).collect();
        Some(CallHierarchyOutgoingCall { to: shown(&call.item, snapshot)?, from_ranges })
    };
    calls.filter_map(shown).collect()
}

/// What uses the item named at `selection`.
pub fn users(snapshot: &Snapshot, survey: &Survey, selection: &Range<usize>) -> Vec<CallHierarchyIncomingCall> {
    let Some(target) = wanted(&snapshot.analysis, selection) else { return Vec::new() };
    let word = word(&target);
    let mut found = Vec::new();
    for program in survey.programs(snapshot.project.root(), |text| text.contains(word)) {
        for call in incoming(&program.analysis, &target) {
            let from_ranges = call.places.into_iter().map(|place| convert::range(place, &program)).collect();
            found.extend(shown(&call.item, &program).map(|from| CallHierarchyIncomingCall { from, from_ranges }));
        }
    }
    found
}

fn shown(item: &Item, snapshot: &Snapshot) -> Option<CallHierarchyItem> {
    let name = convert::location(item.selection, snapshot)?;
    Some(CallHierarchyItem {
        name: item.name.clone(),
        kind: kind(item.kind),
        tags: None,
        detail: Some(item.kind.noun().to_owned()),
        uri: name.uri,
        range: convert::location(item.whole, snapshot)?.range,
        selection_range: name.range,
        data: None,
    })
}
