//! The values of expressions for many rows at once.
//!
//! What rows are mostly made with (arithmetic, comparisons, conditions, templates) is done a column at a time; the rest row by row by
//! the compiler's own evaluator, which also says what is right: a property test holds the one to the other.

use std::cell::RefCell;
use std::rc::Rc;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::evaluate::{Row, evaluate as of_row, written};
use ndsl_compiler::schema::{Aggregate, ColumnId, ColumnPath, Expression, ExpressionKind, Piece, TableId, Type};
use ndsl_grammar::ast::BinaryOperator;

use crate::column::{Column, Values};
use crate::fault::{Fault, Result};
use crate::text::Texts;

/// The rows that expressions are evaluated for.
pub trait Context {
    /// How many rows.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of a column of each row, or of the row it refers to.
    fn column(&self, path: &ColumnPath) -> Result<Rc<Column>>;

    /// A column of the file that the rows are made from.
    fn source(&self, name: &str) -> Result<Rc<Column>>;

    /// What is computed from the rows that refer to each row.
    fn aggregate(&self, what: Aggregate, table: TableId, via: ColumnId, column: Option<ColumnId>)
    -> Result<Rc<Column>>;
}

/// The value of an expression for each row.
#[derive(Clone, Debug)]
pub enum Evaluated {
    /// The same for all.
    One(Datum),
    /// Each its own.
    Many(Rc<Column>),
}

impl Evaluated {
    /// One row's value.
    pub fn datum(&self, place: usize) -> Datum {
        match self {
            Self::One(datum) => datum.clone(),
            Self::Many(column) => column.datum(place),
        }
    }

    /// The value of each of so many rows as a point on a line, and whether it is missing.
    pub fn points(&self, count: usize) -> (Vec<f64>, Option<Vec<bool>>) {
        match self {
            Self::One(datum) => match datum.point() {
                Some(point) => (vec![point; count], None),
                None => (vec![f64::NAN; count], Some(vec![true; count])),
            },
            Self::Many(column) => (column.points(), column.missing.clone()),
        }
    }

    /// As a column of a type with so many rows.
    pub fn into_column(self, ty: &Type, count: usize) -> Rc<Column> {
        match self {
            Self::One(datum) => Rc::new(Column::of(ty, std::iter::repeat_n(datum, count))),
            Self::Many(column) => fitted(column, ty),
        }
    }
}

/// Values as a column of a type holds them: whole numbers as numbers and days as moments where it asks for those.
fn fitted(column: Rc<Column>, ty: &Type) -> Rc<Column> {
    let values = match (&column.values, ty) {
        (Values::Int(values), Type::Float | Type::Decimal(_)) => {
            Values::Float(values.iter().map(|value| *value as f64).collect())
        }
        (Values::Date(_), Type::DateTime) => {
            Values::DateTime(column.points().into_iter().map(|point| point as i64).collect())
        }
        _ => return column,
    };
    Rc::new(Column { values, missing: column.missing.clone() })
}

