//! Strings that do not end on their line, and where they were probably meant to end.

use crate::literal::{bad, is_cut_off, is_faulty};
use crate::token::{Token, TokenKind, lex};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, SyntaxFix};

/// Longer strings are closed at their line's end, unread.
const MAX_READ: usize = 1000;

/// How many marks are tried as the end.
const MAX_TRIED: usize = 8;

/// How many brackets the rest of a line may close.
const MAX_CLOSED: usize = 32;

/// The error for the string that `token` leaves open; `open` are the closers of the brackets it stands in, the innermost last.
pub(crate) fn error(text: &str, file: FileId, token: &Token, open: &[TokenKind]) -> SyntaxError {
    let word = &text[token.range()];
    let span = Span::new(file, token.range());
    let message = "this string does not end on its line";
    let mut error = bad(SyntaxErrorKind::UnterminatedString, span, message, "no closing `\"`");
    let length = end(word, open);
    let place = Span::new(file, token.start as usize + length..token.start as usize + length);
    let title = match length < word.len() {
        true => format!("close it before `{}`: `{}\"`", &word[length..length + 1], shown(&word[..length])),
        false => "insert `\"`".to_owned(),
    };
    // A backslash at the very end would make the quote part of the string.
    error.fix = (!word.ends_with('\\') || length < word.len()).then(|| SyntaxFix::new(title, place, "\""));
    error
}

/// Whether the single quotes of the token at `index` enclose what stands between two strings: `'x, '` in `['x, 'y']`, where
/// the first has no closing quote; or whether its line ends before the closing one.
pub(crate) fn is_left_open(text: &str, tokens: &[Token], index: usize) -> bool {
    let token = &tokens[index];
    let word = &text[token.range()];
    if word.starts_with('\'') && is_cut_off(word) {
        return true;
    }
    let touched = tokens.get(index + 1).is_some_and(|next| next.start == token.end && !next.kind.is_closer());
    word.len() > 2 && word.starts_with('\'') && word.ends_with('\'') && touched && word.contains([',', ')', ']'])
}

/// The error for a string that begins with a single quote and was left open: on its line, or up to the next string.
pub(crate) fn single(text: &str, file: FileId, token: &Token, open: &[TokenKind]) -> SyntaxError {
    let word = &text[token.range()];
    let length = match is_cut_off(word) {
        true => end(word, open),
        false => word.find([',', ')', ']']).unwrap_or(word.len() - 1),
    };
    let span = Span::new(file, token.range().start..token.range().start + length);
    let message = "this string does not end on its line";
    let mut error = bad(SyntaxErrorKind::UnterminatedString, span, message, "no closing quote");
    let inner = word[1..length].replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!("\"{inner}\"");
    error.help = Some("strings are written between plain double quotes".to_owned());
    error.fix = Some(SyntaxFix::new(format!("write `{}`", shown(&text)), span, text));
    error
}

/// The length of the string that was probably meant: up to the first `,` or closing bracket after which the rest of the
/// line reads as what goes on with the brackets that are open, or else all of it.
fn end(word: &str, open: &[TokenKind]) -> usize {
    if word.len() > MAX_READ {
        return word.len();
    }
    let marks = word.char_indices().filter(|(at, c)| *at > 0 && matches!(c, ',' | ')' | ']'));
    let mut ends = marks.map(|(at, _)| at).take(MAX_TRIED);
    ends.find(|at| goes_on(&word[*at..], open)).unwrap_or(word.len())
}

/// Whether `rest` can follow a value between the brackets that are `open`.
fn goes_on(rest: &str, open: &[TokenKind]) -> bool {
    let mut open = open[open.len().saturating_sub(MAX_CLOSED)..].to_vec();
    let mut before = TokenKind::Text;
    for token in lex(rest) {
        let list = matches!(open.last(), Some(TokenKind::RightParen | TokenKind::RightBracket));
        let kind = token.kind;
        let follows = match before.ends_expression() {
            true => !kind.begins_expression() && kind != TokenKind::Colon,
            false => kind.begins_expression() || before == TokenKind::Comma && kind.is_closer(),
        };
        let fits = match kind {
            TokenKind::Comma => list,
            _ if kind.is_closer() => open.pop() == Some(kind),
            _ => !is_faulty(kind, &rest[token.range()]),
        };
        // What opens a bracket touches what it belongs to; the parser has more to say of that than is needed here.
        let opens = kind.closer();
        if !(fits && (follows || opens.is_some())) {
            return false;
        }
        open.extend(opens);
        before = if opens.is_some() { TokenKind::Comma } else { kind };
    }
    true
}

/// The end of a string for a message, cut where it is long.
fn shown(word: &str) -> String {
    match word.char_indices().rev().nth(31) {
        Some((at, _)) if at > 0 => format!("…{}", &word[at..]),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(word: &str, open: &[TokenKind]) -> String {
        word[..end(word, open)].to_owned()
    }

    #[test]
    fn a_string_ends_where_the_rest_of_the_line_goes_on_with_the_call() {
        let call = [TokenKind::RightParen];
        let list = [TokenKind::RightParen, TokenKind::RightBracket];
        assert_eq!(meant("\"houses.csv, target=price)", &call), "\"houses.csv");
        assert_eq!(meant("\"houses.csv)", &call), "\"houses.csv");
        assert_eq!(meant("\"a, b], target=y)", &list), "\"a");
        assert_eq!(meant("\"pixel_*], target=label)", &list), "\"pixel_*");
        assert_eq!(meant("\"houses.csv,", &call), "\"houses.csv");
    }

    #[test]
    fn a_string_ends_with_its_line_where_the_rest_would_mean_nothing() {
        assert_eq!(meant("\"hello, world", &[]), "\"hello, world");
        assert_eq!(meant("\"a (b)", &[]), "\"a (b)");
        assert_eq!(meant("\"hello, big world)", &[TokenKind::RightParen]), "\"hello, big world");
        assert_eq!(meant("\"50%, é$)", &[TokenKind::RightParen]), "\"50%, é$");
    }
}
