//! The operations that the server offers, behind one trait so that tests can put slow and deadly ones in their place.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a program can be compiled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// An ONNX file.
    Onnx,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 1] = [Self::Onnx];

    /// The word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
        }
    }
}

/// What to compile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompileRequest {
    /// The program.
    pub source: String,
    /// To what.
    pub backend: Backend,
    /// Which of its models; needed when it has several.
    pub model: Option<String>,
    /// Whether an output that keeps its spatial dimensions is flattened first.
    pub auto_flatten_output: bool,
}

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
    /// Finds out whether a request can be compiled, without compiling it.
    fn check(&self, request: &CompileRequest) -> Result<(), Failure>;

    /// Compiles a program.
    fn compile(&self, request: CompileRequest) -> Result<Compiled, Failure>;
}

/// The operations of the runtime.
pub(crate) struct Runtime;

impl Operations for Runtime {
    fn check(&self, _: &CompileRequest) -> Result<(), Failure> {
        Err(Failure::Internal("pending".into()))
    }

    fn compile(&self, _: CompileRequest) -> Result<Compiled, Failure> {
        Err(Failure::Internal("pending".into()))
    }
}
