//! A graph made ready to be interpreted: what has to be computed, and when a value is needed for the last time.

use ndsl_compiler::ir::{Graph, Op, Role, ValueId, ValueSource};
use ndsl_compiler::passes::fold;
use ndsl_compiler::plan::LOSS_OUTPUT;

use crate::engine::EngineError;
use crate::engine::labels::{LabelInput, label_inputs};

/// A graph and what is known of it before it runs.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) graph: Graph,
    /// The nodes that some output depends on, in order.
    pub(super) live: Vec<usize>,
    /// For each value, how many live nodes and outputs read it.
    pub(super) uses: Vec<u32>,
    /// The inputs that must hold labels, and of how many classes.
    pub(super) labels: Vec<LabelInput>,
    /// Which output is the loss.
    pub(super) loss: Option<usize>,
    /// Whether the loss depends on anything that is trained.
    pub(super) trainable: bool,
    /// For each parameter, how it is stored.
    pub(super) layouts: Vec<Layout>,
}

/// How a parameter is stored: as what reads it multiplies by it, so that nothing is turned in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As PyTorch has it.
    Given,
    /// `[in, out]` for PyTorch's `[out, in]`.
    Turned,
    /// `[height, width, in, out]` for PyTorch's `[out, in, height, width]`.
    Windows,
}

impl Layout {
    /// Where each axis of [`Self::Windows`] is in PyTorch's layout.
    pub(super) const WINDOWS: [usize; 4] = [2, 3, 1, 0];

    /// Where each axis of what is stored is in PyTorch's layout, which has so many.
    pub(super) fn axes(self, rank: usize) -> Vec<usize> {
        match self {
            Self::Turned if rank == 2 => vec![1, 0],
            Self::Windows if rank == 4 => Self::WINDOWS.to_vec(),
            _ => (0..rank).collect(),
        }
    }
}

impl Program {
    /// `has_kernels` says whether our kernels read the parameters, which want the weights of convolutions in a layout of their own.
    pub(super) fn new(graph: &Graph, has_kernels: bool) -> Result<Self, EngineError> {
        if !graph.is_complete() {
            return Err(EngineError::Incomplete { name: graph.name.clone() });
        }
        // Nodes stay where they are, so that what each draws stays the same.
        let graph = fold(graph);
        let loss = graph.outputs.iter().position(|output| output.name == LOSS_OUTPUT);
        let reached = reached_from(&graph, graph.outputs.iter().map(|output| output.value));
        let live: Vec<usize> = (0..graph.nodes.len()).filter(|i| reached[graph.nodes[*i].output.index()]).collect();
        let mut uses = vec![0; graph.values.len()];
        for node in &live {
            for input in &graph.nodes[*node].inputs {
                uses[input.index()] += 1;
            }
        }
        for output in &graph.outputs {
            uses[output.value.index()] += 1;
        }
        let under_loss = reached_from(&graph, loss.map(|output| graph.outputs[output].value));
        let is_trained = |parameter: &ndsl_compiler::ir::Parameter| {
            parameter.role == Role::Trainable && under_loss[parameter.value.index()]
        };
        Ok(Self {
            trainable: graph.parameters.iter().any(is_trained),
            layouts: graph.parameters.iter().map(|parameter| layout(&graph, parameter.value, has_kernels)).collect(),
            labels: label_inputs(&graph),
            graph,
            live,
            uses,
            loss,
        })
    }

    /// The index of the parameter that a value is.
    pub(super) fn parameter(&self, id: ValueId) -> Option<usize> {
        match self.graph.value(id).source {
            ValueSource::Parameter(index) => Some(index as usize),
            _ => None,
        }
    }
}

/// Which values the given ones depend on, themselves included.
pub(super) fn reached_from(graph: &Graph, roots: impl IntoIterator<Item = ValueId>) -> Vec<bool> {
    let mut reached = vec![false; graph.values.len()];
    for root in roots {
        reached[root.index()] = true;
    }
    for node in graph.nodes.iter().rev() {
        if reached[node.output.index()] {
            for input in &node.inputs {
                reached[input.index()] = true;
            }
        }
    }
    reached
}

/// How a parameter is stored: as [`Op::Linear`] or a convolution of images multiplies by it, if nothing reads it in another way.
fn layout(graph: &Graph, parameter: ValueId, has_kernels: bool) -> Layout {
    let mut layouts = graph.nodes.iter().flat_map(|node| {
        let reads = node.inputs.iter().enumerate().filter(|(_, input)| **input == parameter);
        reads.map(|(place, _)| match &node.op {
            Op::Linear if place == 1 => Layout::Turned,
            Op::Conv { strides, groups: 1, .. } if has_kernels && place == 1 && strides.len() == 2 => Layout::Windows,
            _ => Layout::Given,
        })
    });
    let Some(first) = layouts.next() else { return Layout::Given };
    let is_read_alike = layouts.all(|other| other == first);
    let is_given_out = graph.outputs.iter().any(|output| output.value == parameter);
    if is_read_alike && !is_given_out { first } else { Layout::Given }
}
