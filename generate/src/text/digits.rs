//! Numbers as text, three digits at a time.

/// `000` to `999`, one after another.
static THREES: [u8; 3000] = threes();

const fn threes() -> [u8; 3000] {
    let mut all = [0; 3000];
    let mut number = 0;
    while number < 1000 {
        all[number * 3] = b'0' + (number / 100) as u8;
        all[number * 3 + 1] = b'0' + (number / 10 % 10) as u8;
        all[number * 3 + 2] = b'0' + (number % 10) as u8;
        number += 1;
    }
    all
}

/// The digits of a number below 1000, as many as asked for.
#[inline(always)]
fn three(number: u64, digits: usize) -> &'static str {
    let at = number as usize * 3;
    str::from_utf8(&THREES[at + 3 - digits..at + 3]).unwrap_or_default()
}

/// Writes a number without zeros before it.
#[inline]
pub(super) fn push_number(out: &mut String, number: u64) {
    match number {
        0..10 => out.push_str(three(number, 1)),
        10..100 => out.push_str(three(number, 2)),
        100..1000 => out.push_str(three(number, 3)),
        _ => {
            push_number(out, number / 1000);
            out.push_str(three(number % 1000, 3));
        }
    }
}

/// Writes a number in so many digits, the zeros before it too.
#[inline]
pub(super) fn push_padded(out: &mut String, number: u64, width: usize) {
    if width > 3 {
        push_padded(out, number / 1000, width - 3);
    }
    out.push_str(three(number % 1000, width.min(3)));
}

/// How many digits a number has.
pub(super) const fn count_digits(number: u64) -> u64 {
    if number == 0 { 1 } else { number.ilog10() as u64 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_whole() {
        for number in [0, 7, 10, 99, 100, 999, 1000, 1001, 10_020, 123_456_789, u64::MAX] {
            let mut text = String::new();
            push_number(&mut text, number);
            assert_eq!(text, number.to_string());
            assert_eq!(text.len() as u64, count_digits(number));
        }
    }

    #[test]
    fn numbers_fill_their_width() {
        for (number, width, padded) in [(7, 1, "7"), (7, 4, "0007"), (123_456, 6, "123456"), (0, 2, "00")] {
            let mut text = String::new();
            push_padded(&mut text, number, width);
            assert_eq!(text, padded);
        }
    }
}
