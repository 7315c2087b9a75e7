//! One connection, from its first message to its last.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc};
use tower::Service;
use tower_lsp_server::LspService;
use tower_lsp_server::jsonrpc::{Error, Id, Response};

use super::check::Statistics;
use super::frames::{self, Incoming, Outgoing, Reader};
use super::handlers::Handlers;
use super::requests::diagram;
use super::state::{self, Event, Sender};
use crate::ide::Examples;

/// How many requests may be unanswered before no more are read.
const UNANSWERED: usize = 256;
/// How long the last messages may take to be read by the editor.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The editor asked for a shutdown before it left.
    Orderly,
    /// It left without asking.
    Abrupt,
}

/// Tells the documents' thread that it is over, whichever way that comes about.
struct Stop(Sender);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.send(Event::Stopped);
    }
}

/// Serves an editor that writes to `input` and reads from `output`, until it says `exit` or closes either. What `examples` makes is shown of
/// columns.
///
/// # Errors
/// When a thread cannot be started, or `input` cannot be read.
pub async fn serve<I, O>(
    input: I,
    output: O,
    statistics: Arc<Statistics>,
    examples: Option<Arc<dyn Examples>>,
) -> io::Result<Ending>
where
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let (outbox, messages) = mpsc::unbounded_channel();
    let documents = state::start(outbox.clone(), statistics)?;
    let _stop = Stop(documents.clone());
    let shut_down = Arc::new(AtomicBool::new(false));
    let told = documents.clone();
    let handlers = Handlers::new(documents, outbox.clone(), shut_down.clone(), examples);
    // Notifications go to `outbox` directly, in the order in which the documents' thread sends them.
    let service = LspService::build(|_| handlers).custom_method(diagram::METHOD, Handlers::diagram);
    let (mut service, _socket) = service.finish();
    let mut writer = tokio::spawn(frames::write(output, messages));
    let mut reader = Reader::new(input);
    let unanswered = Arc::new(Semaphore::new(UNANSWERED));

    let failure = loop {
        let incoming = tokio::select! {
            incoming = reader.next() => incoming,
            _ = &mut writer => break None,
        };
        let request = match incoming {
            Ok(Some(Incoming::Request(request))) => request,
            Ok(Some(Incoming::Answer(answer))) => {
                answer.into_iter().for_each(|answer| told.send(Event::Answered(answer)));
                continue;
            }
            Ok(Some(Incoming::Malformed(response))) => {
                tracing::warn!("what the editor sent is no message");
                let _ = outbox.send(Outgoing::Response(response));
                continue;
            }
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        let exits = request.method() == "exit";
        let id = request.id().cloned();
        if poll_fn(|context| service.poll_ready(context)).await.is_err() {
            break None;
        }
        let mut response = service.call(request);
        // Handlers tell the documents' thread when they are first polled: doing so here keeps the editor's order, which
        // tasks would not.
        match poll_fn(|context| Poll::Ready(response.as_mut().poll(context))).await {
            Poll::Ready(response) => answer(&outbox, id, response),
            Poll::Pending => {
                let permit = unanswered.clone().acquire_owned().await;
                let outbox = outbox.clone();
                tokio::spawn(async move {
                    answer(&outbox, id, response.await);
                    drop(permit);
                });
            }
        }
        if exits {
            break None;
        }
    };
    let _ = outbox.send(Outgoing::End);
    if !writer.is_finished() && tokio::time::timeout(LAST_WORDS, writer).await.is_err() {
        tracing::warn!("the editor does not read");
    }
    match failure {
        Some(error) => Err(error),
        None if shut_down.load(Ordering::Acquire) => Ok(Ending::Orderly),
        None => Ok(Ending::Abrupt),
    }
}

/// Sends the answer to a request. One that nothing was answered to is not known: the service takes every `$/` method for
/// a notification.
fn answer<E>(outbox: &mpsc::UnboundedSender<Outgoing>, id: Option<Id>, response: Result<Option<Response>, E>) {
    let response = match (response, id) {
        (Ok(Some(response)), _) => response,
        (Ok(None), Some(id)) => Response::from_error(id, Error::method_not_found()),
        (Ok(None), None) | (Err(_), _) => return,
    };
    let _ = outbox.send(Outgoing::Response(response));
}
