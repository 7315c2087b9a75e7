//! Rows cell by cell, as prepared statements of SQLite take them: numbers as numbers, all else as texts, as a script has them.

use arrow_array::RecordBatch;

use super::Unfit;
use super::cells::{Cells, Notation};
use super::page::Page;

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// No value.
    Null,
    /// A whole number, or whether something is true.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Everything else.
    Text(&'v [u8]),
}

/// The cells of some rows.
pub struct Values<'v> {
    columns: Vec<Cells<'v>>,
    page: Page,
}

impl<'v> Values<'v> {
    /// The cells of some rows.
    ///
    /// # Errors
    /// Where a column has a type that no schema has.
    pub fn of(batch: &'v RecordBatch) -> Result<Self, Unfit> {
        let columns = batch.schema_ref().fields().iter().zip(batch.columns());
        let columns = columns.map(|(field, array)| Cells::of(&Bare, field, array)).collect::<Result<_, _>>()?;
        Ok(Self { columns, page: Page::default() })
    }

    /// The cell of a row and a column.
    pub fn at(&mut self, row: usize, column: usize) -> Value<'_> {
        self.columns[column].value(&Bare, row, &mut self.page)
    }
}

/// Texts as they are.
struct Bare;

impl Notation for Bare {
    const MOMENT: u8 = b' ';
    const HAS_JSON: bool = false;
    const TEXT: [&'static [u8]; 2] = [b"", b""];
    const EMPTY: &'static [u8] = b"";
    const TRUTH: [&'static [u8]; 2] = [b"0", b"1"];

    fn null(&self) -> &'static [u8] {
        b""
    }

    fn not_finite(_: f64) -> &'static [u8] {
        b""
    }

    fn is_special(_: u8) -> bool {
        false
    }

    fn special(&self, text: &[u8], page: &mut Page) {
        page.put(text);
    }
}
