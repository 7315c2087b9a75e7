//! What is computed from the rows that refer to a row: counts, sums, means, ends.

use std::rc::Rc;
use std::sync::Arc;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{Aggregate, ColumnId, Schemas, TableId, Type};

use super::Batch;
use crate::column::Column;
use crate::fault::{Fault, Result};
use crate::plan::{How, Nulls, Referring};
use crate::rows::Rows;

/// Rows of the other table that are made at once.
const AT_ONCE: usize = 16_384;

impl Batch<'_> {
    /// What is computed from the rows of another table that refer to each of these.
    pub(super) fn aggregated(
        &self,
        what: Aggregate,
        table: TableId,
        via: ColumnId,
        column: Option<ColumnId>,
    ) -> Result<Rc<Column>> {
        let ty = aggregate_type(self.making.schemas, what, table, column);
        let mut kept: Vec<Gathered> = Vec::with_capacity(self.rows.len());
        let mut children: Vec<u64> = Vec::new();
        let mut owners: Vec<usize> = Vec::new();
        for place in 0..self.rows.len() {
            kept.push(Gathered::default());
            let mut rows = self.referring_to(table, via, self.rows.at(place))?;
            loop {
                let room = AT_ONCE - children.len();
                children.extend(rows.by_ref().take(room));
                owners.resize(children.len(), place);
                if children.len() < AT_ONCE {
                    break;
                }
                self.gather(table, column, &mut children, &mut owners, &mut kept)?;
            }
        }
        self.gather(table, column, &mut children, &mut owners, &mut kept)?;
        let span =
            column.map_or(self.making.schemas.at(table).span, |column| self.making.schemas.at(table).at(column).span);
        let mut too_large = false;
        let data: Vec<Datum> = kept
            .into_iter()
            .map(|gathered| {
                gathered.datum(what, &ty).unwrap_or_else(|| {
                    too_large = true;
                    Datum::Null
                })
            })
            .collect();
        match too_large {
            true => Err(Fault::new(span, "a sum of this column is too large to be held")),
            false => Ok(Rc::new(Column::of(&ty, data.into_iter()))),
        }
    }

    /// The rows of another table that refer to a row, in order.
    fn referring_to(&self, table: TableId, via: ColumnId, row: u64) -> Result<Box<dyn Iterator<Item = u64> + '_>> {
        let plan = self.making.plan.of(table);
        let column = &plan.columns[via.0 as usize];
        let How::Reference(reference) = &column.how else { return Ok(Box::new(std::iter::empty())) };
        Ok(match &reference.how {
            Referring::PerParent(children) => {
                let first = self.making.first_child(self.table, children, row)?;
                let count = self.making.children(self.table, children, Rows::Range(row..row + 1))?;
                Box::new(first..first + count.first().copied().unwrap_or_default())
            }
            Referring::Distinct(order) => {
                let place = order.place(row);
                match &column.nulls {
                    // The row whose value is this one's stands where the order of those that have a value says.
                    Nulls::Places { order, some } => Box::new(
                        (place < *some).then(|| order.place(place)).into_iter().filter(move |row| *row < plan.rows),
                    ),
                    _ => Box::new((place < plan.rows).then_some(place).into_iter()),
                }
            }
            Referring::Any(_) | Referring::Earlier => {
                let index = self.making.indexed(table, via)?;
                Box::new(Found { index, row, next: 0 })
            }
        })
    }

    /// Takes up the values of children, and forgets which they were.
    fn gather(
        &self,
        table: TableId,
        column: Option<ColumnId>,
        children: &mut Vec<u64>,
        owners: &mut Vec<usize>,
        kept: &mut [Gathered],
    ) -> Result<()> {
        let values = match column {
            Some(column) if !children.is_empty() => {
                let rows: Arc<[u64]> = Arc::from(&children[..]);
                Some(Batch::new(self.making, table, Rows::Listed(rows)).column(column)?)
            }
            _ => None,
        };
        for (at, owner) in owners.iter().enumerate() {
            let gathered = &mut kept[*owner];
            gathered.row();
            if let Some(values) = &values {
                gathered.take(values.datum(at));
            }
        }
        children.clear();
        owners.clear();
        Ok(())
    }
}

/// The rows that an index finds.
struct Found {
    index: Arc<super::Index>,
    row: u64,
    next: usize,
}

impl Iterator for Found {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let child = self.index.of(self.row).get(self.next).copied();
        self.next += 1;
        child
    }
}

/// The type of what is computed from the rows of a table.
pub fn aggregate_type(schemas: &Schemas, what: Aggregate, table: TableId, column: Option<ColumnId>) -> Type {
    match (what, column) {
        (Aggregate::Count, _) | (_, None) => Type::Int,
        (Aggregate::Mean, Some(column)) => match schemas.at(table).at(column).kind.value() {
            ty @ (Type::Date | Type::DateTime | Type::Time) => ty,
            _ => Type::Float,
        },
        (_, Some(column)) => schemas.at(table).at(column).kind.value(),
    }
}

/// What is known of the values of the rows that refer to one.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    rows: i64,
    values: u64,
    whole: i128,
    sum: f64,
    least: Option<Datum>,
    largest: Option<Datum>,
}

impl Gathered {
    /// Takes up one more row.
    pub fn row(&mut self) {
        self.rows += 1;
    }

    /// Takes up a row's value.
    pub fn take(&mut self, datum: Datum) {
        if datum == Datum::Null {
            return;
        }
        self.values += 1;
        match (&datum, datum.point()) {
            (Datum::Int(value), _) => self.whole += i128::from(*value),
            (_, Some(point)) => self.sum += point,
            _ => {}
        }
        let below = |other: &Option<Datum>, wanted: std::cmp::Ordering| match other {
            None => true,
            Some(other) => match (&datum, other) {
                (Datum::Text(a), Datum::Text(b)) => a.cmp(b) == wanted,
                (Datum::Int(a), Datum::Int(b)) => a.cmp(b) == wanted,
                (a, b) => a.point().zip(b.point()).is_some_and(|(a, b)| a.total_cmp(&b) == wanted),
            },
        };
        if below(&self.least, std::cmp::Ordering::Less) {
            self.least = Some(datum.clone());
        }
        if below(&self.largest, std::cmp::Ordering::Greater) {
            self.largest = Some(datum);
        }
    }

    /// What was asked for; nothing where it is too large.
    pub fn datum(self, what: Aggregate, ty: &Type) -> Option<Datum> {
        Some(match (what, ty) {
            (Aggregate::Count, _) => Datum::Int(self.rows),
            (Aggregate::Sum, Type::Int) => Datum::Int(i64::try_from(self.whole).ok()?),
            (Aggregate::Sum, _) => Datum::Float(self.sum + self.whole as f64),
            (Aggregate::Mean | Aggregate::Min | Aggregate::Max, _) if self.values == 0 => Datum::Null,
            (Aggregate::Mean, ty) => {
                let mean = (self.sum + self.whole as f64) / self.values as f64;
                match ty {
                    Type::Date => Datum::Date((mean / 86_400.0).floor() as i32),
                    Type::DateTime => Datum::DateTime(mean.floor() as i64),
                    Type::Time => Datum::Time(mean.floor() as u32),
                    _ => Datum::Float(mean),
                }
            }
            (Aggregate::Min, _) => self.least?,
            (Aggregate::Max, _) => self.largest?,
        })
    }
}
