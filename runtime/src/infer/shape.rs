//! The shapes of texts: runs of capitals, small letters and digits, and what stands between them. What all texts of a column have in
//! common is a regular expression.

use std::fmt::Write as _;

/// The most shapes that are told apart.
const SHAPES: usize = 6;

/// The most runs of a shape.
const RUNS: usize = 16;

/// The longest text that is looked at.
const LONGEST: usize = 64;

/// Characters that mean something in a regular expression.
const SPECIAL: &str = r"\.+*?()|[]{}^$";

/// A run of one class of characters.
#[derive(Clone, Debug)]
struct Run {
    min: u8,
    max: u8,
    /// What it is, where it is the same in every text.
    text: Option<Box<[u8]>>,
}

/// Texts of the same classes in the same order.
#[derive(Clone, Debug)]
struct Shape {
    classes: Vec<u8>,
    runs: Vec<Run>,
    count: u64,
}

/// The shapes of a column's texts.
#[derive(Debug)]
pub struct Shapes {
    /// None where they are too many, or no shapes.
    shapes: Option<Vec<Shape>>,
    /// The characters that occur, of ASCII.
    characters: u128,
    /// The least and the most characters; none where a text is not ASCII.
    length: Option<(usize, usize)>,
    count: u64,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { shapes: Some(Vec::new()), characters: 0, length: Some((usize::MAX, 0)), count: 0 }
    }
}

/// The class of a character: `A` for a capital, `a` for a small letter, `9` for a digit, else itself.
#[inline]
fn class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => b'A',
        b'a'..=b'z' => b'a',
        b'0'..=b'9' => b'9',
        other => other,
    }
}

impl Shapes {
    /// Takes a text that comes `count` times.
    #[inline]
    pub fn add(&mut self, text: &str, count: u64) {
        self.count += count;
        let Some((min, max)) = &mut self.length else { return };
        let bytes = text.as_bytes();
        if bytes.is_empty() || bytes.len() > LONGEST || !bytes.is_ascii() {
            (self.length, self.shapes) = (None, None);
            return;
        }
        (*min, *max) = ((*min).min(bytes.len()), (*max).max(bytes.len()));
        bytes.iter().for_each(|byte| self.characters |= 1 << byte);
        if self.shapes.is_some() {
            self.add_shape(bytes, count);
        }
    }

    fn add_shape(&mut self, bytes: &[u8], count: u64) {
        let (mut classes, mut ends, mut runs) = ([0u8; RUNS], [0usize; RUNS], 0);
        for (place, byte) in bytes.iter().enumerate() {
            let class = class(*byte);
            if runs == 0 || classes[runs - 1] != class {
                if runs == RUNS {
                    self.shapes = None;
                    return;
                }
                classes[runs] = class;
                runs += 1;
            }
            ends[runs - 1] = place + 1;
        }
        let Some(shapes) = &mut self.shapes else { return };
        let spans = (0..runs).map(|run| if run == 0 { 0..ends[0] } else { ends[run - 1]..ends[run] });
        match shapes.iter().position(|shape| shape.classes == classes[..runs]) {
            Some(place) => {
                let shape = &mut shapes[place];
                shape.count += count;
                for (run, span) in shape.runs.iter_mut().zip(spans) {
                    (run.min, run.max) = (run.min.min(span.len() as u8), run.max.max(span.len() as u8));
                    if run.text.as_ref().is_some_and(|text| **text != bytes[span]) {
                        run.text = None;
                    }
                }
            }
            None if shapes.len() == SHAPES => self.shapes = None,
            None => {
                let run = |span: std::ops::Range<usize>| Run {
                    min: span.len() as u8,
                    max: span.len() as u8,
                    text: Some(bytes[span].into()),
                };
                shapes.push(Shape { classes: classes[..runs].to_vec(), runs: spans.map(run).collect(), count });
            }
        }
    }

    /// How many texts were taken.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The regular expression that every text matches, where they look like codes: with digits, or of capitals alone.
    pub fn pattern(&self) -> Option<String> {
        let mut shapes = self.shapes.clone().unwrap_or_default();
        shapes.sort_by_key(|shape| std::cmp::Reverse(shape.count));
        let is_code = |shape: &Shape| {
            let has = |class| shape.classes.contains(&class);
            let capitals = || {
                let alone = shape.classes == [b'A'] && shape.runs[0].max <= 8 && shape.runs[0].min == shape.runs[0].max;
                alone || (has(b'A') && !has(b'a') && !has(b' '))
            };
            (has(b'9') || capitals()) && shape.classes.iter().filter(|class| **class == b' ').count() <= 2
        };
        let few = (1..=4).contains(&shapes.len()) && shapes.iter().all(is_code);
        if few {
            let written: Vec<String> = shapes.iter().map(Shape::written).collect();
            return Some(written.join("|"));
        }
        self.characters_only()
    }

