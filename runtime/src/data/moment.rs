//! Days, moments and times of day as files have them: ISO 8601, without a time zone.

use ndsl_compiler::schema::datum::{DAY, day_number};
use ndsl_grammar::ast::Date;

/// The days from 1970-01-01 to `2019-01-31`.
#[inline]
pub(crate) fn day(text: &str) -> Option<i64> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text.as_bytes() else { return None };
    let (year, month, day) = (pair(*a, *b)? * 100 + pair(*c, *d)?, pair(*e, *f)?, pair(*g, *h)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        1..=12 => 31,
        _ => return None,
    };
    let exists = year > 0 && (1..=days).contains(&day);
    exists.then(|| i64::from(day_number(Date { year: year as u16, month: month as u8, day: day as u8 })))
}

/// The seconds from 1970-01-01T00:00:00 to `2019-01-31T08:30:00`, `2019-01-31 08:30` or `2019-01-31`.
#[inline]
pub(crate) fn moment(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = day(date)? * DAY;
    match rest.as_bytes().first() {
        None => Some(midnight),
        Some(b'T' | b' ') => Some(midnight + clock(&rest[1..])?),
        Some(_) => None,
    }
}

/// The seconds from midnight to `08:30:00`, `08:30` or `08:30:00.25`; what is less than a second is cut off.
#[inline]
pub(crate) fn clock(text: &str) -> Option<i64> {
    let (hour, minute, second) = match text.as_bytes() {
        [a, b, b':', c, d] => (pair(*a, *b)?, pair(*c, *d)?, 0),
        [a, b, b':', c, d, b':', e, f, rest @ ..] => {
            let is_fraction = match rest {
                [] => true,
                [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
                _ => false,
            };
            (pair(*a, *b)?, pair(*c, *d)?, pair(*e, *f).filter(|_| is_fraction)?)
        }
        _ => return None,
    };
    let exists = hour < 24 && minute < 60 && second < 60;
    exists.then(|| i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

/// The number of two digits.
#[inline]
fn pair(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
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
    fn every_day_that_exists_is_read_and_no_other() {
        use ndsl_compiler::schema::datum::civil;
        for year in [1, 4, 100, 400, 1900, 1999, 2000, 2024, 2100, 9999] {
            for (month, of_month) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let found = day(&format!("{year:04}-{month:02}-{of_month:02}"));
                let date = Date { year: year as u16, month: 1.max(month as u8).min(12), day: 1.max(of_month as u8) };
                let number = i64::from(day_number(date));
                let exists = civil(number) == (year, month, of_month);
                assert_eq!(found, exists.then_some(number), "{year:04}-{month:02}-{of_month:02}");
            }
        }
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
