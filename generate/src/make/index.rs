//! Which rows refer to a row, where that follows from nothing but the rows themselves.

use std::sync::Arc;

use ndsl_compiler::schema::{ColumnId, TableId};

use super::{Batch, Making};
use crate::fault::Result;
use crate::plan::{How, Referring};
use crate::rows::Rows;

/// Rows of one table by the row of another that they refer to. It takes eight bytes for a row of either.
#[derive(Debug)]
pub struct Index {
    starts: Vec<u64>,
    children: Vec<u64>,
}

impl Index {
    /// The rows that refer to a row, in order.
    pub fn of(&self, row: u64) -> &[u64] {
        let (Some(start), Some(end)) = (self.starts.get(row as usize), self.starts.get(row as usize + 1)) else {
            return &[];
        };
        &self.children[*start as usize..*end as usize]
    }
}

/// Rows that are looked at at once.
const AT_ONCE: u64 = 16_384;

impl Making<'_> {
    /// The rows of a table by what one of its columns refers to; found once.
    pub fn indexed(&self, table: TableId, via: ColumnId) -> Result<Arc<Index>> {
        self.indexes
            .get(&(table, via))
            .map_or_else(|| self.index(table, via), |index| index.get_or_init(|| self.index(table, via)).clone())
    }

    fn index(&self, table: TableId, via: ColumnId) -> Result<Arc<Index>> {
        let plan = self.plan.of(table);
        let How::Reference(reference) = &plan.columns[via.0 as usize].how else {
            return Ok(Arc::new(Index { starts: Vec::new(), children: Vec::new() }));
        };
        let parents = self.plan.of(reference.parent).rows as usize;
        let mut starts = vec![0u64; parents + 2];
        self.each_referring(table, via, &mut |_, parent| starts[parent as usize + 2] += 1)?;
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut children = vec![0; starts.last().copied().unwrap_or_default() as usize];
        // Each start moves up to that of the next row as its children are put down.
        self.each_referring(table, via, &mut |child, parent| {
            let at = &mut starts[parent as usize + 1];
            children[*at as usize] = child;
            *at += 1;
        })?;
        starts.pop();
        Ok(Arc::new(Index { starts, children }))
    }

    fn each_referring(&self, table: TableId, via: ColumnId, each: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let rows = self.plan.of(table).rows;
        let mut start = 0;
        while start < rows {
            let end = (start + AT_ONCE).min(rows);
            let batch = Batch::new(self, table, Rows::Range(start..end));
            let parents = batch.parents(via)?;
            for at in 0..batch.rows.len() {
                if !parents.missing.as_ref().is_some_and(|missing| missing[at]) {
                    each(batch.rows.at(at), parents.batch.rows.at(at));
                }
            }
            start = end;
        }
        Ok(())
    }
}

/// References whose rows have to be found by looking at all of them.
pub fn is_indexed(how: &How) -> bool {
    matches!(how, How::Reference(reference) if matches!(reference.how, Referring::Any(_) | Referring::Earlier))
}