/// The value of an expression for each row.
///
/// # Errors
/// Where a number is too large to be held.
pub fn evaluate(expression: &Expression, rows: &dyn Context) -> Result<Evaluated> {
    let value = |expression: &Expression| evaluate(expression, rows);
    Ok(match &expression.kind {
        ExpressionKind::Constant(datum) => Evaluated::One(datum.clone()),
        ExpressionKind::Column(path) => Evaluated::Many(rows.column(path)?),
        ExpressionKind::Source(name) => Evaluated::Many(rows.source(name)?),
        ExpressionKind::Aggregate { what, table, via, column } => {
            Evaluated::Many(rows.aggregate(*what, *table, *via, *column)?)
        }
        ExpressionKind::IsNull { value: of, negated } => match value(of)? {
            Evaluated::One(datum) => Evaluated::One(Datum::Bool((datum == Datum::Null) != *negated)),
            Evaluated::Many(column) => {
                let truths = match &column.missing {
                    Some(missing) => missing.iter().map(|missing| missing != negated).collect(),
                    None => vec![*negated; rows.len()],
                };
                many(Values::Bool(truths), None)
            }
        },
        ExpressionKind::Not(of) => match value(of)? {
            Evaluated::Many(column) if matches!(column.values, Values::Bool(_)) => {
                let Values::Bool(truths) = &column.values else { unreachable!() };
                many(Values::Bool(truths.iter().map(|truth| !truth).collect()), column.missing.clone())
            }
            other => {
                let column = other.into_column(&Type::Bool, rows.len());
                let Values::Bool(truths) = &column.values else { return by_row(expression, rows) };
                many(Values::Bool(truths.iter().map(|truth| !truth).collect()), column.missing.clone())
            }
        },
        ExpressionKind::Binary { operator: operator @ (BinaryOperator::And | BinaryOperator::Or), left, right } => {
            either(*operator, truths(left, rows)?, truths(right, rows)?)
        }
        ExpressionKind::Binary { operator, left, right } => {
            let (left, right) = (value(left)?, value(right)?);
            match binary(*operator, &left, &right, rows.len(), &expression.ty) {
                Some(done) => done,
                None => by_row(expression, rows)?,
            }
        }
        ExpressionKind::If { branches, otherwise } => choice(expression, branches, otherwise.as_deref(), rows)?,
        ExpressionKind::Format(pieces) => Evaluated::Many(Rc::new(Column::whole(Values::Text(format(pieces, rows)?)))),
        ExpressionKind::Within { .. }
        | ExpressionKind::Negate(_)
        | ExpressionKind::Function { .. }
        | ExpressionKind::Unknown => by_row(expression, rows)?,
    })
}

/// For each row whether a condition is true; one that is null is not.
pub fn holds(condition: &Expression, rows: &dyn Context) -> Result<Vec<bool>> {
    let (truth, _) = truths(condition, rows)?;
    Ok(truth)
}

/// For each row whether a condition is false; one that is null is not.
pub fn fails(condition: &Expression, rows: &dyn Context) -> Result<Vec<bool>> {
    let (truth, missing) = truths(condition, rows)?;
    Ok(match missing {
        Some(missing) => truth.iter().zip(missing).map(|(truth, missing)| !truth && !missing).collect(),
        None => truth.iter().map(|truth| !truth).collect(),
    })
}

fn many(values: Values, missing: Option<Vec<bool>>) -> Evaluated {
    Evaluated::Many(Rc::new(Column { values, missing }))
}

/// Whether each is true, and whether each is missing; what is missing is not true.
type Truths = (Vec<bool>, Option<Vec<bool>>);

fn truths(condition: &Expression, rows: &dyn Context) -> Result<Truths> {
    let count = rows.len();
    Ok(match evaluate(condition, rows)? {
        Evaluated::One(Datum::Bool(truth)) => (vec![truth; count], None),
        Evaluated::One(_) => (vec![false; count], Some(vec![true; count])),
        Evaluated::Many(column) => match (&column.values, &column.missing) {
            (Values::Bool(truths), None) => (truths.clone(), None),
            (Values::Bool(truths), Some(missing)) => {
                let known = truths.iter().zip(missing).map(|(truth, missing)| *truth && !missing).collect();
                (known, Some(missing.clone()))
            }
            _ => (vec![false; count], Some(vec![true; count])),
        },
    })
}

fn either(operator: BinaryOperator, left: Truths, right: Truths) -> Evaluated {
    let and = operator == BinaryOperator::And;
    let no = |(truth, missing): &Truths, place: usize| {
        !truth[place] && !missing.as_ref().is_some_and(|missing| missing[place])
    };
    let count = left.0.len();
    let values: Vec<bool> = match and {
        true => left.0.iter().zip(&right.0).map(|(a, b)| *a && *b).collect(),
        false => left.0.iter().zip(&right.0).map(|(a, b)| *a || *b).collect(),
    };
    let missing = (left.1.is_some() || right.1.is_some()).then(|| {
        let unknown = |place: usize| match and {
            true => !values[place] && !no(&left, place) && !no(&right, place),
            false => !(values[place] || no(&left, place) && no(&right, place)),
        };
        (0..count).map(unknown).collect()
    });
    many(Values::Bool(values), missing)
}

