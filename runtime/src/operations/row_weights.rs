//! The column that says how much a row counts, read beside the rows.

use std::path::Path;

use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::ir::Encoding;
use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Place, TableColumn};

use crate::data::{self, DataError, Dataset, Fault, Reading};

/// Adds the column to the rows of a dataset; paths are relative to `folder`, and `memory` are the bytes that may be held.
///
/// # Errors
/// Where the file has no such column, or a cell of it is no number.
pub(super) fn add(
    dataset: &DatasetPlan,
    folder: &Path,
    column: &TableColumn,
    data: &mut Dataset,
    memory: Option<u64>,
) -> Result<(), DataError> {
    let (DataSource::Columns { files, .. } | DataSource::Table { files, .. } | DataSource::Pictures { files, .. }) =
        &dataset.source
    else {
        return Ok(());
    };
    if data.field(&column.name).is_some() {
        return Ok(());
    }
    // A cell without a number is said to be one by what weighs the rows.
    let column = TableColumn { encoding: Encoding::Number, optional: true, ..column.clone() };
    let remote = files.paths.iter().any(|path| matches!(path.place(), Place::Web(_)));
    // The files were held to their hash when they were read; but one that is fetched is known by it.
    let sha256 = files.sha256.clone().filter(|_| remote);
    let files = Files { key: None, sha256, ..files.clone() };
    let source = DataSource::Table { files, columns: vec![column], target: None };
    let reading = Reading { memory, ..Reading::default() };
    let read = data::read(&DatasetPlan { source, ..dataset.clone() }, folder, reading)?;
    data.fields.extend(read.fields);
    Ok(())
}

/// Why a column cannot say how much a row counts: it goes into the model, and nobody asked for that.
pub(super) fn refused(column: &TableColumn, dataset: &DatasetPlan, data: &Dataset) -> Option<Diagnostic> {
    let named = match &dataset.source {
        DataSource::Columns { columns: Some(columns), .. } => columns.iter().any(|named| named.text == column.outside),
        _ => false,
    };
    let goes_in = data.columns.as_ref().is_some_and(|columns| columns.contains(&column.outside));
    (goes_in && !named).then(|| {
        let message = format!("`{}` is one of the columns that go into the model", column.name);
        let fault = Diagnostic::new(Code::Conflict, column.span, message).label("and says how much a row counts");
        fault.help("name the columns that go in: `csv(\"rows.csv\", columns=[a, b], target=label)`")
    })
}

/// Whether a file has no such column.
pub(super) fn is_missing(error: &DataError) -> bool {
    matches!(error.fault, Fault::UnknownColumn { .. })
}
