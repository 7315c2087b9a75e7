//! Several elements to one, and what goes along an axis.

use super::ExportError;
use super::layout::{Layout, has_layouts};
use super::lower::element_wise;
use super::writer::{Writer, data_type, int};
use crate::ir::{ElementType, Node, Reduction};

pub(super) fn reduce(
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
        Reduction::Max | Reduction::Any => "ReduceMax",
        Reduction::Min | Reduction::All => "ReduceMin",
        Reduction::Product => "ReduceProd",
    };
    let rank = writer.rank(x);
    let mut layout = writer.layout_of(x, node.output);
    // What is left must be in the language's order: the channels alone, or no channels.
    let last = rank.saturating_sub(1);
    let in_order = axes.contains(&last) || (1..last).all(|axis| axes.contains(&axis));
    if !keep && !in_order && has_layouts(rank) {
        layout = Layout::ChannelsLast;
    }
    let input = writer.tensor(x, layout);
    let mut axes: Vec<i64> = axes.iter().map(|axis| layout.axis(*axis, rank) as i64).collect();
    axes.sort_unstable();
    let output = writer.define(node.output, if keep { layout } else { Layout::ChannelsLast });
    let axes = writer.whole_numbers(&output, "axes", &axes);
    let attributes = vec![int("keepdims", keep.into())];
    if !matches!(reduction, Reduction::Any | Reduction::All) {
        writer.emit(kind, &[&input, &axes], &output, attributes);
        return Ok(());
    }
    // Truth values are reduced as whole numbers.
    let numbers =
        writer.made(&output, "numbers", "Cast", &[&input], vec![int("to", data_type(ElementType::I64) as i64)]);
    let reduced = writer.made(&output, "reduced", kind, &[&numbers, &axes], attributes);
    writer.emit("Cast", &[&reduced], &output, vec![int("to", data_type(ElementType::Bool) as i64)]);
    Ok(())
}

pub(super) fn argmax(writer: &mut Writer<'_>, node: &Node, axis: usize, keep: bool) -> Result<(), ExportError> {
    let x = writer.input(node, 0)?;
    let input = writer.tensor(x, Layout::ChannelsLast);
    let output = writer.define(node.output, Layout::ChannelsLast);
    writer.emit("ArgMax", &[&input], &output, vec![int("axis", axis as i64), int("keepdims", keep.into())]);
    Ok(())
}

pub(super) fn cumsum(
    writer: &mut Writer<'_>,
    node: &Node,
    axis: usize,
    exclusive: bool,
    reverse: bool,
) -> Result<(), ExportError> {
    let rank = writer.rank(node.output);
    element_wise(writer, node, |writer, input, output, layout| {
        let axis = writer.whole_scalar(layout.axis(axis, rank) as i64);
        let attributes = vec![int("exclusive", exclusive.into()), int("reverse", reverse.into())];
        writer.emit("CumSum", &[input, &axis], output, attributes);
    })
}
