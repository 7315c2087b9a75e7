//! `/models`: the models that were made, and their files.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use utoipa::{IntoParams, ToSchema};

use super::compile::backend;
use super::jobs::page;
use crate::app::App;
use crate::http::{Fields, Problem, ProblemAnswer, Query};
use crate::models::Model;

/// A model.
#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
pub(super) struct ModelView {
    model_id: String,
    /// Its name in the program it was compiled from.
    name: String,
    #[schema(example = "onnx")]
    backend: String,
    file_name: String,
    /// The bytes of its file.
    size: u64,
    /// Their SHA-256, in hexadecimal.
    sha256: String,
    /// RFC 3339 in UTC.
    created_at: String,
    /// What goes in and what comes out.
    #[schema(value_type = Object)]
    signature: Value,
    /// What else is known of it.
    #[schema(value_type = Object)]
    metadata: Value,
    /// Where its file can be fetched.
    download_url: String,
}

impl From<Model> for ModelView {
    fn from(model: Model) -> Self {
        Self {
            signature: model.signature(),
            metadata: model.metadata(),
            download_url: format!("/models/{}/download", model.model_id),
            model_id: model.model_id,
            name: model.name,
            backend: model.backend,
            file_name: model.file_name,
            size: model.size,
            sha256: model.sha256,
            created_at: model.created_at,
        }
    }
}

/// A page of models.
#[derive(Serialize, ToSchema)]
pub(super) struct ModelPage {
    models: Vec<ModelView>,
    /// How many there are in all.
    total: u64,
    skip: u32,
    limit: u32,
}

/// Which models to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ModelsQuery {
    /// Only those made for this backend.
    #[param(example = "onnx")]
    backend: Option<String>,
    /// How many of the newest to leave out.
    skip: Option<u32>,
    /// How many, 50 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

impl Fields for ModelsQuery {
    const FIELDS: &'static [&'static str] = &["backend", "skip", "limit"];
}

/// The models, the newest first.
#[utoipa::path(
    get,
    path = "/models",
    tag = "models",
    operation_id = "list_models",
    params(ModelsQuery),
    responses((status = 200, description = "A page of them", body = ModelPage), (status = 422, response = ProblemAnswer))
)]
pub(super) async fn list(State(app): State<App>, Query(query): Query<ModelsQuery>) -> Result<Json<ModelPage>, Problem> {
    let backend = query.backend.map(|word| backend(&word)).transpose()?.map(|backend| backend.name());
    let (limit, skip) = (page(query.limit)?, query.skip.unwrap_or(0));
    let (models, total) = app.models.list(backend, skip, limit).await?;
    Ok(Json(ModelPage { models: models.into_iter().map(ModelView::from).collect(), total, skip, limit }))
}

/// One model.
#[utoipa::path(
    get,
    path = "/models/{id}",
    tag = "models",
    operation_id = "get_model",
    params(("id" = String, Path, description = "The model")),
    responses((status = 200, description = "The model", body = ModelView), (status = 404, response = ProblemAnswer))
)]
pub(super) async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ModelView>, Problem> {
    Ok(Json(find(&app, &id).await?.into()))
}

/// Removes a model and its file.
#[utoipa::path(
    delete,
    path = "/models/{id}",
    tag = "models",
    operation_id = "delete_model",
    params(("id" = String, Path, description = "The model")),
    responses((status = 204, description = "It is gone"), (status = 404, response = ProblemAnswer))
)]
pub(super) async fn delete(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    match app.models.delete(&id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("model", &id)),
    }
}

/// The file of a model, whole or in part.
#[utoipa::path(
    get,
    path = "/models/{id}/download",
    tag = "models",
    operation_id = "download_model",
    params(("id" = String, Path, description = "The model")),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("etag" = String, description = "Changes with the bytes"))),
        (status = 206, description = "The bytes of the header `Range`", body = Vec<u8>,
            content_type = "application/octet-stream"),
        (status = 304, description = "The client has it, by the header `If-None-Match`"),
        (status = 404, response = ProblemAnswer),
        (status = 416, response = ProblemAnswer),
    )
)]
pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let model = find(&app, &id).await?;
    let etag = format!("\"{}\"", model.sha256);
    if matches(request.headers(), &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let path = app.models.artifacts().path(&model.sha256);
    // The file's own name says nothing of its type, and its time is not that of the model: both are set here.
    let Ok(served) = ServeFile::new(&path).oneshot(request).await;
    let mut response = served.into_response();
    match response.status() {
        StatusCode::NOT_FOUND => return Err(Problem::internal("the file of a model is missing")),
        StatusCode::RANGE_NOT_SATISFIABLE => return Ok(response),
        _ => {}
    }
    let headers = response.headers_mut();
    headers.remove(header::LAST_MODIFIED);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&model.file_name)));
    for (name, value) in [(header::ETAG, etag), (header::CONTENT_DISPOSITION, disposition(&model.file_name))] {
        let value = HeaderValue::from_str(&value).map_err(|error| Problem::internal(&error.to_string()))?;
        headers.insert(name, value);
    }
    Ok(response)
}

async fn find(app: &App, id: &str) -> Result<Model, Problem> {
    app.models.get(id).await?.ok_or_else(|| Problem::not_found("model", id))
}

/// Whether `If-None-Match` names `etag`.
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag
    })
}

/// The media type of a file, by what its name ends in. ONNX has none of its own.
fn media_type(file_name: &str) -> &'static str {
    match file_name.rsplit_once('.') {
        Some((_, "json")) => "application/json",
        Some((_, "zip")) => "application/zip",
        _ => "application/octet-stream",
    }
}

/// The header that makes a browser keep the file under its name: plainly, and with every character it may have.
fn disposition(file_name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let fallback: String = file_name.chars().map(|c| if u8::try_from(c).is_ok_and(plain) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in file_name.bytes() {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(disposition("Tiny.onnx"), "attachment; filename=\"Tiny.onnx\"; filename*=UTF-8''Tiny.onnx");
        assert_eq!(
            disposition("a\"\r\n/é.onnx"),
            "attachment; filename=\"a_____.onnx\"; filename*=UTF-8''a%22%0D%0A%2F%C3%A9.onnx"
        );
    }

    #[test]
    fn an_etag_is_found_among_others() {
        let with = |value: &str| HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(value).unwrap())]);
        assert!(matches(&with("\"a\", W/\"b\""), "\"b\""));
        assert!(matches(&with("*"), "\"b\""));
        assert!(!matches(&with("\"a\""), "\"b\""));
        assert!(!matches(&HeaderMap::new(), "\"b\""));
    }
}
