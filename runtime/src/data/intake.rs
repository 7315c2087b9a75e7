//! What takes the cells of files as they are read, row by row: numbers by the type of their column, and every fault with its place.

use std::ops::ControlFlow;

use ndsl_compiler::ir::ElementType;

use super::aside::Writer;
use super::cell::Cell;
use super::error::{BadCell, Fault, MAX_BAD_CELLS, Place};
use super::files::Named;
use super::learnt::Texts;
use super::number::{number, plain};
use super::numbers::{Kind, Numbers, View, put};
use super::places::Places;
use super::profile::Profiler;
use super::sink::Sink;
use super::typed::TypedCells;
use crate::memory;
use crate::tensor::TensorData;

/// Rows after which what is held is weighed, at most.
const ROWS_BETWEEN: usize = 1 << 12;

/// Bytes after which it is, where a row has many.
const BYTES_BETWEEN: usize = 4 << 20;

/// What the cells of a column become.
pub(super) enum Slot {
    /// Numbers of the vector that all such columns make together.
    Number,
    /// Texts whose type is found when all are there.
    Texts(Texts),
    /// Values of a column of a schema.
    Typed(TypedCells),
    /// Values that are looked at, and not kept.
    Profiled(Box<Profiler>),
}

impl Slot {
    /// How its numbers stand where they are put aside; nothing where they are held in any case.
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Number => Some(Kind::As(ElementType::F32)),
            Self::Typed(_) => self.column().map(|column| Kind::As(column.element())),
            Self::Texts(_) | Self::Profiled(_) => None,
        }
    }

    /// The numbers of a column that may be put aside by itself. What is learnt is gone through as a whole, and held.
    fn column(&self) -> Option<&TensorData> {
        match self {
            Self::Typed(cells) if !cells.is_learnt() => Some(cells.data()),
            _ => None,
        }
    }

    /// Lets go of what was put aside.
    fn empty(&mut self) {
        if let Self::Typed(cells) = self
            && !cells.is_learnt()
        {
            cells.empty();
        }
    }
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
    /// Rows after which what is held is weighed.
    between: usize,
    /// The bytes that may be held; without a limit where the system does not say what is free.
    room: u64,
    /// The bytes of numbers that may be held; what is more is put aside.
    most: u64,
    /// What names the files.
    at: Named,
    aside: Option<Aside>,
}

/// Where numbers go that are too many to be held: a row has those that make a vector, and then those of the typed columns.
struct Aside {
    writer: Writer,
    /// How many rows are there.
    rows: usize,
}

/// What was taken.
pub(super) struct Taken {
    /// The slots with their cells, where these are held.
    pub(super) slots: Vec<Slot>,
    /// The numbers of the slots that are numbers, one row after another.
    pub(super) numbers: Numbers,
    /// Of each slot, the numbers that were put aside.
    pub(super) aside: Vec<Option<Numbers>>,
    /// How many rows there are.
    pub(super) rows: usize,
    /// Where each stood.
    pub(super) places: Places,
}

impl Intake {
    /// Takes at most `limit` rows of columns of these names, of the files that `at` names; holds `most` bytes of numbers.
    pub(super) fn new(slots: Vec<Slot>, names: Vec<String>, limit: Option<usize>, most: u64, at: Named) -> Self {
        let row: usize = slots.iter().map(|slot| slot.kind().map_or(0, Kind::size)).sum();
        Self {
            slots,
            names,
            numbers: Vec::new(),
            places: Places::default(),
            rows: 0,
            limit: limit.unwrap_or(usize::MAX),
            bad: Vec::new(),
            place: Place::Row(1),
            between: (BYTES_BETWEEN.min(most as usize / 4) / row.max(1)).clamp(1, ROWS_BETWEEN),
            room: memory::available().unwrap_or(u64::MAX),
            most,
            at,
            aside: None,
        }
    }

    /// Goes on with the next file, of this name.
    pub(super) fn begin_file(&mut self, name: &str) {
        self.places.begin_file(name, self.rows);
    }

    #[cold]
    fn bad_cell(&mut self, slot: usize, reason: String) {
        if self.bad.len() < MAX_BAD_CELLS {
            let column = Some(self.names[slot].clone());
            self.bad.push(BadCell { file: self.places.file(), place: self.place, column, reason });
        }
    }

    /// Puts numbers aside that are too many; fails where what must be held is too much.
    fn weigh(&mut self) -> Result<(), Fault> {
        // Growing takes as much again for a moment.
        if self.aside.is_some() || 2 * self.numbers_held() > self.most {
            self.put_aside()?;
        }
        let texts = |slot: &Slot| if let Slot::Texts(texts) = slot { texts.size() } else { 0 };
        let others = self.slots.iter().map(texts).sum::<usize>() + self.places.size();
        match self.numbers_held() + 2 * others as u64 > self.room {
            true => Err(Fault::TooLarge { rows: self.rows, room: self.room }),
            false => Ok(()),
        }
    }

