//! Numbers as text files write them.

use super::error::shown;

/// The powers of ten that an `f32` holds exactly.
const POWERS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/// Whole numbers up to this are exact as `f32`.
const EXACT: u32 = 1 << 24;

/// A finite number, or why the cell is none.
pub(super) fn number(cell: &str) -> Result<f32, String> {
    match cell.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(format!("{} is not a finite number", shown(cell))),
        Err(_) if cell.is_empty() => Err("the cell is empty".to_owned()),
        Err(_) => Err(format!("{} is not a number", shown(cell))),
    }
}

/// The digits of a plain number such as `-3.25` as one whole number, and how many of them stand behind the point; nothing where it is not so
/// plain, or has more than 18 digits.
#[inline]
pub(crate) fn digits(cell: &[u8]) -> Option<(i64, u32)> {
    let (negative, rest) = match cell {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if rest.is_empty() || rest.len() > 19 {
        return None;
    }
    let (mut number, mut point) = (0i64, None);
    for (place, byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number.wrapping_mul(10).wrapping_add(i64::from(byte - b'0')),
            b'.' if point.is_none() => point = Some(place),
            _ => return None,
        }
    }
    let digits = rest.len() - usize::from(point.is_some());
    let places = point.map_or(0, |point| rest.len() - point - 1);
    ((1..=18).contains(&digits)).then_some((if negative { -number } else { number }, places as u32))
}

/// The number of a short cell such as `255`, `-3.25` or `0.0078`; nothing where it is not so plain.
///
/// After Clinger ("How to read floating point numbers accurately", 1990): where both the digits and the power of ten are
/// exact, one division rounds once, as the nearest number is defined. That is what most cells of a table are. The digits are read
/// all at once, since how many there are changes from cell to cell, which no processor foresees.
#[inline]
pub(super) fn plain(cell: &[u8]) -> Option<f32> {
    let (mut word, mut length) = (word(cell)?, cell.len() as u32);
    let negative = word as u8 == b'-';
    word >>= 8 * u32::from(negative);
    length -= u32::from(negative);
    let point = matching(word, b'.').trailing_zeros() / 8;
    let mut fraction = 0;
    if point < length {
        // What stands behind the point moves to its place.
        let before = (1u64 << (8 * point)) - 1;
        word = (word & before) | ((word >> 8) & !before);
        length -= 1;
        fraction = length - point;
    }
    if length == 0 {
        return None;
    }
    // Zeros in front, so that there are eight digits.
    let spare = 8 * (8 - length);
    let digits = (word << spare) | (ZEROS & ((1u64 << spare) - 1));
    let whole = eight_digits(digits)?;
    if whole > EXACT {
        return None;
    }
    let number = whole as f32 / POWERS[fraction as usize];
    Some(if negative { -number } else { number })
}

/// Eight times the digit 0.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The bytes of a text of up to eight as one number, the first being its lowest; those that are not there are zero.
#[inline]
fn word(text: &[u8]) -> Option<u64> {
    fn at<const N: usize>(text: &[u8], place: usize) -> [u8; N] {
        text.get(place..place + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
    }
    let length = text.len();
    match length {
        4..=8 => {
            let (first, last) = (u32::from_le_bytes(at(text, 0)), u32::from_le_bytes(at(text, length - 4)));
            Some(u64::from(first) | (u64::from(last) << (8 * (length - 4))))
        }
        2..=3 => {
            let (first, last) = (u16::from_le_bytes(at(text, 0)), u16::from_le_bytes(at(text, length - 2)));
            Some(u64::from(first) | (u64::from(last) << (8 * (length - 2))))
        }
        1 => Some(u64::from(text[0])),
        _ => None,
    }
}

/// The highest bit of the first byte that is this one; higher bits may be of others.
#[inline]
fn matching(word: u64, byte: u8) -> u64 {
    let other = word ^ (u64::from(byte) * 0x0101_0101_0101_0101);
    other.wrapping_sub(0x0101_0101_0101_0101) & !other & 0x8080_8080_8080_8080
}

/// The number that eight digits are, the first being the lowest byte: neighbours are joined three times (after Lemire and Mula).
#[inline]
fn eight_digits(word: u64) -> Option<u32> {
    let high = 0xf0f0_f0f0_f0f0_f0f0;
    // A digit has a 3 in its upper half, before and after 6 is added to it.
    let are_digits = (word & high) | ((word.wrapping_add(0x0606_0606_0606_0606) & high) >> 4) == 0x3333_3333_3333_3333;
    if !are_digits {
        return None;
    }
    let ones = word & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (ones.wrapping_mul(10).wrapping_add(ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_numbers_are_those_of_the_general_way() {
        for cell in ["0", "-0", "255", "16777216", "16777217", "999999999", "0.1", ".5", "5.", "-3.25", "0.0078125"] {
            if let Some(number) = plain(cell.as_bytes()) {
                assert_eq!(number.to_bits(), cell.parse::<f32>().unwrap().to_bits(), "{cell}");
            }
        }
        assert!(plain(b"255").is_some() && plain(b"-3.25").is_some());
        for cell in ["", "-", ".", "-.", "1e3", "+1", "1.2.3", "nan", "1 ", "1234567890"] {
            assert_eq!(plain(cell.as_bytes()), None, "{cell}");
        }
    }

    #[test]
    fn digits_are_those_of_a_plain_number() {
        assert_eq!(digits(b"-3.25"), Some((-325, 2)));
        assert_eq!((digits(b"7"), digits(b"7."), digits(b".5")), (Some((7, 0)), Some((7, 0)), Some((5, 1))));
        assert_eq!(digits(b"999999999999999999"), Some((999_999_999_999_999_999, 0)));
        for cell in ["", "-", ".", "1e3", "+1", "1.2.3", " 1", "1000000000000000000", "--1"] {
            assert_eq!(digits(cell.as_bytes()), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn no_digit_is_rounded_otherwise(cell in "-?[0-9]{0,5}\\.?[0-9]{0,5}") {
            if let Some(number) = plain(cell.as_bytes()) {
                prop_assert_eq!(number.to_bits(), cell.parse::<f32>().unwrap().to_bits());
            }
        }
    }
}
