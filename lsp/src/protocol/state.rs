//! The one thread that owns every document.
//!
//! What it is told arrives in the order in which the editor said it, since nothing is waited for on the way. Edits are
//! applied as they come; a check starts once nothing has come for a moment, so a burst of edits is one check.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc as outbox, oneshot, watch};
use tower_lsp_server::jsonrpc::{self, Error, Request, Response};
use tower_lsp_server::ls_types::notification::{Notification, PublishDiagnostics};
use tower_lsp_server::ls_types::{
    ClientCapabilities, Diagnostic, PublishDiagnosticsParams, TextDocumentContentChangeEvent, TextDocumentItem, Uri,
};

use super::asks::{Asked, Asks};
use super::check::{self, Checked, Job, Moment, Snapshot, Statistics};
use super::client::Client;
use super::convert;
use super::files::{Open, place};
use super::frames::Outgoing;
use super::settings::Settings;
use super::workspace::Survey;
use crate::text::Text;

/// What editors call the language.
const LANGUAGE: &str = "ndsl";
/// How its files end, for editors that call it something else.
const EXTENSION: &str = ".ndsl";

/// How long no edit must have come before a text is checked: less than anybody notices, more than lies between the edits
/// of a burst.
const QUIET: Duration = Duration::from_millis(20);
/// How long a text stays unchecked at most while edits keep coming.
const LONGEST: Duration = Duration::from_millis(250);

/// What a request waits for: the snapshot of the text as it was asked about, or nothing where there is no such document.
pub type Answer = jsonrpc::Result<Option<Arc<Snapshot>>>;

/// Something that happened.
pub enum Event {
    /// The editor said what it can do, and which folders it has open.
    Introduced(Client, Vec<PathBuf>),
    /// It has other folders open.
    Folders {
        /// Those that are new.
        added: Vec<PathBuf>,
        /// Those that are gone.
        removed: Vec<PathBuf>,
    },
    /// The editor is ready to be asked.
    Ready,
    /// The editor answered a request of ours.
    Answered(Response),
    /// What the user has set may have changed; with what the editor said of it.
    Configured(Value),
    /// Files that programs may name have changed on disk.
    FilesChanged,
    /// A request goes beyond one document.
    Surveyed(oneshot::Sender<Survey>),
    /// A document was opened.
    Opened(TextDocumentItem),
    /// A document was edited: the changes in the order in which they are applied.
    Edited {
        /// Which.
        uri: Uri,
        /// Its new version.
        version: i32,
        /// What changed.
        changes: Vec<TextDocumentContentChangeEvent>,
    },
    /// A document was saved.
    Saved(Uri),
    /// A document was closed.
    Closed(Uri),
    /// A request needs the snapshot of a document.
    Asked {
        /// Which.
        uri: Uri,
        /// Where it goes.
        answer: oneshot::Sender<Answer>,
    },
    /// A check is done.
    Checked(Checked),
    /// It is over.
    Stopped,
}

/// Tells the thread what happened, without waiting.
#[derive(Clone, Debug)]
pub struct Sender {
    events: mpsc::Sender<Event>,
    changes: watch::Receiver<u64>,
}

impl Sender {
    /// Tells it. After the end nobody listens, and that is no fault.
    pub fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// How often anything has changed so far, and what says when it does again.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }
}

struct Document {
    text: Text,
    version: i32,
    generation: u64,
    newest: Arc<AtomicU64>,
    /// The last check, if it is of the text as it is now.
    snapshot: Option<Arc<Snapshot>>,
    /// When it is to be checked; nothing when it was.
    due: Option<Due>,
    checking: bool,
    waiting: Vec<oneshot::Sender<Answer>>,
}

#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    since: Instant,
}

impl Document {
    /// Nothing known of the text before is true of the text now.
    fn change(&mut self, generation: u64) {
        self.generation = generation;
        self.newest.store(generation, Ordering::Release);
        self.snapshot = None;
        let now = Instant::now();
        let since = self.due.map_or(now, |due| due.since);
        self.due = Some(Due { at: (now + QUIET).min(since + LONGEST), since });
        self.answer(&Err(Error::content_modified()));
    }

