//! CSV: a line of names, and a line a row.

use std::io;

use super::{Cells, Column, Paper, Sheet, shown};

/// A CSV file.
pub(super) struct Csv {
    writer: ::csv::Writer<Paper>,
    widths: Vec<usize>,
}

impl Csv {
    pub(super) fn begin(columns: Vec<Column>, paper: Paper) -> io::Result<Self> {
        let mut writer = ::csv::Writer::from_writer(paper);
        writer.write_record(columns.iter().flat_map(Column::flat))?;
        Ok(Self { writer, widths: columns.iter().map(Column::width).collect() })
    }
}

impl Sheet for Csv {
    fn add(&mut self, rows: usize, cells: &[Cells]) -> io::Result<()> {
        for row in 0..rows {
            for (cells, width) in cells.iter().zip(&self.widths) {
                match cells {
                    Cells::Text(texts) => self.writer.write_field(&texts[row])?,
                    Cells::Numbers(data) => {
                        for at in row * width..(row + 1) * width {
                            self.writer.write_field(shown(data, at))?;
                        }
                    }
                }
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Paper> {
        self.writer.into_inner().map_err(::csv::IntoInnerError::into_error)
    }
}
