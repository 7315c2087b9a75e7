//! The programs that are measured: pieces of real programs, over and over, each time with another number for `#`.

use std::collections::HashSet;

use ndsl_grammar::ast::{Declaration, DeclarationKind};
use ndsl_grammar::{FileId, Parse, Span, TokenKind, lex, parse};

/// Three models of images, words and pairs, and the blocks they are made of.
pub(crate) const MODELS: &str = include_str!("texts/models.txt");
/// A schema of four tables.
pub(crate) const SCHEMAS: &str = include_str!("texts/schemas.txt");
/// What trains, imitates and serves them.
pub(crate) const DATA: &str = include_str!("texts/data.txt");

/// `parts`, over and over, up to about so many lines.
pub(crate) fn lines(parts: &[&str], lines: usize) -> String {
    let once: usize = parts.iter().map(|part| part.lines().count()).sum();
    let rounds = (lines + once / 2) / once;
    let round = |number: usize| parts.iter().map(move |part| part.replace('#', &number.to_string()));
    (0..rounds.max(1)).flat_map(round).collect()
}

/// A program with tokens missing.
pub(crate) struct Broken {
    pub(crate) text: String,
    /// The names of the declarations that lost nothing.
    intact: HashSet<String>,
}

impl Broken {
    /// `text` without every token that `one_in` falls on, drawn evenly but always the same.
    pub(crate) fn without_tokens(text: &str, one_in: u32) -> Self {
        let mut random = 1_u32;
        let mut falls = move || {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            random.is_multiple_of(one_in)
        };
        let is_comment = |kind| matches!(kind, TokenKind::Comment | TokenKind::DocComment);
        let tokens = lex(text).into_iter().filter(|token| !is_comment(token.kind));
        let deleted: Vec<_> = tokens.filter(|_| falls()).map(|token| token.range()).collect();
        let whole = |span: Span| {
            let next = deleted.partition_point(|gone| gone.start < span.start as usize);
            deleted.get(next).is_none_or(|gone| gone.start >= span.end as usize)
        };
        let declarations = parse(text, FileId(0)).file.declarations;
        let intact =
            declarations.iter().filter(|own| whole(own.span)).filter_map(|own| name(own)).map(str::to_owned).collect();
        let mut left = String::with_capacity(text.len());
        let mut at = 0;
        for range in &deleted {
            left.push_str(&text[at..range.start]);
            at = range.end;
        }
        left.push_str(&text[at..]);
        Self { text: left, intact }
    }

    /// How many declarations lost nothing.
    pub(crate) fn intact(&self) -> usize {
        self.intact.len()
    }

    /// How many of the declarations that lost nothing are not in the tree, or have no name there.
    pub(crate) fn lost(&self, parse: &Parse) -> usize {
        let found: HashSet<&str> = parse.file.declarations.iter().filter_map(|own| name(own)).collect();
        self.intact.iter().filter(|name| !found.contains(name.as_str())).count()
    }
}

/// The name of a declaration that was read.
fn name(declaration: &Declaration) -> Option<&str> {
    use DeclarationKind as D;
    let name = match &declaration.kind {
        D::Block(model) | D::Model(model) => &model.name,
        D::Schema(schema) => &schema.name,
        D::Const { name, .. }
        | D::Dataset { name, .. }
        | D::Train { name, .. }
        | D::Synthesizer { name, .. }
        | D::Deploy { name, .. }
        | D::Provider { name, .. } => name,
        D::Use(_) | D::Assert { .. } | D::Error { .. } => return None,
    };
    Some(&name.text)
}