/// Arithmetic and comparisons of whole numbers, and of what is measured on a line; nothing for all else, and where a whole number
/// is too large, which is then found row by row.
fn binary(operator: BinaryOperator, left: &Evaluated, right: &Evaluated, count: usize, ty: &Type) -> Option<Evaluated> {
    use BinaryOperator as B;
    let missing = || {
        let side = |side: &Evaluated| match side {
            Evaluated::Many(column) => column.missing.clone(),
            Evaluated::One(_) => None,
        };
        match (side(left), side(right)) {
            (Some(a), Some(b)) => Some(a.iter().zip(b).map(|(a, b)| *a || b).collect()),
            (missing, None) | (None, missing) => missing,
        }
    };
    let comparison = matches!(operator, B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual);
    if let (Some(a), Some(b)) = (whole(left), whole(right)) {
        if comparison {
            let truths = compared(operator, count, |place| a.at(place).cmp(&b.at(place)));
            return Some(many(Values::Bool(truths), missing()));
        }
        if a.kind != WholeKind::Int || b.kind != WholeKind::Int || *ty != Type::Int {
            return None;
        }
        let checked: fn(i64, i64) -> Option<i64> = match operator {
            B::Add => i64::checked_add,
            B::Subtract => i64::checked_sub,
            B::Multiply => i64::checked_mul,
            _ => return None,
        };
        let values: Option<Vec<i64>> = (0..count).map(|place| checked(a.at(place), b.at(place))).collect();
        return Some(many(Values::Int(values?), missing()));
    }
    // Lengths of time move days and moments by rules of their own.
    let (a, b) = (number(left)?, number(right)?);
    if comparison {
        let order = |place: usize| a.at(place).partial_cmp(&b.at(place)).unwrap_or(std::cmp::Ordering::Equal);
        return Some(many(Values::Bool(compared(operator, count, order)), missing()));
    }
    let of = |operation: fn(f64, f64) -> f64| -> Vec<f64> {
        (0..count).map(|place| operation(a.at(place), b.at(place))).collect()
    };
    let values = match operator {
        B::Add => of(|a, b| a + b),
        B::Subtract => of(|a, b| a - b),
        B::Multiply => of(|a, b| a * b),
        _ => return None,
    };
    let fits = matches!(ty, Type::Float | Type::Decimal(_)) && values.iter().all(|value| value.is_finite());
    fits.then(|| many(Values::Float(values), missing()))
}

fn compared(operator: BinaryOperator, count: usize, order: impl Fn(usize) -> std::cmp::Ordering) -> Vec<bool> {
    use BinaryOperator as B;
    let wanted: fn(std::cmp::Ordering) -> bool = match operator {
        B::Equal => std::cmp::Ordering::is_eq,
        B::NotEqual => std::cmp::Ordering::is_ne,
        B::Less => std::cmp::Ordering::is_lt,
        B::LessEqual => std::cmp::Ordering::is_le,
        B::Greater => std::cmp::Ordering::is_gt,
        _ => std::cmp::Ordering::is_ge,
    };
    (0..count).map(|place| wanted(order(place))).collect()
}

/// Numbers of which all are alike or each row has its own.
enum Each<'c, T> {
    One(T),
    Many(&'c [T]),
}

impl<T: Copy> Each<'_, T> {
    #[inline(always)]
    fn at(&self, place: usize) -> T {
        match self {
            Self::One(value) => *value,
            Self::Many(values) => values[place],
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WholeKind {
    Int,
    Second,
}

struct Whole<'c> {
    values: Each<'c, i64>,
    kind: WholeKind,
}

impl Whole<'_> {
    #[inline(always)]
    fn at(&self, place: usize) -> i64 {
        self.values.at(place)
    }
}

