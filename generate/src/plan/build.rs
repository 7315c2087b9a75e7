//! A plan from checked schemas.

use std::collections::BTreeMap;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{
    Allowed, Column, ColumnId, ColumnPath, Expression, ExpressionKind, Prover, Schemas, Table, TableId, Type, Within,
};

use super::bounds::{Elimination, inlined, own_clauses, read_by};
use super::clauses::{Clause, clauses};
use super::references::Referring;
use super::{ColumnPlan, How, Nulls, Plan, TablePlan, correlated};
use crate::fault::Fault;
use crate::inputs::Inputs;
use crate::random::Stream;
use crate::text::Locale;

/// What rows are wanted.
pub struct Request<'r> {
    /// What everything random follows from.
    pub seed: u64,
    /// Whose names and language texts have.
    pub locale: Locale,
    /// How many rows each table has; of one whose rows follow from another's, none is said.
    pub rows: &'r BTreeMap<TableId, u64>,
    /// What is drawn from files.
    pub inputs: &'r dyn Inputs,
}

/// A plan of all tables. The rows of tables that follow from others' are not counted yet.
///
/// # Errors
/// Everything that cannot be made as it is asked for.
pub fn build(schemas: &Schemas, request: &Request<'_>) -> std::result::Result<Plan, Vec<Fault>> {
    let prover = Prover::new(schemas);
    let mut faults = Vec::new();
    let mut of_parents: BTreeMap<TableId, Vec<Clause>> = BTreeMap::new();
    let mut tables: Vec<Option<TablePlan>> = schemas.tables.iter().map(|_| None).collect();
    // What rows ask of those they refer to is known before those are planned.
    for id in children_first(schemas) {
        let table = schemas.at(id);
        let builder = Builder { schemas, prover: &prover, request, id, table };
        match builder.table(of_parents.remove(&id).unwrap_or_default()) {
            Ok((plan, asked)) => {
                for (reference, clause) in asked {
                    if let Some(reference) = table.at(reference).reference() {
                        of_parents.entry(reference.table).or_default().push(clause);
                    }
                }
                tables[id.0 as usize] = Some(plan);
            }
            Err(found) => faults.extend(found),
        }
    }
    faults.sort_by_key(|fault| (fault.span.file, fault.span.start));
    match faults.is_empty() {
        true => Ok(Plan { tables: tables.into_iter().flatten().collect() }),
        false => Err(faults),
    }
}

/// The tables, each after those that refer to it, as far as there is no circle.
fn children_first(schemas: &Schemas) -> Vec<TableId> {
    fn visit(schemas: &Schemas, id: TableId, seen: &mut Vec<bool>, out: &mut Vec<TableId>) {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            return;
        }
        for (_, column) in schemas.at(id).columns() {
            if let Some(reference) = column.reference() {
                visit(schemas, reference.table, seen, out);
            }
        }
        out.push(id);
    }
    let (mut seen, mut out) = (vec![false; schemas.tables.len()], Vec::new());
    for (id, _) in schemas.tables() {
        visit(schemas, id, &mut seen, &mut out);
    }
    out.reverse();
    out
}

pub(super) struct Builder<'b> {
    pub(super) schemas: &'b Schemas,
    pub(super) prover: &'b Prover<'b>,
    pub(super) request: &'b Request<'b>,
    pub(super) id: TableId,
    pub(super) table: &'b Table,
}

type Asked = Vec<(ColumnId, Clause)>;

