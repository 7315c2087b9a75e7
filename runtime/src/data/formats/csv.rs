//! Tables of text: one row a line, cells between commas or another character.

use std::io::Read;

use ndsl_compiler::plan::Dialect;

use super::super::cell::Cell;
use super::super::error::{Fault, Place};
use super::super::intake::Intake;
use super::Reader;

/// What is read at once.
const BUFFER: usize = 1 << 18;

/// A table of text.
pub(super) struct Csv<R> {
    reader: csv::Reader<R>,
    header: Vec<String>,
    /// The first row, of a file without a header.
    first: Option<csv::ByteRecord>,
}

impl<R: Read> Csv<R> {
    /// Reads the header, or counts the columns of the first row.
    pub(super) fn open(file: R, dialect: &Dialect) -> Result<Self, Fault> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(dialect.header)
            .delimiter(dialect.delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(file);
        if dialect.header {
            let record = reader.byte_headers().map_err(form)?.clone();
            let name = |cell: &[u8]| match std::str::from_utf8(cell) {
                Ok(name) => Ok(name.trim().to_owned()),
                Err(_) => Err(Fault::NotText { line: 1 }),
            };
            let header = record.iter().map(name).collect::<Result<Vec<String>, Fault>>()?;
            return if header.is_empty() { Err(Fault::Empty) } else { Ok(Self { reader, header, first: None }) };
        }
        let mut first = csv::ByteRecord::new();
        if !reader.read_byte_record(&mut first).map_err(form)? {
            return Err(Fault::Empty);
        }
        let header = (1..=first.len()).map(|number| format!("column_{number}")).collect();
        Ok(Self { reader, header, first: Some(first) })
    }
}

impl<R: Read> Reader for Csv<R> {
    fn columns(&self) -> &[String] {
        &self.header
    }

    fn rows(&mut self, wanted: &[usize], intake: &mut Intake) -> Result<(), Fault> {
        let mut record = csv::ByteRecord::new();
        let mut pending = self.first.take();
        while intake.goes_on() {
            match pending.take() {
                Some(first) => record = first,
                None if self.reader.read_byte_record(&mut record).map_err(form)? => {}
                None => break,
            }
            intake.begin_row(Place::Line(record.position().map_or(0, csv::Position::line)));
            if record.len() != self.header.len() {
                let (found, wanted) = (record.len(), self.header.len());
                let plural = if found == 1 { "" } else { "s" };
                let first = if self.reader.has_headers() { "the header" } else { "the first line" };
                intake.bad_row(format!("has {found} cell{plural}, {first} has {wanted}"));
                continue;
            }
            for (slot, column) in wanted.iter().enumerate() {
                intake.cell(slot, Cell::Bytes(&record[*column]));
            }
            if intake.end_row()?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn form(error: csv::Error) -> Fault {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Fault::io(error),
        other => Fault::Form { noun: "CSV file", reason: format!("{other:?}") },
    }
}
