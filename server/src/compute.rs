//! Computing for a request, beside the threads that answer requests.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::http::Problem;

/// The stack of a computing thread. A deeply nested program needs more than a thread usually has.
pub(crate) const STACK: usize = 32 << 20;

/// A few threads' worth of computing.
///
/// A computation that outlives its request keeps its place until it ends, so such computations cannot pile up.
#[derive(Clone, Debug)]
pub(crate) struct Compute {
    places: Arc<Semaphore>,
    timeout: Duration,
}

impl Compute {
    /// Room for `places` computations at a time, each to be answered within `timeout`.
    pub(crate) fn new(places: usize, timeout: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(places.max(1))), timeout }
    }

    /// Runs `work` and answers what it makes.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let deadline = Instant::now() + self.timeout;
        let busy =
            |detail: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail.to_owned()).retry_after(5);
        let Ok(Ok(place)) = timeout_at(deadline, self.places.clone().acquire_owned()).await else {
            return Err(busy("too many programs are being compiled; try again, or submit a job"));
        };
        let result = spawn(move || {
            let result = work();
            drop(place);
            result
        })
        .map_err(|error| busy(&format!("no thread could be started: {error}")))?;
        match timeout_at(deadline, result).await {
            Err(_) => {
                let detail = format!("this took longer than {:?}; submit it as a job", self.timeout);
                Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", detail))
            }
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => Err(Problem::internal("the operation panicked")),
        }
    }
}

/// Runs `work` on a thread of its own. The receiver fails if it panics.
pub(crate) fn spawn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<oneshot::Receiver<T>> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new().name("compute".to_owned()).stack_size(STACK).spawn(move || {
        // Nothing that the work could leave half-changed outlives it.
        if let Ok(result) = catch_unwind(AssertUnwindSafe(work)) {
            // Whoever asked may have stopped waiting.
            let _ = sender.send(result);
        }
    })?;
    Ok(receiver)
}
