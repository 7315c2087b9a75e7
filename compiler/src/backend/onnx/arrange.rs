//! Operations that move elements, and those that make them of a shape.

use super::ExportError;
use super::layout::{Layout, has_layouts};
use super::lower::common_layout;
use super::writer::{Writer, data_type, int, ints};
use crate::ir::{Dim, ElementType, Node, Shape};

pub(super) fn reshape(writer: &mut Writer<'_>, node: &Node, target: &Shape) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let from = &writer.graph.value(x).shape;
    if target.dims().contains(&Dim::Known(0)) {
        return Err(writer.unsupported(node, format!("the shape {target} has no elements")));
    }
    let numbers = static_target(from, target);
    // Where either the channels or all the places are of one element, both layouts hold the same row of numbers.
    let one = |axis: usize| from.dims().get(axis) == Some(&Dim::Known(1));
    let copied = numbers.as_ref().is_none_or(|numbers| numbers.iter().skip(1).any(|number| *number == 0));
    let rank = from.rank();
    let either = has_layouts(rank) && !copied && (one(rank - 1) || (1..rank - 1).all(one));
    let layout = if either { writer.layout_of(x, node.output) } else { Layout::ChannelsLast };
    let input = writer.tensor(x, layout);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let shape = match numbers {
        Some(numbers) => writer.whole_numbers(&output, "shape", &numbers),
        None => writer.dims(node, &output, "shape", target.dims())?,
    };
    writer.emit("Reshape", &[&input, &shape], &output, vec![]);
    Ok(())
}

/// The shape as ONNX writes it where it needs no run: 0 for what the input has at that place, -1 for what is left, once.
fn static_target(from: &Shape, target: &Shape) -> Option<Vec<i64>> {
    let mut numbers = Vec::with_capacity(target.rank());
    for (axis, dim) in target.dims().iter().enumerate() {
        numbers.push(match dim {
            Dim::Known(size) => *size as i64,
            _ if from.dims().get(axis) == Some(dim) => 0,
            _ if !numbers.contains(&-1) => -1,
            _ => return None,
        });
    }
    Some(numbers)
}

pub(super) fn transpose(writer: &mut Writer<'_>, node: &Node, permutation: &[usize]) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    writer.emit("Transpose", &[&input], &output, vec![ints("perm", &whole(permutation))]);
    Ok(())
}

pub(super) fn expand(writer: &mut Writer<'_>, node: &Node, target: &Shape) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let shape = writer.dims(node, &output, "shape", target.dims())?;
    writer.emit("Expand", &[&input, &shape], &output, vec![]);
    Ok(())
}

pub(super) fn slice(
    writer: &mut Writer<'_>,
    node: &Node,
    axis: usize,
    [start, end]: [&Dim; 2],
    step: isize,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let rank = writer.rank(x);
    let layout = writer.layout_of(x, node.output);
    let input = writer.tensor(x, layout);
    let output = writer.define(node.output, layout);
    let axes = writer.whole_numbers(&output, "axis", &[layout.axis(axis, rank) as i64]);
    let starts = writer.dims(node, &output, "start", std::slice::from_ref(start))?;
    let ends = writer.dims(node, &output, "end", std::slice::from_ref(end))?;
    if step > 0 {
        let steps = writer.whole_numbers(&output, "step", &[step as i64]);
        writer.emit("Slice", &[&input, &starts, &ends, &axes, &steps], &output, vec![]);
        return Ok(());
    }
    // Backwards in two steps: with a start of 0, the end before it could not be written.
    let part = writer.made(&output, "part", "Slice", &[&input, &starts, &ends, &axes], vec![]);
    let from = writer.whole_numbers(&output, "last", &[-1]);
    let to = writer.whole_numbers(&output, "first", &[i64::MIN + 1]);
    let steps = writer.whole_numbers(&output, "step", &[step as i64]);
    writer.emit("Slice", &[&part, &from, &to, &axes, &steps], &output, vec![]);
    Ok(())
}

