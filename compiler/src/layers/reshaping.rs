//! Layers that only put the elements of a row in another shape: `Flatten`, `Reshape`, `Permute` and `RepeatVector`.

use super::settings::NAME;
use super::{Apply, LayerDef};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Op, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Flatten()`
pub const FLATTEN: LayerDef = LayerDef {
    signature: Signature {
        name: "Flatten",
        summary: "All elements of a row on one axis, in row-major order.",
        details: "",
        parameters: &[NAME],
        example: "Flatten()",
    },
    aliases: &[],
    build: |layer| {
        let row = layer.row();
        let count = row.dims().iter().fold(Dim::Known(1), |count, dim| count.times(dim));
        let shape = layer.rows([count]);
        Some(layer.reshape(layer.input, shape))
    },
};

/// `Reshape(target_shape)`
pub const RESHAPE: LayerDef = LayerDef {
    signature: Signature {
        name: "Reshape",
        summary: "The same elements in row-major order under another shape, the batch left out.",
        details: "One dimension may be -1: it becomes whatever is left.",
        parameters: &[
            Parameter::new("target_shape", Kind::OpenDims, Default::Required, "The new dimensions.").also(&["shape"]),
            NAME,
        ],
        example: "Reshape([4, -1])",
    },
    aliases: &["Unflatten", "View"],
    build: |layer| {
        let target = layer.arguments.dims("target_shape")?;
        let at = layer.arguments.span("target_shape", layer.span);
        let dims = layer.cx.reshaped(layer.input, &target, at)?;
        let shape = layer.rows(dims);
        Some(layer.reshape(layer.input, shape))
    },
};

/// `Permute(dims)`
pub const PERMUTE: LayerDef = LayerDef {
    signature: Signature {
        name: "Permute",
        summary: "The axes of a row in another order.",
        details: "As in Keras, axes are counted from 1, the batch left out: `Permute([2, 1])` exchanges the two axes of a \
                  matrix. The function `permute` takes negative axes.",
        parameters: &[
            Parameter::new(
                "dims",
                Kind::Special("a list of all axes, counted from 1"),
                Default::Required,
                "For each new axis, which one it was.",
            ),
            NAME,
        ],
        example: "Permute([3, 1, 2])",
    },
    aliases: &[],
    build: permute,
};

fn permute(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    let expr = layer.arguments.expr("dims")?;
    let rank = layer.row().rank();
    let value = layer.cx.evaluate(expr);
    let order = value.list().and_then(|values| values.iter().map(|value| value.whole()).collect::<Option<Vec<_>>>());
    let Some(order) = order else {
        if !value.has_unknown() {
            let message =
                format!("`dims` of `Permute` takes a list of all axes, counted from 1, not {}", value.describe());
            layer
                .cx
                .report(Diagnostic::new(Code::WrongType, expr.span, message).label("expected a list such as `[2, 1]`"));
        }
        layer.cx.incomplete = true;
        return Some(layer.unknown(vec![Dim::Unknown; rank]));
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (1..=rank).collect::<Vec<_>>() {
        let all: Vec<String> = (1..=rank).map(|axis| axis.to_string()).collect();
        let message = format!("{} has {rank} axes: each of [{}] stands in the list once", layer.row(), all.join(", "));
        let fault = Diagnostic::new(Code::Rank, expr.span, message).label("not all axes, each once");
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    }
    let permutation: Vec<usize> = std::iter::once(0).chain(order).collect();
    Some(layer.transpose(layer.input, &permutation))
}

/// `RepeatVector(n)`
pub const REPEAT_VECTOR: LayerDef = LayerDef {
    signature: Signature {
        name: "RepeatVector",
        summary: "A vector `n` times, one after the other: [features] becomes [n, features].",
        details: "",
        parameters: &[Parameter::new("n", Kind::Int { min: 1 }, Default::Required, "How often."), NAME],
        example: "Flatten(); RepeatVector(3)",
    },
    aliases: &[],
    build: |layer| {
        let row = layer.row();
        let [features] = row.dims() else {
            let message = format!("`RepeatVector` works on a vector [features], not on {row}");
            let fault = Diagnostic::new(Code::Rank, layer.span, message).label(format!("applied to {row}"));
            layer.cx.report_with_origin(fault, layer.input);
            return None;
        };
        let count = layer.arguments.int("n").map_or(Dim::Unknown, Dim::Known);
        let one = layer.rows([Dim::Known(1), features.clone()]);
        let x = layer.reshape(layer.input, one);
        let shape = layer.rows([count, features.clone()]);
        Some(layer.node(Op::Expand(shape), vec![x]))
    },
};
