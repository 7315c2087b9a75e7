//! What a distribution can give at all, or is as good as certain to.

use super::datum::{DAY, Datum};
use super::distributions::{Draw, DrawKind, Family, Given};
use super::domain::{Range, Values};
use super::expression::Type;
use super::form::Column;
use super::limits::of_datum;
use super::prove::{Known, Prover};

/// A bell curve reaches further than so many deviations once in 10^15 draws: never, for any data that will be made.
const REACH: f64 = 8.0;

/// A range that holds what is drawn; nothing where that is not on a line, or not known.
pub fn support(prover: &Prover<'_>, draw: &Draw, column: &Column) -> Option<Range> {
    let range = raw(prover, draw)?;
    // What is drawn is made a value of the column: whole, or a day.
    let (below, above) = match column.kind.value() {
        Type::Int => (0.5, 0.5),
        Type::Date => (DAY as f64, 0.0),
        Type::DateTime | Type::Time => (1.0, 0.0),
        Type::Decimal(places) => {
            let half = 0.5 * 10f64.powi(-i32::from(places));
            (half, half)
        }
        _ => (0.0, 0.0),
    };
    Some(Range { low: range.low - below, high: range.high + above, low_open: false, high_open: false, step: None })
}

/// How many rows may refer to one row, as `per_parent` draws it.
pub fn counted(prover: &Prover<'_>, draw: &Draw) -> Option<Range> {
    raw(prover, draw)
}

fn raw(prover: &Prover<'_>, draw: &Draw) -> Option<Range> {
    let (def, given) = match &draw.kind {
        DrawKind::From { def, given } => (def, given),
        DrawKind::If { branches, otherwise } => {
            let first = raw(prover, otherwise)?;
            let rest: Option<Vec<Range>> = branches.iter().map(|(_, draw)| raw(prover, draw)).collect();
            return Some(rest?.into_iter().fold(first, Range::join));
        }
        DrawKind::Unknown => return None,
    };
    let value = |name: &str| {
        let value = draw.value(name)?;
        Some(prover.evaluate(value, &Known::default()).values.points())
    };
    let from = |low: f64| Some(Range::between(low, f64::INFINITY, None));
    match def.family {
        Family::Normal => {
            let (mean, deviation) = (value("mean")?, value("deviation")?);
            let reach = REACH * deviation.high.max(0.0);
            Some(Range::between(mean.low - reach, mean.high + reach, None))
                .filter(|range| !range.low.is_nan() && !range.high.is_nan())
        }
        Family::Uniform => Some(Range::between(value("min")?.low, value("max")?.high, None)),
        Family::LogNormal => {
            let (mean, deviation) = (value("mean")?, value("deviation")?);
            let reach = REACH * deviation.high.max(0.0);
            let range = Range::between((mean.low - reach).exp(), (mean.high + reach).exp(), None);
            Some(range).filter(|range| !range.low.is_nan() && !range.high.is_nan())
        }
        Family::Exponential | Family::Gamma | Family::Poisson => from(0.0),
        Family::Beta => Some(Range::between(0.0, 1.0, None)),
        Family::Pareto => from(value("minimum")?.low),
        Family::Binomial => Some(Range::between(0.0, value("trials")?.high, None)),
        Family::Geometric | Family::Zipf => from(1.0),
        Family::Constant => value("value"),
        Family::Categorical => {
            let Some((_, Given::Values(values))) = given.iter().find(|(name, _)| *name == "values") else {
                return None;
            };
            let points = values.iter().map(|value| match of_datum(value) {
                Values::Points(range) => Some(range),
                _ => None,
            });
            let points: Option<Vec<Range>> = points.collect();
            points?.into_iter().reduce(Range::join)
        }
        Family::Mixture => {
            let Some(Given::Draws(draws)) = draw.given("parts") else { return None };
            let parts: Option<Vec<Range>> = draws.iter().map(|draw| raw(prover, draw)).collect();
            parts?.into_iter().reduce(Range::join)
        }
        Family::Truncated => {
            let (Some(Given::Draw(inner)), Some(Given::Range(low, high, _))) =
                (draw.given("distribution"), draw.given("range"))
            else {
                return None;
            };
            let end =
                |datum: &Option<Datum>, otherwise: f64| datum.as_ref().and_then(Datum::point).unwrap_or(otherwise);
            let cut = Range::between(end(low, f64::NEG_INFINITY), end(high, f64::INFINITY), None);
            Some(raw(prover, inner).map_or(cut, |inner| cut.meet(inner)))
        }
        _ => None,
    }
}
