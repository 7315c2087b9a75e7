//! A cell as a value: what it may be, found by its bytes alone.

use crate::data::{Cell, moment};

/// What stands for a missing value beside an empty cell, in any case; the same words that reading a table takes for one.
pub const NULLS: [&str; 6] = ["null", "na", "n/a", "nan", "none", "?"];

/// The powers of ten that are exact.
const POWERS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// Whole numbers up to this are exact as floats.
const EXACT: u64 = 1 << 53;

/// A number that a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numeral {
    /// What it is.
    pub number: f64,
    /// It as a whole number, where it is one that an `i64` holds.
    pub whole: Option<i64>,
    /// The digits behind its point, more than any column of decimals has where it is written with an exponent.
    pub places: u8,
}

/// A point in time that a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// A day, in seconds from 1970.
    Day(i64),
    /// A moment, likewise.
    Moment(i64),
    /// A time of day, in seconds from midnight.
    Clock(i64),
}

/// A value that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// A text, of which it is still to be found what it may be.
    Text(&'v str),
    /// A number.
    Number(Numeral),
    /// A point in time.
    Time(Time),
    /// A truth value.
    Truth(bool),
    /// What is no single value.
    Other,
}

/// How a value stands among those that are counted: its kind and its bytes.
pub const TEXT: u8 = 0;
const WHOLE: u8 = 1;
const NUMBER: u8 = 2;
const TRUTH: u8 = 3;
const DAY: u8 = 4;
const MOMENT: u8 = 5;
const CLOCK: u8 = 6;
const OTHER: u8 = 7;

/// The bytes of a cell without the blanks around them, its kind among counted values, and whether it is missing.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'r> {
    /// Nothing is there.
    Missing,
    /// Bytes of a text.
    Bytes(&'r [u8]),
    /// A value of another kind.
    Number(u8, u64),
}

impl<'r> Raw<'r> {
    /// What stands in a cell.
    #[inline]
    pub fn of(cell: Cell<'r>) -> Self {
        match cell {
            Cell::Null => Self::Missing,
            Cell::Bytes(bytes) => Self::Bytes(trimmed(bytes)),
            Cell::Text(text) => Self::Bytes(trimmed(text.as_bytes())),
            Cell::Whole(whole) => Self::Number(WHOLE, whole as u64),
            Cell::Number(number) if number.is_nan() => Self::Missing,
            Cell::Number(number) => Self::Number(NUMBER, number.to_bits()),
            Cell::Truth(truth) => Self::Number(TRUTH, u64::from(truth)),
            Cell::Day(day) => Self::Number(DAY, day as u64),
            Cell::Moment(second) => Self::Number(MOMENT, second as u64),
            Cell::Clock(second) => Self::Number(CLOCK, second as u64),
            Cell::Json(_) | Cell::List(_) | Cell::Other(_) => Self::Number(OTHER, 0),
        }
    }
}

/// The value of counted bytes; nothing for a text that is no UTF-8.
pub fn value(kind: u8, bytes: &[u8]) -> Option<Value<'_>> {
    if kind == TEXT {
        return std::str::from_utf8(bytes).ok().map(Value::Text);
    }
    let bits = bytes.try_into().map_or(0, u64::from_le_bytes);
    let second = bits as i64;
    Some(match kind {
        WHOLE => Value::Number(Numeral { number: second as f64, whole: Some(second), places: 0 }),
        NUMBER => Value::Number(measured(f64::from_bits(bits))),
        TRUTH => Value::Truth(bits != 0),
        DAY => Value::Time(Time::Day(second.saturating_mul(86_400))),
        MOMENT => Value::Time(Time::Moment(second)),
        CLOCK => Value::Time(Time::Clock(second)),
        _ => Value::Other,
    })
}

/// Bytes without blanks around them, as a reader of a table has them.
#[inline]
fn trimmed(bytes: &[u8]) -> &[u8] {
    let plain = |byte: Option<&u8>| byte.is_none_or(|byte| (0x21..0x7f).contains(byte));
    if plain(bytes.first()) && plain(bytes.last()) {
        return bytes;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => bytes,
    }
}

/// Whether a text means that there is no value.
#[inline]
pub fn is_null(bytes: &[u8]) -> bool {
    bytes.is_empty()
        || (bytes.len() <= 4
            && matches!(bytes[0], b'n' | b'N' | b'?')
            && NULLS.iter().any(|null| bytes.eq_ignore_ascii_case(null.as_bytes())))
}

