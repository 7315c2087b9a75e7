//! Which inputs of a graph are labels, and of how many classes: an index beyond them has no meaning in any engine.

use ndsl_compiler::ir::{Graph, Op, ValueId, ValueSource};

use super::EngineError;
use crate::tensor::{Tensor, TensorData};

/// An input that a loss reads as labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelInput {
    /// Which of the graph's inputs.
    pub input: usize,
    /// Labels are below this.
    pub classes: usize,
}

/// The inputs that a graph's losses read as labels.
pub fn label_inputs(graph: &Graph) -> Vec<LabelInput> {
    let labels = |node: &ndsl_compiler::ir::Node| {
        let [logits, labels] = node.inputs[..] else { return None };
        let classes = graph.value(logits).shape.dims().last()?.known()?;
        Some(LabelInput { input: source(graph, labels)?, classes })
    };
    graph.nodes.iter().filter(|node| node.op == Op::SoftmaxCrossEntropy).filter_map(labels).collect()
}

/// The input that a value is, but for its shape and type.
fn source(graph: &Graph, mut id: ValueId) -> Option<usize> {
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
    for LabelInput { input, classes } in labels {
        let Some(tensor) = inputs.get(*input) else { continue };
        if let Some((index, label)) = out_of_range(&tensor.data, *classes) {
            let width = (tensor.data.len() / tensor.rows().max(1)).max(1);
            return Err(EngineError::LabelOutOfRange { label, row: index / width + 1, classes: *classes });
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
