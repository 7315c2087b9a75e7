//! Each operation as nodes.

use super::layout::{Layout, has_layouts};
use super::writer::{Writer, data_type, int};
use super::{ExportError, arrange, attention, batch_norm, norm, recurrent, reduce, unary, window};
use crate::ir::{Binary, ElementType, Node, Op, Reduction, Unary, ValueId};

/// Writes the node at `index`.
pub(super) fn lower(writer: &mut Writer<'_>, index: usize) -> Result<(), ExportError> {
    let graph = writer.graph;
    let node = &graph.nodes[index];
    check(writer, node)?;
    match &node.op {
        // Written as an initializer by what reads it.
        Op::Constant(_) | Op::ConstantTensor { .. } => Ok(()),
        Op::DimValue(dim) => arrange::dimension(writer, node, dim),
        Op::Range(length) => arrange::range(writer, node, length),
        Op::Unary(kind) => element_wise(writer, node, |writer, input, output, _| {
            unary::lower(writer, *kind, input, output);
        }),
        Op::Cast(element) => element_wise(writer, node, |writer, input, output, _| {
            writer.emit("Cast", &[input], output, vec![int("to", data_type(*element) as i64)]);
        }),
        Op::Binary(kind) => binary(writer, node, *kind),
        Op::Where => choose(writer, node),
        Op::Reshape(target) => arrange::reshape(writer, node, target),
        Op::Transpose { permutation } => arrange::transpose(writer, node, permutation),
        Op::Expand(target) => arrange::expand(writer, node, target),
        Op::Slice { axis, start, end, step } => arrange::slice(writer, node, *axis, [start, end], *step),
        Op::Concat { axis } => arrange::concat(writer, node, *axis),
        Op::Pad { padding, value } => arrange::pad(writer, node, padding, *value),
        Op::Gather { axis } => arrange::gather(writer, node, "Gather", *axis),
        Op::GatherElements { axis } => arrange::gather(writer, node, "GatherElements", *axis),
        Op::OneHot { depth } => arrange::one_hot(writer, node, *depth),
        Op::ArgMax { axis, keep } => reduce::argmax(writer, node, *axis, *keep),
        Op::CumSum { axis, exclusive, reverse } => reduce::cumsum(writer, node, *axis, *exclusive, *reverse),
        Op::Reduce { reduction, axes, keep } => reduce::reduce(writer, node, *reduction, axes, *keep),
        Op::Softmax { axis } => over_axis(writer, node, "Softmax", *axis),
        Op::LogSoftmax { axis } => over_axis(writer, node, "LogSoftmax", *axis),
        Op::MatMul => matmul(writer, node),
        Op::Linear => window::linear(writer, node, index),
        Op::Conv { strides, dilation, padding, groups } => {
            let attributes = window::attributes(strides, dilation, padding, *groups);
            window::convolution(writer, node, index, attributes)
        }
        Op::ConvTranspose { strides, dilation, padding, output_padding, groups } => {
            let attributes = window::attributes(strides, dilation, padding, *groups);
            window::convolution_transposed(writer, node, attributes, output_padding)
        }
        Op::MaxPool { size, strides, padding } => window::pool(writer, node, "MaxPool", size, strides, padding),
        Op::AveragePool { size, strides, padding } => window::pool(writer, node, "AveragePool", size, strides, padding),
        Op::Resize { scale, interpolation } => window::resize(writer, node, scale, *interpolation),
        Op::BatchNorm { epsilon, .. } => batch_norm::lower(writer, node, *epsilon),
        Op::LayerNorm { axes, epsilon } => norm::layer(writer, node, *axes, *epsilon),
        Op::RmsNorm { axes, epsilon } => norm::root_mean_square(writer, node, *axes, *epsilon),
        Op::GroupNorm { groups, epsilon } => norm::group(writer, node, *groups, *epsilon),
        // Only one without an input is not left out by the plan.
        Op::Dropout { .. } | Op::GaussianNoise { .. } | Op::StopGradient => writer.input(node, 0).map(|_| ()),
        Op::RandomNormal => drawn(writer, node, "RandomNormalLike"),
        Op::RandomUniform => drawn(writer, node, "RandomUniformLike"),
        Op::Attention { causal, scale, .. } => attention::lower(writer, node, *causal, *scale),
        Op::Recurrent(recurrent) => recurrent::lower(writer, node, recurrent),
        Op::SoftmaxCrossEntropy => {
            Err(writer.unsupported(node, "it is a loss, which belongs to training and not to a model for inference"))
        }
    }
}

