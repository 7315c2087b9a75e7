//! The laws that are tried, each with where its search begins.

use ndsl_compiler::schema::distributions::Family;
use ndsl_generate::law::Law;

use super::points::{Points, Unit, rounded};
use super::search::least;

/// Shares at which a law is compared while its numbers are searched.
const KNOTS: usize = 96;

/// Shares at which it is compared at the end.
const FINE_KNOTS: usize = 2048;

/// The most that a law's numbers may be.
const LARGEST: f64 = 1e15;

/// The share of a law that lies between the ends, at least: one of which there is but a tail says nothing that anybody would recognise.
const INSIDE: f64 = 0.6;

/// A law with the numbers at which it comes closest.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Which.
    pub family: Family,
    /// Its numbers as they are written, in the order of its signature.
    pub parameters: Vec<f64>,
    /// How far it is from the values.
    pub distance: f64,
}

/// What a program calls it.
pub fn name(family: Family) -> &'static str {
    let found = ndsl_compiler::schema::distributions::FAMILIES.iter().find(|def| def.family == family);
    found.map_or("", |def| def.signature.name)
}

/// Whether its values are whole of themselves, or all as likely.
pub fn counts(family: Family) -> bool {
    use Family::{Binomial, Geometric, Poisson, Uniform, Zipf};
    matches!(family, Uniform | Poisson | Binomial | Geometric | Zipf)
}

/// All laws that can be told of such values, each as close as it comes.
pub fn fitted(points: &Points) -> Vec<Fitted> {
    let about = About::of(points);
    let coarse = knots(points, KNOTS);
    let fine = knots(points, FINE_KNOTS);
    about.starts(points).into_iter().filter_map(|(family, start)| fit(points, family, &start, &coarse, &fine)).collect()
}

/// What begins a search.
struct About {
    mean: f64,
    deviation: f64,
    log_mean: f64,
    log_deviation: f64,
}

impl About {
    fn of(points: &Points) -> Self {
        let count = points.count() as f64;
        let mean_of = |number: &dyn Fn(f64) -> f64| {
            points.iter().map(|(point, times)| number(point) * times as f64).sum::<f64>() / count
        };
        let mean = mean_of(&|point| point);
        let deviation = mean_of(&|point| (point - mean).powi(2)).sqrt();
        let log = |point: f64| point.max(1e-12).ln();
        let log_mean = mean_of(&log);
        let log_deviation = mean_of(&|point| (log(point) - log_mean).powi(2)).sqrt();
        Self { mean, deviation, log_mean, log_deviation }
    }

    /// The laws whose values such numbers may be, with their numbers by the moments.
    fn starts(&self, points: &Points) -> Vec<(Family, Vec<f64>)> {
        let Self { mean, deviation, log_mean, log_deviation } = *self;
        let (min, max) = points.ends;
        let mut all = vec![(Family::Uniform, vec![]), (Family::Normal, vec![mean, deviation])];
        if !points.unit.is_number() {
            return all;
        }
        let whole = points.unit == Unit::Whole;
        if min >= 0.0 {
            all.push((Family::Exponential, vec![1.0 / mean]));
            all.push((Family::Gamma, vec![(mean / deviation).powi(2), deviation * deviation / mean]));
        }
        if min > 0.0 {
            all.push((Family::LogNormal, vec![log_mean, log_deviation]));
            all.push((Family::Pareto, vec![min, 1.0 / (log_mean - min.ln()).max(0.01)]));
        }
        if !whole && min >= 0.0 && max <= 1.0 {
            let sum = (mean * (1.0 - mean) / (deviation * deviation) - 1.0).max(0.1);
            all.push((Family::Beta, vec![mean * sum, (1.0 - mean) * sum]));
        }
        if whole && min >= 0.0 {
            all.push((Family::Poisson, vec![mean]));
            if max <= 1000.0 {
                all.push((Family::Binomial, vec![max, mean / max]));
            }
        }
        if whole && min >= 1.0 {
            all.push((Family::Geometric, vec![1.0 / mean]));
            all.push((Family::Zipf, vec![1.5]));
        }
        all
    }
}

