//! The durable job queue.
//!
//! A job is a row. A worker takes the oldest one that is free with a single `UPDATE`, which gives it a lease until a
//! time and a token; the token grows with every change of hands, and every later write of the worker carries it, so a
//! worker that was given up for dead can neither finish a job nor disturb its successor. Attempts are counted when a job
//! is taken, before anything can go wrong: a job that kills its workers is given up after `max_attempts`. Each change
//! adds to the events in the same transaction.

mod events;
mod lease;
mod queue;
#[cfg(test)]
mod tests;

pub(crate) use events::Event;
pub(crate) use lease::{Desired, Lease, LeaseError};
pub(crate) use queue::{Cancellation, Filter, Queue, SubmitError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Accepted, and waiting for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Done; the result is there.
    Completed,
    /// It could not be done; the error says why.
    Failed,
    /// Stopped on request.
    Cancelled,
}

impl Status {
    /// Every status, in the order a job goes through them.
    pub(crate) const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];

    /// The word it is written as.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What jobs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Makes a model file of a program.
    Compile,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 1] = [Self::Compile];

    /// The word it is written as.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Compile => "compile",
        }
    }

    /// The kind written as `word`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A job as the outside sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status: Status,
    pub(crate) progress: u8,
    pub(crate) attempts: u32,
    pub(crate) max_attempts: u32,
    pub(crate) result: Option<Value>,
    pub(crate) error: Option<Value>,
    pub(crate) created_at: String,
    pub(crate) started_at: Option<String>,
    pub(crate) completed_at: Option<String>,
}

/// A job as its row has it.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    status: Status,
    progress: u8,
    attempts: u32,
    max_attempts: u32,
    result: Option<String>,
    error: Option<String>,
    created_at: String,
    started_at: Option<String>,
    completed_at: Option<String>,
}

impl From<Row> for Job {
    fn from(row: Row) -> Self {
        // Both were written by this program as JSON; a text that is not any more is shown as it is.
        let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self {
            id: row.id,
            kind: row.kind,
            status: row.status,
            progress: row.progress,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            result: row.result.map(json),
            error: row.error.map(json),
            created_at: row.created_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
        }
    }
}
