//! What holds of every text that is split into tokens.

use ndsl_grammar::{Token, lex};

/// Splits `text`: its tokens and the white space between them make it up, in order.
pub fn split(text: &str) -> Vec<Token> {
    let tokens = lex(text);
    let blank = |gap: &str| assert!(gap.chars().all(|c| c.is_whitespace() || c == '\u{feff}'), "{gap:?} is no token");
    let mut end = 0;
    for token in &tokens {
        let range = token.range();
        assert!(range.start >= end && range.end > range.start, "{token:?} after {end}");
        blank(&text[end..range.start]);
        assert!(text.get(range.clone()).is_some(), "{token:?} cuts a character");
        end = range.end;
    }
    blank(&text[end..]);
    tokens
}