/// Which of a law's numbers are found by searching, and on which scale.
#[derive(Clone, Copy)]
enum Scale {
    Plain(f64),
    /// Above 0.
    Log,
    /// Between 0 and 1.
    Odds,
    /// Above 1.
    AboveOne,
    /// Not searched.
    Fixed,
}

fn scales(family: Family, start: &[f64], deviation: f64) -> Vec<Scale> {
    match family {
        Family::Normal => vec![Scale::Plain(deviation), Scale::Log],
        Family::LogNormal => vec![Scale::Plain(1.0), Scale::Log],
        Family::Pareto => vec![Scale::Fixed, Scale::Log],
        Family::Binomial => vec![Scale::Fixed, Scale::Odds],
        Family::Geometric => vec![Scale::Odds],
        Family::Zipf => vec![Scale::AboveOne],
        _ => vec![Scale::Log; start.len()],
    }
}

impl Scale {
    fn to(self, number: f64) -> f64 {
        match self {
            Self::Plain(unit) => number / unit,
            Self::Log => number.ln(),
            Self::Odds => (number / (1.0 - number)).ln(),
            Self::AboveOne => (number - 1.0).ln(),
            Self::Fixed => number,
        }
    }

    fn from(self, number: f64) -> f64 {
        match self {
            Self::Plain(unit) => number * unit,
            Self::Log => number.exp(),
            Self::Odds => 1.0 / (1.0 + (-number).exp()),
            Self::AboveOne => 1.0 + number.exp(),
            Self::Fixed => number,
        }
    }
}

fn fit(points: &Points, family: Family, start: &[f64], coarse: &[Knot], fine: &[Knot]) -> Option<Fitted> {
    let deviation = start.get(1).copied().unwrap_or(1.0).abs().max(1e-12);
    let scales = scales(family, start, deviation);
    let free: Vec<usize> = (0..start.len()).filter(|place| !matches!(scales[*place], Scale::Fixed)).collect();
    let numbers = |found: &[f64]| {
        let mut all = start.to_vec();
        free.iter().zip(found).for_each(|(place, number)| all[*place] = scales[*place].from(*number));
        all
    };
    let begin: Vec<f64> = free.iter().map(|place| scales[*place].to(start[*place])).collect();
    if !begin.iter().all(|number| number.is_finite()) {
        return None;
    }
    let cost = |found: &[f64]| match law(family, &numbers(found), points) {
        Some(law) => squares(&law, points, coarse),
        None => f64::INFINITY,
    };
    let found = if begin.is_empty() { begin } else { least(&begin, &cost) };
    let parameters: Vec<f64> =
        numbers(&found).iter().enumerate().map(|(place, number)| as_written(family, place, *number, points)).collect();
    let distance = largest(&law(family, &parameters, points)?, points, fine);
    distance.is_finite().then_some(Fitted { family, parameters, distance })
}

/// A number of a law as it is when it was written and read again.
fn as_written(family: Family, place: usize, number: f64, points: &Points) -> f64 {
    match (family, place) {
        (Family::Normal, 0) if !points.unit.is_number() => {
            let step = if points.unit == Unit::Day { 86_400.0 } else { 1.0 };
            (number / step).round() * step
        }
        (Family::Normal, 1) => points.unit.spread_of(number),
        (Family::Pareto, 0) => number,
        _ => rounded(number).parse().unwrap_or(number),
    }
}

