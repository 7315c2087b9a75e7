//! Schemas: what tables look like, what must hold of their rows, and how the rows can be made.
//!
//! `types`, `distributions` and `functions` list what the language has, one entry each. `form` is the checked form: plain
//! data that needs no tree, with `expression` for what is computed and `datum` for values. `check` makes it of the tree;
//! `limits`, `domain`, `transfer`, `prove`, `order`, `count` and `support` say what rows there can be, without making one; `evaluate` is the
//! obviously right meaning of an expression.

pub(crate) mod check;
pub mod convert;
mod count;
pub mod datum;
pub mod distributions;
pub mod domain;
mod encoding;
pub mod evaluate;
mod expression;
mod find;
mod form;
pub mod functions;
mod limits;
mod order;
pub mod pattern;
mod prove;
pub mod reference;
mod support;
mod transfer;
pub mod types;

pub use count::{Count, Demand};
pub use encoding::Unfit;
pub use expression::{Aggregate, ColumnPath, Expression, ExpressionKind, Piece, Type, Within};
pub use find::{Found, Missing};
pub use form::*;
pub(crate) use prove::MAX_STEPS;
pub use prove::{Goal, Known, Prover};