    /// Whether what other files hold can change what is said of it.
    fn uses_others(&self) -> bool {
        // Of a text that has changed since it is not known yet.
        let others = |it: &Arc<Snapshot>| !it.moment.is_current() || it.analysis.used_files().next().is_some();
        self.snapshot.as_ref().is_none_or(others)
    }

    /// Someone waits: it is checked as soon as what was said so far is taken in.
    fn hurry(&mut self) {
        if let Some(due) = &mut self.due {
            due.at = Instant::now();
        }
    }

    /// It is closed: what is under way for it comes to nothing.
    fn leave(&mut self) {
        self.newest.store(0, Ordering::Release);
        self.answer(&Err(Error::content_modified()));
    }

    fn answer(&mut self, answer: &Answer) {
        for waiting in self.waiting.drain(..) {
            // One that was cancelled meanwhile does not listen.
            let _ = waiting.send(answer.clone());
        }
    }
}

struct State {
    client: Client,
    settings: Settings,
    asks: Asks,
    /// How often anything has changed, for whoever waits for that.
    revision: watch::Sender<u64>,
    folders: Vec<PathBuf>,
    documents: HashMap<Uri, Document>,
    generations: u64,
    outbox: outbox::UnboundedSender<Outgoing>,
    jobs: mpsc::Sender<Job>,
    statistics: Arc<Statistics>,
}

/// Starts the thread; it ends on [`Event::Stopped`].
pub fn start(outbox: outbox::UnboundedSender<Outgoing>, statistics: Arc<Statistics>) -> std::io::Result<Sender> {
    let (sender, events) = mpsc::channel();
    let (revision, changes) = watch::channel(0);
    let sender = Sender { events: sender, changes };
    let jobs = check::start(sender.clone(), statistics.clone())?;
    let client = Client::new(&ClientCapabilities::default());
    let (documents, folders) = (HashMap::new(), Vec::new());
    let (settings, asks) = (Settings::default(), Asks::new(outbox.clone()));
    let state =
        State { client, settings, asks, revision, folders, documents, generations: 0, outbox, jobs, statistics };
    std::thread::Builder::new().name("ndsl-documents".into()).spawn(move || state.run(&events))?;
    Ok(sender)
}

