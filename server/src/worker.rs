//! A worker process: takes jobs one after another and runs them.
//!
//! The operation runs on a thread of its own while the worker keeps the lease alive. An operation cannot be stopped from
//! outside, so a worker whose job was cancelled, ran out of time or went to another worker ends itself, and the server
//! starts a new one. It also ends as soon as its standard input does, which is when the server is gone.

use std::io::BufRead as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, MissedTickBehavior};

use crate::artifacts::Artifacts;
use crate::compilation;
use crate::compute;
use crate::config::Config;
use crate::database::{Database, StoreError};
use crate::http::Problem;
use crate::jobs::{Desired, Kind, Lease, LeaseError, Queue};
use crate::models::Models;
use crate::operations::{CompileRequest, Compiled, Failure, Operations};

/// What a worker is told when it is started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Who it is.
    name: String,
    /// How long it may be silent.
    lease: Duration,
    /// How long an attempt may take.
    job_timeout: Duration,
}

impl Settings {
    /// What a server tells its workers.
    pub(crate) fn of(config: &Config) -> Self {
        Self { name: String::new(), lease: config.lease, job_timeout: config.job_timeout }
    }

    /// The same for the worker called `name`.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }
}

/// Why a worker could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It was not started by a server.
    #[error("a worker is started by `ndsl serve`, which tells it what to do: {0}")]
    NotStarted(String),
    /// The data folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long a worker without work waits before it looks again without having been woken.
const IDLE: Duration = Duration::from_secs(1);

/// Works on the jobs of the server that keeps its things in `data`, until that server ends.
///
/// The caller's process is expected to end when this returns: an operation may still be running on another thread.
pub async fn run(data: PathBuf) -> Result<(), WorkerError> {
    run_with(data, Arc::new(crate::operations::Runtime)).await
}

/// The same with other operations.
pub async fn run_with(data: PathBuf, operations: Arc<dyn Operations>) -> Result<(), WorkerError> {
    let bell = Arc::new(Notify::new());
    let (settings, orphaned) = lifeline(bell.clone());
    let settings = settings.await.map_err(|_| WorkerError::NotStarted("its standard input is closed".to_owned()))?;
    let settings: Settings =
        serde_json::from_str(&settings).map_err(|error| WorkerError::NotStarted(error.to_string()))?;
    let database = Database::join(&data).await?;
    let models = Models::new(database.clone(), Artifacts::open(&data)?);
    let worker = Worker { settings, queue: Queue::new(database), models, operations, bell };
    tokio::select! {
        () = worker.work() => Ok(()),
        _ = orphaned => Ok(()),
    }
}

/// Reads the standard input: its first line, then a ring of the bell for each further one, then its end.
fn lifeline(bell: Arc<Notify>) -> (oneshot::Receiver<String>, oneshot::Receiver<()>) {
    let (settings, first_line) = oneshot::channel();
    let (alive, orphaned) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut lines = std::io::stdin().lock().lines();
        if let Some(Ok(line)) = lines.next() {
            // The receiver is gone only when the worker is ending.
            let _ = settings.send(line);
        }
        while let Some(Ok(_)) = lines.next() {
            bell.notify_one();
        }
        drop(alive);
    });
    (first_line, orphaned)
}

struct Worker {
    settings: Settings,
    queue: Queue,
    models: Models,
    operations: Arc<dyn Operations>,
    bell: Arc<Notify>,
}

/// What becomes of the worker after a job.
#[derive(PartialEq, Eq)]
enum Next {
    /// It takes another.
    Another,
    /// It ends, and with it the thread that still runs the operation.
    End,
}

