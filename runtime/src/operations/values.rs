//! The values of a trained model that have a name: what can be answered in place of a prediction, and drawn or given in place of what is computed.

use std::path::PathBuf;

use ndsl_compiler::ir::{Dim, ElementType, Graph, GroupKind, Named, Node, Op, ValueId};
use ndsl_compiler::plan::is_made;
use ndsl_compiler::suggest::{either, nearest};
use serde::{Deserialize, Serialize};

use super::Error;
use super::trained::Trained;

/// The most names that a message lists.
const LISTED: usize = 8;

/// Whose values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
}

/// What there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// Its values, in the order in which they are made.
    pub values: Vec<NamedValue>,
}

/// A value with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// The name: what the program calls it, or the layer or block that answers it.
    pub name: String,
    /// Its kind of numbers.
    pub element: ElementType,
    /// The shape of one row.
    pub shape: Vec<usize>,
    /// What makes it: a layer's kind, or the name of an operation.
    pub made_by: String,
    /// Whether it is an output of the model.
    pub is_output: bool,
    /// Whether it depends on numbers that are drawn, so that another seed makes another value.
    pub is_drawn: bool,
}

/// Lists them.
///
/// # Errors
/// What reading the model may say.
pub fn run(request: &Request) -> Result<Response, Error> {
    let trained = Trained::open(&request.model)?;
    let whole = trained.parts(&trained.model.metadata.data_signature())?;
    let known = Known::of(&trained, &whole.graph);
    let model = trained.model.metadata.model.clone();
    Ok(Response { model, values: known.values.into_iter().map(|found| found.named).collect() })
}

/// A value that was found by its name.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) value: ValueId,
    pub(super) named: NamedValue,
}

/// The values of a trained model that depend on nothing but the fields which are read where rows are answered.
pub(super) struct Known<'t> {
    model: &'t str,
    /// What it learns.
    target: &'t str,
    values: Vec<Found>,
    /// The names of those that depend on the target.
    others: Vec<String>,
}

impl<'t> Known<'t> {
    pub(super) fn of(trained: &'t Trained, graph: &Graph) -> Self {
        Self::of_given(trained, graph, &[])
    }

    /// The same, where these fields are given whether they are read or not.
    pub(super) fn of_given(trained: &'t Trained, graph: &Graph, given: &[ValueId]) -> Self {
        let dataset = &trained.model.metadata.dataset;
        let is_unread = |input: &ValueId| {
            let name = graph.value(*input).name.as_ref();
            (name == dataset.target || is_made(name)) && !given.contains(input)
        };
        let beyond = graph.depending_on(graph.inputs.iter().copied().filter(is_unread));
        let draws = |node: &&Node| matches!(node.op, Op::RandomNormal | Op::RandomUniform);
        let drawn = graph.depending_on(graph.nodes.iter().filter(draws).map(|node| node.output));
        let (mut values, mut others) = (Vec::new(), Vec::new());
        for Named { name, value, is_output } in graph.named_values() {
            let Some(shape) = row(graph, value) else { continue };
            if beyond[value.index()] {
                others.push(name);
                continue;
            }
            let (element, made_by) = (graph.value(value).element, made_by(graph, value));
            let is_drawn = drawn[value.index()];
            values.push(Found { value, named: NamedValue { name, element, shape, made_by, is_output, is_drawn } });
        }
        Self { model: &trained.model.metadata.model, target: &dataset.target, values, others }
    }

    /// Every one, in the order in which they are made.
    pub(super) fn all(&self) -> &[Found] {
        &self.values
    }

    /// The value of that name.
    pub(super) fn find(&self, name: &str) -> Result<&Found, Error> {
        if let Some(found) = self.values.iter().find(|found| found.named.name == name) {
            return Ok(found);
        }
        let model = self.model;
        if self.others.iter().any(|other| other == name) {
            let target = self.target;
            return Err(Error::Request(format!(
                "`{name}` depends on `{target}`, what the model learns, which is not read where rows are answered"
            )));
        }
        let names = || self.values.iter().map(|found| found.named.name.as_str());
        let help = match nearest(name, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.values.len() <= LISTED => format!("there is {}", either(names())),
            None => "`ndsl predict RUN --list-values` shows what there is".to_owned(),
        };
        Err(Error::Request(format!("`{model}` has no value `{name}`; {help}")))
    }
}

/// The shape of one row of a value; nothing where a value has no rows, as a weight, or is of a size that only a run knows.
fn row(graph: &Graph, value: ValueId) -> Option<Vec<usize>> {
    let shape = &graph.value(value).shape;
    shape.dims().first().filter(|first| first.is_batch())?;
    shape.row().dims().iter().map(Dim::known).collect()
}

/// What makes a value, as people know it.
fn made_by(graph: &Graph, value: ValueId) -> String {
    let layer = graph.layers.iter().find(|layer| layer.output == value);
    let block = graph.groups.iter().find_map(|group| match &group.kind {
        GroupKind::Use { of, .. } if group.output == Some(value) => Some(of.clone()),
        _ => None,
    });
    let operation = || graph.producer(value).map_or("input", |node| node.op.name()).to_owned();
    layer.map(|layer| layer.kind.to_owned()).or(block).unwrap_or_else(operation)
}