/// The kinds of numbers an operation is written for.
#[derive(Clone, Copy, PartialEq)]
enum Kinds {
    Floats,
    Numbers,
    Truths,
    Any,
}

/// Refuses what ONNX or its runtimes do not compute.
fn check(writer: &Writer<'_>, node: &Node) -> Result<(), ExportError> {
    let graph = writer.graph;
    let elements: Vec<ElementType> = node.inputs.iter().map(|id| graph.value(*id).element).collect();
    let kinds = match &node.op {
        Op::Cast(_)
        | Op::Reshape(_)
        | Op::Transpose { .. }
        | Op::Expand(_)
        | Op::Slice { .. }
        | Op::Concat { .. }
        | Op::Where
        | Op::Gather { .. }
        | Op::GatherElements { .. }
        | Op::OneHot { .. }
        | Op::StopGradient
        | Op::RandomNormal
        | Op::RandomUniform
        | Op::Unary(Unary::Identity)
        | Op::Binary(Binary::Equal | Binary::NotEqual)
        | Op::SoftmaxCrossEntropy => Kinds::Any,
        Op::Unary(Unary::Negate | Unary::Abs | Unary::Sign | Unary::Square) => Kinds::Numbers,
        Op::Unary(Unary::Not) | Op::Binary(Binary::And | Binary::Or) => Kinds::Truths,
        Op::Binary(_) | Op::CumSum { .. } | Op::Pad { .. } => Kinds::Numbers,
        Op::Reduce { reduction, .. } => match reduction {
            Reduction::Mean => Kinds::Floats,
            Reduction::Any | Reduction::All => Kinds::Truths,
            _ => Kinds::Numbers,
        },
        _ => Kinds::Floats,
    };
    let works = |element: ElementType| match kinds {
        Kinds::Any => true,
        Kinds::Floats => element == ElementType::F32,
        Kinds::Numbers => matches!(element, ElementType::F32 | ElementType::I64),
        Kinds::Truths => element == ElementType::Bool,
    };
    // What an operation chooses by is of its own type: a condition, indices, a mask.
    let of_values = match &node.op {
        Op::Gather { .. } | Op::GatherElements { .. } => &elements[..elements.len().min(1)],
        Op::Where => &elements[elements.len().min(1)..],
        Op::Attention { .. } => &elements[..elements.len().min(3)],
        Op::Recurrent(recurrent) => &elements[..recurrent.mask().unwrap_or(elements.len()).min(elements.len())],
        _ => &elements[..],
    };
    if let Some(element) = of_values.iter().find(|element| !works(**element)) {
        return Err(writer.unsupported(node, format!("it does not work on {element} values; cast them first")));
    }
    let together = !matches!(node.op, Op::SoftmaxCrossEntropy);
    if together && of_values.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(writer.unsupported(node, "its values are of different element types; cast them first"));
    }
    Ok(())
}

