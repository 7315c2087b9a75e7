//! Columns of numbers, days and times.

use ndsl_compiler::schema::ColumnId;

use super::Batch;
use super::evaluate::{Context, evaluate, holds};
use crate::column::{Column, Values};
use crate::fault::{Fault, Result};
use crate::law::{Law, Slice};
use crate::plan::{ColumnPlan, Distinct, Fixed, LawPlan, NumberPlan, Unit, law};
use crate::random::{below, unit};

impl Batch<'_> {
    /// The numbers of a column.
    pub(super) fn numbers(&self, id: ColumnId, plan: &ColumnPlan, number: &NumberPlan) -> Result<Column> {
        if let Some(place) = plan.tuple {
            return self.numbers_of_tuple(place, number);
        }
        if let Some(distinct) = &number.distinct {
            return Ok(Column::whole(self.distinct(id, plan, number, distinct)));
        }
        match (self.limits(plan, number.unit, number.declared())?, &number.fixed) {
            (None, Some(fixed)) => Ok(Column::whole(self.fixed(id, plan, number, fixed)?)),
            (limits, _) => self.limited(id, plan, number, limits),
        }
    }

    /// Numbers of which everything is known but the row.
    fn fixed(&self, id: ColumnId, plan: &ColumnPlan, number: &NumberPlan, fixed: &Fixed) -> Result<Values> {
        let unit_of = number.unit;
        let (low, high) = number.ends();
        if plan.correlated.is_none() {
            let (keys, stream) = (self.keys(id)?, plan.stream);
            // Whole numbers are made without a detour over numbers that are not.
            match (fixed, unit_of) {
                (Fixed::Even { low, count, .. }, Unit::Whole) => {
                    let (low, count) = (*low as i64, *count);
                    return Ok(Values::Int(keys.map(|key| low + below(stream.word(key), count) as i64)));
                }
                (Fixed::Table { low, guide, .. }, Unit::Whole) => {
                    let low = *low as i64;
                    return Ok(Values::Int(keys.map(|key| low + guide.place(stream.unit(key)) as i64)));
                }
                (Fixed::Even { low, count, step }, _) => {
                    let (low, count, step) = (*low, *count, *step);
                    let point = |key| low + below(stream.word(key), count) as f64 * step;
                    return Ok(unit_of.values(keys.map(|key| tidy(unit_of, point(key)))));
                }
                (Fixed::Table { low, step, guide }, _) => {
                    let (low, step) = (*low, *step);
                    let point = |key| low + guide.place(stream.unit(key)) as f64 * step;
                    return Ok(unit_of.values(keys.map(|key| tidy(unit_of, point(key)))));
                }
                (Fixed::Slice(slice), _) => {
                    return Ok(unit_of.values(keys.map(|key| unit_of.fit(slice.value(stream.unit(key)), low, high))));
                }
                (Fixed::Mixed(..), _) => {}
            }
        }
        let units = self.units(id, plan)?;
        let point = |u: f64| match fixed {
            Fixed::Even { low, count, step } => tidy(unit_of, low + (u * *count as f64).floor() * step),
            Fixed::Table { low, step, guide } => tidy(unit_of, low + guide.place(u) as f64 * step),
            Fixed::Slice(slice) => unit_of.fit(slice.value(u), low, high),
            Fixed::Mixed(guide, slices) => {
                let place = guide.place(u);
                let within = (u - guide.before(place)) / (guide.up_to(place) - guide.before(place));
                unit_of.fit(slices[place].value(within.clamp(1e-16, 1.0 - 1e-16)), low, high)
            }
        };
        Ok(unit_of.values(units.into_iter().map(point).collect()))
    }

    /// Numbers of which every row has another.
    fn distinct(&self, id: ColumnId, plan: &ColumnPlan, number: &NumberPlan, distinct: &Distinct) -> Values {
        let places = self.places(id);
        let unit_of = number.unit;
        let (low, high) = number.ends();
        let (first, step) = match &number.fixed {
            Some(Fixed::Even { low, step, .. } | Fixed::Table { low, step, .. }) => (*low, *step),
            _ => (low, unit_of.step().unwrap_or(1.0)),
        };
        let on_grid = |place: u64| tidy(unit_of, first + place as f64 * step);
        let points = places.into_iter().map(|place| match distinct {
            Distinct::Order(order) if unit_of == Unit::Whole => first + order.at(place) as f64,
            Distinct::Order(order) => on_grid(order.at(place)),
            Distinct::Places { order, low, up_to } => {
                let part = order.at(place) as f64 + 0.5;
                tidy(unit_of, low + up_to.partition_point(|up_to| *up_to < part) as f64 * step)
            }
            Distinct::Listed { order, values } => values.get(order.at(place) as usize).copied().unwrap_or(low),
            Distinct::Parts(order) => {
                let part = order.at(place);
                // Numbers between which there is always another are drawn within their part; others are its middle.
                let within = if unit_of.step().is_none() { unit(plan.stream.word(part)) } else { 0.5 };
                let u = (part as f64 + within) / order.end() as f64;
                match &number.fixed {
                    Some(Fixed::Slice(slice)) => unit_of.fit(slice.value(u), low, high),
                    _ => low + (high - low) * u,
                }
            }
        });
        unit_of.values(points.collect())
    }

    fn numbers_of_tuple(&self, place: usize, number: &NumberPlan) -> Result<Column> {
        let places = self.digits(place)?;
        let Some(Fixed::Even { low, step, .. }) = &number.fixed else {
            return Ok(Column::whole(number.unit.values(Vec::new())));
        };
        let points = places.into_iter().map(|place| tidy(number.unit, low + place as f64 * step)).collect();
        Ok(Column::whole(number.unit.values(points)))
    }

    /// Numbers whose ends or distribution follow from the row.
    fn limited(
        &self,
        id: ColumnId,
        plan: &ColumnPlan,
        number: &NumberPlan,
        limits: Option<(Vec<f64>, Vec<f64>)>,
    ) -> Result<Column> {
        let units = self.units(id, plan)?;
        let count = units.len();
        let laws = Laws::new(&number.law, self, number.unit)?;
        let declared = number.declared();
        let optional = self.making.schemas.at(self.table).at(id).optional;
        let mut missing = vec![false; count];
        let mut points = Vec::with_capacity(count);
        for (place, u) in units.into_iter().enumerate() {
            let (low, high) = limits.as_ref().map_or(declared, |(low, high)| (low[place], high[place]));
            let drawn = if low <= high { laws.draw(place, u, (low, high), number)? } else { Drawn::Outside(low) };
            points.push(match drawn {
                Drawn::Within(point) => number.unit.fit(point, low, high),
                // What cannot be is null, or is made all the same: the row's checks find it out, and it is drawn again.
                Drawn::Outside(point) => {
                    missing[place] = optional;
                    number.unit.fit(point, declared.0, declared.1)
                }
                Drawn::Nothing => {
                    missing[place] = true;
                    low.clamp(declared.0, declared.1)
                }
            });
        }
        Ok(Column { values: number.unit.values(points), missing: missing.contains(&true).then_some(missing) })
    }
}