pub(super) fn concat(writer: &mut Writer<'_>, node: &Node, axis: usize) -> Result<(), ExportError> {
    writer.input(node, 0)?;
    let layout = common_layout(writer, node.output, &node.inputs);
    let parts: Vec<String> = node.inputs.iter().map(|id| writer.tensor(*id, layout)).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let rank = writer.rank(node.output);
    let output = writer.define(node.output, layout);
    writer.emit("Concat", &parts, &output, vec![int("axis", layout.axis(axis, rank) as i64)]);
    Ok(())
}

pub(super) fn pad(
    writer: &mut Writer<'_>,
    node: &Node,
    padding: &[(usize, usize)],
    value: f64,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let layout = writer.layout_of(x, node.output);
    let input = writer.tensor(x, layout);
    let output = writer.define(node.output, layout);
    let (before, after): (Vec<usize>, Vec<usize>) = layout.arrange(padding).into_iter().unzip();
    let pads = writer.whole_numbers(&output, "pads", &whole(&[before, after].concat()));
    let value = match writer.graph.value(x).element {
        ElementType::F32 => writer.scalar(value as f32),
        _ => writer.whole_scalar(value as i64),
    };
    writer.emit("Pad", &[&input, &pads, &value], &output, vec![]);
    Ok(())
}

/// `Gather` and `GatherElements`.
pub(super) fn gather(writer: &mut Writer<'_>, node: &Node, kind: &str, axis: usize) -> Result<(), ExportError> {
    let (x, indices) = (writer.input(node, 0)?, writer.input(node, 1)?);
    let table = writer.tensor(x, Layout::ChannelsLast);
    let given = writer.tensor(indices, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let indices = as_i64(writer, &output, given, writer.graph.value(indices).element);
    writer.emit(kind, &[&table, &indices], &output, vec![int("axis", axis as i64)]);
    Ok(())
}

/// By comparing with every class: ONNX's own operation counts an index below zero from the end.
pub(super) fn one_hot(writer: &mut Writer<'_>, node: &Node, depth: usize) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let element = writer.graph.value(x).element;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let indices = as_i64(writer, &output, input, element);
    let last = writer.whole_numbers(&output, "axis", &[-1]);
    let column = writer.made(&output, "column", "Unsqueeze", &[&indices, &last], vec![]);
    let classes = writer.whole_numbers(&output, "classes", &(0..depth as i64).collect::<Vec<_>>());
    let equal = writer.made(&output, "equal", "Equal", &[&column, &classes], vec![]);
    writer.emit("Cast", &[&equal], &output, vec![int("to", data_type(ElementType::F32) as i64)]);
    Ok(())
}

fn as_i64(writer: &mut Writer<'_>, to: &str, input: String, element: ElementType) -> String {
    match element {
        ElementType::I64 => input,
        _ => writer.made(to, "indices", "Cast", &[&input], vec![int("to", data_type(ElementType::I64) as i64)]),
    }
}

pub(super) fn range(writer: &mut Writer<'_>, node: &Node, length: &Dim) -> Result<(), ExportError> {
    let output = writer.define(node.output, Layout::ChannelsLast);
    let limit = writer.dim_scalar(node, &output, length)?;
    let (zero, one) = (writer.whole_scalar(0), writer.whole_scalar(1));
    writer.emit("Range", &[&zero, &limit, &one], &output, vec![]);
    Ok(())
}

pub(super) fn dimension(writer: &mut Writer<'_>, node: &Node, dim: &Dim) -> Result<(), ExportError> {
    let output = writer.define(node.output, Layout::ChannelsLast);
    let size = writer.dim_scalar(node, &output, dim)?;
    writer.emit("Identity", &[&size], &output, vec![]);
    Ok(())
}

/// Whole numbers as ONNX has them.
pub(super) fn whole(numbers: &[usize]) -> Vec<i64> {
    numbers.iter().map(|number| *number as i64).collect()
}
