//! Linear maps, and windows that slide.

use super::arrange::whole;
use super::layout::Layout;
use super::proto::AttributeProto;
use super::writer::{Writer, int, ints, word};
use super::{ExportError, batch_norm};
use crate::ir::{Dim, Interpolation, Node, ValueId};
use crate::weights::Weight;

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

pub(super) fn linear(writer: &mut Writer<'_>, node: &Node, index: usize) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    let is_matrix = writer.rank(x) == 2;
    let (weight, bias) = weight_and_bias(writer, node, index, &output, !is_matrix)?;
    match (is_matrix, bias) {
        (true, bias) => {
            let inputs = [Some(&input), Some(&weight), bias.as_ref()];
            emit_present(writer, "Gemm", &inputs, &output, vec![int("transB", 1)]);
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

/// How the windows of a convolution slide.
pub(super) fn attributes(
    strides: &[usize],
    dilation: &[usize],
    padding: &[(usize, usize)],
    groups: usize,
) -> Vec<AttributeProto> {
    vec![
        ints("dilations", &whole(dilation)),
        int("group", groups as i64),
        pads(padding),
        ints("strides", &whole(strides)),
    ]
}

/// The size of the kernel `[a, b, …size]`.
fn kernel(writer: &Writer<'_>, weight: ValueId) -> AttributeProto {
    let sizes = writer.graph.value(weight).shape.dims().iter().skip(2).filter_map(Dim::known);
    ints("kernel_shape", &whole(&sizes.collect::<Vec<_>>()))
}

pub(super) fn convolution(
    writer: &mut Writer<'_>,
    node: &Node,
    index: usize,
    mut attributes: Vec<AttributeProto>,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let weight = writer.input(node, 1)?;
    attributes.insert(2, kernel(writer, weight));
    let input = writer.tensor(x, Layout::ChannelsFirst);
    let output = writer.define(node.output, Layout::ChannelsFirst);
    let (weight, bias) = weight_and_bias(writer, node, index, &output, false)?;
    emit_present(writer, "Conv", &[Some(&input), Some(&weight), bias.as_ref()], &output, attributes);
    Ok(())
}

pub(super) fn convolution_transposed(
    writer: &mut Writer<'_>,
    node: &Node,
    mut attributes: Vec<AttributeProto>,
    output_padding: &[usize],
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let weight = writer.input(node, 1)?;
    attributes.insert(2, kernel(writer, weight));
    attributes.insert(3, ints("output_padding", &whole(output_padding)));
    let input = writer.tensor(x, Layout::ChannelsFirst);
    let weight = writer.tensor(weight, Layout::ChannelsLast);
    let bias = node.inputs.get(2).map(|bias| writer.tensor(*bias, Layout::ChannelsLast));
    let output = writer.define(node.output, Layout::ChannelsFirst);
    emit_present(writer, "ConvTranspose", &[Some(&input), Some(&weight), bias.as_ref()], &output, attributes);
    Ok(())
}

fn emit_present(
    writer: &mut Writer<'_>,
    kind: &str,
    inputs: &[Option<&String>],
    output: &str,
    attributes: Vec<AttributeProto>,
) {
    let inputs: Vec<&str> = inputs.iter().copied().flatten().map(String::as_str).collect();
    writer.emit(kind, &inputs, output, attributes);
}

pub(super) fn pool(
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

pub(super) fn resize(
    writer: &mut Writer<'_>,
    node: &Node,
    scale: &[usize],
    interpolation: Interpolation,
) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsFirst);
    let output = writer.define(node.output, Layout::ChannelsFirst);
    let factors = [1, 1].iter().chain(scale).map(|factor| *factor as f32).collect::<Vec<f32>>();
    let weight = Weight { shape: vec![factors.len()], data: factors };
    let scales = writer.derived(&format!("{output}/scales"), &weight, "how often each axis is repeated");
    let attributes = match interpolation {
        Interpolation::Nearest => vec![
            word("coordinate_transformation_mode", "asymmetric"),
            word("mode", "nearest"),
            word("nearest_mode", "floor"),
        ],
        Interpolation::Linear => vec![word("coordinate_transformation_mode", "half_pixel"), word("mode", "linear")],
    };
    writer.emit("Resize", &[&input, "", &scales], &output, attributes);
    Ok(())
}

/// What is added before every axis, then what is added after.
fn pads(padding: &[(usize, usize)]) -> AttributeProto {
    let (before, after): (Vec<usize>, Vec<usize>) = padding.iter().copied().unzip();
    ints("pads", &whole(&[before, after].concat()))
}
