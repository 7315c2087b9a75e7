//! What is wrong with a text, as far as its form goes.

use crate::Span;

/// One mistake in the form of a file.
///
/// The compiler turns it into a diagnostic with the code of its [`SyntaxErrorKind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The exact token, or the gap, at fault.
    pub span: Span,
    /// Which mistake it is; one code each.
    pub kind: SyntaxErrorKind,
    /// One sentence, lower case, no full stop: "expected a value after `=`".
    pub message: String,
    /// What to write under the span, shorter than the message.
    pub label: String,
    /// Other places that explain it: the bracket that is still open, the keyword it belongs to.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
    /// A change of the text that mends it.
    pub fix: Option<SyntaxFix>,
}

/// A change of the text that mends a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFix {
    /// What it does, as an imperative: "insert `)`".
    pub title: String,
    /// The bytes to replace and the text to put there, in order and not overlapping.
    pub edits: Vec<(Span, String)>,
}

impl SyntaxFix {
    /// A change of one place.
    pub(crate) fn new(title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        Self { title: title.into(), edits: vec![(span, text.into())] }
    }
}

/// The mistakes a text can make in its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyntaxErrorKind {
    /// A token that cannot stand where it stands.
    Unexpected,
    /// A bracket that is never closed, or closes another kind.
    Unbalanced,
    /// A string that does not end on its line.
    UnterminatedString,
    /// `\q` and other escapes that mean nothing.
    UnknownEscape,
    /// A character that belongs to no token.
    UnknownCharacter,
    /// A number too large to hold, or not written as one.
    BadNumber,
    /// Brackets nested deeper than [`crate::MAX_NESTING`].
    TooDeep,
    /// A second statement on a line that could be read as part of the first: asks for `;`.
    AmbiguousStatement,
    /// More bytes than [`crate::MAX_SOURCE_BYTES`].
    TooLarge,
}
