//! What the editor can do, and what it is offered in return.

use serde_json::json;
use tower_lsp_server::ls_types::{
    CallHierarchyServerCapability, ClientCapabilities, CodeActionOptions, CodeActionProviderCapability,
    CodeLensOptions, CompletionOptions, DiagnosticOptions, DiagnosticServerCapabilities, DocumentLinkOptions,
    DocumentOnTypeFormattingOptions, FileOperationFilter, FileOperationPattern, FileOperationRegistrationOptions,
    FoldingRangeProviderCapability, HoverProviderCapability, MarkupKind, OneOf, PositionEncodingKind, RenameOptions,
    SaveOptions, SelectionRangeProviderCapability, ServerCapabilities, SignatureHelpOptions,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    TypeDefinitionProviderCapability, WorkDoneProgressOptions, WorkspaceFileOperationsServerCapabilities,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use super::requests::{actions, tokens};
use crate::text::Encoding;

/// What was agreed with the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// What positions count.
    pub encoding: Encoding,
    /// Whether a diagnostic may point at other places.
    pub related_information: bool,
    /// Whether a diagnostic may lead to the page that explains it.
    pub code_descriptions: bool,
    /// Whether a hover may be Markdown.
    pub markdown: bool,
    /// Whether the documentation of what is completed may be.
    pub markdown_items: bool,
    /// Whether that of a call's parameters may be.
    pub markdown_signatures: bool,
    /// Whether a parameter may be told by its place in the text of the call.
    pub places_parameters: bool,
    /// Whether it asks what would be renamed before it asks for a new name.
    pub prepares_renames: bool,
    /// Whether an edit may name the version it is for.
    pub document_changes: bool,
    /// Whether a code action may be more than a command.
    pub code_actions: bool,
    /// Whether a place to go to may be told with what leads there.
    pub links: bool,
    /// Whether an outline may have levels.
    pub hierarchical_symbols: bool,
    /// Whether only whole lines are folded.
    pub folds_lines: bool,
    /// Whether what is completed may have places to go to.
    pub snippets: bool,
    /// Whether it asks for diagnostics, so that none are sent by themselves.
    pub pulls_diagnostics: bool,
    /// Whether it can be told to ask again: for diagnostics.
    pub refreshes_diagnostics: bool,
    /// For inlay hints.
    pub refreshes_hints: bool,
    /// For lenses.
    pub refreshes_lenses: bool,
    /// Whether it can be asked for what the user has set.
    pub configuration: bool,
    /// Whether it watches files for us.
    pub watches_files: bool,
    /// Whether it carries out the commands of lenses itself: `ndsl.train`, `ndsl.tune`, `ndsl.compile`, `ndsl.preview` and `ndsl.generate`.
    pub runs_commands: bool,
}

