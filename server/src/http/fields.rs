//! The names a body or a query may use, so that any other is refused and never ignored.

use axum::http::StatusCode;

use super::Problem;

/// A wire type whose fields are known by name.
pub(crate) trait Fields {
    /// Every name it takes.
    const FIELDS: &'static [&'static str];
}

/// Refuses the first of `given` that `T` does not have.
pub(super) fn check<'a, T: Fields>(
    given: impl IntoIterator<Item = &'a str>,
    status: StatusCode,
    what: &str,
) -> Result<(), Problem> {
    match given.into_iter().find(|name| !T::FIELDS.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().take(64).collect();
            let hint = hint(name, T::FIELDS);
            Err(Problem::new(status, "unknown_field", format!("there is no {what} `{shown}`; {hint}")))
        }
    }
}

/// What to write in place of `given`: the nearest of `known`, or all of them.
pub(crate) fn hint(given: &str, known: &[&str]) -> String {
    match ndsl_compiler::suggest::nearest(given, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it takes {}", ndsl_compiler::suggest::either(known.iter().copied())),
    }
}
