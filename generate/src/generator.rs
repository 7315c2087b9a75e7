//! The rows of checked schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Schema as ArrowSchema, SchemaRef};
use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::distributions::{DrawKind, Family};
use ndsl_compiler::schema::{ColumnId, Expression, ExpressionKind, Schemas, TableId, Type};

use crate::column::{Column, field};
use crate::fault::{Fault, Result};
use crate::inputs::{Inputs, Sources};
use crate::make::{Batch, Indexes, Making, Tries, is_indexed};
use crate::plan::{self, BLOCK, Children, How, Nulls, Plan, Referring};
use crate::rows::Rows;
use crate::text::Locale;

/// What rows are wanted.
pub struct Options<'o> {
    /// What everything random follows from.
    pub seed: u64,
    /// Whose names and language texts have.
    pub locale: Locale,
    /// How many rows a table has of which nothing else is said.
    pub rows: u64,
    /// How many rows these have.
    pub rows_of: BTreeMap<TableId, u64>,
    /// The columns of files that schemas name.
    pub inputs: &'o dyn Inputs,
    /// Counts and finds on so many threads, 1 at least.
    pub threads: usize,
}

/// Makes the rows of tables, any of them alone.
pub struct Generator {
    schemas: Arc<Schemas>,
    plan: Plan,
    sources: Sources,
    tries: Tries,
    indexes: Indexes,
    shapes: Vec<SchemaRef>,
}

impl Generator {
    /// A generator of all tables of some schemas, in which no fault was found.
    ///
    /// # Errors
    /// Everything that cannot be made as it is asked for, each at its place.
    pub fn new(schemas: Arc<Schemas>, options: &Options<'_>) -> std::result::Result<Self, Vec<Diagnostic>> {
        let told = |faults: Vec<Fault>| faults.iter().map(Fault::diagnostic).collect::<Vec<_>>();
        let mut rows = wanted_rows(&schemas, options)?;
        let sources = sources(&schemas, options, &mut rows).map_err(told)?;
        let demand = rows.iter().map(|(table, rows)| (*table, *rows)).collect();
        let short = schemas.short_of(&demand);
        if !short.is_empty() {
            return Err(short);
        }
        let tries = Tries::default();
        let nothing = Indexes::new();
        let mut counted: BTreeMap<(TableId, ColumnId), Vec<u64>> = BTreeMap::new();
        // Rows that follow from others' are counted as soon as those are known, a table at a time.
        let plan = loop {
            let request =
                plan::Request { seed: options.seed, locale: options.locale, rows: &rows, inputs: options.inputs };
            let mut plan = plan::build(&schemas, &request).map_err(told)?;
            let mut next = None;
            for (id, table) in plan.tables.iter_mut().enumerate() {
                let id = TableId(id as u32);
                for (column, column_plan) in table.columns.iter_mut().enumerate() {
                    let column = ColumnId(column as u32);
                    let How::Reference(reference) = &mut column_plan.how else { continue };
                    let Referring::PerParent(children) = &mut reference.how else { continue };
                    if let Some(most) = table.tuple.as_ref().filter(|tuple| tuple.columns[0] == column) {
                        let combinations: u128 = most.counts[1..].iter().map(|count| u128::from(*count)).product();
                        children.high = children.high.min(combinations as f64);
                    }
                    match counted.get(&(id, column)) {
                        Some(before) => children.before.clone_from(before),
                        None if rows.contains_key(&reference.parent) => next = Some((id, column)),
                        None => {}
                    }
                }
            }
            let Some((id, column)) = next else { break plan };
            let making = Making { schemas: &schemas, plan: &plan, sources: &sources, tries: &tries, indexes: &nothing };
            let column_plan = &plan.of(id).columns[column.0 as usize];
            let How::Reference(reference) = &column_plan.how else { break plan };
            let Referring::PerParent(children) = &reference.how else { break plan };
            let before =
                count(&making, reference.parent, children, options.threads).map_err(|fault| told(vec![fault]))?;
            let total = before.last().copied().unwrap_or_default();
            // Rows without a parent come behind all that have one.
            let share = if let Nulls::Share(share) = column_plan.nulls { share } else { 0.0 };
            let all = if share < 1.0 { (total as f64 / (1.0 - share)).round() as u64 } else { total };
            rows.insert(id, all);
            counted.insert((id, column), before);
        };
        let indexes = needed_indexes(&schemas, &plan);
        let shapes = schemas.tables.iter().map(|table| Arc::new(shape(table))).collect();
        let mut generator = Self { schemas, plan, sources, tries, indexes, shapes };
        generator.settle();
        Ok(generator)
    }

