//! What is done about each message. Every handler tells the documents' thread first and waits afterwards.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tower_lsp_server::LanguageServer;
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem, CallHierarchyOutgoingCall,
    CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, CodeActionParams, CodeActionResponse, CodeLens,
    CodeLensParams, CompletionItem, CompletionParams, CompletionResponse, DidChangeConfigurationParams,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentDiagnosticParams,
    DocumentDiagnosticReportResult, DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams, DocumentLink,
    DocumentLinkParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, DocumentSymbolParams,
    DocumentSymbolResponse, FoldingRange, FoldingRangeParams, GotoDefinitionParams, GotoDefinitionResponse, Hover,
    HoverParams, InitializeParams, InitializeResult, InitializedParams, InlayHint, InlayHintParams, Location,
    PrepareRenameResponse, ProgressToken, ReferenceParams, RenameFilesParams, RenameParams, SelectionRange,
    SelectionRangeParams, SemanticTokensDeltaParams, SemanticTokensFullDeltaResult, SemanticTokensParams,
    SemanticTokensRangeParams, SemanticTokensRangeResult, SemanticTokensResult, ServerInfo, SignatureHelp,
    SignatureHelpParams, TextDocumentPositionParams, TextEdit, Uri, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReportResult, WorkspaceEdit, WorkspaceFolder, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};

use super::check::{Snapshot, said};
use super::client::Client;
use super::convert;
use super::frames::Outgoing;
use super::progress::Progress;
use super::requests::{
    actions, calls, completion, definition, diagnostics, diagram, folding, formatting, hints, lens, links, references,
    rename, renamed_files, selection, signature_help, symbols, tokens,
};
use super::state::{Event, Sender};
use super::workspace::{self, Survey};
use crate::ide;

/// How long changes are left to come together before the project is checked for who waits.
const CALM: Duration = Duration::from_millis(200);

/// The handlers of one connection.
#[derive(Debug)]
pub struct Handlers {
    documents: Sender,
    outbox: mpsc::UnboundedSender<Outgoing>,
    shut_down: Arc<AtomicBool>,
    /// The editor, from when it introduces itself on.
    client: OnceLock<Client>,
    tokens: Arc<tokens::Answered>,
    /// What makes values of columns, where anything does.
    examples: Option<Arc<dyn ide::Examples>>,
}

