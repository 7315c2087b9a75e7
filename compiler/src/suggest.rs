//! "Did you mean": the known name nearest to one that is not known.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Longer names are neither compared nor shown whole.
const MAX_NAME: usize = 64;

/// A name that is not known is answered with those that are, unless there are more.
const MAX_LISTED: usize = 8;

/// The candidate nearest to `wanted`, if one is near enough to be what was meant: within a third of its length in edits
/// (swapped neighbours counting as one), or equal but for case and underscores.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wanted.chars().count();
    if length > MAX_NAME {
        return None;
    }
    let limit = length / 3;
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let wanted_plain = plain(wanted);
    let distance = |candidate: &str| {
        // Most names differ too much in length to be looked at.
        let marks = [wanted, candidate].map(|text| text.matches(['_', '-']).count());
        if candidate.len() > 4 * MAX_NAME || candidate.chars().count().abs_diff(length) > limit + marks[0] + marks[1] {
            return usize::MAX;
        }
        match plain(candidate) == wanted_plain {
            true => 0,
            false => strsim::damerau_levenshtein(wanted, candidate),
        }
    };
    let scored = candidates.into_iter().map(|candidate| (distance(candidate), candidate));
    scored.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Names compared in all when looking for what misspelt ones meant; after that many nothing is suggested.
const MAX_COMPARED: usize = 1 << 18;

/// How many names were compared: a large file full of unknown names would take the square of its size.
#[derive(Debug, Default)]
pub struct Compared(AtomicUsize);

impl Compared {
    /// [`nearest`], among as many candidates as may still be compared.
    pub fn nearest<'n>(&self, wanted: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let left = MAX_COMPARED.saturating_sub(self.0.load(Ordering::Relaxed));
        let mut compared = 0;
        let meant = nearest(wanted, candidates.into_iter().take(left).inspect(|_| compared += 1));
        self.0.fetch_add(compared, Ordering::Relaxed);
        meant
    }
}

impl Clone for Compared {
    fn clone(&self) -> Self {
        Self(AtomicUsize::new(self.0.load(Ordering::Relaxed)))
    }
}

/// All of them as a sentence lists them, unless there are more than anyone reads.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let few: Vec<&str> = names.into_iter().take(MAX_LISTED + 1).collect();
    (1..=MAX_LISTED).contains(&few.len()).then(|| either(few).replace(" or ", " and "))
}

/// A part of a program as a sentence quotes it: cut where it is too long to be read, or where its first line ends.
pub fn quoted(source: &str) -> String {
    let line = source.lines().next().unwrap_or_default().trim_end();
    match line.char_indices().nth(MAX_NAME) {
        None if line.len() < source.trim_end().len() => format!("{line} …"),
        _ => clipped(line),
    }
}

/// `name`, cut where it is too long to be read.
fn clipped(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}

/// `a`, `a or b`, `a, b or c`, each between backticks.
pub fn either<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{}`", clipped(name))).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// A sentence as it stands inside another: without its capital and its full stop.
pub fn phrase(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_within_a_third_are_suggested() {
        assert_eq!(nearest("Desne", ["Dense", "Dropout"]), Some("Dense"));
        assert_eq!(nearest("maxpooling_2d", ["MaxPooling2D"]), Some("MaxPooling2D"));
        assert_eq!(nearest("unit", ["units", "use_bias"]), Some("units"));
        assert_eq!(nearest("banana", ["Dense", "Dropout"]), None);
    }

    #[test]
    fn names_are_listed_while_they_are_few() {
        assert_eq!(listed(["a", "b"]), Some("`a` and `b`".to_owned()));
        assert_eq!(listed([]), None);
        assert_eq!(listed(["a"; 9]), None);
    }

    #[test]
    fn a_long_part_of_a_program_is_cut() {
        assert_eq!(quoted("a + b"), "a + b");
        assert_eq!(quoted("f(a,\r\n  b)\n"), "f(a, …");
        assert_eq!(quoted(&"é".repeat(65)), format!("{}…", "é".repeat(64)));
    }

    #[test]
    fn sentences_become_phrases() {
        assert_eq!(phrase("How many outputs."), "how many outputs");
        assert_eq!(phrase(""), "");
    }

    #[test]
    fn lists_read_like_a_sentence() {
        assert_eq!(either(["a"]), "`a`");
        assert_eq!(either(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
