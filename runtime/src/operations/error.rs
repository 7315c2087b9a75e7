//! Why an operation was not done.

use std::path::{Path, PathBuf};

use ndsl_compiler::check::Selection;
use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::{Sources, Texts};

use crate::checkpoint::CheckpointError;
use crate::data::DataError;
use crate::engine::EngineError;
use crate::model::ModelError;
use crate::train::{TrainError, Trouble};

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is at fault: at least one diagnostic is an error.
    #[error("the program has {} to mend", faults(diagnostics))]
    Program {
        /// The texts the diagnostics speak of.
        sources: Sources,
        /// Everything found in it.
        diagnostics: Vec<Diagnostic>,
    },
    /// The request asks for something that is not there or cannot be.
    #[error("{0}")]
    Request(String),
    /// The data that the program names is at fault.
    #[error("{error}")]
    Data {
        /// The texts of the program that names it.
        sources: Sources,
        /// What is wrong, and where the program asked for it.
        error: Box<DataError>,
    },
    /// The data that the request names is at fault.
    #[error("{0}")]
    GivenData(Box<DataError>),
    /// The data of several files that the request names is at fault.
    #[error("{}", each(.0))]
    Files(Vec<DataError>),
    /// A model folder cannot be read or written.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A checkpoint cannot be written or read, or is none of this run.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The training cannot start, or broke.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The loss was no longer a number, so the training was stopped.
    #[error("{}", diverged(*epoch, *step, *loss, saved.as_deref(), trouble.as_deref()))]
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step, counted from 1; none if it was found in validation.
        step: Option<usize>,
        /// The loss.
        loss: f64,
        /// Where the best epoch before it was saved, if there was one.
        saved: Option<PathBuf>,
        /// Where it came from, and the program that ran.
        trouble: Option<Box<(Sources, Trouble)>>,
    },
    /// It was asked to stop before it had anything to give back.
    #[error("stopped before there was a result")]
    Cancelled,
    /// A file of results cannot be written.
    #[error("`{}` cannot be written: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The fault.
        error: std::io::Error,
    },
    /// A database did not take what it was given.
    #[error("`{address}`: {refusal}")]
    Database {
        /// Where it is, without a password.
        address: String,
        /// Why, and of which table.
        refusal: crate::databases::Refusal,
    },
    /// A piece of the program that the artifact cannot have.
    #[error("{place}: {error}")]
    Unexportable {
        /// The file, the line and the column it stands at.
        place: String,
        /// Why.
        error: Box<ndsl_compiler::backend::onnx::ExportError>,
    },
    /// The artifact cannot be written.
    #[error(transparent)]
    Export(#[from] ndsl_compiler::backend::onnx::ExportError),
}

impl From<Selection> for Error {
    fn from(selection: Selection) -> Self {
        Self::Request(selection.message)
    }
}

impl Error {
    /// What can be shown on the lines of a program, and that program; nothing for faults that have no place in one.
    pub fn diagnostics(&self) -> Option<(&Sources, Vec<Diagnostic>)> {
        match self {
            Self::Program { sources, diagnostics } => Some((sources, diagnostics.clone())),
            Self::Data { sources, error } => Some((sources, vec![error.diagnostic()])),
            Self::Diverged { epoch, step, loss, saved, trouble: Some(found) } => {
                let (sources, trouble) = &**found;
                let diagnostic =
                    Diagnostic::new(Code::Diverged, trouble.span, lost(*epoch, *step, *loss, saved.as_deref()));
                Some((sources, vec![diagnostic.label(trouble.what.clone()).help(trouble.help)]))
            }
            _ => None,
        }
    }
}

/// That a loss was lost, where it came from, and what helps.
fn diverged(
    epoch: usize,
    step: Option<usize>,
    loss: f64,
    saved: Option<&Path>,
    found: Option<&(Sources, Trouble)>,
) -> String {
    let lost = lost(epoch, step, loss, saved);
    match found {
        Some((sources, trouble)) => {
            let line = sources.source(trouble.span.file).line_of(trouble.span.start as usize) + 1;
            format!("{lost}; in line {line}, {}: {}", trouble.what, trouble.help)
        }
        None => format!("{lost}: try a smaller learning rate, or scale the inputs"),
    }
}

fn lost(epoch: usize, step: Option<usize>, loss: f64, saved: Option<&Path>) -> String {
    let place = step.map_or("its validation".to_owned(), |step| format!("step {step}"));
    let kept = match saved {
        Some(path) => format!("; the best epoch before it was saved to `{}`", path.display()),
        None => String::new(),
    };
    format!("the loss became {loss} in epoch {epoch}, {place}{kept}")
}

/// The faults of several files, one below the other.
fn each(faults: &[DataError]) -> String {
    faults.iter().map(DataError::to_string).collect::<Vec<_>>().join("\n")
}

fn faults(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count() {
        1 => "one fault".to_owned(),
        count => format!("{count} faults"),
    }
}
