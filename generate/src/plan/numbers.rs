//! Columns of numbers, days and times: between which ends they lie, and how they are drawn there.

use ndsl_compiler::schema::datum::{DAY, DAYS};

use super::laws::LawPlan;
use super::unit::Unit;
use crate::law::{Guide, Law, Slice};
use crate::permutation::Permutation;
use crate::random::Stream;

/// How the numbers of a column are drawn.
#[derive(Clone, Debug)]
pub struct NumberPlan {
    /// What they are multiples of.
    pub unit: Unit,
    /// Their distribution.
    pub law: LawPlan,
    /// The least that is declared, a value.
    pub low: Option<f64>,
    /// The largest that is declared, a value.
    pub high: Option<f64>,
    /// What is known before there are rows, where all is.
    pub fixed: Option<Fixed>,
    /// How each row gets another value than every other.
    pub distinct: Option<Distinct>,
}

/// A distribution between its ends, known before there are rows.
#[derive(Clone, Debug)]
pub enum Fixed {
    /// So many values one step after another from the least, each as likely.
    Even {
        /// The least.
        low: f64,
        /// How many.
        count: u64,
        /// What they are apart by.
        step: f64,
    },
    /// Values one step after another from the least, by their chances.
    Table {
        /// The least.
        low: f64,
        /// What they are apart by.
        step: f64,
        /// Their chances.
        guide: Guide,
    },
    /// Points that become values.
    Slice(Slice),
    /// One of several.
    Mixed(Guide, Vec<Slice>),
}

/// How each row gets another value.
#[derive(Clone, Debug)]
pub enum Distinct {
    /// The values between the ends in a random order.
    Order(Permutation),
    /// One value in each of as many equal parts of the chances as there are rows.
    Parts(Permutation),
    /// Values one step after another; the chances of each are below that of one row, so that every row finds its own.
    Places {
        /// Which part each row has.
        order: Permutation,
        /// The first value, a point.
        low: f64,
        /// For each value from there on, how many rows have it or one before it.
        up_to: Vec<f64>,
    },
    /// One of so many values, listed.
    Listed {
        /// Which each row has.
        order: Permutation,
        /// The values, points.
        values: Vec<f64>,
    },
}

/// Values that a table of chances is made for at most.
const TABLE: f64 = 4096.0;

/// Values that a table of distinct places is made for at most.
const PLACES: f64 = 4_000_000.0;

/// How near an end values lie where there is no other: a lognormal number beyond it, half of them within 33.
const NEAR: Law = Law::LogNormal { mean: 3.5, deviation: 1.0 };

/// The same for days and moments: half of them within two days, one in twenty beyond ten.
const SOON: (f64, f64) = (2.0 * DAY as f64, 1.0);

/// How far days and moments reach from the only end there is.
const TWO_YEARS: f64 = 2.0 * 365.0 * DAY as f64;

/// 2015-01-01 and 2025-12-31, between which days lie that nothing is said of.
const DAYS_MEANT: (f64, f64) = (16_436.0 * DAY as f64, 20_453.0 * DAY as f64);

impl Unit {
    /// The least and the largest value there is.
    pub fn limits(self) -> (f64, f64) {
        let day = DAY as f64;
        let exact = 9_007_199_254_740_992.0;
        match self {
            Self::Whole => (-exact, exact),
            Self::Real => (-f64::MAX, f64::MAX),
            // Eighteen digits are kept, of which as many as a number of 64 bits holds exactly.
            Self::Parts(parts) => (-exact / parts, exact / parts),
            Self::Day => (f64::from(DAYS.0) * day, f64::from(DAYS.1) * day),
            Self::Second => (f64::from(DAYS.0) * day, f64::from(DAYS.1) * day + day - 1.0),
            Self::Clock => (0.0, day - 1.0),
        }
    }

    /// How far a value lies from the only end it has.
    pub fn beyond(self) -> Law {
        match self {
            Self::Day | Self::Second | Self::Clock => Law::LogNormal { mean: libm::log(SOON.0), deviation: SOON.1 },
            _ => NEAR,
        }
    }
}

