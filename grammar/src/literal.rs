//! What numbers and strings say, and what is wrong with those that say nothing.

use crate::moment;
use crate::token::{Token, TokenKind};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, SyntaxFix, open_string};

/// The value of a whole number, unless it is too large.
pub(crate) fn int(text: &str) -> Option<i64> {
    if text.contains('_') { text.replace('_', "").parse().ok() } else { text.parse().ok() }
}

/// The value of a number with a fraction or an exponent, unless it is too large.
pub(crate) fn float(text: &str) -> Option<f64> {
    let value: Option<f64> = if text.contains('_') { text.replace('_', "").parse().ok() } else { text.parse().ok() };
    value.filter(|value| value.is_finite())
}

/// The share of one that `30%` is.
pub(crate) fn share(text: &str) -> Option<f64> {
    // Read with its exponent, so that 30% is 0.3 and not 30 times a hundredth.
    float(&format!("{}e-2", text.strip_suffix('%')?))
}

/// The number and the unit of `2.00usd`.
pub(crate) fn quantity(text: &str) -> Option<(f64, &str)> {
    let based = matches!(text.as_bytes(), [b'0', b'x' | b'b' | b'o', next, ..] if next.is_ascii_hexdigit());
    let digits = |from: usize| text[from..].find(|c: char| c != '_' && !c.is_ascii_digit()).map(|at| from + at);
    let mut end = digits(0)?;
    if text[end..].starts_with('.') {
        end = digits(end + 1)?;
    }
    let exponent = text[end..].strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    if let Some(rest) = exponent.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        end = digits(text.len() - rest.len())?;
    }
    let number = float(&text[..end])?;
    (!based).then_some((number, &text[end..]))
}

/// The text between a string's quotes, as it stands.
pub(crate) fn raw(text: &str) -> &str {
    let inner = text.strip_prefix('"').unwrap_or(text);
    inner.strip_suffix('"').unwrap_or(inner)
}

/// The text of a string with its quotes, its escapes read; those that mean nothing stand for themselves.
pub(crate) fn string(text: &str) -> String {
    unescaped(raw(text))
}

/// A text with the escapes of a program's texts read, `\n` and its like; those that mean nothing stand for themselves.
pub fn unescaped(inner: &str) -> String {
    if !inner.contains('\\') {
        return inner.to_owned();
    }
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
        // Short numbers cannot be too large.
        TokenKind::Int => text.len() > 18 && int(text).is_none(),
        TokenKind::Float => {
            !(text.len() < 100 && text.contains('.') && !text.contains(['e', 'E'])) && float(text).is_none()
        }
        TokenKind::Share => share(text).is_none(),
        TokenKind::Quantity => quantity(text).is_none(),
        TokenKind::Date => moment::date(text).is_err(),
        TokenKind::Time => moment::time(text).is_err(),
        TokenKind::DateTime => moment::date_time(text).is_err(),
        _ => false,
    }
}

/// Whether the text of a faulty token is a string that its line's end cut off.
pub(crate) fn is_cut_off(text: &str) -> bool {
    let mut letters = text.chars();
    match letters.next() {
        Some('"') => true,
        Some('\'') => !letters.as_str().ends_with('\''),
        Some('“') => !letters.as_str().ends_with(['”', '"']),
        _ => false,
    }
}

/// Reports what is wrong with a token by itself.
pub(crate) fn faults(text: &str, file: FileId, token: &Token, errors: &mut Vec<SyntaxError>) {
    let word = &text[token.range()];
    let span = Span::new(file, token.range());
    match token.kind {
        TokenKind::Int if is_faulty(token.kind, word) => {
            errors.push(bad(
                SyntaxErrorKind::BadNumber,
                span,
                "this number is too large to hold",
                "larger than 64 bits",
            ));
        }
        TokenKind::Float if is_faulty(token.kind, word) => {
            errors.push(too_large(span));
        }
        TokenKind::BadNumber => errors.push(bad_number(word, span)),
        TokenKind::Share if share(word).is_none() => errors.push(too_large(span)),
        TokenKind::Quantity if quantity(word).is_none() => errors.push(bad_number(word, span)),
        TokenKind::Date => errors.extend(moment::date(word).err().map(|why| why.error(span))),
        TokenKind::Time => errors.extend(moment::time(word).err().map(|why| why.error(span))),
        TokenKind::DateTime => errors.extend(moment::date_time(word).err().map(|why| why.error(span))),
        TokenKind::OpenText => errors.push(open_string::error(text, file, token, &[])),
        TokenKind::SingleQuoted => {
            let inner = word.trim_matches(['\'', '“', '”', '"']).replace('\\', "\\\\").replace('"', "\\\"");
            let mut error = bad(
                SyntaxErrorKind::UnknownCharacter,
                span,
                "strings are written between plain double quotes",
                "these quotes mean nothing",
            );
            error.fix = Some(SyntaxFix::new("use double quotes", span, format!("\"{inner}\"")));
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
            error.fix = Some(SyntaxFix::new("write `//`", span, "//"));
            errors.push(error);
        }
        TokenKind::Unknown => errors.push(unknown(word, span)),
        TokenKind::Text if word.contains('\\') => escapes(word, file, token.start as usize, errors),
        _ => {}
    }
}

pub(crate) fn bad(kind: SyntaxErrorKind, span: Span, message: &str, label: &str) -> SyntaxError {
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

fn too_large(span: Span) -> SyntaxError {
    bad(SyntaxErrorKind::BadNumber, span, "this number is too large to hold", "not a finite number")
}

fn bad_number(word: &str, span: Span) -> SyntaxError {
    let mut error = bad(SyntaxErrorKind::BadNumber, span, "this is not a number", "cannot be read as a number");
    let dated = word.len() > 10 && moment::date(word.get(..10).unwrap_or("")).is_ok();
    if let Some(fraction) = word.strip_prefix('.') {
        error.message = "a number has digits on both sides of its dot".to_owned();
        error.label = "no digits before the dot".to_owned();
        error.fix = Some(SyntaxFix::new(format!("write `0.{fraction}`"), span, format!("0.{fraction}")));
    } else if word.ends_with('.') {
        error.message = "a number has digits on both sides of its dot".to_owned();
        error.label = "no digits after the dot".to_owned();
        error.fix = Some(SyntaxFix::new(format!("write `{word}0`"), span, format!("{word}0")));
    } else if let Some((number, divisor)) = word.split_once('%') {
        error.label = "`%` touches what stands before and after it".to_owned();
        error.help = Some("a remainder is written with spaces: `a % b`; a share without: `30%`".to_owned());
        error.fix = Some(SyntaxFix::new("write a remainder", span, format!("{number} % {divisor}")));
    } else if word.starts_with("0x") || word.starts_with("0b") || word.starts_with("0o") {
        error.help = Some("numbers are written in decimal".to_owned());
    } else if word.contains(':') || dated {
        error.message = "this is neither a date nor a time".to_owned();
        error.label = "cannot be read as a date or a time".to_owned();
        error.help =
            Some("write `2019-01-31`, `08:30:00` or `2019-01-31T08:30:00`; there are no time zones".to_owned());
    } else if quantity(word).is_none() && word.starts_with(|c: char| c.is_ascii_digit()) {
        return too_large(span);
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
    if word == "..." {
        error.label = "what is left out here has to be written".to_owned();
    }
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
        error.fix = Some(SyntaxFix::new(name, span, meant));
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
            error.fix = Some(SyntaxFix::new("double the backslash", span, format!("\\\\{}", &rest[..length])));
            errors.push(error);
        }
        at = backslash + 1 + length;
    }
}
