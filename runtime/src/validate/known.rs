//! What is kept of whole tables: rows by the values they are referred to by, the columns that other tables' checks read, and what is computed
//! from the rows that refer to a row.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{Aggregate, ColumnId, ColumnPath, Schemas, TableId};
use ndsl_generate::column::{Column, Values};
use ndsl_generate::evaluate::Context;
use ndsl_generate::{Fault, Gathered, aggregate_type};

use super::keys::{ByNumber, Numbering};

/// Rows of a table, a few thousand at once.
pub(super) struct Batch {
    /// How many.
    pub rows: usize,
    /// Its columns, where they are asked for.
    pub columns: Vec<Option<Rc<Column>>>,
    /// Of each column, the rows whose value is not known, since their cells are at fault.
    pub broken: Vec<Option<Vec<bool>>>,
}

impl Batch {
    pub(super) fn column(&self, id: ColumnId) -> Option<&Rc<Column>> {
        self.columns[id.0 as usize].as_ref()
    }
}

/// A column of all rows of a table.
#[derive(Default)]
struct Stored {
    /// The number of the first row of each batch, and its values.
    batches: Vec<(u32, Rc<Column>, Option<Vec<bool>>)>,
}

impl Stored {
    fn at(&self, row: u32) -> Option<(&Column, Option<&Vec<bool>>, usize)> {
        let batch = self.batches.partition_point(|(first, ..)| *first <= row).checked_sub(1)?;
        let (first, column, broken) = &self.batches[batch];
        Some((column, broken.as_ref(), (row - first) as usize))
    }
}

/// What is computed for one row from those that refer to it, by the table, its reference and its column.
pub(super) type GatherId = (TableId, ColumnId, Option<ColumnId>);

/// What is known of the tables so far.
pub(super) struct Known<'s> {
    pub(super) schemas: &'s Schemas,
    pub(super) numbering: Numbering,
    rows: BTreeMap<TableId, u32>,
    /// By table and column: the first row with a value.
    indexes: BTreeMap<(TableId, ColumnId), ByNumber<u32>>,
    stored: BTreeMap<(TableId, ColumnId), Stored>,
    gathered: BTreeMap<GatherId, ByNumber<Gathered>>,
    /// The bytes that are held, about, and that may be.
    held: u64,
    room: u64,
}

/// The bytes of a row in a map of numbers, with what is free of it.
const ENTRY: u64 = 32;

impl<'s> Known<'s> {
    pub(super) fn new(schemas: &'s Schemas, room: u64) -> Self {
        Self {
            schemas,
            numbering: Numbering::default(),
            rows: BTreeMap::new(),
            indexes: BTreeMap::new(),
            stored: BTreeMap::new(),
            gathered: BTreeMap::new(),
            held: 0,
            room,
        }
    }

    /// Forgets all but how values are numbered.
    pub(super) fn clear(&mut self) {
        *self = Self { numbering: self.numbering.clone(), ..Self::new(self.schemas, self.room) };
    }

    /// Whether what is kept takes more memory than may be had.
    pub(super) fn is_full(&self) -> bool {
        self.held > self.room
    }

    /// Keeps what is asked for of some more rows of a table.
    pub(super) fn keep(&mut self, table: TableId, indexed: &[ColumnId], stored: &[ColumnId], batch: &Batch) {
        let first = *self.rows.entry(table).or_default();
        self.rows.insert(table, first.saturating_add(batch.rows as u32));
        if self.is_full() {
            return;
        }
        for id in indexed {
            let Some(column) = batch.column(*id) else { continue };
            let index = self.indexes.entry((table, *id)).or_default();
            for place in 0..batch.rows {
                if let Some(number) = self.numbering.of(column, place) {
                    index.entry(number).or_insert(first.saturating_add(place as u32));
                }
            }
            self.held += ENTRY * batch.rows as u64;
        }
        for id in stored {
            let Some(column) = batch.column(*id) else { continue };
            self.held += bytes(column);
            let kept = self.stored.entry((table, *id)).or_default();
            kept.batches.push((first, Rc::clone(column), batch.broken[id.0 as usize].clone()));
        }
    }

    /// The row of a table that has a value in a column.
    pub(super) fn row(&self, to: (TableId, ColumnId), column: &Column, place: usize) -> Option<u32> {
        self.indexes.get(&to)?.get(&self.numbering.of(column, place)?).copied()
    }

    /// Takes up rows that refer to others.
    pub(super) fn gather(&mut self, id: GatherId, batch: &Batch) {
        let (_, via, column) = id;
        if self.is_full() {
            return;
        }
        let Some(owners) = batch.column(via) else { return };
        let values = column.and_then(|column| batch.column(column));
        let gathered = self.gathered.entry(id).or_default();
        let before = gathered.len();
        for place in 0..batch.rows {
            if let Some(number) = self.numbering.of(owners, place) {
                let one = gathered.entry(number).or_default();
                one.row();
                if let Some(values) = values {
                    one.take(values.datum(place));
                }
            }
        }
        self.held += (gathered.len() - before) as u64 * size_of::<Gathered>() as u64 * 2;
    }
}

