//! How a column of numbers, days or times is drawn: the distribution that was written, with what of it is known beforehand.

use std::sync::Arc;

use ndsl_compiler::schema::datum::{DAY, Datum};
use ndsl_compiler::schema::distributions::{Draw, DrawKind, Family, Given};
use ndsl_compiler::schema::{Expression, Type};
use ndsl_grammar::Span;

use super::unit::Unit;
use crate::fault::{Fault, Result};
use crate::inputs::Inputs;
use crate::law::{Hours, Law, Season};

/// A distribution, as far as it is known before there are rows.
#[derive(Clone, Debug)]
pub enum LawPlan {
    /// None was written: evenly between the ends, and where there is one end only, near it.
    Natural,
    /// Known.
    Known(Law),
    /// Its parameters follow from the row.
    Computed {
        /// Which it is.
        family: Family,
        /// Its parameters, in the order of its signature.
        parameters: Vec<Expression>,
        /// Where it stands.
        span: Span,
    },
    /// One of several for each row.
    Mixture {
        /// Each with its share.
        parts: Vec<(f64, LawPlan)>,
        /// Whether the shares are of what lies between the ends, and not of the whole.
        within: bool,
    },
    /// Another between two ends.
    Truncated {
        /// The other.
        inner: Box<LawPlan>,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// One or another by a condition.
    If {
        /// The conditions; the first that is true counts.
        branches: Vec<(Expression, LawPlan)>,
        /// Where none is.
        otherwise: Box<LawPlan>,
    },
}

impl LawPlan {
    /// The distribution, where it is known.
    pub fn known(&self) -> Option<&Law> {
        match self {
            Self::Known(law) => Some(law),
            _ => None,
        }
    }

