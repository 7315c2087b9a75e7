//! The values of a column as points on a line, each with how often it is there.

use ndsl_compiler::schema::datum::{DAY, Datum, written_duration};

/// What the values of a column are multiples of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// Whole numbers.
    Whole,
    /// Any number.
    Real,
    /// Numbers with so many digits behind the point.
    Places(u8),
    /// Days, as seconds.
    Day,
    /// Moments.
    Second,
    /// Times of day.
    Clock,
}

impl Unit {
    /// Between which points those lie that become a value: rounded for numbers, cut off for times.
    pub fn around(self, value: f64) -> (f64, f64) {
        match self {
            Self::Whole => (value - 0.5, value + 0.5),
            Self::Places(places) => {
                let half = 0.5 / 10f64.powi(places.into());
                (value - half, value + half)
            }
            Self::Real => (value, value),
            Self::Day => (value, value + DAY as f64),
            Self::Second | Self::Clock => (value, value + 1.0),
        }
    }

    /// Whether its values are numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Real | Self::Places(_))
    }

    /// A value as a program writes it.
    pub fn written(self, value: f64) -> String {
        match self {
            Self::Whole => format!("{value:.0}"),
            Self::Real => {
                let text = format!("{value:?}");
                text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
            }
            Self::Places(0) => format!("{value:.0}"),
            Self::Places(places) => {
                let text = format!("{value:.*}", usize::from(places));
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            Self::Day => Datum::Date((value / DAY as f64).round() as i32).to_string(),
            Self::Second => match value as i64 % DAY {
                0 => Datum::Date((value / DAY as f64).round() as i32).to_string(),
                _ => Datum::DateTime(value as i64).to_string(),
            },
            Self::Clock => Datum::Time(value as u32).to_string(),
        }
    }

    /// How far values spread, as a program writes it.
    pub fn spread(self, size: f64) -> String {
        match self {
            Self::Whole | Self::Real | Self::Places(_) => rounded(size),
            Self::Day => written_duration((size / DAY as f64).round().max(1.0) * DAY as f64),
            Self::Second | Self::Clock => {
                let steps = [DAY as f64, 3600.0, 60.0];
                let step = steps.into_iter().find(|step| size >= 20.0 * step).unwrap_or(1.0);
                written_duration((size / step).round().max(1.0) * step)
            }
        }
    }

    /// What [`Self::spread`] wrote, as a number again.
    pub fn spread_of(self, size: f64) -> f64 {
        match self {
            Self::Whole | Self::Real | Self::Places(_) => rounded(size).parse().unwrap_or(size),
            Self::Day => (size / DAY as f64).round().max(1.0) * DAY as f64,
            Self::Second | Self::Clock => {
                let steps = [DAY as f64, 3600.0, 60.0];
                let step = steps.into_iter().find(|step| size >= 20.0 * step).unwrap_or(1.0);
                (size / step).round().max(1.0) * step
            }
        }
    }
}

/// Ends around two numbers that are written with four digits where that is near enough.
pub fn around(ends: (f64, f64)) -> (f64, f64) {
    let outwards = |end: f64, away: &dyn Fn(f64) -> f64| {
        if end == 0.0 {
            return end;
        }
        let power = 10f64.powi(end.abs().log10().floor() as i32 - 3);
        let found: f64 = rounded(away(end / power) * power).parse().unwrap_or(end);
        if !power.is_normal() { end } else { found }
    };
    let (low, high) = (outwards(ends.0, &f64::floor), outwards(ends.1, &f64::ceil));
    // A rounding may have gone the other way.
    (if low <= ends.0 { low } else { ends.0 }, if high >= ends.1 { high } else { ends.1 })
}

