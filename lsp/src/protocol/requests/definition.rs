//! `textDocument/definition` and `textDocument/typeDefinition`.

use tower_lsp_server::ls_types::{GotoDefinitionResponse, Location, LocationLink, Position, Range};

use crate::ide::definition::{Link, built_in, definition, type_definition};
use crate::protocol::check::Snapshot;
use crate::protocol::{convert, library};

/// Where what stands at a place is declared.
pub fn of_name(snapshot: &Snapshot, offset: usize) -> Option<GotoDefinitionResponse> {
    match definition(&snapshot.analysis, offset) {
        Some(link) => response(snapshot, link),
        None => page(snapshot, offset),
    }
}

/// The section of the reference on something of the language itself.
fn page(snapshot: &Snapshot, offset: usize) -> Option<GotoDefinitionResponse> {
    let (origin, signature) = built_in(&snapshot.analysis, offset)?;
    let (uri, line, length) = library::reference(signature)?;
    let heading = Range::new(Position::new(line as u32, 0), Position::new(line as u32, length as u32));
    if !snapshot.moment.client.links {
        return Some(GotoDefinitionResponse::Scalar(Location::new(uri, heading)));
    }
    Some(GotoDefinitionResponse::Link(vec![LocationLink {
        origin_selection_range: Some(convert::range(origin, snapshot)),
        target_uri: uri,
        target_range: heading,
        target_selection_range: heading,
    }]))
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