/// The number that a text is written as: digits, perhaps with a point, a minus sign or an exponent. A code such as `007` is none, nor is
/// one that no `i64` holds and has no point.
#[inline]
pub fn numeral(text: &[u8]) -> Option<Numeral> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    // Nineteen digits are below 2^64.
    if digits.len() > 19 {
        return written(text);
    }
    let (mut number, mut point) = (0u64, None);
    for (place, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + u64::from(digit);
        } else if *byte == b'.' && point.is_none() {
            point = Some(place);
        } else {
            return written(text);
        }
    }
    let (before, places) = point.map_or((digits.len(), 0), |point| (point, digits.len() - point - 1));
    if before == 0 || (point.is_some() && places == 0) || (before > 1 && digits[0] == b'0') {
        return written(text);
    }
    if number > EXACT && places > 0 {
        return written(text);
    }
    let whole = match places {
        0 => {
            let whole = i64::try_from(number).ok()?;
            Some(if negative { -whole } else { whole })
        }
        // As pandas writes whole numbers where some are missing: `39.0`.
        1 if number.is_multiple_of(10) => Some(if negative { -((number / 10) as i64) } else { (number / 10) as i64 }),
        _ => None,
    };
    let size = number as f64 / POWERS[places];
    Some(Numeral { number: if negative { -size } else { size }, whole, places: places as u8 })
}

/// Digits behind the point of what has more than a decimal can have.
pub const MANY: u8 = u8::MAX;

/// A number that is written in another way.
#[cold]
fn written(text: &[u8]) -> Option<Numeral> {
    // `inf` and `nan` are words, `+1` may be a telephone's.
    let first = text.strip_prefix(b"-").unwrap_or(text);
    let is_code = first.len() > 1 && first[0] == b'0' && first[1].is_ascii_digit();
    let is_whole = first.iter().all(u8::is_ascii_digit);
    if is_code || is_whole || !first.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return None;
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    number.is_finite().then_some(Numeral { number, whole: None, places: MANY })
}

/// A number that a file has as one.
fn measured(number: f64) -> Numeral {
    let whole = (number.fract() == 0.0 && number.abs() < EXACT as f64).then_some(number as i64);
    let places = match whole {
        // As pandas has whole numbers where some are missing.
        Some(_) => Some(1),
        None => {
            let exact = |places: &usize| {
                let power = POWERS[*places];
                (number * power).abs() < EXACT as f64 && (number * power).round() / power == number
            };
            (1..=4).find(exact).map(|places| places as u8)
        }
    };
    Numeral { number, whole, places: places.unwrap_or(MANY) }
}

/// The point in time that a text is written as.
pub fn time(text: &str) -> Option<Time> {
    // Eight characters are `08:30:00`, five `08:30`; ten or more begin with a date.
    let bytes = text.as_bytes();
    match bytes {
        [_, _, b':', ..] => moment::clock(text).map(Time::Clock),
        [_, _, _, _, b'-', _, _, b'-', _, _] => moment::day(text).map(|day| Time::Day(day * 86_400)),
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b' ', ..] => moment::moment(text).map(Time::Moment),
        _ => None,
    }
}

/// The truth value that a text is written as.
pub fn truth(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match () {
        () if is("true") || is("yes") => Some(true),
        () if is("false") || is("no") => Some(false),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(f64, Option<i64>, u8)> {
        numeral(text.as_bytes()).map(|found| (found.number, found.whole, found.places))
    }

    #[test]
    fn numbers_are_read_with_their_places() {
        assert_eq!(read("39"), Some((39.0, Some(39), 0)));
        assert_eq!(read("-3.25"), Some((-3.25, None, 2)));
        assert_eq!(read("39.0"), Some((39.0, Some(39), 1)));
        assert_eq!(read("0.50"), Some((0.5, None, 2)));
        assert_eq!(read("9223372036854775807"), Some((9.223_372_036_854_776e18, Some(i64::MAX), 0)));
        assert_eq!(read("1e-3"), Some((0.001, None, MANY)));
        assert_eq!(read(".5"), Some((0.5, None, MANY)));
        assert_eq!(read("0"), Some((0.0, Some(0), 0)));
    }

    #[test]
    fn codes_and_words_are_no_numbers() {
        for text in
            ["", "-", ".", "007", "00.5", "+49", "1,5", "1 2", "inf", "NaN", "1.2.3", "99999999999999999999", "1e999"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn blanks_around_a_value_are_none_of_it() {
        assert_eq!(trimmed(b" State-gov "), b"State-gov");
        assert_eq!(trimmed("\u{a0}é\t".as_bytes()), "é".as_bytes());
        assert_eq!(trimmed(b" \xff"), b" \xff");
        assert!(is_null(b"") && is_null(b"NaN") && is_null(b"?") && !is_null(b"nano") && !is_null(b"no"));
    }

    #[test]
    fn numbers_of_a_file_have_as_few_places_as_they_need() {
        assert_eq!(measured(5.25).places, 2);
        assert_eq!((measured(7.0).whole, measured(7.0).places), (Some(7), 1));
        assert_eq!(measured(1.0 / 3.0).places, MANY);
    }

    proptest! {
        #[test]
        fn a_numeral_is_the_number_that_is_written(text in "-?[0-9]{1,12}(\\.[0-9]{1,6})?") {
            if let Some(found) = numeral(text.as_bytes()) {
                prop_assert_eq!(found.number.to_bits(), text.parse::<f64>().unwrap().to_bits());
                if let Some(whole) = found.whole {
                    prop_assert_eq!(whole as f64, found.number);
                }
            }
        }
    }
}
