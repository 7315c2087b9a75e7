//! Rows as a plan says, a batch at a time and a column at a time.
//!
//! A batch makes a column when it is asked for and keeps it; what a column follows from is asked for in turn, from the same batch or from
//! one of the rows that these refer to.

mod accept;
mod aggregate;
mod bounds;
mod choices;
pub mod evaluate;
mod index;
mod lists;
mod numbers;
mod references;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{Aggregate, ColumnId, ColumnPath, Schemas, TableId, Type};

use crate::column::{Column, Values};
use crate::fault::{Fault, Result};
use crate::inputs::Sources;
use crate::plan::{ColumnPlan, How, Nulls, Plan, TablePlan, Unit};
use crate::random::Stream;
use crate::rows::Rows;
use crate::text::Texts;
use evaluate::{Context, evaluate};

pub use accept::Tries;
pub use aggregate::{Gathered, aggregate_type};
pub use index::{Index, is_indexed};

/// Everything rows are made of.
pub struct Making<'m> {
    /// What was checked.
    pub schemas: &'m Schemas,
    /// How it is made.
    pub plan: &'m Plan,
    /// The files that rows are made from.
    pub sources: &'m Sources,
    /// How often rows were drawn.
    pub tries: &'m Tries,
    /// The rows that refer to rows, where those have to be found out.
    pub indexes: &'m Indexes,
}

/// Rows by the rows they refer to, for every reference that needs it; each is found when it is first asked for.
pub type Indexes = BTreeMap<(TableId, ColumnId), OnceLock<Result<Arc<Index>>>>;

/// Some rows of a table.
pub struct Batch<'m> {
    making: &'m Making<'m>,
    table: TableId,
    /// The rows.
    rows: Rows,
    /// What the random numbers of each row go by: the row, or another number where it is drawn once more.
    keys: OnceCell<Rows>,
    columns: Vec<OnceCell<Result<Rc<Column>>>>,
    parents: Vec<OnceCell<Result<Rc<Parents<'m>>>>>,
    normals: Vec<OnceCell<Rc<Vec<f64>>>>,
}

/// The rows that a column of a batch refers to.
pub struct Parents<'m> {
    /// The rows referred to; any row where none is.
    pub batch: Batch<'m>,
    /// Whether a row refers to none.
    pub missing: Option<Vec<bool>>,
}

impl<'m> Batch<'m> {
    /// Rows of a table.
    pub fn new(making: &'m Making<'m>, table: TableId, rows: Rows) -> Self {
        let count = making.schemas.at(table).columns.len();
        let cells = || (0..count).map(|_| OnceCell::new());
        Self {
            making,
            table,
            rows,
            keys: OnceCell::new(),
            columns: cells().collect(),
            parents: (0..count).map(|_| OnceCell::new()).collect(),
            normals: (0..count).map(|_| OnceCell::new()).collect(),
        }
    }

    /// The same with the numbers that the rows' random numbers go by.
    fn with_keys(self, keys: Rows) -> Self {
        _ = self.keys.set(keys);
        self
    }

