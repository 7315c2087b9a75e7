//! Where a training's first weights come from, and what of them it takes.

use std::path::{Path, PathBuf};

use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::{Located, Origin};
use ndsl_compiler::{Weight, Weights};

use crate::{checkpoint, model};

/// The most names that a sentence lists.
const LISTED: usize = 8;

/// What was found of a model's parameters.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Those of the same name and shape.
    pub weights: Weights,
    /// What was taken and what was not, a sentence each.
    pub report: Vec<String>,
}

/// Reads the weights and takes those that are the graph's; `folder` is the program's, `output` where the run goes.
///
/// # Errors
/// A diagnostic at the place that names them: nothing is there, it is damaged, or nothing of it fits.
pub(super) fn take(origin: &Origin, graph: &Graph, folder: &Path, output: &Path) -> Result<Taken, Box<Diagnostic>> {
    let (located, path, read) = match origin {
        Origin::Best(run) => (run, run_of(run, folder, output), best as Read),
        Origin::Last(run) => (run, run_of(run, folder, output), last as Read),
        Origin::Path { path, folder: way } => (path, folder.join(way).join(&path.text), given as Read),
    };
    let fault = |message: String, label: &str| Diagnostic::new(Code::DataMismatch, located.span, message).label(label);
    let (given, others) = read(&path).map_err(|message| {
        let fault = fault(message, "no weights to begin with");
        Box::new(match origin {
            Origin::Path { .. } => fault,
            _ => fault.help(format!("train it first: `ndsl train <FILE> --train {}`", located.text)),
        })
    })?;
    let taken = matched(graph, given, others, &path);
    if taken.weights.0.is_empty() {
        let message = format!("nothing of `{}` is of this model", path.display());
        let fault = fault(message, "weights of another model");
        return Err(Box::new(taken.report.iter().fold(fault, |fault, line| fault.help(line))));
    }
    Ok(taken)
}

type Read = fn(&Path) -> Result<(Weights, Vec<String>), String>;

/// The folder of a run: where the command puts it, or beside the folder of this one.
fn run_of(run: &Located, folder: &Path, output: &Path) -> PathBuf {
    let usual = folder.join("runs").join(&run.text);
    let beside = output.parent().map(|parent| parent.join(&run.text)).filter(|beside| beside.exists());
    if usual.exists() { usual } else { beside.unwrap_or(usual) }
}

fn best(path: &Path) -> Result<(Weights, Vec<String>), String> {
    model::load(path).map(|model| (model.weights, Vec::new())).map_err(|error| error.to_string())
}

fn last(path: &Path) -> Result<(Weights, Vec<String>), String> {
    let newest = checkpoint::newest(path);
    let state = newest.map_err(|error| format!("{error}; `checkpoints: {{}}` in a training keeps its last weights"))?;
    let state = state.checkpoint.state;
    let mut weights = state.weights;
    // A mean is kept in place of the weights themselves.
    for (name, mean) in state.session.averages {
        if let Some(weight) = weights.0.get_mut(&name) {
            weight.data = mean;
        }
    }
    Ok((weights, Vec::new()))
}

fn given(path: &Path) -> Result<(Weights, Vec<String>), String> {
    match path.is_dir() {
        true => best(path),
        false => model::read_weights(path).map_err(|error| error.to_string()),
    }
}

fn matched(graph: &Graph, given: Weights, others: Vec<String>, path: &Path) -> Taken {
    let (mut weights, mut absent, mut unlike) = (Weights::default(), Vec::new(), Vec::new());
    let mut left = given.0;
    for parameter in &graph.parameters {
        let name = &parameter.name;
        match left.remove(name) {
            Some(weight) if weight.shape == parameter.shape => _ = weights.0.insert(name.clone(), weight),
            Some(Weight { shape, .. }) => {
                unlike.push(format!("`{name}`, {shape:?} there and {:?} here", parameter.shape));
            }
            None => absent.push(format!("`{name}`")),
        }
    }
    let numbers: usize = weights.0.values().map(|weight| weight.data.len()).sum();
    let (taken, all) = (weights.0.len(), graph.parameters.len());
    let mut report = vec![format!("{taken} of {all} parameters, {numbers} numbers, come from `{}`", path.display())];
    let left: Vec<String> = left.into_keys().chain(others).map(|name| format!("`{name}`")).collect();
    for (names, what) in [
        (unlike, "of another shape, so these are fresh"),
        (absent, "not there, so these are fresh"),
        (left, "there, and not in the model"),
    ] {
        if !names.is_empty() {
            report.push(format!("{what}: {}", listed(&names)));
        }
    }
    Taken { weights, report }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join("; ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}
