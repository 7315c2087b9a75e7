//! Goes through the files of a table: cells become columns of a few thousand rows, and these are held to what is asked of them.

use std::ops::ControlFlow;
use std::rc::Rc;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{ColumnId, Table, TableId};
use ndsl_generate::column::Column;

use super::cells::{Broken, Cells};
use super::known::{Batch, Known};
use super::tally::{RuleId, Tally};
use super::tasks::{Held, Task};
use crate::data::cell::Cell;
use crate::data::sink::Sink;
use crate::data::{Fault, Place};

/// Rows that are held to something at once.
const AT_ONCE: usize = 8192;

/// The rules of a column's cells, one for each way to break one; none for what is not asked.
pub(super) type CellRules = [Option<RuleId>; Broken::ALL.len()];

/// What a table's rows are gone through for.
pub(super) struct Purpose<'p, 's> {
    pub(super) id: TableId,
    pub(super) table: &'s Table,
    /// Whether it is the first time: then cells that are at fault are told, and what others need is kept.
    pub(super) is_first: bool,
    pub(super) rules: &'p [CellRules],
    /// The rule that a row is one.
    pub(super) row: RuleId,
    pub(super) indexed: &'p [ColumnId],
    pub(super) stored: &'p [ColumnId],
    pub(super) tasks: &'p mut [Task<'s>],
}

/// Asked after each few thousand rows, with how many there are: whether to go on.
pub(super) type GoesOn<'g> = dyn FnMut(u64) -> bool + 'g;

/// Takes the rows of a table.
pub(super) struct Taking<'p, 's, 'e, 'g> {
    purpose: Purpose<'p, 's>,
    known: &'p mut Known<'s>,
    tally: &'p mut Tally<'e>,
    goes_on: &'p mut GoesOn<'g>,
    /// Of each column, what reads it.
    cells: Vec<Option<Cells>>,
    /// The column of each cell of a row.
    slots: Vec<ColumnId>,
    /// Of each column that the file does not have: whether that is a fault.
    lacking: Vec<Option<bool>>,
    files: Vec<String>,
    /// Where each row of the batch stands.
    places: Vec<Place>,
    place: Place,
    /// Rows so far.
    pub(super) rows: u64,
    /// Rows that are none.
    pub(super) bad: u64,
    is_stopped: bool,
}

impl<'p, 's, 'e, 'g> Taking<'p, 's, 'e, 'g> {
    pub(super) fn new(
        purpose: Purpose<'p, 's>,
        known: &'p mut Known<'s>,
        tally: &'p mut Tally<'e>,
        goes_on: &'p mut GoesOn<'g>,
    ) -> Self {
        let columns = purpose.table.columns.len();
        Self {
            purpose,
            known,
            tally,
            goes_on,
            cells: (0..columns).map(|_| None).collect(),
            slots: Vec::new(),
            lacking: vec![None; columns],
            files: Vec::new(),
            places: Vec::new(),
            place: Place::Row(1),
            rows: 0,
            bad: 0,
            is_stopped: false,
        }
    }

    /// Goes on with a file: what reads each of its columns that are asked for, and those it lacks, with whether that is a fault.
    pub(super) fn begin_file(&mut self, name: String, cells: Vec<(ColumnId, Cells)>, lacking: Vec<(ColumnId, bool)>) {
        self.files.push(name);
        self.slots = cells.iter().map(|(id, _)| *id).collect();
        self.cells.iter_mut().for_each(|cells| *cells = None);
        for (id, cells) in cells {
            self.cells[id.0 as usize] = Some(cells);
        }
        self.lacking.iter_mut().for_each(|lacking| *lacking = None);
        for (id, is_fault) in lacking {
            self.lacking[id.0 as usize] = Some(is_fault);
        }
    }

    /// What counts, for what is told of a whole file.
    pub(super) fn tally(&mut self) -> &mut Tally<'e> {
        self.tally
    }

    /// Whether somebody stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Holds the rows so far to what is asked of them.
    pub(super) fn settle(&mut self) {
        let rows = self.places.len();
        if rows > 0 {
            let mut batch = Batch { rows, columns: Vec::new(), broken: Vec::new() };
            for (place, cells) in self.cells.iter_mut().enumerate() {
                let taken = match (cells.as_mut().and_then(Cells::taken), self.lacking[place]) {
                    (None, Some(is_fault)) => {
                        let ty = self.purpose.table.columns[place].kind.value();
                        let nulls = Column::of(&ty, std::iter::repeat_n(Datum::Null, rows));
                        Some((nulls, is_fault.then(|| vec![true; rows])))
                    }
                    (taken, _) => taken,
                };
                let (column, broken) = taken.unzip();
                batch.columns.push(column.map(Rc::new));
                batch.broken.push(broken.flatten());
            }
            let Purpose { id, is_first, indexed, stored, .. } = self.purpose;
            if is_first {
                self.known.keep(id, indexed, stored, &batch);
            }
            let held = Held { table: id, batch: &batch, places: &self.places, files: &self.files };
            for task in self.purpose.tasks.iter_mut() {
                task.run(&held, self.known, self.tally);
            }
            self.places.clear();
        }
        self.is_stopped |= !(self.goes_on)(self.rows);
    }

    #[cold]
    fn broken(&mut self, id: ColumnId, cell: Cell<'_>, broken: Broken) {
        let Some(rule) = self.purpose.rules[id.0 as usize][broken as usize].filter(|_| self.purpose.is_first) else {
            return;
        };
        let Some(cells) = &self.cells[id.0 as usize] else { return };
        let said = self.tally.at(rule).rule.clone();
        let file = self.files.last().map_or("", String::as_str);
        self.tally.broken(rule, file, Some(self.place), || cells.why(cell, broken, &said));
    }
}

impl Sink for Taking<'_, '_, '_, '_> {
    const KNOWS_EMPTY: bool = true;

    fn goes_on(&self) -> bool {
        !self.is_stopped
    }

    #[inline]
    fn begin_row(&mut self, place: Place) {
        self.place = place;
    }

    #[inline]
    fn cell(&mut self, slot: usize, cell: Cell<'_>) {
        let id = self.slots[slot];
        if let Some(cells) = &mut self.cells[id.0 as usize]
            && let Err(broken) = cells.add(cell)
        {
            self.broken(id, cell, broken);
        }
    }

    #[cold]
    fn bad_row(&mut self, reason: String) {
        self.bad += 1;
        if self.purpose.is_first {
            let file = self.files.last().map_or("", String::as_str);
            self.tally.broken(self.purpose.row, file, Some(self.place), || (None, format!("it {reason}")));
        }
    }

    #[inline]
    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        self.places.push(self.place);
        self.rows += 1;
        if self.places.len() == AT_ONCE {
            self.settle();
        }
        Ok(if self.is_stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