impl NumberPlan {
    /// Numbers by a law between two ends, either of which may be open.
    pub fn new(unit: Unit, law: LawPlan, low: Option<f64>, high: Option<f64>) -> Self {
        let (least, largest) = unit.limits();
        let low = low.filter(|low| *low > least || unit == Unit::Clock);
        let high = high.filter(|high| *high < largest || unit == Unit::Clock);
        let law = law.from(low);
        let mut plan = Self { unit, law, low, high, fixed: None, distinct: None };
        plan.fixed = plan.fixed();
        plan
    }

    /// The ends that are declared, or that the type has.
    pub fn declared(&self) -> (f64, f64) {
        let (least, largest) = self.unit.limits();
        (self.low.unwrap_or(least), self.high.unwrap_or(largest))
    }

    /// The ends between which values are drawn where a row says nothing else.
    pub fn ends(&self) -> (f64, f64) {
        let (low, high) = self.declared();
        let measured = match &self.law {
            LawPlan::Known(law) => law.is_measure(),
            LawPlan::Mixture { within, .. } => *within,
            _ => false,
        };
        match &self.law {
            LawPlan::Natural => {
                let (_, low, high) = self.natural(low, high);
                (low, high)
            }
            _ if measured => self.window(low, high),
            _ => (low, high),
        }
    }

    /// Two ends of days or moments, where one that is as far away as can be is brought to what is mostly meant.
    pub fn window(&self, low: f64, high: f64) -> (f64, f64) {
        let (least, largest) = self.unit.limits();
        if !matches!(self.unit, Unit::Day | Unit::Second) {
            return (low, high);
        }
        match (low <= least, high >= largest) {
            (false, false) => (low, high),
            (false, true) => (low, (low + TWO_YEARS).min(largest)),
            (true, false) => ((high - TWO_YEARS).max(least), high),
            (true, true) => DAYS_MEANT,
        }
    }

    /// The law where none was written, between two ends, with the ends it is drawn between: evenly; near the only end there is;
    /// and between what is mostly meant where there is none.
    pub fn natural(&self, low: f64, high: f64) -> (Law, f64, f64) {
        let (least, largest) = self.unit.limits();
        let clock = self.unit == Unit::Clock;
        let even = |low: f64, high: f64| {
            let (min, max) = self.unit.widened(low, high);
            (Law::Uniform { min, max }, low, high)
        };
        // An end that only this row has is one that the value follows, and lies near.
        let near = |declared: Option<f64>| declared.is_none() || !matches!(self.unit, Unit::Day | Unit::Second);
        match (low <= least && !clock, high >= largest && !clock) {
            (false, false) => even(low, high),
            (false, true) if near(self.low.filter(|declared| *declared == low)) => {
                (Law::Moved { origin: low, law: self.unit.beyond().into() }, low, high)
            }
            (true, false) if near(self.high.filter(|declared| *declared == high)) => {
                (Law::Mirrored { origin: high, law: self.unit.beyond().into() }, low, high)
            }
            (true, true) if !matches!(self.unit, Unit::Day | Unit::Second) => even(0.0, 1000.0),
            _ => {
                let (low, high) = self.window(low, high);
                even(low, high)
            }
        }
    }

    /// What is drawn where a row says nothing else, if that is known.
    fn fixed(&self) -> Option<Fixed> {
        let (low, high) = self.ends();
        match &self.law {
            LawPlan::Natural => {
                let (declared_low, declared_high) = self.declared();
                let (law, low, high) = self.natural(declared_low, declared_high);
                self.known(&law, low, high)
            }
            LawPlan::Known(law) => self.known(law, low, high),
            LawPlan::Truncated { inner, low: from, high: to } => {
                let inner = Self { law: (**inner).clone(), fixed: None, distinct: None, ..*self };
                let (low, high) = (low.max(self.unit.from(*from, false)), high.min(self.unit.to(*to, false)));
                Self { low: Some(low), high: Some(high), ..inner }.fixed()
            }
            LawPlan::Mixture { parts, within } => {
                let mut weights = Vec::new();
                let mut slices = Vec::new();
                for (share, part) in parts {
                    let law = part.known()?;
                    let (from, to) = self.room(law, low, high);
                    if let Some(slice) = Slice::new(law.clone(), from, to) {
                        weights.push(if *within { *share } else { share * slice.share() });
                        slices.push(slice);
                    }
                }
                Some(Fixed::Mixed(Guide::new(&weights)?, slices))
            }
            LawPlan::Computed { .. } | LawPlan::If { .. } => None,
        }
    }

