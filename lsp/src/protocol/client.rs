//! What the editor can do, and what it is offered in return.

use tower_lsp_server::ls_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, HoverProviderCapability,
    MarkupKind, PositionEncodingKind, SaveOptions, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
};

use crate::text::Encoding;

/// What was agreed with the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// What positions count.
    pub encoding: Encoding,
    /// Whether a diagnostic may point at other places.
    pub related_information: bool,
    /// Whether a hover may be Markdown.
    pub markdown: bool,
    /// Whether an edit may name the version it is for.
    pub document_changes: bool,
    /// Whether a code action may be more than a command.
    pub code_actions: bool,
}

impl Client {
    /// What an editor of these capabilities is served.
    pub fn new(capabilities: &ClientCapabilities) -> Self {
        let encodings = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
        let document = capabilities.text_document.as_ref();
        let diagnostics = document.and_then(|document| document.publish_diagnostics.as_ref());
        let hover = document.and_then(|document| document.hover.as_ref());
        let actions = document.and_then(|document| document.code_action.as_ref());
        let edits = capabilities.workspace.as_ref().and_then(|workspace| workspace.workspace_edit.as_ref());
        Self {
            encoding: encodings.and_then(|all| all.iter().find_map(encoding)).unwrap_or_default(),
            related_information: diagnostics.and_then(|diagnostics| diagnostics.related_information).unwrap_or(false),
            markdown: hover
                .and_then(|hover| hover.content_format.as_ref())
                .is_none_or(|formats| formats.contains(&MarkupKind::Markdown)),
            document_changes: edits.and_then(|edits| edits.document_changes).unwrap_or(false),
            code_actions: actions.is_some_and(|actions| actions.code_action_literal_support.is_some()),
        }
    }

    /// What the editor is told that it can ask.
    pub fn offer(self) -> ServerCapabilities {
        ServerCapabilities {
            position_encoding: Some(match self.encoding {
                Encoding::Utf8 => PositionEncodingKind::UTF8,
                Encoding::Utf16 => PositionEncodingKind::UTF16,
                Encoding::Utf32 => PositionEncodingKind::UTF32,
            }),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
                ..Default::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            code_action_provider: self.code_actions.then(|| {
                CodeActionProviderCapability::Options(CodeActionOptions {
                    code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
                    ..Default::default()
                })
            }),
            ..Default::default()
        }
    }
}

/// The first encoding in the editor's order of preference that is known is taken.
fn encoding(kind: &PositionEncodingKind) -> Option<Encoding> {
    if *kind == PositionEncodingKind::UTF8 {
        Some(Encoding::Utf8)
    } else if *kind == PositionEncodingKind::UTF16 {
        Some(Encoding::Utf16)
    } else if *kind == PositionEncodingKind::UTF32 {
        Some(Encoding::Utf32)
    } else {
        None
    }
}
