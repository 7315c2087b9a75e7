//! What numbers and strings say, and what is wrong with those that say nothing.

use crate::token::{Token, TokenKind};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind};

/// The value of a whole number, unless it is too large.
pub(crate) fn int(text: &str) -> Option<i64> {
    if text.contains('_') { text.replace('_', "").parse().ok() } else { text.parse().ok() }
}

/// The value of a number with a fraction or an exponent, unless it is too large.
pub(crate) fn float(text: &str) -> Option<f64> {
    let value: Option<f64> = if text.contains('_') { text.replace('_', "").parse().ok() } else { text.parse().ok() };
    value.filter(|value| value.is_finite())
}

/// The text of a string with its quotes, its escapes read; those that mean nothing stand for themselves.
pub(crate) fn string(text: &str) -> String {
    let inner = text.strip_prefix('"').unwrap_or(text);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        let (read, left) = escape(rest.as_str());
        value.push(read.unwrap_or('\\'));
        if read.is_some() {
            rest = left.chars();
        }
    }
    value
}

/// Reads what follows a backslash: the character meant, if any, and what is left.
fn escape(rest: &str) -> (Option<char>, &str) {
    let mut chars = rest.chars();
    let meant = match chars.next() {
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('0') => Some('\0'),
        Some(c @ ('"' | '\\')) => Some(c),
        Some('u') => {
            let Some((digits, left)) = chars.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
                return (None, rest);
            };
            let hex = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let value = if hex { u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) } else { None };
            return if value.is_some() { (value, left) } else { (None, rest) };
        }
        _ => None,
    };
    (meant, if meant.is_some() { chars.as_str() } else { rest })
}

/// Whether a token is reported by [`faults`] and so stands for no known value.
pub(crate) fn is_faulty(kind: TokenKind, text: &str) -> bool {
    match kind {
        TokenKind::BadNumber | TokenKind::OpenText | TokenKind::SingleQuoted | TokenKind::Unknown => true,
        TokenKind::Int => int(text).is_none(),
        TokenKind::Float => float(text).is_none(),
        _ => false,
    }
}

/// Reports what is wrong with a token by itself.
pub(crate) fn faults(text: &str, file: FileId, token: &Token, errors: &mut Vec<SyntaxError>) {
    let word = &text[token.range()];
    let span = Span::new(file, token.range());
    match token.kind {
        TokenKind::Int if int(word).is_none() => {
            errors.push(bad(
                SyntaxErrorKind::BadNumber,
                span,
                "this number is too large to hold",
                "larger than 64 bits",
            ));
        }
        TokenKind::Float if float(word).is_none() => {
            errors.push(bad(
                SyntaxErrorKind::BadNumber,
                span,
                "this number is too large to hold",
                "not a finite number",
            ));
        }
        TokenKind::BadNumber => errors.push(bad_number(word, span)),
        TokenKind::OpenText => {
            let mut error = bad(
                SyntaxErrorKind::UnterminatedString,
                span,
                "this string does not end on its line",
                "no closing `\"`",
            );
            error.fix = Some(("insert `\"`".to_owned(), span.after(), "\"".to_owned()));
            errors.push(error);
        }
        TokenKind::SingleQuoted => {
            let inner = word.trim_matches(['\'', '“', '”', '"']).replace('\\', "\\\\").replace('"', "\\\"");
            let mut error = bad(
                SyntaxErrorKind::UnknownCharacter,
                span,
                "strings are written between plain double quotes",
                "these quotes mean nothing",
            );
            error.fix = Some(("use double quotes".to_owned(), span, format!("\"{inner}\"")));
            errors.push(error);
        }
        TokenKind::BlockComment => {
            let mut error = bad(
                SyntaxErrorKind::UnknownCharacter,
                Span::new(file, token.start as usize..token.start as usize + 2),
                "there are no block comments",
                "`/*` means nothing",
            );
            error.help = Some("begin each line of the comment with `//`".to_owned());
            errors.push(error);
        }
        TokenKind::HashComment => {
            let span = Span::new(file, token.start as usize..token.start as usize + 1);
            let mut error =
                bad(SyntaxErrorKind::UnknownCharacter, span, "comments begin with `//`", "`#` means nothing");
            error.fix = Some(("write `//`".to_owned(), span, "//".to_owned()));
            errors.push(error);
        }
        TokenKind::Unknown => errors.push(unknown(word, span)),
        TokenKind::Text if word.contains('\\') => escapes(word, file, token.start as usize, errors),
        _ => {}
    }
}

