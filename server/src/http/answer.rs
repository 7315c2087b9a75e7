//! What every answer has: an identifier, a line in the log, and one form for errors.

use std::net::IpAddr;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::Problem;
use super::problem::MEDIA_TYPE;
use crate::app::App;

/// Identifies a request, in it and in its answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outermost layer: gives the request an identifier, and writes the body of every error.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = given_id(request.headers()).unwrap_or_else(|| Uuid::now_v7().to_string());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let problem = response.extensions_mut().remove::<Problem>();
        let problem = problem.unwrap_or_else(|| plain(&uri, method.as_str(), &response));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(problem.body(&id));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (status, took) = (response.status().as_u16(), started.elapsed());
    tracing::info!(%method, path = uri.path(), status, ?took, request_id = id, "answered");
    response
}

/// The identifier that the client chose, if it is one that can go into a log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (!id.is_empty() && id.len() <= 128 && id.bytes().all(fine)).then(|| id.to_owned())
}

/// The problem of an answer that came with a status only, from a part that knows nothing of problems.
fn plain(uri: &Uri, method: &str, response: &Response) -> Problem {
    let status = response.status();
    match status {
        StatusCode::NOT_FOUND => Problem::not_found("path", uri.path()),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok()).unwrap_or("");
            let detail = format!("this path does not take {method}; it takes {allowed}");
            Problem::new(status, "method_not_allowed", detail)
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            Problem::new(status, "range_not_satisfiable", "the file does not have the bytes that were asked for")
        }
        _ if status.is_server_error() => Problem::internal("a part of the server answered with a bare status"),
        _ => Problem::new(status, "bad_request", status.canonical_reason().unwrap_or("the request cannot be answered")),
    }
}

/// Refuses requests that were meant for another host.
///
/// The server listens on loopback and asks nobody who they are. A web page cannot read its answers from another origin,
/// unless its own name is made to point to this machine; the name it was loaded from is in `Host`, and that is refused.
pub(crate) async fn host(State(app): State<App>, request: Request, next: Next) -> Response {
    let named = request.uri().host().map(str::to_owned).or_else(|| {
        let value = request.headers().get(header::HOST)?.to_str().ok()?;
        Some(value.parse::<axum::http::uri::Authority>().ok()?.host().to_owned())
    });
    let given = request.headers().contains_key(header::HOST) || request.uri().host().is_some();
    let welcome = match &named {
        Some(name) => is_loopback(name) || app.config.hosts.iter().any(|host| host.eq_ignore_ascii_case(name)),
        None => !given,
    };
    if welcome {
        return next.run(request).await;
    }
    let detail = "this server answers on loopback only: use `localhost` or a loopback address as the host";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", detail).into_response()
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The answer in place of a panic.
pub(crate) fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    Problem::internal(text.unwrap_or("a panic without a message")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_that_could_forge_a_log_line_are_not_taken_over() {
        let given = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(value).unwrap());
            given_id(&headers)
        };
        assert_eq!(given("a-1.b:2"), Some("a-1.b:2".to_owned()));
        assert_eq!(given("a b"), None);
        assert_eq!(given(&"x".repeat(129)), None);
        assert_eq!(given_id(&HeaderMap::new()), None);
    }

    #[test]
    fn loopback_has_several_names() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["example.org", "127.0.0.1.example.org", "10.0.0.1", "localhost.example.org", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