/// A value on a grid whose steps are not exact in binary, such as hundredths, as the number nearest to it.
#[inline]
pub fn tidy(unit: Unit, point: f64) -> f64 {
    match unit {
        Unit::Parts(parts) => (point * parts).round_ties_even() / parts,
        _ => point,
    }
}

/// The laws of the rows of a batch.
pub struct Laws<'p> {
    kind: Kind<'p>,
    unit: Unit,
}

enum Kind<'p> {
    Natural,
    Known(&'p Law),
    Computed {
        family: ndsl_compiler::schema::distributions::Family,
        parameters: Vec<Vec<f64>>,
        missing: Vec<bool>,
        span: ndsl_grammar::Span,
    },
    Mixture {
        parts: Vec<(f64, Laws<'p>)>,
        within: bool,
    },
    Truncated {
        inner: Box<Laws<'p>>,
        low: f64,
        high: f64,
    },
    If {
        which: Vec<usize>,
        all: Vec<Laws<'p>>,
    },
}

impl<'p> Laws<'p> {
    /// The laws of a plan for the rows of a batch.
    pub fn new(plan: &'p LawPlan, rows: &dyn Context, unit: Unit) -> Result<Self> {
        let kind = match plan {
            LawPlan::Natural => Kind::Natural,
            LawPlan::Known(law) => Kind::Known(law),
            LawPlan::Computed { family, parameters, span } => {
                let mut missing = vec![false; rows.len()];
                let mut all = Vec::new();
                for parameter in parameters {
                    let (points, none) = evaluate(parameter, rows)?.points(rows.len());
                    if let Some(none) = none {
                        missing.iter_mut().zip(none).for_each(|(missing, none)| *missing |= none);
                    }
                    all.push(points);
                }
                Kind::Computed { family: *family, parameters: all, missing, span: *span }
            }
            LawPlan::Mixture { parts, within } => {
                let parts: Result<Vec<_>> =
                    parts.iter().map(|(share, part)| Ok((*share, Self::new(part, rows, unit)?))).collect();
                Kind::Mixture { parts: parts?, within: *within }
            }
            LawPlan::Truncated { inner, low, high } => {
                Kind::Truncated { inner: Box::new(Self::new(inner, rows, unit)?), low: *low, high: *high }
            }
            LawPlan::If { branches, otherwise } => {
                let mut which = vec![branches.len(); rows.len()];
                let mut all = Vec::new();
                for (branch, (condition, part)) in branches.iter().enumerate() {
                    let holds = holds(condition, rows)?;
                    for (which, holds) in which.iter_mut().zip(holds) {
                        if holds && *which == branches.len() {
                            *which = branch;
                        }
                    }
                    all.push(Self::new(part, rows, unit)?);
                }
                all.push(Self::new(otherwise, rows, unit)?);
                Kind::If { which, all }
            }
        };
        Ok(Self { kind, unit })
    }

    /// What is drawn for a row between two ends.
    ///
    /// # Errors
    /// If the row gives a distribution what it cannot have.
    pub fn draw(&self, place: usize, u: f64, (low, high): (f64, f64), number: &NumberPlan) -> Result<Drawn> {
        Ok(match &self.kind {
            Kind::Natural => {
                let (law, low, high) = number.natural(low, high);
                self.between(&law, u, low, high)
            }
            Kind::Known(law) if law.is_measure() => {
                let (low, high) = number.window(low, high);
                self.between(law, u, low, high)
            }
            Kind::Known(law) => self.between(law, u, low, high),
            Kind::Computed { missing, .. } if missing[place] => Drawn::Nothing,
            Kind::Computed { family, parameters, span, .. } => {
                let parameters: Vec<f64> = parameters.iter().map(|values| values[place]).collect();
                let law = law(*family, &parameters, self.unit).map_err(|why| Fault::new(*span, why))?;
                self.between(&law, u, low, high)
            }
            Kind::Truncated { inner, low: from, high: to } => {
                let (low, high) = (low.max(self.unit.from(*from, false)), high.min(self.unit.to(*to, false)));
                if low > high { Drawn::Outside(from.max(-1e300)) } else { inner.draw(place, u, (low, high), number)? }
            }
            Kind::Mixture { parts, within } => {
                let weight = |(share, part): &(f64, Laws<'_>)| match (&part.kind, within) {
                    (_, true) => *share,
                    (Kind::Known(law), false) => {
                        let (from, to) = number.room(law, low, high);
                        share * Slice::new((*law).clone(), from, to).map_or(0.0, |slice| slice.share())
                    }
                    _ => *share,
                };
                let weights: Vec<f64> = parts.iter().map(weight).collect();
                let total: f64 = weights.iter().sum();
                let mut rest = u * total;
                let mut chosen = parts.len() - 1;
                for (part, weight) in weights.iter().enumerate() {
                    if rest < *weight {
                        chosen = part;
                        break;
                    }
                    rest -= weight;
                }
                let within = (rest / weights[chosen]).clamp(1e-16, 1.0 - 1e-16);
                let within = if within.is_nan() { 0.5 } else { within };
                parts[chosen].1.draw(place, within, (low, high), number)?
            }
            Kind::If { which, all } => all[which[place]].draw(place, u, (low, high), number)?,
        })
    }

    /// What a law draws between two ends. Where next to none of it lies there, all that lies there is as likely; of a law of certain
    /// values, one that does not lie there is drawn, which the row's checks find out.
    fn between(&self, law: &Law, u: f64, low: f64, high: f64) -> Drawn {
        let discrete = LawPlan::is_discrete(law);
        let (from, to) = if discrete { (low, high) } else { self.unit.widened(low, high) };
        match Slice::new(law.clone(), from, to) {
            Some(slice) => Drawn::Within(slice.value(u)),
            None if discrete => Drawn::Outside(law.quantile(u)),
            None => {
                let (from, to) = (from.max(-1e300), to.min(1e300));
                Drawn::Within(from + (to - from) * u)
            }
        }
    }
}

/// What is drawn for a row.
pub enum Drawn {
    /// Nothing, as a parameter is null.
    Nothing,
    /// A point between the ends.
    Within(f64),
    /// A point that is not between the ends.
    Outside(f64),
}
