//! A table as it is read: what takes its rows, once for what each column is like and once more for what is between columns.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use super::column::{Column, Learnt};
use crate::data::{BadCell, Cell, DataError, Fault, MAX_BAD_CELLS, Place, Reader, Sink};
use crate::train::Cancel;

/// The different values that are told apart in all columns of a table together, as long as none comes twice.
const TOLD_APART: usize = 1 << 25;

/// The least and the most of them in one column.
const OF_ONE: (usize, usize) = (1 << 14, 1 << 22);

/// Rows after which it is looked whether to go on.
const BETWEEN: u64 = 1 << 12;

/// Where rows come from, which are read from the beginning each time.
pub trait Source {
    /// What reads them.
    type Rows: Reader;

    /// Begins to read.
    ///
    /// # Errors
    /// What is wrong with the source.
    fn open(&self) -> Result<Self::Rows, DataError>;

    /// The fault of this source.
    fn fail(&self, fault: Fault) -> DataError;

    /// Fails where what is read is no longer what it was.
    ///
    /// # Errors
    /// That it changed.
    fn unchanged(&self) -> Result<(), DataError> {
        Ok(())
    }
}

/// What goes on while rows are read.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'w> {
    /// How many rows were read, of all tables.
    pub rows: &'w AtomicU64,
    /// Whether to stop.
    pub cancel: &'w Cancel,
}

/// What was learnt of a table by itself.
#[derive(Debug)]
pub struct TableLearnt {
    /// The names of its columns.
    pub names: Vec<String>,
    /// What was learnt of each.
    pub columns: Vec<Learnt>,
    /// How many rows there are.
    pub rows: u64,
    /// Whether places are lines of a text.
    pub lines: bool,
}

/// Takes the cells of all columns.
struct Columns<'w> {
    columns: Vec<Column>,
    at: u64,
    lines: bool,
    rows: u64,
    bad: Vec<BadCell>,
    watch: Watch<'w>,
    stopped: bool,
}

impl Sink for Columns<'_> {
    fn goes_on(&self) -> bool {
        !self.stopped && self.bad.len() < MAX_BAD_CELLS
    }

    #[inline]
    fn begin_row(&mut self, place: Place) {
        (self.at, self.lines) = numbered(place);
    }

    #[inline]
    fn cell(&mut self, slot: usize, cell: Cell<'_>) {
        self.columns[slot].add(self.at, cell);
    }

    #[cold]
    fn bad_row(&mut self, reason: String) {
        let place = placed(self.at, self.lines);
        self.bad.push(BadCell { file: None, place, column: None, reason });
    }

    #[inline]
    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        self.rows += 1;
        if self.rows.is_multiple_of(BETWEEN) {
            self.watch.rows.fetch_add(BETWEEN, Ordering::Relaxed);
            self.stopped |= self.watch.cancel.is_cancelled();
        }
        Ok(if self.stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

/// A place as a number, and whether it is a line.
#[inline]
fn numbered(place: Place) -> (u64, bool) {
    match place {
        Place::Line(line) => (line, true),
        Place::Row(row) => (row, false),
    }
}

/// A number as a place.
pub fn placed(at: u64, lines: bool) -> Place {
    if lines { Place::Line(at) } else { Place::Row(at) }
}

/// Reads a table for what each of its columns is like.
///
/// # Errors
/// What is wrong with the source: every row that cannot be used and every cell that is no text, up to a number.
pub fn learn<S: Source>(source: &S, watch: Watch<'_>) -> Result<TableLearnt, DataError> {
    let mut rows = source.open()?;
    let names = rows.columns().to_vec();
    let most = (TOLD_APART / names.len().max(1)).clamp(OF_ONE.0, OF_ONE.1);
    let mut columns = Columns {
        columns: names.iter().map(|_| Column::new(most)).collect(),
        at: 0,
        lines: false,
        rows: 0,
        bad: Vec::new(),
        watch,
        stopped: false,
    };
    let wanted: Vec<usize> = (0..names.len()).collect();
    let read = rows.rows(&wanted, &mut columns);
    // That it changed is the reason of whatever else was found in it.
    source.unchanged()?;
    read.map_err(|fault| source.fail(fault))?;
    let Columns { columns, lines, rows, mut bad, .. } = columns;
    let columns: Vec<Learnt> = columns.into_iter().map(Column::finish).collect();
    for (column, name) in columns.iter().zip(&names) {
        bad.extend(column.unreadable.iter().map(|at| BadCell {
            file: None,
            place: placed(*at, lines),
            column: Some(name.clone()),
            reason: "it is not UTF-8 text".to_owned(),
        }));
    }
    if !bad.is_empty() {
        bad.sort_by_key(|cell| numbered(cell.place).0);
        let more = bad.len() >= MAX_BAD_CELLS;
        bad.truncate(MAX_BAD_CELLS);
        return Err(source.fail(Fault::Cells { cells: bad, more }));
    }
    match rows {
        0 => Err(source.fail(Fault::NoRows)),
        rows => Ok(TableLearnt { names, columns, rows, lines }),
    }
}
