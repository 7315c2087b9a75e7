//! Numbers, days and times in decimal digits.
//!
//! Eight digits are made at once in one word, two halves of a half at a time, and those that lead as zeros are shifted out: how long a
//! number is costs no branch, which a processor would guess wrongly every other time.

use ndsl_compiler::schema::datum::{DAY, civil};

use super::page::Pen;

const EIGHT: u64 = 100_000_000;

/// The zeros of eight characters.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below 10^8, the first in the lowest byte.
#[inline(always)]
const fn eight(number: u32) -> u64 {
    let fours = (number / 10_000) as u64 | ((number % 10_000) as u64) << 32;
    let tens = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = tens | (fours - tens * 100) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (twos - tens * 10) << 8
}

/// A number below 10^8 without zeros before it.
#[inline(always)]
fn short(number: u32, pen: &mut Pen) {
    let digits = eight(number);
    // The last digit stays, whatever it is.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    pen.block(((digits | ZEROS) >> (8 * zeros)).to_le_bytes(), 8 - zeros as usize);
}

/// The last digits of a number below 10^8, at most eight, zeros and all.
#[inline(always)]
fn padded(number: u32, count: usize, pen: &mut Pen) {
    let digits = (eight(number) | ZEROS) >> (8 * (8 - count));
    pen.block(digits.to_le_bytes(), count);
}

/// A whole number without a sign.
#[inline(always)]
fn natural(number: u64, pen: &mut Pen) {
    if number < EIGHT {
        return short(number as u32, pen);
    }
    let (high, low) = (number / EIGHT, (number % EIGHT) as u32);
    if high < EIGHT {
        short(high as u32, pen);
    } else {
        short((high / EIGHT) as u32, pen);
        padded((high % EIGHT) as u32, 8, pen);
    }
    padded(low, 8, pen);
}

/// A whole number.
#[inline(always)]
pub(super) fn whole(number: i64, pen: &mut Pen) {
    if number < 0 {
        pen.byte(b'-');
    }
    natural(number.unsigned_abs(), pen);
}

/// A number of so many steps, of which 10^`places` are one: 1250 of two places is `12.50`.
#[inline(always)]
pub(super) fn decimal(steps: i64, places: u32, pen: &mut Pen) {
    if steps < 0 {
        pen.byte(b'-');
    }
    let steps = steps.unsigned_abs();
    match places {
        0 => natural(steps, pen),
        2 => {
            natural(steps / 100, pen);
            pen.byte(b'.');
            padded((steps % 100) as u32, 2, pen);
        }
        1..=8 => {
            let one = 10u64.pow(places);
            natural(steps / one, pen);
            pen.byte(b'.');
            padded((steps % one) as u32, places as usize, pen);
        }
        _ => wide(u128::from(steps), places, pen),
    }
}

/// As [`decimal`], of any number of steps.
pub(super) fn wide_decimal(steps: i128, places: u32, pen: &mut Pen) {
    match i64::try_from(steps) {
        Ok(steps) => decimal(steps, places, pen),
        Err(_) => {
            if steps < 0 {
                pen.byte(b'-');
            }
            wide(steps.unsigned_abs(), places, pen);
        }
    }
}

fn wide(steps: u128, places: u32, pen: &mut Pen) {
    let places = places as usize;
    let digits = format!("{steps:0>width$}", width = places + 1);
    let point = digits.len() - places;
    let (whole, fraction) = digits.as_bytes().split_at(point);
    pen.page(|page| {
        page.put(whole);
        page.put(if fraction.is_empty() { b"" } else { b"." });
        page.put(fraction);
    });
}

/// A number as short as reads back to the same; `not_finite` where it is none.
#[inline]
pub(super) fn float(number: f64, not_finite: impl FnOnce(f64) -> &'static [u8], pen: &mut Pen) {
    match number.is_finite() {
        true => {
            let mut buffer = zmij::Buffer::new();
            let text = buffer.format_finite(number).as_bytes();
            let mut block = [0; 32];
            block[..text.len()].copy_from_slice(text);
            pen.block(block, text.len());
        }
        false => pen.page(|page| page.put(not_finite(number))),
    }
}