    /// The plan of a draw.
    ///
    /// # Errors
    /// Where a file is not as it should be, or something cannot be drawn this way.
    pub fn new(draw: &Draw, unit: Unit, inputs: &dyn Inputs) -> Result<Self> {
        let (def, given) = match &draw.kind {
            DrawKind::From { def, given } => (def, given),
            DrawKind::If { branches, otherwise } => {
                let branches: Result<Vec<_>> = branches
                    .iter()
                    .map(|(condition, draw)| Ok((condition.clone(), Self::new(draw, unit, inputs)?)))
                    .collect();
                let otherwise = Box::new(Self::new(otherwise, unit, inputs)?);
                return Ok(Self::If { branches: branches?, otherwise });
            }
            DrawKind::Unknown => return Ok(Self::Natural),
        };
        let number = |name: &str| -> Result<Option<f64>> {
            match draw.value(name).map(|value| (value, value.as_constant())) {
                None => Ok(None),
                Some((_, Some(datum))) => Ok(datum.point()),
                Some((value, None)) => Err(Fault::new(
                    value.span,
                    format!("`{name}` of `{}` follows from the row, which cannot be drawn from", def.signature.name),
                )
                .help("write a number")),
            }
        };
        Ok(match def.family {
            Family::Truncated => {
                let (Some(Given::Draw(inner)), Some(Given::Range(low, high, inclusive))) =
                    (draw.given("distribution"), draw.given("range"))
                else {
                    return Ok(Self::Natural);
                };
                let end = |end: &Option<Datum>, otherwise| end.as_ref().and_then(Datum::point).unwrap_or(otherwise);
                let (low, high) = (end(low, f64::NEG_INFINITY), end(high, f64::INFINITY));
                let high = if *inclusive || high.is_infinite() { high } else { unit.to(high, true) };
                Self::Truncated { inner: Box::new(Self::new(inner, unit, inputs)?), low, high }
            }
            Family::Mixture => {
                let Some(Given::Draws(draws)) = draw.given("parts") else { return Ok(Self::Natural) };
                let shares = shares(draw, draws.len());
                let parts: Result<Vec<(f64, Self)>> =
                    draws.iter().zip(shares).map(|(draw, share)| Ok((share, Self::new(draw, unit, inputs)?))).collect();
                Self::Mixture { parts: parts?, within: false }
            }
            Family::Categorical => {
                let Some(Given::Values(values)) = draw.given("values") else { return Ok(Self::Natural) };
                let points = values.iter().filter_map(Datum::point).zip(shares(draw, values.len())).collect();
                Self::Known(Law::points(points).unwrap_or_else(|| Law::constant(0.0)))
            }
            Family::Empirical => {
                let values = super::choices::empirical(draw, &unit_type(unit), inputs)?;
                let points = values.iter().filter_map(|(datum, count)| Some((datum.point()?, *count))).collect();
                let none = || Fault::new(draw.span, "the column has no value to draw");
                Self::Known(Law::points(points).ok_or_else(none)?)
            }
            Family::BusinessHours => {
                let clock = |name: &str, otherwise: f64| Ok(number(name)?.unwrap_or(otherwise));
                let (open, close) = (clock("open", 9.0 * 3600.0)?, clock("close", 17.0 * 3600.0)?);
                let outside = clock("outside", 0.0)?;
                if close <= open {
                    return Err(Fault::new(draw.span, "these hours end before they begin"));
                }
                let hours = Hours { open, close, weekends_off: unit == Unit::Second, outside: false };
                let rest = Law::Hours(Hours { outside: true, ..hours.clone() });
                match outside {
                    0.0 => Self::Known(Law::Hours(hours)),
                    outside => Self::Mixture {
                        parts: vec![(1.0 - outside, Self::Known(Law::Hours(hours))), (outside, Self::Known(rest))],
                        within: true,
                    },
                }
            }
            Family::Seasonal => {
                let day = DAY as f64;
                let period = match draw.given("period") {
                    Some(Given::Word(word)) if word == "month" => 365.2425 / 12.0 * day,
                    Some(Given::Word(word)) if word == "week" => 7.0 * day,
                    Some(Given::Word(word)) if word == "day" => day,
                    _ => 365.2425 * day,
                };
                let peak = number("peak")?.unwrap_or_default();
                Self::Known(Law::Season(Season { peak, period, strength: number("strength")?.unwrap_or(0.5) }))
            }
            Family::Trend => {
                let growth = libm::log1p(number("growth")?.unwrap_or_default()) / (365.2425 * DAY as f64);
                // The growth is counted from where a column's own range begins; see `from`.
                Self::Known(Law::Trend { growth, origin: 0.0 })
            }
            Family::Sequence | Family::PerParent | Family::Bernoulli | Family::Llm => {
                return Err(Fault::new(
                    draw.span,
                    format!("`{}` cannot be one of several ways to draw a column", def.signature.name),
                ));
            }
            family => {
                let order = def.signature.parameters.iter().map(|parameter| parameter.name);
                let of = |name| given.iter().find(|(known, _)| *known == name).map(|(_, given)| given);
                let parameters: Vec<Expression> = order
                    .filter_map(|name| match of(name) {
                        Some(Given::Value(value)) => Some(value.clone()),
                        _ => None,
                    })
                    .collect();
                let known: Option<Vec<f64>> =
                    parameters.iter().map(|value| value.as_constant().and_then(Datum::point)).collect();
                match known {
                    Some(known) => {
                        Self::Known(law(family, &known, unit).map_err(|why| Fault::new(draw.span, why))?.prepared())
                    }
                    None => Self::Computed { family, parameters, span: draw.span },
                }
            }
        })
    }

    /// The same with growth counted from the lower end of what is drawn, so that no number is too large.
    pub fn from(self, low: Option<f64>) -> Self {
        match (self, low) {
            (Self::Known(Law::Trend { growth, .. }), Some(origin)) => Self::Known(Law::Trend { growth, origin }),
            (other, _) => other,
        }
    }

    /// Changes every expression in it.
    pub fn each_expression_mut(&mut self, each: &mut dyn FnMut(&mut Expression)) {
        match self {
            Self::Natural | Self::Known(_) => {}
            Self::Computed { parameters, .. } => parameters.iter_mut().for_each(each),
            Self::Mixture { parts, .. } => parts.iter_mut().for_each(|(_, part)| part.each_expression_mut(each)),
            Self::Truncated { inner, .. } => inner.each_expression_mut(each),
            Self::If { branches, otherwise } => {
                for (condition, part) in branches {
                    each(condition);
                    part.each_expression_mut(each);
                }
                otherwise.each_expression_mut(each);
            }
        }
    }

