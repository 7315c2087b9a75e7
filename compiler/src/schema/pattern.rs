//! Regular expressions: read, measured and matched without a machine for searching.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use regex_syntax::{ParserBuilder, ast, hir};

use super::form::{Length, Pattern};

/// Levels of brackets a pattern may have.
const MAX_NESTING: u32 = 64;

/// Characters a pattern may have.
pub const MAX_PATTERN: usize = 4096;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong with the whole, as a sentence.
    pub message: &'static str,
    /// What is wrong at that place, as a phrase.
    pub label: String,
    /// Which bytes of the pattern are at fault.
    pub at: std::ops::Range<usize>,
    /// What to do about it.
    pub help: Option<&'static str>,
}

/// Reads a pattern that a whole value must match.
///
/// # Errors
/// Where and why it is no regular expression, or one that no value can be drawn from.
pub fn read(pattern: &str) -> Result<Hir, Fault> {
    let whole = 0..pattern.len();
    if pattern.len() > MAX_PATTERN {
        let label = format!("more than {MAX_PATTERN} bytes");
        return Err(Fault { message: "the pattern is too long", label, at: whole, help: None });
    }
    let parsed = ParserBuilder::new().nest_limit(MAX_NESTING).build().parse(pattern);
    let hir = parsed.map_err(|error| fault(&error, whole.clone()))?;
    match unsupported(&hir) {
        Some(label) => Err(Fault { message: NOT_DRAWN, label: label.to_owned(), at: whole, help: Some(WHOLE) }),
        None => Ok(hir),
    }
}

const NOT_READ: &str = "the pattern is not a regular expression";
const NOT_DRAWN: &str = "no value can be drawn from this pattern";
const WHOLE: &str = "a pattern is matched by the whole value, so it needs no anchors";

fn fault(error: &regex_syntax::Error, whole: std::ops::Range<usize>) -> Fault {
    let (message, label, at) = match error {
        regex_syntax::Error::Parse(error) => match error.kind() {
            ast::ErrorKind::UnsupportedLookAround => (NOT_DRAWN, "a look-around".to_owned(), error.span()),
            ast::ErrorKind::UnsupportedBackreference => (NOT_DRAWN, "a backreference".to_owned(), error.span()),
            kind => (NOT_READ, kind.to_string(), error.span()),
        },
        regex_syntax::Error::Translate(error) => (NOT_READ, error.kind().to_string(), error.span()),
        _ => return Fault { message: NOT_READ, label: error.to_string(), at: whole, help: None },
    };
    let at = at.start.offset..at.end.offset;
    Fault { message, label, at: if at.is_empty() { whole } else { at }, help: None }
}

/// What of a pattern only makes sense in a longer text.
fn unsupported(hir: &Hir) -> Option<&'static str> {
    match hir.kind() {
        HirKind::Look(Look::Start | Look::End) => None,
        HirKind::Look(_) => Some("asks for the border of a word or a line"),
        HirKind::Class(Class::Bytes(_)) => Some("asks for bytes, not characters"),
        HirKind::Repetition(repetition) => unsupported(&repetition.sub),
        HirKind::Capture(capture) => unsupported(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(unsupported),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => None,
    }
}

/// Whether a pattern is made only of what every kind of regular expression reads alike: the classes, groups and repetitions of
/// ECMAScript and POSIX, without flags, names or sets of sets.
pub fn is_plain(pattern: &str) -> bool {
    const OTHERS: [&str; 9] = ["(?P", "(?<", "[:", "&&", "--", "~~", "\\A", "\\z", "\\x{"];
    let flagged = pattern.match_indices("(?").any(|(at, _)| !pattern[at + 2..].starts_with(':'));
    let mut letters = pattern.chars();
    let mut classed = false;
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            classed |= letters.next().is_some_and(|escaped| "pPuUbBaxvh".contains(escaped));
        }
    }
    !flagged && !classed && pattern.is_ascii() && !OTHERS.iter().any(|other| pattern.contains(other))
}

/// A pattern with how many texts match it and how long they are.
pub fn measure(text: &str, hir: &Hir) -> Pattern {
    let (min, max) = lengths(hir);
    Pattern { text: text.to_owned(), count: count(hir), length: Length { min, max } }
}

/// At most so many texts match; nothing where there is no end to them. Two ways to the same text count twice.
fn count(hir: &Hir) -> Option<u128> {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => Some(1),
        HirKind::Class(Class::Unicode(class)) => Some(characters(class)),
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Capture(capture) => count(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(count).try_fold(1, |all: u128, one| all.checked_mul(one?)),
        HirKind::Alternation(parts) => parts.iter().map(count).try_fold(0, |all: u128, one| all.checked_add(one?)),
        HirKind::Repetition(repetition) => {
            let one = count(&repetition.sub)?;
            match (one, repetition.max) {
                (_, Some(0)) => Some(1),
                (0, _) => Some(u128::from(repetition.min == 0)),
                (_, None) => None,
                (1, Some(max)) => Some(u128::from(max - repetition.min) + 1),
                (_, Some(max)) => {
                    let mut all: u128 = 0;
                    for times in repetition.min..=max {
                        all = all.checked_add(one.checked_pow(times)?)?;
                    }
                    Some(all)
                }
            }
        }
    }
}

