//! Doc comments, and what they belong to.

use crate::ast::{DeclarationKind, File};
use crate::token::{Token, TokenKind};

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

    /// Gives each comment to the declaration or statement that begins right after it.
    pub(crate) fn attach(&self, file: &mut File) {
        if self.comments.is_empty() {
            return;
        }
        for declaration in &mut file.declarations {
            declaration.docs = self.before(declaration.span.start);
            if let DeclarationKind::Model(model) = &mut declaration.kind {
                for statement in &mut model.body.statements {
                    statement.docs = self.before(statement.span.start);
                }
            }
        }
    }

    fn before(&self, start: u32) -> Option<String> {
        let at = self.comments.binary_search_by_key(&start, |(start, _)| *start).ok()?;
        Some(self.comments[at].1.clone())
    }
}
