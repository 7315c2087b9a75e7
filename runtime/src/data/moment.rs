//! Days, moments and times of day as files have them: ISO 8601, without a time zone.

use ndsl_compiler::schema::datum::{DAY, civil, day_number};
use ndsl_grammar::ast::Date;

/// The days from 1970-01-01 to `2019-01-31`.
pub(crate) fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || year == 0 {
        return None;
    }
    let date = Date { year: year as u16, month: month as u8, day: day as u8 };
    let number = i64::from(day_number(date));
    // A day that does not exist is another one when it comes back.
    (civil(number) == (i64::from(year), i64::from(month), i64::from(day))).then_some(number)
}

/// The seconds from 1970-01-01T00:00:00 to `2019-01-31T08:30:00`, `2019-01-31 08:30` or `2019-01-31`.
pub(crate) fn moment(text: &str) -> Option<i64> {
    match text.split_once(['T', ' ']) {
        Some((date, time)) => Some(day(date)? * DAY + clock(time)?),
        None => Some(day(text)? * DAY),
    }
}

/// The seconds from midnight to `08:30:00`, `08:30` or `08:30:00.25`; what is less than a second is cut off.
pub(crate) fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = match parts.next() {
        None => 0,
        Some(second) => match second.split_once('.') {
            None => digits(second, 2)?,
            Some((second, fraction)) if !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits(second, 2)?
            }
            Some(_) => return None,
        },
    };
    let exists = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    exists.then(|| i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_as_they_are_written() {
        assert_eq!(day("1970-01-02"), Some(1));
        assert_eq!(day("2000-03-01"), Some(11_017));
        assert_eq!(moment("1970-01-01T00:01:00"), Some(60));
        assert_eq!(moment("1970-01-02 00:00"), Some(DAY));
        assert_eq!(moment("1969-12-31"), Some(-DAY));
        assert_eq!(clock("08:30:15.75"), Some(30_615));
    }

    #[test]
    fn what_does_not_exist_is_none() {
        for text in ["2019-02-29", "2019-13-01", "2019-1-1", "0000-01-01", "31.01.2019", "2019-01-31x", ""] {
            assert_eq!(day(text), None, "{text}");
        }
        for text in ["24:00", "08:60", "8:30", "08:30:60", "08:30:00.", "08:30Z"] {
            assert_eq!(clock(text), None, "{text}");
        }
        assert_eq!(moment("2019-01-31T08:30:00Z"), None);
    }
}
