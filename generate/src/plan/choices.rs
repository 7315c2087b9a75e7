//! Columns whose values are a few that are known: labels, truth values, listed values, those of a file.

use std::collections::BTreeMap;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::distributions::{Draw, DrawKind, Family, Given};
use ndsl_compiler::schema::{Column, Type};

use super::laws::shares;
use crate::fault::{Fault, Result};
use crate::inputs::Inputs;
use crate::law::Guide;

/// Values with how often each comes.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The values.
    pub values: Vec<Datum>,
    /// Their weights.
    pub weights: Vec<f64>,
    /// Which of them a chance means.
    pub guide: Guide,
}

impl Choices {
    /// Values with their weights; nothing where none can come.
    pub fn new(values: Vec<Datum>, weights: Vec<f64>) -> Option<Self> {
        let guide = Guide::new(&weights)?;
        Some(Self { values, weights, guide })
    }

    /// The labels of an enum, or both truth values, by their shares.
    pub fn of_type(ty: &Type) -> Option<Self> {
        match ty {
            Type::Enum(labels) => {
                let weights = labels.labels.iter().map(|label| label.weight).collect();
                Self::new((0..labels.labels.len() as u32).map(Datum::Label).collect(), weights)
            }
            Type::Bool => Self::new(vec![Datum::Bool(false), Datum::Bool(true)], vec![0.5, 0.5]),
            _ => None,
        }
    }

    /// Only those of the values that are wanted.
    pub fn only(self, wanted: impl Fn(&Datum) -> bool) -> Option<Self> {
        let kept = self.values.into_iter().zip(self.weights).filter(|(value, _)| wanted(value));
        let (values, weights) = kept.unzip();
        Self::new(values, weights)
    }
}

/// What a draw chooses from, where it is a choice between known values.
///
/// # Errors
/// Where a file is not as it should be, or something cannot be drawn this way.
pub fn of_draw(draw: &Draw, column: &Column, inputs: &dyn Inputs) -> Result<Vec<(Datum, f64)>> {
    let DrawKind::From { def, .. } = &draw.kind else {
        return Err(Fault::new(draw.span, "a condition within a mixture of values cannot be drawn from"));
    };
    let ty = column.kind.value();
    Ok(match def.family {
        Family::Categorical => {
            let Some(Given::Values(values)) = draw.given("values") else { return Ok(Vec::new()) };
            values.iter().cloned().zip(shares(draw, values.len())).collect()
        }
        Family::Constant => match draw.value("value").map(|value| (value.span, value.as_constant())) {
            Some((_, Some(datum))) => vec![(datum.clone(), 1.0)],
            Some((span, None)) => {
                return Err(Fault::new(span, "this follows from the row, which a mixture cannot be drawn from"));
            }
            None => Vec::new(),
        },
        Family::Empirical => empirical(draw, &ty, inputs)?,
        Family::Bernoulli => match draw.value("probability").and_then(|value| value.as_constant()?.point()) {
            Some(chance) => vec![(Datum::Bool(false), 1.0 - chance), (Datum::Bool(true), chance)],
            None => {
                return Err(Fault::new(
                    draw.span,
                    "this chance follows from the row, which a mixture cannot be drawn from",
                ));
            }
        },
        Family::Mixture => {
            let Some(Given::Draws(draws)) = draw.given("parts") else { return Ok(Vec::new()) };
            let mut all = Vec::new();
            for (part, share) in draws.iter().zip(shares(draw, draws.len())) {
                let values = of_draw(part, column, inputs)?;
                let total: f64 = values.iter().map(|(_, weight)| weight).sum();
                all.extend(values.into_iter().map(|(value, weight)| (value, share * weight / total)));
            }
            all
        }
        _ => {
            return Err(Fault::new(draw.span, format!("`{}` draws no {ty}", def.signature.name)));
        }
    })
}

/// The values of a column of a file, with how often each stands there.
pub fn empirical(draw: &Draw, ty: &Type, inputs: &dyn Inputs) -> Result<Vec<(Datum, f64)>> {
    let (Some(Given::Word(path)), Some(Given::Word(name))) = (draw.given("path"), draw.given("column")) else {
        return Err(Fault::new(draw.span, "the file and its column are not said"));
    };
    let values = inputs.column(path, name, ty).map_err(|why| Fault::new(draw.span, why))?;
    let mut counted: BTreeMap<String, (Datum, f64)> = BTreeMap::new();
    for datum in values.into_iter().filter(|datum| *datum != Datum::Null) {
        counted.entry(datum.to_string()).or_insert((datum, 0.0)).1 += 1.0;
    }
    match counted.is_empty() {
        true => Err(Fault::new(draw.span, format!("column `{name}` of `{path}` has no value to draw"))),
        false => Ok(counted.into_values().collect()),
    }
}