/// Tells the work that a request started, and that goes on without it, that nobody waits any more.
struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Handlers {
    /// Handlers that tell `documents`, and set `shut_down` when the editor asks for it.
    pub fn new(
        documents: Sender,
        outbox: mpsc::UnboundedSender<Outgoing>,
        shut_down: Arc<AtomicBool>,
        examples: Option<Arc<dyn ide::Examples>>,
    ) -> Self {
        Self { documents, outbox, shut_down, client: OnceLock::new(), tokens: Arc::default(), examples }
    }

    /// Work that the editor may show while it goes on, where it gave a token for that.
    fn progress(&self, token: Option<ProgressToken>, title: &'static str) -> Option<Progress> {
        token.map(|token| Progress::start(self.outbox.clone(), token, title))
    }

    /// Runs `work` on the snapshot of a document as it is now; answers nothing where there is no such document.
    ///
    /// A panic in `work` is an error of this request and of nothing else. Where the document changes meanwhile, what was
    /// found is of no use any more and the editor is told so.
    async fn on_snapshot<T: Send + 'static>(
        &self,
        uri: Uri,
        work: impl FnOnce(&Snapshot) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let (answer, snapshot) = oneshot::channel();
        self.documents.send(Event::Asked { uri, answer });
        let Some(snapshot) = snapshot.await.unwrap_or(Ok(None))? else { return Ok(None) };
        match blocking(move || (work(&snapshot), snapshot.moment.is_current())).await? {
            (found, true) => Ok(Some(found)),
            (_, false) => Err(Error::content_modified()),
        }
    }

    /// A picture of a model or schema of a document.
    ///
    /// # Errors
    /// When there is no such thing to draw, or the document has changed meanwhile.
    pub async fn diagram(&self, params: diagram::Params) -> Result<diagram::Answer> {
        let uri = params.text_document.uri.clone();
        let found = self.on_snapshot(uri, move |snapshot| diagram::answer(snapshot, params)).await?;
        found.unwrap_or_else(|| Err(diagram::not_open()))
    }

    /// The same at a place of the document.
    async fn at<T: Send + 'static>(
        &self,
        at: TextDocumentPositionParams,
        work: impl FnOnce(&Snapshot, usize) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let TextDocumentPositionParams { text_document, position } = at;
        self.on_snapshot(text_document.uri, move |snapshot| work(snapshot, convert::offset(position, snapshot))).await
    }

    /// What is open, for what goes beyond one document; `cancel` is dropped when nobody waits any more.
    async fn survey(&self) -> Option<(Survey, Cancel)> {
        let (answer, survey) = oneshot::channel();
        self.documents.send(Event::Surveyed(answer));
        let survey = survey.await.ok()?;
        let cancel = Cancel(survey.cancelled.clone());
        Some((survey, cancel))
    }

    /// Runs `work` on a file of the project, open or not.
    async fn in_file<T: Send + 'static>(
        &self,
        uri: Uri,
        work: impl FnOnce(&Snapshot, &Survey) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let Some((survey, _cancel)) = self.survey().await else { return Ok(None) };
        blocking(move || survey.file(&uri).map(|snapshot| work(&snapshot, &survey))).await
    }

    /// Runs `work` on the project around a document.
    async fn on_project<T: Send + 'static>(
        &self,
        uri: Uri,
        work: impl FnOnce(&Snapshot, &Survey) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let Some((survey, _cancel)) = self.survey().await else { return Ok(None) };
        self.on_snapshot(uri, move |snapshot| work(snapshot, &survey)).await
    }
}

/// Runs `work` where it holds nothing else up; a panic in it is its own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|failure| {
        let panic = failure.try_into_panic();
        let reason = panic.as_ref().map_or("cancelled", |panic| said(panic.as_ref()));
        tracing::error!("a request failed: {reason}");
        // Editors show what an error says: whoever sees it can report it.
        let message = format!("the language server failed on this request and goes on: {reason}");
        Error { message: message.into(), ..Error::internal_error() }
    })
}