/// An operation that is the same in either layout.
pub(super) fn element_wise(
    writer: &mut Writer<'_>,
    node: &Node,
    emit: impl FnOnce(&mut Writer<'_>, &str, &str, Layout),
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let layout = writer.layout_of(x, node.output);
    let input = writer.tensor(x, layout);
    let output = writer.define(node.output, layout);
    emit(writer, &input, &output, layout);
    Ok(())
}

fn over_axis(writer: &mut Writer<'_>, node: &Node, kind: &str, axis: usize) -> Result<(), ExportError> {
    let rank = writer.rank(node.output);
    element_wise(writer, node, |writer, input, output, layout| {
        writer.emit(kind, &[input], output, vec![int("axis", layout.axis(axis, rank) as i64)]);
    })
}

fn binary(writer: &mut Writer<'_>, node: &Node, kind: Binary) -> Result<(), ExportError> {
    let (a, b) = (writer.input(node, 0)?, writer.input(node, 1)?);
    let layout = common_layout(writer, node.output, &[a, b]);
    let (left, right) = (writer.tensor(a, layout), writer.tensor(b, layout));
    let (left, right) = (left.as_str(), right.as_str());
    let output = &writer.define(node.output, layout);
    let whole = writer.graph.value(a).element != ElementType::F32;
    let one_node = match kind {
        Binary::Add => "Add",
        Binary::Subtract => "Sub",
        Binary::Multiply => "Mul",
        Binary::Divide => "Div",
        Binary::Power => "Pow",
        Binary::Maximum => "Max",
        Binary::Minimum => "Min",
        Binary::Equal => "Equal",
        Binary::Less => "Less",
        Binary::LessEqual => "LessOrEqual",
        Binary::Greater => "Greater",
        Binary::GreaterEqual => "GreaterOrEqual",
        Binary::And => "And",
        Binary::Or => "Or",
        // The remainder of whole numbers has the sign of the divisor, as ours.
        Binary::Remainder if whole => "Mod",
        Binary::NotEqual => {
            let equal = writer.made(output, "equal", "Equal", &[left, right], vec![]);
            writer.emit("Not", &[&equal], output, vec![]);
            return Ok(());
        }
        Binary::FloorDivide if whole => {
            let rest = writer.made(output, "rest", "Mod", &[left, right], vec![]);
            let even = writer.made(output, "even", "Sub", &[left, &rest], vec![]);
            writer.emit("Div", &[&even, right], output, vec![]);
            return Ok(());
        }
        Binary::FloorDivide => {
            let quotient = writer.made(output, "quotient", "Div", &[left, right], vec![]);
            writer.emit("Floor", &[&quotient], output, vec![]);
            return Ok(());
        }
        Binary::Remainder => {
            let quotient = writer.made(output, "quotient", "Div", &[left, right], vec![]);
            let floor = writer.made(output, "floor", "Floor", &[&quotient], vec![]);
            let product = writer.made(output, "product", "Mul", &[right, &floor], vec![]);
            writer.emit("Sub", &[left, &product], output, vec![]);
            return Ok(());
        }
    };
    writer.emit(one_node, &[left, right], output, vec![]);
    Ok(())
}

fn choose(writer: &mut Writer<'_>, node: &Node) -> Result<(), ExportError> {
    let read = [0, 1, 2].map(|index| writer.input(node, index));
    let [condition, a, b] = read;
    let read = [condition?, a?, b?];
    let layout = common_layout(writer, node.output, &read);
    let read = read.map(|id| writer.tensor(id, layout));
    let output = writer.define(node.output, layout);
    writer.emit("Where", &[&read[0], &read[1], &read[2]], &output, vec![]);
    Ok(())
}

/// The layout for several values that go together: channels first when that needs no conversion, or fewer. What neither has
/// the output's axes nor is one number broadcasts against the last axes, so it needs them last.
pub(super) fn common_layout(writer: &Writer<'_>, output: ValueId, operands: &[ValueId]) -> Layout {
    let rank = writer.rank(output);
    let whole = || operands.iter().copied().filter(|id| writer.rank(*id) == rank);
    if !has_layouts(rank) || operands.iter().any(|id| ![0, rank].contains(&writer.rank(*id))) {
        return Layout::ChannelsLast;
    }
    let all = |layout| whole().all(|id| writer.holds(id, layout));
    match (all(Layout::ChannelsLast), all(Layout::ChannelsFirst)) {
        (true, false) => Layout::ChannelsLast,
        (false, true) => Layout::ChannelsFirst,
        _ if writer.plan.prefers_channels_first(output) => Layout::ChannelsFirst,
        _ => Layout::ChannelsLast,
    }
}

fn matmul(writer: &mut Writer<'_>, node: &Node) -> Result<(), ExportError> {
    let (a, b) = (writer.input(node, 0)?, writer.input(node, 1)?);
    let (a, b) = (writer.tensor(a, Layout::ChannelsLast), writer.tensor(b, Layout::ChannelsLast));
    let output = writer.define(node.output, Layout::ChannelsLast);
    writer.emit("MatMul", &[&a, &b], &output, vec![]);
    Ok(())
}

/// Numbers drawn anew in every run.
fn drawn(writer: &mut Writer<'_>, node: &Node, kind: &str) -> Result<(), ExportError> {
    element_wise(writer, node, |writer, input, output, _| {
        writer.emit(kind, &[input], output, vec![int("dtype", data_type(ElementType::F32) as i64)]);
    })
}
