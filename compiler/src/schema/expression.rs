//! Expressions over the columns of a row: typed, resolved, and free of the tree they were read from.

use std::fmt;
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::BinaryOperator;

use super::datum::Datum;
use super::form::{ColumnId, Enum, TableId};
use super::functions::FunctionDef;

/// The type of a value in an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// A whole number of 64 bits.
    Int,
    /// A number of 64 bits.
    Float,
    /// A number with so many digits after its point.
    Decimal(u8),
    /// A truth value.
    Bool,
    /// A text.
    Text,
    /// A day.
    Date,
    /// A moment without a time zone.
    DateTime,
    /// A time of day.
    Time,
    /// A length of time, as the difference of two moments.
    Duration,
    /// One of some labels.
    Enum(Arc<Enum>),
    /// Any JSON value; it can only be compared with null.
    Json,
    /// Several values of a type.
    List(Box<Type>),
    /// `null` itself, which is of every type.
    Null,
    /// Not known, because a fault was reported; it goes with everything.
    Unknown,
}

impl Type {
    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Decimal(_))
    }

    /// Whether it is a day or a moment.
    pub fn is_moment(&self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }

    /// Whether its values stand in an order.
    pub fn is_ordered(&self) -> bool {
        self.is_number() || self.is_moment() || matches!(self, Self::Time | Self::Duration | Self::Text)
    }

    /// Whether two values of these types can be compared for being equal.
    pub fn comparable(&self, other: &Self) -> bool {
        self == other || (self.is_number() && other.is_number()) || (self.is_moment() && other.is_moment())
    }

    /// Whether a value of type `other` can stand in a column of this type.
    pub fn takes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown | Self::Null) => true,
            (Self::Float | Self::Decimal(_), other) if other.is_number() => true,
            (Self::DateTime, Self::Date) => true,
            (Self::List(to), Self::List(from)) => to.takes(from),
            _ => self == other,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int => f.write_str("a whole number"),
            Self::Float => f.write_str("a number"),
            Self::Decimal(places) => write!(f, "a decimal({places})"),
            Self::Bool => f.write_str("a truth value"),
            Self::Text => f.write_str("a text"),
            Self::Date => f.write_str("a date"),
            Self::DateTime => f.write_str("a datetime"),
            Self::Time => f.write_str("a time of day"),
            Self::Duration => f.write_str("a length of time"),
            Self::Enum(labels) => write!(f, "one of {}", labels.listed()),
            Self::Json => f.write_str("a JSON value"),
            Self::List(item) => match &**item {
                Self::Unknown => f.write_str("a list"),
                item => write!(f, "a list, each item {item}"),
            },
            Self::Null => f.write_str("`null`"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// A column of the row, or of a row that the row refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnPath {
    /// The table of the row.
    pub from: TableId,
    /// The references to follow from the row, in order; none for a column of the row itself.
    pub through: Vec<ColumnId>,
    /// The table that has the column.
    pub table: TableId,
    /// The column.
    pub column: ColumnId,
}

/// What is computed from the rows that refer to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// The sum of a column; 0 of no rows.
    Sum,
    /// Its mean; null of no rows.
    Mean,
    /// Its least; null of no rows.
    Min,
    /// Its largest; null of no rows.
    Max,
}

impl Aggregate {
    /// Every one, with its name.
    pub const ALL: &[(&str, Self)] =
        &[("count", Self::Count), ("sum", Self::Sum), ("mean", Self::Mean), ("min", Self::Min), ("max", Self::Max)];
}

/// A typed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// The type of its value; any value may be null beside.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// What values a test with `in` looks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Within {
    /// Those between two ends.
    Range {
        /// The least; none for no end on that side.
        low: Option<Box<Expression>>,
        /// The largest.
        high: Option<Box<Expression>>,
        /// Whether the largest is one of them; the least always is.
        inclusive: bool,
    },
    /// Those listed.
    List(Vec<Expression>),
}

/// A part of a text with holes.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// `{column}`: the value written out; a null is written as nothing.
    Hole(Expression),
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A value.
    Constant(Datum),
    /// The value of a column; of a reference, the value it refers by.
    Column(ColumnPath),
    /// `source.quote`: a column of the file the schema's rows are made from.
    Source(String),
    /// `sum(Order.total)`: computed from the rows that refer to this one.
    Aggregate {
        /// What is computed.
        what: Aggregate,
        /// The table of those rows.
        table: TableId,
        /// Their column that refers to this row.
        via: ColumnId,
        /// Their column that is computed with; none to count rows.
        column: Option<ColumnId>,
    },
    /// `-x`
    Negate(Box<Expression>),
    /// `not x`; null of null.
    Not(Box<Expression>),
    /// Arithmetic, comparisons, `and`, `or`. Null where an operand is, but `false and null` is false and `true or null`
    /// true. A quotient by zero is null.
    Binary {
        /// The operator; never `in` or `@`.
        operator: BinaryOperator,
        /// The left side.
        left: Box<Expression>,
        /// The right side.
        right: Box<Expression>,
    },
    /// `x == null`, never null itself.
    IsNull {
        /// What is asked about.
        value: Box<Expression>,
        /// Whether `x != null` is asked.
        negated: bool,
    },
    /// `x in 1..=5`, `x in [free, pro]`; null where x is.
    Within {
        /// What is looked for.
        value: Box<Expression>,
        /// Where.
        set: Within,
    },
    /// A function of its arguments.
    Function {
        /// Which.
        function: &'static FunctionDef,
        /// Its arguments, in order.
        arguments: Vec<Expression>,
    },
    /// `format("…{column}…")`
    Format(Vec<Piece>),
    /// `if a { x } else { y }`; without an `else` null where no condition is true.
    If {
        /// The conditions with their values; the first that is true counts.
        branches: Vec<(Expression, Expression)>,
        /// The value where none is true.
        otherwise: Option<Box<Expression>>,
    },
    /// Not known, because a fault was reported.
    Unknown,
}

