//! The record of what happened to each job, only ever added to.

use serde_json::Value;
use sqlx::SqliteConnection;

/// What can happen to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It was taken in.
    Accepted,
    /// A worker took it.
    Started,
    /// It got further.
    Progress,
    /// Someone asked for it to stop while it ran.
    CancelRequested,
    /// It went back to the queue because the server stops.
    Released,
    /// It is done.
    Completed,
    /// It could not be done.
    Failed,
    /// It was stopped.
    Cancelled,
}

impl Event {
    /// The word it is written as.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Started => "started",
            Self::Progress => "progress",
            Self::CancelRequested => "cancel_requested",
            Self::Released => "released",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Adds it to the record of `job`, in the transaction that makes it true.
    pub(super) async fn record(
        self,
        connection: &mut SqliteConnection,
        job: &str,
        data: Value,
        at: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO events (job_id, kind, data, at) VALUES (?, ?, ?, ?)")
            .bind(job)
            .bind(self.word())
            .bind(data.to_string())
            .bind(at)
            .execute(connection)
            .await?;
        Ok(())
    }
}
