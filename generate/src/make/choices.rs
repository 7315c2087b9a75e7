//! Columns whose values are a few that are known.

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{ColumnId, Expression};

use super::Batch;
use super::evaluate::{Context, evaluate, holds, joined};
use crate::column::{Column, Values};
use crate::fault::Result;
use crate::law::Guide;
use crate::permutation::Permutation;
use crate::plan::{Choices, ColumnPlan, How};

impl Batch<'_> {
    pub(super) fn chosen(
        &self,
        id: ColumnId,
        plan: &ColumnPlan,
        choices: &Choices,
        distinct: Option<&Permutation>,
    ) -> Result<Column> {
        if let Some(place) = plan.tuple {
            return Ok(self.picked(id, choices, self.digits(place)?.into_iter().map(|place| place as usize)));
        }
        if let Some(order) = distinct {
            let places = self.places(id).into_iter().map(|place| order.at(place % order.end().max(1)) as usize);
            return Ok(self.picked(id, choices, places));
        }
        let (keys, stream, guide) = (self.keys(id)?, plan.stream, &choices.guide);
        match self.allowed(plan, &choices.values)? {
            None => Ok(self.picked(id, choices, keys.map(|key| guide.place(stream.unit(key))).into_iter())),
            Some(allowed) => {
                // Rows that are asked for the same share what is left of the chances.
                let mut known: Vec<(&Vec<bool>, Option<Guide>)> = Vec::new();
                let mut places = Vec::with_capacity(keys.len());
                let mut missing = vec![false; keys.len()];
                let optional = self.making.schemas.at(self.table).at(id).optional;
                for (at, mask) in allowed.iter().enumerate() {
                    let key = keys.at(at);
                    if !known.iter().any(|(other, _)| *other == mask) {
                        let weights: Vec<f64> = choices
                            .weights
                            .iter()
                            .zip(mask)
                            .map(|(weight, allowed)| if *allowed { *weight } else { 0.0 })
                            .collect();
                        known.push((mask, Guide::new(&weights)));
                    }
                    let left = known.iter().find(|(other, _)| *other == mask).and_then(|(_, guide)| guide.as_ref());
                    // Where nothing is left it is null, or the row's checks find it out.
                    missing[at] = optional && left.is_none();
                    places.push(left.unwrap_or(guide).place(stream.unit(key)));
                }
                let column = self.picked(id, choices, places.into_iter());
                Ok(Column { missing: missing.contains(&true).then_some(missing), ..column })
            }
        }
    }

    /// The values at some places.
    fn picked(&self, id: ColumnId, choices: &Choices, places: impl ExactSizeIterator<Item = usize>) -> Column {
        let values = &choices.values;
        // Labels that are all there are, in order, are their places.
        let in_order = values.iter().enumerate().all(|(place, value)| *value == Datum::Label(place as u32));
        if in_order {
            return Column::whole(Values::Label(places.map(|place| place as u32).collect()));
        }
        if values[..] == [Datum::Bool(false), Datum::Bool(true)] {
            return Column::whole(Values::Bool(places.map(|place| place == 1).collect()));
        }
        let ty = self.making.schemas.at(self.table).at(id).kind.value();
        Column::of(&ty, places.map(|place| values[place].clone()))
    }

    /// `true` with the chance of each row; missing where that is.
    pub(super) fn chances(&self, id: ColumnId, plan: &ColumnPlan, chance: &Expression) -> Result<Column> {
        let (points, missing) = evaluate(chance, self)?.points(self.len());
        let (keys, stream) = (self.keys(id)?, plan.stream);
        let allowed = self.allowed(plan, &[Datum::Bool(false), Datum::Bool(true)])?;
        let truth = |(place, point): (usize, f64)| {
            let drawn = stream.unit(keys.at(place)) < point;
            match &allowed {
                Some(allowed) if allowed[place] == [true, false] => false,
                Some(allowed) if allowed[place] == [false, true] => true,
                _ => drawn,
            }
        };
        let values = points.into_iter().enumerate().map(truth).collect();
        Ok(Column { values: Values::Bool(values), missing })
    }

    /// One way or another, by the first condition that is true.
    pub(super) fn branches(
        &self,
        id: ColumnId,
        plan: &ColumnPlan,
        branches: &[(Expression, How)],
        otherwise: &How,
    ) -> Result<Column> {
        let count = self.len();
        let mut which = vec![branches.len(); count];
        let mut made = Vec::new();
        for (branch, (condition, how)) in branches.iter().enumerate() {
            let holds = holds(condition, self)?;
            for (which, holds) in which.iter_mut().zip(holds) {
                if holds && *which == branches.len() {
                    *which = branch;
                }
            }
            made.push(self.values(id, plan, how)?);
        }
        made.push(self.values(id, plan, otherwise)?);
        let ty = self.making.schemas.at(self.table).at(id).kind.value();
        let parts: Vec<_> = made
            .into_iter()
            .enumerate()
            .map(|(branch, column)| {
                let places: Vec<usize> = (0..count).filter(|place| which[*place] == branch).collect();
                let column = column.take(&places);
                (places, column.into())
            })
            .collect();
        Ok(joined(&ty, count, &parts))
    }
}