impl LanguageServer for Handlers {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let client = *self.client.get_or_init(|| Client::new(&params.capabilities));
        #[expect(deprecated, reason = "editors that know no folders say their one so")]
        let root = params.root_uri.as_ref();
        let folders = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
        let mut folders: Vec<PathBuf> = folders.filter_map(workspace::folder).collect();
        if folders.is_empty() {
            folders.extend(root.and_then(workspace::folder));
        }
        self.documents.send(Event::Introduced(client, folders));
        if let Some(options) = params.initialization_options {
            self.documents.send(Event::Configured(options));
        }
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let server_info = Some(ServerInfo { name: "ndsl".to_owned(), version });
        Ok(InitializeResult { capabilities: client.offer(), server_info, ..InitializeResult::default() })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.documents.send(Event::Ready);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.documents.send(Event::Configured(params.settings));
    }

    async fn did_change_watched_files(&self, _: DidChangeWatchedFilesParams) {
        self.documents.send(Event::FilesChanged);
    }

    async fn shutdown(&self) -> Result<()> {
        self.shut_down.store(true, Ordering::Release);
        Ok(())
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let places = |folders: &[WorkspaceFolder]| folders.iter().filter_map(|it| workspace::folder(&it.uri)).collect();
        let (added, removed) = (places(&params.event.added), places(&params.event.removed));
        self.documents.send(Event::Folders { added, removed });
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.documents.send(Event::Opened(params.text_document));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let DidChangeTextDocumentParams { text_document, content_changes: changes } = params;
        self.documents.send(Event::Edited { uri: text_document.uri, version: text_document.version, changes });
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.documents.send(Event::Saved(params.text_document.uri));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.tokens.forget(&params.text_document.uri);
        self.documents.send(Event::Closed(params.text_document.uri));
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let examples = self.examples.clone();
        let found = self.at(params.text_document_position_params, move |snapshot, offset| {
            let analysis = &snapshot.analysis;
            let hover = ide::hover(analysis, offset, snapshot.moment.settings.batch_size)?;
            let hover = match examples {
                Some(examples) => ide::with_examples(hover, analysis, offset, &*examples),
                None => hover,
            };
            Some(convert::hover(hover, snapshot))
        });
        Ok(found.await?.flatten())
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.at(params.text_document_position, completion::answer).await
    }

    async fn completion_resolve(&self, params: CompletionItem) -> Result<CompletionItem> {
        let markdown = self.client.get().is_some_and(|client| client.markdown_items);
        Ok(completion::resolved(params, markdown))
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        Ok(self.at(params.text_document_position_params, signature_help::answer).await?.flatten())
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        Ok(self.at(params.text_document_position_params, definition::of_name).await?.flatten())
    }

    async fn goto_type_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        Ok(self.at(params.text_document_position_params, definition::of_type).await?.flatten())
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let declared = params.context.include_declaration;
        let _progress = self.progress(params.work_done_progress_params.work_done_token, "Looking for references");
        let found = self.on_project(text_document.uri, move |snapshot, survey| {
            references::answer(snapshot, survey, convert::offset(position, snapshot), declared)
        });
        Ok(found.await?.flatten())
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        self.at(params.text_document_position_params, references::highlights).await
    }

    async fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        self.at(params, rename::prepared).await?.unwrap_or(Ok(None))
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let _progress = self.progress(params.work_done_progress_params.work_done_token, "Renaming");
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let found = self.on_project(text_document.uri, move |snapshot, survey| {
            rename::answer(snapshot, survey, convert::offset(position, snapshot), &params.new_name)
        });
        found.await?.unwrap_or(Ok(None))
    }

    async fn will_rename_files(&self, params: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        let Some((survey, _cancel)) = self.survey().await else { return Ok(None) };
        blocking(move || renamed_files::answer(&survey, &params.files)).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.on_snapshot(params.text_document.uri, symbols::outline).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        let _progress = self.progress(params.work_done_progress_params.work_done_token, "Looking for symbols");
        let Some((survey, _cancel)) = self.survey().await else { return Ok(None) };
        blocking(move || Some(symbols::search(&survey, &params.query))).await
    }

    async fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
        let answered = self.tokens.clone();
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| tokens::full(snapshot, &answered));
        Ok(found.await?.map(SemanticTokensResult::Tokens))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let answered = self.tokens.clone();
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            tokens::delta(snapshot, &answered, &params.previous_result_id)
        });
        found.await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            tokens::of_range(snapshot, &convert::bytes(params.range, snapshot))
        });
        Ok(found.await?.map(SemanticTokensRangeResult::Tokens))
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            hints::answer(snapshot, &convert::bytes(params.range, snapshot), snapshot.moment.settings.hints)
        });
        found.await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.on_snapshot(params.text_document.uri, folding::answer).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        let positions = params.positions;
        self.on_snapshot(params.text_document.uri, move |snapshot| selection::answer(snapshot, &positions)).await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.on_snapshot(params.text_document.uri, links::answer).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        Ok(self.at(params.text_document_position_params, calls::prepared).await?.flatten())
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        let CallHierarchyItem { uri, selection_range, .. } = params.item;
        let found =
            self.in_file(uri, move |snapshot, _| calls::used(snapshot, &convert::bytes(selection_range, snapshot)));
        found.await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        let CallHierarchyItem { uri, selection_range, .. } = params.item;
        let found = self.in_file(uri, move |snapshot, survey| {
            calls::users(snapshot, survey, &convert::bytes(selection_range, snapshot))
        });
        found.await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.on_snapshot(params.text_document.uri, formatting::whole).await?.unwrap_or(Ok(None))
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            formatting::of_range(snapshot, &convert::bytes(params.range, snapshot))
        });
        found.await?.unwrap_or(Ok(None))
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let typed = params.ch;
        self.at(params.text_document_position, move |snapshot, offset| formatting::typed(snapshot, offset, &typed))
            .await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.on_snapshot(params.text_document.uri, lens::answer).await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let previous = params.previous_result_id;
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            diagnostics::of_document(snapshot, previous.as_deref())
        });
        found.await?.ok_or_else(Error::content_modified)
    }

    async fn workspace_diagnostic(&self, params: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReportResult> {
        let knows = !params.previous_result_ids.is_empty();
        let mut changes = self.documents.changes();
        loop {
            changes.borrow_and_update();
            let Some((survey, _cancel)) = self.survey().await else { return Err(Error::content_modified()) };
            let known = params.previous_result_ids.clone();
            let progress =
                self.progress(params.work_done_progress_params.work_done_token.clone(), "Checking the project");
            let report = blocking(move || diagnostics::of_project(&survey, known)).await?;
            drop(progress);
            // An editor asks again as soon as it is answered: where it knows all that there is, it waits for what is new.
            if !knows || diagnostics::has_news(&report) || changes.changed().await.is_err() {
                return Ok(report);
            }
            tokio::time::sleep(CALM).await;
        }
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let (range, only) = (params.range, params.context.only);
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            actions::answer(snapshot, &convert::bytes(range, snapshot), only.as_deref())
        });
        found.await
    }
}

