//! Rows that do not meet their checks are drawn again.
//!
//! Most checks are met by how rows are made (`plan::bounds`). What is left is tried: the columns that checks read are drawn once
//! more with other random numbers, which follow from the row and from how often it was drawn, so that the row is the same wherever and
//! whenever it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndsl_compiler::schema::Expression;

use super::Batch;
use super::evaluate::fails;
use crate::fault::{Fault, Result};
use crate::rows::Rows;

/// How often a row is drawn at most.
const MOST: u64 = 1000;

/// What a row's number is moved by each time it is drawn: there are fewer rows than this.
const AGAIN: u64 = 1 << 44;

/// How often rows were drawn, and how many were kept.
#[derive(Debug, Default)]
pub struct Tries {
    drawn: AtomicU64,
    kept: AtomicU64,
}

impl Tries {
    /// The share of drawn rows that met their checks; 1 where no row was held to any.
    pub fn accepted(&self) -> f64 {
        match (self.kept.load(Ordering::Relaxed), self.drawn.load(Ordering::Relaxed)) {
            (_, 0) => 1.0,
            (kept, drawn) => kept as f64 / drawn as f64,
        }
    }
}

impl Batch<'_> {
    /// What the random numbers of each row go by, so that all rows meet their checks.
    pub(super) fn accepted(&self) -> Result<Rows> {
        let checks = &self.plan().checks;
        if checks.is_empty() {
            return Ok(self.rows.clone());
        }
        let mut failing = self.failing(checks, &self.rows, &self.rows)?;
        self.making.tries.drawn.fetch_add(self.rows.len() as u64, Ordering::Relaxed);
        self.making.tries.kept.fetch_add((self.rows.len() - failing.len()) as u64, Ordering::Relaxed);
        if failing.is_empty() {
            return Ok(self.rows.clone());
        }
        let mut keys: Vec<u64> = self.rows.map(|row| row);
        let mut open: Vec<usize> = std::mem::take(&mut failing).into_iter().map(|(place, _)| place).collect();
        for again in 1..=MOST {
            let rows: Arc<[u64]> = open.iter().map(|place| self.rows.at(*place)).collect();
            let tried: Arc<[u64]> = rows.iter().map(|row| row.wrapping_add(again.wrapping_mul(AGAIN))).collect();
            for (place, key) in open.iter().zip(tried.iter()) {
                keys[*place] = *key;
            }
            let failing = self.failing(checks, &Rows::Listed(rows.clone()), &Rows::Listed(tried))?;
            self.making.tries.drawn.fetch_add(rows.len() as u64, Ordering::Relaxed);
            self.making.tries.kept.fetch_add((rows.len() - failing.len()) as u64, Ordering::Relaxed);
            if failing.is_empty() {
                return Ok(Rows::Listed(keys.into()));
            }
            if again == MOST || !self.plan().redrawn.contains(&true) {
                let (place, check) = failing[0];
                let row = rows[place];
                let table = &self.making.schemas.at(self.table).path;
                let message = format!("row {} of `{table}` cannot be made so that this holds", row + 1);
                return Err(Fault::new(checks[check].span, message)
                    .help("the limits of its columns leave it too rarely, or never, a value: narrow them, or derive one of them"));
            }
            open = failing.into_iter().map(|(place, _)| open[place]).collect();
        }
        Ok(Rows::Listed(keys.into()))
    }

    /// The places of rows that do not meet a check, with the first that each does not.
    fn failing(&self, checks: &[Expression], rows: &Rows, keys: &Rows) -> Result<Vec<(usize, usize)>> {
        let batch = Batch::new(self.making, self.table, rows.clone()).with_keys(keys.clone());
        let mut found: Vec<Option<usize>> = vec![None; rows.len()];
        for (check, condition) in checks.iter().enumerate() {
            for (found, fails) in found.iter_mut().zip(fails(condition, &batch)?) {
                if fails && found.is_none() {
                    *found = Some(check);
                }
            }
        }
        Ok(found.into_iter().enumerate().filter_map(|(place, check)| Some((place, check?))).collect())
    }
}
