//! What goes into a model and what comes out, as metadata and answers say it.

use ndsl_compiler::ir::{Dim, ElementType, Graph, ValueId};
use serde::{Deserialize, Serialize};

/// The inputs and outputs of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// What goes in, in order.
    pub inputs: Vec<TensorSignature>,
    /// What comes out, in order.
    pub outputs: Vec<TensorSignature>,
}

/// One input or output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorSignature {
    /// Its name.
    pub name: String,
    /// Its kind of numbers.
    pub element: ElementType,
    /// Its dimensions, the batch first.
    pub shape: Vec<Size>,
}

/// One dimension: a number, or a name for one that is known when running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Size {
    /// A number.
    Number(usize),
    /// A name; `N` is the batch.
    Name(String),
}

impl Signature {
    /// The signature of a graph.
    pub fn of(graph: &Graph) -> Self {
        let tensor = |name: &str, id: ValueId| {
            let value = graph.value(id);
            let size = |dim: &Dim| match dim {
                Dim::Known(size) => Size::Number(*size),
                other => Size::Name(other.to_string()),
            };
            let shape = value.shape.dims().iter().map(size).collect();
            TensorSignature { name: name.to_owned(), element: value.element, shape }
        };
        Self {
            inputs: graph.inputs.iter().map(|id| tensor(&graph.value(*id).name, *id)).collect(),
            outputs: graph.outputs.iter().map(|output| tensor(&output.name, output.value)).collect(),
        }
    }
}
