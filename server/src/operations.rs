//! The operations that the server offers, behind one trait so that tests can put slow and deadly ones in their place.

use ndsl_compiler::Sources;
use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::diagnostics::json::json;
use ndsl_runtime::operations::{Error, compile};
use serde::Serialize;
use serde_json::{Value, json};

pub use ndsl_runtime::operations::compile::{Backend, Program, Request as CompileRequest};

/// What a compilation made.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The model's name.
    pub model: String,
    /// What it was compiled to.
    pub backend: Backend,
    /// What its file should be called.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What goes in and what comes out.
    pub signature: Value,
    /// What else is known of it.
    pub metadata: Value,
    /// Warnings and notes.
    pub diagnostics: Vec<Value>,
    /// The program, if the compiler changed it.
    pub rewritten_source: Option<String>,
}

/// Why an operation was not done.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The program is at fault: at least one diagnostic is an error.
    Program(Vec<Value>),
    /// The request is at fault in another way.
    Request(String),
    /// Something else went wrong.
    Internal(String),
}

/// What the server can do.
pub trait Operations: Send + Sync + 'static {
    /// Finds out whether a request can be compiled, without compiling it, and answers how many numbers the model's
    /// parameters hold.
    fn check(&self, request: &CompileRequest) -> Result<usize, Failure>;

    /// Compiles a program.
    fn compile(&self, request: &CompileRequest) -> Result<Compiled, Failure>;
}

/// The operations of the runtime.
pub(crate) struct Runtime;

impl Operations for Runtime {
    fn check(&self, request: &CompileRequest) -> Result<usize, Failure> {
        compile::check(request).map_err(Failure::from)
    }

    fn compile(&self, request: &CompileRequest) -> Result<Compiled, Failure> {
        compile::run(request).map_err(Failure::from).map(Compiled::from)
    }
}

impl From<compile::Response> for Compiled {
    fn from(response: compile::Response) -> Self {
        let changed = response.source.main().text != response.given.main().text;
        Self {
            backend: response.backend,
            signature: plain(&response.signature),
            metadata: json!({
                "parameters": response.parameters,
                "trained": response.trained,
                "rewrites": response.rewrites,
            }),
            diagnostics: plain_diagnostics(&response.diagnostics, &response.given),
            rewritten_source: changed.then(|| response.source.main().text.to_string()),
            model: response.model,
            file_name: response.file_name,
            bytes: response.bytes,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Program { sources, diagnostics } => Self::Program(plain_diagnostics(&diagnostics, &sources)),
            other => Self::Request(other.to_string()),
        }
    }
}

fn plain_diagnostics(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Value> {
    diagnostics.iter().map(|diagnostic| plain(&json(diagnostic, sources))).collect()
}

fn plain<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
