//! Checks texts on a thread of its own.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Weak};

use ndsl_compiler::{Analysis, Analyzer};
use ndsl_grammar::spawn_on_large_stack;
use tower_lsp_server::ls_types::{Diagnostic, Uri};

use super::client::Client;
use super::convert;
use super::files::{Open, Project};
use super::settings::Settings;
use super::state::{Event, Sender};
use crate::ide;
use crate::text::Lines;

/// What a server has done so far.
#[derive(Debug, Default)]
pub struct Statistics {
    checks: AtomicUsize,
    edits: AtomicUsize,
}

impl Statistics {
    /// How often a text was checked.
    pub fn checks(&self) -> usize {
        self.checks.load(Ordering::Relaxed)
    }

    /// How many notifications of a change were followed.
    pub fn edits(&self) -> usize {
        self.edits.load(Ordering::Relaxed)
    }

    pub(super) fn edited(&self) {
        self.edits.fetch_add(1, Ordering::Relaxed);
    }
}

/// A text as it was at one moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Whose it is.
    pub uri: Uri,
    /// The editor's number for it; nothing for one that is not open.
    pub version: Option<i32>,
    /// Ours: no two texts have the same.
    pub generation: u64,
    /// The number of the newest text of the document.
    pub newest: Arc<AtomicU64>,
    /// What the editor can do.
    pub client: Client,
    /// What the user has set.
    pub settings: Settings,
}

impl Moment {
    /// Whether the text has not changed since.
    pub fn is_current(&self) -> bool {
        self.newest.load(Ordering::Acquire) == self.generation
    }
}

/// A checked text, on which requests run.
#[derive(Debug)]
pub struct Snapshot {
    /// Which text it is.
    pub moment: Moment,
    /// Where its lines begin.
    pub lines: Lines,
    /// The text and what is known of it.
    pub analysis: Analysis,
    /// The files around it.
    pub project: Project,
}

/// A text to be checked.
pub struct Job {
    /// Which text it is.
    pub moment: Moment,
    /// The text.
    pub text: Arc<str>,
    /// Where its lines begin.
    pub lines: Lines,
    /// What else is open.
    pub open: Open,
}

/// What came of a job.
pub struct Checked {
    /// Which text it was.
    pub moment: Moment,
    /// What was found; nothing where the text had changed before or the checker panicked.
    pub found: Option<(Arc<Snapshot>, Vec<Diagnostic>)>,
}

/// Starts the thread; it ends when every sender of jobs is gone.
pub fn start(events: Sender, statistics: Arc<Statistics>) -> std::io::Result<mpsc::Sender<Job>> {
    let (sender, jobs) = mpsc::channel::<Job>();
    spawn_on_large_stack("ndsl-check", move || {
        // What is known of each document, as far as it is open.
        let mut known: HashMap<Uri, (Weak<AtomicU64>, Analyzer)> = HashMap::new();
        for job in jobs {
            let moment = job.moment.clone();
            known.retain(|_, (document, _)| document.strong_count() > 0);
            let fresh = || (Arc::downgrade(&moment.newest), Analyzer::default());
            let (_, analyzer) = known.entry(moment.uri.clone()).or_insert_with(fresh);
            let found = moment.is_current().then(|| check(job, analyzer, &statistics)).flatten();
            events.send(Event::Checked(Checked { moment, found }));
        }
    })?;
    Ok(sender)
}

fn check(job: Job, analyzer: &mut Analyzer, statistics: &Statistics) -> Option<(Arc<Snapshot>, Vec<Diagnostic>)> {
    statistics.checks.fetch_add(1, Ordering::Relaxed);
    let Job { moment, text, lines, open } = job;
    let uri = moment.uri.as_str().to_owned();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let (source, project) = Project::of(&moment.uri, text, open);
        let analysis = analyzer.analyze(&source, &project);
        let snapshot = Snapshot { moment, lines, analysis, project };
        let shown = ide::diagnostics(&snapshot.analysis);
        let diagnostics = shown.iter().map(|diagnostic| convert::diagnostic(diagnostic, &snapshot)).collect();
        (Arc::new(snapshot), diagnostics)
    }));
    if outcome.is_err() {
        // Whatever it had come to is not gone on from.
        *analyzer = Analyzer::default();
    }
    outcome.inspect_err(|panic| tracing::error!("the checker panicked on {uri}: {}", said(panic.as_ref()))).ok()
}

/// What a panic said.
pub fn said(panic: &(dyn Any + Send)) -> &str {
    match panic.downcast_ref::<String>() {
        Some(text) => text,
        None => panic.downcast_ref::<&str>().copied().unwrap_or("without a message"),
    }
}
