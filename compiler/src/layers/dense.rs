//! `Dense`: a linear map of the last axis.

use super::{ACTIVATION, Apply, KERNEL_INITIALIZER, LayerDef, USE_BIAS, kernel_initializer};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Initializer, Op, Role, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Dense(units, activation=linear, …)`
pub const DENSE: LayerDef = LayerDef {
    signature: Signature {
        name: "Dense",
        summary: "A linear map of the last axis: `x @ weight + bias`, then the activation.",
        details: "On `[d]` it makes `[units]`. On a value of more axes it works on the last one alone and leaves the others, \
                  as in Keras; after an image that is rarely meant, so it warns and offers `Flatten()`.",
        parameters: &[
            Parameter::new("units", Kind::Int { min: 1 }, Default::Required, "How many outputs.").also(&[
                "out_features",
                "features",
                "size",
            ]),
            ACTIVATION,
            USE_BIAS,
            KERNEL_INITIALIZER,
        ],
        example: "Dense(128, activation=relu)",
    },
    aliases: &["Linear", "LazyLinear", "FullyConnected", "FC"],
    build,
};

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    let row = layer.row();
    let Some((inputs, others)) = row.0.split_last() else {
        let fault = Diagnostic::new(
            Code::Rank,
            layer.span,
            "`Dense` works on the last axis of a value, and a single number has none",
        )
        .label("applied to one number a row")
        .help("`reshape(x, [1])` gives it an axis");
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    };
    let units = layer.arguments.int("units").map_or(Dim::Unknown, Dim::Known);
    let (fan_in, fan_out) = (inputs.known().unwrap_or(1), units.known().unwrap_or(1));
    let initializer = kernel_initializer(layer.arguments, fan_in, fan_out);
    let weight = layer.parameter("weight", &[units.clone(), inputs.clone()], initializer, Role::Trainable);
    let Some(weight) = weight else {
        return Some(layer.unknown(others.iter().cloned().chain([units])));
    };
    let mut operands = vec![layer.input, weight];
    if layer.arguments.bool("use_bias") {
        operands.push(layer.parameter("bias", &[units], Initializer::Zeros, Role::Trainable)?);
    }
    let out = layer.cx.builder.node(Op::Linear, operands, layer.span);
    Some(layer.activate(out))
}