    /// The points of a law that become values between two ends.
    pub fn room(&self, law: &Law, low: f64, high: f64) -> (f64, f64) {
        if LawPlan::is_discrete(law) { (low, high) } else { self.unit.widened(low, high) }
    }

    fn known(&self, law: &Law, low: f64, high: f64) -> Option<Fixed> {
        let step = self.unit.step();
        if let (Law::Uniform { min, max }, Some(step)) = (law, step)
            && *max > *min
        {
            // The half steps an even law was widened by are less than a step, and fall inwards again.
            let low = low.max(self.unit.from(*min, false));
            let high = high.min(self.unit.to(*max, false));
            let count = ((high - low) / step).round() + 1.0;
            return (1.0..9e15).contains(&count).then_some(Fixed::Even { low, count: count as u64, step });
        }
        let (from, to) = self.room(law, low, high);
        let slice = Slice::new(law.clone(), from, to)?;
        let Some(step) = step.filter(|step| (high - low) / step < TABLE) else { return Some(Fixed::Slice(slice)) };
        let guide = Guide::new(&self.chances(&slice, low, high, step))?;
        Some(Fixed::Table { low, step, guide })
    }

    /// The chance of each value between two ends.
    fn chances(&self, slice: &Slice, low: f64, high: f64, step: f64) -> Vec<f64> {
        let count = ((high - low) / step).round() as u64 + 1;
        let discrete = LawPlan::is_discrete(slice.law());
        let below = |place: u64| {
            let value = low + place as f64 * step;
            let point = if discrete { value } else { self.unit.widened(value, value).0 };
            if place == 0 { 0.0 } else { slice.below(point) }
        };
        let edges: Vec<f64> = (0..count).map(below).chain([1.0]).collect();
        edges.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect()
    }

    /// Gives each of so many rows a value of its own.
    ///
    /// # Errors
    /// Says why that cannot be: one sentence, lower case, no full stop.
    pub fn make_distinct(&mut self, rows: u64, stream: Stream) -> Result<(), String> {
        let natural = matches!(self.law, LawPlan::Natural);
        if natural && matches!(self.unit, Unit::Whole | Unit::Parts(_) | Unit::Real) {
            // Of numbers without an end there are ten for each row, so that they do not look counted.
            let room = 10.0 * rows.max(100) as f64 * self.unit.step().unwrap_or(1.0);
            let (low, high) = match (self.low, self.high) {
                (None, None) => (self.unit.step().unwrap_or(0.0), room),
                (Some(low), None) => (low, low + room),
                (None, Some(high)) => (high - room, high),
                (Some(low), Some(high)) => (low, high),
            };
            (self.low, self.high) = (Some(low), Some(high));
            self.fixed = self.fixed();
        }
        let order = Permutation::new(rows, stream);
        let short = |count: f64| format!("there are only {count} values for {rows} rows, which must all differ");
        self.distinct = Some(match &self.fixed {
            Some(Fixed::Even { count, .. }) if *count < rows => return Err(short(*count as f64)),
            Some(Fixed::Even { count, .. }) => Distinct::Order(Permutation::new(*count, stream)),
            Some(Fixed::Table { low, guide, .. }) => {
                let chances: Vec<f64> =
                    (0..guide.len()).map(|place| guide.up_to(place) - guide.before(place)).collect();
                Distinct::Places { order, low: *low, up_to: shared_out(&chances, rows)? }
            }
            Some(Fixed::Slice(slice)) => match self.unit.step() {
                Some(step) => self.told_apart(slice, rows, step, order)?,
                None => Distinct::Parts(order),
            },
            _ => {
                return Err(
                    "a unique column cannot be drawn from what follows from the row, or from a mixture".to_owned()
                );
            }
        });
        Ok(())
    }

