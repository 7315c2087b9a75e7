//! Compiles a model to an artifact.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndsl_compiler::backend::onnx::{self, OnnxOptions};
use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::files::{Files, NoFiles};
use ndsl_compiler::ir::Graph;
use ndsl_compiler::{Source, Sources, Texts, Weights, analyze_sources, analyze_with, rewrite};
use serde::{Deserialize, Serialize};

use super::trained::Trained;
use super::{Error, sound};
use crate::files::Disk;
use crate::model::{program_sha256, texts};
use crate::signature::Signature;

/// What a model can be compiled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// An ONNX file.
    Onnx,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 1] = [Self::Onnx];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
        }
    }

    /// What its files end in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
        }
    }

    /// The backend called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }
}

/// What is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// A program as text; its weights are the ones training would start from.
    Text {
        /// What messages call it.
        name: String,
        /// The text.
        text: String,
        /// Which of its models; may be left out where there is one.
        model: Option<String>,
        /// The folder it stands in, if it may use the programs of the project around it.
        #[serde(default)]
        folder: Option<PathBuf>,
    },
    /// A model folder: its weights are the ones training left.
    Folder {
        /// The folder.
        path: PathBuf,
    },
}

/// What to compile, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What.
    pub program: Program,
    /// To what.
    pub backend: Backend,
    /// Whether an output of several axes is flattened before the last `Dense`, even where no dataset asks for it.
    #[serde(default)]
    pub auto_flatten_output: bool,
    /// The seed of the first weights, where the program was not trained.
    #[serde(default)]
    pub seed: u64,
    /// The version of ONNX's operator set: 20, or 23.
    #[serde(default = "default_opset")]
    pub opset: i64,
}

fn default_opset() -> i64 {
    OnnxOptions::default().opset
}

impl Request {
    /// A request with the defaults.
    pub fn new(program: Program, backend: Backend) -> Self {
        Self { program, backend, auto_flatten_output: false, seed: 0, opset: default_opset() }
    }
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// What it was compiled to.
    pub backend: Backend,
    /// What its file should be called.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What goes in and what comes out.
    pub signature: Signature,
    /// How many numbers its parameters hold.
    pub parameters: usize,
    /// Whether the weights were trained.
    pub trained: bool,
    /// The program that was compiled, as the compiler left it.
    pub source: Sources,
    /// Warnings and notes on the program as it was given.
    pub diagnostics: Vec<Diagnostic>,
    /// The program as it was given: what the diagnostics speak of.
    pub given: Sources,
    /// What the compiler changed in the text, a sentence each.
    pub rewrites: Vec<String>,
}

