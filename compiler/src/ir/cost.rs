//! What a graph costs to run.

use super::{Graph, LayerId, Node, Op};

/// Floating-point operations of one row in inference, a multiply-add counting as two.
///
/// Moves of data (reshape, cast) and what inference leaves out (dropout) cost nothing. Nothing is answered for a node
/// whose shapes are not known.
pub fn flops(graph: &Graph, node: &Node) -> Option<u64> {
    let elements = |index: usize| -> Option<u64> {
        let dims = graph.value(*node.inputs.get(index)?).shape.at_batch(1)?;
        Some(dims.iter().map(|dim| *dim as u64).product())
    };
    let out: u64 = graph.value(node.output).shape.at_batch(1)?.iter().map(|dim| *dim as u64).product();
    let bias = if node.inputs.len() > 2 { out } else { 0 };
    Some(match &node.op {
        Op::Constant(_) | Op::Reshape(_) | Op::Cast(_) | Op::Dropout { .. } => 0,
        Op::Unary(_) | Op::Binary(_) => out,
        // Each output is one dot product over everything its weight row holds.
        Op::Linear | Op::Conv2d { .. } => {
            let weight = graph.parameter(*node.inputs.get(1)?)?;
            let taps: u64 = weight.shape.iter().skip(1).map(|dim| *dim as u64).product();
            2 * out * taps + bias
        }
        Op::MaxPool2d { size, .. } | Op::AveragePool2d { size, .. } => out * (size[0] * size[1]) as u64,
        Op::Reduce { .. } => elements(0)?,
        Op::BatchNorm { .. } => 2 * out,
        Op::Softmax | Op::LogSoftmax => 3 * out,
        Op::SoftmaxCrossEntropy => 3 * elements(0)?,
    })
}

/// The operations of every node of one layer, or of those in no layer.
pub fn layer_flops(graph: &Graph, layer: Option<LayerId>) -> Option<u64> {
    graph.nodes.iter().filter(|node| node.layer == layer).map(|node| flops(graph, node)).sum()
}

/// The operations of the whole graph.
pub fn total_flops(graph: &Graph) -> Option<u64> {
    graph.nodes.iter().map(|node| flops(graph, node)).sum()
}
