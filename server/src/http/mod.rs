//! HTTP itself: connections, requests read with care, and errors answered in one form.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod fields;
pub(crate) mod listener;
pub(crate) mod problem;
pub(crate) mod query;

pub(crate) use body::JsonBody;
pub(crate) use fields::Fields;
pub(crate) use problem::{Problem, ProblemAnswer};
pub(crate) use query::Query;