/// Compiles.
///
/// # Errors
/// [`Error::Program`] when the program has faults, [`Error::Request`] when the model is not there, and what reading a model
/// folder or writing the artifact may say.
pub fn run(request: &Request) -> Result<Response, Error> {
    let Prepared { given, diagnostics, source, rewrites, model, graph, weights, labels } = prepare(request)?;
    let (text, others) = texts(&source);
    let mut metadata = BTreeMap::from([
        ("ndsl.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("ndsl.model".to_owned(), model.clone()),
        ("ndsl.source_sha256".to_owned(), program_sha256(&text, &others)),
        ("ndsl.source".to_owned(), text),
    ]);
    // What it uses, under the paths by which it does.
    metadata.extend(others.into_iter().map(|(path, text)| (format!("ndsl.source/{path}"), text)));
    metadata.extend(labels);
    let signature = Signature::of(&graph);
    if signature.inputs.iter().chain(&signature.outputs).any(|tensor| tensor.column.is_some()) {
        // Which number stands for what: the columns of a table are numbers in the file.
        metadata.insert("ndsl.signature".to_owned(), serde_json::json!(signature).to_string());
    }
    let trained = weights.is_some();
    let weights = match weights {
        Some(weights) => weights,
        None => {
            onnx::check_weight_size(&graph)?;
            Weights::initial(&graph, request.seed)
        }
    };
    let bytes = match request.backend {
        Backend::Onnx => {
            let options = OnnxOptions { opset: request.opset, metadata };
            onnx::export(&graph, &weights, &options).map_err(|error| placed(error, &source))?
        }
    };
    Ok(Response {
        file_name: format!("{model}.{}", request.backend.extension()),
        backend: request.backend,
        bytes,
        signature,
        parameters: graph.parameter_counts().0,
        trained,
        model,
        source,
        diagnostics,
        given,
        rewrites,
    })
}

/// The fault, with the line it stands on where it stands on one.
fn placed(error: onnx::ExportError, texts: &dyn Texts) -> Error {
    match error.span() {
        Some(span) => {
            let source = texts.source(span.file);
            let position = source.position(span.start as usize);
            let place = format!("{}:{}:{}", source.name, position.line, position.column);
            Error::Unexportable { place, error: Box::new(error) }
        }
        None => error.into(),
    }
}

/// Finds out whether a request can be compiled, without making anything, and answers how many numbers the model's
/// parameters hold.
///
/// # Errors
/// What [`run`] would say of the program and of the model's size.
pub fn check(request: &Request) -> Result<usize, Error> {
    let prepared = prepare(request)?;
    if prepared.weights.is_none() {
        onnx::check_weight_size(&prepared.graph)?;
    }
    Ok(prepared.graph.parameter_counts().0)
}

struct Prepared {
    given: Sources,
    diagnostics: Vec<Diagnostic>,
    source: Sources,
    rewrites: Vec<String>,
    model: String,
    graph: Graph,
    weights: Option<Weights>,
    labels: BTreeMap<String, String>,
}

fn prepare(request: &Request) -> Result<Prepared, Error> {
    match &request.program {
        Program::Text { name, text, model, folder: None } => {
            from_text(&Source::new(name.as_str(), text.as_str()), &NoFiles, model.as_deref(), request)
        }
        Program::Text { name, text, model, folder: Some(folder) } => {
            let (source, files) = Disk::program(folder, name, text.as_str());
            from_text(&source, &files, model.as_deref(), request)
        }
        Program::Folder { path } => from_folder(path),
    }
}

/// Checks a text and changes it as its data and the request ask.
fn from_text(given: &Source, files: &dyn Files, model: Option<&str>, request: &Request) -> Result<Prepared, Error> {
    let mut analysis = sound(analyze_with(given, files))?;
    let (given, diagnostics) = (analysis.sources.clone(), analysis.diagnostics.clone());
    let name = analysis.model(model)?.name.clone();
    let mut rewrites = Vec::new();
    let by_data = rewrite::flattened(&analysis, None);
    let rewritten = match by_data {
        None if request.auto_flatten_output => rewrite::flattened_output(&analysis, &name),
        other => other,
    };
    if let Some((source, sentences)) = rewritten {
        analysis = sound(analyze_sources(&source))?;
        rewrites = sentences;
    }
    let instance = analysis.model(Some(&name))?;
    if !instance.complete {
        return Err(Error::Request(format!(
            "`{name}` has parameters without a value: {}; give them defaults to compile it alone",
            instance
                .parameters
                .iter()
                .filter(|parameter| parameter.ends_with("= ?"))
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        )));
    }
    let graph = instance.graph.clone();
    Ok(Prepared {
        given,
        diagnostics,
        source: analysis.bundled(),
        rewrites,
        model: name,
        graph,
        weights: None,
        labels: BTreeMap::new(),
    })
}

/// Takes the program and the weights of a trained model as they are.
fn from_folder(path: &Path) -> Result<Prepared, Error> {
    let trained = Trained::open(path)?;
    let graph = trained.analysis.train(Some(trained.train()))?.graph.clone();
    let graph = graph.ok_or_else(|| Error::Request(format!("`{}` has no model to compile", path.display())))?;
    trained.match_weights(&graph)?;
    let classes = trained.model.metadata.classes.as_ref().map(|classes| serde_json::json!(classes).to_string());
    Ok(Prepared {
        given: trained.analysis.sources.clone(),
        diagnostics: Vec::new(),
        source: trained.analysis.sources.clone(),
        rewrites: Vec::new(),
        model: trained.model.metadata.model.clone(),
        graph,
        labels: classes.map(|classes| ("ndsl.classes".to_owned(), classes)).into_iter().collect(),
        weights: Some(trained.model.weights),
    })
}

#[cfg(test)]
mod tests {
    use ndsl_grammar::Span;

    use super::*;

    #[test]
    fn what_cannot_be_exported_is_said_with_its_line() {
        let source = Source::new("speech.ndsl", "model Speech {\n    LSTM(8, activation=gelu)\n}\n");
        let start = source.text.find("LSTM").expect("there");
        let span = Span { file: source.file, start: start as u32, end: start as u32 + 4 };
        let reason = "the recurrent layers of ONNX have no `gelu`".to_owned();
        let fault = onnx::ExportError::Unsupported { operation: "lstm", layer: Some("lstm".to_owned()), reason, span };
        assert_eq!(
            placed(fault, &source).to_string(),
            "speech.ndsl:2:5: `lstm` cannot be exported to ONNX: the recurrent layers of ONNX have no `gelu`"
        );
        assert_eq!(
            placed(onnx::ExportError::Opset(3), &source).to_string(),
            "ONNX opset 3 cannot be written; 20 and 23 can"
        );
    }
}
