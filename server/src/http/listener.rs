//! Connections: accepted up to a number, dropped when their headers dawdle, finished before the server stops.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::{Service, ServiceExt as _};

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at a time; more wait unaccepted.
    pub(crate) connections: usize,
    /// The time for the headers of a request to arrive, also for a kept-open connection to bring its next request.
    pub(crate) headers: Duration,
    /// The time for requests to be answered when the server stops.
    pub(crate) farewell: Duration,
}

/// Answers requests with `service` until `shutdown`, then those it has begun with.
pub(crate) async fn run<S>(listener: TcpListener, service: S, limits: Limits, shutdown: impl Future<Output = ()>)
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.headers);
    let service = service.map_request(|request: axum::http::Request<Incoming>| request.map(Body::new));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            // A closed semaphore would be the only error, and nothing closes it.
            let slot = slots.clone().acquire_owned().await.ok();
            (slot, listener.accept().await)
        };
        let (slot, stream) = tokio::select! {
            () = &mut shutdown => break,
            (slot, accepted) = accepted => match accepted {
                Ok((stream, _)) => (slot, stream),
                Err(error) => {
                    // Out of file descriptors, most likely: some will come back as connections end.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service.clone()));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.farewell, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open when the server stopped");
    }
}
