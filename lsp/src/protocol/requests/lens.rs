//! `textDocument/codeLens`.

use serde_json::{Value, json};
use tower_lsp_server::ls_types::{CodeLens, Command};

use crate::ide::lens::{Action, lenses};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;

/// The lines above declarations. What they do is for the editor to carry out, by commands of these names with the address
/// of the document and the name of what is meant.
pub fn answer(snapshot: &Snapshot) -> Vec<CodeLens> {
    if !snapshot.moment.settings.lenses {
        return Vec::new();
    }
    let uri = snapshot.moment.uri.as_str();
    let command = |title: String, command: &str, name: Option<String>| Command {
        title,
        command: command.to_owned(),
        arguments: name.map(|name| vec![json!(uri), Value::String(name)]),
    };
    let runs = snapshot.moment.client.runs_commands;
    let shown = |lens: crate::ide::lens::Lens| {
        let command = match lens.action {
            Action::None => command(lens.title, "", None),
            // An editor that does not know the command would show a line that does nothing.
            _ if !runs => return None,
            Action::Train(name) => command(lens.title, "ndsl.train", Some(name)),
            Action::Tune(name) => command(lens.title, "ndsl.tune", Some(name)),
            Action::Compile(name) => command(lens.title, "ndsl.compile", Some(name)),
            Action::Preview(name) => command(lens.title, "ndsl.preview", Some(name)),
            Action::Generate(name) => command(lens.title, "ndsl.generate", Some(name)),
        };
        Some(CodeLens { range: convert::range(lens.range, snapshot), command: Some(command), data: None })
    };
    lenses(&snapshot.analysis).into_iter().filter_map(shown).collect()
}