    fn plan(&self) -> &'m TablePlan {
        self.making.plan.of(self.table)
    }

    fn column_plan(&self, id: ColumnId) -> &'m ColumnPlan {
        &self.plan().columns[id.0 as usize]
    }

    /// What the random numbers of a column go by.
    fn keys(&self, id: ColumnId) -> Result<&Rows> {
        if !self.plan().redrawn[id.0 as usize] {
            return Ok(&self.rows);
        }
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let keys = self.accepted()?;
        Ok(self.keys.get_or_init(|| keys))
    }

    /// A column of these rows.
    ///
    /// # Errors
    /// Where a row cannot be made.
    pub fn column(&self, id: ColumnId) -> Result<Rc<Column>> {
        self.columns[id.0 as usize].get_or_init(|| self.made(id).map(Rc::new)).clone()
    }

    /// A column that nobody else will ask for any more.
    ///
    /// # Errors
    /// Where a row cannot be made.
    pub fn taken(&self, id: ColumnId) -> Result<Rc<Column>> {
        self.column(id)
    }

    fn made(&self, id: ColumnId) -> Result<Column> {
        let plan = self.column_plan(id);
        let mut column = match &plan.how {
            How::Reference(reference) => return self.referring(id, reference),
            how => {
                let missing = self.missing(id)?;
                let made = self.values(id, plan, how)?;
                Column { missing: joined(missing, made.missing), values: made.values }
            }
        };
        self.same_as_others(id, &mut column)?;
        Ok(column)
    }

    /// The values of a column, whatever is missing of them.
    fn values(&self, id: ColumnId, plan: &ColumnPlan, how: &How) -> Result<Column> {
        let ty = self.making.schemas.at(self.table).at(id).kind.value();
        Ok(match how {
            How::Derived(expression) => {
                let column = evaluate(expression, self)?.into_column(&ty, self.rows.len());
                rounded(column, &ty)
            }
            How::Sequence { start, step, unit, span } => Column::whole(self.counted(*start, *step, *unit, *span)?),
            How::Number(number) => self.numbers(id, plan, number)?,
            How::Choice { choices, distinct } => self.chosen(id, plan, choices, distinct.as_ref())?,
            How::Chance(chance) => self.chances(id, plan, chance)?,
            How::If { branches, otherwise } => self.branches(id, plan, branches, otherwise)?,
            How::Text(maker) => {
                let mut texts = Texts::with_capacity(self.rows.len(), 16);
                maker.make(self.keys(id)?, &mut texts);
                self.replaced(id, plan, texts)?
            }
            How::Degrees(coordinate) => {
                let mut degrees = Vec::with_capacity(self.rows.len());
                coordinate.make(self.keys(id)?, &mut degrees);
                Column::whole(Values::Float(degrees))
            }
            How::Json => Column::whole(Values::Text(lists::json(plan.stream, self.keys(id)?))),
            How::List { item, min, max } => self.lists(id, plan.stream, item, *min, *max)?,
            How::Reference(reference) => self.referring(id, reference)?,
        })
    }

    fn counted(&self, start: f64, step: f64, unit: Unit, span: ndsl_grammar::Span) -> Result<Values> {
        if unit == Unit::Whole {
            let (start, step) = (start as i64, step as i64);
            let too_large = || Fault::new(span, "counting up leads beyond what a whole number holds");
            let value = |row: u64| start.checked_add(step.checked_mul(i64::try_from(row).ok()?)?);
            let mut values = Vec::with_capacity(self.rows.len());
            let mut held = true;
            self.rows.each(|row| match value(row) {
                Some(value) => values.push(value),
                None => held = false,
            });
            return if held { Ok(Values::Int(values)) } else { Err(too_large()) };
        }
        let (least, largest) = unit.limits();
        Ok(unit.values(self.rows.map(|row| unit.fit(start + step * row as f64, least, largest))))
    }

    /// Which rows of a column have no value, by chance and by what is asked of them.
    fn missing(&self, id: ColumnId) -> Result<Option<Vec<bool>>> {
        let plan = self.column_plan(id);
        let by_chance = match &plan.nulls {
            Nulls::Never => None,
            Nulls::Share(share) => {
                let (stream, share) = (plan.stream.lane(crate::plan::NULLS), *share);
                Some(self.keys(id)?.map(|key| stream.unit(key) < share))
            }
            Nulls::Places { order, some } => Some(self.rows.map(|row| order.at(row) >= *some)),
        };
        self.asked_missing(id, by_chance)
    }

    /// The value that stands for a row among those of a column that has as many as are not missing.
    fn places(&self, id: ColumnId) -> Vec<u64> {
        match &self.column_plan(id).nulls {
            Nulls::Places { order, some } => self.rows.map(|row| order.at(row) % (*some).max(1)),
            _ => self.rows.map(|row| row),
        }
    }

    /// The even numbers from which a column is drawn.
    fn units(&self, id: ColumnId, plan: &ColumnPlan) -> Result<Vec<f64>> {
        let keys = self.keys(id)?;
        let Some((group, place)) = plan.correlated else {
            let stream = plan.stream;
            return Ok(keys.map(|key| stream.unit(key)));
        };
        let group = &self.plan().correlated[group];
        let mut sum = vec![0.0; keys.len()];
        for (other, share) in group.columns.iter().zip(&group.mix[place]) {
            if *share != 0.0 {
                let normals = self.normals(*other)?;
                sum.iter_mut().zip(normals.iter()).for_each(|(sum, normal)| *sum += share * normal);
            }
        }
        const LEAST: f64 = 1e-16;
        Ok(sum.into_iter().map(|z| crate::law::normal_below(z).clamp(LEAST, 1.0 - LEAST)).collect())
    }

    /// Texts that are all missing.
    fn nothing(&self) -> Rc<Column> {
        Rc::new(Column::of(&Type::Text, std::iter::repeat_n(Datum::Null, self.rows.len())))
    }

    /// The normal numbers that are a column's own.
    fn normals(&self, id: ColumnId) -> Result<Rc<Vec<f64>>> {
        let stream: Stream = self.column_plan(id).stream;
        let keys = self.keys(id)?;
        let make = || Rc::new(keys.map(|key| crate::law::normal_quantile(stream.unit(key))));
        Ok(self.normals[id.0 as usize].get_or_init(make).clone())
    }
}