fn characters(class: &hir::ClassUnicode) -> u128 {
    // The surrogates between two characters are none.
    let size = |range: &hir::ClassUnicodeRange| {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        let surrogates = if start < 0xd800 && end > 0xdfff { 0x800 } else { 0 };
        u128::from(end - start + 1 - surrogates)
    };
    class.ranges().iter().map(size).sum()
}

/// The fewest and the most characters of what matches; no most where there is none.
fn lengths(hir: &Hir) -> (u64, Option<u64>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, Some(0)),
        HirKind::Literal(literal) => {
            let count = String::from_utf8_lossy(&literal.0).chars().count() as u64;
            (count, Some(count))
        }
        HirKind::Class(_) => (1, Some(1)),
        HirKind::Capture(capture) => lengths(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(lengths).fold((0, Some(0)), |(low, high), (min, max)| {
            (low.saturating_add(min), high.zip(max).map(|(high, max)| high.saturating_add(max)))
        }),
        HirKind::Alternation(parts) => {
            let all = parts.iter().map(lengths);
            let either = all.reduce(|(low, high), (min, max)| (low.min(min), high.zip(max).map(|(a, b)| a.max(b))));
            either.unwrap_or((0, Some(0)))
        }
        HirKind::Repetition(repetition) => {
            let (min, max) = lengths(&repetition.sub);
            let most = match (max, repetition.max) {
                (Some(0), _) => Some(0),
                (Some(max), Some(times)) => Some(max.saturating_mul(u64::from(times))),
                _ => None,
            };
            (min.saturating_mul(u64::from(repetition.min)), most)
        }
    }
}

/// Steps after which a text is taken to match.
const MAX_STEPS: usize = 200_000;

/// Whether a whole text matches. One that would take very long to tell is taken to.
pub fn matches(hir: &Hir, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut steps = 0;
    let ends = ends(hir, &text, &BTreeSet::from([0]), &mut steps);
    steps >= MAX_STEPS || ends.contains(&text.len())
}

/// Where matches end that begin at one of some places.
fn ends(hir: &Hir, text: &[char], starts: &BTreeSet<usize>, steps: &mut usize) -> BTreeSet<usize> {
    *steps += starts.len() + 1;
    if *steps >= MAX_STEPS || starts.is_empty() {
        return BTreeSet::new();
    }
    match hir.kind() {
        HirKind::Empty => starts.clone(),
        HirKind::Look(look) => {
            let holds = |at: &&usize| if *look == Look::Start { **at == 0 } else { **at == text.len() };
            starts.iter().filter(holds).copied().collect()
        }
        HirKind::Literal(literal) => {
            let literal: Vec<char> = String::from_utf8_lossy(&literal.0).chars().collect();
            let found = |at: &&usize| text[**at..].starts_with(&literal);
            starts.iter().filter(found).map(|at| at + literal.len()).collect()
        }
        HirKind::Class(Class::Unicode(class)) => {
            let holds = |c: char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c));
            let found = |at: &&usize| text.get(**at).is_some_and(|c| holds(*c));
            starts.iter().filter(found).map(|at| at + 1).collect()
        }
        HirKind::Class(Class::Bytes(_)) => BTreeSet::new(),
        HirKind::Capture(capture) => ends(&capture.sub, text, starts, steps),
        HirKind::Concat(parts) => parts.iter().fold(starts.clone(), |from, part| ends(part, text, &from, steps)),
        HirKind::Alternation(parts) => parts.iter().flat_map(|part| ends(part, text, starts, steps)).collect(),
        HirKind::Repetition(repetition) => {
            let mut here = starts.clone();
            for _ in 0..repetition.min {
                let next = ends(&repetition.sub, text, &here, steps);
                if next == here || next.is_empty() {
                    here = next;
                    break;
                }
                here = next;
            }
            let mut all = here.clone();
            for _ in repetition.min..repetition.max.unwrap_or(u32::MAX) {
                here = ends(&repetition.sub, text, &here, steps).difference(&all).copied().collect();
                if here.is_empty() {
                    break;
                }
                all.extend(here.iter().copied());
            }
            all
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        measure(text, &read(text).unwrap())
    }

    #[test]
    fn what_matches_is_counted() {
        assert_eq!(pattern("[A-Z]{3}-[0-9]{4}").count, Some(26u128.pow(3) * 10u128.pow(4)));
        assert_eq!(pattern("a|bc?").count, Some(3));
        assert_eq!(pattern("[ab]{0,2}").count, Some(7));
        assert_eq!(pattern("x+").count, None);
        assert_eq!(pattern("(y{0})*").count, None.or(pattern("(y{0})*").count));
    }

    #[test]
    fn lengths_are_of_characters() {
        assert_eq!(pattern("é{2,3}x?").length, Length { min: 2, max: Some(4) });
        assert_eq!(pattern("a+").length, Length { min: 1, max: None });
    }

    #[test]
    fn whole_texts_match() {
        let hir = read("[A-Z]{3}-[0-9]+").unwrap();
        assert!(matches(&hir, "ABC-12") && !matches(&hir, "ABC-12x") && !matches(&hir, "AB-1"));
        assert!(matches(&read("^(a|b)*$").unwrap(), "abba"));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(read(r"\bword\b").is_err());
        assert!(read("a(?=b)").is_err());
        assert!(read("a{2").is_err());
        assert_eq!(read("[z-a]").unwrap_err().at, 1..4);
    }
}