/// Whole numbers, and moments among themselves.
fn whole(side: &Evaluated) -> Option<Whole<'_>> {
    let (values, kind) = match side {
        Evaluated::One(Datum::Int(value)) => (Each::One(*value), WholeKind::Int),
        Evaluated::One(Datum::DateTime(value)) => (Each::One(*value), WholeKind::Second),
        Evaluated::Many(column) => match &column.values {
            Values::Int(values) => (Each::Many(&values[..]), WholeKind::Int),
            Values::DateTime(values) => (Each::Many(&values[..]), WholeKind::Second),
            _ => return None,
        },
        Evaluated::One(_) => return None,
    };
    Some(Whole { values, kind })
}

/// Numbers that are not whole.
fn number(side: &Evaluated) -> Option<Each<'_, f64>> {
    match side {
        Evaluated::One(Datum::Float(value)) => Some(Each::One(*value)),
        Evaluated::One(Datum::Int(value)) => Some(Each::One(*value as f64)),
        Evaluated::Many(column) => match &column.values {
            Values::Float(values) => Some(Each::Many(values)),
            _ => None,
        },
        Evaluated::One(_) => None,
    }
}

/// The first branch whose condition is true. Every branch is evaluated only for the rows it counts for: another's may have no value.
fn choice(
    expression: &Expression,
    branches: &[(Expression, Expression)],
    otherwise: Option<&Expression>,
    rows: &dyn Context,
) -> Result<Evaluated> {
    let count = rows.len();
    let mut open: Vec<usize> = (0..count).collect();
    let mut parts: Vec<(Vec<usize>, Rc<Column>)> = Vec::new();
    for (condition, value) in branches {
        if open.is_empty() {
            break;
        }
        let here = Part { rows, places: &open };
        let truth = holds(condition, &here)?;
        let (taken, rest): (Vec<usize>, Vec<usize>) = (0..open.len()).partition(|place| truth[*place]);
        let taken: Vec<usize> = taken.into_iter().map(|place| open[place]).collect();
        let rest: Vec<usize> = rest.into_iter().map(|place| open[place]).collect();
        if !taken.is_empty() {
            let value = evaluate(value, &Part { rows, places: &taken })?.into_column(&expression.ty, taken.len());
            parts.push((taken, value));
        }
        open = rest;
    }
    if let (Some(otherwise), false) = (otherwise, open.is_empty()) {
        let value = evaluate(otherwise, &Part { rows, places: &open })?.into_column(&expression.ty, open.len());
        parts.push((open, value));
    }
    Ok(Evaluated::Many(Rc::new(joined(&expression.ty, count, &parts))))
}

/// The values of parts of some rows, each at its place; missing where no part has one.
pub fn joined(ty: &Type, count: usize, parts: &[(Vec<usize>, Rc<Column>)]) -> Column {
    if let [(places, column)] = parts
        && places.len() == count
    {
        return Column::clone(column);
    }
    let mut from = vec![None; count];
    for (part, (places, _)) in parts.iter().enumerate() {
        for (at, place) in places.iter().enumerate() {
            from[*place] = Some((part, at));
        }
    }
    let data = from.into_iter().map(|from| from.map_or(Datum::Null, |(part, at)| parts[part].1.datum(at)));
    Column::of(ty, data)
}

/// Some of the rows.
pub struct Part<'c> {
    /// All of them.
    pub rows: &'c dyn Context,
    /// The places of those that are meant.
    pub places: &'c [usize],
}

impl Part<'_> {
    fn of(&self, column: Rc<Column>) -> Rc<Column> {
        if self.places.len() == column.len() { column } else { Rc::new(column.take(self.places)) }
    }
}

impl Context for Part<'_> {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn column(&self, path: &ColumnPath) -> Result<Rc<Column>> {
        Ok(self.of(self.rows.column(path)?))
    }

    fn source(&self, name: &str) -> Result<Rc<Column>> {
        Ok(self.of(self.rows.source(name)?))
    }

    fn aggregate(
        &self,
        what: Aggregate,
        table: TableId,
        via: ColumnId,
        column: Option<ColumnId>,
    ) -> Result<Rc<Column>> {
        Ok(self.of(self.rows.aggregate(what, table, via, column)?))
    }
}

