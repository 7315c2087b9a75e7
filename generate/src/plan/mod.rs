//! How the rows of each table are made, found out once before there are any.
//!
//! `build` makes a plan of checked schemas, `columns` that of each column. `clauses`, `solve` and `bounds` turn checks into limits of one column
//! after another; `laws`, `numbers` and `unit` say how numbers, days and times are drawn, `correlated` which of them go together, `choices` how
//! labels and listed values are drawn, `references` who refers to whom, `tuple` and `together` how columns are told apart together.

mod bounds;
mod build;
mod choices;
mod clauses;
mod columns;
mod correlated;
mod laws;
mod numbers;
mod references;
mod solve;
mod together;
mod tuple;
mod unit;

use ndsl_compiler::schema::{Expression, TableId};
use ndsl_grammar::Span;

use crate::permutation::Permutation;
use crate::random::Stream;
use crate::text::TextMaker;

pub use bounds::Bound;
pub use build::{Request, build};
pub use choices::Choices;
pub use columns::NULLS;
pub use correlated::Correlated;
pub use laws::{LawPlan, law};
pub use numbers::{Distinct, Fixed, NumberPlan};
pub use references::{BLOCK, Children, ReferencePlan, Referring};
pub use solve::Limit;
pub use tuple::Tuple;
pub use unit::Unit;

/// How all tables are made, by their places among the tables of the schemas.
pub struct Plan {
    /// One for each table.
    pub tables: Vec<TablePlan>,
}

impl Plan {
    /// How a table is made.
    pub fn of(&self, table: TableId) -> &TablePlan {
        &self.tables[table.0 as usize]
    }
}

/// How one table is made.
pub struct TablePlan {
    /// How many rows it has.
    pub rows: u64,
    /// How each column is made.
    pub columns: Vec<ColumnPlan>,
    /// What is looked at of each row once it is made: checks, and the limits of derived columns.
    pub checks: Vec<Expression>,
    /// The columns that are drawn again where a row does not meet its checks.
    pub redrawn: Vec<bool>,
    /// Numbers that go together.
    pub correlated: Vec<Correlated>,
    /// Columns that are told apart together.
    pub tuple: Option<Tuple>,
    /// The file its rows are made from, and how many rows that has.
    pub source: Option<(String, u64)>,
}

/// How one column is made.
pub struct ColumnPlan {
    /// How its values are.
    pub how: How,
    /// Where its random numbers come from.
    pub stream: Stream,
    /// Which rows have no value.
    pub nulls: Nulls,
    /// What other columns of the row ask of it.
    pub bounds: Vec<Bound>,
    /// The group of numbers it goes together with, and its place there.
    pub correlated: Option<(usize, usize)>,
    /// Its place among the columns that are told apart together.
    pub tuple: Option<usize>,
}

/// Which rows have no value.
#[derive(Clone, Debug)]
pub enum Nulls {
    /// None.
    Never,
    /// Each with a chance.
    Share(f64),
    /// All but exactly so many, for a column whose values are counted.
    Places {
        /// An order of the rows; those at the first places have a value.
        order: Permutation,
        /// How many have one.
        some: u64,
    },
}

/// How a column's values are made.
pub enum How {
    /// From other columns.
    Derived(Expression),
    /// Counting up.
    Sequence {
        /// The first row's value, a point.
        start: f64,
        /// What each row adds.
        step: f64,
        /// What the values are.
        unit: Unit,
        /// Where it is said.
        span: Span,
    },
    /// Numbers, days and times.
    Number(Box<NumberPlan>),
    /// A few known values.
    Choice {
        /// The values.
        choices: Choices,
        /// Which each row has, where every row has another.
        distinct: Option<Permutation>,
    },
    /// `true` with a chance that follows from the row.
    Chance(Expression),
    /// One way or another by a condition.
    If {
        /// The conditions; the first that is true counts.
        branches: Vec<(Expression, How)>,
        /// Where none is.
        otherwise: Box<How>,
    },
    /// Texts.
    Text(Box<dyn TextMaker>),
    /// Degrees of the place that the row's address is at.
    Degrees(crate::text::Coordinate),
    /// JSON.
    Json,
    /// A row of another table.
    Reference(ReferencePlan),
    /// Several values each.
    List {
        /// How an item is made.
        item: Box<ColumnPlan>,
        /// The fewest.
        min: u64,
        /// The most; at most [`MAX_ITEMS`] more than the fewest.
        max: u64,
    },
}

/// Items that a list has at most, so that each has a number of its own.
pub const MAX_ITEMS: u64 = 1 << 16;
