//! Each operation as nodes.

use super::layout::Layout;
use super::proto::AttributeProto;
use super::writer::{Writer, data_type, int, ints};
use super::{ExportError, batch_norm, unary};
use crate::ir::{Binary, Dim, ElementType, Node, Op, Reduction, Shape, Unary, ValueId};

/// Writes the node at `index`.
pub(super) fn lower(writer: &mut Writer<'_>, index: usize) -> Result<(), ExportError> {
    let graph = writer.graph;
    let node = &graph.nodes[index];
    check(writer, node)?;
    match &node.op {
        // Written as an initializer by what reads it.
        Op::Constant(_) => Ok(()),
        Op::Unary(kind) => element_wise(writer, node, |writer, input, output, _| {
            unary::lower(writer, *kind, input, output);
        }),
        Op::Cast(element) => element_wise(writer, node, |writer, input, output, _| {
            writer.emit("Cast", &[input], output, vec![int("to", data_type(*element) as i64)]);
        }),
        Op::Softmax { axis } => over_axis(writer, node, "Softmax", *axis),
        Op::LogSoftmax { axis } => over_axis(writer, node, "LogSoftmax", *axis),
        Op::Binary(kind) => binary(writer, node, *kind),
        Op::Reshape(target) => reshape(writer, node, target),
        Op::Linear => linear(writer, node, index),
        Op::Conv { strides, dilation, padding, groups } => {
            let attributes = vec![
                ints("dilations", &whole(dilation)),
                int("group", *groups as i64),
                pads(padding),
                ints("strides", &whole(strides)),
            ];
            convolution(writer, node, index, attributes)
        }
        Op::MaxPool { size, strides, padding } => pool(writer, node, "MaxPool", size, strides, padding),
        Op::AveragePool { size, strides, padding } => pool(writer, node, "AveragePool", size, strides, padding),
        Op::Reduce { reduction, axes, keep } => reduce(writer, node, *reduction, axes, *keep),
        Op::BatchNorm { epsilon, .. } => batch_norm::lower(writer, node, *epsilon),
        // Only a dropout without an input is not left out by the plan.
        Op::Dropout { .. } => writer.input(node, 0).map(|_| ()),
        Op::SoftmaxCrossEntropy => {
            Err(writer.unsupported(node, "it is a loss, which belongs to training and not to a model for inference"))
        }
        _ => Err(writer.unsupported(node, "there is no translation of it yet")),
    }
}

/// Refuses what ONNX or its runtimes do not compute.
fn check(writer: &Writer<'_>, node: &Node) -> Result<(), ExportError> {
    let graph = writer.graph;
    let elements: Vec<ElementType> = node.inputs.iter().map(|id| graph.value(*id).element).collect();
    let whole_too = match &node.op {
        Op::Cast(_) | Op::Reshape(_) | Op::SoftmaxCrossEntropy => return Ok(()),
        Op::Unary(Unary::Negate | Unary::Abs) => true,
        Op::Binary(kind) => !matches!(kind, Binary::Divide | Binary::Power),
        Op::Reduce { reduction, .. } => *reduction != Reduction::Mean,
        _ => false,
    };
    let works = |element: &ElementType| *element == ElementType::F32 || (whole_too && *element == ElementType::I64);
    if let Some(element) = elements.iter().find(|element| !works(element)) {
        return Err(writer.unsupported(node, format!("it does not work on {element} values; cast them first")));
    }
    if elements.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(writer.unsupported(node, "its values are of different element types; cast them first"));
    }
    Ok(())
}

/// An operation that is the same in either layout.
fn element_wise(
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
    element_wise(writer, node, |writer, input, output, layout| {
        writer.emit(kind, &[input], output, vec![int("axis", layout.axis(axis) as i64)]);
    })
}

fn binary(writer: &mut Writer<'_>, node: &Node, kind: Binary) -> Result<(), ExportError> {
    let (a, b) = (writer.input(node, 0)?, writer.input(node, 1)?);
    let layout = binary_layout(writer, node.output, [a, b]);
    let (left, right) = (writer.tensor(a, layout), writer.tensor(b, layout));
    let output = writer.define(node.output, layout);
    let kind = match kind {
        Binary::Add => "Add",
        Binary::Subtract => "Sub",
        Binary::Multiply => "Mul",
        Binary::Divide => "Div",
        Binary::Power => "Pow",
        Binary::Maximum => "Max",
        Binary::Minimum => "Min",
        _ => return Err(writer.unsupported(node, "there is no translation of it yet")),
    };
    writer.emit(kind, &[&left, &right], &output, vec![]);
    Ok(())
}

