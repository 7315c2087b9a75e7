//! Checks as limits of one column after another, so that rows meet them as they are made and none is drawn again.
//!
//! Columns are made in an order. What a clause says is said of the last of its columns, as a limit that follows from those before.
//! Limits of one column must leave it a value: for every lower and upper one, `low <= high` is one more clause over the columns
//! before. This is Fourier and Motzkin's elimination, which is complete for sums and differences of numbers: whatever the first
//! columns are drawn as, the last ones have a value. What cannot be solved for a column is left to drawing again.

use ndsl_compiler::schema::datum::{DAY, Datum};
use ndsl_compiler::schema::{
    Allowed, Column, ColumnId, ColumnPath, Expression, ExpressionKind, Prover, Schemas, Table, TableId, Type,
};
use ndsl_grammar::Span;
use ndsl_grammar::ast::BinaryOperator;

use super::clauses::{Clause, Part, Reads, clauses};
use super::solve::{Limit, Solver};

/// Clauses of a table beyond which nothing more is concluded.
const MAX_CLAUSES: usize = 400;

/// Expressions in a clause beyond which it is left to drawing again.
const MAX_SIZE: usize = 400;

/// A limit that counts for some rows.
#[derive(Clone, Debug)]
pub struct Bound {
    /// It counts where all of these are false.
    pub unless: Vec<Part>,
    /// The limit.
    pub limit: Limit,
    /// Where the check it comes from stands.
    pub span: Span,
}

/// The limits of a table's columns, by their places.
pub type Bounds = Vec<Vec<Bound>>;

/// What a table's clauses come to.
#[derive(Debug, Default)]
pub struct Solved {
    /// The limits of each column.
    pub bounds: Bounds,
    /// What they ask of the rows that a column refers to.
    pub of_parents: Vec<(ColumnId, Clause)>,
}

/// The clauses of a table's own checks, with its derived columns replaced by what they are derived from.
pub fn own_clauses(table: &Table, id: TableId) -> Vec<Clause> {
    let checks = table.checks.iter().filter_map(|check| clauses(&inlined(&check.condition, table, id)));
    checks.flatten().collect()
}

/// An expression in which derived columns of the row stand as what they are derived from.
pub fn inlined(expression: &Expression, table: &Table, id: TableId) -> Expression {
    let mut out = expression.clone();
    let mut room = MAX_SIZE;
    inline(&mut out, table, id, &mut room);
    out
}

fn inline(expression: &mut Expression, table: &Table, id: TableId, room: &mut usize) {
    if let ExpressionKind::Column(path) = &expression.kind
        && path.through.is_empty()
        && path.table == id
        && let Some(derived) = &table.at(path.column).derived
        && derived.size() < *room
        // What is rounded on its way into the column is not what it is derived from.
        && derived.ty == expression.ty
    {
        *room -= derived.size();
        let span = expression.span;
        *expression = derived.clone();
        expression.span = span;
        inline(expression, table, id, room);
        return;
    }
    expression.each_child_mut(&mut |child| inline(child, table, id, room));
}

/// Takes clauses apart, the last column first.
pub struct Elimination<'s> {
    /// Everything that is checked.
    pub schemas: &'s Schemas,
    /// What is known of signs and ends.
    pub prover: &'s Prover<'s>,
    /// The table.
    pub table: TableId,
}

