//! The formats of files of rows and columns: one file a format, each a [`Reader`].
//!
//! A reader knows nothing of what is wanted from its cells: it says what its columns are called and hands the cells of some of
//! them to a [`Sink`], as what the file says they are. So a column means the same whichever format it came in.

mod arrow;
mod batches;
mod csv;
mod json;
mod json_lines;
mod parquet;
mod records;

use ndsl_compiler::plan::Format;

use super::error::Fault;
use super::files::Opened;
use super::guard::guarded;
use super::sink::Sink;

/// A file whose columns are known.
pub(crate) trait Reader {
    /// The names of its columns, in its order, each once.
    fn columns(&self) -> &[String];

    /// Hands the cells of these columns to the sink, row by row, until the end or until it wants no more.
    fn rows<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault>;
}

/// A file of any format.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub(crate) enum Table {
    /// A table of text.
    Csv(csv::Csv<Opened>),
    /// JSON objects.
    JsonLines(json_lines::JsonLines),
    /// Apache Parquet.
    Parquet(parquet::Parquet),
    /// Arrow's format.
    Arrow(arrow::Arrow),
}

/// Asks the reader of the format; each is compiled for each sink, since a file has many cells.
impl Reader for Table {
    fn columns(&self) -> &[String] {
        match self {
            Self::Csv(table) => table.columns(),
            Self::JsonLines(table) => table.columns(),
            Self::Parquet(table) => table.columns(),
            Self::Arrow(table) => table.columns(),
        }
    }

    fn rows<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        match self {
            Self::Csv(table) => table.rows(wanted, sink),
            Self::JsonLines(table) => table.rows(wanted, sink),
            Self::Parquet(table) => table.rows(wanted, sink),
            Self::Arrow(table) => table.rows(wanted, sink),
        }
    }
}

/// Opens a file of a format and finds out what its columns are. Of JSON, what stands under the keys of `whole` is one column each.
pub(crate) fn open(format: &Format, file: Opened, whole: &[String]) -> Result<Table, Fault> {
    let table = match format {
        Format::Csv(dialect) => Table::Csv(csv::Csv::open(file, dialect)?),
        Format::JsonLines => Table::JsonLines(json_lines::JsonLines::open(file, whole)?),
        Format::Parquet => Table::Parquet(guarded(format.noun(), || parquet::Parquet::open(&file))?),
        Format::Arrow => Table::Arrow(guarded(format.noun(), || arrow::Arrow::open(file))?),
        Format::Text => return Err(Fault::Form { noun: format.noun(), reason: "it has no columns".to_owned() }),
    };
    unique(table.columns())?;
    Ok(table)
}

/// Fails where two columns have one name.
fn unique(names: &[String]) -> Result<(), Fault> {
    let mut seen = std::collections::HashMap::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name.as_str(), index) {
            return Err(Fault::DuplicateColumn { name: name.clone(), first: first + 1, second: index + 1 });
        }
    }
    Ok(())
}
