//! What is done about each message. Every handler tells the documents' thread first and waits afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;
use tower_lsp_server::LanguageServer;
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types::{
    CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, Hover, HoverParams,
    InitializeParams, InitializeResult, ServerInfo, Uri,
};

use super::check::{Snapshot, said};
use super::client::Client;
use super::convert;
use super::state::{Event, Sender};
use crate::ide;

/// The handlers of one connection.
#[derive(Debug)]
pub struct Handlers {
    documents: Sender,
    shut_down: Arc<AtomicBool>,
}

impl Handlers {
    /// Handlers that tell `documents`, and set `shut_down` when the editor asks for it.
    pub fn new(documents: Sender, shut_down: Arc<AtomicBool>) -> Self {
        Self { documents, shut_down }
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
        let found = tokio::task::spawn_blocking(move || (work(&snapshot), snapshot.moment.is_current())).await;
        match found {
            Ok((found, true)) => Ok(Some(found)),
            Ok((_, false)) => Err(Error::content_modified()),
            Err(failure) => {
                let panic = failure.try_into_panic();
                let reason = panic.as_ref().map_or("cancelled", |panic| said(panic.as_ref()));
                tracing::error!("a request failed: {reason}");
                Err(Error::internal_error())
            }
        }
    }
}

impl LanguageServer for Handlers {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let client = Client::new(&params.capabilities);
        self.documents.send(Event::Introduced(client));
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let server_info = Some(ServerInfo { name: "ndsl".to_owned(), version });
        Ok(InitializeResult { capabilities: client.offer(), server_info, ..InitializeResult::default() })
    }

    async fn shutdown(&self) -> Result<()> {
        self.shut_down.store(true, Ordering::Release);
        Ok(())
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
        self.documents.send(Event::Closed(params.text_document.uri));
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        let found = self.on_snapshot(at.text_document.uri, move |snapshot| {
            let hover = ide::hover(&snapshot.analysis, convert::offset(at.position, snapshot))?;
            Some(convert::hover(hover, snapshot))
        });
        Ok(found.await?.flatten())
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let wanted = |kind: &CodeActionKind| CodeActionKind::QUICKFIX.as_str().starts_with(kind.as_str());
        if params.context.only.is_some_and(|only| !only.iter().any(wanted)) {
            return Ok(None);
        }
        let range = params.range;
        let found = self.on_snapshot(params.text_document.uri, move |snapshot| {
            let fixes = ide::fixes(&snapshot.analysis, &convert::bytes(range, snapshot));
            fixes.iter().map(|fix| CodeActionOrCommand::CodeAction(convert::quick_fix(fix, snapshot))).collect()
        });
        found.await
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tower_lsp_server::ls_types::TextDocumentItem;

    use super::*;
    use crate::Statistics;
    use crate::protocol::state;

    fn handlers() -> (Handlers, Uri) {
        let (outbox, _) = mpsc::unbounded_channel();
        let documents = state::start(outbox, Arc::new(Statistics::default())).unwrap();
        let uri: Uri = "file:///a.ndsl".parse().unwrap();
        let text = "const size = 8".to_owned();
        documents.send(Event::Opened(TextDocumentItem::new(uri.clone(), "ndsl".into(), 1, text)));
        (Handlers::new(documents, Arc::default()), uri)
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_request_alone() {
        let (handlers, uri) = handlers();
        let failed = handlers.on_snapshot(uri.clone(), |_| -> u8 { panic!("on purpose") }).await;
        assert_eq!(failed, Err(Error::internal_error()));
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
