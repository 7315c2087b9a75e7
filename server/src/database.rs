//! The SQLite file that holds jobs, events and models.
//!
//! Writes go through one connection of each process, so that they wait for one another in order instead of polling the
//! file's lock; reads have connections of their own, which WAL lets run beside a write.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Transaction};

/// The file's name in the data folder.
pub(crate) const FILE_NAME: &str = "ndsl.sqlite";

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// What can go wrong in keeping and finding things.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left for a write.
    #[error("the disk that holds the data folder is full")]
    Full,
    /// The file is not a database, or parts of it are damaged.
    #[error("the database `{}` is damaged: {detail}", .path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// Another process held the write lock for too long.
    #[error("the database is busy")]
    Busy,
    /// The schema is one that this version does not know.
    #[error("the database `{}` was made by another version of ndsl: {detail}", .path.display())]
    Version {
        /// The database.
        path: PathBuf,
        /// Which migration does not fit.
        detail: String,
    },
    /// The file cannot be opened, read or written.
    #[error("the database `{}` cannot be used: {detail}", .path.display())]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// An artifact's file cannot be read or written.
    #[error("the file `{}` cannot be used: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl StoreError {
    /// What went wrong with the file at `path`.
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::File { path: path.to_owned(), source },
        }
    }
}

/// The open database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    path: PathBuf,
    write: SqlitePool,
    read: SqlitePool,
}

impl Database {
    /// Opens the database in `folder` for the server, making it or bringing it up to date first.
    pub(crate) async fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        let fail = |error| translate(&path, error);
        let write = pool(1).connect_with(options(&path).create_if_missing(true)).await.map_err(fail)?;
        MIGRATIONS.run(&write).await.map_err(|error| migration_failed(&path, error))?;
        let read = pool(4).connect_with(options(&path)).await.map_err(fail)?;
        Ok(Self { path, write, read })
    }

    /// Opens the database that a server keeps in `folder`, for a worker.
    pub(crate) async fn join(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        let write = pool(1).connect_with(options(&path)).await.map_err(|error| translate(&path, error))?;
        Ok(Self { path, read: write.clone(), write })
    }

    /// Connections to read with.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.read
    }

    /// A transaction that holds the write lock from its first statement, so it cannot fail half-way for want of it.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.write.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.error(error))
    }

    /// Whether it answers.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.read.acquire().await.map_err(|error| self.error(error))?;
        connection.ping().await.map_err(|error| self.error(error))?;
        sqlx::query("SELECT sequence FROM events ORDER BY sequence DESC LIMIT 1")
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| self.error(error))?;
        Ok(())
    }

    /// What an error of SQLite means for the caller.
    pub(crate) fn error(&self, error: sqlx::Error) -> StoreError {
        translate(&self.path, error)
    }

    /// Closes the connections, which moves what the log holds into the database file.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(BUSY + Duration::from_secs(5))
}

fn migration_failed(path: &Path, error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => translate(path, error),
        other => StoreError::Version { path: path.to_owned(), detail: other.to_string() },
    }
}

fn translate(path: &Path, error: sqlx::Error) -> StoreError {
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return StoreError::Busy;
    }
    // The low byte is SQLite's primary result code; the rest refines it.
    let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<i32>().ok());
    let (path, detail) = (path.to_owned(), error.to_string());
    match code.map(|code| code & 0xff) {
        Some(13) => StoreError::Full,
        Some(5 | 6) => StoreError::Busy,
        Some(11 | 26) => StoreError::Corrupt { path, detail },
        _ => StoreError::Unusable { path, detail },
    }
}
