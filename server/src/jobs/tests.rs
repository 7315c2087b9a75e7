//! The queue alone: leases, tokens and attempts, and what a bad disk does.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::artifacts::Artifacts;
use crate::database::{Database, FILE_NAME, StoreError};
use crate::models::{Models, NewModel};
use crate::operations::{Backend, Compiled};

const LONG: Duration = Duration::from_secs(60);
const NONE: Duration = Duration::ZERO;

struct Bench {
    folder: TempDir,
    database: Database,
    queue: Queue,
    models: Models,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        let models = Models::new(database.clone(), Artifacts::open(folder.path()).unwrap());
        Self { folder, queue: Queue::new(database.clone()), database, models }
    }

    async fn submit(&self) -> String {
        self.queue.submit(Kind::Compile, &json!({}), 3, 100).await.unwrap().id
    }

    async fn job(&self, id: &str) -> Job {
        self.queue.get(id).await.unwrap().unwrap()
    }

    async fn complete(&self, lease: &Lease) -> Result<Status, LeaseError> {
        self.queue.complete(lease, &json!({ "by": lease.attempt }), &self.models, &model(b"bytes")).await
    }

    async fn events(&self, id: &str) -> Vec<String> {
        sqlx::query_scalar("SELECT kind FROM events WHERE job_id = ? ORDER BY sequence")
            .bind(id)
            .fetch_all(self.database.read())
            .await
            .unwrap()
    }
}

fn model(bytes: &[u8]) -> NewModel {
    NewModel::new(Compiled {
        model: "M".to_owned(),
        backend: Backend::Onnx,
        file_name: "M.onnx".to_owned(),
        bytes: bytes.to_vec(),
        signature: json!({}),
        metadata: json!({}),
        diagnostics: Vec::new(),
        rewritten_source: None,
    })
}

#[tokio::test]
async fn jobs_are_taken_once_each_the_oldest_first() {
    let bench = Bench::new().await;
    let submitted = [bench.submit().await, bench.submit().await];
    for id in &submitted {
        assert_eq!(&bench.queue.claim("w", LONG).await.unwrap().unwrap().job, id);
    }
    assert!(bench.queue.claim("w", LONG).await.unwrap().is_none());
}

#[tokio::test]
async fn a_worker_whose_lease_went_to_another_can_write_nothing() {
    let bench = Bench::new().await;
    let id = bench.submit().await;
    let stale = bench.queue.claim("first", NONE).await.unwrap().unwrap();
    let lease = bench.queue.claim("second", LONG).await.unwrap().unwrap();
    assert_eq!((lease.job.as_str(), lease.attempt), (id.as_str(), 2));

    assert!(matches!(bench.queue.heartbeat(&stale, LONG).await, Err(LeaseError::Lost)));
    assert!(matches!(bench.queue.progress(&stale, 50, "x").await, Err(LeaseError::Lost)));
    assert!(matches!(bench.queue.fail(&stale, &json!({})).await, Err(LeaseError::Lost)));
    assert!(matches!(bench.queue.stopped(&stale).await, Err(LeaseError::Lost)));
    assert!(matches!(bench.complete(&stale).await, Err(LeaseError::Lost)));
    assert_eq!((bench.job(&id).await.status, bench.models.count().await.unwrap()), (Status::Running, 0));

    assert_eq!(bench.queue.heartbeat(&lease, LONG).await.unwrap(), Desired::Run);
    assert_eq!(bench.complete(&lease).await.unwrap(), Status::Completed);
    assert!(matches!(bench.complete(&lease).await, Err(LeaseError::Lost)), "nobody finishes it twice");
    let job = bench.job(&id).await;
    assert_eq!((job.status, job.progress, job.result), (Status::Completed, 100, Some(json!({ "by": 2 }))));
    assert_eq!(bench.models.count().await.unwrap(), 1);
    assert_eq!(bench.events(&id).await, ["accepted", "started", "started", "completed"]);
}

#[tokio::test]
async fn a_job_whose_workers_always_die_is_given_up() {
    let bench = Bench::new().await;
    let id = bench.submit().await;
    for attempt in 1..=3 {
        assert_eq!(bench.queue.claim("w", NONE).await.unwrap().unwrap().attempt, attempt);
    }
    assert!(bench.queue.claim("w", NONE).await.unwrap().is_none());
    let job = bench.job(&id).await;
    let error = job.error.unwrap();
    assert_eq!((job.status, job.attempts, &error["error_code"]), (Status::Failed, 3, &json!("worker_died")));
    assert_eq!(error["detail"], "its worker died in each of 3 attempts");
    assert_eq!(error["diagnostics"], json!([]));
    assert!(job.completed_at.is_some());
}

#[tokio::test]
async fn a_new_server_frees_what_the_old_one_was_at_and_voids_its_leases() {
    let bench = Bench::new().await;
    bench.submit().await;
    let old = bench.queue.claim("w", LONG).await.unwrap().unwrap();
    assert!(bench.queue.claim("v", LONG).await.unwrap().is_none());
    assert_eq!(bench.queue.expire(Some("somebody else")).await.unwrap(), 0);
    assert_eq!(bench.queue.expire(None).await.unwrap(), 1);
    assert!(matches!(bench.queue.heartbeat(&old, LONG).await, Err(LeaseError::Lost)));
    assert_eq!(bench.queue.claim("v", LONG).await.unwrap().unwrap().attempt, 2);
}

