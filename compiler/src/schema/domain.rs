//! What a value may be: sets of values that are never smaller than the truth, so that what is proved of them holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::datum::DAY;
use super::expression::Type;

/// Whole numbers up to here are exact as floats; beyond, bounds are moved outwards.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The points between two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether the lower end itself is left out.
    pub low_open: bool,
    /// Whether the upper end itself is left out.
    pub high_open: bool,
    /// Only multiples of this are meant: 1 for whole numbers and seconds, a day's seconds for dates.
    pub step: Option<f64>,
}

/// A bound that came of arithmetic, moved down where it may have been rounded up.
fn down(bound: f64) -> f64 {
    if bound.is_infinite() || (bound.fract() == 0.0 && bound.abs() < EXACT) { bound } else { bound.next_down() }
}

/// A bound that came of arithmetic, moved up where it may have been rounded down.
fn up(bound: f64) -> f64 {
    -down(-bound)
}

impl Range {
    /// Every number; whole ones only where there is a step.
    pub const fn all(step: Option<f64>) -> Self {
        Self { low: f64::NEG_INFINITY, high: f64::INFINITY, low_open: false, high_open: false, step }
    }

    /// From one number to another, both in it.
    pub const fn between(low: f64, high: f64, step: Option<f64>) -> Self {
        Self { low, high, low_open: false, high_open: false, step }
    }

    /// One number.
    pub fn point(at: f64) -> Self {
        let step = (at.fract() == 0.0 && at.abs() < EXACT).then_some(1.0);
        // A number that is not held exactly may be its neighbour.
        if step.is_some() { Self::between(at, at, step) } else { Self::between(at, at, None) }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.low > self.high || (self.low == self.high && (self.low_open || self.high_open))
    }

    /// The only point in it, if there is but one.
    pub fn single(&self) -> Option<f64> {
        (self.low == self.high && !self.is_empty()).then_some(self.low)
    }

    /// The same with its ends on multiples of the step.
    pub fn tightened(mut self) -> Self {
        let Some(step) = self.step else { return self };
        if self.low.is_finite() && self.low.abs() < EXACT {
            let mut low = (self.low / step).ceil() * step;
            if self.low_open && low == self.low {
                low += step;
            }
            (self.low, self.low_open) = (low, false);
        }
        if self.high.is_finite() && self.high.abs() < EXACT {
            let mut high = (self.high / step).floor() * step;
            if self.high_open && high == self.high {
                high -= step;
            }
            (self.high, self.high_open) = (high, false);
        }
        self
    }

