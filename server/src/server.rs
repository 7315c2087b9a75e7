//! A server from its start to its end.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::net::TcpListener;

use crate::app::{App, Parts};
use crate::artifacts::Artifacts;
use crate::compute::Compute;
use crate::config::Config;
use crate::database::{Database, StoreError};
use crate::http::listener::{self, Limits};
use crate::jobs::Queue;
use crate::models::Models;
use crate::operations::{Operations, Runtime};
use crate::routes;
use crate::supervisor::Supervisor;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can be reached from other machines.
    #[error(
        "will not listen on {address}: this version has no authentication, so it serves loopback only (127.0.0.1 or [::1])"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The data folder cannot be made or written.
    #[error("cannot use the data folder `{}`: {source}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another server uses the data folder.
    #[error("the data folder `{}` is in use by another server", .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No worker can be started.
    #[error("cannot start a worker process: {source}")]
    Worker {
        /// What the system says.
        source: std::io::Error,
    },
}

/// Serves until `shutdown` completes.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
    Server::bind(config).await?.run(shutdown).await;
    Ok(())
}

/// A server that listens, and answers once it runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: App,
    supervisor: Supervisor,
    // Held while the server lives: the system gives it up with the process.
    _lock: File,
}

impl Server {
    /// Opens the data folder, starts listening and starts the workers.
    pub async fn bind(config: Config) -> Result<Self, ServeError> {
        Self::bind_with(config, Arc::new(Runtime)).await
    }

    /// The same with other operations for requests that wait; jobs run those of the workers.
    pub async fn bind_with(mut config: Config, operations: Arc<dyn Operations>) -> Result<Self, ServeError> {
        let address = config.listen;
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback { address });
        }
        let lock = open_folder(&mut config)?;
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let database = Database::open(&config.data).await?;
        let queue = Queue::new(database.clone());
        // The lock says that no other server lives, so neither do its workers, or not for long: their jobs are free, and
        // their tokens void.
        let found = queue.expire(None).await?;
        let models = Models::new(database.clone(), Artifacts::open(&config.data)?);
        let swept = models.sweep().await?;
        if found + swept as u64 > 0 {
            tracing::info!(jobs = found, files = swept, "took up what the last server left");
        }
        let supervisor = Supervisor::start(&config, &queue).await.map_err(|source| ServeError::Worker { source })?;
        let app = App::new(Parts {
            started: Instant::now(),
            compute: Compute::new(config.compilations, config.compile_timeout),
            crew: supervisor.crew(),
            config,
            database,
            queue,
            models,
            operations,
        });
        Ok(Self { listener, address, app, supervisor, _lock: lock })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown` completes; then ends those it has begun with, stops the workers, and puts their
    /// jobs back into the queue.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let config = &self.app.config;
        let limits =
            Limits { connections: config.connections, headers: config.header_timeout, farewell: config.farewell };
        listener::run(self.listener, routes::service(self.app.clone()), limits, shutdown).await;
        self.supervisor.stop().await;
        match self.app.queue.release().await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "put running jobs back into the queue"),
            // They are found when the next server starts.
            Err(error) => tracing::error!(%error, "running jobs could not be put back into the queue"),
        }
        self.app.database.close().await;
    }
}

/// Makes the data folder if need be, and takes it for this server alone.
fn open_folder(config: &mut Config) -> Result<File, ServeError> {
    let fail = |path: &Path, source| ServeError::Folder { path: path.to_owned(), source };
    fs::create_dir_all(&config.data).map_err(|error| fail(&config.data, error))?;
    // Workers get the folder as an argument, so it must not depend on where they are started.
    config.data = config.data.canonicalize().map_err(|error| fail(&config.data, error))?;
    let path = config.data.join("server.lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| fail(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::InUse { path: config.data.clone() }),
        Err(TryLockError::Error(error)) => Err(fail(&path, error)),
    }
}