    /// How rows get different values of a law whose values are so far apart.
    fn told_apart(&self, slice: &Slice, rows: u64, step: f64, order: Permutation) -> Result<Distinct, String> {
        let (low, high) = self.ends();
        // All that is likely, and at least twice as many values as there are rows, around the middle.
        let part = 0.25 / rows.max(1) as f64;
        let (middle, reach) = (slice.value(0.5), rows as f64 * step);
        let from = self.unit.fit(slice.value(part).min(middle - reach), low, high);
        let to = self.unit.fit(slice.value(1.0 - part).max(middle + reach), low, high);
        if (to - from) / step < PLACES {
            let inner = Slice::new(slice.law().clone(), from, to).ok_or("no value is left")?;
            if let Ok(up_to) = shared_out(&self.chances(&inner, from, to, step), rows) {
                return Ok(Distinct::Places { order, low: from, up_to });
            }
        }
        if self.is_apart(slice, rows) {
            return Ok(Distinct::Parts(order));
        }
        if rows as f64 > PLACES {
            return Err(format!("{rows} rows would crowd where most of the values lie, and must all differ"));
        }
        // Values that would come again move up to the next that is free.
        let mut values = Vec::with_capacity(rows as usize);
        let mut last = f64::NEG_INFINITY;
        for part in 0..rows {
            let value = self.unit.fit(slice.value((part as f64 + 0.5) / rows as f64), low, high);
            last = value.max(self.unit.from(last, true));
            values.push(last);
        }
        let mut next = high;
        for value in values.iter_mut().rev() {
            if *value <= next {
                break;
            }
            *value = next;
            next = self.unit.to(next, true);
        }
        if values.first().is_some_and(|first| *first < low) {
            return Err(format!("there are too few values for {rows} rows, which must all differ"));
        }
        Ok(Distinct::Listed { order, values })
    }

    /// Whether the middles of all parts of the chances are different values.
    fn is_apart(&self, slice: &Slice, rows: u64) -> bool {
        /// Rows beyond which finding out would take seconds.
        const MOST: u64 = 20_000_000;
        let (low, high) = self.ends();
        let value = |part: u64| self.unit.fit(slice.value((part as f64 + 0.5) / rows as f64), low, high);
        rows <= MOST && (1..rows).all(|part| value(part - 1) < value(part))
    }
}

/// For values with these chances, how many of so many rows have each value or one before it, where no value has more than one.
fn shared_out(chances: &[f64], rows: u64) -> Result<Vec<f64>, String> {
    let possible = chances.iter().filter(|chance| **chance > 0.0).count() as u64;
    if possible < rows {
        return Err(format!("there are only {possible} values for {rows} rows, which must all differ"));
    }
    // Values that would come more than once come once; what is left over goes to the others, by their chances.
    let shared = |scale: f64| chances.iter().map(|chance| (chance * scale).min(1.0)).sum::<f64>();
    let (mut low, mut high) = (libm::log(rows as f64), 700.0);
    for _ in 0..200 {
        let middle = low / 2.0 + high / 2.0;
        if shared(libm::exp(middle)) < rows as f64 { low = middle } else { high = middle }
    }
    let scale = libm::exp(high);
    let mut sum = 0.0;
    let mut up_to: Vec<f64> = chances
        .iter()
        .map(|chance| {
            sum += (chance * scale).min(1.0);
            sum
        })
        .collect();
    // Roundings must not leave the last row without one.
    let missing = rows as f64 - up_to.last().copied().unwrap_or_default();
    if missing > 0.0 {
        if missing > 1e-3 {
            return Err(format!("the chances are too uneven for {rows} rows which must all differ"));
        }
        if let Some(last) = up_to.last_mut() {
            *last = rows as f64;
        }
    }
    Ok(up_to)
}