    /// The same as one law, where all of it is known, for what must rise with its even number.
    pub fn rising(self) -> Self {
        match self {
            Self::Mixture { parts, within: false } if parts.iter().all(|(_, part)| part.known().is_some()) => {
                let parts: Vec<(f64, Law)> =
                    parts.into_iter().filter_map(|(share, part)| Some((share, part.known()?.clone()))).collect();
                Self::Known(Law::Mixture { parts: Arc::from(parts) })
            }
            other => other,
        }
    }

    /// Whether it draws only values that are whole of themselves, which must not be widened to be rounded.
    pub fn is_discrete(law: &Law) -> bool {
        match law {
            Law::Counts(_) | Law::Points { .. } => true,
            Law::Mixture { parts } => parts.iter().all(|(_, law)| Self::is_discrete(law)),
            _ => false,
        }
    }
}

/// A distribution with its parameters, in the order of its signature.
///
/// # Errors
/// Says which parameter it cannot have.
pub fn law(family: Family, parameters: &[f64], unit: Unit) -> std::result::Result<Law, String> {
    let at = |place: usize| parameters.get(place).copied().unwrap_or(f64::NAN);
    let (first, second) = (at(0), at(1));
    let above = |value: f64, what: &str| match value > 0.0 && value.is_finite() {
        true => Ok(value),
        false => Err(format!("the {what} is {value}, and must be above 0")),
    };
    let share = |value: f64| match (0.0..=1.0).contains(&value) {
        true => Ok(value),
        false => Err(format!("the probability is {value}, and must be from 0 to 1")),
    };
    let finite = |value: f64, what: &str| match value.is_finite() {
        true => Ok(value),
        false => Err(format!("the {what} is {value}")),
    };
    Ok(match family {
        Family::Normal => Law::Normal { mean: finite(first, "mean")?, deviation: above(second, "deviation")? },
        Family::LogNormal => Law::LogNormal { mean: finite(first, "mean")?, deviation: above(second, "deviation")? },
        Family::Uniform if first <= second => {
            let (min, max) = unit.widened(first, second);
            Law::Uniform { min, max }
        }
        Family::Uniform => return Err(format!("the least is {first}, which is above the largest, {second}")),
        Family::Exponential => Law::Exponential { rate: above(first, "rate")? },
        Family::Gamma => Law::gamma(above(first, "shape")?, above(second, "scale")?),
        Family::Beta => Law::beta(above(first, "alpha")?, above(second, "beta")?),
        Family::Pareto => Law::Pareto { minimum: above(first, "minimum")?, shape: above(second, "shape")? },
        Family::Poisson => Law::poisson(above(first, "mean")?),
        Family::Binomial => match first >= 0.0 && first.is_finite() {
            true => Law::binomial(first, share(second)?),
            false => return Err(format!("there are {first} trials")),
        },
        Family::Geometric => Law::geometric(above(share(first)?, "probability")?),
        Family::Zipf => match first > 1.0 && first.is_finite() {
            true => Law::zipf(first),
            false => return Err(format!("the exponent is {first}, and must be above 1")),
        },
        Family::Constant => Law::constant(finite(first, "value")?),
        _ => return Err("this is no distribution of numbers".to_owned()),
    })
}

/// The shares of so many choices.
pub fn shares(draw: &Draw, count: usize) -> Vec<f64> {
    match draw.given("weights") {
        Some(Given::Shares(shares)) => shares.clone(),
        _ => vec![1.0 / count as f64; count],
    }
}

fn unit_type(unit: Unit) -> Type {
    match unit {
        Unit::Whole => Type::Int,
        Unit::Real => Type::Float,
        Unit::Parts(parts) => Type::Decimal(libm::log10(parts).round() as u8),
        Unit::Day => Type::Date,
        Unit::Second => Type::DateTime,
        Unit::Clock => Type::Time,
    }
}
