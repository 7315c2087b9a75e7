//! Recurrent layers that leave steps out. ONNX's know lengths alone, so the steps that count are moved to the front of each
//! sequence, the layer goes through so many of them, and every step is answered with the state it would have found.

use super::ExportError;
use super::layout::Layout;
use super::proto::tensor_proto::DataType;
use super::writer::{Writer, int};
use crate::ir::{Dim, Node, ValueId};

/// Which steps of a sequence count, in a graph that is being written.
#[derive(Clone)]
pub(super) struct Masked {
    /// `i64 [N, T, 1]`: the steps that count in their order, then the others.
    order: String,
    /// `i32 [N]`: how many count, at least one, since ONNX's layers have no empty sequences.
    pub(super) lengths: String,
    /// `i64 [N, T, 1]`: the place in that order of the step whose state each step has.
    places: String,
    /// `bool [N, T, 1]`: whether there is such a step; the first state is meant otherwise.
    begun: String,
    /// `bool [N, 1]`: whether any counts.
    any: String,
}

impl Masked {
    /// Reads `mask`, which is `[N, T]`, for a layer that writes its steps under `to`.
    pub(super) fn new(
        writer: &mut Writer<'_>,
        node: &Node,
        to: &str,
        mask: ValueId,
        reverse: bool,
    ) -> Result<Self, ExportError> {
        let steps = writer.graph.value(mask).shape.dims().get(1).cloned().unwrap_or(Dim::Unknown);
        let mask = writer.tensor(mask, Layout::ChannelsLast);
        let counts = writer.made(to, "counts", "Cast", &[&mask], vec![int("to", DataType::Int64 as i64)]);
        let (zero, one) = (writer.whole_scalar(0), writer.whole_scalar(1));
        let along = writer.whole_numbers(to, "along", &[1]);
        let last = writer.whole_numbers(to, "last", &[2]);
        // A step that counts is worth more than any that does not, and an earlier one more than a later.
        let length = writer.dim_scalar(node, to, &steps)?;
        let positions = writer.made(to, "positions", "Range", &[&zero, &length, &one], vec![]);
        let worth = writer.made(to, "ahead", "Mul", &[&counts, &length], vec![]);
        let worth = writer.made(to, "worth", "Sub", &[&worth, &positions], vec![]);
        let all = writer.dim(node, &steps)?;
        let (sorted, order) = (writer.step(to, "sorted"), writer.step(to, "order"));
        writer.emit_several("TopK", &[&worth, &all], &[&sorted, &order], vec![int("axis", 1)]);
        let order = writer.made(to, "order", "Unsqueeze", &[&order, &last], vec![]);
        let total = writer.made(to, "total", "ReduceSum", &[&counts, &along], vec![int("keepdims", 1)]);
        let lengths = writer.made(to, "some", "Max", &[&total, &one], vec![]);
        let lengths = writer.made(to, "lengths", "Squeeze", &[&lengths, &along], vec![]);
        let lengths = writer.made(to, "lengths", "Cast", &[&lengths], vec![int("to", DataType::Int32 as i64)]);
        let seen = writer.made(to, "seen", "CumSum", &[&counts, &one], vec![]);
        // Forwards it is the last step so far that counts; backwards the next one.
        let (places, begun) = match reverse {
            false => {
                let places = writer.made(to, "places", "Sub", &[&seen, &one], vec![]);
                (places, writer.made(to, "begun", "Greater", &[&seen, &zero], vec![]))
            }
            true => {
                let before = writer.made(to, "before", "Sub", &[&seen, &counts], vec![]);
                let end = writer.made(to, "end", "Sub", &[&total, &one], vec![]);
                let places = writer.made(to, "places", "Min", &[&before, &end], vec![]);
                (places, writer.made(to, "begun", "Less", &[&before, &total], vec![]))
            }
        };
        let places = writer.made(to, "places", "Max", &[&places, &zero], vec![]);
        let places = writer.made(to, "places", "Unsqueeze", &[&places, &last], vec![]);
        let begun = writer.made(to, "begun", "Unsqueeze", &[&begun, &last], vec![]);
        let any = writer.made(to, "any", "Greater", &[&total, &zero], vec![]);
        Ok(Self { order, lengths, places, begun, any })
    }

    /// `x [N, T, …]` with the steps that count in front.
    pub(super) fn gathered(&self, writer: &mut Writer<'_>, to: &str, x: &str) -> String {
        writer.made(to, "gathered", "GatherND", &[x, &self.order], vec![int("batch_dims", 1)])
    }

    /// The state at every step, as `output`, of the states `[N, T, u]` of the steps in order; `first [N, u]` is what there
    /// was before, zeros where it has no name.
    pub(super) fn spread(&self, writer: &mut Writer<'_>, output: &str, states: &str, first: &str) {
        let found = writer.made(output, "found", "GatherND", &[states, &self.places], vec![int("batch_dims", 1)]);
        let first = match first {
            "" => writer.scalar(0.0),
            first => {
                let along = writer.whole_numbers(output, "along", &[1]);
                writer.made(output, "before", "Unsqueeze", &[first, &along], vec![])
            }
        };
        writer.emit("Where", &[&self.begun, &found, &first], output, vec![]);
    }

    /// The memory `[N, u]` after the last step, as `output`, of what it was after those that count.
    pub(super) fn kept(&self, writer: &mut Writer<'_>, output: &str, memory: &str, first: &str) {
        let first = if first.is_empty() { writer.scalar(0.0) } else { first.to_owned() };
        writer.emit("Where", &[&self.any, memory, &first], output, vec![]);
    }
}
