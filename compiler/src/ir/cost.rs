//! What a graph costs to run.

use super::{Graph, Interpolation, LayerId, Node, Op, Unary};

/// Floating-point operations of one row in inference, a multiply-add counting as two.
///
/// Moves of data (reshape, gather, …) and what inference leaves out (dropout) cost nothing. Nothing is answered for a node
/// whose shapes are not known.
pub fn flops(graph: &Graph, node: &Node) -> Option<u64> {
    let dims = |index: usize| graph.value(*node.inputs.get(index)?).shape.at_batch(1);
    let elements = |index: usize| -> Option<u64> { Some(product(&dims(index)?)) };
    let out = product(&graph.value(node.output).shape.at_batch(1)?);
    let bias = if node.inputs.len() > 2 { out } else { 0 };
    Some(match &node.op {
        Op::Constant(_)
        | Op::ConstantTensor { .. }
        | Op::DimValue(_)
        | Op::Range(_)
        | Op::Cast(_)
        | Op::StopGradient
        | Op::Reshape(_)
        | Op::Transpose { .. }
        | Op::Expand(_)
        | Op::Slice { .. }
        | Op::Concat { .. }
        | Op::Pad { .. }
        | Op::Gather { .. }
        | Op::GatherElements { .. }
        | Op::OneHot { .. }
        | Op::Dropout { .. }
        | Op::GaussianNoise { .. }
        | Op::Unary(Unary::Identity) => 0,
        Op::Unary(_) | Op::Binary(_) | Op::Where | Op::RandomNormal | Op::RandomUniform => out,
        // Each output is one dot product over everything its weight row holds.
        Op::Linear | Op::Conv { .. } => {
            let taps = product(dims(1)?.get(1..)?);
            out.saturating_mul(taps).saturating_mul(2).saturating_add(bias)
        }
        // Each element of the input is multiplied with everything its weight row holds.
        Op::ConvTranspose { .. } => {
            let taps = product(dims(1)?.get(1..)?);
            elements(0)?.saturating_mul(taps).saturating_mul(2).saturating_add(bias)
        }
        Op::MatMul => out.saturating_mul(*dims(0)?.last()? as u64).saturating_mul(2),
        Op::MaxPool { size, .. } | Op::AveragePool { size, .. } => out.saturating_mul(product(size)),
        Op::Resize { interpolation: Interpolation::Nearest, .. } => 0,
        // Two multiplications and an addition an axis and neighbour.
        Op::Resize { scale, interpolation: Interpolation::Linear } => out.saturating_mul(3 << scale.len()),
        Op::Reduce { .. } | Op::ArgMax { .. } | Op::CumSum { .. } => elements(0)?,
        Op::BatchNorm { .. } => out.saturating_mul(2),
        Op::LayerNorm { .. } | Op::GroupNorm { .. } => out.saturating_mul(7),
        Op::RmsNorm { .. } => out.saturating_mul(4),
        Op::Softmax { .. } | Op::LogSoftmax { .. } => out.saturating_mul(3),
        // Both products and the softmax between them.
        Op::Attention { .. } => {
            let ([.., queries, depth], [.., keys, _]) = (&dims(0)?[..], &dims(1)?[..]) else { return None };
            let heads = product(&dims(0)?) / product(&[*queries, *depth]).max(1);
            let scores = heads.saturating_mul(product(&[*queries, *keys]));
            let width = *depth as u64 + *dims(2)?.last()? as u64;
            scores.saturating_mul(width.saturating_mul(2).saturating_add(4))
        }
        // Two products a gate and step, and what is done element by element.
        Op::Recurrent(recurrent) => {
            let steps = product(&dims(0)?) / (*dims(0)?.last()?).max(1) as u64;
            let weights = elements(1)?.saturating_add(elements(2)?);
            let gates = recurrent.cell.gates() as u64 * *dims(2)?.last()? as u64;
            let each = weights.saturating_mul(2).saturating_add(gates.saturating_mul(4));
            steps.saturating_mul(each)
        }
        Op::SoftmaxCrossEntropy => elements(0)?.saturating_mul(3),
    })
}

/// The sum, where all are known.
pub fn sum(mut costs: impl Iterator<Item = Option<u64>>) -> Option<u64> {
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
