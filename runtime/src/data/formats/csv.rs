//! Tables of text: one row a line, cells between commas or another character.

use std::io::Read;

use ndsl_compiler::plan::Dialect;

use super::super::cell::Cell;
use super::super::error::{Fault, Place};
use super::super::sink::Sink;
use super::Reader;
use super::records::{Record, Records};

/// A table of text.
pub(crate) struct Csv<R> {
    records: Records<R>,
    columns: Vec<String>,
    /// What the number of cells is compared with, for messages.
    first: &'static str,
    /// The cells of the first row, of a file without a header, and its line.
    pending: Option<(u64, Vec<Vec<u8>>)>,
}

impl<R: Read> Csv<R> {
    /// Reads the header, or counts the columns of the first row.
    pub(super) fn open(file: R, dialect: &Dialect) -> Result<Self, Fault> {
        let mut records = Records::new(file, dialect.delimiter)?;
        let Some(record) = records.next()? else { return Err(Fault::Empty) };
        let (line, cells) = (record.line, cells(record));
        if !dialect.header {
            let columns = (1..=cells.len()).map(|number| format!("column_{number}")).collect();
            return Ok(Self { records, columns, first: "the first line", pending: Some((line, cells)) });
        }
        let name = |cell: Vec<u8>| match String::from_utf8(cell) {
            Ok(name) => Ok(name.trim().to_owned()),
            Err(_) => Err(Fault::NotText { line }),
        };
        let columns = cells.into_iter().map(name).collect::<Result<Vec<String>, Fault>>()?;
        Ok(Self { records, columns, first: "the header", pending: None })
    }
}

fn cells(record: Record<'_>) -> Vec<Vec<u8>> {
    (0..record.len()).map(|place| record.cell(place).to_vec()).collect()
}

impl<R: Read> Reader for Csv<R> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn rows<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        if let Some((line, cells)) = self.pending.take().filter(|_| sink.goes_on()) {
            sink.begin_row(Place::Line(line));
            for (slot, column) in wanted.iter().enumerate() {
                sink.cell(slot, Cell::Bytes(&cells[*column]));
            }
            if sink.end_row()?.is_break() {
                return Ok(());
            }
        }
        let mut marks = Vec::new();
        while sink.goes_on() {
            let Some(record) = self.records.next()? else { break };
            sink.begin_row(Place::Line(record.line));
            if record.len() != self.columns.len() {
                let (found, wanted) = (record.len(), self.columns.len());
                let plural = if found == 1 { "" } else { "s" };
                sink.bad_row(format!("has {found} cell{plural}, {} has {wanted}", self.first));
                continue;
            }
            let marks = if S::KNOWS_EMPTY { record.marks(&mut marks) } else { None };
            for (slot, column) in wanted.iter().enumerate() {
                let cell = match record.cell(*column) {
                    [] if marks.is_some_and(|marks| marks.get(*column) == Some(&true)) => Cell::Text(""),
                    bytes => Cell::Bytes(bytes),
                };
                sink.cell(slot, cell);
            }
            if sink.end_row()?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