impl State {
    fn run(mut self, events: &mpsc::Receiver<Event>) {
        loop {
            let first = match self.documents.values().filter(|document| !document.checking).filter_map(due).min() {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => events.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match first {
                // All that has come is taken in before anything is checked.
                Ok(first) => {
                    for event in std::iter::once(first).chain(events.try_iter()) {
                        if matches!(event, Event::Stopped) {
                            return;
                        }
                        self.follow(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.check_what_is_due();
        }
    }

    fn follow(&mut self, event: Event) {
        match event {
            Event::Introduced(client, folders) => (self.client, self.folders) = (client, folders),
            Event::Ready => self.asks.introduce(self.client),
            Event::Answered(answer) => {
                if let Some((Asked::Configuration, said)) = self.asks.answered(answer) {
                    // One answer for each item that was asked about.
                    self.configure(said.get(0).unwrap_or(&Value::Null));
                }
            }
            Event::Configured(said) if said.is_object() => self.configure(&said),
            Event::Configured(_) if self.client.configuration => self.asks.configuration(),
            Event::Configured(_) => {}
            Event::FilesChanged => self.files_changed(),
            Event::Folders { added, removed } => {
                self.folders.retain(|folder| !removed.contains(folder));
                self.folders.extend(added);
            }
            Event::Surveyed(answer) => {
                // Whoever asked may have been cancelled meanwhile.
                let _ = answer.send(self.survey());
            }
            Event::Opened(item) => self.open(item),
            Event::Edited { uri, version, changes } => self.edit(&uri, version, &changes),
            Event::Saved(uri) => {
                if let Some(document) = self.documents.get_mut(&uri) {
                    document.hurry();
                }
            }
            Event::Closed(uri) => self.close(uri),
            Event::Asked { uri, answer } => self.ask(&uri, answer),
            Event::Checked(checked) => self.take(checked),
            Event::Stopped => {}
        }
    }

    /// The text of `uri` is another: what uses other files is checked again.
    fn changed(&mut self, uri: &Uri) {
        self.revision.send_modify(|revision| *revision += 1);
        let mut others = false;
        for (other, document) in &mut self.documents {
            if other != uri && document.uses_others() {
                self.generations += 1;
                document.change(self.generations);
                others = true;
            }
        }
        if others {
            self.asks.refresh(self.client, true);
        }
    }

    /// What documents use may be another: those that use anything are checked again.
    fn files_changed(&mut self) {
        self.revision.send_modify(|revision| *revision += 1);
        for document in self.documents.values_mut().filter(|document| document.uses_others()) {
            self.generations += 1;
            document.change(self.generations);
        }
        self.asks.refresh(self.client, true);
    }

    /// Takes in what the user has set: what was found before was found without it.
    fn configure(&mut self, said: &Value) {
        let settings = Settings::read(said);
        if std::mem::replace(&mut self.settings, settings) == settings {
            return;
        }
        for document in self.documents.values_mut() {
            self.generations += 1;
            document.change(self.generations);
        }
        self.asks.refresh(self.client, false);
    }

    fn open(&mut self, item: TextDocumentItem) {
        if item.language_id != LANGUAGE && !item.uri.as_str().ends_with(EXTENSION) {
            tracing::debug!("{} is not followed: it is {}", item.uri.as_str(), item.language_id);
            return;
        }
        self.generations += 1;
        let document = Document {
            text: Text::new(item.text),
            version: item.version,
            generation: self.generations,
            newest: Arc::new(AtomicU64::new(self.generations)),
            snapshot: None,
            due: Some(Due { at: Instant::now(), since: Instant::now() }),
            checking: false,
            waiting: Vec::new(),
        };
        // An editor that opens twice without closing means the second.
        if let Some(mut before) = self.documents.insert(item.uri.clone(), document) {
            before.leave();
        }
        self.changed(&item.uri);
    }

    fn edit(&mut self, uri: &Uri, version: i32, changes: &[TextDocumentContentChangeEvent]) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        self.statistics.edited();
        for change in changes {
            match change.range {
                Some(range) => {
                    let (start, end) = (convert::place(range.start), convert::place(range.end));
                    document.text.replace(start, end, self.client.encoding, &change.text);
                }
                None => document.text = Text::new(change.text.clone()),
            }
        }
        document.version = version;
        self.generations += 1;
        document.change(self.generations);
        self.changed(uri);
    }

    fn close(&mut self, uri: Uri) {
        if let Some(mut document) = self.documents.remove(&uri) {
            document.leave();
            self.changed(&uri);
            self.publish(uri, Vec::new(), None);
        }
    }

    fn ask(&mut self, uri: &Uri, answer: oneshot::Sender<Answer>) {
        let Some(document) = self.documents.get_mut(uri) else {
            let _ = answer.send(Ok(None));
            return;
        };
        document.waiting.push(answer);
        match document.snapshot.clone() {
            Some(snapshot) => document.answer(&Ok(Some(snapshot))),
            None if document.due.is_some() || document.checking => document.hurry(),
            // The checker panicked on this very text.
            None => document.answer(&Err(Error::internal_error())),
        }
    }

    fn take(&mut self, Checked { moment, found }: Checked) {
        let Some(document) = self.documents.get_mut(&moment.uri) else { return };
        // A document closed and opened again has another counter, and a check of its own under way.
        if !Arc::ptr_eq(&document.newest, &moment.newest) {
            return;
        }
        document.checking = false;
        if moment.generation != document.generation {
            return;
        }
        match found {
            Some((snapshot, diagnostics)) => {
                document.snapshot = Some(snapshot.clone());
                document.answer(&Ok(Some(snapshot)));
                self.publish(moment.uri, diagnostics, moment.version);
            }
            None => {
                document.snapshot = None;
                document.answer(&Err(Error::internal_error()));
            }
        }
    }

    fn check_what_is_due(&mut self) {
        let now = Instant::now();
        if !self.documents.values().any(|document| !document.checking && due(document).is_some_and(|at| at <= now)) {
            return;
        }
        let open = self.open_files();
        for (uri, document) in &mut self.documents {
            if document.checking || due(document).is_none_or(|at| at > now) {
                continue;
            }
            document.due = None;
            document.checking = true;
            let moment = Moment {
                uri: uri.clone(),
                version: Some(document.version),
                generation: document.generation,
                newest: document.newest.clone(),
                client: self.client,
                settings: self.settings,
            };
            let (text, lines) = (document.text.as_str().into(), document.text.lines().clone());
            let job = Job { moment, text, lines, open: open.clone() };
            if self.jobs.send(job).is_err() {
                tracing::error!("the thread that checks is gone");
            }
        }
    }

    /// The open documents that other programs may use; with one alone there is none.
    fn open_files(&self) -> Open {
        if self.documents.len() < 2 {
            return Open::default();
        }
        self.all_open()
    }

    fn all_open(&self) -> Open {
        let texts =
            self.documents.iter().filter_map(|(uri, document)| Some((place(uri)?, document.text.as_str().into())));
        Arc::new(texts.collect())
    }

    /// What is open now, and where the project is.
    fn survey(&self) -> Survey {
        let mut documents: Vec<_> = self
            .documents
            .iter()
            .map(|(uri, document)| (uri.clone(), Arc::from(document.text.as_str()), document.version))
            .collect();
        documents.sort_by(|a, b| a.0.cmp(&b.0));
        let (folders, open, client) = (self.folders.clone(), self.all_open(), self.client);
        Survey { folders, documents, open, client, settings: self.settings, cancelled: Arc::default() }
    }

    fn publish(&self, uri: Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) {
        // Whoever asks for them would show them twice.
        if self.client.pulls_diagnostics {
            return;
        }
        let params = PublishDiagnosticsParams::new(uri, diagnostics, version);
        match serde_json::to_value(params) {
            Ok(params) => {
                let notification = Request::build(PublishDiagnostics::METHOD).params(params).finish();
                // After the end nobody reads, and that is no fault.
                let _ = self.outbox.send(Outgoing::Request(notification));
            }
            Err(error) => tracing::error!("diagnostics cannot be written: {error}"),
        }
    }
}

fn due(document: &Document) -> Option<Instant> {
    document.due.map(|due| due.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn snapshot(documents: &Sender, uri: &Uri) -> Arc<Snapshot> {
        let (answer, snapshot) = oneshot::channel();
        documents.send(Event::Asked { uri: uri.clone(), answer });
        snapshot.await.unwrap().unwrap().unwrap()
    }

    #[tokio::test]
    async fn what_was_found_in_an_older_text_is_dropped() {
        let (outbox, mut published) = outbox::unbounded_channel();
        let documents = start(outbox, Arc::default()).unwrap();
        let uri: Uri = "file:///a.ndsl".parse().unwrap();
        let item = TextDocumentItem::new(uri.clone(), LANGUAGE.to_owned(), 1, "const a = 1".to_owned());
        documents.send(Event::Opened(item));
        let old = snapshot(&documents, &uri).await;

        let change = TextDocumentContentChangeEvent { range: None, range_length: None, text: "const a = 2".to_owned() };
        documents.send(Event::Edited { uri: uri.clone(), version: 2, changes: vec![change] });
        let found = Some((old.clone(), Vec::new()));
        documents.send(Event::Checked(Checked { moment: old.moment.clone(), found }));

        assert_eq!(snapshot(&documents, &uri).await.moment.version, Some(2));
        documents.send(Event::Stopped);
        let mut versions = Vec::new();
        while let Some(Outgoing::Request(notification)) = published.recv().await {
            versions.push(notification.params().unwrap()["version"].clone());
        }
        assert_eq!(versions, [1, 2]);
    }

    #[tokio::test]
    async fn a_text_on_which_the_checker_panicked_is_asked_about_in_vain_until_it_changes() {
        let (outbox, _published) = outbox::unbounded_channel();
        let documents = start(outbox, Arc::default()).unwrap();
        let uri: Uri = "file:///a.ndsl".parse().unwrap();
        let open = |version| TextDocumentItem::new(uri.clone(), LANGUAGE.to_owned(), version, String::new());
        documents.send(Event::Opened(open(1)));
        let moment = snapshot(&documents, &uri).await.moment.clone();
        documents.send(Event::Checked(Checked { moment, found: None }));
        let (answer, failed) = oneshot::channel();
        documents.send(Event::Asked { uri: uri.clone(), answer });
        assert_eq!(failed.await.unwrap().map(|_| ()), Err(Error::internal_error()));

        documents.send(Event::Edited { uri: uri.clone(), version: 2, changes: Vec::new() });
        assert_eq!(snapshot(&documents, &uri).await.moment.version, Some(2));
        documents.send(Event::Stopped);
    }
}
