//! Rows in a format of text, any part of a file alone.

use arrow_array::RecordBatch;
use arrow_schema::{Fields, Schema};

use super::cells::{Cells, Notation};
use super::page::{Page, Pen};
use super::{Format, Span, Unfit};
use super::{copy, csv, json, sql};

/// A file of text, the parts of which are written in any order.
pub trait Sheet: Send + Sync {
    /// What stands before the first row.
    fn head(&self, page: &mut Page);

    /// Writes the rows that stand at a place of the file.
    ///
    /// # Errors
    /// Where a column has a type that no schema has.
    fn rows(&self, batch: &RecordBatch, span: Span, page: &mut Page) -> Result<(), Unfit>;

    /// What stands behind the last row.
    fn foot(&self, page: &mut Page);
}

/// How a format of text lays out rows.
pub(super) trait Layout: Notation + Send + Sync {
    /// What stands before the first row.
    fn head(&self, fields: &Fields, page: &mut Page);

    /// What stands before a row, by how many come before it in the file.
    fn before_row(&self, before: u64, pen: &mut Pen);

    /// What stands before the cell of a column.
    fn before_cell(&self, place: usize, name: &str) -> Vec<u8>;

    /// What stands behind a row, by how many come before it in the file and how many there are.
    fn after_row(&self, before: u64, all: u64, pen: &mut Pen);

    /// What stands behind the last row.
    fn foot(&self, page: &mut Page);
}

struct Laid<L> {
    layout: L,
    fields: Fields,
    /// What stands before the cell of each column, one behind the other.
    before: Vec<u8>,
    ends: Vec<usize>,
}

impl<L: Layout> Laid<L> {
    fn new(layout: L, schema: &Schema) -> Self {
        let mut before = Vec::new();
        let mut ends = vec![0];
        for (place, field) in schema.fields().iter().enumerate() {
            before.extend(layout.before_cell(place, field.name()));
            ends.push(before.len());
        }
        // Room behind the last, so that all are copied as blocks.
        before.extend([0; 64]);
        Self { layout, fields: schema.fields().clone(), before, ends }
    }
}

impl<L: Layout> Sheet for Laid<L> {
    fn head(&self, page: &mut Page) {
        self.layout.head(&self.fields, page);
    }

    fn rows(&self, batch: &RecordBatch, span: Span, page: &mut Page) -> Result<(), Unfit> {
        let columns = self.fields.iter().zip(batch.columns());
        let columns = columns.map(|(field, array)| Cells::of(&self.layout, field, array));
        let columns = columns.collect::<Result<Vec<Cells>, Unfit>>()?;
        page.with_pen(|pen| {
            for row in 0..batch.num_rows() {
                let before = span.before + row as u64;
                self.layout.before_row(before, pen);
                for (cells, ends) in columns.iter().zip(self.ends.windows(2)) {
                    pen.part(&self.before, ends[0], ends[1]);
                    cells.write(&self.layout, row, pen);
                }
                self.layout.after_row(before, span.all, pen);
            }
        });
        Ok(())
    }

    fn foot(&self, page: &mut Page) {
        self.layout.foot(page);
    }
}

/// The sheet of a table in a format; none of those that are not text.
pub fn sheet(format: Format, table: &str, schema: &Schema) -> Option<Box<dyn Sheet>> {
    Some(match format {
        Format::Csv => Box::new(Laid::new(csv::Csv { is_alone: schema.fields().len() == 1 }, schema)),
        Format::JsonLines => Box::new(Laid::new(json::Lines, schema)),
        Format::Json => Box::new(Laid::new(json::Array, schema)),
        Format::Sql(dialect) => Box::new(Laid::new(sql::Inserts::new(dialect, table, schema), schema)),
        Format::Copy => Box::new(Laid::new(copy::Copy::new(table, schema), schema)),
        Format::Parquet | Format::Arrow => return None,
    })
}
