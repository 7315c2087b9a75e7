//! Expressions.

use super::{Body, Ident, Record};
use crate::Span;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// The whole of it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `12`, `1_000`
    Int(i64),
    /// `0.5`, `1e-3`
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// `"text"`, with its escapes read.
    Str(String),
    /// `30%`, as a share of one: 0.3.
    Percent(f64),
    /// `30s`, `2.00usd`: a number with a unit; the checker knows the units.
    Quantity {
        /// The number.
        number: f64,
        /// What is glued to it.
        unit: Ident,
    },
    /// `2019-01-01`
    Date(Date),
    /// `2019-01-01T08:30:00`, with or without the seconds
    DateTime(Date, Time),
    /// `08:30:00`, with or without the seconds
    Time(Time),
    /// `null`
    Null,
    /// A bare word: a value, a constant, a parameter, an enum value, a column.
    Name(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ key: value, … }`
    Record(Record),
    /// `Dense(10, activation=relu)`
    Call {
        /// What is called: a name or a field.
        callee: Box<Expr>,
        /// The arguments in order.
        arguments: Vec<Argument>,
        /// From the opening bracket to the closing one.
        brackets: Span,
    },
    /// `base.name`
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field's name.
        name: Ident,
    },
    /// `base[index]`, `base[1.., -1]`
    Index {
        /// What is indexed.
        base: Box<Expr>,
        /// The indices between the brackets; a [`ExprKind::Range`] takes a slice.
        indices: Vec<Expr>,
    },
    /// `-x`, `not x`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it is applied to.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `x |> Dense(10)`
    Pipe {
        /// What is given to the call.
        value: Box<Expr>,
        /// The call it is given to.
        call: Box<Expr>,
    },
    /// `18..=95`, `0..`, `..10`, `1e-4..1e-2`; `..` leaves its end out, `..=` has it in. `0..` alone is open.
    Range {
        /// Where it starts; from the first where nothing is written.
        start: Option<Box<Expr>>,
        /// Where it ends; to the last where nothing is written.
        end: Option<Box<Expr>>,
        /// Whether the end is in it.
        inclusive: bool,
    },
    /// `if a { … } else if b { … } else { … }`
    If {
        /// The conditions, each with its body, in order.
        branches: Vec<(Expr, Body)>,
        /// What holds when no condition does.
        otherwise: Option<Body>,
    },
    /// `repeat 12 as i { … }`, `repeat [(64, 3), (128, 4)] as (f, depth) { … }`
    Repeat {
        /// How often, or a list of what to go through.
        over: Box<Expr>,
        /// The names of the count or of the parts of an item; none where nothing is named.
        names: Vec<Ident>,
        /// Whether the names stand in brackets, so that an item is taken apart.
        destructured: bool,
        /// What is done each time.
        body: Body,
    },
    /// `residual { … }`: what the body makes of the flow, added to the flow.
    Residual {
        /// The body.
        body: Body,
    },
    /// `branch { a: { … } b: { … } }`: bodies side by side on the flow; a list of their values.
    Branch {
        /// The bodies, with their names where they have one.
        arms: Vec<Arm>,
    },
    /// `{ p = g(x); mean(p) }` where a setting wants a value: bindings that end in it.
    Body(Body),
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error,
}

/// One body of a `branch`: `a: { … }` or `{ … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: Option<Ident>,
    /// Its body.
    pub body: Body,
}

/// A day of the Gregorian calendar that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// From 1 to 9999.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to the month's last.
    pub day: u8,
}

/// A time of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// From 0 to 23.
    pub hour: u8,
    /// From 0 to 59.
    pub minute: u8,
    /// From 0 to 59.
    pub second: u8,
}

/// One argument of a call: `10` or `units=10`.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The whole of it.
    pub span: Span,
    /// Its name, unless it is given by place.
    pub name: Option<Ident>,
    /// Its value.
    pub value: Expr,
}

/// Operators before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `age in 18..=95`, `plan in [free, pro]`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`: real division
    Divide,
    /// `//`: division of whole numbers, rounded down
    FloorDivide,
    /// `%`
    Remainder,
    /// `@`
    MatMul,
    /// `**`
    Power,
}

impl BinaryOperator {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Remainder => "%",
            Self::MatMul => "@",
            Self::Power => "**",
        }
    }
}
