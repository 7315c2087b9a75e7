//! Faults of form, found by the grammar, as diagnostics.

use ndsl_grammar::{SyntaxError, SyntaxErrorKind};

use super::{Applicability, Code, Diagnostic, Label};

impl From<SyntaxErrorKind> for Code {
    fn from(kind: SyntaxErrorKind) -> Self {
        match kind {
            SyntaxErrorKind::Unexpected => Self::UnexpectedToken,
            SyntaxErrorKind::Unbalanced => Self::Unbalanced,
            SyntaxErrorKind::UnterminatedString => Self::UnterminatedString,
            SyntaxErrorKind::UnknownEscape => Self::UnknownEscape,
            SyntaxErrorKind::UnknownCharacter => Self::UnknownCharacter,
            SyntaxErrorKind::BadNumber => Self::BadNumber,
            SyntaxErrorKind::TooDeep => Self::TooDeep,
            SyntaxErrorKind::AmbiguousStatement => Self::AmbiguousStatement,
            SyntaxErrorKind::TooLarge => Self::BadSource,
        }
    }
}

impl From<SyntaxError> for Diagnostic {
    fn from(error: SyntaxError) -> Self {
        let mut diagnostic = Self::new(error.kind.into(), error.span, error.message).label(error.label);
        diagnostic.related = error.related.into_iter().map(|(span, text)| Label { span, text }).collect();
        diagnostic.help.extend(error.help);
        match error.fix {
            Some((title, span, text)) => diagnostic.fix(title, span, text, Applicability::Guess),
            None => diagnostic,
        }
    }
}
