//! What keeps rows from being made.

use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_grammar::Span;

/// Why rows could not be made, and where it is said what cannot be met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// What asks for what cannot be.
    pub span: Span,
    /// What to do about it.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at a place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, help: None }
    }

    /// With what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same as a diagnostic.
    pub fn diagnostic(&self) -> Diagnostic {
        let fault = Diagnostic::new(Code::NotMade, self.span, self.message.clone());
        match &self.help {
            Some(help) => fault.help(help.clone()),
            None => fault,
        }
    }
}

/// What it takes to make rows, or why it cannot be.
pub type Result<T> = std::result::Result<T, Fault>;
