//! What takes the cells of files as they are read, row by row: numbers by the type of their column, and every fault with its place.

use std::ops::ControlFlow;

use super::cell::Cell;
use super::error::{BadCell, Fault, MAX_BAD_CELLS, Place};
use super::learnt::Texts;
use super::number::{number, plain};
use super::places::Places;
use super::typed::TypedCells;
use crate::memory;

/// Rows after which what is held is weighed.
const ROWS_BETWEEN: usize = 1 << 12;

/// What the cells of a column become.
pub(super) enum Slot {
    /// Numbers of the vector that all such columns make together.
    Number,
    /// Texts whose type is found when all are there.
    Texts(Texts),
    /// Values of a column of a schema.
    Typed(TypedCells),
}

/// Takes rows. Each has a cell for every slot, in their order.
pub(super) struct Intake {
    slots: Vec<Slot>,
    /// The columns' names, for messages.
    names: Vec<String>,
    numbers: Vec<f32>,
    places: Places,
    rows: usize,
    limit: usize,
    bad: Vec<BadCell>,
    /// The row that is being taken.
    place: Place,
    /// The bytes that may be held; without a limit where the system does not say what is free.
    room: u64,
}

/// What was taken.
pub(super) struct Taken {
    /// The slots with their cells.
    pub(super) slots: Vec<Slot>,
    /// The numbers of the slots that are numbers, one row after another.
    pub(super) numbers: Vec<f32>,
    /// How many rows there are.
    pub(super) rows: usize,
    /// Where each stood.
    pub(super) places: Places,
}

impl Intake {
    /// Takes at most `limit` rows of columns of these names.
    pub(super) fn new(slots: Vec<Slot>, names: Vec<String>, limit: Option<usize>) -> Self {
        Self {
            slots,
            names,
            numbers: Vec::new(),
            places: Places::default(),
            rows: 0,
            limit: limit.unwrap_or(usize::MAX),
            bad: Vec::new(),
            place: Place::Row(1),
            room: memory::available().unwrap_or(u64::MAX),
        }
    }

    /// Goes on with the next file, of this name.
    pub(super) fn begin_file(&mut self, name: &str) {
        self.places.begin_file(name, self.rows);
    }

    /// Whether there is room for another row, and for another fault.
    pub(super) fn goes_on(&self) -> bool {
        self.rows < self.limit && self.bad.len() < MAX_BAD_CELLS
    }

    /// Begins a row.
    #[inline]
    pub(super) fn begin_row(&mut self, place: Place) {
        self.place = place;
    }

    /// Takes the cell of a slot in the row that was begun.
    #[inline]
    pub(super) fn cell(&mut self, slot: usize, cell: Cell<'_>) {
        let taken = match &mut self.slots[slot] {
            Slot::Number => {
                if let Cell::Bytes(bytes) = cell
                    && let Some(number) = plain(bytes)
                {
                    self.numbers.push(number);
                    return;
                }
                any_number(cell).map(|number| self.numbers.push(number))
            }
            Slot::Texts(texts) => texts.add(cell),
            Slot::Typed(cells) => cells.add(cell),
        };
        if let Err(reason) = taken {
            self.bad_cell(slot, reason);
        }
    }

    #[cold]
    fn bad_cell(&mut self, slot: usize, reason: String) {
        if self.bad.len() < MAX_BAD_CELLS {
            let column = Some(self.names[slot].clone());
            self.bad.push(BadCell { file: self.places.file(), place: self.place, column, reason });
        }
    }

    /// Leaves the row that was begun, which cannot be used as a whole.
    #[cold]
    pub(super) fn bad_row(&mut self, reason: String) {
        if self.bad.len() < MAX_BAD_CELLS {
            self.bad.push(BadCell { file: self.places.file(), place: self.place, column: None, reason });
        }
    }

    /// Ends the row that was begun; breaks where no other is wanted.
    #[inline]
    pub(super) fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        self.places.add(self.place);
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_BETWEEN) && self.held() > self.room {
            return Err(Fault::TooLarge { rows: self.rows, room: self.room });
        }
        Ok(if self.goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    /// The bytes that are held, with what growing them takes for a moment.
    fn held(&self) -> u64 {
        let slot = |slot: &Slot| match slot {
            Slot::Number => 0,
            Slot::Texts(texts) => texts.size(),
            Slot::Typed(_) => self.rows * size_of::<i64>(),
        };
        let slots: usize = self.slots.iter().map(slot).sum();
        2 * (slots + self.numbers.len() * size_of::<f32>() + self.places.size()) as u64
    }

    /// What was taken; what is only found from all cells of a column is found by `found`, which may tell bad ones.
    ///
    /// # Errors
    /// Every bad cell, up to a number, or that there are no rows.
    pub(super) fn finish<T>(
        mut self,
        found: impl FnOnce(&[Slot], &mut dyn FnMut(usize, usize, String)) -> T,
    ) -> Result<(Taken, T), Fault> {
        if self.rows == 0 && self.bad.is_empty() {
            return Err(Fault::NoRows);
        }
        let (slots, names, places) = (self.slots, self.names, self.places);
        let bad = &mut self.bad;
        // Where a row was left out, the others' places are not known by their number any more; but then nothing is found from all.
        let found = found(&slots, &mut |slot, row, reason| {
            if bad.len() < MAX_BAD_CELLS {
                let (file, place) = places.at(row);
                bad.push(BadCell { file, place, column: Some(names[slot].clone()), reason });
            }
        });
        if !self.bad.is_empty() {
            let more = self.bad.len() >= MAX_BAD_CELLS;
            return Err(Fault::Cells { cells: self.bad, more });
        }
        Ok((Taken { slots, numbers: self.numbers, rows: self.rows, places }, found))
    }
}

/// The number of any kind of cell, or why it is none.
fn any_number(cell: Cell<'_>) -> Result<f32, String> {
    match cell {
        Cell::Whole(whole) => Ok(whole as f32),
        Cell::Truth(truth) => Ok(f32::from(u8::from(truth))),
        Cell::Number(float) if (float as f32).is_finite() => Ok(float as f32),
        Cell::Number(float) if float.is_nan() => Err("there is no value".to_owned()),
        Cell::Null => Err("there is no value".to_owned()),
        cell => number(&cell.text()?.unwrap_or_default()),
    }
}
