//! What a worker does with a job: takes it, shows that it is alive, and ends it. Every write but the first carries the
//! lease's token and does nothing when the lease was lost.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{Event, Queue, Status};
use crate::clock;
use crate::database::StoreError;
use crate::models::{Models, NewModel};

/// The right to work on a job.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) job: String,
    pub(crate) kind: String,
    pub(crate) request: String,
    pub(crate) attempt: u32,
    token: i64,
}

/// What is wanted of a running job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Desired {
    /// That it goes on.
    Run,
    /// That it stops.
    Cancelled,
}

/// Why a worker's write was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LeaseError {
    /// The job is someone else's now, or has ended.
    #[error("the lease was lost")]
    Lost,
    /// It could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Queue {
    /// Takes the oldest job that is free for `owner`, until `lease` has passed.
    ///
    /// A job whose lease ran out is free, until its attempts are used up: then it has failed.
    pub(crate) async fn claim(&self, owner: &str, lease: Duration) -> Result<Option<Lease>, StoreError> {
        let now = clock::now();
        let at = now.text();
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        give_up(&mut transaction, now.millis(), &at).await.map_err(fail)?;
        let claimed: Option<(String, String, String, u32, i64)> = sqlx::query_as(
            "UPDATE jobs SET status = 'running', attempts = attempts + 1, token = token + 1, progress = 0, owner = ?1,
                 lease_expires = ?2, started_at = coalesce(started_at, ?3)
             WHERE id = (
                 SELECT id FROM jobs
                 WHERE status IN ('queued', 'running') AND (status = 'queued' OR lease_expires <= ?4)
                 ORDER BY id LIMIT 1
             )
             RETURNING id, kind, request, attempts, token",
        )
        .bind(owner)
        .bind(now.millis_after(lease))
        .bind(&at)
        .bind(now.millis())
        .fetch_optional(&mut *transaction)
        .await
        .map_err(fail)?;
        let lease = claimed.map(|(job, kind, request, attempt, token)| Lease { job, kind, request, attempt, token });
        if let Some(lease) = &lease {
            let data = json!({ "attempt": lease.attempt });
            Event::Started.record(&mut transaction, &lease.job, data, &at).await.map_err(fail)?;
        }
        transaction.commit().await.map_err(fail)?;
        Ok(lease)
    }

    /// Makes the lease last until `duration` from now, and answers what is wanted of the job.
    pub(crate) async fn heartbeat(&self, lease: &Lease, duration: Duration) -> Result<Desired, LeaseError> {
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let desired: Option<String> = sqlx::query_scalar(
            "UPDATE jobs SET lease_expires = ? WHERE id = ? AND token = ? AND status = 'running' RETURNING desired",
        )
        .bind(clock::now().millis_after(duration))
        .bind(&lease.job)
        .bind(lease.token)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        match desired.as_deref() {
            None => Err(LeaseError::Lost),
            Some("cancelled") => Ok(Desired::Cancelled),
            Some(_) => Ok(Desired::Run),
        }
    }

    /// Says how far the job has got, in percent, and what it does now.
    pub(crate) async fn progress(&self, lease: &Lease, percent: u8, stage: &str) -> Result<(), LeaseError> {
        let percent = percent.min(100);
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let done = sqlx::query("UPDATE jobs SET progress = ? WHERE id = ? AND token = ? AND status = 'running'")
            .bind(percent)
            .bind(&lease.job)
            .bind(lease.token)
            .execute(&mut *transaction)
            .await
            .map_err(fail)?;
        if done.rows_affected() == 0 {
            return Err(LeaseError::Lost);
        }
        let data = json!({ "progress": percent, "stage": stage });
        Event::Progress.record(&mut transaction, &lease.job, data, &clock::now().text()).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        Ok(())
    }

    /// Ends the job with its result and the model it made. A job that was asked to stop in the meantime ends cancelled,
    /// and its model is not kept.
    pub(crate) async fn complete(
        &self,
        lease: &Lease,
        result: &Value,
        models: &Models,
        model: &NewModel,
    ) -> Result<Status, LeaseError> {
        let now = clock::now().text();
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let status: Option<Status> = sqlx::query_scalar(
            "UPDATE jobs SET status = CASE desired WHEN 'cancelled' THEN 'cancelled' ELSE 'completed' END,
                 result = CASE desired WHEN 'cancelled' THEN NULL ELSE ?1 END,
                 progress = CASE desired WHEN 'cancelled' THEN progress ELSE 100 END,
                 completed_at = ?2, lease_expires = NULL
             WHERE id = ?3 AND token = ?4 AND status = 'running' RETURNING status",
        )
        .bind(result.to_string())
        .bind(&now)
        .bind(&lease.job)
        .bind(lease.token)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(fail)?;
        let status = status.ok_or(LeaseError::Lost)?;
        let event = if status == Status::Completed {
            models.insert(&mut transaction, model, &now).await?;
            Event::Completed
        } else {
            Event::Cancelled
        };
        event.record(&mut transaction, &lease.job, json!({}), &now).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        Ok(status)
    }

    /// Ends the job with the reason it could not be done.
    pub(crate) async fn fail(&self, lease: &Lease, error: &Value) -> Result<(), LeaseError> {
        self.end(lease, Status::Failed, Some(error)).await
    }

    /// Ends the job as it was asked to.
    pub(crate) async fn stopped(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.end(lease, Status::Cancelled, None).await
    }

    async fn end(&self, lease: &Lease, status: Status, error: Option<&Value>) -> Result<(), LeaseError> {
        let now = clock::now().text();
        let fail = |error| self.database.error(error);
        let mut transaction = self.database.write().await?;
        let done = sqlx::query(
            "UPDATE jobs SET status = ?1, error = ?2, completed_at = ?3, lease_expires = NULL
             WHERE id = ?4 AND token = ?5 AND status = 'running'",
        )
        .bind(status)
        .bind(error.map(Value::to_string))
        .bind(&now)
        .bind(&lease.job)
        .bind(lease.token)
        .execute(&mut *transaction)
        .await
        .map_err(fail)?;
        if done.rows_affected() == 0 {
            return Err(LeaseError::Lost);
        }
        let event = if status == Status::Failed { Event::Failed } else { Event::Cancelled };
        event.record(&mut transaction, &lease.job, json!({}), &now).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
        Ok(())
    }
}

/// Ends the jobs that lost their worker and will not be tried again: because they were to stop anyway, or because they
/// have no attempts left.
async fn give_up(connection: &mut SqliteConnection, now: i64, at: &str) -> Result<(), sqlx::Error> {
    let ended: Vec<(String, Status)> = sqlx::query_as(
        "UPDATE jobs SET token = token + 1, completed_at = ?1, lease_expires = NULL,
             status = CASE desired WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END,
             error = CASE desired WHEN 'cancelled' THEN NULL ELSE json_object(
                 'title', 'The job was given up', 'error_code', 'worker_died',
                 'detail', 'its worker died in each of ' || attempts || ' attempts', 'error',
                 'its worker died in each of ' || attempts || ' attempts', 'diagnostics', json('[]')) END
         WHERE status IN ('queued', 'running') AND status = 'running' AND lease_expires <= ?2
             AND (desired = 'cancelled' OR attempts >= max_attempts)
         RETURNING id, status",
    )
    .bind(at)
    .bind(now)
    .fetch_all(&mut *connection)
    .await?;
    for (id, status) in &ended {
        let event = if *status == Status::Failed { Event::Failed } else { Event::Cancelled };
        event.record(connection, id, json!({}), at).await?;
    }
    Ok(())
}
