//! How numbers and points in time are drawn: the law of the language that comes closest to a column's values, where one comes close.
//!
//! Closeness is the distance of Kolmogorov and Smirnov: the largest difference between the share of values up to any number and what the law, cut
//! off at the column's ends and rounded as its values are, says of it. In turn are tried: a single law; values that are there far more
//! often than their neighbours, and a law for the others; and pieces in each of which values lie evenly, which comes close to anything.

mod laws;
mod pieces;
mod points;
mod search;

use ndsl_compiler::schema::distributions::Family;

use laws::Fitted;
pub use pieces::percentages;
pub use points::{Points, Unit, around, rounded};

/// The distance up to which a law is said to fit.
const CLOSE: f64 = 0.03;

/// The same of few values, over the root of their number: what chance alone makes of most samples.
const BY_CHANCE: f64 = 0.9;

/// The part of these up to which a law is said to fit a few values, which can be listed as well.
const CLOSE_TO_FEW: f64 = 2.0 / 3.0;

/// How much closer a law must come for each number more that it is told by.
const FOR_A_NUMBER: f64 = 0.005;

/// How much closer a law of any numbers must come to a few whole ones than one that counts.
const FOR_COUNTING: f64 = 0.005;

/// Whole numbers within so many of each other are few.
const COUNTED: f64 = 50.0;

/// How much of the values a law may miss of those that lie beside frequent ones.
const CLOSE_BESIDE: f64 = 0.1;

/// Fewer values are not fitted to anything.
const FEWEST: u64 = 10;

/// How a column is drawn, as it is written, and why so.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// What stands behind `~`; nothing where the type's own way does as well.
    pub draw: Option<String>,
    /// A sentence.
    pub why: String,
}

/// Finds how values are drawn.
pub fn drawn(points: &Points) -> Option<Drawn> {
    if points.count() < FEWEST || points.len() < 2 {
        return None;
    }
    let close = CLOSE.max(BY_CHANCE / (points.count() as f64).sqrt());
    let (fitted, distances) = best(points);
    let tried = || {
        let all: Vec<String> = distances.iter().map(|(name, distance)| format!("{name} {distance:.3}")).collect();
        all.join(", ")
    };
    // A few values, each with its share, say all there is.
    let few = points.len() <= pieces::LISTED && points.unit != Unit::Real;
    if let Some(fitted) = fitted.filter(|fitted| fitted.distance <= if few { CLOSE_TO_FEW * close } else { close }) {
        let even = fitted.family == Family::Uniform;
        let why = format!("{} fits (distances: {})", laws::name(fitted.family), tried());
        return Some(Drawn { draw: (!even).then(|| fitted.written(points)), why });
    }
    if few {
        return Some(Drawn { draw: Some(pieces::listed(points)), why: format!("no law fits ({})", tried()) });
    }
    let (frequent, others) = points.parted();
    if let (false, Some(others)) = (frequent.is_empty(), others) {
        let share = others.count() as f64 / points.count() as f64;
        if let (Some(fitted), _) = best(&others)
            && fitted.distance <= CLOSE_BESIDE.max(BY_CHANCE / (others.count() as f64).sqrt())
            && fitted.distance * share <= close
        {
            let draw = pieces::beside(points, &frequent, &others, &fitted);
            let why = format!(
                "{}; of the others {} fits (distance {:.3})",
                said(points, &frequent),
                laws::name(fitted.family),
                fitted.distance
            );
            return Some(Drawn { draw: Some(draw), why });
        }
    }
    let (draw, count) = pieces::histogram(points, &frequent);
    let why = format!("no law fits ({}): {count} pieces", tried());
    let why = if frequent.is_empty() { why } else { format!("{}; {why}", said(points, &frequent)) };
    Some(Drawn { draw: Some(draw), why })
}

/// What the shares of frequent values are.
fn said(points: &Points, frequent: &[(f64, u64)]) -> String {
    let share = |(point, count): &(f64, u64)| {
        format!("{:.1}% are {}", 100.0 * *count as f64 / points.count() as f64, points.unit.written(*point))
    };
    let shares: Vec<String> = frequent.iter().take(3).map(share).collect();
    match frequent.len().saturating_sub(3) {
        0 => shares.join(", "),
        more => format!("{} and {more} more are frequent", shares.join(", ")),
    }
}

/// The law that comes closest, and the distances of all that were tried, the closest first.
fn best(points: &Points) -> (Option<Fitted>, Vec<(&'static str, f64)>) {
    let mut all: Vec<Fitted> = laws::fitted(points);
    all.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    let distances = all.iter().map(|fitted| (laws::name(fitted.family), fitted.distance)).take(3).collect();
    let counts = points.unit == Unit::Whole && points.ends.1 - points.ends.0 < COUNTED;
    let cost = |fitted: &Fitted| {
        let other = if counts && !laws::counts(fitted.family) { FOR_COUNTING } else { 0.0 };
        fitted.distance + other + FOR_A_NUMBER * fitted.parameters.len() as f64
    };
    (all.into_iter().min_by(|a, b| cost(a).total_cmp(&cost(b))), distances)
}

#[cfg(test)]
mod tests;
