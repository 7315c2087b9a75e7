//! How deep the tree of a declaration can become, before it is made.
//!
//! Every bracket, operator, call, field and index makes the tree at most one level deeper. Counting them on the tokens bounds
//! the parser's stack and that of everything that later walks the tree, whatever the text.

use crate::token::{Token, TokenKind};

/// Levels of brackets and operators that an expression may have.
pub const MAX_NESTING: usize = 256;

/// The depth of the tree of `tokens`, or the first token that goes deeper than [`MAX_NESTING`].
pub(crate) fn depth(tokens: &[Token]) -> Result<usize, Token> {
    // The levels of each open bracket's current item, and the sum of those below the innermost.
    let mut outer: Vec<usize> = Vec::new();
    let mut below = 0;
    let mut here = 0;
    let mut deepest = 0;
    let mut previous: Option<Token> = None;
    for token in tokens {
        let kind = token.kind;
        let after_value = previous.is_some_and(|token| token.kind.ends_expression());
        let in_braces_or_outside = outer.is_empty() || in_braces(&outer);
        if kind.closer().is_some() {
            let level = (here + 1) << 1 | usize::from(kind == TokenKind::LeftBrace);
            outer.push(level);
            below += here + 1;
            here = 0;
        } else if kind.is_closer() {
            if let Some(level) = outer.pop() {
                here = level >> 1;
                below -= here;
            }
        } else if matches!(kind, TokenKind::Comma | TokenKind::Semicolon)
            || token.first_on_line && !kind.continues_line() && in_braces_or_outside
            || after_value && kind.begins_expression() && kind != TokenKind::Minus
        {
            here = usize::from(matches!(kind, TokenKind::Not));
        } else if kind.continues_line() || matches!(kind, TokenKind::Not | TokenKind::Dot) {
            here += 1;
        }
        deepest = deepest.max(below + here);
        if deepest > MAX_NESTING {
            return Err(*token);
        }
        previous = Some(*token);
    }
    Ok(deepest)
}

/// Whether the innermost open bracket is a brace: its line ends count.
fn in_braces(outer: &[usize]) -> bool {
    outer.last().is_some_and(|level| level & 1 == 1)
}
