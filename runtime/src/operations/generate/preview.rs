//! The first rows of each table, to be looked at.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::{Array, RecordBatch};
use ndsl_compiler::analyze_with;
use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::schema::{ColumnId, Schemas, TableId};
use ndsl_generate::output::{self, Page, Span};
use ndsl_generate::text::Locale;
use ndsl_generate::{Generator, NoInputs, Options};

use super::making::made;
use super::{Request, chosen};
use crate::files::Disk;
use crate::operations::{Error, sound};

/// The first rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Its name from outside.
    pub table: String,
    /// How many rows it would have.
    pub rows: u64,
    /// The names of its columns outside.
    pub columns: Vec<String>,
    /// The cells of each row as a CSV file has them; nothing where there is no value.
    pub cells: Vec<Vec<Option<String>>>,
    /// The same rows, a JSON object a line.
    pub json: String,
}

/// Makes the first `count` rows of each table that a request names, and writes nothing.
///
/// # Errors
/// What is at fault with the program or the request, and rows that cannot be made.
pub fn preview(request: &Request, count: u64) -> Result<Vec<Preview>, Error> {
    let folder = request.folder.as_deref().unwrap_or(Path::new(""));
    let (source, disk) = Disk::program(folder, &request.name, request.text.as_str());
    let analysis = sound(analyze_with(&source, &disk))?;
    let generator = super::generator(&analysis, request, 1)?;
    let chosen = chosen::tables(generator.schemas(), request)?;
    let mut previews = Vec::new();
    for id in generator.in_order().0.into_iter().filter(|id| chosen.contains(id)) {
        let batch = made(&generator, &analysis.sources, id, 0..count)?;
        let schema = generator.shape(id);
        previews.push(Preview {
            table: generator.schemas().at(id).path.clone(),
            rows: generator.rows(id),
            columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
            cells: cells(&batch)?,
            json: String::from_utf8_lossy(&written(&batch, output::Format::JsonLines)?).into_owned(),
        });
    }
    Ok(previews)
}

/// The first values of a column of sound schemas, as a CSV file has them, where tables have as many rows as they do when nothing is said; nothing
/// in place of one that is missing.
///
/// # Errors
/// Rows that cannot be made.
pub fn examples(schemas: &Schemas, table: TableId, column: ColumnId, count: u64) -> Result<Vec<Option<String>>, Error> {
    let options = Options {
        seed: 0,
        locale: Locale::default(),
        rows: super::thousand(),
        rows_of: BTreeMap::new(),
        inputs: &NoInputs,
        threads: 1,
    };
    let failed = |diagnostics: Vec<Diagnostic>| {
        let said = diagnostics.first().map_or_else(String::new, |first| first.message.clone());
        Error::Request(said)
    };
    let generator = Generator::new(schemas.clone().into(), &options).map_err(failed)?;
    let count = count.min(generator.rows(table));
    let batch = generator.make(table, 0..count).map_err(|fault| failed(vec![fault.diagnostic()]))?;
    let alone = batch.project(&[column.0 as usize]).map_err(|error| Error::Request(error.to_string()))?;
    Ok(cells(&alone)?.into_iter().filter_map(|mut row| row.pop()).collect())
}

/// The cells of rows as a CSV file has them; nothing where there is no value.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, Error> {
    let lines = written(batch, output::Format::Csv)?;
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&lines[..]);
    let records = reader.records().map_while(Result::ok);
    let rows = records.enumerate().map(|(row, record)| {
        let cells = record.iter().zip(batch.columns());
        cells.map(|(cell, column)| (!column.is_null(row)).then(|| cell.to_owned())).collect()
    });
    Ok(rows.collect())
}

/// Rows in a format of text.
fn written(batch: &RecordBatch, format: output::Format) -> Result<Vec<u8>, Error> {
    let mut page = Page::default();
    let span = Span { before: 0, all: batch.num_rows() as u64 };
    if let Some(sheet) = output::sheet(format, "", &batch.schema()) {
        sheet.rows(batch, span, &mut page).map_err(|error| Error::Request(error.to_string()))?;
    }
    Ok(page.written().to_vec())
}