/// Channels first when that needs no conversion, or fewer: what is neither an image nor one number broadcasts
/// against the last axes, so it needs them last.
fn binary_layout(writer: &Writer<'_>, output: ValueId, operands: [ValueId; 2]) -> Layout {
    let images = || operands.into_iter().filter(|id| writer.rank(*id) == 4);
    if images().next().is_none() || operands.iter().any(|id| ![0, 4].contains(&writer.rank(*id))) {
        return Layout::ChannelsLast;
    }
    let all = |layout| images().all(|id| writer.holds(id, layout));
    match (all(Layout::ChannelsLast), all(Layout::ChannelsFirst)) {
        (true, false) => Layout::ChannelsLast,
        (false, true) => Layout::ChannelsFirst,
        _ if writer.plan.prefers_channels_first(output) => Layout::ChannelsFirst,
        _ => Layout::ChannelsLast,
    }
}

fn reshape(writer: &mut Writer<'_>, node: &Node, target: &Shape) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let from = &writer.graph.value(x).shape;
    let mut numbers = Vec::with_capacity(target.rank());
    for (axis, dim) in target.dims().iter().enumerate() {
        numbers.push(match dim {
            Dim::Known(size) => *size as i64,
            // As it is in the input.
            _ if from.dims().get(axis) == Some(dim) => 0,
            _ if !numbers.contains(&-1) => -1,
            _ => return Err(writer.unsupported(node, format!("the shape {target} has several open dimensions"))),
        });
    }
    if target.dims().contains(&Dim::Known(0)) {
        return Err(writer.unsupported(node, format!("the shape {target} has no elements")));
    }
    // Where either the image or its channels are of one element, both layouts hold the same row of numbers.
    let one = |axis: usize| from.dims().get(axis) == Some(&Dim::Known(1));
    let copied = numbers.iter().skip(1).any(|number| *number == 0);
    let either = from.rank() == 4 && !copied && (one(3) || (one(1) && one(2)));
    let layout = if either { writer.layout_of(x, node.output) } else { Layout::ChannelsLast };
    let input = writer.tensor(x, layout);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let shape = writer.whole_numbers(&output, "shape", &numbers);
    writer.emit("Reshape", &[&input, &shape], &output, vec![]);
    Ok(())
}

/// The names of a node's weight and bias, with a batch normalisation in them where one folds.
fn weight_and_bias(
    writer: &mut Writer<'_>,
    node: &Node,
    index: usize,
    to: &str,
    transposed: bool,
) -> Result<(String, Option<String>), ExportError> {
    let graph = writer.graph;
    let norm = writer.plan.folded_into(graph, index);
    let folded = norm.and_then(|norm| batch_norm::fold(graph, writer.weights, node, norm));
    let Some(folded) = folded else {
        let weight = writer.input(node, 1)?;
        let weight =
            if transposed { writer.transposed(weight, to) } else { writer.tensor(weight, Layout::ChannelsLast) };
        let bias = node.inputs.get(2).map(|bias| writer.tensor(*bias, Layout::ChannelsLast));
        return Ok((weight, bias));
    };
    let said = "with the batch normalisation folded in";
    let alone =
        |writer: &Writer<'_>, index: usize| node.inputs.get(index).is_some_and(|id| writer.plan.readers(*id) == 1);
    let weight = match super::writer::transpose(&folded.weight).filter(|_| transposed) {
        Some(weight) => writer.derived(&format!("{}/transposed", folded.weight_name), &weight, said),
        None if alone(writer, 1) => writer.replaced(&folded.weight_name, &folded.weight, said),
        None => writer.derived(&format!("{}/folded", folded.weight_name), &folded.weight, said),
    };
    let bias = match &folded.bias_name {
        Some(name) if alone(writer, 2) => writer.replaced(name, &folded.bias, said),
        Some(name) => writer.derived(&format!("{name}/folded"), &folded.bias, said),
        None => {
            let layer = folded.weight_name.strip_suffix(".weight").unwrap_or(&folded.weight_name);
            writer.derived(&format!("{layer}.bias"), &folded.bias, said)
        }
    };
    Ok((weight, Some(bias)))
}

