//! The worker processes: started, woken when there is work, replaced when they die, stopped with the server.
//!
//! A worker's standard input is its lifeline. Its first line is the worker's [`Settings`], every further line says that
//! there may be work, and its end says that the server is gone, however it went.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::config::{Config, WorkerCommand};
use crate::jobs::Queue;
use crate::worker::Settings;

/// The pause before a worker that died is replaced; doubled each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A worker that lived this long was fine: its end starts the pauses over.
const GOOD_LIFE: Duration = Duration::from_secs(1);

/// How many workers there are, and a way to wake them.
#[derive(Debug, Default)]
pub(crate) struct Crew {
    wanted: usize,
    alive: AtomicUsize,
    bells: Vec<Notify>,
}

impl Crew {
    /// Says that there may be something to do.
    pub(crate) fn wake(&self) {
        self.bells.iter().for_each(Notify::notify_one);
    }

    /// How many workers run.
    pub(crate) fn alive(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }

    /// How many should.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }
}

/// The tasks that look after the workers.
pub(crate) struct Supervisor {
    crew: Arc<Crew>,
    stop: watch::Sender<bool>,
    keepers: JoinSet<()>,
}

/// Looks after the worker of one place.
struct Keeper {
    place: usize,
    crew: Arc<Crew>,
    queue: Queue,
    command: WorkerCommand,
    data: PathBuf,
    settings: Settings,
    stop: watch::Receiver<bool>,
}

/// A worker process and its name.
struct Worker {
    name: String,
    child: Child,
    lifeline: ChildStdin,
}

impl Supervisor {
    /// Starts the workers. Fails if the first of them cannot be started at all.
    pub(crate) async fn start(config: &Config, queue: &Queue) -> std::io::Result<Self> {
        let command = match &config.worker_command {
            Some(command) => command.clone(),
            None => WorkerCommand { program: std::env::current_exe()?, arguments: Vec::new() },
        };
        let bells = (0..config.workers).map(|_| Notify::new()).collect();
        let crew = Arc::new(Crew { wanted: config.workers, alive: AtomicUsize::new(0), bells });
        let (stop, stopped) = watch::channel(false);
        let mut keepers = JoinSet::new();
        for place in 0..config.workers {
            let keeper = Keeper {
                place,
                crew: crew.clone(),
                queue: queue.clone(),
                command: command.clone(),
                data: config.data.clone(),
                settings: Settings::of(config),
                stop: stopped.clone(),
            };
            let first = keeper.start().await?;
            keepers.spawn(keeper.keep(first));
        }
        Ok(Self { crew, stop, keepers })
    }

    /// The workers as requests see them.
    pub(crate) fn crew(&self) -> Arc<Crew> {
        self.crew.clone()
    }

    /// Stops every worker, at once: what they work on is put back by the caller.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.keepers.join_next().await.is_some() {}
    }
}

impl Keeper {
    async fn start(&self) -> std::io::Result<Worker> {
        let name = format!("worker-{}-{}", self.place, Uuid::now_v7());
        let mut command = Command::new(&self.command.program);
        command.args(&self.command.arguments).arg("worker").arg("--data").arg(&self.data);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
        // Ctrl-C at a terminal goes to every process of the group: it is the server's to handle.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let Some(mut lifeline) = child.stdin.take() else {
            return Err(std::io::Error::other("the worker has no standard input"));
        };
        let settings = self.settings.clone().named(&name);
        let mut line = serde_json::to_vec(&settings)?;
        line.push(b'\n');
        // A worker that is dead already is noticed by its keeper.
        let _ = lifeline.write_all(&line).await;
        Ok(Worker { name, child, lifeline })
    }

    async fn keep(mut self, first: Worker) {
        let mut worker = Some(first);
        let mut pause = PAUSES.0;
        loop {
            if let Some(worker) = worker.take() {
                let begun = Instant::now();
                self.crew.alive.fetch_add(1, Ordering::Relaxed);
                let name = worker.name.clone();
                let ended = self.attend(worker).await;
                self.crew.alive.fetch_sub(1, Ordering::Relaxed);
                let Some(status) = ended else { return };
                // It is dead for certain, so its job need not wait for the lease to run out.
                let freed = self.queue.expire(Some(&name)).await.unwrap_or_else(|error| {
                    tracing::error!(%error, worker = name, "the leases of a dead worker could not be ended");
                    0
                });
                self.crew.wake();
                // One that ended in good order is rid of work that could not be stopped otherwise, and one that died at
                // work may have died of it, which the job's attempts bound. Only workers that cannot even begin are
                // to be started ever more slowly.
                let in_order = status.as_ref().is_ok_and(ExitStatus::success);
                if in_order || freed > 0 || begun.elapsed() >= GOOD_LIFE {
                    pause = PAUSES.0;
                }
                match status {
                    Ok(_) if in_order => {}
                    Ok(status) => tracing::warn!(worker = name, %status, "a worker died"),
                    Err(error) => tracing::error!(worker = name, %error, "a worker was lost"),
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = self.stop.wait_for(|stop| *stop) => return,
            }
            pause = (pause * 2).min(PAUSES.1);
            match self.start().await {
                Ok(started) => worker = Some(started),
                Err(error) => tracing::error!(%error, "a worker could not be started"),
            }
        }
    }

    /// Waits for the end of `worker`, waking it when asked to; `None` if it was stopped with the server.
    async fn attend(&mut self, mut worker: Worker) -> Option<std::io::Result<ExitStatus>> {
        let (crew, place) = (self.crew.clone(), self.place);
        let wake = async {
            loop {
                crew.bells[place].notified().await;
                if worker.lifeline.write_all(b"\n").await.is_err() {
                    // Its end is what the other branch waits for.
                    return std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            status = worker.child.wait() => return Some(status),
            () = wake => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
        drop(worker.lifeline);
        if tokio::time::timeout(Duration::from_secs(2), worker.child.wait()).await.is_err() {
            // Fails only if it is dead, which is what is wanted.
            let _ = worker.child.kill().await;
        }
        None
    }
}
