//! Tokens to declarations.
//!
//! Each declaration is parsed alone, so a broken one costs no other.

use crate::brackets::Brackets;
use crate::keyword::{self, Keyword};
use crate::parse::advice;
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
        let found = start(text, tokens, index, &open, chunks.last());
        if let Some(Start::Body) = found {
            open.push(TokenKind::RightBrace, ());
        } else if let Some(found) = found {
            open.clear();
            if let Some(last) = chunks.last_mut() {
                last.tokens.end = index;
            }
            let (keyword, misspelt) = match found {
                Start::Keyword(keyword) => (Some(keyword), false),
                Start::Misspelt(keyword) => (Some(keyword), true),
                Start::Unknown | Start::Body => (None, false),
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
    /// None: the body before goes on, though one brace too many has closed it.
    Body,
}

/// Whether a declaration starts at `index`.
fn start(text: &str, tokens: &[Token], index: usize, open: &Brackets<()>, current: Option<&Chunk>) -> Option<Start> {
    let token = tokens[index];
    // Inside brackets a declaration begins at most at the start of a line.
    let starts_line = token.first_on_line && token.kind == TokenKind::Word;
    if !open.is_empty() && !starts_line {
        return None;
    }
    let word = &text[token.range()];
    let keyword = if token.kind == TokenKind::Word { keyword::declaration(word) } else { None };
    let next = |ahead: usize| tokens.get(index + ahead).map(|token| token.kind);
    let Some(chunk) = current else {
        return Some(keyword.map_or_else(|| unknown(word, next(1)), Start::Keyword));
    };
    if !open.is_empty() {
        // Only what cannot be a setting, a column or a statement breaks out of an open bracket.
        let follows =
            matches!(next(2), Some(TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::Assign | TokenKind::Colon))
                || word == "use" && matches!(next(2), Some(TokenKind::Comma | TokenKind::As | TokenKind::Word))
                || word == "schema" && tokens.get(index + 2).is_some_and(|token| &text[token.range()] == "from")
                || word == "assert" && is_at_margin(text, &token);
        // A value of a body that is named as it would be elsewhere.
        let named = word == "const" && indent(text, &token) > indent(text, &tokens[chunk.tokens.start]);
        return keyword
            .filter(|_| token.first_on_line && next(1) == Some(TokenKind::Word) && follows && !named)
            .map(Start::Keyword);
    }
    if token.kind != TokenKind::Word {
        return None;
    }
    let first = &tokens[chunk.tokens.start];
    let foreign = chunk.keyword.is_none() && advice::begins_elsewhere(&text[first.range()]);
    if foreign && first.first_on_line && line_indent(text, &token) > indent(text, first) {
        // What is indented below `def build():` belongs to it.
        return None;
    }
    let previous = &tokens[index - 1];
    let names = chunk.keyword.is_some() && index == chunk.tokens.start + 1;
    if let Some(keyword) = keyword {
        let provider = &text[previous.range()] == "using";
        let stands_alone = !names && !provider && previous.kind.ends_expression();
        return (token.first_on_line || stands_alone).then_some(Start::Keyword(keyword));
    }
    // `from` and `using` belong to what stands before them.
    let goes_on = matches!(
        (word, chunk.keyword.map(|own| own.word)),
        ("from", Some("use" | "schema")) | ("using", Some("schema"))
    ) && !(token.first_on_line && matches!(previous.kind, TokenKind::Text | TokenKind::RightBrace));
    if goes_on {
        return None;
    }
    let at_margin = is_at_margin(text, &token);
    let head = indent(text, &tokens[chunk.tokens.start]);
    if chunk.keyword.is_some()
        && previous.kind == TokenKind::RightBrace
        && previous.first_on_line
        && token.first_on_line
        && indent(text, previous).min(indent(text, &token)) > head
    {
        return Some(Start::Body);
    }
    let after_body = previous.kind == TokenKind::RightBrace && index > chunk.tokens.start + 1;
    let starts = !names && (after_body || at_margin && previous.kind.ends_expression());
    if !starts {
        return None;
    }
    match (unknown(word, next(1)), chunk.keyword) {
        // Lines that mean nothing together are one mistake.
        (Start::Unknown, None) if !(at_margin && advice::begins_elsewhere(word)) => None,
        (start, _) => Some(start),
    }
}

/// How far a token stands from the start of its line.
fn indent(text: &str, token: &Token) -> usize {
    let before = &text.as_bytes()[..token.start as usize];
    before.iter().rev().take_while(|byte| **byte != b'\n').count()
}

/// How far the line that a token stands on is indented.
fn line_indent(text: &str, token: &Token) -> usize {
    let start = text[..token.start as usize].rfind('\n').map_or(0, |end| end + 1);
    text[start..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Whether a token stands at the very start of a line.
fn is_at_margin(text: &str, token: &Token) -> bool {
    token.first_on_line && (token.start == 0 || text.as_bytes()[token.start as usize - 1] == b'\n')
}

/// A word that begins no declaration: perhaps a misspelt keyword.
fn unknown(word: &str, next: Option<TokenKind>) -> Start {
    match keyword::nearest_declaration(word) {
        Some(keyword) if next == Some(TokenKind::Word) => Start::Misspelt(keyword),
        _ => Start::Unknown,
    }
}