#[cfg(test)]
mod tests {
    use tower_lsp_server::ls_types::TextDocumentItem;

    use super::*;
    use crate::Statistics;
    use crate::protocol::state;

    fn handlers() -> (Handlers, Uri) {
        let (outbox, _) = mpsc::unbounded_channel();
        let documents = state::start(outbox.clone(), Arc::new(Statistics::default())).unwrap();
        let uri: Uri = "file:///a.ndsl".parse().unwrap();
        let text = "const size = 8".to_owned();
        documents.send(Event::Opened(TextDocumentItem::new(uri.clone(), "ndsl".into(), 1, text)));
        (Handlers::new(documents, outbox, Arc::default(), None), uri)
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_request_alone() {
        let (handlers, uri) = handlers();
        let failed = handlers.on_snapshot(uri.clone(), |_| -> u8 { panic!("on purpose") }).await;
        let failed = failed.unwrap_err();
        assert_eq!(failed.code, Error::internal_error().code);
        assert!(failed.message.ends_with("on purpose"), "{}", failed.message);
        let size = handlers.on_snapshot(uri, |snapshot| snapshot.analysis.source.text.len()).await;
        assert_eq!(size, Ok(Some(14)));
        handlers.documents.send(Event::Stopped);
    }

    #[tokio::test]
    async fn an_answer_on_a_text_that_changed_meanwhile_is_not_given() {
        let (handlers, uri) = handlers();
        let (documents, changed) = (handlers.documents.clone(), uri.clone());
        let stale = handlers.on_snapshot(uri.clone(), move |snapshot| {
            documents.send(Event::Edited { uri: changed, version: 2, changes: Vec::new() });
            while snapshot.moment.is_current() {
                std::thread::yield_now();
            }
        });
        assert_eq!(stale.await, Err(Error::content_modified()));
        handlers.documents.send(Event::Stopped);
    }

    #[tokio::test]
    async fn a_document_that_is_not_open_has_no_answer() {
        let (handlers, uri) = handlers();
        let other = "file:///b.ndsl".parse().unwrap();
        assert_eq!(handlers.on_snapshot(other, |_| ()).await, Ok(None));
        handlers.documents.send(Event::Stopped);
        assert_eq!(handlers.on_snapshot(uri, |_| ()).await, Ok(None), "after the end");
    }
}
