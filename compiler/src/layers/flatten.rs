//! `Flatten`: one axis of all.

use super::LayerDef;
use crate::ir::{Dim, Op, Shape};
use crate::signature::Signature;

/// `Flatten()`
pub const FLATTEN: LayerDef = LayerDef {
    signature: Signature {
        name: "Flatten",
        summary: "All elements of a row on one axis, in row-major order.",
        details: "",
        parameters: &[],
        example: "Flatten()",
    },
    aliases: &[],
    build: |layer| {
        let count = layer.row().elements().map_or(Dim::Unknown, Dim::Known);
        Some(layer.cx.builder.node(Op::Reshape(Shape::batched([count])), vec![layer.input], layer.span))
    },
};
