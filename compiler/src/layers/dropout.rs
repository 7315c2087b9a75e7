//! `Dropout`: in training, some elements are zero.

use super::LayerDef;
use crate::ir::Op;
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// `Dropout(rate)`
pub const DROPOUT: LayerDef = LayerDef {
    signature: Signature {
        name: "Dropout",
        summary: "In training, makes each number zero with probability `rate` and scales the others by `1 / (1 - rate)`.",
        details: "In inference it does nothing.",
        parameters: &[
            Parameter::new("rate", Kind::Float(Bounds::SHARE), Default::Required, "The probability.").also(&["p"])
        ],
        example: "Dropout(0.25)",
    },
    aliases: &[],
    build: |layer| {
        layer.float()?;
        let rate = layer.arguments.float("rate");
        Some(layer.cx.builder.node(Op::Dropout { rate, shared: Vec::new() }, vec![layer.input], layer.span))
    },
};
