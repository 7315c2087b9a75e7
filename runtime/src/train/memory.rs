//! What a training run needs in memory, so that one that cannot fit is refused before it starts.

use ndsl_compiler::ir::{Graph, Sizes, bind};
use ndsl_compiler::plan::TrainPlan;

use super::TrainError;
use super::batches::fed;
use crate::data::Dataset;
use crate::engine::{EngineError, optimizer};

/// The bytes a run takes at its height, roughly: weights, the best epoch's copy, gradients, the optimizer's moments, the running mean, and every
/// activation of a batch of the data with its gradient, in the sizes that the data has.
///
/// # Errors
/// Where the data has not the shapes that the plan reads, or makes a dimension of the graph no size.
pub fn estimate(plan: &TrainPlan, data: &Dataset) -> Result<u64, TrainError> {
    let moments = optimizer::moments(&plan.optimizer.rule) as u64;
    let weights = plan.graph.parameter_counts().0 as u64 * 4;
    let batch = plan.batch_size.min(data.rows);
    let row = |shape: &[usize]| [&[batch], shape].concat();
    let shape = |fed: super::batches::Fed<'_>| row(fed.field().map_or(&[], |field| &field.shape));
    let shapes: Vec<Vec<usize>> = fed(&plan.graph, data)?.into_iter().map(shape).collect();
    let sizes = bind::bind(&plan.graph, shapes.iter().map(Vec::as_slice)).map_err(EngineError::from)?;
    let activations = activations(&plan.graph, &sizes)?;
    let averages = u64::from(plan.ema.is_some());
    Ok(weights.saturating_mul(3 + moments + averages).saturating_add(activations.saturating_mul(2)))
}

/// The bytes of everything that is computed in a run of these sizes.
fn activations(graph: &Graph, sizes: &Sizes) -> Result<u64, EngineError> {
    graph.nodes.iter().try_fold(0u64, |sum, node| {
        let value = graph.value(node.output);
        let bytes = value.shape.dims().iter().try_fold(value.element.size() as u64, |bytes, dim| {
            let size = dim.at(sizes).ok_or_else(|| EngineError::Size { dim: dim.to_string() })?;
            Ok::<u64, EngineError>(bytes.saturating_mul(size as u64))
        })?;
        Ok(sum.saturating_add(bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_have_the_sizes_of_the_data() {
        use ndsl_compiler::ir::{Builder, Dim, ElementType, Op, Shape, Unary};
        let span = ndsl_grammar::Span::default();
        let mut builder = Builder::new("open");
        let x = builder.input("x", ElementType::F32, Shape::batched([Dim::symbol("T"), Dim::Known(4)]), span);
        let end = Dim::symbol("T").minus(&Dim::Known(8));
        let cut = builder.node(Op::Slice { axis: 1, start: Dim::Known(0), end, step: 1 }, vec![x], span);
        let y = builder.unary(Unary::Relu, cut, span);
        builder.output("y", y);
        let graph = builder.finish();
        let bytes = |length: usize| {
            let sizes = bind::bind(&graph, [&[5, length, 4][..]].into_iter()).expect("fits");
            activations(&graph, &sizes).map_err(|fault| fault.to_string())
        };
        assert_eq!(bytes(10), Ok(2 * 5 * 2 * 4 * 4));
        assert_eq!(bytes(1_008), Ok(2 * 5 * 1_000 * 4 * 4));
        assert_eq!(bytes(7), Err("`T - 8` is no size with these inputs".to_owned()));
    }
}
