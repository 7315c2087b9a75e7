//! Which rows of a table are made at once.

use std::ops::Range;
use std::sync::Arc;

/// Rows by their numbers, from 0.
#[derive(Clone, Debug)]
pub enum Rows {
    /// One after another.
    Range(Range<u64>),
    /// Any, in any order, as often as wanted: the rows that others refer to.
    Listed(Arc<[u64]>),
}

impl Rows {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Range(range) => (range.end - range.start) as usize,
            Self::Listed(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the row at a place among these.
    pub fn at(&self, place: usize) -> u64 {
        match self {
            Self::Range(range) => range.start + place as u64,
            Self::Listed(rows) => rows[place],
        }
    }

    /// Does something with each row, in order. The loop is compiled for each way of counting.
    #[inline(always)]
    pub fn each(&self, mut each: impl FnMut(u64)) {
        match self {
            Self::Range(range) => range.clone().for_each(&mut each),
            Self::Listed(rows) => rows.iter().for_each(|row| each(*row)),
        }
    }

    /// One value for each row, in order.
    #[inline(always)]
    pub fn map<T>(&self, mut value: impl FnMut(u64) -> T) -> Vec<T> {
        match self {
            Self::Range(range) => range.clone().map(value).collect(),
            Self::Listed(rows) => rows.iter().map(|row| value(*row)).collect(),
        }
    }
}