fn bad(kind: SyntaxErrorKind, span: Span, message: &str, label: &str) -> SyntaxError {
    SyntaxError {
        span,
        kind,
        message: message.to_owned(),
        label: label.to_owned(),
        related: Vec::new(),
        help: None,
        fix: None,
    }
}

fn bad_number(word: &str, span: Span) -> SyntaxError {
    let mut error = bad(SyntaxErrorKind::BadNumber, span, "this is not a number", "cannot be read as a number");
    if let Some(fraction) = word.strip_prefix('.') {
        error.message = "a number has digits on both sides of its dot".to_owned();
        error.label = "no digits before the dot".to_owned();
        error.fix = Some((format!("write `0.{fraction}`"), span, format!("0.{fraction}")));
    } else if word.ends_with('.') {
        error.message = "a number has digits on both sides of its dot".to_owned();
        error.label = "no digits after the dot".to_owned();
        error.fix = Some((format!("write `{word}0`"), span, format!("{word}0")));
    } else if word.ends_with('%') {
        error.help = Some("a remainder is written with spaces: `a % b`".to_owned());
    } else if word.starts_with("0x") || word.starts_with("0b") || word.starts_with("0o") {
        error.help = Some("numbers are written in decimal".to_owned());
    }
    error
}

/// Characters that stand for others when typed on some keyboards or pasted from some pages.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('\u{a0}', " "),
    ('\u{3000}', " "),
    ('\u{200b}', ""),
    ('\u{feff}', ""),
    ('“', "\""),
    ('”', "\""),
    ('‘', "\""),
    ('’', "\""),
    ('（', "("),
    ('）', ")"),
    ('［', "["),
    ('］', "]"),
    ('｛', "{"),
    ('｝', "}"),
    ('，', ","),
    ('：', ":"),
    ('；', ";"),
    ('＝', "="),
    ('−', "-"),
    ('–', "-"),
    ('×', "*"),
    ('÷', "/"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
    ('&', "and"),
    ('!', "not "),
    ('^', "**"),
];

fn unknown(word: &str, span: Span) -> SyntaxError {
    let shown: String = word.chars().take(8).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let mut error =
        bad(SyntaxErrorKind::UnknownCharacter, span, &format!("`{shown}` means nothing here"), "belongs to no token");
    let mut chars = word.chars();
    let first = chars.next();
    let alike = LOOK_ALIKES.iter().find(|(alike, _)| Some(*alike) == first).map(|(_, meant)| *meant);
    let replacement = match word {
        "&&" => Some("and"),
        "||" => Some("or"),
        _ if chars.next().is_none() => alike,
        _ => None,
    };
    if let Some(meant) = replacement {
        let name =
            if meant.trim().is_empty() { "use a plain space".to_owned() } else { format!("write `{}`", meant.trim()) };
        error.fix = Some((name, span, meant.to_owned()));
    }
    error
}

/// Reports each escape that means nothing.
fn escapes(word: &str, file: FileId, start: usize, errors: &mut Vec<SyntaxError>) {
    let end = word.len() - 1;
    let mut at = 1;
    while let Some(found) = word.get(at..end).and_then(|rest| rest.find('\\')) {
        let backslash = at + found;
        let rest = &word[backslash + 1..end];
        let (meant, left) = escape(rest);
        let length = match (meant, rest.chars().next()) {
            (Some(_), _) => rest.len() - left.len(),
            (None, c) => c.map_or(0, char::len_utf8),
        };
        if meant.is_none() {
            let span = Span::new(file, start + backslash..start + backslash + 1 + length);
            let mut error = bad(
                SyntaxErrorKind::UnknownEscape,
                span,
                &format!("`\\{}` means nothing in a string", &rest[..length]),
                "unknown escape",
            );
            error.help = Some(r#"the escapes are \n \t \r \0 \" \\ and \u{…}"#.to_owned());
            error.fix = Some(("write a backslash".to_owned(), span.before(), "\\".to_owned()));
            errors.push(error);
        }
        at = backslash + 1 + length;
    }
}
