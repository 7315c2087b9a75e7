//! The first rows of each table, to be looked at.

use std::path::Path;

use arrow_array::Array;
use ndsl_compiler::analyze_with;
use ndsl_generate::output::{self, Page, Span};

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
        let written = |format| -> Result<Vec<u8>, Error> {
            let mut page = Page::default();
            let span = Span { before: 0, all: batch.num_rows() as u64 };
            if let Some(sheet) = output::sheet(format, "", &schema) {
                sheet.rows(&batch, span, &mut page).map_err(|error| Error::Request(error.to_string()))?;
            }
            Ok(page.written().to_vec())
        };
        let lines = written(output::Format::Csv)?;
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&lines[..]);
        let records = reader.records().map_while(Result::ok);
        let cells = records.enumerate().map(|(row, record)| {
            let cells = record.iter().zip(batch.columns());
            cells.map(|(cell, column)| (!column.is_null(row)).then(|| cell.to_owned())).collect()
        });
        previews.push(Preview {
            table: generator.schemas().at(id).path.clone(),
            rows: generator.rows(id),
            columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
            cells: cells.collect(),
            json: String::from_utf8_lossy(&written(output::Format::JsonLines)?).into_owned(),
        });
    }
    Ok(previews)
}
