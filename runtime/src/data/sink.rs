//! What the cells of files are handed to, row by row.

use std::ops::ControlFlow;

use super::cell::Cell;
use super::error::{Fault, Place};

/// Takes rows. Each is begun, has a cell for every slot in their order, and is ended, unless it is a bad one.
pub(crate) trait Sink {
    /// Whether an empty text is another thing to it than no value. Where it is, an empty cell between quotation marks is a text.
    const KNOWS_EMPTY: bool = false;

    /// Whether there is room for another row, and for another fault.
    fn goes_on(&self) -> bool;

    /// Begins a row.
    fn begin_row(&mut self, place: Place);

    /// Takes the cell of a slot in the row that was begun.
    fn cell(&mut self, slot: usize, cell: Cell<'_>);

    /// Leaves the row that was begun, which cannot be used as a whole.
    fn bad_row(&mut self, reason: String);

    /// Ends the row that was begun; breaks where no other is wanted.
    ///
    /// # Errors
    /// Why what is held cannot grow, or be put aside.
    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault>;
}