impl Worker {
    async fn work(&self) {
        loop {
            match self.queue.claim(&self.settings.name, self.settings.lease).await {
                Ok(Some(lease)) => match self.attempt(&lease).await {
                    Ok(Next::Another) => {}
                    Ok(Next::End) => return,
                    Err(LeaseError::Lost) => {
                        tracing::warn!(job = lease.job, "the job went to another worker");
                        return;
                    }
                    // The lease will run out, and the job be tried again.
                    Err(LeaseError::Store(error)) => {
                        tracing::error!(job = lease.job, %error, "a job could not be ended");
                        return;
                    }
                },
                Ok(None) => self.idle().await,
                Err(error) => {
                    tracing::error!(%error, "no job could be taken");
                    self.idle().await;
                }
            }
        }
    }

    async fn idle(&self) {
        // Either way it looks for work.
        let _ = tokio::time::timeout(IDLE, self.bell.notified()).await;
    }

    async fn attempt(&self, lease: &Lease) -> Result<Next, LeaseError> {
        let running = match self.begin(lease) {
            Ok(running) => running,
            Err(failure) => return self.refuse(lease, failure).await,
        };
        let Some(result) = self.accompany(lease, running).await? else { return Ok(Next::End) };
        match result {
            Ok(compiled) => self.finish(lease, compiled).await,
            Err(failure) => self.refuse(lease, failure).await,
        }
    }

    fn begin(&self, lease: &Lease) -> Result<oneshot::Receiver<Result<Compiled, Failure>>, Failure> {
        let operations = self.operations.clone();
        let work = match Kind::parse(&lease.kind) {
            Some(Kind::Compile) => {
                let request: CompileRequest =
                    serde_json::from_str(&lease.request).map_err(|error| Failure::Internal(error.to_string()))?;
                move || operations.compile(&request)
            }
            None => return Err(Failure::Internal(format!("there is no kind of job `{}`", lease.kind))),
        };
        compute::spawn(work).map_err(|error| Failure::Internal(error.to_string()))
    }

    /// Keeps the lease alive while the operation runs. `None` if the job ended before the operation did.
    async fn accompany(
        &self,
        lease: &Lease,
        mut running: oneshot::Receiver<Result<Compiled, Failure>>,
    ) -> Result<Option<Result<Compiled, Failure>>, LeaseError> {
        let beat = (self.settings.lease / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        let mut beats = tokio::time::interval_at(Instant::now() + beat, beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let deadline = tokio::time::sleep(self.settings.job_timeout);
        let mut deadline = std::pin::pin!(deadline);
        loop {
            tokio::select! {
                result = &mut running => {
                    let panicked = |_| Err(Failure::Internal("the operation panicked".to_owned()));
                    return Ok(Some(result.unwrap_or_else(panicked)));
                }
                () = &mut deadline => {
                    let detail = format!("the job took longer than {:?}", self.settings.job_timeout);
                    self.queue.fail(lease, &Problem::of_job(Failure::Request(detail))).await?;
                    return Ok(None);
                }
                _ = beats.tick() => {}
                () = self.bell.notified() => {}
            }
            match self.queue.heartbeat(lease, self.settings.lease).await {
                Ok(Desired::Run) => {}
                Ok(Desired::Cancelled) => {
                    self.queue.stopped(lease).await?;
                    return Ok(None);
                }
                Err(LeaseError::Lost) => return Err(LeaseError::Lost),
                // It may pass before the lease runs out; if not, the next write finds the lease lost.
                Err(LeaseError::Store(error)) => tracing::warn!(%error, "a heartbeat was not written"),
            }
        }
    }

    async fn finish(&self, lease: &Lease, compiled: Compiled) -> Result<Next, LeaseError> {
        self.queue.progress(lease, 80, "storing the model").await?;
        let model = crate::models::NewModel::new(compiled);
        let result = serde_json::to_value(compilation::Outcome::of(&model)).unwrap_or(Value::Null);
        self.models.keep_file(&model).await?;
        self.queue.complete(lease, &result, &self.models, &model).await?;
        Ok(Next::Another)
    }

    async fn refuse(&self, lease: &Lease, failure: Failure) -> Result<Next, LeaseError> {
        self.queue.fail(lease, &Problem::of_job(failure)).await?;
        Ok(Next::Another)
    }
}
