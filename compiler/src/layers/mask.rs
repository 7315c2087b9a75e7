//! Masks of sequences: truth values that say which steps count.

use super::Apply;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, ElementType, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter};

/// `mask=` of a layer that goes through a sequence.
pub(super) const STEPS: Parameter = Parameter::new(
    "mask",
    Kind::Tensor,
    Default::Absent("all true"),
    "Truth values: which steps count, [steps]. At the others the state stays as it was.",
);

/// Reports a mask that is not of truth values.
pub(super) fn of_truth_values(layer: &mut Apply<'_, '_, '_>, given: ValueId) -> Option<()> {
    if layer.cx.builder.value(given).element == ElementType::Bool {
        return Some(());
    }
    let kind = layer.cx.type_of(given);
    let span = layer.arguments.span("mask", layer.span);
    let fault = Diagnostic::new(Code::ElementType, span, format!("a mask is of truth values, this is {kind}"))
        .label(kind)
        .help("a comparison makes truth values: `tokens != 0`; so does `cast(mask, bool)`");
    layer.cx.report_with_origin(fault, given);
    None
}

/// The mask the call gives, `[N, steps]`; nothing inside where it gives none. One that does not fit is reported.
pub(super) fn of_steps(layer: &mut Apply<'_, '_, '_>, steps: &Dim) -> Option<Option<ValueId>> {
    let Some(given) = layer.arguments.tensor("mask") else {
        // One that is not known yet leaves out nobody knows what.
        layer.cx.incomplete |= layer.arguments.given("mask");
        return Some(None);
    };
    of_truth_values(layer, given)?;
    let row = layer.cx.row(given);
    let fits = matches!(row.dims(), [length] if length.agrees(steps));
    if !fits {
        let span = layer.arguments.span("mask", layer.span);
        let message = format!("a mask of `{}` says of each step whether it counts: [{steps}], not {row}", layer.kind());
        let fault = Diagnostic::new(Code::ShapeMismatch, span, message).label(format!("{row}"));
        layer.cx.report_with_origin(fault, given);
        return None;
    }
    if !layer.cx.is_batched(given) {
        let rows = layer.rows([steps.clone()]);
        return Some(Some(layer.node(Op::Expand(rows), vec![given])));
    }
    Some(Some(given))
}

/// `x [N, steps, …]` with zeros at the steps that do not count.
pub(super) fn zeroed(layer: &mut Apply<'_, '_, '_>, x: ValueId, mask: ValueId) -> ValueId {
    let mut dims = layer.cx.builder.shape(mask).0.clone();
    dims.resize(layer.cx.builder.shape(x).rank(), Dim::Known(1));
    let mask = layer.reshape(mask, Shape(dims));
    let zero = layer.cx.builder.scalar(ElementType::F32, 0.0, layer.span);
    layer.node(Op::Where, vec![mask, x, zero])
}
