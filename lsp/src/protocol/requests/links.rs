//! `textDocument/documentLink`.

use tower_lsp_server::ls_types::{DocumentLink, Uri};

use crate::ide::links::links;
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::files::place;

/// The files that a document names, those that are there.
pub fn answer(snapshot: &Snapshot) -> Vec<DocumentLink> {
    let Some(file) = place(&snapshot.moment.uri) else { return Vec::new() };
    let Some(folder) = file.parent() else { return Vec::new() };
    let link = |link: crate::ide::links::FileLink| {
        let path = folder.join(&link.path).canonicalize().ok()?;
        Some(DocumentLink {
            range: convert::range(link.range, snapshot),
            target: Some(Uri::from_file_path(path)?),
            tooltip: Some(link.path),
            data: None,
        })
    };
    links(&snapshot.analysis).into_iter().filter_map(link).collect()
}