/// A text with holes, for each row.
pub fn format(pieces: &[Piece], rows: &dyn Context) -> Result<Texts> {
    enum Filled<'p> {
        Text(&'p str),
        Hole(Evaluated, &'p Type),
    }
    let filled: Result<Vec<Filled<'_>>> = pieces
        .iter()
        .map(|piece| {
            Ok(match piece {
                Piece::Text(text) => Filled::Text(text),
                Piece::Hole(hole) => Filled::Hole(evaluate(hole, rows)?, &hole.ty),
            })
        })
        .collect();
    let filled = filled?;
    let mut out = Texts::with_capacity(rows.len(), 16 * pieces.len());
    for place in 0..rows.len() {
        for piece in &filled {
            match piece {
                Filled::Text(text) => out.open().push_str(text),
                Filled::Hole(Evaluated::Many(column), _) if matches!(column.values, Values::Text(_)) => {
                    if let (Values::Text(texts), false) = (&column.values, column.is_missing(place)) {
                        out.open().push_str(texts.get(place));
                    }
                }
                Filled::Hole(value, ty) => out.open().push_str(&written(&value.datum(place), ty)),
            }
        }
        out.end();
    }
    Ok(out)
}

/// An expression whose columns are found once and whose value row by row.
fn by_row(expression: &Expression, rows: &dyn Context) -> Result<Evaluated> {
    let found = Found {
        rows,
        paths: RefCell::default(),
        sources: RefCell::default(),
        aggregates: RefCell::default(),
        fault: RefCell::default(),
    };
    let value = |place: usize| of_row(expression, &OneRow { found: &found, place });
    let mut data = Vec::with_capacity(rows.len());
    for place in 0..rows.len() {
        match value(place) {
            Some(datum) => data.push(datum),
            None => {
                return Err(found.fault.take().unwrap_or_else(|| {
                    Fault::new(expression.span, "a value is too large to be held")
                        .help("limit the columns it is computed from, with `in`")
                }));
            }
        }
    }
    match found.fault.take() {
        Some(fault) => Err(fault),
        None => Ok(Evaluated::Many(Rc::new(Column::of(&expression.ty, data.into_iter())))),
    }
}

type Kept<K> = RefCell<Vec<(K, Rc<Column>)>>;

/// The columns an expression reads, each found once.
struct Found<'c> {
    rows: &'c dyn Context,
    paths: Kept<ColumnPath>,
    sources: Kept<String>,
    aggregates: Kept<(Aggregate, TableId, ColumnId, Option<ColumnId>)>,
    fault: RefCell<Option<Fault>>,
}

impl Found<'_> {
    fn get<K: PartialEq>(
        &self,
        kept: &Kept<K>,
        key: K,
        find: impl FnOnce() -> Result<Rc<Column>>,
        place: usize,
    ) -> Datum {
        if let Some((_, column)) = kept.borrow().iter().find(|(known, _)| *known == key) {
            return column.datum(place);
        }
        match find() {
            Ok(column) => {
                let datum = column.datum(place);
                kept.borrow_mut().push((key, column));
                datum
            }
            Err(fault) => {
                self.fault.borrow_mut().get_or_insert(fault);
                Datum::Null
            }
        }
    }
}

struct OneRow<'c> {
    found: &'c Found<'c>,
    place: usize,
}

impl Row for OneRow<'_> {
    fn column(&self, path: &ColumnPath) -> Datum {
        let found = self.found;
        found.get(&found.paths, path.clone(), || found.rows.column(path), self.place)
    }

    fn source(&self, column: &str) -> Datum {
        let found = self.found;
        found.get(&found.sources, column.to_owned(), || found.rows.source(column), self.place)
    }

    fn aggregate(&self, what: Aggregate, table: TableId, via: ColumnId, column: Option<ColumnId>) -> Datum {
        let found = self.found;
        let find = || found.rows.aggregate(what, table, via, column);
        found.get(&found.aggregates, (what, table, via, column), find, self.place)
    }
}
