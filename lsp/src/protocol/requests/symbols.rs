//! `textDocument/documentSymbol` and `workspace/symbol`.

use ndsl_compiler::check::SymbolKind as Kind;
use tower_lsp_server::ls_types::{
    DocumentSymbol, DocumentSymbolResponse, Location, SymbolInformation, SymbolKind, WorkspaceSymbolResponse,
};

use crate::ide::symbols::{Symbol, matching, symbols};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::workspace::Survey;

/// The most symbols that a search answers.
const MAX_FOUND: usize = 512;

/// What the document declares.
pub fn outline(snapshot: &Snapshot) -> DocumentSymbolResponse {
    let all = symbols(&snapshot.analysis);
    if snapshot.moment.client.hierarchical_symbols {
        return DocumentSymbolResponse::Nested(all.into_iter().map(|symbol| nested(symbol, snapshot)).collect());
    }
    let mut flat = Vec::new();
    all.iter().for_each(|symbol| flatten(symbol, None, snapshot, &mut flat));
    DocumentSymbolResponse::Flat(flat)
}

/// What the programs of the project declare.
pub fn search(survey: &Survey, query: &str) -> WorkspaceSymbolResponse {
    let mut found = Vec::new();
    for program in survey.programs(None, |_| true) {
        let all = symbols(&program.analysis);
        let matching = matching(&all, query).into_iter();
        found.extend(matching.map(|(symbol, container)| information(symbol, container, &program)));
        if found.len() >= MAX_FOUND {
            break;
        }
    }
    // The shorter the name, the more of it was asked for.
    found.sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
    found.truncate(MAX_FOUND);
    WorkspaceSymbolResponse::Flat(found)
}

#[expect(deprecated, reason = "the protocol's type has the field")]
fn nested(symbol: Symbol, snapshot: &Snapshot) -> DocumentSymbol {
    let children: Vec<_> = symbol.children.into_iter().map(|child| nested(child, snapshot)).collect();
    DocumentSymbol {
        name: symbol.name,
        detail: symbol.detail,
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: convert::range(symbol.range, snapshot),
        selection_range: convert::range(symbol.selection, snapshot),
        children: (!children.is_empty()).then_some(children),
    }
}

fn flatten(symbol: &Symbol, container: Option<&str>, snapshot: &Snapshot, out: &mut Vec<SymbolInformation>) {
    out.push(information(symbol, container, snapshot));
    symbol.children.iter().for_each(|child| flatten(child, Some(&symbol.name), snapshot, out));
}

#[expect(deprecated, reason = "the protocol's type has the field")]
fn information(symbol: &Symbol, container: Option<&str>, snapshot: &Snapshot) -> SymbolInformation {
    let range = convert::range(symbol.selection.clone(), snapshot);
    SymbolInformation {
        name: symbol.name.clone(),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        location: Location { uri: snapshot.moment.uri.clone(), range },
        container_name: container.map(str::to_owned),
    }
}

/// What the protocol calls a kind.
pub fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Constant => SymbolKind::CONSTANT,
        Kind::Block | Kind::Model => SymbolKind::CLASS,
        Kind::Schema => SymbolKind::NAMESPACE,
        Kind::Table => SymbolKind::STRUCT,
        Kind::Column | Kind::Field | Kind::Part => SymbolKind::FIELD,
        Kind::Label => SymbolKind::ENUM_MEMBER,
        Kind::Dataset => SymbolKind::ARRAY,
        Kind::Train | Kind::Synthesizer => SymbolKind::EVENT,
        Kind::Deploy | Kind::Provider => SymbolKind::INTERFACE,
        Kind::Declaration => SymbolKind::NULL,
        Kind::Parameter => SymbolKind::PROPERTY,
        Kind::Dimension => SymbolKind::TYPE_PARAMETER,
        Kind::Input | Kind::Output | Kind::Local | Kind::Shared | Kind::Round | Kind::Arm => SymbolKind::VARIABLE,
    }
}