impl Elimination<'_> {
    /// The limits of the columns of `order` whose values are free to be limited, in which later ones may follow from earlier ones.
    pub fn solve(&self, mut open: Vec<Clause>, order: &[ColumnId]) -> Solved {
        let table = self.schemas.at(self.table);
        let solver = Solver { prover: self.prover, table: self.table };
        let mut solved = Solved { bounds: vec![Vec::new(); table.columns.len()], of_parents: Vec::new() };
        for column in order.iter().rev() {
            let (here, rest): (Vec<Clause>, Vec<Clause>) = open
                .into_iter()
                .partition(|clause| clause.parts.iter().any(|part| part.reads().has(self.table, *column)));
            open = rest;
            let bounds: Vec<Bound> =
                here.into_iter().filter_map(|clause| self.bound(&solver, clause, *column)).collect();
            self.conclude(&bounds, *column, &mut open);
            solved.bounds[column.0 as usize] = bounds;
        }
        for clause in open {
            if let Some((reference, clause)) = self.of_parent(clause) {
                solved.of_parents.push((reference, clause));
            }
        }
        solved
    }

    /// What a clause says of a column.
    fn bound(&self, solver: &Solver<'_>, clause: Clause, column: ColumnId) -> Option<Bound> {
        let span = clause.span;
        let (mut mine, unless): (Vec<Part>, Vec<Part>) =
            clause.parts.into_iter().partition(|part| part.reads().has(self.table, column));
        // A missing value meets every comparison, so that it may be missing needs no saying where its values are limited.
        let asks_for_null = |part: &Part| matches!(part, Part::IsNull { negated: false, value } if matches!(value.kind, ExpressionKind::Column(_)));
        if mine.len() > 1 && mine.iter().any(asks_for_null) {
            mine.retain(|part| !asks_for_null(part));
            // That it is null or is not says nothing.
            if mine.iter().any(|part| matches!(part, Part::IsNull { .. })) {
                return None;
            }
        }
        let [part] = &mine[..] else { return None };
        // What is computed from other rows may depend on this column in turn.
        if part.reads().others || unless.iter().any(|part| part.reads().others) {
            return None;
        }
        Some(Bound { unless, limit: solver.solve(part, column)?, span })
    }

    /// What must hold of earlier columns for the limits of this one to leave a value. A column that may be null needs none, and is null
    /// where it has none, but for rows in which it must not be.
    fn conclude(&self, bounds: &[Bound], id: ColumnId, open: &mut Vec<Clause>) {
        let column = self.schemas.at(self.table).at(id);
        let ty = column.kind.value();
        // Above a whole number is one more at least: what lies between two such ends needs room for itself.
        let bounds: Vec<Bound> =
            bounds.iter().map(|bound| Bound { limit: closed(&bound.limit, &ty), ..bound.clone() }).collect();
        let must_have: Vec<&[Part]> = match column.optional {
            false => vec![&[]],
            true => bounds
                .iter()
                .filter(|bound| matches!(bound.limit, Limit::Null { negated: true }))
                .map(|bound| &bound.unless[..])
                .collect(),
        };
        let mut push = |parts: Vec<Part>, span: Span| {
            let size: usize = parts.iter().map(|part| part.expression(span).size()).sum();
            let clause = Clause { parts, span };
            if open.len() < MAX_CLAUSES && size <= MAX_SIZE && !open.contains(&clause) {
                open.push(clause);
            }
        };
        let mut needs: Vec<Clause> = Vec::new();
        let ends = self.ends(id);
        let values = choices(column);
        for (place, one) in bounds.iter().enumerate() {
            let alone = within_ends(&one.limit, &ends).into_iter().map(Some);
            let none_left = values.as_ref().is_some_and(|values| left(values, &[one]).is_empty());
            for part in alone.chain(none_left.then_some(None)) {
                needs.push(Clause { parts: one.unless.iter().cloned().chain(part).collect(), span: one.span });
            }
            if one.limit == (Limit::Null { negated: false }) && !column.optional {
                push(one.unless.clone(), one.span);
            }
            for other in &bounds[place + 1..] {
                let unless = one.unless.iter().chain(&other.unless).cloned();
                if let (Limit::Null { negated: a }, Limit::Null { negated: b }) = (&one.limit, &other.limit)
                    && a != b
                {
                    push(unless.collect(), one.span);
                    continue;
                }
                let none_left = values.as_ref().is_some_and(|values| left(values, &[one, other]).is_empty());
                match together(&one.limit, &other.limit) {
                    Some(part) => needs.push(Clause { parts: unless.chain([part]).collect(), span: one.span }),
                    None if none_left => needs.push(Clause { parts: unless.collect(), span: one.span }),
                    None => {}
                }
            }
        }
        for need in needs {
            for unless in &must_have {
                push(need.parts.iter().chain(*unless).cloned().collect(), need.span);
            }
        }
    }

    /// The ends of a column's values, where it has some.
    fn ends(&self, id: ColumnId) -> (Option<Expression>, Option<Expression>) {
        let column = self.schemas.at(self.table).at(id);
        let ty = column.kind.value();
        let range = match &self.prover.column(self.table, id).values {
            ndsl_compiler::schema::domain::Values::Points(range) => *range,
            _ => return (None, None),
        };
        let end = |point: f64| {
            let datum = match ty {
                Type::Int if point.abs() < 9e15 => Datum::Int(point as i64),
                Type::Float | Type::Decimal(_) if point.is_finite() => Datum::Float(point),
                Type::Date | Type::DateTime if point.is_finite() => Datum::DateTime(point as i64),
                Type::Time => Datum::Time(point as u32),
                _ => return None,
            };
            let ty = if ty == Type::Date { Type::DateTime } else { ty.clone() };
            Some(Expression::constant(datum, ty, column.span))
        };
        (end(range.low), end(range.high))
    }

    /// What a clause asks of the row that one of the columns refers to, where it asks nothing else.
    fn of_parent(&self, clause: Clause) -> Option<(ColumnId, Clause)> {
        let mut reference = None;
        for part in &clause.parts {
            let reads = part.reads();
            if reads.others || reads.paths.is_empty() {
                return None;
            }
            for path in reads.paths {
                let first = *path.through.first()?;
                if *reference.get_or_insert(first) != first {
                    return None;
                }
            }
        }
        let reference = reference?;
        let parent = self.schemas.at(self.table).at(reference).reference()?.table;
        // A row of the same table would ask something of its own kind without end.
        if parent == self.table {
            return None;
        }
        let mut clause = clause;
        for part in &mut clause.parts {
            let rebase = |expression: &mut Expression| rebased(expression, parent);
            match part {
                Part::Compare { left, right, .. } => {
                    rebase(left);
                    rebase(right);
                }
                Part::IsNull { value, .. } | Part::Among { value, .. } | Part::Other(value) => rebase(value),
            }
        }
        Some((reference, clause))
    }
}