    /// What is in both; the multiples this one allows.
    pub fn meet(self, other: Self) -> Self {
        let mut out = self;
        if other.low > out.low {
            (out.low, out.low_open) = (other.low, other.low_open);
        } else if other.low == out.low {
            out.low_open |= other.low_open;
        }
        if other.high < out.high {
            (out.high, out.high_open) = (other.high, other.high_open);
        } else if other.high == out.high {
            out.high_open |= other.high_open;
        }
        // Multiples of both steps are those of the larger where it is one of the smaller.
        out.step = match (self.step, other.step) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (step, None) | (None, step) => step,
        };
        out.tightened()
    }

    /// A range that holds both.
    pub fn join(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (low, low_open) = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Less => (self.low, self.low_open),
            std::cmp::Ordering::Greater => (other.low, other.low_open),
            std::cmp::Ordering::Equal => (self.low, self.low_open && other.low_open),
        };
        let (high, high_open) = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Greater => (self.high, self.high_open),
            std::cmp::Ordering::Less => (other.high, other.high_open),
            std::cmp::Ordering::Equal => (self.high, self.high_open && other.high_open),
        };
        Self { low, high, low_open, high_open, step: common(self.step, other.step) }
    }

    /// Every sum.
    pub fn plus(self, other: Self) -> Self {
        Self {
            low: down(finite_or(self.low + other.low, f64::NEG_INFINITY)),
            high: up(finite_or(self.high + other.high, f64::INFINITY)),
            low_open: false,
            high_open: false,
            step: common(self.step, other.step),
        }
    }

    /// Every number with its sign turned.
    pub fn negated(self) -> Self {
        let Self { low, high, low_open, high_open, step } = self;
        Self { low: -high, high: -low, low_open: high_open, high_open: low_open, step }
    }

    /// Every difference.
    pub fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    /// Every product.
    pub fn times(self, other: Self) -> Self {
        let step = (self.step == Some(1.0) && other.step == Some(1.0)).then_some(1.0);
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        Self::corners(self, other, product, step)
    }

    /// Every quotient by something that is not 0.
    pub fn divided(self, other: Self) -> Self {
        if other.low <= 0.0 && other.high >= 0.0 {
            return Self::all(None);
        }
        let quotient = |a: f64, b: f64| match (a.is_infinite(), b.is_infinite()) {
            (true, true) => f64::NAN,
            _ => a / b,
        };
        Self::corners(self, other, quotient, None)
    }

    /// The hull of an operation that is monotonic in each operand, from what it makes of the ends.
    fn corners(self, other: Self, operation: impl Fn(f64, f64) -> f64, step: Option<f64>) -> Self {
        let mut out = Self { low: f64::INFINITY, high: f64::NEG_INFINITY, low_open: false, high_open: false, step };
        for a in [self.low, self.high] {
            for b in [other.low, other.high] {
                let value = operation(a, b);
                if value.is_nan() {
                    return Self::all(step);
                }
                out.low = out.low.min(value);
                out.high = out.high.max(value);
            }
        }
        out.low = down(out.low);
        out.high = up(out.high);
        out
    }

    /// Every value of a function that never falls.
    pub fn mapped(self, rising: impl Fn(f64) -> f64, step: Option<f64>) -> Self {
        let map = |bound: f64, end: f64| if bound.is_infinite() { end } else { rising(bound) };
        let (low, high) = (map(self.low, f64::NEG_INFINITY), map(self.high, f64::INFINITY));
        Self::between(down(low), up(high), step)
    }

    /// How many points are in it; none where there is no end to them.
    pub fn count(&self) -> Option<u128> {
        let range = self.tightened();
        if range.is_empty() {
            return Some(0);
        }
        let steps = (range.high - range.low) / range.step?;
        (steps.is_finite() && range.low.abs() < EXACT && range.high.abs() < EXACT).then(|| steps as u128 + 1)
    }
}

/// The step of sums: only multiples of a whole unit stay multiples of one.
fn common(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => None,
    }
}

fn finite_or(sum: f64, otherwise: f64) -> f64 {
    if sum.is_nan() { otherwise } else { sum }
}

/// The values something may have, null left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Points on a line; see [`super::datum::Datum::point`].
    Points(Range),
    /// Labels of an enum, or truth values: 0 is false and 1 true.
    Labels(BTreeSet<u32>),
    /// Texts.
    Texts {
        /// The only ones there are; none where any will do.
        known: Option<BTreeSet<Arc<str>>>,
        /// Their lengths in characters.
        length: Range,
    },
    /// Several items.
    Items {
        /// How many.
        length: Range,
    },
    /// Anything at all.
    Anything,
}

/// The lengths of what has no limit.
pub const ANY_LENGTH: Range = Range::between(0.0, f64::INFINITY, Some(1.0));

impl Values {
    /// Every value of a type.
    pub fn all(ty: &Type) -> Self {
        let day = DAY as f64;
        match ty {
            Type::Int => Self::Points(Range::between(i64::MIN as f64, i64::MAX as f64, Some(1.0))),
            Type::Float | Type::Decimal(_) | Type::Duration => Self::Points(Range::all(None)),
            Type::Date => {
                let (first, last) = super::datum::DAYS;
                Self::Points(Range::between(f64::from(first) * day, f64::from(last) * day, Some(day)))
            }
            Type::DateTime => {
                let (first, last) = super::datum::DAYS;
                Self::Points(Range::between(f64::from(first) * day, f64::from(last) * day + day - 1.0, Some(1.0)))
            }
            Type::Time => Self::Points(Range::between(0.0, day - 1.0, Some(1.0))),
            Type::Bool => Self::Labels([0, 1].into()),
            Type::Enum(labels) => Self::Labels((0..labels.labels.len() as u32).collect()),
            Type::Text => Self::Texts { known: None, length: ANY_LENGTH },
            Type::List(_) => Self::Items { length: ANY_LENGTH },
            Type::Json | Type::Null | Type::Unknown => Self::Anything,
        }
    }