    /// The bytes of numbers that are held.
    fn numbers_held(&self) -> u64 {
        let typed = |slot: &Slot| match slot {
            Slot::Typed(cells) => cells.data().len() * Kind::As(cells.data().element()).size(),
            _ => 0,
        };
        (self.numbers.len() * size_of::<f32>() + self.slots.iter().map(typed).sum::<usize>()) as u64
    }

    /// Puts the numbers of all rows that are held aside.
    fn put_aside(&mut self) -> Result<(), Fault> {
        // Where a cell is bad, nothing comes of the others.
        if self.bad.is_empty() && self.slots.iter().any(|slot| slot.kind().is_some()) {
            let aside = match &mut self.aside {
                Some(aside) => aside,
                none => none.insert(Aside { writer: Writer::create(&self.at)?, rows: 0 }),
            };
            let rows = self.rows - aside.rows;
            let width = self.numbers.len() / rows.max(1);
            let columns: Vec<&TensorData> = self.slots.iter().filter_map(Slot::column).collect();
            let mut bytes = Vec::new();
            for row in 0..rows {
                let numbers = &self.numbers[row * width..(row + 1) * width];
                bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
                columns.iter().for_each(|column| put(column, row..row + 1, &mut bytes));
                if bytes.len() >= BYTES_BETWEEN || row + 1 == rows {
                    aside.writer.write(&bytes)?;
                    bytes.clear();
                }
            }
            aside.rows = self.rows;
        }
        self.numbers = Vec::new();
        self.slots.iter_mut().for_each(Slot::empty);
        Ok(())
    }

    /// Where the numbers are: those of the slots that make a vector, and of each slot those that were put aside.
    fn settled(&mut self) -> Result<(Numbers, Vec<Option<Numbers>>), Fault> {
        if self.aside.is_some() {
            self.put_aside()?;
        }
        let Some(Aside { writer, rows }) = self.aside.take() else {
            return Ok((TensorData::F32(std::mem::take(&mut self.numbers)).into(), Vec::new()));
        };
        let width = self.slots.iter().filter(|slot| matches!(slot, Slot::Number)).count();
        let mut end = width * size_of::<f32>();
        let column = |slot: &Slot| {
            let kind = slot.column().and(slot.kind());
            kind.map(|kind| {
                let start = end;
                end += kind.size();
                (start, kind)
            })
        };
        let columns: Vec<Option<(usize, Kind)>> = self.slots.iter().map(column).collect();
        let block = writer.finish(end)?;
        let view = |offset, width, kind| Numbers::Kept(View::new(&block, rows, offset, width, kind));
        let columns = columns.into_iter().map(|column| column.map(|(start, kind)| view(start, 1, kind))).collect();
        Ok((view(0, width, Kind::As(ElementType::F32)), columns))
    }

    /// What was taken; what is only found from all cells of a column is found by `found`, which may tell bad ones.
    ///
    /// # Errors
    /// Every bad cell, up to a number, or that there are no rows; and where what was put aside cannot be written.
    pub(super) fn finish<T>(
        mut self,
        found: impl FnOnce(&[Slot], &mut dyn FnMut(usize, usize, String)) -> T,
    ) -> Result<(Taken, T), Fault> {
        if self.rows == 0 && self.bad.is_empty() {
            return Err(Fault::NoRows);
        }
        let (numbers, aside) = self.settled()?;
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
        Ok((Taken { slots, numbers, aside, rows: self.rows, places }, found))
    }
}

impl Sink for Intake {
    fn goes_on(&self) -> bool {
        self.rows < self.limit && self.bad.len() < MAX_BAD_CELLS
    }

    #[inline]
    fn begin_row(&mut self, place: Place) {
        self.place = place;
    }

    #[inline]
    fn cell(&mut self, slot: usize, cell: Cell<'_>) {
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
            Slot::Profiled(profiler) => {
                profiler.add(cell);
                Ok(())
            }
        };
        if let Err(reason) = taken {
            self.bad_cell(slot, reason);
        }
    }

    #[cold]
    fn bad_row(&mut self, reason: String) {
        if self.bad.len() < MAX_BAD_CELLS {
            self.bad.push(BadCell { file: self.places.file(), place: self.place, column: None, reason });
        }
    }

    #[inline]
    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        self.places.add(self.place);
        self.rows += 1;
        if self.rows.is_multiple_of(self.between) {
            self.weigh()?;
        }
        Ok(if self.goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
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
