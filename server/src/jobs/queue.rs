//! What the server does with jobs: takes them in, shows them, cancels them, and gives up on workers that died.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Event, Job, Kind, Row, Status};
use crate::clock;
use crate::database::{Database, StoreError};

/// The jobs of one database.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(super) database: Database,
}

/// Why a job was not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    /// As many jobs wait as may.
    #[error("{waiting} jobs are waiting already, which is as many as this server keeps")]
    Full {
        /// How many wait.
        waiting: u32,
    },
    /// It could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What asking for a stop led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancellation {
    /// It had not begun and never will.
    Done,
    /// Its worker will stop at its next heartbeat.
    Requested,
    /// It had ended before.
    TooLate(Status),
    /// There is no such job.
    Unknown,
}

/// Which jobs to list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) status: Option<Status>,
    pub(crate) kind: Option<Kind>,
    pub(crate) limit: u32,
    pub(crate) offset: u32,
}

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, kind, status, progress, attempts, max_attempts, result, error, created_at, started_at, completed_at ",
            $after
        )
    };
}

impl Queue {
    /// The jobs kept in `database`.
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Takes a job in: when this returns, it is on the disk.
    pub(crate) async fn submit(
        &self,
        kind: Kind,
        request: &Value,
        max_attempts: u32,
        most_waiting: u32,
    ) -> Result<Job, SubmitError> {
        let now = clock::now().text();
        let id = Uuid::now_v7().to_string();
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let waiting: u32 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE status = 'queued'")
            .fetch_one(&mut *transaction)
            .await
            .map_err(fail)?;
        if waiting >= most_waiting {
            return Err(SubmitError::Full { waiting });
        }
        let row: Row = sqlx::query_as(columns!(
            "INSERT INTO jobs (id, kind, request, status, max_attempts, created_at) VALUES (?, ?, ?, 'queued', ?, ?)
             RETURNING",
            ""
        ))
        .bind(&id)
        .bind(kind.word())
        .bind(request.to_string())
        .bind(max_attempts)
        .bind(&now)
        .fetch_one(&mut *transaction)
        .await
        .map_err(fail)?;
        Event::Accepted.record(&mut transaction, &id, json!({ "kind": kind.word() }), &now).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        Ok(row.into())
    }

    /// The job called `id`.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<Job>, StoreError> {
        let row: Option<Row> = sqlx::query_as(columns!("SELECT", "FROM jobs WHERE id = ?"))
            .bind(id)
            .fetch_optional(self.database.read())
            .await
            .map_err(|error| self.database.error(error))?;
        Ok(row.map(Job::from))
    }

    /// The jobs that pass `filter`, the newest first, and how many pass it in all.
    pub(crate) async fn list(&self, filter: Filter) -> Result<(Vec<Job>, u64), StoreError> {
        let (status, kind) = (filter.status.map(Status::word), filter.kind.map(Kind::word));
        let fail = |error| self.database.error(error);
        let rows: Vec<Row> = sqlx::query_as(columns!(
            "SELECT",
            "FROM jobs WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR kind = ?2)
             ORDER BY id DESC LIMIT ?3 OFFSET ?4"
        ))
        .bind(status)
        .bind(kind)
        .bind(filter.limit)
        .bind(filter.offset)
        .fetch_all(self.database.read())
        .await
        .map_err(fail)?;
        let total: u64 = sqlx::query_scalar(
            "SELECT count(*) FROM jobs WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR kind = ?2)",
        )
        .bind(status)
        .bind(kind)
        .fetch_one(self.database.read())
        .await
        .map_err(fail)?;
        Ok((rows.into_iter().map(Job::from).collect(), total))
    }

    /// Asks for the job called `id` to stop.
    pub(crate) async fn cancel(&self, id: &str) -> Result<Cancellation, StoreError> {
        let now = clock::now().text();
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let found: Option<(Status, String)> = sqlx::query_as("SELECT status, desired FROM jobs WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(fail)?;
        let (sql, event, cancellation) = match found {
            None => return Ok(Cancellation::Unknown),
            Some((Status::Queued, _)) => (
                "UPDATE jobs SET status = 'cancelled', desired = 'cancelled', completed_at = ?2 WHERE id = ?1",
                Event::Cancelled,
                Cancellation::Done,
            ),
            Some((Status::Running, desired)) if desired == "run" => (
                "UPDATE jobs SET desired = 'cancelled' WHERE id = ?1 AND ?2 IS NOT NULL",
                Event::CancelRequested,
                Cancellation::Requested,
            ),
            Some((Status::Running, _)) => return Ok(Cancellation::Requested),
            Some((status, _)) => return Ok(Cancellation::TooLate(status)),
        };
        sqlx::query(sql).bind(id).bind(&now).execute(&mut *transaction).await.map_err(fail)?;
        event.record(&mut transaction, id, json!({}), &now).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        Ok(cancellation)
    }

    /// Ends the leases of `owner`, a worker that is known to be dead, or of every worker when none is named: their jobs
    /// can be taken again at once.
    ///
    /// The tokens grow too, so a worker that turns out to be alive finds its lease lost.
    pub(crate) async fn expire(&self, owner: Option<&str>) -> Result<u64, StoreError> {
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET lease_expires = 0, token = token + 1
             WHERE status = 'running' AND lease_expires > 0 AND (?1 IS NULL OR owner = ?1)",
        )
        .bind(owner)
        .execute(&mut *transaction)
        .await
        .map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        Ok(done.rows_affected())
    }

    /// Puts every running job back into the queue when the server stops in good order, once its workers are gone. The
    /// attempt is not held against the job, which did nothing wrong.
    pub(crate) async fn release(&self) -> Result<u64, StoreError> {
        let now = clock::now().text();
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let released: Vec<(String, Status)> = sqlx::query_as(
            "UPDATE jobs SET token = token + 1, owner = NULL, lease_expires = NULL, progress = 0,
                 status = CASE desired WHEN 'cancelled' THEN 'cancelled' ELSE 'queued' END,
                 completed_at = CASE desired WHEN 'cancelled' THEN ?1 END,
                 attempts = attempts - 1
             WHERE status = 'running' RETURNING id, status",
        )
        .bind(&now)
        .fetch_all(&mut *transaction)
        .await
        .map_err(fail)?;
        for (id, status) in &released {
            let event = if *status == Status::Cancelled { Event::Cancelled } else { Event::Released };
            event.record(&mut transaction, id, json!({}), &now).await.map_err(fail)?;
        }
        transaction.commit().await.map_err(fail)?;
        Ok(released.len() as u64)
    }
}