fn bytes(column: &Column) -> u64 {
    let each = match &column.values {
        Values::Text(texts) => return (texts.bytes() + 5 * texts.len()) as u64,
        Values::Bool(_) => 2,
        Values::Date(_) | Values::Time(_) | Values::Label(_) | Values::List(..) => 5,
        Values::Int(_) | Values::DateTime(_) | Values::Float(_) | Values::Duration(_) => 9,
    };
    each * column.len() as u64
}

/// The rows of a batch, with all that is known of other tables.
pub(super) struct Rows<'c> {
    known: &'c Known<'c>,
    table: TableId,
    batch: &'c Batch,
    /// Rows of which something that was asked for is not known: nothing is held against them.
    unknown: RefCell<Vec<bool>>,
    found: RefCell<Vec<(ColumnPath, Rc<Column>)>>,
}

impl<'c> Rows<'c> {
    pub(super) fn new(known: &'c Known<'c>, table: TableId, batch: &'c Batch) -> Self {
        let unknown = RefCell::new(vec![false; batch.rows]);
        Self { known, table, batch, unknown, found: RefCell::default() }
    }

    /// Whether something of a row that was asked for is not known.
    pub(super) fn is_unknown(&self, place: usize) -> bool {
        self.unknown.borrow()[place]
    }

    fn own(&self, id: ColumnId) -> ndsl_generate::Result<Rc<Column>> {
        if let Some(broken) = &self.batch.broken[id.0 as usize] {
            let mut unknown = self.unknown.borrow_mut();
            unknown.iter_mut().zip(broken).for_each(|(unknown, broken)| *unknown |= broken);
        }
        let table = self.known.schemas.at(self.table);
        self.batch.column(id).cloned().ok_or_else(|| Fault::new(table.at(id).span, "the column was not read"))
    }

    /// A column of the rows that these refer to, through one reference or several.
    fn through(&self, path: &ColumnPath) -> ndsl_generate::Result<Rc<Column>> {
        let schemas = self.known.schemas;
        let Some((first, rest)) = path.through.split_first() else { return self.own(path.column) };
        let own = self.own(*first)?;
        let mut unknown = self.unknown.borrow_mut();
        let reference = |table: TableId, id: ColumnId| {
            schemas.at(table).at(id).reference().map(|reference| (reference.table, reference.column))
        };
        let Some(mut at) = reference(self.table, *first) else { return Ok(own) };
        // Nothing where a row refers to none, or to one that is not there.
        let mut rows: Vec<Option<u32>> = (0..own.len())
            .map(|place| {
                let row = self.known.row(at, &own, place);
                unknown[place] |= row.is_none() && !own.is_missing(place);
                row
            })
            .collect();
        for step in rest {
            let Some(next) = reference(at.0, *step) else { break };
            let stored = self.known.stored.get(&(at.0, *step));
            for (place, row) in rows.iter_mut().enumerate() {
                let Some((column, broken, within)) = row.and_then(|row| stored?.at(row)) else { continue };
                let found = self.known.row(next, column, within);
                unknown[place] |= found.is_none() && !column.is_missing(within);
                unknown[place] |= broken.is_some_and(|broken| broken[within]);
                *row = found;
            }
            at = next;
        }
        let stored = self.known.stored.get(&(path.table, path.column));
        let data = rows.iter().enumerate().map(|(place, row)| match row.and_then(|row| stored?.at(row)) {
            None => Datum::Null,
            Some((column, broken, within)) => {
                unknown[place] |= broken.is_some_and(|broken| broken[within]);
                column.datum(within)
            }
        });
        Ok(Rc::new(Column::of(&schemas.at(path.table).at(path.column).kind.value(), data)))
    }
}

impl Context for Rows<'_> {
    fn len(&self) -> usize {
        self.batch.rows
    }

    fn column(&self, path: &ColumnPath) -> ndsl_generate::Result<Rc<Column>> {
        if path.through.is_empty() {
            return self.own(path.column);
        }
        if let Some((_, column)) = self.found.borrow().iter().find(|(known, _)| known == path) {
            return Ok(Rc::clone(column));
        }
        let column = self.through(path)?;
        self.found.borrow_mut().push((path.clone(), Rc::clone(&column)));
        Ok(column)
    }

    fn source(&self, name: &str) -> ndsl_generate::Result<Rc<Column>> {
        Err(Fault::new(
            self.known.schemas.at(self.table).span,
            format!("`source.{name}` is not known of rows that are made"),
        ))
    }

    fn aggregate(
        &self,
        what: Aggregate,
        table: TableId,
        via: ColumnId,
        column: Option<ColumnId>,
    ) -> ndsl_generate::Result<Rc<Column>> {
        let schemas = self.known.schemas;
        let ty = aggregate_type(schemas, what, table, column);
        let span = schemas.at(table).at(via).span;
        let Some(reference) = schemas.at(table).at(via).reference() else {
            return Err(Fault::new(span, "it refers to no table"));
        };
        let own = self.own(reference.column)?;
        let gathered = self.known.gathered.get(&(table, via, column));
        let mut data = Vec::with_capacity(own.len());
        for place in 0..own.len() {
            let number = self.known.numbering.of(&own, place);
            let of_row = number.and_then(|number| gathered?.get(&number)).cloned().unwrap_or_default();
            data.push(of_row.datum(what, &ty).ok_or_else(|| Fault::new(span, "a sum is too large to be held"))?);
        }
        Ok(Rc::new(Column::of(&ty, data.into_iter())))
    }
}
