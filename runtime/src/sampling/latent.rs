//! The value in whose place new ones are drawn: where a model that draws numbers itself goes on from these alone.

use ndsl_compiler::ir::{Binary, ElementType, Graph, Op, Unary, ValueId};

use crate::engine::random;

/// `count` numbers of the unit normal distribution: those of this seed and row, however many rows there are.
pub fn drawn(seed: u64, row: usize, count: usize) -> Vec<f32> {
    // No node has that number.
    random::normal(seed, row as u64, u64::MAX, count)
}

/// Of some values, those that are the latent variable of a variational model (Kingma and Welling, 2014): `mean + deviation * random_normal(mean)`, where the deviation is
/// computed from what goes in, and what some of `outputs` need is nothing of what went in but through that value, or what is `given` besides, as the label of a conditional
/// model is (Sohn and others, 2015). Of values that follow from one another it is the first.
/// What such a model is trained to make of its data is the unit normal distribution, so its outputs are drawn by drawing that value.
pub fn latents(graph: &Graph, values: &[ValueId], outputs: &[ValueId], given: &[ValueId]) -> Vec<ValueId> {
    let scaled = scaled_draws(graph);
    let mut found: Vec<ValueId> = Vec::new();
    let mut candidates: Vec<ValueId> = values
        .iter()
        .copied()
        .filter(|value| scaled[value.index()] && graph.value(*value).element == ElementType::F32)
        .collect();
    candidates.sort_unstable();
    candidates.dedup();
    for value in candidates {
        let behind_another = graph.depending_on(found.iter().copied())[value.index()];
        if !behind_another && feeds_alone(graph, value, outputs, given) {
            found.push(value);
        }
    }
    found
}

/// Whether some of `outputs` depend on `value`, and these on nothing else that is fed or drawn, but what is `given`.
fn feeds_alone(graph: &Graph, value: ValueId, outputs: &[ValueId], given: &[ValueId]) -> bool {
    let depends = graph.depending_on([value]);
    let behind = outputs.iter().filter(|output| **output != value && depends[output.index()]);
    let behind: Vec<(String, ValueId)> = behind.enumerate().map(|(at, output)| (at.to_string(), *output)).collect();
    if behind.is_empty() {
        return false;
    }
    let part = graph.between(Some((value, "latent")), behind);
    part.inputs.iter().all(|input| *input == value || given.contains(input))
        && !part.nodes.iter().any(|node| draws(&node.op))
}

fn draws(op: &Op) -> bool {
    matches!(op, Op::RandomNormal | Op::RandomUniform)
}

/// Which values are sums with a draw in them that was multiplied by something computed from what goes in.
fn scaled_draws(graph: &Graph) -> Vec<bool> {
    let computed = graph.depending_on(graph.inputs.iter().copied());
    let mut draw = vec![false; graph.values.len()];
    let mut scaled = draw.clone();
    for node in &graph.nodes {
        let at = node.output.index();
        let any = |of: &[bool]| node.inputs.iter().any(|input| of[input.index()]);
        match &node.op {
            Op::RandomNormal => draw[at] = true,
            Op::Binary(Binary::Multiply) if any(&draw) => {
                draw[at] = true;
                let partner = node.inputs.iter().any(|input| !draw[input.index()] && computed[input.index()]);
                scaled[at] = partner || any(&scaled);
            }
            Op::Binary(Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide)
            | Op::Unary(Unary::Negate)
            | Op::Reshape(_)
            | Op::Cast(ElementType::F32)
            | Op::StopGradient => {
                draw[at] = any(&draw);
                scaled[at] = any(&scaled);
            }
            _ => {}
        }
    }
    scaled
}
