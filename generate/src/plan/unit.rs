//! How the points of a line become values of a column.

use ndsl_compiler::schema::Type;
use ndsl_compiler::schema::datum::DAY;

use crate::column::Values;

/// What a column's values are multiples of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// Whole numbers: points are rounded, half to even.
    Whole,
    /// Any number.
    Real,
    /// Numbers with so many in one: 100 for two digits after the point. Points are rounded, half to even.
    Parts(f64),
    /// Days: a point belongs to the day it lies in.
    Day,
    /// Moments: a point belongs to the second it lies in.
    Second,
    /// Times of day, likewise.
    Clock,
}

const SECONDS: f64 = DAY as f64;

impl Unit {
    /// Of the values of a type; nothing for what is not measured.
    pub fn of(ty: &Type) -> Option<Self> {
        Some(match ty {
            Type::Int => Self::Whole,
            Type::Float => Self::Real,
            Type::Decimal(places) => Self::Parts(10f64.powi(i32::from(*places))),
            Type::Date => Self::Day,
            Type::DateTime => Self::Second,
            Type::Time => Self::Clock,
            _ => return None,
        })
    }

    /// What neighbours are apart by; nothing where there is always another between.
    pub fn step(self) -> Option<f64> {
        match self {
            Self::Whole | Self::Second | Self::Clock => Some(1.0),
            Self::Parts(parts) => Some(1.0 / parts),
            Self::Day => Some(SECONDS),
            Self::Real => None,
        }
    }

    /// The points that become values from `low` to `high`, both of them values.
    #[inline]
    pub fn widened(self, low: f64, high: f64) -> (f64, f64) {
        match self {
            Self::Whole => (low - 0.5, high + 0.5),
            Self::Parts(parts) => (low - 0.5 / parts, high + 0.5 / parts),
            Self::Real => (low, high),
            Self::Day => (low, (high + SECONDS).next_down()),
            Self::Second | Self::Clock => (low, (high + 1.0).next_down()),
        }
    }

    /// The value a point becomes, as a point, within the ends.
    #[inline]
    pub fn fit(self, point: f64, low: f64, high: f64) -> f64 {
        let value = match self {
            Self::Whole => point.round_ties_even(),
            Self::Real => point,
            Self::Parts(parts) => (point * parts).round_ties_even() / parts,
            Self::Day => (point / SECONDS).floor() * SECONDS,
            Self::Second | Self::Clock => point.floor(),
        };
        value.max(low).min(high)
    }

    /// The least value that is not below `point`, or is above it.
    pub fn from(self, point: f64, above: bool) -> f64 {
        match (self, self.step()) {
            (Self::Parts(parts), _) => {
                // `point * parts` of what was divided by them is whole again but for a rounding.
                let at = near(point * parts);
                (if above { at.floor() + 1.0 } else { at.ceil() }) / parts
            }
            (_, Some(step)) => {
                let at = point / step;
                (if above { at.floor() + 1.0 } else { at.ceil() }) * step
            }
            (_, None) => {
                if above {
                    point.next_up()
                } else {
                    point
                }
            }
        }
    }

    /// The largest value that is not above `point`, or is below it.
    pub fn to(self, point: f64, below: bool) -> f64 {
        -self.from(-point, below)
    }

    /// Values of these points.
    pub fn values(self, points: Vec<f64>) -> Values {
        match self {
            Self::Whole => Values::Int(points.into_iter().map(|point| point as i64).collect()),
            Self::Real | Self::Parts(_) => Values::Float(points),
            Self::Day => Values::Date(points.into_iter().map(|point| (point / SECONDS) as i32).collect()),
            Self::Second => Values::DateTime(points.into_iter().map(|point| point as i64).collect()),
            Self::Clock => Values::Time(points.into_iter().map(|point| point as u32).collect()),
        }
    }
}

/// A number that is whole but for a rounding, as that.
fn near(number: f64) -> f64 {
    let whole = number.round();
    if (number - whole).abs() < 1e-9 * whole.abs().max(1.0) { whole } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_values() {
        assert_eq!(
            (Unit::Whole.from(2.5, false), Unit::Whole.from(3.0, false), Unit::Whole.from(3.0, true)),
            (3.0, 3.0, 4.0)
        );
        assert_eq!((Unit::Whole.to(2.5, false), Unit::Whole.to(3.0, true)), (2.0, 2.0));
        assert_eq!(Unit::Parts(100.0).from(0.1 + 0.2, false), 0.3);
        assert_eq!(Unit::Parts(100.0).to(0.29, true), 0.28);
        assert_eq!(Unit::Day.from(1.0, false), SECONDS);
        assert_eq!(Unit::Real.from(1.0, true), 1.0f64.next_up());
        assert_eq!(Unit::Day.values(vec![-SECONDS]).len(), 1);
    }
}
