//! `/jobs`: what was taken in, and how it stands.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::http::{Fields, Problem, ProblemAnswer, Query, fields};
use crate::jobs::{Cancellation, Filter, Job, Kind, Status};

/// The most entries of one page.
pub(super) const PAGE: u32 = 1000;

/// A job.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub(super) struct JobView {
    id: String,
    /// What it does: `compile`.
    #[schema(example = "compile")]
    kind: String,
    status: Status,
    /// In percent.
    #[schema(maximum = 100)]
    progress: u8,
    /// How often it was begun.
    attempts: u32,
    /// How often it is begun at most, when its worker dies.
    max_attempts: u32,
    /// What it made, once it is completed.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Why it failed: problem details, with the diagnostics of the program.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    /// RFC 3339 in UTC.
    created_at: String,
    /// When it was first begun.
    started_at: Option<String>,
    /// When it ended, however it ended.
    completed_at: Option<String>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            status: job.status,
            progress: job.progress,
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            result: job.result,
            error: job.error,
            created_at: job.created_at,
            started_at: job.started_at,
            completed_at: job.completed_at,
        }
    }
}

/// A page of jobs.
#[derive(Serialize, ToSchema)]
pub(super) struct JobPage {
    jobs: Vec<JobView>,
    /// How many pass the filter in all.
    total: u64,
    limit: u32,
    offset: u32,
}

/// Which jobs to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct JobsQuery {
    /// Only those with this status.
    #[param(example = "running")]
    status: Option<String>,
    /// Only those of this kind.
    #[param(example = "compile")]
    kind: Option<String>,
    /// How many, 50 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// How many of the newest to leave out.
    offset: Option<u32>,
}

impl Fields for JobsQuery {
    const FIELDS: &'static [&'static str] = &["status", "kind", "limit", "offset"];
}

/// How many entries a page has.
pub(super) fn page(limit: Option<u32>) -> Result<u32, Problem> {
    match limit.unwrap_or(50) {
        limit @ 1..=PAGE => Ok(limit),
        limit => {
            let detail = format!("`limit` is {limit}, but goes from 1 to {PAGE}");
            Err(Problem::unprocessable("invalid_query", detail))
        }
    }
}

/// The one of `all` that is called `word`.
fn one_of<T: Copy>(what: &str, word: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, Problem> {
    all.iter().copied().find(|one| name(*one) == word).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        let shown: String = word.chars().take(64).collect();
        let hint = fields::hint(word, &names);
        Problem::unprocessable("invalid_query", format!("there is no {what} `{shown}`; {hint}"))
    })
}

/// The jobs, the newest first.
#[utoipa::path(
    get,
    path = "/jobs",
    tag = "jobs",
    operation_id = "list_jobs",
    params(JobsQuery),
    responses((status = 200, description = "A page of them", body = JobPage), (status = 422, response = ProblemAnswer))
)]
pub(super) async fn list(State(app): State<App>, Query(query): Query<JobsQuery>) -> Result<Json<JobPage>, Problem> {
    let status = query.status.map(|word| one_of("status", &word, &Status::ALL, Status::word)).transpose()?;
    let kind = query.kind.map(|word| one_of("kind", &word, &Kind::ALL, Kind::word)).transpose()?;
    let (limit, offset) = (page(query.limit)?, query.offset.unwrap_or(0));
    let (jobs, total) = app.queue.list(Filter { status, kind, limit, offset }).await?;
    Ok(Json(JobPage { jobs: jobs.into_iter().map(JobView::from).collect(), total, limit, offset }))
}

/// One job.
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    tag = "jobs",
    operation_id = "get_job",
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, description = "The job as it stands", body = JobView), (status = 404, response = ProblemAnswer))
)]
pub(super) async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Json<JobView>, Problem> {
    match app.queue.get(&id).await? {
        Some(job) => Ok(Json(job.into())),
        None => Err(Problem::not_found("job", &id)),
    }
}

/// Stops a job: at once if it waits, else as soon as its worker hears of it.
#[utoipa::path(
    delete,
    path = "/jobs/{id}",
    tag = "jobs",
    operation_id = "cancel_job",
    params(("id" = String, Path, description = "The job")),
    responses(
        (status = 204, description = "It is cancelled, or will be"),
        (status = 404, response = ProblemAnswer),
        (status = 409, response = ProblemAnswer),
    )
)]
pub(super) async fn cancel(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    match app.queue.cancel(&id).await? {
        Cancellation::Done => Ok(StatusCode::NO_CONTENT),
        Cancellation::Requested => {
            app.crew.wake();
            Ok(StatusCode::NO_CONTENT)
        }
        Cancellation::TooLate(status) => {
            let detail = format!("the job has ended: it is {}", status.word());
            Err(Problem::new(StatusCode::CONFLICT, "job_ended", detail))
        }
        Cancellation::Unknown => Err(Problem::not_found("job", &id)),
    }
}
