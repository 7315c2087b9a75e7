//! JSON bodies, read within bounds.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::{Fields, Problem, fields};
use crate::app::App;

/// The body, read as `T`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Fields> FromRequest<App> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        // A web page may send any other type to any address without asking, this one it may not: see `answer::host`.
        if !is_json(&parts.headers) {
            let detail = "the body must be JSON: send the header `content-type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let read = read(&parts.headers, body, app.config.body_limit);
        let bytes = match tokio::time::timeout(app.config.body_timeout, read).await {
            Ok(bytes) => bytes?,
            Err(_) => {
                let detail = format!("the body did not arrive within {:?}", app.config.body_timeout);
                return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", detail));
            }
        };
        Ok(Self(parse(&bytes)?))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The whole body, if it has at most `limit` bytes.
async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let detail = format!("the body has more than {limit} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    };
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        // A client that asked first has sent nothing yet; any other is sending, and would not read an answer until done.
        if !headers.contains_key(header::EXPECT) {
            drain(&mut body, limit).await;
        }
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(length.map_or(0, |length| length as usize));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, "body_incomplete", format!("the body ended early: {error}"))
        })?;
        let Some(data) = frame.data_ref() else { continue };
        if bytes.len() + data.len() > limit {
            drain(&mut body, limit).await;
            return Err(too_large());
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// Reads and forgets the rest of a body that is not wanted, within reason.
async fn drain(body: &mut Body, limit: usize) {
    let most = limit.saturating_mul(4);
    let discard = async {
        let mut seen = 0usize;
        while let Some(Ok(frame)) = body.frame().await {
            seen = seen.saturating_add(frame.data_ref().map_or(0, |data| data.len()));
            if seen > most {
                break;
            }
        }
    };
    // It has had its chance when the time is over.
    let _ = tokio::time::timeout(Duration::from_secs(5), discard).await;
}

fn parse<T: DeserializeOwned + Fields>(bytes: &[u8]) -> Result<T, Problem> {
    // First as a whole, so that what is not JSON is called that, whatever comes before the fault.
    let _: IgnoredAny = serde_json::from_slice(bytes).map_err(|error| refused(&error))?;
    let names: BTreeMap<String, IgnoredAny> = serde_json::from_slice(bytes).map_err(|error| refused(&error))?;
    fields::check::<T>(names.keys().map(String::as_str), StatusCode::UNPROCESSABLE_ENTITY, "field")?;
    serde_json::from_slice(bytes).map_err(|error| refused(&error))
}

fn refused(error: &serde_json::Error) -> Problem {
    match error.classify() {
        Category::Data => Problem::unprocessable("invalid_field", error.to_string()),
        _ if error.line() == 0 => Problem::new(StatusCode::BAD_REQUEST, "malformed_json", "the body is empty"),
        _ => Problem::new(StatusCode::BAD_REQUEST, "malformed_json", format!("the body is not JSON: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Greeting {
        #[expect(dead_code, reason = "only read for its errors")]
        name: String,
    }

    impl Fields for Greeting {
        const FIELDS: &'static [&'static str] = &["name"];
    }

    fn refusal(body: &str) -> serde_json::Value {
        let problem = parse::<Greeting>(body.as_bytes()).unwrap_err();
        serde_json::from_str(&problem.body("r")).unwrap()
    }

    #[test]
    fn malformed_json_is_shown_with_its_place() {
        let problem = refusal("{\"name\":\n  oops}");
        assert_eq!(problem["status"], 400);
        assert!(problem["detail"].as_str().unwrap().ends_with("at line 2 column 3"), "{problem}");
        assert_eq!(refusal("")["status"], 400);
        assert_eq!(refusal(&"[".repeat(100_000))["status"], 400);
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused_with_the_nearest_that_does() {
        let problem = refusal("{\"nmae\": \"x\"}");
        assert_eq!((problem["status"].as_u64(), problem["error_code"].as_str()), (Some(422), Some("unknown_field")));
        assert_eq!(problem["detail"], "there is no field `nmae`; did you mean `name`?");
        assert_eq!(refusal("{\"zzzzzz\": 1}")["detail"], "there is no field `zzzzzz`; it takes `name`");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_with_its_place() {
        let problem = refusal("{\"name\": 7}");
        assert_eq!((problem["status"].as_u64(), problem["error_code"].as_str()), (Some(422), Some("invalid_field")));
        assert!(problem["detail"].as_str().unwrap().contains("line 1 column 10"), "{problem}");
        assert_eq!(refusal("[1]")["status"], 422);
        assert_eq!(refusal("{}")["detail"], "missing field `name` at line 1 column 2");
    }
}
