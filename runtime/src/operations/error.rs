//! Why an operation was not done.

use ndsl_compiler::Source;
use ndsl_compiler::check::Selection;
use ndsl_compiler::diagnostics::Diagnostic;

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is at fault: at least one diagnostic is an error.
    #[error("the program has {} to mend", faults(diagnostics))]
    Program {
        /// The text the diagnostics speak of.
        source_text: Source,
        /// Everything found in it.
        diagnostics: Vec<Diagnostic>,
    },
    /// The request asks for something that is not there or cannot be.
    #[error("{0}")]
    Request(String),
    /// The artifact cannot be written.
    #[error(transparent)]
    Export(#[from] ndsl_compiler::backend::onnx::ExportError),
}

impl From<Selection> for Error {
    fn from(selection: Selection) -> Self {
        Self::Request(selection.message)
    }
}

fn faults(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count() {
        1 => "one fault".to_owned(),
        count => format!("{count} faults"),
    }
}
