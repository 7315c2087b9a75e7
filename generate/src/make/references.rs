//! Who refers to whom: the row referred to is found by the number of the referring one, and its key is made anew.

use std::rc::Rc;

use ndsl_compiler::schema::{ColumnId, TableId};

use super::{Batch, Making, Parents, joined};
use crate::column::Column;
use crate::fault::{Fault, Result};
use crate::make::numbers::{Drawn, Laws};
use crate::plan::{BLOCK, Children, How, LawPlan, NumberPlan, ReferencePlan, Referring, Unit};
use crate::random::{Stream, below};
use crate::rows::Rows;

impl<'m> Batch<'m> {
    /// The rows that a column refers to.
    pub(super) fn parents(&self, id: ColumnId) -> Result<Rc<Parents<'m>>> {
        self.parents[id.0 as usize]
            .get_or_init(|| {
                let How::Reference(reference) = &self.column_plan(id).how else {
                    let span = self.making.schemas.at(self.table).at(id).span;
                    return Err(Fault::new(span, "this column refers to nothing"));
                };
                let missing = self.missing(id)?;
                self.find(id, self.column_plan(id).stream, reference, missing).map(Rc::new)
            })
            .clone()
    }

    /// A column that refers to rows of another table.
    pub(super) fn referring(&self, id: ColumnId, reference: &ReferencePlan) -> Result<Column> {
        held(self.parents(id)?.as_ref(), reference)
    }

    /// The same for the items of lists, whose numbers go by another stream.
    pub(super) fn referring_by(&self, id: ColumnId, stream: Stream, reference: &ReferencePlan) -> Result<Column> {
        held(&self.find(id, stream, reference, None)?, reference)
    }

    fn find(
        &self,
        id: ColumnId,
        stream: Stream,
        reference: &ReferencePlan,
        missing: Option<Vec<bool>>,
    ) -> Result<Parents<'m>> {
        let column_plan = self.column_plan(id);
        let mut missing = missing;
        let rows: Vec<u64> = match (&reference.how, column_plan.tuple) {
            (Referring::PerParent(children), _) => {
                let (parents, orphans) = self.per_parent(reference.parent, children)?;
                missing = joined(missing, orphans);
                parents
            }
            (_, Some(place)) => self.digits(place)?,
            (Referring::Any(count), None) => self.keys(id)?.map(|key| below(stream.word(key), *count)),
            (Referring::Earlier, None) => {
                // The first row has none before it.
                missing = joined(missing, Some(self.rows.map(|row| row == 0)));
                let keys = self.keys(id)?;
                (0..self.rows.len()).map(|at| below(stream.word(keys.at(at)), self.rows.at(at))).collect()
            }
            (Referring::Distinct(order), None) => {
                self.places(id).into_iter().map(|place| if place < order.end() { order.at(place) } else { 0 }).collect()
            }
        };
        let batch = Batch::new(self.making, reference.parent, Rows::Listed(rows.into()));
        Ok(Parents { batch, missing })
    }

    /// The rows that some children belong to; those behind the last child of the last parent belong to none.
    fn per_parent(&self, parent: TableId, children: &Children) -> Result<(Vec<u64>, Option<Vec<bool>>)> {
        let mut known: Option<(u64, Vec<u64>)> = None;
        let mut orphans = vec![false; self.rows.len()];
        let mut out = Vec::with_capacity(self.rows.len());
        for (at, orphan) in orphans.iter_mut().enumerate() {
            let child = self.rows.at(at);
            if child >= children.total() {
                *orphan = true;
                out.push(0);
                continue;
            }
            let block = match &known {
                Some((block, _))
                    if children.before[*block as usize] <= child && child < children.before[*block as usize + 1] =>
                {
                    *block
                }
                _ => children.block_of(child),
            };
            if known.as_ref().is_none_or(|(known, _)| *known != block) {
                known = Some((block, self.making.ends_of_block(parent, children, block)?));
            }
            let Some((_, ends)) = &known else { continue };
            let within = child - children.before[block as usize];
            out.push(block * BLOCK + ends.partition_point(|end| *end <= within) as u64);
        }
        Ok((out, orphans.contains(&true).then_some(orphans)))
    }

    /// For each row of a tuple the place of the value that one of its columns has.
    pub(super) fn digits(&self, place: usize) -> Result<Vec<u64>> {
        let Some(tuple) = &self.plan().tuple else { return Ok(Vec::new()) };
        let first = tuple.columns[0];
        let parents = match &self.column_plan(first).how {
            How::Reference(ReferencePlan { how: Referring::PerParent(children), parent, .. }) => {
                let (parents, _) = self.per_parent(*parent, children)?;
                let mut starts = Vec::with_capacity(parents.len());
                let mut last: Option<(u64, u64)> = None;
                for owner in &parents {
                    let start = match last {
                        Some((known, start)) if known == *owner => start,
                        _ => self.making.first_child(*parent, children, *owner)?,
                    };
                    last = Some((*owner, start));
                    starts.push(start);
                }
                Some((parents, starts))
            }
            _ => None,
        };
        let digit = |at: usize| {
            let row = self.rows.at(at);
            let parent = || match &parents {
                Some((parents, starts)) => (parents[at], row - starts[at]),
                None => (0, row),
            };
            tuple.places(row, parent)[place]
        };
        Ok((0..self.rows.len()).map(digit).collect())
    }
}

/// The values of the column that is referred by.
fn held(parents: &Parents<'_>, reference: &ReferencePlan) -> Result<Column> {
    let column = parents.batch.column(reference.column)?;
    let column = Rc::unwrap_or_clone(column);
    Ok(Column { missing: joined(parents.missing.clone(), column.missing), values: column.values })
}

impl Making<'_> {
    /// How many children each of some rows has.
    pub fn children(&self, parent: TableId, children: &Children, rows: Rows) -> Result<Vec<u64>> {
        let batch = Batch::new(self, parent, rows);
        let laws = Laws::new(&children.law, &batch, Unit::Whole)?;
        let number = NumberPlan::new(Unit::Whole, LawPlan::Natural, Some(children.low), Some(children.high));
        let mut counts = Vec::with_capacity(batch.rows.len());
        for place in 0..batch.rows.len() {
            let u = children.stream.unit(batch.rows.at(place));
            let drawn = match laws.draw(place, u, (children.low, children.high), &number)? {
                Drawn::Within(point) | Drawn::Outside(point) => point,
                Drawn::Nothing => children.low,
            };
            counts.push(Unit::Whole.fit(drawn, children.low, children.high) as u64);
        }
        Ok(counts)
    }

    /// For each parent of a block how many children it and those before it in the block have.
    fn ends_of_block(&self, parent: TableId, children: &Children, block: u64) -> Result<Vec<u64>> {
        let end = ((block + 1) * BLOCK).min(self.plan.of(parent).rows);
        let mut sum = 0;
        let counts = self.children(parent, children, Rows::Range(block * BLOCK..end))?;
        Ok(counts
            .into_iter()
            .map(|count| {
                sum += count;
                sum
            })
            .collect())
    }

    /// The first child of a row.
    pub fn first_child(&self, parent: TableId, children: &Children, row: u64) -> Result<u64> {
        let block = row / BLOCK;
        let ends = self.ends_of_block(parent, children, block)?;
        let within = (row % BLOCK) as usize;
        let before = if within == 0 { 0 } else { ends[within - 1] };
        Ok(children.before[block as usize] + before)
    }
}
