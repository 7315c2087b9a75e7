//! The values a column can hold, as plain data.

use std::fmt;
use std::sync::Arc;

use ndsl_grammar::ast;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// One value of a column, or a constant in an expression over columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number; a decimal too, as the number nearest to it.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A day, counted from 1970-01-01, which is 0.
    Date(i32),
    /// A moment without a time zone, in seconds from 1970-01-01T00:00:00.
    DateTime(i64),
    /// A time of day, in seconds from midnight.
    Time(u32),
    /// A length of time, in seconds.
    Duration(f64),
    /// A label of an enum, by its place among the labels, from 0.
    Label(u32),
}

impl Datum {
    /// The value as a point on a line: numbers as they are, days and moments in seconds from 1970, times and lengths of
    /// time in seconds; nothing for what has no place on one.
    pub fn point(&self) -> Option<f64> {
        Some(match self {
            Self::Int(number) => *number as f64,
            Self::Float(number) => *number,
            Self::Date(day) => (i64::from(*day) * DAY) as f64,
            Self::DateTime(second) => *second as f64,
            Self::Time(second) => f64::from(*second),
            Self::Duration(seconds) => *seconds,
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Label(_) => return None,
        })
    }

    /// The moment of a date and a time.
    pub fn moment(date: ast::Date, time: ast::Time) -> Self {
        Self::DateTime(i64::from(day_number(date)) * DAY + i64::from(second_of_day(time)))
    }
}

impl fmt::Display for Datum {
    /// As the language writes it; a label by its number, since only its enum knows its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Date(day) => f.write_str(&written_day(i64::from(*day))),
            Self::DateTime(second) => {
                write!(f, "{}T{}", written_day(second.div_euclid(DAY)), written_time(second.rem_euclid(DAY)))
            }
            Self::Time(second) => f.write_str(&written_time(i64::from(*second))),
            Self::Duration(seconds) => f.write_str(&written_duration(*seconds)),
            Self::Label(index) => write!(f, "label {index}"),
        }
    }
}

/// A length of time in the largest unit that makes it whole: `90min`, `7d`.
pub fn written_duration(seconds: f64) -> String {
    let units = [(DAY as f64, "d"), (3600.0, "h"), (60.0, "min")];
    match units.iter().find(|(unit, _)| seconds != 0.0 && seconds % unit == 0.0) {
        Some((unit, name)) => format!("{}{name}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

fn written_time(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn written_day(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The seconds from midnight to a time of day.
pub fn second_of_day(time: ast::Time) -> u32 {
    u32::from(time.hour) * 3600 + u32::from(time.minute) * 60 + u32::from(time.second)
}

/// The days from 1970-01-01 to a date of the Gregorian calendar.
pub fn day_number(date: ast::Date) -> i32 {
    // Years begin in March, so that the day a leap year adds is the last of one.
    let month = i32::from(date.month);
    let year = i32::from(date.year) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(date.day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The year, month and day of a day counted from 1970-01-01, by products in place of most divisions: Neri and Schneider, "Euclidean
/// affine functions and their application to calendar algorithms", Software: Practice and Experience 53 (2023).
#[inline]
pub const fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let quarters = 4 * day.rem_euclid(146_097) as u32 + 3;
    let century = quarters / 146_097;
    let product = 2_939_745 * ((quarters % 146_097) | 3) as u64;
    let year = 100 * century + (product >> 32) as u32;
    let of_year = product as u32 / 2_939_745 / 4;
    let months = 2141 * of_year + 197_913;
    let (month, of_month) = (months >> 16, (months & 0xffff) / 2141);
    // Years begin in March here.
    let is_next = of_year >= 306;
    let month = if is_next { month - 12 } else { month };
    (era * 400 + year as i64 + is_next as i64, month as i64, of_month as i64 + 1)
}

/// The first day there is, 0001-01-01, and the last, 9999-12-31.
pub const DAYS: (i32, i32) = (-719_162, 2_932_896);

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> ast::Date {
        ast::Date { year, month, day }
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day_number(date(1970, 1, 1)), 0);
        assert_eq!(day_number(date(2000, 3, 1)), 11_017);
        assert_eq!((day_number(date(1, 1, 1)), day_number(date(9999, 12, 31))), DAYS);
    }

    #[test]
    fn every_day_of_the_calendar_comes_back() {
        for day in (DAYS.0..=DAYS.1).step_by(1) {
            let (year, month, of_month) = civil(i64::from(day));
            assert_eq!(day_number(date(year as u16, month as u8, of_month as u8)), day);
        }
    }

    #[test]
    fn values_are_written_as_the_language_reads_them() {
        assert_eq!(Datum::Date(day_number(date(2019, 1, 31))).to_string(), "2019-01-31");
        let moment = Datum::moment(date(2019, 1, 31), ast::Time { hour: 8, minute: 30, second: 0 });
        assert_eq!(moment.to_string(), "2019-01-31T08:30:00");
        assert_eq!(Datum::Duration(7.0 * 86_400.0).to_string(), "7d");
        assert_eq!(Datum::Duration(5400.0).to_string(), "90min");
    }
}