/// A number of four digits, as a program writes it.
pub fn rounded(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".to_owned();
    }
    let digits = number.abs().log10().floor() as i32;
    let text = match 3 - digits {
        places @ 0..=12 => format!("{number:.*}", places as usize),
        ..0 => {
            let power = 10f64.powi(digits - 3);
            return format!("{:.0}", (number / power).round() * power);
        }
        _ => return format!("{number:.3e}"),
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Values in rising order.
#[derive(Clone, Debug)]
pub struct Points {
    /// What they are multiples of.
    pub unit: Unit,
    /// The least and the largest value of the whole column.
    pub ends: (f64, f64),
    /// Each once, with how often it is there, in rising order.
    all: Vec<(f64, u64)>,
    count: u64,
}

/// A value is frequent that this share of a column's have,
const SHARE: f64 = 0.02;

/// and that is so many times as frequent as those around it.
const TIMES: f64 = 6.0;

/// Values on each side that are around one.
const AROUND: usize = 6;

/// The most frequent values that are told by themselves.
const FREQUENT: usize = 8;

impl Points {
    /// Values in rising order, none of which stands there twice.
    pub fn new(unit: Unit, ends: (f64, f64), all: Vec<(f64, u64)>) -> Self {
        let count = all.iter().map(|(_, count)| count).sum();
        Self { unit, ends, all, count }
    }

    /// How many values there are in all.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many different ones.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Each with how often it is there, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.all.iter().copied()
    }

    /// Each with the share of values that are less and of those up to it.
    pub fn shares(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let mut before = 0;
        self.all.iter().map(move |(point, count)| {
            let less = before as f64 / self.count as f64;
            before += count;
            (*point, less, before as f64 / self.count as f64)
        })
    }

    /// The values that are far more frequent than those around them, the most frequent first, and the others.
    pub fn parted(&self) -> (Vec<(f64, u64)>, Option<Self>) {
        let around = |place: usize| {
            let from = place.saturating_sub(AROUND);
            let to = (place + AROUND + 1).min(self.all.len());
            let mut counts: Vec<u64> =
                (from..to).filter(|other| *other != place).map(|other| self.all[other].1).collect();
            counts.sort_unstable();
            counts.get(counts.len() / 2).copied().unwrap_or(0)
        };
        let is_frequent = |place: &usize| {
            let count = self.all[*place].1 as f64;
            count >= SHARE * self.count as f64 && count >= TIMES * around(*place) as f64
        };
        let mut places: Vec<usize> = (0..self.all.len()).filter(is_frequent).collect();
        places.sort_by_key(|place| std::cmp::Reverse(self.all[*place].1));
        places.truncate(FREQUENT);
        let frequent: Vec<(f64, u64)> = places.iter().map(|place| self.all[*place]).collect();
        let others: Vec<(f64, u64)> =
            self.all.iter().copied().filter(|(point, _)| !frequent.iter().any(|(other, _)| other == point)).collect();
        let ends = others.first().zip(others.last()).map(|(first, last)| (first.0, last.0));
        (frequent, ends.filter(|_| others.len() > 1).map(|ends| Self::new(self.unit, ends, others)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_four_digits() {
        let cases =
            [(41.23456, "41.23"), (0.000123456, "0.0001235"), (123456.0, "123500"), (5.0, "5"), (-0.25, "-0.25")];
        for (number, text) in cases {
            assert_eq!(rounded(number), text);
        }
        assert_eq!(rounded(1.5e-12).parse::<f64>(), Ok(1.5e-12));
    }

    #[test]
    fn ends_are_rounded_outwards() {
        assert_eq!(around((0.025927, 0.694518)), (0.02592, 0.6946));
        assert_eq!(around((-12.34567, 0.0)), (-12.35, 0.0));
        assert_eq!(around((1.0, 100.0)), (1.0, 100.0));
    }

    #[test]
    fn frequent_values_are_parted_from_the_others() {
        let all: Vec<(f64, u64)> =
            std::iter::once((0.0, 900)).chain((1..=100).map(|number| (f64::from(number), 1))).collect();
        let (frequent, others) = Points::new(Unit::Whole, (0.0, 100.0), all).parted();
        assert_eq!(frequent, [(0.0, 900)]);
        assert_eq!(others.map(|others| (others.count(), others.ends)), Some((100, (1.0, 100.0))));
    }
}
