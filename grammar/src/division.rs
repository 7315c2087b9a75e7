//! Comments that were probably meant as divisions.
//!
//! `width // 2` is a comment (see [`crate::token`]). Where reading it so would quietly drop a divisor or a bracket, it is an
//! error that says how to write either.

use crate::token::{Token, TokenKind};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, SyntaxFix};

/// Reports each comment that follows a value on its line and holds nothing but a whole number, or nothing but a name that
/// the file uses elsewhere, after a name or a number that is bound by `=` on that line. Answers whether the second was asked.
pub(crate) fn mistaken(
    text: &str,
    file: FileId,
    tokens: &[Token],
    uses: &mut dyn FnMut(&str) -> bool,
    errors: &mut Vec<SyntaxError>,
) -> bool {
    let mut asked = false;
    for pair in tokens.windows(2) {
        let [before, comment] = pair else { continue };
        if comment.kind != TokenKind::Comment || comment.first_on_line || !is_operand(before.kind) {
            continue;
        }
        let Some(body) = text[comment.range()].strip_prefix("//").map(str::trim) else { continue };
        let number = !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_digit());
        let word = !body.is_empty() && body.chars().all(|c| c == '_' || c.is_alphanumeric());
        let bound = matches!(before.kind, TokenKind::Word | TokenKind::Int) && binds(text, before);
        asked |= word && bound;
        if number || word && bound && uses(body) {
            errors.push(error(text, file, before.end as usize, comment.start as usize));
        }
    }
    asked
}

/// The error for a bracket that is missing at `end` because a comment took it: `Dense(width // 2)`.
pub(crate) fn swallowed_bracket(text: &str, file: FileId, end: usize) -> Option<SyntaxError> {
    let comment = text[end..].trim_start_matches([' ', '\t']);
    let body = comment.strip_prefix("//").filter(|body| !body.starts_with('/'))?.lines().next()?;
    let start = text.len() - comment.len();
    let closes = body.chars().scan(0_i32, |depth, c| {
        *depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
        Some(*depth)
    });
    let operand = text[..end].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']'));
    let begins = body.trim_start().starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '('));
    if !operand || !begins || !closes.into_iter().any(|depth| depth < 0) {
        return None;
    }
    Some(error(text, file, end, start))
}

/// The error for the `//` at `start`, after an operand that ends at `end`.
fn error(text: &str, file: FileId, end: usize, start: usize) -> SyntaxError {
    let after = start + 2;
    let divisor = after + text[after..].find(|c: char| c != ' ' && c != '\t').unwrap_or(0);
    let spaces = [end..start, after..divisor];
    let edits = spaces.into_iter().filter(|gap| !gap.is_empty()).map(|gap| (Span::new(file, gap), String::new()));
    SyntaxError {
        span: Span::new(file, start..after),
        kind: SyntaxErrorKind::AmbiguousStatement,
        message: "this `//` begins a comment, but what follows reads as a divisor".to_owned(),
        label: "a space before `//` makes it a comment".to_owned(),
        related: Vec::new(),
        help: Some("divide with `a//b`, without spaces; or say in words what the comment means".to_owned()),
        fix: Some(SyntaxFix { title: "remove the spaces, to divide".to_owned(), edits: edits.collect() }),
    }
}

fn is_operand(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Word | TokenKind::Int | TokenKind::RightParen | TokenKind::RightBracket)
}

/// Whether the line of `token` has a `=` before it, as in `half = width`.
fn binds(text: &str, token: &Token) -> bool {
    let before = &text[..token.start as usize];
    before[before.rfind('\n').map_or(0, |at| at + 1)..].contains('=')
}
