//! Dates and times of a day as they are written, and which of them exist.

use crate::ast::{Date, Time};
use crate::literal::bad;
use crate::{Span, SyntaxError, SyntaxErrorKind};

/// Why something written as a date or a time is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nowhen {
    /// Years go from 1 to 9999.
    Year,
    /// There are twelve months.
    Month(u8),
    /// The month has fewer days: so many, of that month and year.
    Day { month: u8, year: u16, days: u8 },
    /// A day has 24 hours of 60 minutes of 60 seconds.
    Clock,
}

impl Nowhen {
    /// The error on the literal at `span`.
    pub(crate) fn error(self, span: Span) -> SyntaxError {
        let (message, label) = match self {
            Self::Year => ("there is no such year".to_owned(), "years go from 0001 to 9999".to_owned()),
            Self::Month(month) => (format!("there is no month {month}"), "a year has 12 months".to_owned()),
            Self::Day { month, year, days } => {
                let name = MONTHS[usize::from(month) - 1];
                ("there is no such day".to_owned(), format!("{name} {year} has {days} days"))
            }
            Self::Clock => ("there is no such time of day".to_owned(), "times go from 00:00:00 to 23:59:59".to_owned()),
        };
        bad(SyntaxErrorKind::BadNumber, span, &message, &label)
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day that `2019-01-31` names.
pub(crate) fn date(text: &str) -> Result<Date, Nowhen> {
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u16>().ok());
    let (Some(year @ 1..), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return Err(Nowhen::Year);
    };
    // Two digits each, so they fit.
    let (month, day) = (month as u8, day as u8);
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(Nowhen::Month(month)),
    };
    if (1..=days).contains(&day) { Ok(Date { year, month, day }) } else { Err(Nowhen::Day { month, year, days }) }
}

/// The time of day that `08:30:00` or `08:30` names.
pub(crate) fn time(text: &str) -> Result<Time, Nowhen> {
    let mut parts = text.split(':').map(|digits| digits.parse::<u8>().map_err(|_| Nowhen::Clock));
    let mut part = || parts.next().unwrap_or(Ok(0));
    let (hour, minute, second) = (part()?, part()?, part()?);
    if hour < 24 && minute < 60 && second < 60 { Ok(Time { hour, minute, second }) } else { Err(Nowhen::Clock) }
}

/// The moment that `2019-01-31T08:30:00` names.
pub(crate) fn date_time(text: &str) -> Result<(Date, Time), Nowhen> {
    let (day, clock) = text.split_once('T').ok_or(Nowhen::Clock)?;
    Ok((date(day)?, time(clock)?))
}
