//! What a graph costs to run.

use super::{Graph, LayerId, Node, Op};

/// Floating-point operations of one row in inference, a multiply-add counting as two.
///
/// Moves of data (reshape, cast) and what inference leaves out (dropout) cost nothing. Nothing is answered for a node
/// whose shapes are not known.
pub fn flops(graph: &Graph, node: &Node) -> Option<u64> {
    let elements =
        |index: usize| -> Option<u64> { Some(product(&graph.value(*node.inputs.get(index)?).shape.at_batch(1)?)) };
    let out = product(&graph.value(node.output).shape.at_batch(1)?);
    let bias = if node.inputs.len() > 2 { out } else { 0 };
    Some(match &node.op {
        Op::Constant(_) | Op::Reshape(_) | Op::Cast(_) | Op::Dropout { .. } => 0,
        Op::Unary(_) | Op::Binary(_) => out,
        // Each output is one dot product over everything its weight row holds.
        Op::Linear | Op::Conv2d { .. } => {
            let weight = graph.parameter(*node.inputs.get(1)?)?;
            let taps = product(weight.shape.get(1..)?);
            out.saturating_mul(taps).saturating_mul(2).saturating_add(bias)
        }
        Op::MaxPool2d { size, .. } | Op::AveragePool2d { size, .. } => out.saturating_mul(product(size)),
        Op::Reduce { .. } => elements(0)?,
        Op::BatchNorm { .. } => out.saturating_mul(2),
        Op::Softmax | Op::LogSoftmax => out.saturating_mul(3),
        Op::SoftmaxCrossEntropy => elements(0)?.saturating_mul(3),
    })
}

/// The sum, where all are known.
pub(crate) fn sum(mut costs: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    costs.try_fold(0, |sum: u64, cost| Some(sum.saturating_add(cost?)))
}

/// A shape may say more than could ever be computed: the largest number stands for that.
fn product(dims: &[usize]) -> u64 {
    dims.iter().fold(1, |product, dim| product.saturating_mul(*dim as u64))
}

/// What one layer costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerCost {
    /// How many numbers its parameters hold.
    pub parameters: usize,
    /// Operations of one row, where the shapes are known.
    pub flops: Option<u64>,
}

/// What every layer costs, in the order they were applied, in one pass over the graph.
pub fn by_layer(graph: &Graph) -> Vec<LayerCost> {
    let mut costs = vec![LayerCost { parameters: 0, flops: Some(0) }; graph.layers.len()];
    for parameter in &graph.parameters {
        if let Some(cost) = parameter.layer.and_then(|LayerId(layer)| costs.get_mut(layer as usize)) {
            cost.parameters = cost.parameters.saturating_add(parameter.shape.iter().product());
        }
    }
    for node in &graph.nodes {
        if let Some(cost) = node.layer.and_then(|LayerId(layer)| costs.get_mut(layer as usize)) {
            cost.flops = sum([cost.flops, flops(graph, node)].into_iter());
        }
    }
    costs
}

/// The operations of the whole graph.
pub fn total_flops(graph: &Graph) -> Option<u64> {
    sum(graph.nodes.iter().map(|node| flops(graph, node)))
}
