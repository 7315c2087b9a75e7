//! Text to tree: the tokens, the declarations and the parser of the ndsl language.
//!
//! [`parse`] never fails: it answers a tree with every declaration it could read and the list of
//! [`SyntaxError`]s it met. What the tree means is the compiler's business.

pub mod ast;
pub mod error;
pub mod span;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use span::{FileId, Span};
