//! The tree: what a file says, before anything is known of what it means.
//!
//! Every node carries the [`Span`] of the text it was read from. A part that could not be read stands in the tree as an
//! `Error` node, so that what surrounds it keeps its place and its meaning.

mod body;
mod expression;
mod schema;
mod walk;

pub use body::*;
pub use expression::*;
pub use schema::*;

use crate::{Piece, Span};

/// A whole source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The declarations, in the order they were written.
    pub declarations: Vec<Piece>,
}

/// One top-level declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// From the keyword to the last token; doc comments are not in it.
    pub span: Span,
    /// The `///` lines above, joined by newlines, without the slashes and one leading space.
    pub docs: Option<String>,
    /// What is declared.
    pub kind: DeclarationKind,
}

/// The kinds of declarations.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclarationKind {
    /// `use Encoder, Norm as LayerNorm from "blocks.ndsl"`
    Use(Use),
    /// `const name = value`
    Const {
        /// Its name.
        name: Ident,
        /// A compile-time expression.
        value: Expr,
    },
    /// `block Name(parameters) { body }`, which has the form of a model.
    Block(Model),
    /// `model Name(parameters) { body }`
    Model(Model),
    /// `schema Name { tables }`
    Schema(Schema),
    /// `dataset Name = source(...)`, `dataset Name: Shop.Customer = source(...)`
    Dataset {
        /// Its name.
        name: Ident,
        /// The schema, or the table of one, that its rows obey.
        schema: Option<Path>,
        /// The call that says where the data comes from: `csv(...)` or `idx(...)`.
        source: Expr,
    },
    /// `train name { settings }`
    Train {
        /// Its name.
        name: Ident,
        /// Its settings.
        settings: Record,
    },
    /// `synthesizer name { settings }`
    Synthesizer {
        /// Its name.
        name: Ident,
        /// Its settings.
        settings: Record,
    },
    /// `deploy name { settings }`
    Deploy {
        /// Its name.
        name: Ident,
        /// Its settings.
        settings: Record,
    },
    /// `provider name { settings }`
    Provider {
        /// Its name.
        name: Ident,
        /// Its settings.
        settings: Record,
    },
    /// `assert Digits.parameters < 1_000_000`
    Assert {
        /// What must hold.
        condition: Expr,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error {
        /// Its name, when that much could be read, so that uses of it are not reported as unknown.
        name: Option<Ident>,
    },
}

/// `use Encoder, Norm as LayerNorm from "blocks.ndsl"`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// What is brought in, each by its name.
    pub imports: Vec<Import>,
    /// The other file, as written, relative to this one.
    pub path: String,
    /// Where the path stands, quotes included.
    pub path_span: Span,
}

/// `Norm as LayerNorm`
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Its name in the other file.
    pub name: Ident,
    /// Its name here, where it is another.
    pub alias: Option<Ident>,
}

impl Import {
    /// Its name in this file.
    pub fn local(&self) -> &Ident {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The name itself.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// `Shop.Customer.age`: names between dots, one or more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// The whole of it.
    pub span: Span,
    /// The names; never empty.
    pub segments: Vec<Ident>,
}

/// Settings between braces: `{ epochs: 10, seed: 42 }`; commas are optional between lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// From brace to brace.
    pub span: Span,
    /// The entries in order.
    pub entries: Vec<Entry>,
}

/// `key: value`
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The whole of it.
    pub span: Span,
    /// The `///` lines above it.
    pub docs: Option<String>,
    /// Its key; any word may be one.
    pub key: Ident,
    /// Its value.
    pub value: Expr,
}

impl Declaration {
    /// The name it gives; those that bring in others' and those that could not be read give none of their own.
    pub fn name(&self) -> Option<&Ident> {
        match &self.kind {
            DeclarationKind::Const { name, .. }
            | DeclarationKind::Dataset { name, .. }
            | DeclarationKind::Train { name, .. }
            | DeclarationKind::Synthesizer { name, .. }
            | DeclarationKind::Deploy { name, .. }
            | DeclarationKind::Provider { name, .. } => Some(name),
            DeclarationKind::Block(model) | DeclarationKind::Model(model) => Some(&model.name),
            DeclarationKind::Schema(schema) => Some(&schema.name),
            DeclarationKind::Error { name } => name.as_ref(),
            DeclarationKind::Use(_) | DeclarationKind::Assert { .. } => None,
        }
    }
}
