//! A distribution between two ends.

use super::Law;

/// The chances between two ends of a distribution, stretched from 0 to 1.
#[derive(Clone, Debug)]
pub struct Slice {
    law: Law,
    /// The chance up to the lower end; where `upper`, the chance from the upper end on.
    start: f64,
    /// The chance between the ends.
    width: f64,
    /// Whether chances are counted from above, as those far above the middle must be to differ from 1.
    upper: bool,
    low: f64,
    high: f64,
}

impl Slice {
    /// What lies between two ends, both included; nothing where next to no chance lies there.
    pub fn new(law: Law, low: f64, high: f64) -> Option<Self> {
        // Where not every number is a value, the ends are values, so that a rounding leads to one.
        let (low, high) = match &law {
            Law::Points { at, .. } => {
                let (first, end) =
                    (at.partition_point(|point| *point < low), at.partition_point(|point| *point <= high));
                (*at.get(first)?, *at.get(end.checked_sub(1)?)?)
            }
            Law::Counts(_) => (low.ceil(), high.floor()),
            _ => (low, high),
        };
        if low.is_nan() || high.is_nan() || low > high {
            return None;
        }
        let start = law.below(low);
        let upper = !law.is_measure() && start > 0.5;
        let (start, width) = if upper {
            let (from, to) = (law.above(high), 1.0 - start);
            // Both are exact: what lies at or above the lower end is what is above it, and itself.
            let whole = law.above(low.next_down());
            (from, if whole > 0.0 { whole - from } else { to - from })
        } else if law.is_measure() {
            (start, law.below(high) - start)
        } else if high == f64::INFINITY {
            (start, 1.0 - start)
        } else {
            let above = law.above(high);
            // What is above is the more exact of the two where it is small.
            let end = if above > 0.5 { law.below(high.next_up()) } else { 1.0 - above };
            (start, end - start)
        };
        (width > 1e-290 && width.is_finite()).then_some(Self { law, start, width, upper, low, high })
    }

    /// The value at a part `u` of the chances, from 0 to 1.
    #[inline]
    pub fn value(&self, u: f64) -> f64 {
        let value = if self.upper {
            self.law.upper(self.start + self.width * (1.0 - u))
        } else {
            self.law.quantile(self.start + self.width * u)
        };
        // Roundings may lead beyond an end.
        value.max(self.low).min(self.high)
    }

    /// The share of the whole distribution that lies between the ends.
    pub fn share(&self) -> f64 {
        self.width
    }

    /// The distribution.
    pub fn law(&self) -> &Law {
        &self.law
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The chance of less than `x`.
    pub fn below(&self, x: f64) -> f64 {
        if x <= self.low {
            0.0
        } else if x > self.high {
            1.0
        } else if self.upper {
            (1.0 - (self.law.above(x.next_down()) - self.start) / self.width).clamp(0.0, 1.0)
        } else {
            ((self.law.below(x) - self.start) / self.width).clamp(0.0, 1.0)
        }
    }
}
