//! What other columns of a row ask of a column.

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{ColumnId, Expression, ExpressionKind};
use ndsl_grammar::ast::BinaryOperator;

use super::Batch;
use super::evaluate::{Context, evaluate, fails, joined};
use crate::column::{Column, Values};
use crate::fault::Result;
use crate::plan::{Bound, ColumnPlan, Limit, Unit};
use crate::text::Texts;

impl Batch<'_> {
    /// For which rows a limit counts; nothing where it counts for all.
    fn counts(&self, bound: &Bound) -> Result<Option<Vec<bool>>> {
        let mut counts: Option<Vec<bool>> = None;
        for part in &bound.unless {
            let false_here = fails(&part.expression(bound.span), self)?;
            counts = Some(match counts {
                None => false_here,
                Some(counts) => counts.iter().zip(false_here).map(|(a, b)| *a && b).collect(),
            });
        }
        Ok(counts)
    }

    /// The ends between which each row's value must lie, narrowed from those that count for all; nothing where no row says more.
    pub(super) fn limits(
        &self,
        plan: &ColumnPlan,
        unit: Unit,
        ends: (f64, f64),
    ) -> Result<Option<(Vec<f64>, Vec<f64>)>> {
        let mut limits: Option<(Vec<f64>, Vec<f64>)> = None;
        for bound in &plan.bounds {
            let (value, lower, upper, open) = match &bound.limit {
                Limit::From { value, open } => (value, true, false, *open),
                Limit::To { value, open } => (value, false, true, *open),
                Limit::Same(value) => (value, true, true, false),
                Limit::Among { .. } | Limit::Null { .. } => continue,
            };
            let counts = self.counts(bound)?;
            let (points, missing) = points(value, self)?;
            let (low, high) =
                limits.get_or_insert_with(|| (vec![ends.0; self.rows.len()], vec![ends.1; self.rows.len()]));
            for place in 0..points.len() {
                let point = points[place];
                let idle = counts.as_ref().is_some_and(|counts| !counts[place])
                    || missing.as_ref().is_some_and(|missing| missing[place])
                    || point.is_nan();
                if idle {
                    continue;
                }
                if lower {
                    low[place] = low[place].max(unit.from(point, open));
                }
                if upper {
                    high[place] = high[place].min(unit.to(point, open));
                }
            }
        }
        Ok(limits)
    }

    /// For each row which of some values are allowed; nothing where all are, in every row.
    pub(super) fn allowed(&self, plan: &ColumnPlan, values: &[Datum]) -> Result<Option<Vec<Vec<bool>>>> {
        let mut allowed: Option<Vec<Vec<bool>>> = None;
        for bound in &plan.bounds {
            match &bound.limit {
                Limit::Among { values: named, negated } => {
                    let mask: Vec<bool> = values.iter().map(|value| named.contains(value) != *negated).collect();
                    let counts = self.counts(bound)?;
                    let all = allowed.get_or_insert_with(|| vec![vec![true; values.len()]; self.rows.len()]);
                    for (place, row) in all.iter_mut().enumerate() {
                        if counts.as_ref().is_none_or(|counts| counts[place]) {
                            row.iter_mut().zip(&mask).for_each(|(allowed, mask)| *allowed &= mask);
                        }
                    }
                }
                Limit::Same(value) => {
                    let counts = self.counts(bound)?;
                    let same = evaluate(value, self)?;
                    let all = allowed.get_or_insert_with(|| vec![vec![true; values.len()]; self.rows.len()]);
                    for (place, row) in all.iter_mut().enumerate() {
                        let wanted = same.datum(place);
                        if wanted != Datum::Null && counts.as_ref().is_none_or(|counts| counts[place]) {
                            row.iter_mut().zip(values).for_each(|(allowed, value)| *allowed &= *value == wanted);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(allowed)
    }

    /// Texts of which some are asked to be one of a few.
    pub(super) fn replaced(&self, id: ColumnId, plan: &ColumnPlan, texts: Texts) -> Result<Column> {
        let mut texts = texts;
        for (lane, bound) in plan.bounds.iter().enumerate() {
            let Limit::Among { values, negated: false } = &bound.limit else { continue };
            let counts = self.counts(bound)?;
            let stream = plan.stream.lane(TEXTS + lane as u64);
            let keys = self.keys(id)?;
            let mut out = Texts::with_capacity(texts.len(), 16);
            for place in 0..texts.len() {
                let counts = counts.as_ref().is_none_or(|counts| counts[place]);
                let chosen = crate::random::below(stream.word(keys.at(place)), values.len() as u64) as usize;
                match (counts, values.get(chosen)) {
                    (true, Some(Datum::Text(text))) => out.push(text),
                    _ => out.push(texts.get(place)),
                }
            }
            texts = out;
        }
        Ok(Column::whole(Values::Text(texts)))
    }

    /// Values that are asked to be those of another column, where they are no points and no choices.
    pub(super) fn same_as_others(&self, id: ColumnId, column: &mut Column) -> Result<()> {
        for bound in &self.column_plan(id).bounds {
            let Limit::Same(value) = &bound.limit else { continue };
            if !matches!(column.values, Values::Text(_)) {
                continue;
            }
            let counts = self.counts(bound)?;
            let ty = &value.ty;
            let same = evaluate(value, self)?.into_column(ty, self.len());
            let takes = |place: usize| !same.is_missing(place) && counts.as_ref().is_none_or(|counts| counts[place]);
            let (mine, theirs): (Vec<usize>, Vec<usize>) = (0..self.len()).partition(|place| !takes(*place));
            let parts = [(mine.clone(), column.take(&mine).into()), (theirs.clone(), same.take(&theirs).into())];
            let missing = column.missing.take();
            *column = Column { missing, values: joined(ty, self.len(), &parts).values };
        }
        Ok(())
    }

    /// Which rows have no value, once it is asked that some have one and others none.
    pub(super) fn asked_missing(&self, id: ColumnId, by_chance: Option<Vec<bool>>) -> Result<Option<Vec<bool>>> {
        let mut missing = by_chance;
        for bound in &self.column_plan(id).bounds {
            let Limit::Null { negated } = &bound.limit else { continue };
            let counts = self.counts(bound)?;
            if *negated && missing.is_none() {
                continue;
            }
            let all = missing.get_or_insert_with(|| vec![false; self.rows.len()]);
            for (place, missing) in all.iter_mut().enumerate() {
                if counts.as_ref().is_none_or(|counts| counts[place]) {
                    *missing = !negated;
                }
            }
        }
        Ok(missing)
    }
}

/// Streams of texts that are asked to be one of a few.
const TEXTS: u64 = 16;

/// The value of an expression for each row as a point, and whether it is missing. Sums, differences, products and quotients are those
/// of points, which no number is too large for: an end far away is just no limit.
fn points(expression: &Expression, rows: &dyn Context) -> Result<(Vec<f64>, Option<Vec<bool>>)> {
    use BinaryOperator as B;
    let operation: fn(f64, f64) -> f64 = match &expression.kind {
        ExpressionKind::Negate(value) => {
            let (points, missing) = points(value, rows)?;
            return Ok((points.into_iter().map(|point| -point).collect(), missing));
        }
        ExpressionKind::Binary { operator: B::Add, .. } => |a, b| a + b,
        ExpressionKind::Binary { operator: B::Subtract, .. } => |a, b| a - b,
        ExpressionKind::Binary { operator: B::Multiply, .. } => |a, b| a * b,
        ExpressionKind::Binary { operator: B::Divide, .. } => |a, b| if b == 0.0 { f64::NAN } else { a / b },
        _ => return Ok(evaluate(expression, rows)?.points(rows.len())),
    };
    let ExpressionKind::Binary { left, right, .. } = &expression.kind else { return Ok((Vec::new(), None)) };
    let (a, a_missing) = points(left, rows)?;
    let (b, b_missing) = points(right, rows)?;
    let values = a.iter().zip(&b).map(|(a, b)| operation(*a, *b)).collect();
    Ok((values, super::joined(a_missing, b_missing)))
}
