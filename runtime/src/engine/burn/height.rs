//! How much memory a step takes at its height, known before it runs.
//!
//! In training a value stays until its gradient has gone through everything that read it, where one of these wants it again: a product wants
//! its factors, a sum wants nothing, a `relu` what it made. Reshaping makes no numbers of its own. On top of what stays there are
//! the gradients on their way, of which the two largest are alive together. In inference a value stays until it is read for the last time.

use ndsl_compiler::ir::{Binary, Dim, ElementType, Graph, Node, Op, Recurrent, Sizes, Unary, ValueId, ValueSource};

use super::program::reached_from;
use crate::engine::EngineError;

/// The bytes of what a batch of these sizes makes, at their height.
///
/// # Errors
/// Where the sizes make a dimension of the graph no size.
pub(super) fn height(graph: &Graph, sizes: &Sizes, training: bool) -> Result<u64, EngineError> {
    let values = Values::new(graph, sizes)?;
    Ok(if training { values.kept() } else { values.alive() })
}

/// What each value takes, and whose numbers it has.
struct Values<'a> {
    graph: &'a Graph,
    sizes: &'a Sizes,
    bytes: Vec<u64>,
    /// For each value, the one whose memory it shares; itself where that is its own.
    root: Vec<ValueId>,
    /// Which nodes some output depends on.
    live: Vec<bool>,
}

impl<'a> Values<'a> {
    fn new(graph: &'a Graph, sizes: &'a Sizes) -> Result<Self, EngineError> {
        let bytes = |id: ValueId| {
            let value = graph.value(id);
            // Whole numbers have eight bytes on the device whatever they have elsewhere.
            let each = if value.element == ElementType::U8 { 8 } else { value.element.size() as u64 };
            value.shape.dims().iter().try_fold(each, |bytes, dim| {
                let size = dim.at(sizes).ok_or_else(|| EngineError::Size { dim: dim.to_string() })?;
                Ok::<u64, EngineError>(bytes.saturating_mul(size as u64))
            })
        };
        let reached = reached_from(graph, graph.outputs.iter().map(|output| output.value));
        let live: Vec<bool> = graph.nodes.iter().map(|node| reached[node.output.index()]).collect();
        let mut root: Vec<ValueId> = (0..graph.values.len()).map(|index| ValueId(index as u32)).collect();
        let mut all = vec![0; graph.values.len()];
        for node in graph.nodes.iter().zip(&live).filter(|(_, live)| **live).map(|(node, _)| node) {
            all[node.output.index()] = bytes(node.output)?;
            if let (true, Some(first)) = (shares(&node.op), node.inputs.first()) {
                root[node.output.index()] = root[first.index()];
            }
        }
        for input in &graph.inputs {
            all[input.index()] = bytes(*input)?;
        }
        Ok(Self { graph, sizes, bytes: all, root, live })
    }

