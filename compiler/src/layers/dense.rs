//! `Dense`: a linear map of the last axis.

use super::apply::Weight;
use super::convolution::bias;
use super::settings::{
    ACTIVATION, BIAS_INITIALIZER, BIAS_REGULARIZER, KERNEL_INITIALIZER, KERNEL_REGULARIZER, NAME, TRAINABLE, USE_BIAS,
};
use super::{Apply, LayerDef};
use crate::ir::{Dim, Op, ValueId};
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
            BIAS_INITIALIZER,
            KERNEL_REGULARIZER,
            BIAS_REGULARIZER,
            NAME,
            TRAINABLE,
        ],
        example: "Dense(128, activation=relu)",
    },
    aliases: &["Linear", "LazyLinear", "FullyConnected", "FC"],
    build,
};

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    let inputs = layer.last_axis()?;
    let mut others = layer.row().0;
    others.pop();
    let units = layer.arguments.int("units").map_or(Dim::Unknown, Dim::Known);
    let kernel = Weight::new("kernel", "weight", [inputs, units.clone()]).turned([1, 0]);
    let kernel = layer.started(kernel, "kernel");
    let Some(kernel) = layer.weight(kernel) else {
        return Some(layer.unknown(others.into_iter().chain([units])));
    };
    let mut operands = vec![layer.input, kernel];
    operands.extend(bias(layer, units)?);
    let out = layer.node(Op::Linear, operands);
    layer.activate(out)
}
