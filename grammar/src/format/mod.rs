//! `ndsl fmt`: one way to lay out a program.
//!
//! [`format()`] reads a text and prints it anew: four spaces a level, lines of at most [`MAX_WIDTH`] columns, one empty line at
//! most between two things. Nothing is said in another way than before: literals and brackets stay as they are written, and
//! the tree of the result is the tree of the text. The exceptions are `Model`, `Input(shape=[…])` and `activation="relu"`, which
//! become the `model`, `input …: f32[…]` and `activation=relu` that they are other spellings of.
//!
//! - What stands between braces on one line, and fits, stays on one line; else each statement, setting or column has its own.
//!   Statements that shared a line still do, between `;`, if they fit.
//! - Calls, lists and brackets are on one line if they fit, whatever they were; else each item has its own, with a comma after
//!   the last. Numbers of a list fill their lines.
//! - A chain of operators that does not fit has each operator at the start of a line, so that every line shows that it goes on.
//! - Comments stay between the same two tokens, on lines of their own or at a line's end.
//!
//! Text goes through `layout`; `cursor` sees to it that every token and every comment does.

mod body;
mod cursor;
mod declaration;
mod expression;
mod input;
mod layout;
mod schema;
mod word;

use crate::stack::on_large_stack;
use crate::token::lex;
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, parse};
use cursor::Printer;

pub use layout::MAX_WIDTH;

/// Lays out a program.
///
/// The result is the result of laying out the result.
///
/// # Errors
/// The mistakes in its form, if there are any: such a text is left alone.
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let parse = parse(text, FileId(0));
    if !parse.errors.is_empty() {
        return Err(parse.errors);
    }
    let mut printer = Printer::new(text, lex(text), &parse.file);
    if !printer.deep {
        return Ok(printer.file(&parse.file));
    }
    on_large_stack(|| printer.file(&parse.file)).map_err(|_| vec![no_room()])
}

/// What is said where the system has no stack for a deep tree.
fn no_room() -> SyntaxError {
    SyntaxError {
        span: Span::new(FileId(0), 0..0),
        kind: SyntaxErrorKind::TooDeep,
        message: "this goes deeper than there is memory to read it".to_owned(),
        label: "too deep".to_owned(),
        related: Vec::new(),
        help: None,
        fix: None,
    }
}