/// A day counted from 1970, as `2019-01-31`.
#[inline(always)]
pub(super) fn date(day: i64, pen: &mut Pen) {
    let (year, month, day) = civil(day);
    let digits = (eight((year * 10_000 + month * 100 + day) as u32) | ZEROS).to_le_bytes();
    let [a, b, c, d, e, f, g, h] = digits;
    pen.block([a, b, c, d, b'-', e, f, b'-', g, h], 10);
}

/// A time of day in seconds from midnight, as `08:30:00`.
#[inline(always)]
pub(super) fn time(second: i64, pen: &mut Pen) {
    let digits = eight((second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60) as u32) | ZEROS;
    let [_, _, a, b, c, d, e, f] = digits.to_le_bytes();
    pen.block([a, b, b':', c, d, b':', e, f], 8);
}

/// A moment in seconds from 1970, as `2019-01-31T08:30:00` with what is to stand between.
#[inline(always)]
pub(super) fn moment(second: i64, between: u8, pen: &mut Pen) {
    date(second.div_euclid(DAY), pen);
    pen.byte(between);
    time(second.rem_euclid(DAY), pen);
}

#[cfg(test)]
mod tests {
    use super::super::page::Page;
    use super::*;
    use ndsl_compiler::schema::datum::{DAYS, Datum};
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Pen)) -> String {
        let mut page = Page::default();
        page.with_pen(write);
        String::from_utf8_lossy(page.written()).into_owned()
    }

    #[test]
    fn numbers_at_the_ends_of_their_lengths() {
        let powers = (0..19).map(|power| 10i64.pow(power));
        let ends = powers.flat_map(|power| [power - 1, power, power + 1]).chain([i64::MAX, i64::MIN]);
        for number in ends.flat_map(|number| [number, number.wrapping_neg()]) {
            assert_eq!(written(|pen| whole(number, pen)), number.to_string());
        }
    }

    #[test]
    fn decimals_keep_their_places() {
        assert_eq!(written(|pen| decimal(1250, 2, pen)), "12.50");
        assert_eq!(written(|pen| decimal(-5, 2, pen)), "-0.05");
        assert_eq!(written(|pen| decimal(7, 0, pen)), "7");
        assert_eq!(written(|pen| decimal(1, 18, pen)), "0.000000000000000001");
        assert_eq!(written(|pen| wide_decimal(i128::from(i64::MIN) * 100, 3, pen)), "-922337203685477580.800");
    }

    #[test]
    fn days_are_those_of_the_language() {
        for day in (DAYS.0..=DAYS.1).step_by(97).chain([DAYS.0, DAYS.1]) {
            assert_eq!(written(|pen| date(i64::from(day), pen)), Datum::Date(day).to_string());
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_are_written_as_they_are(number: i64, shift in 0u32..64) {
            let number = number >> shift;
            prop_assert_eq!(written(|pen| whole(number, pen)), number.to_string());
        }

        #[test]
        fn moments_are_those_of_the_language(second in -62_000_000_000i64..250_000_000_000) {
            prop_assert_eq!(written(|pen| moment(second, b'T', pen)), Datum::DateTime(second).to_string());
            let of_day = second.rem_euclid(DAY);
            prop_assert_eq!(written(|pen| time(of_day, pen)), Datum::Time(of_day as u32).to_string());
        }

        #[test]
        fn numbers_read_back_to_the_same(number: f64) {
            let text = written(|pen| float(number, |_| b"NaN", pen));
            prop_assert!(text.parse::<f64>().unwrap().to_bits() == number.to_bits() || number.is_nan() || number.is_infinite());
        }

        #[test]
        fn decimals_are_their_steps(steps: i64, places in 0u32..19) {
            let text = written(|pen| decimal(steps, places, pen));
            prop_assert_eq!(text.replace('.', "").parse::<i64>(), Ok(steps));
            prop_assert_eq!(text.split_once('.').map_or(0, |(_, fraction)| fraction.len()), places as usize);
        }
    }
}
