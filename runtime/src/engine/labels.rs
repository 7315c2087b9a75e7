//! Which inputs of a graph are labels or indices, and of how many classes or rows: one beyond them has no meaning in any
//! engine.

use ndsl_compiler::ir::{Graph, Op, ValueId, ValueSource};

use super::EngineError;
use crate::tensor::{Tensor, TensorData};

/// An input that a loss reads as labels, or a lookup as indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelInput {
    /// Which of the graph's inputs.
    pub input: usize,
    /// Labels are below this.
    pub classes: usize,
    /// Whether it is a label; an index of a lookup otherwise.
    pub is_label: bool,
}

/// The inputs that a graph's losses read as labels, and its lookups as indices.
pub fn label_inputs(graph: &Graph) -> Vec<LabelInput> {
    let labels = |node: &ndsl_compiler::ir::Node| {
        let [of, labels] = node.inputs[..] else { return None };
        let dims = graph.value(of).shape.dims();
        let is_label = node.op == Op::SoftmaxCrossEntropy;
        let classes = match node.op {
            Op::SoftmaxCrossEntropy => dims.last()?.known()?,
            Op::Gather { axis } | Op::GatherElements { axis } => dims.get(axis)?.known()?,
            _ => return None,
        };
        Some(LabelInput { input: source(graph, labels)?, classes, is_label })
    };
    graph.nodes.iter().filter_map(labels).collect()
}

/// The input that a value is, but for its shape and type.
pub fn source(graph: &Graph, mut id: ValueId) -> Option<usize> {
    loop {
        match graph.value(id).source {
            ValueSource::Input(index) => return Some(index as usize),
            ValueSource::Node(index) => match &graph.nodes[index as usize] {
                node if matches!(node.op, Op::Cast(_) | Op::Reshape(_)) => id = *node.inputs.first()?,
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// Checks a batch against the classes its labels must be of.
pub fn check(labels: &[LabelInput], inputs: &[Tensor]) -> Result<(), EngineError> {
    for LabelInput { input, classes, is_label } in labels {
        let Some(tensor) = inputs.get(*input) else { continue };
        if let Some((index, label)) = out_of_range(&tensor.data, *classes) {
            let width = (tensor.data.len() / tensor.rows().max(1)).max(1);
            let row = index / width + 1;
            return Err(match is_label {
                true => EngineError::LabelOutOfRange { label, row, classes: *classes },
                false => EngineError::IndexOutOfRange { index: label, row, count: *classes },
            });
        }
    }
    Ok(())
}

/// The first number that is not one of `0..classes`, and where it is.
pub fn out_of_range(data: &TensorData, classes: usize) -> Option<(usize, i64)> {
    let beyond = |label: i64| usize::try_from(label).map_or(true, |label| label >= classes);
    match data {
        TensorData::I64(data) => data.iter().position(|label| beyond(*label)).map(|index| (index, data[index])),
        TensorData::U8(data) => {
            data.iter().position(|label| usize::from(*label) >= classes).map(|index| (index, i64::from(data[index])))
        }
        TensorData::F32(data) => {
            let found = data.iter().position(|label| beyond(label.floor() as i64) || !label.is_finite());
            found.map(|index| (index, data[index] as i64))
        }
        TensorData::Bool(_) => None,
    }
}
