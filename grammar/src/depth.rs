//! How deep the tree of a declaration can become, before it is made.
//!
//! Every bracket, operator, call, field and index makes the tree at most one level deeper. Counting them bounds the parser's
//! stack and that of everything that later walks the tree, whatever the text.

use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;

/// Levels of brackets and operators that an expression may have.
pub const MAX_NESTING: usize = 256;

/// The depth of the tree of `lexemes`, or the place of the first that goes deeper than [`MAX_NESTING`].
pub(crate) fn depth(lexemes: &[Lexeme<'_>]) -> Result<usize, usize> {
    // The levels of the current item of each open bracket, and their sum; those of the innermost are in `here`.
    let mut outer: Vec<usize> = Vec::new();
    let mut below = 0;
    let mut here = 0;
    let mut deepest = 0;
    let mut after_value = false;
    for (at, lexeme) in lexemes.iter().enumerate() {
        // Something new begins, on the same line or the next.
        if after_value && lexeme.begins_anew() || lexeme.is_separator() || lexeme.is(TokenKind::Comma) {
            here = 0;
        }
        if lexeme.is_opener() {
            if matches!(lexeme.kind, LexemeKind::Plain(_)) && after_value {
                here = 0;
            }
            outer.push(here + 1);
            below += here + 1;
            here = 0;
        } else if lexeme.is_closer() {
            here = outer.pop().unwrap_or(0);
            below -= here;
        } else if deepens(lexeme) {
            here += 1;
        }
        deepest = deepest.max(below + here);
        if deepest > MAX_NESTING {
            return Err(at);
        }
        after_value = match lexeme.kind {
            LexemeKind::Plain(kind) => kind.ends_expression(),
            LexemeKind::Bad => true,
            _ => false,
        };
    }
    Ok(deepest)
}

/// Whether it is an operator or a field's dot.
fn deepens(lexeme: &Lexeme<'_>) -> bool {
    matches!(lexeme.kind, LexemeKind::Plain(kind)
        if kind.is_infix()
            || matches!(kind, TokenKind::As | TokenKind::Not | TokenKind::Dot | TokenKind::DotDot | TokenKind::DotDotEqual))
}
