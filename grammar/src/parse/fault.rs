//! The parser's own errors: small while parsing, put into words only for those that last.

use crate::lexeme::{Lexeme, LexemeKind};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind};
use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::input::Input;
use chumsky::span::SimpleSpan;
use chumsky::util::MaybeRef;

/// What went wrong at a lexeme.
///
/// A fault is made on every path not taken, so it holds no text. Faults of the declaration that was read are turned into
/// [`SyntaxError`]s with the lexemes at hand, which makes a second pass with richer errors needless.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// The lexeme at fault; nothing at the end of the declaration.
    pub(crate) index: Option<u32>,
    pub(crate) problem: Problem,
}

/// The mistakes the parser knows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Problem {
    /// Something else had to come: "a value", "`,` or `)`". The text would mend it if it is put before the lexeme.
    Expected(&'static str, Option<&'static str>),
    /// This mark had to be that one, between a name and its value.
    Instead(&'static str, &'static str),
    /// A bracket that stands apart from what it could be applied to.
    Ambiguous,
    /// A statement that begins with an operator.
    LeadingOperator,
    /// `|>` into something that is not a call.
    NotACall(SimpleSpan, bool),
    /// A parameter without a type, and the type its default has.
    NoType(&'static str),
    /// A path not taken.
    Other,
}

impl Fault {
    pub(crate) fn at(found: Option<&Lexeme<'_>>, problem: Problem) -> Self {
        Self { index: found.map(|lexeme| lexeme.index), problem }
    }

    /// The error in words; `lexemes` are those of the declaration.
    pub(crate) fn describe(self, file: FileId, lexemes: &[Lexeme<'_>], end: usize) -> SyntaxError {
        let first = lexemes.first().map_or(0, |lexeme| lexeme.index);
        let at = self.index.map_or(lexemes.len(), |index| (index - first) as usize);
        let found = lexemes.get(at);
        let before = lexemes[..at].iter().rev().find(|lexeme| !lexeme.text.is_empty());
        let gap = before.map_or(end, |lexeme| lexeme.span.end);
        let gap = Span::new(file, gap..gap);
        let in_text = found.filter(|lexeme| !lexeme.text.is_empty());
        let span = in_text.map_or(gap, |lexeme| Span::new(file, lexeme.span.into_range()));
        let found = found.map_or_else(|| "the end of the line".to_owned(), Lexeme::describe);
        let mut error = SyntaxError {
            span,
            kind: SyntaxErrorKind::Unexpected,
            message: String::new(),
            label: String::new(),
            related: Vec::new(),
            help: None,
            fix: None,
        };
        match self.problem {
            Problem::Expected(wanted, insert) => {
                // What stands before a line's end explains nothing on the next line.
                let after = at.checked_sub(1).and_then(|at| lexemes.get(at)).filter(|lexeme| !lexeme.text.is_empty());
                let after = after.map(Lexeme::describe);
                let after = after.map_or_else(String::new, |text| format!(" after {text}"));
                error.message = format!("expected {wanted}{after}, found {found}");
                error.label = format!("expected {wanted}");
                error.fix = insert.map(|text| (format!("insert `{}`", text.trim()), gap, text.to_owned()));
            }
            Problem::Instead(wanted, what) => {
                error.message = format!("{what} takes `{wanted}` before its value, not {found}");
                error.label = format!("expected `{wanted}`");
                error.fix = Some((format!("write `{wanted}`"), span, wanted.to_owned()));
            }
            Problem::Ambiguous => {
                let opens = if found == "`[`" { "an index" } else { "a call" };
                error.kind = SyntaxErrorKind::AmbiguousStatement;
                error.message = format!("this could be {opens} or the start of a statement");
                error.label = format!("a space stands before {found}");
                error.help =
                    Some(format!("end the statement before {found} with `;`, or remove the space for {opens}"));
                error.fix = Some(("insert `;`".to_owned(), gap, ";".to_owned()));
            }
            Problem::LeadingOperator => {
                error.message = "no statement begins with an operator".to_owned();
                error.label = "nothing stands before it".to_owned();
                error.help = Some("put a negated value in brackets: `(-x)`".to_owned());
            }
            Problem::NotACall(right, callable) => {
                error.span = Span::new(file, right.into_range());
                error.message = "expected a call after `|>`".to_owned();
                error.label = "this is not a call".to_owned();
                error.fix = callable.then(|| ("add `()`".to_owned(), error.span.after(), "()".to_owned()));
            }
            Problem::NoType(kind) => {
                error.message = "a parameter has a type: `name: int = 1`".to_owned();
                error.label = "expected `:` and a type".to_owned();
                error.help = Some("the types are `int`, `float`, `bool` and `string`".to_owned());
                error.fix = Some((format!("insert `: {kind}`"), gap, format!(": {kind}")));
            }
            Problem::Other => {
                error.message = format!("{found} cannot stand here");
                error.label = "unexpected".to_owned();
            }
        }
        error
    }

    /// Whether the lexeme at fault has an error of its own already.
    pub(crate) fn is_reported(self, lexemes: &[Lexeme<'_>]) -> bool {
        let first = lexemes.first().map_or(0, |lexeme| lexeme.index);
        self.index
            .and_then(|index| lexemes.get((index - first) as usize))
            .is_some_and(|lexeme| lexeme.kind == LexemeKind::Bad)
    }
}

impl<'t, I: Input<'t, Token = Lexeme<'t>>> Error<'t, I> for Fault {
    fn merge(self, _other: Self) -> Self {
        self
    }
}

impl<'t, I: Input<'t, Token = Lexeme<'t>>> LabelError<'t, I, DefaultExpected<'t, Lexeme<'t>>> for Fault {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'t, Lexeme<'t>>>>(
        _expected: E,
        found: Option<MaybeRef<'t, Lexeme<'t>>>,
        _span: I::Span,
    ) -> Self {
        Self::at(found.as_deref(), Problem::Other)
    }
}