/// Makes an expression that reads columns through a reference one of the row referred to.
pub fn rebased(expression: &mut Expression, parent: TableId) {
    if let ExpressionKind::Column(path) = &mut expression.kind {
        *path = ColumnPath { from: parent, through: path.through[1..].to_vec(), ..path.clone() };
    }
    expression.each_child_mut(&mut |child| rebased(child, parent));
}

/// A limit that does not hold its end, as one that holds the next value, where that is known.
fn closed(limit: &Limit, ty: &Type) -> Limit {
    let moved = |value: &Expression, operator: BinaryOperator| {
        let (step, step_type) = match (ty, &value.ty) {
            (Type::Int, Type::Int) => (Datum::Int(1), Type::Int),
            (Type::Date, Type::Date) => (Datum::Duration(DAY as f64), Type::Duration),
            (Type::DateTime, Type::Date | Type::DateTime) | (Type::Time, Type::Time) => {
                (Datum::Duration(1.0), Type::Duration)
            }
            (Type::Decimal(places), Type::Int) => (Datum::Float(10f64.powi(-i32::from(*places))), Type::Float),
            (Type::Decimal(places), Type::Decimal(other)) if other <= places => {
                (Datum::Float(10f64.powi(-i32::from(*places))), Type::Float)
            }
            _ => return None,
        };
        let ty = if step_type == Type::Float { Type::Float } else { value.ty.clone() };
        let step = Expression::constant(step, step_type, value.span);
        let kind = ExpressionKind::Binary { operator, left: Box::new(value.clone()), right: Box::new(step) };
        Some(Expression { kind, ty, span: value.span })
    };
    match limit {
        Limit::From { value, open: true } => match moved(value, BinaryOperator::Add) {
            Some(value) => Limit::From { value, open: false },
            None => limit.clone(),
        },
        Limit::To { value, open: true } => match moved(value, BinaryOperator::Subtract) {
            Some(value) => Limit::To { value, open: false },
            None => limit.clone(),
        },
        _ => limit.clone(),
    }
}