    /// One truth value.
    pub fn truth(truth: bool) -> Self {
        Self::Labels([u32::from(truth)].into())
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Points(range) => range.is_empty(),
            Self::Labels(labels) => labels.is_empty(),
            Self::Texts { known, length } => known.as_ref().is_some_and(BTreeSet::is_empty) || length.is_empty(),
            Self::Items { length } => length.is_empty(),
            Self::Anything => false,
        }
    }

    /// What is in both.
    pub fn meet(self, other: Self) -> Self {
        match (self, other) {
            (Self::Points(a), Self::Points(b)) => Self::Points(a.meet(b)),
            (Self::Labels(a), Self::Labels(b)) => Self::Labels(a.intersection(&b).copied().collect()),
            (Self::Texts { known: a, length: one }, Self::Texts { known: b, length: other }) => {
                let length = one.meet(other);
                let known = match (a, b) {
                    (Some(a), Some(b)) => Some(a.intersection(&b).cloned().collect::<BTreeSet<_>>()),
                    (known, None) | (None, known) => known,
                };
                Self::Texts { known: known.map(|known| fitting(known, &length)), length }
            }
            (Self::Items { length: a }, Self::Items { length: b }) => Self::Items { length: a.meet(b) },
            // Values of unlike kinds are never compared where all is understood.
            (this, _) => this,
        }
    }

    /// What holds both.
    pub fn join(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        match (self, other) {
            (Self::Points(a), Self::Points(b)) => Self::Points(a.join(b)),
            (Self::Labels(a), Self::Labels(b)) => Self::Labels(a.union(&b).copied().collect()),
            (Self::Texts { known: a, length: one }, Self::Texts { known: b, length: other }) => {
                let known = a.zip(b).map(|(a, b)| a.union(&b).cloned().collect());
                Self::Texts { known, length: one.join(other) }
            }
            (Self::Items { length: a }, Self::Items { length: b }) => Self::Items { length: a.join(b) },
            _ => Self::Anything,
        }
    }

    /// The points, where it is some; every one otherwise.
    pub fn points(&self) -> Range {
        match self {
            Self::Points(range) => *range,
            _ => Range::all(None),
        }
    }

    /// The lengths of its texts or lists.
    pub fn length(&self) -> Range {
        match self {
            Self::Texts { length, .. } | Self::Items { length } => *length,
            _ => ANY_LENGTH,
        }
    }
}

fn fitting(known: BTreeSet<Arc<str>>, length: &Range) -> BTreeSet<Arc<str>> {
    let fits = |text: &Arc<str>| {
        let count = text.chars().count() as f64;
        length.low <= count && count <= length.high
    };
    known.into_iter().filter(fits).collect()
}

/// What a value may be, null counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// Its values, if it has one.
    pub values: Values,
    /// Why it may be null; nothing where it cannot.
    pub null: Option<Null>,
}

/// Why a value may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Null {
    /// Where the null comes from.
    pub span: ndsl_grammar::Span,
    /// What to say there.
    pub reason: &'static str,
}

impl Domain {
    /// Values that are always there.
    pub fn of(values: Values) -> Self {
        Self { values, null: None }
    }

    /// Whether not even null is left.
    pub fn is_empty(&self) -> bool {
        self.null.is_none() && self.values.is_empty()
    }

    /// What holds both.
    pub fn join(self, other: Self) -> Self {
        Self { values: self.values.join(other.values), null: self.null.or(other.null) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_leave_no_room_between_neighbours() {
        let open = Range { low_open: true, high_open: true, ..Range::between(3.0, 4.0, Some(1.0)) };
        assert!(open.tightened().is_empty());
        assert!(!Range { step: None, ..open }.tightened().is_empty());
        assert_eq!(Range::between(18.0, 95.0, Some(1.0)).count(), Some(78));
    }

    #[test]
    fn arithmetic_holds_every_result() {
        let a = Range::between(-2.0, 3.0, Some(1.0));
        let b = Range::between(4.0, 5.0, Some(1.0));
        assert_eq!((a.plus(b).low, a.plus(b).high), (2.0, 8.0));
        assert_eq!((a.minus(b).low, a.minus(b).high), (-7.0, -1.0));
        assert_eq!((a.times(b).low, a.times(b).high), (-10.0, 15.0));
        assert_eq!(b.divided(a), Range::all(None));
        let unbounded = Range::all(None).minus(Range::all(None));
        assert!(unbounded.low.is_infinite() && unbounded.high.is_infinite());
    }
}
