//! Makes pieces of files, each alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use arrow_array::RecordBatch;
use ndsl_compiler::Sources;
use ndsl_compiler::schema::TableId;
use ndsl_generate::Generator;
use ndsl_generate::output::{self, Page, Sheet, Span, arrow, parquet};

use super::form::{Compression, Dialect, Form};
use super::parts::{Piece, Section, Sections};
use crate::operations::Error;
use crate::train::Cancel;

/// Rows of text that are made at once: so few that columns stay where a processor finds them fast.
pub const AT_ONCE: u64 = 1 << 13;

/// The most rows that are made at once.
pub const MOST_AT_ONCE: u64 = 1 << 16;

/// What a piece of a table is made into.
pub enum Made {
    /// Bytes of text.
    Text(Page),
    /// A group of rows of Parquet.
    Group(parquet::Group),
    /// Rows as they are.
    Rows(RecordBatch),
}

/// How the rows of a table are written.
pub enum Writing {
    /// As text. The head and the foot of the file go with its first and last rows.
    Text(Box<dyn Sheet>),
    /// The same without a head and a foot.
    Lines(Box<dyn Sheet>),
    /// As Parquet.
    Parquet(Box<parquet::Encoder>),
    /// As they are.
    Rows,
}

/// What all threads share.
pub struct Making<'m> {
    pub generator: &'m Generator,
    /// The texts that faults have their places in.
    pub sources: &'m Sources,
    pub sections: &'m Sections,
    /// How each table is written.
    pub writing: BTreeMap<TableId, Writing>,
    /// What stands before the first table of a script, and behind the last.
    pub script: Option<(String, String)>,
    pub cancel: &'m Cancel,
    /// Memory that was written out and can be used again.
    pub pages: Mutex<Vec<Page>>,
}

impl Making<'_> {
    /// Makes a piece by its number.
    ///
    /// # Errors
    /// Where a row cannot be made, and where it was asked to stop.
    pub fn make(&self, number: usize) -> Result<Made, Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let piece = self.sections.piece(number);
        let section = &self.sections.all()[piece.section];
        let rows = self.rows(section.table, piece.rows.clone())?;
        let unfit = |error: output::Unfit| Error::Request(error.to_string());
        Ok(match &self.writing[&section.table] {
            Writing::Rows => Made::Rows(rows),
            Writing::Parquet(encoder) => {
                let encoded = encoder.encode(piece.place, &rows);
                Made::Group(encoded.map_err(|error| Error::Request(error.to_string()))?)
            }
            Writing::Lines(sheet) => {
                let mut page = self.page();
                sheet.rows(&rows, span(section, &piece), &mut page).map_err(unfit)?;
                Made::Text(page)
            }
            Writing::Text(sheet) => {
                let mut page = self.page();
                let (before, behind) = self.script.as_ref().map_or(("", ""), |(before, behind)| (before, behind));
                if number == 0 {
                    page.write(before);
                }
                if piece.place == 0 {
                    sheet.head(&mut page);
                }
                sheet.rows(&rows, span(section, &piece), &mut page).map_err(unfit)?;
                if piece.is_last {
                    sheet.foot(&mut page);
                }
                if number + 1 == self.sections.pieces() {
                    page.write(behind);
                }
                Made::Text(page)
            }
        })
    }

    /// Some rows of a table.
    ///
    /// # Errors
    /// Where a row cannot be made, at the place in the program that asks for it.
    pub fn rows(&self, table: TableId, rows: std::ops::Range<u64>) -> Result<RecordBatch, Error> {
        made(self.generator, self.sources, table, rows)
    }

    fn page(&self) -> Page {
        let mut page = self.pages.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        page.clear();
        page
    }

    /// Takes back memory.
    pub fn give_back(&self, page: Page) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).push(page);
    }
}

/// Some rows of a table.
///
/// # Errors
/// Where a row cannot be made, at the place in the program that asks for it.
pub fn made(
    generator: &Generator,
    sources: &Sources,
    table: TableId,
    rows: std::ops::Range<u64>,
) -> Result<RecordBatch, Error> {
    let fault = |fault: ndsl_generate::Fault| Error::Program {
        sources: sources.clone(),
        diagnostics: vec![fault.diagnostic()],
    };
    generator.make(table, rows).map_err(fault)
}

/// Where a piece stands in its part of a file.
fn span(section: &Section, piece: &Piece) -> Span {
    Span { before: piece.rows.start - section.rows.start, all: section.len() }
}

/// How a table is written in a form.
///
/// # Errors
/// Where a row cannot be made, or a form has no room for a column.
pub fn writing(
    generator: &Generator,
    sources: &Sources,
    (table, name): (TableId, &str),
    form: Form,
    dialect: Dialect,
    compression: Compression,
) -> Result<Writing, Error> {
    let schema = generator.shape(table);
    if let Some(sheet) = output::sheet(form.output(dialect), name, &schema) {
        return Ok(Writing::Text(sheet));
    }
    if form == Form::Arrow {
        return Ok(Writing::Rows);
    }
    let sample = made(generator, sources, table, 0..parquet::SAMPLE)?;
    let encoder = parquet::Encoder::new(&sample, compression.output());
    Ok(Writing::Parquet(Box::new(encoder.map_err(|error| Error::Request(error.to_string()))?)))
}

/// How many rows of a table are a piece of a file.
pub fn at_once(form: Form, chunk: Option<u64>) -> u64 {
    match form {
        Form::Parquet => parquet::GROUP,
        Form::Arrow => arrow::BATCH,
        _ => chunk.map_or(AT_ONCE, |chunk| chunk.clamp(1, MOST_AT_ONCE)),
    }
}
