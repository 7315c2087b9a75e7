//! What is at which path: one file for each resource, each only a view of the queue, the models and the operations.

mod compile;
mod health;
mod home;
mod jobs;
mod models;

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, middleware};
use tower::{Layer as _, Service};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::problem::Details;
use crate::http::{Problem, ProblemAnswer, answer};

#[derive(OpenApi)]
#[openapi(
    info(title = "ndsl", description = "Compiles programs of the ndsl language, and keeps the models they make."),
    components(schemas(Details), responses(ProblemAnswer)),
    tags(
        (name = "service", description = "The server itself"),
        (name = "compile", description = "From a program to a model file"),
        (name = "jobs", description = "Work that goes on after the answer"),
        (name = "models", description = "The models that were made"),
    )
)]
struct Api;

/// Everything the server answers.
pub(crate) fn service(
    app: App,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let (router, api) = described().split_for_parts();
    // The description cannot change while the server runs, so it is written once.
    let description = Description(api.to_json().unwrap_or_default().into());
    let router: Router<App> = router;
    let router = router
        .layer(Extension(description))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), answer::host))
        .layer(middleware::from_fn(answer::finish))
        .with_state(app);
    // Outside the router, since it changes what the router looks at.
    NormalizePathLayer::trim_trailing_slash().layer(router)
}

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(home::home))
        .routes(routes!(openapi))
        .routes(routes!(health::health))
        .routes(routes!(health::health_v1))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(compile::submit))
        .routes(routes!(compile::sync))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::get, jobs::cancel))
        .routes(routes!(models::list))
        .routes(routes!(models::get, models::delete))
        .routes(routes!(models::download))
}

/// The description of this API, as JSON.
#[derive(Clone)]
struct Description(Arc<str>);

/// The description of this API.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "service",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object))
)]
async fn openapi(Extension(Description(text)): Extension<Description>) -> Result<Response, Problem> {
    if text.is_empty() {
        return Err(Problem::internal("the API's description could not be written"));
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response())
}
