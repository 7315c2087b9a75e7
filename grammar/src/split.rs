//! Tokens to declarations.
//!
//! Each declaration is parsed alone, so a broken one costs no other.

use crate::brackets::Brackets;
use crate::keyword::{self, Keyword};
use crate::token::{Token, TokenKind};
use std::ops::Range;

/// The tokens of one declaration.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    /// The keyword it begins with, or was meant to begin with.
    pub(crate) keyword: Option<&'static Keyword>,
    /// Whether the keyword is written otherwise than meant.
    pub(crate) misspelt: bool,
    /// Its tokens.
    pub(crate) tokens: Range<usize>,
}

/// Cuts `tokens`, comments left out, into declarations.
///
/// One begins at a keyword outside all brackets; and at a line that starts with a keyword, a name and what must follow that,
/// even where a bracket before it was never closed.
pub(crate) fn split(text: &str, tokens: &[Token]) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut open: Brackets<()> = Brackets::new();
    for (index, token) in tokens.iter().enumerate() {
        if let Some(found) = start(text, tokens, index, &open, chunks.last()) {
            open.clear();
            if let Some(last) = chunks.last_mut() {
                last.tokens.end = index;
            }
            let (keyword, misspelt) = match found {
                Start::Keyword(keyword) => (Some(keyword), false),
                Start::Misspelt(keyword) => (Some(keyword), true),
                Start::Unknown => (None, false),
            };
            chunks.push(Chunk { keyword, misspelt, tokens: index..tokens.len() });
        }
        if let Some(closer) = token.kind.closer() {
            open.push(closer, ());
        } else if token.kind.is_closer() {
            let holds = open.holds(token.kind);
            while open.pop().is_some_and(|(closer, ())| holds && closer != token.kind) {}
        }
    }
    chunks
}

enum Start {
    Keyword(&'static Keyword),
    Misspelt(&'static Keyword),
    Unknown,
}

/// Whether a declaration starts at `index`.
fn start(text: &str, tokens: &[Token], index: usize, open: &Brackets<()>, current: Option<&Chunk>) -> Option<Start> {
    let token = tokens[index];
    let word = &text[token.range()];
    let keyword = if token.kind == TokenKind::Word { keyword::declaration(word) } else { None };
    let next = |ahead: usize| tokens.get(index + ahead).map(|token| token.kind);
    let Some(chunk) = current else {
        return Some(keyword.map_or_else(|| unknown(word, next(1)), Start::Keyword));
    };
    if !open.is_empty() {
        // Only what cannot be a setting, a column or a statement breaks out of an open bracket.
        let follows =
            matches!(next(2), Some(TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::Assign | TokenKind::Colon));
        return keyword
            .filter(|_| token.first_on_line && next(1) == Some(TokenKind::Word) && follows)
            .map(Start::Keyword);
    }
    if token.kind != TokenKind::Word {
        return None;
    }
    let previous = tokens[index - 1];
    let names = chunk.keyword.is_some() && index == chunk.tokens.start + 1;
    if let Some(keyword) = keyword {
        let stands_alone = !names && previous.kind.ends_expression();
        return (token.first_on_line || stands_alone).then_some(Start::Keyword(keyword));
    }
    let at_margin = token.first_on_line && text[..token.start as usize].chars().next_back().is_none_or(|c| c == '\n');
    let after_body = previous.kind == TokenKind::RightBrace && index > chunk.tokens.start + 1;
    let starts = !names && (after_body || at_margin && previous.kind.ends_expression());
    if !starts {
        return None;
    }
    match (unknown(word, next(1)), chunk.keyword) {
        // Lines that mean nothing together are one mistake.
        (Start::Unknown, None) => None,
        (start, _) => Some(start),
    }
}

/// A word that begins no declaration: perhaps a misspelt keyword.
fn unknown(word: &str, next: Option<TokenKind>) -> Start {
    match keyword::nearest_declaration(word) {
        Some(keyword) if next == Some(TokenKind::Word) => Start::Misspelt(keyword),
        _ => Start::Unknown,
    }
}
