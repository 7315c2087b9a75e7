//! How a command ends when it does not end well.

use std::process::ExitCode;

use ndsl::compiler::Texts;
use ndsl::compiler::diagnostics::Diagnostic;
use ndsl::runtime::operations;

use super::Format;
use super::report;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The program or the data has faults that were already shown: exit code 1.
    Faults,
    /// The program or the data has a fault, said in one sentence: exit code 1.
    Fault(String),
    /// The command could not be carried out: exit code 2.
    Command(String),
}

impl Failure {
    /// Says on stderr what is not yet said, and answers the exit code.
    pub fn print(self) -> ExitCode {
        match self {
            Self::Faults => ExitCode::from(1),
            Self::Fault(message) => {
                report::error(&message);
                ExitCode::from(1)
            }
            Self::Command(message) => {
                report::error(&message);
                ExitCode::from(2)
            }
        }
    }

    /// Shows diagnostics and answers the failure that they are.
    pub fn program(diagnostics: &[Diagnostic], texts: &dyn Texts, format: Format) -> Self {
        report::diagnostics(diagnostics, texts, format);
        report::count(diagnostics, format);
        Self::Faults
    }

    /// The failure of an operation; diagnostics are shown.
    pub fn operation(error: operations::Error, format: Format) -> Self {
        if let Some((sources, diagnostics)) = error.diagnostics() {
            return Self::program(&diagnostics, sources, format);
        }
        match error {
            operations::Error::Request(_)
            | operations::Error::Write { .. }
            | operations::Error::Database { .. }
            | operations::Error::Cancelled => Self::Command(error.to_string()),
            other => Self::Fault(other.to_string()),
        }
    }

    /// A file that could not be read or written.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Command(format!("cannot {doing} {}: {error}", path.display()))
    }
}
