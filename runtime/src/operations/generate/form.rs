//! What rows are written as, and how each file is packed.

use std::path::Path;

use ndsl_generate::output;
use serde::{Deserialize, Serialize};

/// What rows are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// CSV, a file a table.
    #[default]
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// A JSON array of objects.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow's file format.
    Arrow,
    /// A script of SQL that makes the tables and puts the rows into them, one file for all.
    Sql,
    /// The same for `psql`, which copies the rows.
    Copy,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 7] = [Self::Csv, Self::Jsonl, Self::Json, Self::Parquet, Self::Arrow, Self::Sql, Self::Copy];

    /// The form that a file of that name has by its ending, if it is one of these.
    pub fn by_name(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "jsonl" | "ndjson" => Self::Jsonl,
            "json" => Self::Json,
            "parquet" => Self::Parquet,
            "arrow" | "ipc" | "feather" => Self::Arrow,
            "sql" => Self::Sql,
            "copy" | "psql" => Self::Copy,
            _ => return None,
        })
    }

    /// What its files end in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Sql => "sql",
            Self::Copy => "copy",
        }
    }

    /// Whether all tables are in one file.
    pub fn is_script(self) -> bool {
        matches!(self, Self::Sql | Self::Copy)
    }

    /// As the writers know it.
    pub(super) fn output(self, dialect: Dialect) -> output::Format {
        match self {
            Self::Csv => output::Format::Csv,
            Self::Jsonl => output::Format::JsonLines,
            Self::Json => output::Format::Json,
            Self::Parquet => output::Format::Parquet,
            Self::Arrow => output::Format::Arrow,
            Self::Sql => output::Format::Sql(dialect.output()),
            Self::Copy => output::Format::Copy,
        }
    }
}

/// Whose SQL a script is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// What most databases understand.
    #[default]
    Standard,
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

impl Dialect {
    pub(super) fn output(self) -> output::Dialect {
        match self {
            Self::Standard => output::Dialect::Standard,
            Self::Sqlite => output::Dialect::Sqlite,
            Self::Postgres => output::Dialect::Postgres,
        }
    }
}

/// How Parquet and Arrow files are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all.
    None,
    /// Fast; of Parquet alone.
    Snappy,
    /// Smaller.
    Zstd,
}

impl Compression {
    pub(super) fn output(self) -> output::Compression {
        match self {
            Self::None => output::Compression::None,
            Self::Snappy => output::Compression::Snappy,
            Self::Zstd => output::Compression::Zstd,
        }
    }
}