    /// What depends on being counted: rows behind the last parent's have no parent, and none else.
    fn settle(&mut self) {
        for table in &mut self.plan.tables {
            for column in &mut table.columns {
                if let How::Reference(reference) = &column.how
                    && matches!(reference.how, Referring::PerParent(_))
                {
                    column.nulls = Nulls::Never;
                }
            }
        }
    }

    /// The schemas.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// How many rows a table has.
    pub fn rows(&self, table: TableId) -> u64 {
        self.plan.of(table).rows
    }

    /// The columns of a table's rows, as Arrow has them.
    pub fn shape(&self, table: TableId) -> SchemaRef {
        self.shapes[table.0 as usize].clone()
    }

    /// The share of drawn rows that met their checks.
    pub fn accepted(&self) -> f64 {
        self.tries.accepted()
    }

    /// All tables in an order in which their rows can be put into a database, and the references that have to be put in afterwards,
    /// since they are part of a circle.
    pub fn in_order(&self) -> (Vec<TableId>, Vec<(TableId, ColumnId)>) {
        let (mut order, mut late) = (Vec::new(), Vec::new());
        let mut open: BTreeSet<TableId> = self.schemas.tables().map(|(id, _)| id).collect();
        while !open.is_empty() {
            let waits = |id: &TableId, optional: bool| {
                self.schemas.at(*id).columns().any(|(_, column)| {
                    column.reference().is_some_and(|reference| {
                        reference.table != *id && open.contains(&reference.table) && (optional || !column.optional)
                    })
                })
            };
            let ready = open.iter().copied().find(|id| !waits(id, true));
            let next = ready.or_else(|| open.iter().copied().find(|id| !waits(id, false)));
            let Some(next) = next.or_else(|| open.first().copied()) else { break };
            for (id, column) in self.schemas.at(next).columns() {
                if column
                    .reference()
                    .is_some_and(|reference| reference.table != next && open.contains(&reference.table))
                {
                    late.push((next, id));
                }
            }
            open.remove(&next);
            order.push(next);
        }
        (order, late)
    }

    /// Some rows of a table.
    ///
    /// # Errors
    /// Where a row cannot be made as its schema asks.
    pub fn make(&self, table: TableId, rows: Range<u64>) -> Result<RecordBatch> {
        let end = rows.end.min(self.rows(table));
        let making = self.making();
        let batch = Batch::new(&making, table, Rows::Range(rows.start.min(end)..end));
        let arrays: Result<Vec<ArrayRef>> = self
            .schemas
            .at(table)
            .columns()
            .map(|(id, column)| Ok(std::rc::Rc::unwrap_or_clone(batch.taken(id)?).into_arrow(&column.kind)))
            .collect();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some((end - rows.start.min(end)) as usize));
        RecordBatch::try_new_with_options(self.shape(table), arrays?, &options)
            .map_err(|error| Fault::new(self.schemas.at(table).span, error.to_string()))
    }

    fn making(&self) -> Making<'_> {
        Making {
            schemas: &self.schemas,
            plan: &self.plan,
            sources: &self.sources,
            tries: &self.tries,
            indexes: &self.indexes,
        }
    }
}

