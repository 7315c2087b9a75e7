//! `/health`: whether the server can do its work.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::clock;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `healthy`, or `degraded` when a part is not.
    #[schema(example = "healthy")]
    status: &'static str,
    version: &'static str,
    /// The time of the answer, RFC 3339 in UTC.
    timestamp: String,
    /// Seconds since the server started.
    uptime: f64,
    /// Each part and how it is.
    services: BTreeMap<&'static str, &'static str>,
    database: DatabaseHealth,
    /// How many models are kept; absent when the database does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    models_loaded: Option<u64>,
}

/// How the database is.
#[derive(Serialize, ToSchema)]
pub(super) struct DatabaseHealth {
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(example = "sqlite")]
    name: &'static str,
}

/// Whether one thing is so, part by part.
#[derive(Serialize, ToSchema)]
pub(super) struct Probe {
    /// `ok`, or `unavailable` when a check is not.
    #[schema(example = "ok")]
    status: &'static str,
    /// Each check and its answer.
    checks: BTreeMap<&'static str, &'static str>,
}

/// How the server is.
#[utoipa::path(
    get,
    path = "/health",
    tag = "service",
    responses(
        (status = 200, description = "All is well", body = Health),
        (status = 503, description = "A part does not work", body = Health),
    )
)]
pub(super) async fn health(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let database = app.database.ping().await;
    let models_loaded = app.models.count().await.ok();
    let word = |fine: bool| if fine { "healthy" } else { "unhealthy" };
    let workers = workers_run(&app);
    let well = database.is_ok() && models_loaded.is_some() && workers;
    let health = Health {
        status: if well { "healthy" } else { "degraded" },
        version: env!("CARGO_PKG_VERSION"),
        timestamp: clock::now().text(),
        uptime: app.started.elapsed().as_secs_f64(),
        services: BTreeMap::from([("api", "healthy"), ("worker", word(workers))]),
        database: DatabaseHealth { status: word(database.is_ok()), name: "sqlite" },
        models_loaded,
    };
    (code(well), Json(health))
}

/// The same as `/health`.
#[utoipa::path(
    get,
    path = "/api/v1/health",
    tag = "service",
    responses(
        (status = 200, description = "All is well", body = Health),
        (status = 503, description = "A part does not work", body = Health),
    )
)]
pub(super) async fn health_v1(state: State<App>) -> (StatusCode, Json<Health>) {
    health(state).await
}

/// Whether the server answers at all.
#[utoipa::path(get, path = "/health/live", tag = "service", responses((status = 200, description = "It does", body = Probe)))]
pub(super) async fn live() -> Json<Probe> {
    Json(Probe { status: "ok", checks: BTreeMap::from([("api", "ok")]) })
}

/// Whether the server can take work in and do it.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "service",
    responses(
        (status = 200, description = "It can", body = Probe),
        (status = 503, description = "A part does not work", body = Probe),
    )
)]
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, Json<Probe>) {
    let checks = [("database", app.database.ping().await.is_ok()), ("worker", workers_run(&app))];
    let well = checks.iter().all(|(_, fine)| *fine);
    let word = |fine: bool| if fine { "ok" } else { "unavailable" };
    let checks = checks.into_iter().map(|(name, fine)| (name, word(fine))).collect();
    (code(well), Json(Probe { status: word(well), checks }))
}

/// One worker is enough to get on, and a server set up without any does not miss them.
fn workers_run(app: &App) -> bool {
    app.crew.wanted() == 0 || app.crew.alive() > 0
}

fn code(well: bool) -> StatusCode {
    if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
