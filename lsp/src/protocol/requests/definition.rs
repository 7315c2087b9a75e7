//! `textDocument/definition` and `textDocument/typeDefinition`.

use tower_lsp_server::ls_types::{GotoDefinitionResponse, LocationLink};

use crate::ide::definition::{Link, definition, type_definition};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;

/// Where what stands at a place is declared.
pub fn of_name(snapshot: &Snapshot, offset: usize) -> Option<GotoDefinitionResponse> {
    response(snapshot, definition(&snapshot.analysis, offset)?)
}

/// Where its type is.
pub fn of_type(snapshot: &Snapshot, offset: usize) -> Option<GotoDefinitionResponse> {
    response(snapshot, type_definition(&snapshot.analysis, offset)?)
}

fn response(snapshot: &Snapshot, link: Link) -> Option<GotoDefinitionResponse> {
    let name = convert::location(link.name, snapshot)?;
    if !snapshot.moment.client.links {
        return Some(GotoDefinitionResponse::Scalar(name));
    }
    let whole = convert::location(link.whole, snapshot)?;
    Some(GotoDefinitionResponse::Link(vec![LocationLink {
        origin_selection_range: Some(convert::range(link.origin, snapshot)),
        target_uri: name.uri,
        target_range: whole.range,
        target_selection_range: name.range,
    }]))
}
