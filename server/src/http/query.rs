//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Fields, Problem, fields};

/// The query string, read as `T`.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + Fields, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let malformed = |error: axum::extract::rejection::QueryRejection| {
            Problem::unprocessable("invalid_query", format!("the query cannot be read: {}", error.body_text()))
        };
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(malformed)?;
        let names = pairs.iter().map(|(name, _)| name.as_str());
        fields::check::<T>(names, StatusCode::UNPROCESSABLE_ENTITY, "query parameter")?;
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(malformed)?;
        Ok(Self(query.0))
    }
}
