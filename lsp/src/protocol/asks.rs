//! What we ask the editor, and what its answers mean.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower_lsp_server::jsonrpc::{Id, Request, Response};

use super::client::Client;
use super::frames::Outgoing;
use super::settings::SECTION;

/// The requests of ours that are not answered yet.
#[derive(Debug)]
pub struct Asks {
    outbox: mpsc::UnboundedSender<Outgoing>,
    next: i64,
    /// Those whose answer means something.
    open: HashMap<i64, Asked>,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What the user has set.
    Configuration,
}

/// The files whose changes we want to be told of: programs, the data they name, and what marks the root of a project.
const WATCHED: [&str; 3] = ["**/*.ndsl", "**/ndsl.toml", "**/*.{csv,parquet,jsonl,arrow,npy,npz,gz,txt}"];

impl Asks {
    /// Nothing is asked yet.
    pub fn new(outbox: mpsc::UnboundedSender<Outgoing>) -> Self {
        Self { outbox, next: 0, open: HashMap::new() }
    }

    /// Once the editor is ready: what the user has set, and to be told of files that change.
    pub fn introduce(&mut self, client: Client) {
        if client.configuration {
            self.configuration();
        }
        if client.watches_files {
            let watchers: Vec<Value> = WATCHED.iter().map(|glob| json!({ "globPattern": glob })).collect();
            let registration = json!({
                "id": "ndsl-files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            });
            self.ask("client/registerCapability", Some(json!({ "registrations": [registration] })), None);
        }
    }

    /// What the user has set.
    pub fn configuration(&mut self) {
        let params = json!({ "items": [{ "section": SECTION }] });
        self.ask("workspace/configuration", Some(params), Some(Asked::Configuration));
    }

    /// To ask again for what depends on more than one document.
    pub fn refresh(&mut self, client: Client, diagnostics_alone: bool) {
        if client.pulls_diagnostics && client.refreshes_diagnostics {
            self.ask("workspace/diagnostic/refresh", None, None);
        }
        if client.refreshes_hints && !diagnostics_alone {
            self.ask("workspace/inlayHint/refresh", None, None);
        }
        if client.refreshes_lenses && !diagnostics_alone {
            self.ask("workspace/codeLens/refresh", None, None);
        }
    }

    fn ask(&mut self, method: &'static str, params: Option<Value>, asked: Option<Asked>) {
        self.next += 1;
        let request = Request::build(method).id(self.next);
        let request = match params {
            Some(params) => request.params(params).finish(),
            None => request.finish(),
        };
        self.open.extend(asked.map(|asked| (self.next, asked)));
        // After the end nobody reads, and that is no fault.
        let _ = self.outbox.send(Outgoing::Request(request));
    }

    /// What an answer is to, and what it says; nothing where it means nothing, or is an error.
    pub fn answered(&mut self, answer: Response) -> Option<(Asked, Value)> {
        let (Id::Number(id), said) = answer.into_parts() else { return None };
        let asked = self.open.remove(&id)?;
        match said {
            Ok(said) => Some((asked, said)),
            Err(error) => {
                tracing::warn!("the editor does not answer {asked:?}: {error}");
                None
            }
        }
    }
}
