//! The formats of files of rows and columns: one file a format, each a [`Reader`].
//!
//! A reader knows nothing of what is wanted from its cells: it says what its columns are called and hands the cells of some of
//! them to an [`Intake`], as what the file says they are. So a column means the same whichever format it came in.

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
use super::intake::Intake;

/// A file whose columns are known.
pub(super) trait Reader {
    /// The names of its columns, in its order, each once.
    fn columns(&self) -> &[String];

    /// Hands the cells of these columns to the intake, row by row, until the end or until it wants no more.
    fn rows(&mut self, wanted: &[usize], intake: &mut Intake) -> Result<(), Fault>;
}

/// Opens a file of a format and finds out what its columns are.
pub(super) fn open(format: &Format, file: Opened) -> Result<Box<dyn Reader>, Fault> {
    let reader: Box<dyn Reader> = match format {
        Format::Csv(dialect) => Box::new(csv::Csv::open(file, dialect)?),
        Format::JsonLines => Box::new(json_lines::JsonLines::open(file)?),
        Format::Parquet => Box::new(guarded(format.noun(), || parquet::Parquet::open(&file))?),
        Format::Arrow => Box::new(guarded(format.noun(), || arrow::Arrow::open(file))?),
        Format::Text => return Err(Fault::Form { noun: format.noun(), reason: "it has no columns".to_owned() }),
    };
    unique(reader.columns())?;
    Ok(reader)
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
