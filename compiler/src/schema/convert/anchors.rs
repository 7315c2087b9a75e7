//! Regular expressions for whole values, as a schema has them, and for a place in a value, as most others do.

/// A pattern that finds what a whole value must match: `^…$`.
pub(super) fn anchored(pattern: &str) -> String {
    // A group around the whole is one that is taken off again, so a pattern that is one gets another.
    if alternates(pattern) || grouped(pattern).is_some() { format!("^(?:{pattern})$") } else { format!("^{pattern}$") }
}

/// A pattern that a whole value matches, of one that is found somewhere in it.
pub(super) fn whole(text: &str) -> String {
    let (begins, text) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
    let escaped =
        text.strip_suffix('$').is_some_and(|rest| rest.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1);
    let (ends, text) = text.strip_suffix('$').filter(|_| !escaped).map_or((false, text), |rest| (true, rest));
    // `^a|b$` begins and ends different things.
    let grouped = grouped(text);
    let single = !alternates(text);
    if begins && ends {
        return match grouped {
            Some(inner) => inner.to_owned(),
            None if single => text.to_owned(),
            None => format!(".*(?:^{text}$).*"),
        };
    }
    let inner = if single { text.to_owned() } else { format!("(?:{text})") };
    format!("{}{inner}{}", if begins { "" } else { "(?s:.*)" }, if ends { "" } else { "(?s:.*)" })
}

/// What stands in a group that is the whole pattern.
fn grouped(text: &str) -> Option<&str> {
    text.strip_prefix("(?:").and_then(|rest| rest.strip_suffix(')')).filter(|inner| closes_nothing(inner))
}

/// The letters of a pattern that are no escapes and stand in no class, with how deep in groups they stand.
fn bare(text: &str) -> impl Iterator<Item = (char, isize)> {
    let mut depth = 0;
    let mut class = false;
    let mut letters = text.chars();
    std::iter::from_fn(move || {
        loop {
            match letters.next()? {
                '\\' => {
                    letters.next();
                }
                '[' if !class => class = true,
                ']' if class => class = false,
                _ if class => {}
                '(' => {
                    depth += 1;
                    return Some(('(', depth));
                }
                ')' => {
                    depth -= 1;
                    return Some((')', depth));
                }
                letter => return Some((letter, depth)),
            }
        }
    })
}

/// Whether an alternation stands outside of every group.
fn alternates(text: &str) -> bool {
    bare(text).any(|(letter, depth)| letter == '|' && depth == 0)
}

/// Whether every bracket that is closed was opened.
fn closes_nothing(text: &str) -> bool {
    bare(text).all(|(_, depth)| depth >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_come_and_go() {
        for pattern in ["[A-Z]{3}", "a|b", "(a|b)c", "[|]x", "a\\\\", "", "(?:a|b)", "a\\$"] {
            assert_eq!(whole(&anchored(pattern)), pattern, "{pattern}");
        }
    }

    #[test]
    fn what_is_found_anywhere_may_stand_among_others() {
        assert_eq!(whole("abc"), "(?s:.*)abc(?s:.*)");
        assert_eq!(whole("^a"), "a(?s:.*)");
        assert_eq!(whole("a|b"), "(?s:.*)(?:a|b)(?s:.*)");
        assert_eq!(whole("^a|b$"), ".*(?:^a|b$).*");
        assert_eq!(whole("price\\$"), "(?s:.*)price\\$(?s:.*)");
    }
}
