//! `textDocument/references` and `textDocument/documentHighlight`.

use tower_lsp_server::ls_types::{DocumentHighlight, DocumentHighlightKind, Location};

use crate::ide::references::{Reference, highlight, is_local, references, word};
use crate::ide::target::target_at;
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::workspace::Survey;

/// Every place in the project that means the same as the one at `offset`.
pub fn answer(snapshot: &Snapshot, survey: &Survey, offset: usize, declared: bool) -> Option<Vec<Location>> {
    let wanted = target_at(&snapshot.analysis, offset)?;
    let mut found = Vec::new();
    let mut add =
        |snapshot: &Snapshot| {
            let places = references(&snapshot.analysis, &wanted).into_iter();
            found.extend(places.filter(|place| declared || !place.is_definition).map(|place| Location {
                uri: snapshot.moment.uri.clone(),
                range: convert::range(place.range, snapshot),
            }));
        };
    if is_local(&snapshot.analysis, offset) {
        add(snapshot);
    } else {
        let word = word(&wanted);
        survey
            .programs(snapshot.project.root(), |text| text.contains(word))
            .filter(|program| program.project.root() == snapshot.project.root() || is_everywhere(&wanted))
            .for_each(|program| add(&program));
    }
    Some(found)
}

/// Whether something is known in every project.
fn is_everywhere(wanted: &crate::ide::target::Target) -> bool {
    match wanted {
        crate::ide::target::Target::Symbol(symbol) => symbol.standard,
        _ => true,
    }
}

/// The same in one file, to be marked.
pub fn highlights(snapshot: &Snapshot, offset: usize) -> Vec<DocumentHighlight> {
    let mark = |Reference { range, is_definition }| DocumentHighlight {
        range: convert::range(range, snapshot),
        kind: Some(if is_definition { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
    };
    highlight(&snapshot.analysis, offset).into_iter().map(mark).collect()
}
