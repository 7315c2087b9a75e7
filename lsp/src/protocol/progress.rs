//! What an editor is told of work that takes long: nothing before a second has passed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tower_lsp_server::jsonrpc::Request;
use tower_lsp_server::ls_types::notification::{Notification, Progress as ProgressNotification};
use tower_lsp_server::ls_types::{
    ProgressParams, ProgressParamsValue, ProgressToken, WorkDoneProgress, WorkDoneProgressBegin, WorkDoneProgressEnd,
};

use super::frames::Outgoing;

/// How long work may take before anything is said of it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Work that somebody waits for; it is over when this is dropped.
#[derive(Debug)]
pub struct Progress {
    outbox: mpsc::UnboundedSender<Outgoing>,
    token: ProgressToken,
    begun: Arc<AtomicBool>,
    begin: JoinHandle<()>,
}

impl Progress {
    /// Work under a token of the editor's.
    pub fn start(outbox: mpsc::UnboundedSender<Outgoing>, token: ProgressToken, title: &'static str) -> Self {
        let begun = Arc::new(AtomicBool::new(false));
        let (sender, own, flag) = (outbox.clone(), token.clone(), begun.clone());
        let begin = tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            flag.store(true, Ordering::Release);
            say(
                &sender,
                own,
                WorkDoneProgress::Begin(WorkDoneProgressBegin { title: title.to_owned(), ..Default::default() }),
            );
        });
        Self { outbox, token, begun, begin }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.begin.abort();
        if self.begun.load(Ordering::Acquire) {
            say(&self.outbox, self.token.clone(), WorkDoneProgress::End(WorkDoneProgressEnd { message: None }));
        }
    }
}

fn say(outbox: &mpsc::UnboundedSender<Outgoing>, token: ProgressToken, value: WorkDoneProgress) {
    let params = ProgressParams { token, value: ProgressParamsValue::WorkDone(value) };
    match serde_json::to_value(params) {
        Ok(params) => {
            let notification = Request::build(ProgressNotification::METHOD).params(params).finish();
            // After the end nobody reads, and that is no fault.
            let _ = outbox.send(Outgoing::Request(notification));
        }
        Err(error) => tracing::error!("progress cannot be written: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_said_of_work_that_is_short() {
        let (outbox, mut said) = mpsc::unbounded_channel();
        drop(Progress::start(outbox.clone(), ProgressToken::Number(1), "short"));
        let long = Progress::start(outbox, ProgressToken::Number(2), "long");
        tokio::time::sleep(PATIENCE + Duration::from_millis(200)).await;
        drop(long);
        let mut kinds = Vec::new();
        while let Some(Outgoing::Request(request)) = said.recv().await {
            let params = request.params().unwrap();
            assert_eq!(params["token"], 2);
            kinds.push(params["value"]["kind"].as_str().unwrap().to_owned());
        }
        assert_eq!(kinds, ["begin", "end"]);
    }
}