/// What is missing in either.
fn joined(one: Option<Vec<bool>>, other: Option<Vec<bool>>) -> Option<Vec<bool>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.iter().zip(other).map(|(a, b)| *a || b).collect()),
        (missing, None) | (None, missing) => missing,
    }
}

/// Numbers as a column of their type holds them: a decimal has so many digits and no more.
fn rounded(column: Rc<Column>, ty: &Type) -> Column {
    let column = Rc::unwrap_or_clone(column);
    match (ty, column.values) {
        (Type::Decimal(_), Values::Float(values)) => {
            let unit = Unit::of(ty).unwrap_or(Unit::Real);
            let (least, largest) = unit.limits();
            let values = values.into_iter().map(|value| unit.fit(value, least, largest)).collect();
            Column { values: Values::Float(values), missing: column.missing }
        }
        (_, values) => Column { values, missing: column.missing },
    }
}

impl Context for Batch<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn column(&self, path: &ColumnPath) -> Result<Rc<Column>> {
        let Some((first, rest)) = path.through.split_first() else { return Self::column(self, path.column) };
        let parents = self.parents(*first)?;
        let rest = ColumnPath { from: parents.batch.table, through: rest.to_vec(), ..path.clone() };
        let column = Context::column(&parents.batch, &rest)?;
        Ok(match &parents.missing {
            None => column,
            Some(missing) => Rc::new(Column {
                values: column.values.clone(),
                missing: joined(Some(missing.clone()), column.missing.clone()),
            }),
        })
    }

    fn source(&self, name: &str) -> Result<Rc<Column>> {
        let Some((path, count)) = &self.plan().source else { return Ok(self.nothing()) };
        match self.making.sources.get(&(path.clone(), name.to_owned())) {
            Some(column) => {
                let places: Vec<usize> = self.rows.map(|row| (row % (*count).max(1)) as usize);
                Ok(Rc::new(column.take(&places)))
            }
            None => Ok(self.nothing()),
        }
    }

    fn aggregate(
        &self,
        what: Aggregate,
        table: TableId,
        via: ColumnId,
        column: Option<ColumnId>,
    ) -> Result<Rc<Column>> {
        self.aggregated(what, table, via, column)
    }
}