#[tokio::test]
async fn a_server_that_stops_in_good_order_puts_jobs_back_without_counting_the_attempt() {
    let bench = Bench::new().await;
    let (goes_on, stops) = (bench.submit().await, bench.submit().await);
    let lease = bench.queue.claim("w", LONG).await.unwrap().unwrap();
    bench.queue.claim("w", LONG).await.unwrap().unwrap();
    assert_eq!(bench.queue.cancel(&stops).await.unwrap(), Cancellation::Requested);
    assert_eq!(bench.queue.release().await.unwrap(), 2);
    let job = bench.job(&goes_on).await;
    assert_eq!((job.status, job.attempts), (Status::Queued, 0));
    assert_eq!(bench.job(&stops).await.status, Status::Cancelled);
    assert!(matches!(bench.complete(&lease).await, Err(LeaseError::Lost)));
    assert_eq!(bench.queue.claim("w", LONG).await.unwrap().unwrap().attempt, 1);
}

#[tokio::test]
async fn cancelling_depends_on_where_the_job_stands() {
    let bench = Bench::new().await;
    assert_eq!(bench.queue.cancel("nothing").await.unwrap(), Cancellation::Unknown);

    let waiting = bench.submit().await;
    assert_eq!(bench.queue.cancel(&waiting).await.unwrap(), Cancellation::Done);
    assert_eq!(bench.queue.cancel(&waiting).await.unwrap(), Cancellation::TooLate(Status::Cancelled));
    assert!(bench.queue.claim("w", LONG).await.unwrap().is_none());

    let running = bench.submit().await;
    let lease = bench.queue.claim("w", LONG).await.unwrap().unwrap();
    assert_eq!(bench.queue.cancel(&running).await.unwrap(), Cancellation::Requested);
    assert_eq!(bench.queue.cancel(&running).await.unwrap(), Cancellation::Requested);
    assert_eq!(bench.queue.heartbeat(&lease, LONG).await.unwrap(), Desired::Cancelled);
    // It was promised to stop, so what it made in the meantime is not kept.
    assert_eq!(bench.complete(&lease).await.unwrap(), Status::Cancelled);
    assert_eq!((bench.models.count().await.unwrap(), bench.job(&running).await.result), (0, None));
    assert_eq!(bench.events(&running).await, ["accepted", "started", "cancel_requested", "cancelled"]);

    let orphan = bench.submit().await;
    bench.queue.claim("w", NONE).await.unwrap().unwrap();
    assert_eq!(bench.queue.cancel(&orphan).await.unwrap(), Cancellation::Requested);
    assert!(bench.queue.claim("w", LONG).await.unwrap().is_none(), "a job to stop is not begun again");
    assert_eq!(bench.job(&orphan).await.status, Status::Cancelled);
}

#[tokio::test]
async fn only_so_many_jobs_wait() {
    let bench = Bench::new().await;
    let submit = || bench.queue.submit(Kind::Compile, &Value::Null, 3, 2);
    submit().await.unwrap();
    submit().await.unwrap();
    assert!(matches!(submit().await, Err(SubmitError::Full { waiting: 2 })));
    bench.queue.claim("w", LONG).await.unwrap().unwrap();
    submit().await.unwrap();
}

#[tokio::test]
async fn a_file_goes_with_the_last_model_that_has_it() {
    let bench = Bench::new().await;
    let (one, two) = (model(b"same"), model(b"same"));
    let path = bench.models.artifacts().path(&one.sha256);
    bench.models.keep(&one).await.unwrap();
    bench.models.keep(&two).await.unwrap();
    assert!(bench.models.delete(&one.id).await.unwrap());
    assert!(!bench.models.delete(&one.id).await.unwrap());
    assert!(path.exists());
    assert!(bench.models.delete(&two.id).await.unwrap());
    assert!(!path.exists());
}

#[tokio::test]
async fn a_full_disk_refuses_a_job_and_keeps_those_it_has() {
    let bench = Bench::new().await;
    let kept = bench.submit().await;
    let mut connection = bench.database.write().await.unwrap();
    let pages: u32 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")))
        .execute(&mut *connection)
        .await
        .unwrap();
    connection.rollback().await.unwrap();
    let large = json!({ "source": "x".repeat(1 << 20) });
    let refused = bench.queue.submit(Kind::Compile, &large, 3, 100).await;
    assert!(matches!(refused, Err(SubmitError::Store(StoreError::Full))), "{refused:?}");
    assert_eq!(bench.job(&kept).await.status, Status::Queued);
    assert_eq!(bench.queue.list(Filter { limit: 10, ..Filter::default() }).await.unwrap().1, 1);
}

#[tokio::test]
async fn a_damaged_database_is_an_error_that_says_so() {
    let bench = Bench::new().await;
    for _ in 0..50 {
        bench.queue.submit(Kind::Compile, &json!({ "source": "x".repeat(4000) }), 3, 100).await.unwrap();
    }
    bench.database.close().await;
    let path = bench.folder.path().join(FILE_NAME);
    let length = std::fs::metadata(&path).unwrap().len();
    let mut file = std::fs::File::options().write(true).open(&path).unwrap();
    // All but the first page, which holds the schema.
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xa5; length as usize - 4096]).unwrap();
    drop(file);
    let error = match Database::open(bench.folder.path()).await {
        Err(error) => error,
        Ok(database) => Queue::new(database).claim("w", LONG).await.unwrap_err(),
    };
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}