impl Client {
    /// What an editor of these capabilities is served.
    pub fn new(capabilities: &ClientCapabilities) -> Self {
        let encodings = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
        let document = capabilities.text_document.as_ref();
        let diagnostics = document.and_then(|document| document.publish_diagnostics.as_ref());
        let hover = document.and_then(|document| document.hover.as_ref());
        let actions = document.and_then(|document| document.code_action.as_ref());
        let item = document
            .and_then(|document| document.completion.as_ref())
            .and_then(|completion| completion.completion_item.as_ref());
        let signature = document
            .and_then(|document| document.signature_help.as_ref())
            .and_then(|help| help.signature_information.as_ref());
        let takes_markdown =
            |formats: Option<&Vec<MarkupKind>>| formats.is_some_and(|it| it.contains(&MarkupKind::Markdown));
        let workspace = capabilities.workspace.as_ref();
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        Self {
            encoding: encodings.and_then(|all| all.iter().find_map(encoding)).unwrap_or_default(),
            related_information: diagnostics.and_then(|diagnostics| diagnostics.related_information).unwrap_or(false),
            code_descriptions: diagnostics.and_then(|it| it.code_description_support).unwrap_or(false),
            markdown: hover
                .and_then(|hover| hover.content_format.as_ref())
                .is_none_or(|formats| formats.contains(&MarkupKind::Markdown)),
            markdown_items: takes_markdown(item.and_then(|item| item.documentation_format.as_ref())),
            markdown_signatures: takes_markdown(signature.and_then(|it| it.documentation_format.as_ref())),
            places_parameters: signature
                .and_then(|it| it.parameter_information.as_ref())
                .and_then(|it| it.label_offset_support)
                .unwrap_or(false),
            prepares_renames: document
                .and_then(|document| document.rename.as_ref())
                .and_then(|rename| rename.prepare_support)
                .unwrap_or(false),
            document_changes: edits.and_then(|edits| edits.document_changes).unwrap_or(false),
            code_actions: actions.is_some_and(|actions| actions.code_action_literal_support.is_some()),
            links: document
                .and_then(|document| document.definition.as_ref())
                .and_then(|definition| definition.link_support)
                .unwrap_or(false),
            hierarchical_symbols: document
                .and_then(|document| document.document_symbol.as_ref())
                .and_then(|symbols| symbols.hierarchical_document_symbol_support)
                .unwrap_or(false),
            pulls_diagnostics: document.is_some_and(|document| document.diagnostic.is_some()),
            refreshes_diagnostics: workspace
                .and_then(|workspace| workspace.diagnostics.as_ref())
                .and_then(|diagnostics| diagnostics.refresh_support)
                .unwrap_or(false),
            refreshes_hints: workspace
                .and_then(|workspace| workspace.inlay_hint.as_ref())
                .and_then(|hints| hints.refresh_support)
                .unwrap_or(false),
            refreshes_lenses: workspace
                .and_then(|workspace| workspace.code_lens.as_ref())
                .and_then(|lenses| lenses.refresh_support)
                .unwrap_or(false),
            configuration: workspace.and_then(|workspace| workspace.configuration).unwrap_or(false),
            watches_files: workspace
                .and_then(|workspace| workspace.did_change_watched_files.as_ref())
                .and_then(|files| files.dynamic_registration)
                .unwrap_or(false),
            runs_commands: capabilities
                .experimental
                .as_ref()
                .and_then(|experimental| experimental.get("ndslCommands"))
                .and_then(serde_json::Value::as_bool)
                .unwrap_or(false),
            snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            folds_lines: document
                .and_then(|document| document.folding_range.as_ref())
                .and_then(|folding| folding.line_folding_only)
                .unwrap_or(false),
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
            definition_provider: Some(OneOf::Left(true)),
            type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
            references_provider: Some(OneOf::Left(true)),
            document_highlight_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            rename_provider: Some(match self.prepares_renames {
                true => OneOf::Right(RenameOptions {
                    prepare_provider: Some(true),
                    work_done_progress_options: WorkDoneProgressOptions::default(),
                }),
                false => OneOf::Left(true),
            }),
            call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
            document_formatting_provider: Some(OneOf::Left(true)),
            document_range_formatting_provider: Some(OneOf::Left(true)),
            document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
                first_trigger_character: "}".to_owned(),
                more_trigger_character: Some(vec!["\n".to_owned()]),
            }),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
            selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
            semantic_tokens_provider: Some(tokens::offer()),
            inlay_hint_provider: Some(OneOf::Left(true)),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            diagnostic_provider: self.pulls_diagnostics.then(|| {
                DiagnosticServerCapabilities::Options(DiagnosticOptions {
                    identifier: Some("ndsl".to_owned()),
                    inter_file_dependencies: true,
                    workspace_diagnostics: true,
                    ..Default::default()
                })
            }),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                file_operations: Some(WorkspaceFileOperationsServerCapabilities {
                    will_rename: Some(FileOperationRegistrationOptions { filters: moved_files() }),
                    ..Default::default()
                }),
            }),
            completion_provider: Some(CompletionOptions {
                resolve_provider: Some(true),
                trigger_characters: Some([".", "(", ",", "=", ":", "\"", "/", "~", ">"].map(str::to_owned).into()),
                ..Default::default()
            }),
            signature_help_provider: Some(SignatureHelpOptions {
                trigger_characters: Some(vec!["(".to_owned(), ",".to_owned()]),
                retrigger_characters: Some(vec!["=".to_owned()]),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            experimental: Some(json!({ "ndslDiagram": true })),
            code_action_provider: self.code_actions.then(|| {
                CodeActionProviderCapability::Options(CodeActionOptions {
                    code_action_kinds: Some(actions::KINDS.to_vec()),
                    ..Default::default()
                })
            }),
            ..Default::default()
        }
    }
}

/// The files and folders whose moves are asked about: any may hold programs, or be named by one.
fn moved_files() -> Vec<FileOperationFilter> {
    let pattern = FileOperationPattern { glob: "**/*".to_owned(), matches: None, options: None };
    vec![FileOperationFilter { scheme: Some("file".to_owned()), pattern }]
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