/// How many rows each table has whose rows do not follow from another's.
fn wanted_rows(
    schemas: &Schemas,
    options: &Options<'_>,
) -> std::result::Result<BTreeMap<TableId, u64>, Vec<Diagnostic>> {
    let mut rows = BTreeMap::new();
    let mut faults = Vec::new();
    for (id, table) in schemas.tables() {
        let per_parent = table.columns().find(|(_, column)| {
            let draw = column.draw.as_ref().map(|draw| &draw.kind);
            matches!(draw, Some(DrawKind::From { def, .. }) if def.family == Family::PerParent)
        });
        match (per_parent, options.rows_of.get(&id)) {
            (None, wanted) => {
                rows.insert(id, wanted.copied().unwrap_or(options.rows));
            }
            (Some((_, column)), Some(wanted)) => {
                let parent = column.reference().map_or("", |reference| schemas.at(reference.table).name.as_str());
                let message = format!(
                    "{wanted} rows of `{}` are wanted, and how many there are follows from `{parent}`",
                    table.path
                );
                let span = column.draw.as_ref().map_or(column.span, |draw| draw.span);
                faults.push(
                    Diagnostic::new(Code::NotMade, span, message)
                        .help(format!("say how many rows `{parent}` has, or leave out `per_parent`")),
                );
            }
            (Some(_), None) => {}
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// The columns of files that rows are made from; a table has as many rows as its file, where nothing else is said.
fn sources(
    schemas: &Schemas,
    options: &Options<'_>,
    rows: &mut BTreeMap<TableId, u64>,
) -> std::result::Result<Sources, Vec<Fault>> {
    let mut sources = Sources::new();
    let mut faults = Vec::new();
    for (id, table) in schemas.tables() {
        let Some(source) = &schemas.schemas[table.schema].source else { continue };
        let mut names = BTreeMap::new();
        let mut note = |expression: &Expression| {
            expression.each(&mut |part| {
                if let ExpressionKind::Source(name) = &part.kind {
                    names.entry(name.clone()).or_insert(part.span);
                }
            });
        };
        for (_, column) in table.columns() {
            column.derived.iter().for_each(&mut note);
            if let Some(draw) = &column.draw {
                draw.each_expression(&mut note);
            }
        }
        table.checks.iter().for_each(|check| note(&check.condition));
        for (name, span) in names {
            match options.inputs.column(&source.path, &name, &Type::Text) {
                Ok(values) if values.is_empty() => {
                    faults.push(Fault::new(source.span, format!("`{}` has no rows", source.path)));
                }
                Ok(values) => {
                    if !options.rows_of.contains_key(&id) {
                        rows.insert(id, values.len() as u64);
                    }
                    let column =
                        Column::of(&Type::Text, values.into_iter().map(as_text).collect::<Vec<_>>().into_iter());
                    sources.insert((source.path.clone(), name), column);
                }
                Err(why) => faults.push(Fault::new(span, why)),
            }
        }
    }
    if faults.is_empty() { Ok(sources) } else { Err(faults) }
}

fn as_text(datum: Datum) -> Datum {
    match datum {
        Datum::Null | Datum::Text(_) => datum,
        other => Datum::Text(other.to_string().into()),
    }
}

/// How many children the rows before each block have, and all have.
fn count(making: &Making<'_>, parent: TableId, children: &Children, threads: usize) -> Result<Vec<u64>> {
    /// Blocks that are counted at once.
    const AT_ONCE: u64 = 256;
    let rows = making.plan.of(parent).rows;
    let blocks = rows.div_ceil(BLOCK);
    let part = blocks.div_ceil(threads.max(1) as u64).max(1);
    let count_part = |from: u64, to: u64| -> Result<Vec<u64>> {
        let mut sums = Vec::with_capacity((to - from) as usize);
        let mut block = from;
        while block < to {
            let next = (block + AT_ONCE).min(to);
            let counts = making.children(parent, children, Rows::Range(block * BLOCK..(next * BLOCK).min(rows)))?;
            sums.extend(counts.chunks(BLOCK as usize).map(|counts| counts.iter().sum::<u64>()));
            block = next;
        }
        Ok(sums)
    };
    let parts: Vec<Result<Vec<u64>>> = std::thread::scope(|scope| {
        let starts = (0..blocks).step_by(part as usize);
        let spawned: Vec<_> =
            starts.map(|from| scope.spawn(move || count_part(from, (from + part).min(blocks)))).collect();
        let gone = || Err(Fault::new(making.schemas.at(parent).span, "a thread that counted rows ended early"));
        spawned.into_iter().map(|thread| thread.join().unwrap_or_else(|_| gone())).collect()
    });
    let mut before = vec![0];
    let mut sum = 0u64;
    for sums in parts {
        for block in sums? {
            sum = sum.saturating_add(block);
            before.push(sum);
        }
    }
    Ok(before)
}

/// The references by whose rows something is computed, and which have to be looked through to find them.
fn needed_indexes(schemas: &Schemas, plan: &Plan) -> Indexes {
    let mut indexes = Indexes::new();
    for (_, table) in schemas.tables() {
        let mut note = |expression: &Expression| {
            expression.each(&mut |part| {
                if let ExpressionKind::Aggregate { table, via, .. } = part.kind
                    && is_indexed(&plan.of(table).columns[via.0 as usize].how)
                {
                    indexes.insert((table, via), OnceLock::new());
                }
            });
        };
        for (_, column) in table.columns() {
            column.derived.iter().for_each(&mut note);
            if let Some(draw) = &column.draw {
                draw.each_expression(&mut note);
            }
        }
    }
    indexes
}

/// The columns of a table as Arrow has them, by the names they have outside.
fn shape(table: &ndsl_compiler::schema::Table) -> ArrowSchema {
    let field = |(_, column): (ColumnId, &ndsl_compiler::schema::Column)| {
        field(column.outside_name(), &column.kind, column.optional)
    };
    ArrowSchema::new(table.columns().map(field).collect::<Vec<_>>())
}
