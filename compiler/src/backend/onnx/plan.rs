//! What of a graph reaches the artifact: what inference leaves out, and what folds into what.

use std::collections::BTreeMap;

use super::batch_norm;
use super::layout::has_layouts;
use crate::ir::{Dim, ElementType, Graph, Node, Op, Reduction, Unary, ValueId};
use crate::weights::Weights;

/// What is written, decided before anything is.
pub(super) struct Plan {
    /// Of each value, the one it is equal to once what does nothing is gone; itself for most.
    same: Vec<ValueId>,
    /// Of each value that others are equal to, the one that gives its name.
    label: Vec<ValueId>,
    /// The nodes to write, in order.
    written: Vec<usize>,
    /// The batch normalisation that folds into a node, by that node.
    folded: BTreeMap<usize, usize>,
    /// Whether what reads a value would rather have it channels first.
    channels_first: Vec<bool>,
    /// How many written nodes read a value.
    readers: Vec<usize>,
}

impl Plan {
    pub(super) fn new(graph: &Graph, weights: &Weights) -> Self {
        let ids = || (0..graph.values.len() as u32).map(ValueId);
        let mut plan = Self {
            same: ids().collect(),
            label: ids().collect(),
            written: Vec::new(),
            folded: BTreeMap::new(),
            channels_first: vec![false; graph.values.len()],
            readers: vec![0; graph.values.len()],
        };
        let live = live(graph);
        for node in live.iter().map(|index| &graph.nodes[*index]) {
            if does_nothing(graph, node) {
                plan.same[node.output.index()] = plan.root(node.inputs[0]);
                if graph.value(node.output).name != node.op.name() {
                    let root = plan.root(node.output);
                    plan.label[root.index()] = node.output;
                }
            }
        }
        plan.count_readers(graph, &live);
        plan.fold(graph, weights, &live);
        plan.written = live
            .into_iter()
            .filter(|index| {
                let output = graph.nodes[*index].output;
                plan.root(output) == output
            })
            .collect();
        plan.prefer_channels_first(graph);
        plan
    }

    /// The value that `id` is equal to.
    pub(super) fn root(&self, id: ValueId) -> ValueId {
        let mut id = id;
        while self.same[id.index()] != id {
            id = self.same[id.index()];
        }
        id
    }

    /// The value that names the tensor that holds `root`.
    pub(super) fn label(&self, root: ValueId) -> ValueId {
        self.label[root.index()]
    }

    /// The nodes to write, in order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.written.iter().copied()
    }

    /// The batch normalisation that folds into the node at `index`.
    pub(super) fn folded_into<'a>(&self, graph: &'a Graph, index: usize) -> Option<&'a Node> {
        self.folded.get(&index).map(|norm| &graph.nodes[*norm])
    }

    /// Whether what reads the value would rather have it channels first.
    pub(super) fn prefers_channels_first(&self, id: ValueId) -> bool {
        self.channels_first[self.root(id).index()]
    }

    /// How many nodes read the value.
    pub(super) fn readers(&self, id: ValueId) -> usize {
        self.readers[self.root(id).index()]
    }

    fn count_readers(&mut self, graph: &Graph, live: &[usize]) {
        let outputs = graph.outputs.iter().map(|output| output.value);
        let nodes = live.iter().map(|index| &graph.nodes[*index]).filter(|node| !does_nothing(graph, node));
        for id in outputs.chain(nodes.flat_map(|node| node.inputs.iter().copied())) {
            let root = self.root(id);
            self.readers[root.index()] += 1;
        }
    }

    /// Folds batch normalisations into the convolution or linear map before them, where nothing else reads that.
    fn fold(&mut self, graph: &Graph, weights: &Weights, live: &[usize]) {
        let maker: BTreeMap<ValueId, usize> = live.iter().map(|index| (graph.nodes[*index].output, *index)).collect();
        for &index in live {
            let norm = &graph.nodes[index];
            let Op::BatchNorm { .. } = norm.op else { continue };
            let Some(source) = norm.inputs.first().map(|id| self.root(*id)) else { continue };
            let Some(&before) = maker.get(&source) else { continue };
            if self.readers[source.index()] == 1
                && !self.folded.contains_key(&before)
                && batch_norm::can_fold(graph, weights, &graph.nodes[before], norm)
            {
                self.folded.insert(before, index);
                self.same[norm.output.index()] = source;
                self.label[source.index()] = self.label[norm.output.index()];
            }
        }
    }

    fn prefer_channels_first(&mut self, graph: &Graph) {
        for index in self.written.iter().rev() {
            let node = &graph.nodes[*index];
            let wanted = match node.op {
                Op::Conv { .. }
                | Op::ConvTranspose { .. }
                | Op::MaxPool { .. }
                | Op::AveragePool { .. }
                | Op::Resize { .. }
                | Op::GroupNorm { .. } => true,
                Op::Unary(_)
                | Op::Cast(_)
                | Op::Softmax { .. }
                | Op::LogSoftmax { .. }
                | Op::BatchNorm { .. }
                | Op::Concat { .. }
                | Op::Pad { .. }
                | Op::Slice { .. }
                | Op::Where
                | Op::Binary(_) => self.channels_first[node.output.index()],
                _ => false,
            };
            // A convolution's weight has four dimensions too, but no layout.
            let several = matches!(node.op, Op::Binary(_) | Op::Concat { .. } | Op::Where);
            let images = if several { node.inputs.len() } else { 1 };
            for id in node.inputs.iter().take(images) {
                let root = self.root(*id);
                self.channels_first[root.index()] |= wanted && has_layouts(graph.value(root).shape.rank());
            }
        }
    }
}

/// The nodes that an output depends on, in order.
fn live(graph: &Graph) -> Vec<usize> {
    let mut needed = vec![false; graph.values.len()];
    for output in &graph.outputs {
        needed[output.value.index()] = true;
    }
    let mut live = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if needed[node.output.index()] {
            live.push(index);
            node.inputs.iter().for_each(|id| needed[id.index()] = true);
        }
    }
    live.reverse();
    live
}

/// Whether inference may take the node's first input for its output.
fn does_nothing(graph: &Graph, node: &Node) -> bool {
    let Some(input) = node.inputs.first().map(|id| graph.value(*id)) else { return false };
    match &node.op {
        Op::Dropout { .. } | Op::GaussianNoise { .. } | Op::StopGradient | Op::Unary(Unary::Identity) => true,
        Op::Cast(element) => *element == input.element,
        Op::Reshape(shape) => *shape == input.shape,
        Op::Expand(shape) => *shape == input.shape,
        Op::Transpose { permutation } => permutation.iter().enumerate().all(|(place, axis)| place == *axis),
        Op::Concat { .. } => node.inputs.len() == 1,
        Op::Slice { axis, start, end, step: 1 } => {
            *start == Dim::Known(0) && input.shape.dims().get(*axis) == Some(end) && *end != Dim::Unknown
        }
        Op::Reduce { reduction, axes, .. } => {
            axes.is_empty()
                && (input.element == ElementType::Bool) == matches!(reduction, Reduction::Any | Reduction::All)
        }
        _ => false,
    }
}
