//! Doc comments, and what they belong to.

use crate::token::{Token, TokenKind};
use std::cell::Cell;

/// The doc comments of a file, by the place of the token that follows them.
pub(crate) struct Docs {
    comments: Vec<(u32, String)>,
}

impl Docs {
    pub(crate) fn new(text: &str, tokens: &[Token]) -> Self {
        let mut comments = Vec::new();
        let mut lines: Vec<&str> = Vec::new();
        for token in tokens {
            match token.kind {
                TokenKind::DocComment => {
                    let line = text[token.range()].trim_start_matches('/');
                    lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end());
                }
                kind if kind.is_comment() => {}
                _ if lines.is_empty() => {}
                _ => comments.push((token.start, std::mem::take(&mut lines).join("\n"))),
            }
        }
        Self { comments }
    }

    /// Those from the first on, for a parser that goes through the file once.
    pub(crate) fn in_order(&self) -> DocsInOrder<'_> {
        DocsInOrder { comments: &self.comments, next: Cell::new(0) }
    }
}

/// The doc comments for a parser that meets them one after the other.
pub(crate) struct DocsInOrder<'d> {
    comments: &'d [(u32, String)],
    next: Cell<usize>,
}

impl DocsInOrder<'_> {
    /// The comment right before the token at `start`; what is asked for later stands further on.
    pub(crate) fn before(&self, start: usize) -> Option<String> {
        while let Some((place, comment)) = self.comments.get(self.next.get()) {
            if *place as usize > start {
                return None;
            }
            self.next.set(self.next.get() + 1);
            if *place as usize == start {
                return Some(comment.clone());
            }
        }
        None
    }
}
