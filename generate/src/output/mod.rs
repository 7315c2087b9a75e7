//! Rows as the bytes of files: one file a format. Nothing here opens anything.
//!
//! A format of text is a [`Sheet`]: any part of a file can be written alone, from the rows and from where in the file they stand. So many
//! threads make one file, and its bytes depend neither on them nor on how many rows are made at once.

mod array;
pub mod arrow;
mod cells;
pub mod copy;
mod csv;
mod digits;
mod json;
mod page;
pub mod parquet;
mod sheet;
pub mod sql;
pub mod values;
mod widened;

use std::fmt;

use arrow_schema::Field;
use ndsl_compiler::schema::convert;

pub use page::Page;
pub use sheet::{Sheet, sheet};

/// What a file of rows is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Text, one row a line.
    #[default]
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    Json,
    /// `INSERT` statements.
    Sql(Dialect),
    /// What PostgreSQL's `COPY` reads.
    Copy,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow's file format.
    Arrow,
}

/// Whose SQL is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// What ISO 9075 says.
    #[default]
    Standard,
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

impl Dialect {
    /// The same, as schemas are converted to it.
    pub fn of_schemas(self) -> convert::Dialect {
        match self {
            Self::Standard => convert::Dialect::Standard,
            Self::Sqlite => convert::Dialect::Sqlite,
            Self::Postgres => convert::Dialect::Postgres,
        }
    }
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Fast, and read by everyone.
    Snappy,
    /// Smaller.
    Zstd,
}

/// Where rows stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The rows of the file that come before them.
    pub before: u64,
    /// All rows of the file.
    pub all: u64,
}

/// A column that a format has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    column: String,
    kind: String,
}

impl Unfit {
    fn of(field: &Field) -> Self {
        Self { column: field.name().clone(), kind: field.data_type().to_string() }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}` holds {}, which has no form in this format", self.column, self.kind)
    }
}

impl std::error::Error for Unfit {}

/// The key by which a field's metadata says what its texts are, and what it says of JSON:
/// <https://arrow.apache.org/docs/format/CanonicalExtensions.html#json>.
pub const EXTENSION: (&str, &str) = ("ARROW:extension:name", "arrow.json");

/// Whether the texts of a field are JSON.
fn is_json(field: &Field) -> bool {
    field.metadata().get(EXTENSION.0).is_some_and(|name| name == EXTENSION.1)
}
