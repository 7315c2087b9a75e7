//! Which variables mattered: PED-ANOVA (Watanabe, Bansal and Hutter, 2023).
//!
//! A variable mattered where the values of the best trials are spread otherwise than those of all: what is measured is Pearson's divergence
//! of the one density from the other, each by the Parzen estimators of the search.

use ndsl_compiler::check::Choice;
use serde::{Deserialize, Serialize};

use super::parzen::{Bells, shares};
use super::space::{Point, Space};

/// The share of the trials that are the best.
const BEST: f64 = 0.25;

/// Trials without which nothing can be said.
const LEAST: usize = 8;

/// Places of a range at which densities are compared.
const PLACES: usize = 64;

/// How much a variable mattered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Its name.
    pub name: String,
    /// Its share of what all variables together did.
    pub share: f64,
}

/// How much each variable mattered, the most first; nothing where there are too few trials to tell. `tried` are those that measured
/// something, the best first.
pub fn importance(space: &Space, tried: &[Point]) -> Vec<Importance> {
    if tried.len() < LEAST {
        return Vec::new();
    }
    let best = (tried.len() as f64 * BEST).ceil() as usize;
    let divergence = |variable: usize| {
        let taken = |points: &[Point]| -> Vec<Choice> {
            points.iter().filter(|point| space.is_active(variable, point)).map(|point| point[variable]).collect()
        };
        let densities = |choices: Vec<Choice>| -> Vec<f64> {
            if space.is_listed(variable) {
                let index = |choice: &Choice| if let Choice::Nth(index) = choice { *index } else { 0 };
                return shares(&choices.iter().map(index).collect::<Vec<_>>(), space.count(variable).unwrap_or(1));
            }
            let bells = Bells::new(&choices.iter().map(|choice| space.unit(variable, *choice)).collect::<Vec<_>>());
            (0..PLACES).map(|place| bells.density((place as f64 + 0.5) / PLACES as f64) / PLACES as f64).collect()
        };
        let (best, all) = (densities(taken(&tried[..best])), densities(taken(tried)));
        best.iter().zip(&all).map(|(best, all)| (best / all - 1.0).powi(2) * all).sum::<f64>()
    };
    let found: Vec<f64> = (0..space.variables.len()).map(divergence).collect();
    let sum = found.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let named = |(variable, found): (&ndsl_compiler::check::Variable, &f64)| Importance {
        name: variable.name.clone(),
        share: found / sum,
    };
    let mut all: Vec<Importance> = space.variables.iter().zip(&found).map(named).collect();
    all.sort_by(|a, b| b.share.total_cmp(&a.share));
    all
}