fn law(family: Family, parameters: &[f64], points: &Points) -> Option<Law> {
    let at = |place: usize| parameters.get(place).copied().unwrap_or(f64::NAN);
    let (first, second) = (at(0), at(1));
    let above = |number: f64| (1e-12..LARGEST).contains(&number);
    Some(match family {
        Family::Uniform => {
            let (low, high) = (points.unit.around(points.ends.0).0, points.unit.around(points.ends.1).1);
            Law::Uniform { min: low, max: high }
        }
        Family::Normal if above(second) && first.abs() < LARGEST => Law::Normal { mean: first, deviation: second },
        Family::LogNormal if above(second) && first.abs() < 700.0 => Law::LogNormal { mean: first, deviation: second },
        Family::Exponential if above(first) => Law::Exponential { rate: first },
        Family::Gamma if above(first) && above(second) && first < 1e6 => Law::gamma(first, second),
        Family::Beta if above(first) && above(second) && first.max(second) < 1e6 => Law::beta(first, second),
        Family::Pareto if above(first) && above(second) => Law::Pareto { minimum: first, shape: second },
        Family::Poisson if above(first) && first < 1e9 => Law::poisson(first),
        Family::Binomial if first >= 1.0 && second > 0.0 && second < 1.0 => Law::binomial(first, second),
        Family::Geometric if second.is_nan() && first > 1e-9 && first < 1.0 => Law::geometric(first),
        Family::Zipf if first > 1.0 && first < 50.0 => Law::zipf(first),
        _ => return None,
    })
}

/// A value at which a law is compared: between which points it lies, and the share of values below and up to it.
struct Knot {
    around: (f64, f64),
    less: f64,
    up_to: f64,
}

/// Values evenly apart by their shares; all of them where they are few.
fn knots(points: &Points, most: usize) -> Vec<Knot> {
    let step = 1.0 / most as f64;
    let mut knots: Vec<Knot> = Vec::new();
    let mut next = 0.0;
    for (place, (point, less, up_to)) in points.shares().enumerate() {
        if points.len() <= most || up_to >= next || place + 1 == points.len() {
            knots.push(Knot { around: points.unit.around(point), less, up_to });
            next = up_to + step;
        }
    }
    knots
}

/// What a law that is cut off at the ends says of the shares below and up to each knot.
fn said<'k>(law: &'k Law, points: &Points, knots: &'k [Knot]) -> Option<impl Iterator<Item = (f64, f64, &'k Knot)>> {
    let start = law.below(points.unit.around(points.ends.0).0);
    let end = law.below(points.unit.around(points.ends.1).1);
    let width = end - start;
    (width >= INSIDE).then(|| {
        let share = move |x: f64| ((law.below(x) - start) / width).clamp(0.0, 1.0);
        knots.iter().map(move |knot| {
            let high = share(knot.around.1);
            let low = if knot.around.0 == knot.around.1 { high } else { share(knot.around.0) };
            (low, high, knot)
        })
    })
}

fn squares(law: &Law, points: &Points, knots: &[Knot]) -> f64 {
    let Some(said) = said(law, points, knots) else { return f64::INFINITY };
    said.map(|(low, high, knot)| (low - knot.less).powi(2) + (high - knot.up_to).powi(2)).sum()
}

fn largest(law: &Law, points: &Points, knots: &[Knot]) -> f64 {
    let Some(said) = said(law, points, knots) else { return f64::INFINITY };
    said.map(|(low, high, knot)| (low - knot.less).abs().max((high - knot.up_to).abs())).fold(0.0, f64::max)
}

impl Fitted {
    /// As a program writes it.
    pub fn written(&self, points: &Points) -> String {
        let unit = points.unit;
        let numbers: Vec<String> = match self.family {
            Family::Uniform => vec![unit.written(points.ends.0), unit.written(points.ends.1)],
            Family::Normal if unit.is_number() => vec![rounded(self.parameters[0]), unit.spread(self.parameters[1])],
            Family::Normal => vec![unit.written(self.parameters[0]), unit.spread(self.parameters[1])],
            Family::Pareto => vec![unit.written(self.parameters[0]), rounded(self.parameters[1])],
            _ => self.parameters.iter().map(|number| rounded(*number)).collect(),
        };
        format!("{}({})", name(self.family), numbers.join(", "))
    }

    /// The share of the law between the ends of what it was fitted to, which are within `ends`, of what of it lies between those.
    pub fn share(&self, points: &Points, ends: (f64, f64)) -> f64 {
        law(self.family, &self.parameters, points)
            .map_or(1.0, |law| law.below(points.unit.around(ends.1).1) - law.below(points.unit.around(ends.0).0))
    }
}
