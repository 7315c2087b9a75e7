//! Texts with gaps: `+1 212-555-01##`, `SW1# #@@`.

use super::choose::Choose;
use super::digits::push_padded;

/// The letters of `@`: those that both British and Canadian postal codes have.
const LETTERS: [&str; 16] = ["A", "B", "E", "G", "H", "J", "L", "N", "P", "R", "S", "T", "W", "X", "Y", "Z"];

/// A text in which `#` stands for a digit, `%` for one that is not 0 and `@` for a letter. After the `+` of a telephone number, `N`
/// stands for a digit from 2 on, which a local number begins with.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    parts: Box<[Part]>,
    count: u64,
}

#[derive(Clone, Debug)]
enum Part {
    Text(&'static str),
    /// So many digits, of a number that lies so many from a least one.
    Digits {
        width: usize,
        from: u64,
        count: u64,
    },
    Letter,
}

impl Mask {
    /// A mask as a list has it.
    pub fn new(text: &'static str) -> Self {
        let mut parts = Vec::new();
        let mut begin = 0;
        for (at, char) in text.char_indices() {
            let gap = match char {
                '#' => Part::Digits { width: 1, from: 0, count: 10 },
                '%' => Part::Digits { width: 1, from: 1, count: 9 },
                'N' if text.starts_with('+') => Part::Digits { width: 1, from: 2, count: 8 },
                '@' => Part::Letter,
                _ => continue,
            };
            if begin < at {
                parts.push(Part::Text(&text[begin..at]));
            }
            begin = at + 1;
            // Neighbouring digits are one number.
            match (parts.last_mut(), &gap) {
                (Some(Part::Digits { width, from, count }), Part::Digits { from: 0, .. }) => {
                    (*width, *from, *count) = (*width + 1, *from * 10, *count * 10);
                }
                _ => parts.push(gap),
            }
        }
        if begin < text.len() {
            parts.push(Part::Text(&text[begin..]));
        }
        let count = parts.iter().map(Part::count).product();
        Self { parts: parts.into(), count }
    }

    /// How many texts it stands for.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Writes one of them.
    #[inline]
    pub fn write(&self, choose: &mut impl Choose, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Digits { width, from, count } => push_padded(out, from + choose.below(*count), *width),
                Part::Letter => out.push_str(LETTERS[choose.below(LETTERS.len() as u64) as usize]),
            }
        }
    }
}

impl Part {
    fn count(&self) -> u64 {
        match self {
            Self::Text(_) => 1,
            Self::Digits { count, .. } => *count,
            Self::Letter => LETTERS.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::choose::Number;
    use super::*;

    #[test]
    fn every_gap_is_filled() {
        for (mask, count, last) in [("+1 212-N##-0#", 8000, "+1 212-999-09"), ("S% #@", 1440, "S9 9Z"), ("N1", 1, "N1")]
        {
            let mask = Mask::new(mask);
            let text = |rest| {
                let mut out = String::new();
                mask.write(&mut Number { rest }, &mut out);
                out
            };
            let all: std::collections::BTreeSet<_> = (0..count).map(text).collect();
            assert_eq!((mask.count(), all.len() as u64), (count, count));
            assert_eq!(all.last().map(String::as_str), Some(last));
        }
    }
}
