//! "Did you mean": the known name nearest to one that is not known.

/// The candidate nearest to `wanted`, if one is near enough to be what was meant: within a third of its length in edits
/// (swapped neighbours counting as one), or equal but for case and underscores.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (wanted.chars().count() / 3).max(1);
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let distance = |candidate: &str| match plain(candidate) == plain(wanted) {
        true => 0,
        false => strsim::damerau_levenshtein(wanted, candidate),
    };
    let scored = candidates.into_iter().map(|candidate| (distance(candidate), candidate));
    scored.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// `a`, `a or b`, `a, b or c`, each between backticks.
pub fn either<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
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