impl Builder<'_> {
    /// How many rows the table has.
    pub(super) fn rows(&self) -> u64 {
        self.request.rows.get(&self.id).copied().unwrap_or_default()
    }

    /// Where the random numbers of a column come from.
    pub(super) fn stream(&self, column: &Column) -> Stream {
        Stream::new(self.request.seed, &[&self.table.path, &column.name])
    }

    fn table(&self, from_children: Vec<Clause>) -> std::result::Result<(TablePlan, Asked), Vec<Fault>> {
        let mut faults = Vec::new();
        let tuple = self.tuple().unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let mut columns = Vec::new();
        for (id, column) in self.table.columns() {
            let place = tuple.as_ref().and_then(|tuple| tuple.columns.iter().position(|member| *member == id));
            match self.column(id, column, place.is_some()) {
                Ok(plan) => columns.push(ColumnPlan { tuple: place, ..plan }),
                Err(fault) => faults.push(fault),
            }
        }
        let checks = self.checks();
        for check in &checks {
            check.each(&mut |part| {
                if matches!(part.kind, ExpressionKind::Aggregate { .. }) {
                    faults.push(
                        Fault::new(part.span, "a check over the rows of another table cannot be met by making rows")
                            .help("derive a column from those rows, with `=`, or limit how many there are in `per_parent`"),
                    );
                }
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut open = own_clauses(self.table, self.id);
        open.extend(self.limits_of_derived().iter().filter_map(clauses).flatten());
        let all: Vec<Clause> = open.clone();
        open.extend(from_children);
        let order = self.order(&columns);
        let elimination = Elimination { schemas: self.schemas, prover: self.prover, table: self.id };
        let solved = elimination.solve(open, &order);
        for (plan, bounds) in columns.iter_mut().zip(solved.bounds) {
            plan.bounds = bounds;
        }
        let correlated = correlated::groups(self.table);
        for (group, together) in correlated.iter().enumerate() {
            for (place, column) in together.columns.iter().enumerate() {
                columns[column.0 as usize].correlated = Some((group, place));
            }
        }
        let read = read_by(all.iter(), self.id);
        let free = |id: ColumnId| is_free(&columns[id.0 as usize]);
        let redrawn = self.table.columns().map(|(id, _)| read.contains(&id) && free(id)).collect();
        let source = &self.schemas.schemas[self.table.schema].source;
        let source = source.as_ref().map(|source| (source.path.clone(), self.rows()));
        let plan = TablePlan { rows: self.rows(), columns, checks, redrawn, correlated, tuple, source };
        Ok((plan, solved.of_parents))
    }

    /// What every row is held to.
    fn checks(&self) -> Vec<Expression> {
        let own = self.table.checks.iter().map(|check| check.condition.clone());
        own.chain(self.limits_of_derived()).collect()
    }

    /// The ends of derived columns, as conditions.
    fn limits_of_derived(&self) -> Vec<Expression> {
        let mut out = Vec::new();
        for (id, column) in self.table.columns() {
            let (Some(derived), Some(allowed)) = (&column.derived, &column.allowed) else { continue };
            let ty = column.kind.value();
            let path = ColumnPath { from: self.id, through: Vec::new(), table: self.id, column: id };
            let value = Expression { kind: ExpressionKind::Column(path), ty: ty.clone(), span: derived.span };
            let constant = |datum: &Datum| Expression::constant(datum.clone(), ty.clone(), allowed.span);
            let set = match &allowed.value {
                Allowed::Between { low, high, inclusive } => Within::Range {
                    low: low.as_ref().map(|low| Box::new(constant(low))),
                    high: high.as_ref().map(|high| Box::new(constant(high))),
                    inclusive: *inclusive,
                },
                Allowed::Listed(values) => Within::List(values.iter().map(constant).collect()),
            };
            let kind = ExpressionKind::Within { value: Box::new(value), set };
            let within = Expression { kind, ty: Type::Bool, span: allowed.span };
            out.push(inlined(&within, self.table, self.id));
        }
        out
    }

    /// The columns that can be limited, in an order in which they can be made.
    fn order(&self, columns: &[ColumnPlan]) -> Vec<ColumnId> {
        let here = self.schemas.order.iter().filter(|(table, _)| *table == self.id).map(|(_, column)| *column);
        here.filter(|column| is_free(&columns[column.0 as usize])).collect()
    }
}

/// Whether a column's values can be limited by others of the row: not where they are counted, told apart or follow from elsewhere.
fn is_free(plan: &ColumnPlan) -> bool {
    let drawn = match &plan.how {
        How::Number(plan) => plan.distinct.is_none(),
        How::Choice { distinct, .. } => distinct.is_none(),
        How::Reference(plan) => matches!(plan.how, Referring::Any(_) | Referring::Earlier),
        How::Chance(_) | How::Text(_) | How::If { .. } | How::Json | How::List { .. } | How::Degrees(_) => true,
        How::Derived(_) | How::Sequence { .. } => false,
    };
    drawn && plan.tuple.is_none() && !matches!(plan.nulls, Nulls::Places { .. })
}
