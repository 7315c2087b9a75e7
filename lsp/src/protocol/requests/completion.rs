//! `textDocument/completion` and `completionItem/resolve`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use serde_json::Value;
use tower_lsp_server::ls_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionResponse, CompletionTextEdit, InsertTextFormat,
    TextEdit,
};

use crate::ide::completion::{Docs, Folders, Item, Kind, completion, docs};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::files::place;

/// The most entries of a folder that are offered.
const MAX_ENTRIES: usize = 1000;

/// The longest first line of a file that is read.
const MAX_LINE: u64 = 1 << 18;

/// The folders around a document.
struct Beside(Option<PathBuf>);

impl Folders for Beside {
    fn list(&self, folder: &str) -> Vec<(String, bool)> {
        let entries = self.0.as_ref().and_then(|own| std::fs::read_dir(own.join(folder)).ok());
        let entries = entries.into_iter().flatten().flatten().take(MAX_ENTRIES);
        entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path().is_dir()))).collect()
    }

    fn first_line(&self, path: &str) -> Option<String> {
        let path = self.0.as_ref()?.join(path);
        // A pipe or a device might never answer.
        if !path.metadata().ok()?.is_file() {
            return None;
        }
        let file = File::open(path).ok()?;
        let mut line = Vec::new();
        BufReader::new(file.take(MAX_LINE)).read_until(b'\n', &mut line).ok()?;
        (line.len() < MAX_LINE as usize).then(|| String::from_utf8(line).ok()).flatten()
    }
}

/// What could stand at a place.
pub fn answer(snapshot: &Snapshot, offset: usize) -> CompletionResponse {
    let folder = place(&snapshot.moment.uri).and_then(|file| Some(file.parent()?.to_path_buf()));
    let found = completion(&snapshot.analysis, offset, &Beside(folder));
    let range = convert::range(found.replaces, snapshot);
    let shown = |(order, item): (usize, Item)| {
        let snippets = snapshot.moment.client.snippets;
        // Without places to go to, a snippet is its name.
        let text = if item.is_snippet && !snippets { item.label.clone() } else { item.insert };
        let format = if item.is_snippet && snippets { InsertTextFormat::SNIPPET } else { InsertTextFormat::PLAIN_TEXT };
        let (documentation, data) = match item.docs {
            Docs::None => (None, None),
            Docs::Text(text) => (Some(convert::documentation(text, snapshot.moment.client.markdown_items)), None),
            Docs::Of(what) => (None, Some(Value::String(what))),
        };
        CompletionItem {
            label: item.label,
            kind: Some(kind(item.kind)),
            detail: item.detail,
            documentation,
            sort_text: Some(format!("{order:05}")),
            insert_text_format: Some(format),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, text))),
            data,
            ..CompletionItem::default()
        }
    };
    let items = found.items.into_iter().enumerate().map(shown).collect();
    CompletionResponse::List(CompletionList { is_incomplete: false, items })
}

/// An item with its documentation, which is not looked up before somebody looks at it.
pub fn resolved(mut item: CompletionItem, markdown: bool) -> CompletionItem {
    if let Some(Value::String(what)) = &item.data {
        item.documentation = docs(what).map(|docs| convert::documentation(docs, markdown));
    }
    item
}

fn kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Keyword => CompletionItemKind::KEYWORD,
        Kind::Class => CompletionItemKind::CLASS,
        Kind::Function => CompletionItemKind::FUNCTION,
        Kind::Variable => CompletionItemKind::VARIABLE,
        Kind::Constant => CompletionItemKind::CONSTANT,
        Kind::Property => CompletionItemKind::PROPERTY,
        Kind::Field => CompletionItemKind::FIELD,
        Kind::EnumMember => CompletionItemKind::ENUM_MEMBER,
        Kind::Type => CompletionItemKind::STRUCT,
        Kind::Reference => CompletionItemKind::REFERENCE,
        Kind::File => CompletionItemKind::FILE,
        Kind::Folder => CompletionItemKind::FOLDER,
    }
}