    fn nodes(&self) -> impl Iterator<Item = &'a Node> {
        self.graph.nodes.iter().zip(&self.live).filter(|(_, live)| **live).map(|(node, _)| node)
    }

    fn of(&self, id: ValueId) -> u64 {
        self.bytes[id.index()]
    }

    /// Whether a value is made by a node: neither weights nor what is fed are a batch's.
    fn is_made(&self, id: ValueId) -> bool {
        matches!(self.graph.value(id).source, ValueSource::Node(_))
    }

    /// What a step of training holds when it has gone forward, and the gradients on their way back.
    fn kept(&self) -> u64 {
        let mut keeps = vec![false; self.bytes.len()];
        let mut within = 0u64;
        for node in self.nodes() {
            let (inputs, output) = wanted(&node.op);
            if output {
                keeps[self.root[node.output.index()].index()] = true;
            }
            for input in node.inputs.iter().filter(|_| inputs) {
                keeps[self.root[input.index()].index()] = true;
            }
            within = within.saturating_add(self.within(node, true));
        }
        self.graph.inputs.iter().for_each(|input| keeps[input.index()] = true);
        self.graph.outputs.iter().for_each(|output| keeps[self.root[output.value.index()].index()] = true);
        let own = |index: usize| keeps[index] && !matches!(self.graph.values[index].source, ValueSource::Parameter(_));
        let kept = (0..keeps.len()).filter(|index| own(*index)).map(|index| self.bytes[index]);
        let mut largest: Vec<u64> = self.nodes().map(|node| self.of(node.output)).collect();
        largest.sort_unstable_by(|a, b| b.cmp(a));
        let ways = largest.iter().take(2).fold(0u64, |sum, bytes| sum.saturating_add(*bytes));
        kept.fold(within, u64::saturating_add).saturating_add(ways)
    }

    /// The most that is alive at once where nothing is differentiated.
    fn alive(&self) -> u64 {
        let mut last = vec![0; self.bytes.len()];
        for (place, node) in self.nodes().enumerate() {
            last[self.root[node.output.index()].index()] = place;
            node.inputs.iter().for_each(|input| last[self.root[input.index()].index()] = place);
        }
        self.graph.outputs.iter().for_each(|output| last[self.root[output.value.index()].index()] = usize::MAX);
        let mut alive: u64 = self.graph.inputs.iter().map(|input| self.of(*input)).fold(0, u64::saturating_add);
        let mut most = alive;
        for (place, node) in self.nodes().enumerate() {
            if self.root[node.output.index()] == node.output {
                alive = alive.saturating_add(self.of(node.output));
            }
            most = most.max(alive.saturating_add(self.within(node, false)));
            let mut ended: Vec<ValueId> = node.inputs.iter().map(|input| self.root[input.index()]).collect();
            ended.sort_unstable();
            ended.dedup();
            for root in ended.into_iter().filter(|root| last[root.index()] == place && self.is_made(*root)) {
                alive = alive.saturating_sub(self.of(root));
            }
        }
        most
    }

    /// What a node holds besides what goes in and what comes out.
    fn within(&self, node: &Node, training: bool) -> u64 {
        let of = |place: usize| node.inputs.get(place).map_or(0, |input| self.of(*input));
        let out = self.of(node.output);
        match &node.op {
            // The place of each maximum, of eight bytes.
            Op::MaxPool { .. } => out.saturating_mul(2),
            // How far each row looks at each: the softmax of the scores; with a mask or dropout, which Burn computes, the scores and what is
            // left of them, too.
            Op::Attention { dropout, .. } => {
                let shape = |place: usize| {
                    let dims = node.inputs.get(place).map(|input| self.graph.value(*input).shape.dims());
                    let size = |dim: &Dim| dim.at(self.sizes).unwrap_or(1) as u64;
                    dims.map(|dims| dims.iter().map(size).collect::<Vec<u64>>()).unwrap_or_default()
                };
                let (query, key) = (shape(0), shape(1));
                let [.., rows, _] = query[..] else { return 0 };
                let [.., columns, _] = key[..] else { return 0 };
                let heads: u64 = query[..query.len() - 2].iter().product();
                let each = heads.saturating_mul(rows).saturating_mul(columns).saturating_mul(4);
                each.saturating_mul(if *dropout > 0.0 || node.inputs.len() > 3 { 3 } else { 1 })
            }
            Op::GroupNorm { .. } => out,
            Op::Dropout { rate, .. } if *rate > 0.0 && training => out,
            Op::SoftmaxCrossEntropy => of(0),
            Op::Recurrent(recurrent) if training => self.of_steps(node, recurrent),
            _ => 0,
        }
    }

    /// What a recurrent layer holds of each step: its gates, and the states.
    fn of_steps(&self, node: &Node, recurrent: &Recurrent) -> u64 {
        let dims = node.inputs.first().map(|input| self.graph.value(*input).shape.dims()).unwrap_or_default();
        let size = |place: usize| dims.get(place).and_then(|dim| dim.at(self.sizes)).unwrap_or(1) as u64;
        let width =
            self.graph.value(node.output).shape.dims().last().and_then(|dim| dim.at(self.sizes)).unwrap_or(1) as u64;
        let gates = recurrent.cell.gates() as u64 + 3;
        size(0).saturating_mul(size(1)).saturating_mul(width).saturating_mul(4 * gates)
    }
}

/// Whether an operation makes no numbers of its own.
fn shares(op: &Op) -> bool {
    matches!(op, Op::Reshape(_) | Op::Transpose { .. } | Op::Expand(_) | Op::StopGradient | Op::Unary(Unary::Identity))
}

/// Whether an operation's gradient wants what went in, and what came out.
fn wanted(op: &Op) -> (bool, bool) {
    match op {
        Op::Unary(Unary::Relu | Unary::Sigmoid | Unary::Tanh | Unary::Exp | Unary::Sqrt) => (false, true),
        Op::Softmax { .. } | Op::LogSoftmax { .. } => (false, true),
        Op::Unary(Unary::Negate | Unary::Identity | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Sign) => {
            (false, false)
        }
        Op::Binary(Binary::Add | Binary::Subtract) => (false, false),
        Op::Reshape(_)
        | Op::Transpose { .. }
        | Op::Expand(_)
        | Op::Slice { .. }
        | Op::Concat { .. }
        | Op::Pad { .. } => (false, false),
        Op::StopGradient
        | Op::Cast(_)
        | Op::Reduce { .. }
        | Op::CumSum { .. }
        | Op::Dropout { .. }
        | Op::GaussianNoise { .. } => (false, false),
        Op::SoftmaxCrossEntropy => (false, false),
        _ => (true, false),
    }
}
