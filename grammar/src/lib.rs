//! Text to tree: the tokens, the declarations and the parser of the ndsl language.
//!
//! [`parse`] never fails: it answers a tree with every declaration it could read and the list of
//! [`SyntaxError`]s it met. What the tree means is the compiler's business.
//!
//! The way of a text: [`lex`] makes tokens; they are cut into declarations; each has its brackets brought
//! into balance and its depth checked; then it is parsed alone.

pub mod ast;
mod balance;
mod brackets;
mod depth;
mod division;
mod docs;
pub mod error;
pub mod format;
pub mod keyword;
mod lexeme;
mod literal;
mod moment;
mod open_string;
mod parse;
pub mod span;
mod split;
mod stack;
pub mod token;

pub use depth::MAX_NESTING;
pub use error::{SyntaxError, SyntaxErrorKind, SyntaxFix};
pub use format::format;
pub use keyword::KEYWORDS;
pub use literal::unescaped;
pub use parse::{MAX_SOURCE_BYTES, Parse, Piece, parse, parse_again, word};
pub use span::{FileId, Span};
pub use stack::{on_large_stack, spawn_on_large_stack};
pub use token::{Token, TokenKind, lex};
