//! Normalisations by what they find in each row.

use super::ExportError;
use super::layout::Layout;
use super::writer::{Writer, float, int};
use crate::ir::{Dim, Node};
use crate::weights::Weight;

/// One number repeated, as an initializer.
fn repeated(writer: &mut Writer<'_>, to: &str, what: &str, number: f32, shape: Vec<usize>) -> String {
    let count = shape.iter().product();
    writer.derived(&format!("{to}/{what}"), &Weight { shape, data: vec![number; count] }, "as nothing is learnt")
}

/// The last axes, as an operation takes them.
fn last_axes(writer: &mut Writer<'_>, to: &str, axes: usize) -> String {
    writer.whole_numbers(to, "axes", &(1..=axes as i64).rev().map(|axis| -axis).collect::<Vec<_>>())
}

pub(super) fn layer(writer: &mut Writer<'_>, node: &Node, axes: usize, epsilon: f64) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let learnt: Vec<String> = node.inputs[1..].iter().map(|id| writer.tensor(*id, Layout::ChannelsLast)).collect();
    let dims = writer.graph.value(x).shape.dims();
    let inner: Option<Vec<usize>> = dims[dims.len().saturating_sub(axes)..].iter().map(Dim::known).collect();
    let output = writer.define(node.output, Layout::ChannelsLast);
    let scale = match (learnt.first(), inner) {
        (Some(scale), _) => scale.clone(),
        (None, Some(inner)) => repeated(writer, &output, "ones", 1.0, inner),
        (None, None) => return layer_by_steps(writer, &input, &output, axes, epsilon),
    };
    let inputs: Vec<&str> = [&input, &scale].into_iter().chain(learnt.get(1)).map(String::as_str).collect();
    let attributes = vec![int("axis", -(axes as i64)), float("epsilon", epsilon)];
    writer.emit("LayerNormalization", &inputs, &output, attributes);
    Ok(())
}

/// Over axes that only a run knows, with nothing learnt.
fn layer_by_steps(
    writer: &mut Writer<'_>,
    input: &str,
    output: &str,
    axes: usize,
    epsilon: f64,
) -> Result<(), ExportError> {
    let axes = last_axes(writer, output, axes);
    let mean = writer.made(output, "mean", "ReduceMean", &[input, &axes], vec![]);
    let centred = writer.made(output, "centred", "Sub", &[input, &mean], vec![]);
    divide_by_root(writer, &centred, &axes, epsilon, output);
    Ok(())
}

/// `x / sqrt(mean(x * x) + epsilon)`
fn divide_by_root(writer: &mut Writer<'_>, x: &str, axes: &str, epsilon: f64, output: &str) {
    let epsilon = writer.scalar(epsilon as f32);
    let square = writer.made(output, "square", "Mul", &[x, x], vec![]);
    let mean = writer.made(output, "mean_square", "ReduceMean", &[&square, axes], vec![]);
    let moved = writer.made(output, "moved", "Add", &[&mean, &epsilon], vec![]);
    let root = writer.made(output, "root", "Sqrt", &[&moved], vec![]);
    writer.emit("Div", &[x, &root], output, vec![]);
}

pub(super) fn root_mean_square(
    writer: &mut Writer<'_>,
    node: &Node,
    axes: usize,
    epsilon: f64,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let scale = node.inputs.get(1).map(|id| writer.tensor(*id, Layout::ChannelsLast));
    let output = writer.define(node.output, Layout::ChannelsLast);
    let axes = last_axes(writer, &output, axes);
    let Some(scale) = scale else {
        divide_by_root(writer, &input, &axes, epsilon, &output);
        return Ok(());
    };
    let normal = writer.step(&output, "normal");
    divide_by_root(writer, &input, &axes, epsilon, &normal);
    writer.emit("Mul", &[&normal, &scale], &output, vec![]);
    Ok(())
}

/// By ONNX's normalisation of each channel, of which a group is made one.
pub(super) fn group(writer: &mut Writer<'_>, node: &Node, groups: usize, epsilon: f64) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let rank = writer.rank(x);
    let layout = if rank == 2 { Layout::ChannelsLast } else { Layout::ChannelsFirst };
    let input = writer.tensor(x, layout);
    let learnt: Vec<String> = node.inputs[1..].iter().map(|id| writer.tensor(*id, Layout::ChannelsLast)).collect();
    let output = writer.define(node.output, layout);
    let rows = writer.whole_numbers(&output, "rows", &[0, groups as i64, -1]);
    let rows = writer.made(&output, "groups", "Reshape", &[&input, &rows], vec![]);
    let ones = repeated(writer, &output, "ones", 1.0, vec![groups]);
    let zeros = repeated(writer, &output, "zeros", 0.0, vec![groups]);
    let epsilon = vec![float("epsilon", epsilon)];
    let normal = writer.made(&output, "normal", "InstanceNormalization", &[&rows, &ones, &zeros], epsilon);
    let shape = writer.made(&output, "shape", "Shape", &[&input], vec![]);
    let mut steps = vec![("Reshape", shape)];
    // One number a channel, over the axes behind it.
    let axes: Vec<i64> = (1..rank as i64 - 1).collect();
    for (kind, learnt) in ["Mul", "Add"].into_iter().zip(learnt) {
        let spread = match axes.is_empty() {
            true => learnt,
            false => {
                let axes = writer.whole_numbers(&output, "axes", &axes);
                writer.made(&output, "spread", "Unsqueeze", &[&learnt, &axes], vec![])
            }
        };
        steps.push((kind, spread));
    }
    let last = steps.len() - 1;
    let mut current = normal;
    for (place, (kind, with)) in steps.into_iter().enumerate() {
        let name = if place == last { output.clone() } else { writer.step(&output, "affine") };
        writer.emit(kind, &[&current, &with], &name, vec![]);
        current = name;
    }
    Ok(())
}
