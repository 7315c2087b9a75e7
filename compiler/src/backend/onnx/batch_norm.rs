//! Batch normalisation in inference: folded into what comes before it where that is possible.

use super::ExportError;
use super::layout::Layout;
use super::writer::{Writer, float};
use crate::ir::{Graph, Node, Op, ValueId};
use crate::weights::{Weight, Weights};

/// Normalisation as `x * factor + shift`, one of each for a channel.
struct Affine {
    factor: Vec<f64>,
    shift: Vec<f64>,
}

impl Affine {
    /// That of `norm`, when all it needs is known and finite.
    fn of(graph: &Graph, weights: &Weights, norm: &Node) -> Option<Self> {
        let Op::BatchNorm { epsilon, .. } = norm.op else { return None };
        let numbers =
            |index: usize| parameter(graph, weights, *norm.inputs.get(index)?).map(|(_, weight)| &weight.data);
        let (scale, offset, mean, variance) = (numbers(1)?, numbers(2)?, numbers(3)?, numbers(4)?);
        let channels = scale.len();
        if [offset, mean, variance].iter().any(|numbers| numbers.len() != channels) {
            return None;
        }
        let factor: Vec<f64> =
            (0..channels).map(|c| f64::from(scale[c]) / (f64::from(variance[c]) + epsilon).sqrt()).collect();
        let shift: Vec<f64> = (0..channels).map(|c| f64::from(offset[c]) - f64::from(mean[c]) * factor[c]).collect();
        let finite = factor.iter().chain(&shift).all(|number| (*number as f32).is_finite());
        finite.then_some(Self { factor, shift })
    }

    fn weights(&self) -> [Weight; 2] {
        [&self.factor, &self.shift].map(|numbers| Weight {
            shape: vec![numbers.len()],
            data: numbers.iter().map(|number| *number as f32).collect(),
        })
    }
}

/// The name and the numbers of the parameter behind a value, if that is what it is.
fn parameter<'a>(graph: &'a Graph, weights: &'a Weights, id: ValueId) -> Option<(&'a str, &'a Weight)> {
    let parameter = graph.parameter(id)?;
    Some((&parameter.name, weights.get(&parameter.name)?))
}

/// Whether `norm` can become part of the weights of `before`.
pub(super) fn can_fold(graph: &Graph, weights: &Weights, before: &Node, norm: &Node) -> bool {
    if !matches!(before.op, Op::Linear | Op::Conv { .. }) {
        return false;
    }
    let held = |index: usize| before.inputs.get(index).is_none_or(|id| parameter(graph, weights, *id).is_some());
    let outputs = before.inputs.get(1).and_then(|id| parameter(graph, weights, *id)?.1.shape.first());
    let affine = Affine::of(graph, weights, norm);
    held(2) && affine.is_some_and(|affine| outputs == Some(&affine.factor.len()))
}

/// The weight and the bias of `before` with `norm` in them, each with the name of what it comes from.
pub(super) struct Folded {
    /// The weight, which has one row of the first axis for each channel.
    pub(super) weight: Weight,
    /// The bias, one number for each channel.
    pub(super) bias: Weight,
    /// The parameter whose place the weight takes.
    pub(super) weight_name: String,
    /// The parameter whose place the bias takes; none if there was no bias.
    pub(super) bias_name: Option<String>,
}

/// Folds `norm` into `before`.
pub(super) fn fold(graph: &Graph, weights: &Weights, before: &Node, norm: &Node) -> Option<Folded> {
    let affine = Affine::of(graph, weights, norm)?;
    let (weight_name, weight) = parameter(graph, weights, *before.inputs.get(1)?)?;
    let bias = match before.inputs.get(2) {
        Some(id) => Some(parameter(graph, weights, *id)?),
        None => None,
    };
    let channels = affine.factor.len();
    let row = weight.data.len() / channels.max(1);
    let scaled = weight.data.iter().enumerate();
    let scaled =
        scaled.map(|(index, number)| (f64::from(*number) * affine.factor[index / row.max(1)]) as f32).collect();
    let moved = (0..channels).map(|c| {
        let before = bias.map_or(0.0, |(_, bias)| f64::from(bias.data[c]));
        (before * affine.factor[c] + affine.shift[c]) as f32
    });
    Some(Folded {
        weight: Weight { shape: weight.shape.clone(), data: scaled },
        bias: Weight { shape: vec![channels], data: moved.collect() },
        weight_name: weight_name.to_owned(),
        bias_name: bias.map(|(name, _)| name.to_owned()),
    })
}

/// Writes a normalisation that folds into nothing.
pub(super) fn lower(writer: &mut Writer<'_>, node: &Node, epsilon: f64) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let rank = writer.rank(x);
    let layout = writer.layout_of(x, node.output);
    let input = writer.tensor(x, layout);
    // ONNX normalises the second axis.
    if layout == Layout::ChannelsFirst || rank == 2 {
        let mut inputs = vec![input];
        for index in 1..5 {
            let statistic = writer.input(node, index)?;
            inputs.push(writer.tensor(statistic, Layout::ChannelsLast));
        }
        let output = writer.define(node.output, layout);
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        writer.emit("BatchNormalization", &inputs, &output, vec![float("epsilon", epsilon)]);
        return Ok(());
    }
    let output = writer.define(node.output, layout);
    let Some(affine) = Affine::of(writer.graph, writer.weights, node) else {
        return lower_computed(writer, node, epsilon, &input, &output);
    };
    let [factor, shift] = affine.weights();
    let factor = writer.derived(&format!("{output}/factor"), &factor, "scale / sqrt(variance + epsilon)");
    let shift = writer.derived(&format!("{output}/shift"), &shift, "offset - mean * factor");
    let scaled = writer.step(&output, "scaled");
    writer.emit("Mul", &[&input, &factor], &scaled, vec![]);
    writer.emit("Add", &[&scaled, &shift], &output, vec![]);
    Ok(())
}

/// Writes a normalisation by statistics that are not numbers yet, step by step.
fn lower_computed(
    writer: &mut Writer<'_>,
    node: &Node,
    epsilon: f64,
    input: &str,
    output: &str,
) -> Result<(), ExportError> {
    let mut statistics = Vec::new();
    for index in 1..5 {
        let statistic = writer.input(node, index)?;
        statistics.push(writer.tensor(statistic, Layout::ChannelsLast));
    }
    let [scale, offset, mean, variance] = &statistics[..] else { return Ok(()) };
    let epsilon = writer.scalar(epsilon as f32);
    let [centred, variance_up, deviation, divided, scaled] =
        ["centred", "variance", "deviation", "divided", "scaled"].map(|what| writer.step(output, what));
    writer.emit("Sub", &[input, mean], &centred, vec![]);
    writer.emit("Add", &[variance, &epsilon], &variance_up, vec![]);
    writer.emit("Sqrt", &[&variance_up], &deviation, vec![]);
    writer.emit("Div", &[&centred, &deviation], &divided, vec![]);
    writer.emit("Mul", &[&divided, scale], &scaled, vec![]);
    writer.emit("Add", &[&scaled, offset], output, vec![]);
    Ok(())
}
