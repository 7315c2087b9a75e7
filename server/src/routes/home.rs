//! `/`: what this server is.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What this server is, and where to read on.
#[derive(Serialize, ToSchema)]
pub(super) struct Home {
    name: &'static str,
    version: &'static str,
    /// Where the description of this API is.
    openapi: &'static str,
    /// Where the state of the server is.
    health: &'static str,
}

/// What this server is.
#[utoipa::path(get, path = "/", tag = "service", responses((status = 200, description = "Its name and version, and where to read on", body = Home)))]
pub(super) async fn home() -> Json<Home> {
    Json(Home { name: "ndsl", version: env!("CARGO_PKG_VERSION"), openapi: "/openapi.json", health: "/health" })
}
