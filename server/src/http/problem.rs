//! Errors as RFC 9457 problem details.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::{ToResponse, ToSchema};

use crate::database::StoreError;
use crate::jobs::SubmitError;
use crate::operations::Failure;

/// An error, on its way to be answered.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Details>);

/// An error, as RFC 9457 problem details.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Details {
    /// A URI for the kind of problem; `error_code` says more.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The kind of problem, in a few words.
    title: &'static str,
    /// The status code of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What is wrong with this request.
    detail: String,
    /// The same as `detail`.
    error: String,
    /// The kind of problem for programs: a stable word.
    #[schema(example = "invalid_program")]
    error_code: &'static str,
    /// The faults of the program, if that is what is wrong.
    #[schema(value_type = Vec<Object>)]
    diagnostics: Vec<Value>,
    /// The request this answers, as in the header `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What went wrong, as RFC 9457 problem details.
#[derive(ToResponse)]
#[response(description = "What went wrong, as RFC 9457 problem details.", content_type = "application/problem+json")]
#[expect(dead_code, reason = "only described, never made: answers are written by the outermost layer")]
pub(crate) struct ProblemAnswer(Details);

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

impl Problem {
    /// A problem of the kind `error_code`, answered with `status`.
    pub(crate) fn new(status: StatusCode, error_code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Details {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: Some(status.as_u16()),
            error: detail.clone(),
            detail,
            error_code,
            diagnostics: Vec::new(),
            request_id: None,
            headers: Vec::new(),
        }))
    }

    /// Nothing is there.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        // What was asked for is shown cut short: it can be as long as a request line.
        let shown: String = id.chars().take(64).collect();
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what} `{shown}`"))
    }

    /// A field or parameter that is well-formed but cannot be used.
    pub(crate) fn unprocessable(error_code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error_code, detail)
    }

    /// The program has faults.
    pub(crate) fn program(diagnostics: Vec<Value>) -> Self {
        let detail = match error_messages(&diagnostics).as_slice() {
            [] => "the program cannot be used".to_owned(),
            [only] => format!("the program has a fault: {only}"),
            [first, rest @ ..] => format!("the program has {} faults; the first: {first}", rest.len() + 1),
        };
        let mut problem = Self::unprocessable("invalid_program", detail);
        problem.0.diagnostics = diagnostics;
        problem
    }

    /// Something failed that the request is not to blame for. What exactly goes to the log, not to the client.
    pub(crate) fn internal(cause: &str) -> Self {
        tracing::error!(cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed to answer; its log says why")
    }

    /// Try again after `seconds`.
    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The problem of a job: it belongs to no answer, so it has no status.
    pub(crate) fn of_job(failure: Failure) -> Value {
        let mut problem = Self::from(failure);
        problem.0.status = None;
        serde_json::to_value(problem.0).unwrap_or(Value::Null)
    }

    /// The body, for the request called `request_id`.
    pub(super) fn body(mut self, request_id: &str) -> String {
        self.0.request_id = Some(request_id.to_owned());
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// The messages of the diagnostics that are errors.
pub(crate) fn error_messages(diagnostics: &[Value]) -> Vec<String> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == "error");
    errors.filter_map(|diagnostic| diagnostic["message"].as_str()).map(str::to_owned).collect()
}

impl IntoResponse for Problem {
    /// An answer without a body: the outermost layer writes it, since it alone knows the request's identifier.
    fn into_response(mut self) -> Response {
        let status = self.0.status.and_then(|code| StatusCode::from_u16(code).ok());
        let mut response = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.headers_mut().extend(std::mem::take(&mut self.0.headers));
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::Full => {
                let detail = "the server's disk is full, so nothing was taken in";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", detail)
            }
            StoreError::Busy => {
                let detail = "the server's database is busy; try again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage_busy", detail).retry_after(1)
            }
            StoreError::Corrupt { .. } => {
                let detail = "the server's database is damaged; its log says where";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "storage_corrupt", detail)
            }
            StoreError::Version { .. } | StoreError::Unusable { .. } | StoreError::File { .. } => {
                let detail = "the server cannot use its data folder; its log says why";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "storage_unusable", detail)
            }
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Full { .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", error.to_string()).retry_after(10)
            }
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Program(diagnostics) => Self::program(diagnostics),
            Failure::Request(detail) => Self::unprocessable("invalid_request", detail),
            Failure::Internal(cause) => Self::internal(&cause),
        }
    }
}
