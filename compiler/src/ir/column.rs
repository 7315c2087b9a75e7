//! What stands for a column of a table: how its values are numbers, and what a value that predicts one means.
//!
//! A column is one input, one number a row. A null is a number that no value is, so that a column that may be null is one input too:
//! NaN among floats, as in pandas; the least whole number, as NumPy's `NaT`; -1 for a label, as pandas has it.

use std::fmt;
use std::sync::Arc;

use super::{ElementType, ValueId};

/// An input that is a column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The input.
    pub input: ValueId,
    /// The column's name, the table's before it: `Shop.Customer.age`.
    pub path: String,
    /// How its values are numbers.
    pub encoding: Encoding,
    /// Whether it may be null.
    pub optional: bool,
}

/// What an output predicts: a column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The column's name, the table's before it: `Shop.Customer.churned`.
    pub path: String,
    /// How its values are numbers.
    pub encoding: Encoding,
}

/// How the values of a column are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Whole numbers, as `i64`.
    Whole,
    /// Numbers, as `f32`.
    Number,
    /// Truth values: 0 and 1 as `i64`, as of an enum of `false` and `true`.
    Truth,
    /// Labels: the place of each among them, from 0, as `i64`.
    Label(Arc<[String]>),
    /// Days: counted from 1970-01-01, as `i64`.
    Day,
    /// Moments: seconds from 1970-01-01T00:00:00, as `i64`.
    Moment,
    /// Times of day: seconds from midnight, as `i64`.
    Clock,
}

/// What stands for a null among whole numbers, days and times.
pub const NULL_NUMBER: i64 = i64::MIN;

/// What stands for a null among labels and truth values.
pub const NULL_LABEL: i64 = -1;

impl Column {
    /// The table's name.
    pub fn table(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(table, _)| table)
    }
}

/// As a schema writes it, but for the labels of an enum, which are counted: `int?`, `enum of 3?`.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let optional = if self.optional { "?" } else { "" };
        match &self.encoding {
            Encoding::Label(labels) => write!(f, "enum of {}{optional}", labels.len()),
            other => write!(f, "{}{optional}", other.name()),
        }
    }
}

impl Encoding {
    /// The kind of numbers.
    pub fn element(&self) -> ElementType {
        match self {
            Self::Number => ElementType::F32,
            _ => ElementType::I64,
        }
    }

    /// The name in artifacts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Whole => "int",
            Self::Number => "float",
            Self::Truth => "bool",
            Self::Label(_) => "enum",
            Self::Day => "date",
            Self::Moment => "datetime",
            Self::Clock => "time",
        }
    }

    /// How a value is a number, as artifacts and docs say it.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Whole => "the number",
            Self::Number => "the number",
            Self::Truth => "0 for false, 1 for true",
            Self::Label(_) => "the place of the label, from 0",
            Self::Day => "days since 1970-01-01",
            Self::Moment => "seconds since 1970-01-01T00:00:00",
            Self::Clock => "seconds since midnight",
        }
    }

    /// The number that stands for a null.
    pub fn null(&self) -> Null {
        match self {
            Self::Number => Null::NotANumber,
            Self::Truth | Self::Label(_) => Null::Whole(NULL_LABEL),
            Self::Whole | Self::Day | Self::Moment | Self::Clock => Null::Whole(NULL_NUMBER),
        }
    }

    /// The names of its values, where they are few: of a label, of a truth value.
    pub fn labels(&self) -> Option<Vec<String>> {
        match self {
            Self::Truth => Some(vec!["false".to_owned(), "true".to_owned()]),
            Self::Label(labels) => Some(labels.to_vec()),
            _ => None,
        }
    }
}

/// What stands for a null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// NaN.
    NotANumber,
    /// This number.
    Whole(i64),
}

impl fmt::Display for Null {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("NaN"),
            Self::Whole(number) => write!(f, "{number}"),
        }
    }
}

/// What has to be fitted to the training rows before the first step: the mean and the variance of each of some numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardized {
    /// The numbers before anything is done to them: `[N, k]`.
    pub numbers: ValueId,
    /// For each of them, 1 where a row has it and 0 where it is null, `[N, 1]`; nothing where every row has it.
    pub present: Vec<Option<ValueId>>,
    /// The parameter that holds their means: `[k]`.
    pub mean: ValueId,
    /// The parameter that holds their variances: `[k]`.
    pub variance: ValueId,
}
