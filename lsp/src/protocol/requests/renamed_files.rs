//! `workspace/willRenameFiles`: paths that lead to files that are about to be moved.

use tower_lsp_server::ls_types::{FileRename, Uri, WorkspaceEdit};

use crate::ide::format::Change;
use crate::ide::moved::{Move, moved_paths};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::files::place;
use crate::protocol::workspace::Survey;

/// The changes that keep every path leading where it led.
pub fn answer(survey: &Survey, files: &[FileRename]) -> Option<WorkspaceEdit> {
    let mut changed: Vec<(Snapshot, Vec<Change>)> = Vec::new();
    for program in survey.programs(None, |_| true) {
        let Some(root) = program.project.root() else { continue };
        let in_project = |uri: &str| {
            let path = place(&uri.parse::<Uri>().ok()?)?;
            let below = path.strip_prefix(root).ok()?;
            let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            Some(parts.join("/"))
        };
        let moves: Vec<Move> = files
            .iter()
            .filter_map(|file| Some(Move { from: in_project(&file.old_uri)?, to: in_project(&file.new_uri)? }))
            .collect();
        let changes = moved_paths(&program.analysis, &moves);
        if !changes.is_empty() {
            changed.push((program, changes));
        }
    }
    let edits = changed.iter().map(|(program, changes)| (program, changes.as_slice()));
    (!changed.is_empty()).then(|| convert::workspace_edit(edits))
}