fn linear(writer: &mut Writer<'_>, node: &Node, index: usize) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let is_matrix = writer.rank(x) == 2;
    let (weight, bias) = weight_and_bias(writer, node, index, &output, !is_matrix)?;
    match (is_matrix, bias) {
        (true, bias) => {
            let inputs: Vec<&str> =
                [Some(&input), Some(&weight), bias.as_ref()].into_iter().flatten().map(String::as_str).collect();
            writer.emit("Gemm", &inputs, &output, vec![int("transB", 1)]);
        }
        (false, None) => writer.emit("MatMul", &[&input, &weight], &output, vec![]),
        (false, Some(bias)) => {
            let product = writer.step(&output, "product");
            writer.emit("MatMul", &[&input, &weight], &product, vec![]);
            writer.emit("Add", &[&product, &bias], &output, vec![]);
        }
    }
    Ok(())
}

fn convolution(
    writer: &mut Writer<'_>,
    node: &Node,
    index: usize,
    mut attributes: Vec<AttributeProto>,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let weight = writer.input(node, 1)?;
    let kernel: Vec<i64> =
        writer.graph.value(weight).shape.dims().iter().skip(2).filter_map(Dim::known).map(|size| size as i64).collect();
    let input = writer.tensor(x, Layout::ChannelsFirst);
    let output = writer.define(node.output, Layout::ChannelsFirst);
    let (weight, bias) = weight_and_bias(writer, node, index, &output, false)?;
    attributes.insert(2, ints("kernel_shape", &kernel));
    let inputs: Vec<&str> =
        [Some(&input), Some(&weight), bias.as_ref()].into_iter().flatten().map(String::as_str).collect();
    writer.emit("Conv", &inputs, &output, attributes);
    Ok(())
}

fn pool(
    writer: &mut Writer<'_>,
    node: &Node,
    kind: &str,
    size: &[usize],
    strides: &[usize],
    padding: &[(usize, usize)],
) -> Result<(), ExportError> {
    if padding.iter().zip(size).any(|((before, after), size)| before.max(after) >= size) {
        return Err(writer.unsupported(node, "a window lies in the padding alone"));
    }
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsFirst);
    let output = writer.define(node.output, Layout::ChannelsFirst);
    let mut attributes = vec![ints("kernel_shape", &whole(size)), pads(padding), ints("strides", &whole(strides))];
    if kind == "AveragePool" {
        attributes.insert(0, int("count_include_pad", 0));
    }
    writer.emit(kind, &[&input], &output, attributes);
    Ok(())
}

fn reduce(
    writer: &mut Writer<'_>,
    node: &Node,
    reduction: Reduction,
    axes: &[usize],
    keep: bool,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let kind = match reduction {
        Reduction::Mean => "ReduceMean",
        Reduction::Sum => "ReduceSum",
        Reduction::Max => "ReduceMax",
        _ => return Err(writer.unsupported(node, "there is no translation of it yet")),
    };
    let mut layout = writer.layout_of(x, node.output);
    // What is left must be in the language's order: the channels alone, or no channels.
    let in_order = axes.contains(&3) || (axes.contains(&1) && axes.contains(&2));
    if !keep && !in_order {
        layout = Layout::ChannelsLast;
    }
    let input = writer.tensor(x, layout);
    let mut axes: Vec<i64> = axes.iter().map(|axis| layout.axis(*axis) as i64).collect();
    axes.sort_unstable();
    let output = writer.define(node.output, if keep { layout } else { Layout::ChannelsLast });
    let axes = writer.whole_numbers(&output, "axes", &axes);
    writer.emit(kind, &[&input, &axes], &output, vec![int("keepdims", keep.into())]);
    Ok(())
}

fn whole(numbers: &[usize]) -> Vec<i64> {
    numbers.iter().map(|number| *number as i64).collect()
}

/// What is added before every axis, then what is added after.
fn pads(padding: &[(usize, usize)]) -> AttributeProto {
    let (before, after): (Vec<usize>, Vec<usize>) = padding.iter().copied().unzip();
    ints("pads", &whole(&[before, after].concat()))
}
