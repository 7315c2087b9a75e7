//! Shows what files of rows are like: each column, and how columns go together; as a page too.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Error, dataset};
use crate::data::{self, DataError};
pub use crate::data::{Measure, Relation};

/// The files, which are one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Each by its ending.
    pub files: Vec<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// The rows and columns.
    #[serde(flatten)]
    pub data: dataset::Response,
    /// How columns go together, two by two, by their places.
    pub relations: Vec<Relation>,
    /// Of how many rows that is.
    pub compared: u64,
    /// The columns of which that cannot be said: texts of many values, and what never changes.
    pub left_out: Vec<String>,
}

/// Looks at files.
///
/// # Errors
/// What is wrong with the files.
pub fn run(request: &Request) -> Result<Response, Error> {
    let fail = |error: DataError| Error::GivenData(Box::new(error));
    let files = dataset::table_of(&request.files)?;
    let data = dataset::run(&dataset::Request::Files(request.files.clone()))?;
    let (relations, compared) =
        data::relations(&files, Path::new(""), &data.columns, data.rows as u64).map_err(fail)?;
    let is_related = |place: usize| relations.iter().any(|relation| relation.one == place || relation.other == place);
    let left_out = data.columns.iter().enumerate().filter(|(place, _)| !is_related(*place));
    let left_out = left_out.map(|(_, column)| column.name.clone()).collect();
    Ok(Response { data, relations, compared, left_out })
}

/// The page of a profile: HTML that needs nothing else.
pub fn page(response: &Response) -> String {
    crate::report::profile(response)
}
