//! `ndsl serve`: the REST server.

use std::net::SocketAddr;
use std::path::PathBuf;

use ndsl::server::{Config, Server};

use super::Failure;

/// Serve the operations over REST, on this machine alone
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl serve\n  ndsl serve --listen 127.0.0.1:9000 --data /var/lib/ndsl --workers 2\n  curl --json '{\"dsl_code\": \"…\", \"backend\": \"onnx\"}' http://127.0.0.1:8000/compile"
)]
pub struct Arguments {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// The folder that holds jobs and models
    #[arg(long, default_value = "ndsl-data")]
    data: PathBuf,
    /// How many processes run jobs
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let config = Config { listen: self.listen, workers: self.workers, ..Config::new(self.data) };
        logging();
        runtime()?.block_on(async move {
            let server = Server::bind(config).await.map_err(|error| Failure::Command(error.to_string()))?;
            eprintln!("listening on http://{}; the API is at /openapi.json; stop with Ctrl-C", server.address());
            server.run(stopped()).await;
            Ok(())
        })
    }
}

/// The runtime of everything that waits for the network or the disk.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Command(format!("cannot start: {error}")))
}

/// What happens is logged on stderr; `RUST_LOG` chooses how much.
pub fn logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(crate::terminal::style().colour)
        .with_writer(std::io::stderr)
        .init();
}

/// Completes at Ctrl-C or SIGTERM.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler for signals the server runs until it is killed, which it survives.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