/// What must hold for a limit to leave a value between a column's ends.
fn within_ends(limit: &Limit, (low, high): &(Option<Expression>, Option<Expression>)) -> Vec<Part> {
    let above = |value: &Expression, open| low.as_ref().map(|low| ordered(low, value, open));
    let below = |value: &Expression, open| high.as_ref().map(|high| ordered(value, high, open));
    match limit {
        Limit::From { value, open } => below(value, *open).into_iter().collect(),
        Limit::To { value, open } => above(value, *open).into_iter().collect(),
        Limit::Same(value) => above(value, false).into_iter().chain(below(value, false)).collect(),
        Limit::Among { .. } | Limit::Null { .. } => Vec::new(),
    }
}

/// What must hold for two limits of numbers to leave a value together.
fn together(one: &Limit, other: &Limit) -> Option<Part> {
    Some(match (one, other) {
        (Limit::From { value: low, open: a }, Limit::To { value: high, open: b })
        | (Limit::To { value: high, open: b }, Limit::From { value: low, open: a }) => ordered(low, high, *a || *b),
        (Limit::Same(same), Limit::To { value, open }) | (Limit::To { value, open }, Limit::Same(same)) => {
            ordered(same, value, *open)
        }
        (Limit::Same(same), Limit::From { value, open }) | (Limit::From { value, open }, Limit::Same(same)) => {
            ordered(value, same, *open)
        }
        (Limit::Same(a), Limit::Same(b)) => {
            Part::Compare { operator: BinaryOperator::Equal, left: a.clone(), right: b.clone() }
        }
        _ => return None,
    })
}

fn ordered(low: &Expression, high: &Expression, open: bool) -> Part {
    let operator = if open { BinaryOperator::Less } else { BinaryOperator::LessEqual };
    Part::Compare { operator, left: low.clone(), right: high.clone() }
}

/// The values of a column that has only a few.
fn choices(column: &Column) -> Option<Vec<Datum>> {
    if let Some(allowed) = &column.allowed
        && let Allowed::Listed(values) = &allowed.value
    {
        return Some(values.clone());
    }
    match column.kind.value() {
        Type::Bool => Some(vec![Datum::Bool(false), Datum::Bool(true)]),
        Type::Enum(labels) => Some((0..labels.labels.len() as u32).map(Datum::Label).collect()),
        _ => None,
    }
}

/// Which of some values limits leave.
fn left(all: &[Datum], bounds: &[&Bound]) -> Vec<Datum> {
    let allows = |datum: &Datum| {
        bounds.iter().all(|bound| match &bound.limit {
            Limit::Among { values, negated } => values.contains(datum) != *negated,
            _ => true,
        })
    };
    all.iter().filter(|datum| allows(datum)).cloned().collect()
}

/// The columns of the row itself that some clauses read.
pub fn read_by<'c>(clauses: impl Iterator<Item = &'c Clause>, table: TableId) -> Vec<ColumnId> {
    let mut columns = Vec::new();
    for clause in clauses {
        for part in &clause.parts {
            let reads: Reads<'_> = part.reads();
            for path in reads.paths.iter().filter(|path| path.from == table) {
                let own = path.through.first().copied().unwrap_or(path.column);
                if !columns.contains(&own) {
                    columns.push(own);
                }
            }
        }
    }
    columns
}
