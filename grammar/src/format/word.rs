//! `activation="relu"`, another spelling of `activation=relu`.
//!
//! It is respelt where that certainly means the same: in a call of a layer that the file does not declare itself, for a
//! parameter of the language's own layers that takes words, where nothing in the file has that word for a name. What a text
//! means elsewhere depends on what it is given to, which is not known here, so other quotes stay.

use super::cursor::Printer;
use crate::ast::{Argument, DeclarationKind, Expr, ExprKind, File};
use crate::token::{Token, TokenKind};
use std::collections::HashSet;

/// Parameters of the language's own layers that take words.
const PARAMETERS: [&str; 3] = ["activation", "padding", "recurrent_activation"];

/// What a file has names for.
#[derive(Default)]
pub(super) struct Names<'s> {
    /// Declarations, and what is brought in from other files.
    declared: HashSet<&'s str>,
    /// Every word but those that are given to a parameter; any name is among them.
    words: HashSet<&'s str>,
}

impl<'s> Names<'s> {
    pub(super) fn new(text: &'s str, tokens: &[Token], file: &File) -> Self {
        // Most files quote no word, and then nothing has to be known.
        let quotes = |pair: &[Token]| {
            pair[0].kind == TokenKind::Assign && pair[1].kind == TokenKind::Text && is_word(unquoted(text, &pair[1]))
        };
        if !tokens.windows(2).any(quotes) {
            return Self::default();
        }
        let mut names = Self::default();
        for declaration in &file.declarations {
            match &declaration.kind {
                DeclarationKind::Use(brought) => {
                    names.declared.extend(brought.imports.iter().map(|import| &text[import.local().span.range()]));
                }
                DeclarationKind::Model(model) | DeclarationKind::Block(model) => {
                    names.declared.insert(&text[model.name.span.range()]);
                }
                _ => {}
            }
        }
        let mut given = false;
        for token in tokens.iter().filter(|token| !token.kind.is_comment()) {
            if token.kind == TokenKind::Word && !given {
                names.words.insert(&text[token.range()]);
            }
            given = token.kind == TokenKind::Assign;
        }
        names
    }
}

fn unquoted<'s>(text: &'s str, token: &Token) -> &'s str {
    text[token.range()].trim_matches('"')
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !matches!(text, "true" | "false" | "null" | "and" | "or" | "not" | "in" | "as" | "if" | "else")
}

impl<'s> Printer<'s> {
    /// Whether `callee` is certainly one of the language's own layers.
    pub(super) fn is_own_layer(&self, callee: &Expr) -> bool {
        matches!(&callee.kind, ExprKind::Name(name)
            if name.starts_with(|first: char| first.is_ascii_uppercase()) && !self.names.declared.contains(name.as_str()))
    }

    /// The word that the text of an argument of one of the language's own layers stands for.
    pub(super) fn word(&self, argument: &Argument) -> Option<&'s str> {
        let (Some(parameter), ExprKind::Str(word)) = (&argument.name, &argument.value.kind) else { return None };
        let next = self.peek().filter(|next| next.kind == TokenKind::Text)?;
        let written = unquoted(self.text, &next);
        let same = PARAMETERS.contains(&parameter.text.as_str())
            && written == word
            && is_word(written)
            && !self.names.words.contains(written);
        same.then_some(written)
    }
}
