//! Names, texts and numbers as a program writes them.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use ndsl_grammar::{TokenKind, lex};

/// A text between quotes, with its escapes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || breaks_lines(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that some programs end a line at.
fn breaks_lines(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// What can stand on one line of a comment: control characters are spaces there.
pub fn one_line(line: &str) -> String {
    line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim_end().to_owned()
}

/// A regular expression as it stands between the quotes of `matches`, where no escape is read: what would end the string, or its
/// line, is written as the expression's own escape.
pub fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        match (c, escaped) {
            ('"', false) => out.push_str("\\\""),
            ('\n', false) => out.push_str("\\n"),
            ('\r', false) => out.push_str("\\r"),
            ('\n', true) => out.push('n'),
            ('\r', true) => out.push('r'),
            (c, _) => out.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    out
}

/// Whether a text is a word that an expression reads as a name.
pub fn is_name(text: &str) -> bool {
    let tokens = lex(text);
    matches!(&tokens[..], [only] if only.kind == TokenKind::Word && only.range() == (0..text.len())) && text != "if"
}

/// A moment as a program writes it, from its text in another format: the first moment of a day is written as the day.
pub fn moment(text: &str) -> Option<String> {
    let text = text.replacen(' ', "T", 1);
    let alone = |wanted| matches!(&lex(&text)[..], [only] if only.kind == wanted);
    if alone(TokenKind::Date) {
        return Some(text);
    }
    let day = text.strip_suffix("T00:00:00").or_else(|| text.strip_suffix("T00:00"));
    alone(TokenKind::DateTime).then(|| day.unwrap_or(&text).to_owned())
}

/// Names that are each another, made of names that may be anything.
#[derive(Default)]
pub struct Names {
    taken: HashSet<String>,
    /// The number to try next for a word that is taken.
    next: HashMap<String, usize>,
}

impl Names {
    /// A word for `name` that is not taken yet: the name itself where it is one.
    pub fn word(&mut self, name: &str, otherwise: &str) -> String {
        let word = word_of(name, otherwise);
        if self.taken.insert(word.clone()) {
            return word;
        }
        let count = self.next.entry(word.clone()).or_insert(2);
        loop {
            let candidate = format!("{word}_{count}");
            *count += 1;
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// `hours_per_week` of `hours-per-week`
pub fn word_of(name: &str, otherwise: &str) -> String {
    if is_name(name) {
        return name.to_owned();
    }
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c == '_' || c.is_alphanumeric() => out.push(c),
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    let trimmed = out.trim_end_matches('_');
    let candidates = [trimmed.to_owned(), format!("_{trimmed}"), format!("{trimmed}_"), otherwise.to_owned()];
    candidates
        .into_iter()
        .find(|candidate| is_name(candidate) && candidate != "_")
        .unwrap_or_else(|| otherwise.to_owned())
}

/// A share as a percentage that reads as the very same number.
pub fn share(share: f64) -> String {
    // The digits are moved, not the number, so that nothing is rounded twice.
    let text = format!("{share}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{fraction:0<2}");
    let moved = format!("{whole}{}", &digits[..2]);
    let whole = moved.trim_start_matches('0');
    let rest = digits[2..].trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if rest.is_empty() { format!("{whole}%") } else { format!("{whole}.{rest}%") }
}

/// A number with a fraction, or a whole one without.
pub fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{}", number as i64);
    }
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_they_were() {
        for (number, text) in
            [(0.7, "70%"), (0.05, "5%"), (1.0, "100%"), (0.0, "0%"), (0.125, "12.5%"), (0.001, "0.1%")]
        {
            assert_eq!(share(number), text);
        }
        let third: f64 = 1.0 / 3.0;
        assert_eq!(format!("{}e-2", share(third).trim_end_matches('%')).parse::<f64>(), Ok(third));
    }

    #[test]
    fn names_become_words_each_another() {
        let mut names = Names::default();
        let words = ["hours-per-week", "hours per week", "in", "2nd", "", "größe", "if", "-"];
        let words: Vec<String> = words.iter().map(|name| names.word(name, "column")).collect();
        assert_eq!(words, ["hours_per_week", "hours_per_week_2", "_in", "_2nd", "column", "größe", "_if", "column_2"]);
    }

    #[test]
    fn quotation_marks_do_not_end_a_pattern() {
        assert_eq!(pattern(r#"a"b\"c\\""#), r#"a\"b\"c\\\""#);
    }
}
