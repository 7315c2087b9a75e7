//! Operations of two values, element by element.

/// An operation of two values of one element type, element by element, broadcasting as NumPy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`
    Multiply,
    /// `a / b`; of integers, cut towards zero. The language divides floats only.
    Divide,
    /// `a / b` rounded down, as Python's `//`.
    FloorDivide,
    /// `a - b * (a // b)`, of the sign of `b`, as Python's `%`.
    Remainder,
    /// `a ** b`
    Power,
    /// The larger.
    Maximum,
    /// The smaller.
    Minimum,
    /// Whether they are equal: a boolean, as of all the comparisons.
    Equal,
    /// Whether they are not equal.
    NotEqual,
    /// `a < b`
    Less,
    /// `a <= b`
    LessEqual,
    /// `a > b`
    Greater,
    /// `a >= b`
    GreaterEqual,
    /// Whether both are true; of booleans alone.
    And,
    /// Whether one is true; of booleans alone.
    Or,
}

impl Binary {
    /// Every one.
    pub const ALL: [Self; 17] = [
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::FloorDivide,
        Self::Remainder,
        Self::Power,
        Self::Maximum,
        Self::Minimum,
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessEqual,
        Self::Greater,
        Self::GreaterEqual,
        Self::And,
        Self::Or,
    ];

    /// The name in messages and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
            Self::FloorDivide => "floor_divide",
            Self::Remainder => "remainder",
            Self::Power => "power",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Equal => "equal",
            Self::NotEqual => "not_equal",
            Self::Less => "less",
            Self::LessEqual => "less_equal",
            Self::Greater => "greater",
            Self::GreaterEqual => "greater_equal",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    /// Whether it answers a boolean whatever it is given.
    pub fn compares(self) -> bool {
        use Binary::{And, Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual, Or};
        matches!(self, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual | And | Or)
    }
}