    /// A pattern of the characters alone, of texts of one length that have digits among their letters.
    fn characters_only(&self) -> Option<String> {
        let (min, max) = self.length?;
        let of = |from: u8, to: u8| (from..=to).fold(0u128, |all, byte| all | 1 << byte);
        let sets = [
            (of(b'0', b'9') | of(b'a', b'f'), "0-9a-f"),
            (of(b'0', b'9') | of(b'A', b'F'), "0-9A-F"),
            (of(b'0', b'9') | of(b'a', b'z'), "0-9a-z"),
            (of(b'0', b'9') | of(b'A', b'Z'), "0-9A-Z"),
            (of(b'0', b'9') | of(b'a', b'z') | of(b'A', b'Z'), "0-9A-Za-z"),
            (of(b'0', b'9') | of(b'a', b'z') | of(b'A', b'Z') | 1 << b'_' | 1 << b'-', "0-9A-Za-z_-"),
        ];
        let digits = self.characters & of(b'0', b'9') != 0;
        let (_, set) = sets.iter().find(|(set, _)| self.characters & !set == 0)?;
        (digits && min == max && min >= 4).then(|| format!("[{set}]{}", times(min, max)))
    }
}

impl Shape {
    fn written(&self) -> String {
        let mut out = String::new();
        for (class, run) in self.classes.iter().zip(&self.runs) {
            // A word that is always there is itself; a single digit may be another tomorrow.
            let same =
                run.text.as_deref().filter(|text| !class.is_ascii_digit() && (text.len() > 1 || self.count > 20));
            match (class, same) {
                (b'A' | b'a', Some(text)) if self.count > 1 => out.push_str(&String::from_utf8_lossy(text)),
                (b'A', _) => _ = write!(out, "[A-Z]{}", times(run.min.into(), run.max.into())),
                (b'a', _) => _ = write!(out, "[a-z]{}", times(run.min.into(), run.max.into())),
                (b'9', _) => _ = write!(out, "[0-9]{}", times(run.min.into(), run.max.into())),
                (other, _) => {
                    let letter = char::from(*other);
                    if SPECIAL.contains(letter) {
                        out.push('\\');
                    }
                    out.push(letter);
                    out.push_str(&times(run.min.into(), run.max.into()));
                }
            }
        }
        out
    }
}

/// `{4}`, `{2,5}`, or nothing for once.
fn times(min: usize, max: usize) -> String {
    match (min, max) {
        (1, 1) => String::new(),
        (min, max) if min == max => format!("{{{min}}}"),
        (min, max) => format!("{{{min},{max}}}"),
    }
}

#[cfg(test)]
mod tests {
    use ndsl_compiler::schema::pattern;
    use proptest::prelude::*;

    use super::*;

    fn of(texts: &[&str]) -> Option<String> {
        let mut shapes = Shapes::default();
        texts.iter().for_each(|text| shapes.add(text, 1));
        shapes.pattern()
    }

    #[test]
    fn codes_have_patterns_and_words_have_none() {
        assert_eq!(of(&["AB-1234", "XY-0001"]).as_deref(), Some("[A-Z]{2}-[0-9]{4}"));
        assert_eq!(of(&["KTR-1", "KTR-22"]).as_deref(), Some("KTR-[0-9]{1,2}"));
        assert_eq!(of(&["01234", "99999"]).as_deref(), Some("[0-9]{5}"));
        assert_eq!(of(&["85711", "V0R2H"]).as_deref(), Some("[0-9]{5}|[A-Z][0-9][A-Z][0-9][A-Z]"));
        assert_eq!(of(&["1.2 (a)", "3.4 (b)"]).as_deref(), Some(r"[0-9]\.[0-9] \([a-z]\)"));
        assert_eq!(of(&["Ada", "Grace"]), None);
        assert_eq!(of(&["red", "blue"]), None);
        assert_eq!(of(&["é1", "a2"]), None);
        let hex = ["9f86d081", "d0a1b2c3", "0123abcd", "1a2b3c4d", "aaaa1111", "a1aaaaaa", "1aaaaaaa", "aa1aa1a1"];
        assert_eq!(of(&hex).as_deref(), Some("[0-9a-f]{8}"));
    }

    proptest! {
        #[test]
        fn every_text_matches_the_pattern_that_was_learnt_of_it(
            texts in prop::collection::vec("[A-Ca-c0-3 ./()*+-]{1,6}|[A-Z]{2}-[0-9]{3,5}", 1..12),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            if let Some(found) = of(&texts) {
                let hir = pattern::read(&found).unwrap();
                for text in texts {
                    prop_assert!(pattern::matches(&hir, text), "{found} and {text:?}");
                }
            }
        }
    }
}
