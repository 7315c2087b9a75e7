//! A server in this process, and what tests do with it again and again.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ndsl_server::{Config, ServeError, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::client::{Answer, send};
use crate::fake::Fake;
use crate::roles::{config, worker_command};

/// A server in this process, on a folder of its own; stopped in good order when dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) data: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    folder: Option<TempDir>,
}

impl Running {
    /// A server with one worker.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// A server whose settings `change` changes.
    pub(crate) fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Self::start_in(folder.path(), change);
        running.folder = Some(folder);
        running
    }

    /// A server in a folder that outlives it.
    pub(crate) fn start_in(data: &Path, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(data.to_owned());
        change(&mut config);
        Self::run(config, |config| Server::bind_with(config, Arc::new(Fake)))
    }

    /// A server with the operations that everybody gets.
    pub(crate) fn start_real() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path().to_owned());
        config.worker_command = Some(worker_command("as_real_worker"));
        let mut running = Self::run(config, Server::bind);
        running.folder = Some(folder);
        running
    }

    fn run<F>(config: Config, bind: impl FnOnce(Config) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Server, ServeError>>,
    {
        let data = config.data.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, started) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async move {
                let server = bind(config).await.unwrap();
                ready.send(server.address()).unwrap();
                server.run(async { drop(stopped.await) }).await;
            });
            // An operation that a test left hanging must not hold the test.
            runtime.shutdown_background();
        });
        let address = started.recv().unwrap();
        Self { address, data, stop: Some(stop), thread: Some(thread), folder: None }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"")
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        send(self.address, "DELETE", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.address, "POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// Submits a program and answers the job's identifier.
    pub(crate) fn submit(&self, program: &str) -> String {
        submit(self.address, program)
    }

    /// The job, once `is` is true of it.
    pub(crate) fn job_when(&self, id: &str, is: impl Fn(&Value) -> bool) -> Value {
        job_when(self.address, id, is)
    }

    /// The job, once it has ended.
    pub(crate) fn ended(&self, id: &str) -> Value {
        self.job_when(id, has_ended)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().unwrap();
        }
    }
}

/// Whether a job is in a state that it never leaves.
pub(crate) fn has_ended(job: &Value) -> bool {
    ["completed", "failed", "cancelled"].iter().any(|status| job["status"] == *status)
}

/// Submits a program and answers the job's identifier.
pub(crate) fn submit(address: SocketAddr, program: &str) -> String {
    let body = json!({ "dsl_code": program, "backend": "onnx" }).to_string();
    let answer = send(address, "POST", "/compile", &[("content-type", "application/json")], body.as_bytes());
    assert_eq!(answer.status, 202, "{:?}", answer.json());
    answer.json()["job_id"].as_str().unwrap().to_owned()
}

/// The job, once `is` is true of it.
pub(crate) fn job_when(address: SocketAddr, id: &str, is: impl Fn(&Value) -> bool) -> Value {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let job = send(address, "GET", &format!("/jobs/{id}"), &[], b"").json();
        if is(&job) {
            return job;
        }
        assert!(Instant::now() < patience, "it never happened: {job}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
