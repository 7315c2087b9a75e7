//! Columns that refer to rows of other tables.

use ndsl_compiler::schema::{ColumnId, TableId};

use super::laws::LawPlan;
use crate::permutation::Permutation;
use crate::random::Stream;

/// How a reference finds its row.
#[derive(Clone, Debug)]
pub struct ReferencePlan {
    /// The table referred to.
    pub parent: TableId,
    /// The column whose values are held.
    pub column: ColumnId,
    /// How.
    pub how: Referring,
}

/// How a reference finds its row.
#[derive(Clone, Debug)]
pub enum Referring {
    /// Any of so many rows, each as likely.
    Any(u64),
    /// Any row of the same table that comes before.
    Earlier,
    /// Every row another one.
    Distinct(Permutation),
    /// Each row of the other table has so many of this one, one after another.
    PerParent(Children),
}

/// How many rows each row of another table has.
#[derive(Clone, Debug)]
pub struct Children {
    /// How many are drawn, from what a row of the other table knows.
    pub law: LawPlan,
    /// Where the random numbers of the other table's rows come from.
    pub stream: Stream,
    /// The fewest.
    pub low: f64,
    /// The most.
    pub high: f64,
    /// How many rows those before every so many rows of the other table have; see [`BLOCK`].
    pub before: Vec<u64>,
}

/// Rows of the other table whose children are counted together: few enough to be counted anew for a single row.
pub const BLOCK: u64 = 64;

impl Children {
    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.before.last().copied().unwrap_or_default()
    }

    /// The block of parents that has a child.
    pub fn block_of(&self, child: u64) -> u64 {
        self.before.partition_point(|before| *before <= child) as u64 - 1
    }
}
