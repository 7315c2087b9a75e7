//! A model of sequences that answers at the end of each alone.

use crate::ir::{Dim, Graph, Node, Op, Shape, Value, ValueId, ValueSource};

/// The axis of the places of a sequence, `[N, places, features]`.
const PLACES: usize = 1;

/// The graph with its first output, which is the only one that stays, at the last place of each sequence: of `[N, T, k]` it is `[N, 1, k]`. What works on each place
/// by itself, up from the last that does not, is computed for that place alone: of a language model the logits of a whole vocabulary.
///
/// Nothing where the output is no sequence.
pub fn at_the_end(graph: &Graph) -> Option<Graph> {
    let output = graph.outputs.first()?;
    let mut top = output.value;
    length(graph, top)?;
    let mut above = Vec::new();
    while let ValueSource::Node(index) = graph.value(top).source {
        let node = &graph.nodes[index as usize];
        let Some(below) = node.inputs.first().copied().filter(|_| is_of_each_place(graph, node)) else { break };
        if length(graph, below) != length(graph, top) {
            break;
        }
        above.push(node.clone());
        top = below;
    }
    let end = length(graph, top)?.clone();
    let start = end.minus(&Dim::Known(1));
    let mut graph = graph.clone();
    let slice = Op::Slice { axis: PLACES, start, end, step: 1 };
    let mut last = add(&mut graph, Node { op: slice, inputs: vec![top], output: top, layer: None });
    for mut node in above.into_iter().rev() {
        node.inputs[0] = last;
        last = add(&mut graph, node);
    }
    let name = graph.outputs.first()?.name.clone();
    Some(graph.between(None, [(name, last)]))
}

/// How many places a value has, if it is a sequence for each row.
fn length(graph: &Graph, value: ValueId) -> Option<&Dim> {
    match graph.value(value).shape.dims() {
        [batch, places, _] if batch.is_batch() => Some(places),
        _ => None,
    }
}

/// Whether a node makes of each place of its first input the same place of its output, by that place and weights alone.
fn is_of_each_place(graph: &Graph, node: &Node) -> bool {
    let weights =
        |most: usize| node.inputs[1..].iter().all(|id| !graph.is_batched(*id) && graph.value(*id).shape.rank() <= most);
    match &node.op {
        Op::Unary(_) | Op::Cast(_) | Op::StopGradient | Op::Dropout { .. } => true,
        Op::Linear | Op::MatMul => weights(2),
        Op::Binary(_) | Op::BatchNorm { .. } => weights(1),
        Op::LayerNorm { axes: 1, .. } | Op::RmsNorm { axes: 1, .. } => weights(1),
        Op::Softmax { axis } | Op::LogSoftmax { axis } => *axis > PLACES,
        _ => false,
    }
}

/// Adds a node that makes what the value at its output is of, at one place.
fn add(graph: &mut Graph, mut node: Node) -> ValueId {
    let of = graph.value(node.output);
    let mut dims = of.shape.dims().to_vec();
    dims[PLACES] = Dim::Known(1);
    let source = ValueSource::Node(graph.nodes.len() as u32);
    let value = Value { shape: Shape(dims), source, ..of.clone() };
    let id = ValueId(graph.values.len() as u32);
    graph.values.push(value);
    node.output = id;
    graph.nodes.push(node);
    id
}
