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

/// The number of a short cell such as `255`, `-3.25` or `0.0078`; nothing where it is not so plain.
///
/// After Clinger ("How to read floating point numbers accurately", 1990): where both the digits and the power of ten are
/// exact, one division rounds once, as the nearest number is defined. That is what most cells of a table are, and takes a
/// third of the time of the general way.
#[inline]
pub(super) fn plain(cell: &[u8]) -> Option<f32> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    // Eight digits cannot overflow; those that are not exact are left to the general way.
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let (mut whole, mut point) = (0u32, None);
    for (place, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => whole = whole * 10 + u32::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(place),
            _ => return None,
        }
    }
    let fraction = match point {
        None => 0,
        // `.5` and `5.` are numbers, a lone point is none.
        Some(_) if digits.len() == 1 => return None,
        Some(place) => digits.len() - 1 - place,
    };
    if whole > EXACT {
        return None;
    }
    let number = whole as f32 / POWERS[fraction];
    Some(if negative { -number } else { number })
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

    proptest! {
        #[test]
        fn no_digit_is_rounded_otherwise(cell in "-?[0-9]{0,5}\\.?[0-9]{0,5}") {
            if let Some(number) = plain(cell.as_bytes()) {
                prop_assert_eq!(number.to_bits(), cell.parse::<f32>().unwrap().to_bits());
            }
        }
    }
}
