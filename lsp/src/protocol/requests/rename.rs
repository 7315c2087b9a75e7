//! `textDocument/rename` and `textDocument/prepareRename`.

use std::collections::HashMap;
use std::sync::Arc;

use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{PrepareRenameResponse, WorkspaceEdit};

use crate::ide::format::Change;
use crate::ide::rename::{applied, changes, clash, prepare, refuse_name};
use crate::protocol::check::Snapshot;
use crate::protocol::convert::{self, refused};
use crate::protocol::workspace::{Overlay, Survey};

/// What would be renamed at `offset`.
pub fn prepared(snapshot: &Snapshot, offset: usize) -> Result<Option<PrepareRenameResponse>> {
    let renaming = prepare(&snapshot.analysis, offset).map_err(refused)?;
    let range = convert::range(renaming.range, snapshot);
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: renaming.name }))
}

/// The changes in every file of the project that give what stands at `offset` another name.
pub fn answer(snapshot: &Snapshot, survey: &Survey, offset: usize, new: &str) -> Result<Option<WorkspaceEdit>> {
    let renaming = prepare(&snapshot.analysis, offset).map_err(refused)?;
    if let Some(reason) = refuse_name(&renaming, new) {
        return Err(refused(reason));
    }
    if renaming.name == new {
        return Ok(None);
    }
    let mut changed: Vec<(Snapshot, Vec<Change>)> = Vec::new();
    let mut take = |program: Snapshot| {
        let changes = changes(&program.analysis, &renaming, new);
        if !changes.is_empty() {
            changed.push((program, changes));
        }
    };
    let root = snapshot.project.root();
    let all = survey.programs(root, |text| text.contains(&renaming.name));
    match renaming.is_alias {
        // What only this file calls so is renamed in it alone.
        true => all.filter(|program| program.moment.uri == snapshot.moment.uri).for_each(&mut take),
        false => all.filter(|program| program.project.root() == root).for_each(&mut take),
    }
    let of_path = |path: &str| -> Vec<Change> {
        let found = changed.iter().find(|(program, _)| *program.analysis.source.path == *path);
        found.map(|(_, changes)| changes.clone()).unwrap_or_default()
    };
    let texts: HashMap<String, Arc<str>> = changed
        .iter()
        .map(|(program, changes)| {
            let source = &program.analysis.source;
            (source.path.to_string(), applied(&source.text, changes).into())
        })
        .collect();
    for (program, _) in &changed {
        let overlay = Overlay { project: &program.project, texts: texts.clone() };
        let after = overlay.analyze(&program.analysis.source);
        if let Some(reason) = clash(&program.analysis, &after, &of_path) {
            return Err(refused(format!("`{}` cannot be called `{new}`: {reason}", renaming.name)));
        }
    }
    Ok(Some(convert::workspace_edit(changed.iter().map(|(program, changes)| (program, changes.as_slice())))))
}