impl Expression {
    /// What stands for an expression that could not be understood.
    pub fn unknown(span: Span) -> Self {
        Self { kind: ExpressionKind::Unknown, ty: Type::Unknown, span }
    }

    /// A value written at `span`.
    pub fn constant(datum: Datum, ty: Type, span: Span) -> Self {
        Self { kind: ExpressionKind::Constant(datum), ty, span }
    }

    /// The value, where it reads no column.
    pub fn as_constant(&self) -> Option<&Datum> {
        match &self.kind {
            ExpressionKind::Constant(datum) => Some(datum),
            _ => None,
        }
    }

    /// Hands on every expression directly in this one.
    pub fn each_child<'e>(&'e self, each: &mut dyn FnMut(&'e Expression)) {
        match &self.kind {
            ExpressionKind::Negate(value) | ExpressionKind::Not(value) | ExpressionKind::IsNull { value, .. } => {
                each(value);
            }
            ExpressionKind::Binary { left, right, .. } => {
                each(left);
                each(right);
            }
            ExpressionKind::Within { value, set } => {
                each(value);
                match set {
                    Within::Range { low, high, .. } => low.iter().chain(high).for_each(|end| each(end)),
                    Within::List(items) => items.iter().for_each(each),
                }
            }
            ExpressionKind::Function { arguments, .. } => arguments.iter().for_each(each),
            ExpressionKind::Format(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Hole(value) = piece {
                    each(value);
                }
            }),
            ExpressionKind::If { branches, otherwise } => {
                for (condition, value) in branches {
                    each(condition);
                    each(value);
                }
                otherwise.iter().for_each(|value| each(value));
            }
            ExpressionKind::Constant(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Source(_)
            | ExpressionKind::Aggregate { .. }
            | ExpressionKind::Unknown => {}
        }
    }

    /// Hands on every expression directly in this one, to be changed.
    pub fn each_child_mut(&mut self, each: &mut dyn FnMut(&mut Expression)) {
        match &mut self.kind {
            ExpressionKind::Negate(value) | ExpressionKind::Not(value) | ExpressionKind::IsNull { value, .. } => {
                each(value);
            }
            ExpressionKind::Binary { left, right, .. } => {
                each(left);
                each(right);
            }
            ExpressionKind::Within { value, set } => {
                each(value);
                match set {
                    Within::Range { low, high, .. } => low.iter_mut().chain(high).for_each(|end| each(end)),
                    Within::List(items) => items.iter_mut().for_each(each),
                }
            }
            ExpressionKind::Function { arguments, .. } => arguments.iter_mut().for_each(each),
            ExpressionKind::Format(pieces) => pieces.iter_mut().for_each(|piece| {
                if let Piece::Hole(value) = piece {
                    each(value);
                }
            }),
            ExpressionKind::If { branches, otherwise } => {
                for (condition, value) in branches {
                    each(condition);
                    each(value);
                }
                otherwise.iter_mut().for_each(|value| each(value));
            }
            ExpressionKind::Constant(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Source(_)
            | ExpressionKind::Aggregate { .. }
            | ExpressionKind::Unknown => {}
        }
    }

    /// Hands on every expression in this one, itself first.
    pub fn each<'e>(&'e self, each: &mut dyn FnMut(&'e Expression)) {
        each(self);
        self.each_child(&mut |child| child.each(each));
    }

    /// How many expressions it is made of, itself counted.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.each(&mut |_| size += 1);
        size
    }

    /// Whether any part of it could not be understood.
    pub fn is_faulty(&self) -> bool {
        let mut faulty = false;
        self.each(&mut |part| faulty |= part.kind == ExpressionKind::Unknown);
        faulty
    }

    /// The expressions that must all hold for this one to: the parts between its outermost `and`s.
    pub fn conjuncts(&self) -> Vec<&Expression> {
        match &self.kind {
            ExpressionKind::Binary { operator: BinaryOperator::And, left, right } => {
                let mut all = left.conjuncts();
                all.extend(right.conjuncts());
                all
            }
            _ => vec![self],
        }
    }
}
