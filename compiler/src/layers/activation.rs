//! `Activation` and `PReLU`: activations as layers of their own.

use super::apply::Weight;
use super::settings::{NAME, TRAINABLE, initializer, regularizer};
use super::{Apply, LayerDef};
use crate::ir::{Binary, Dim, Unary, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Activation(activation)`
pub const ACTIVATION: LayerDef = LayerDef {
    signature: Signature {
        name: "Activation",
        summary: "An activation as a layer of its own.",
        details: "",
        parameters: &[Parameter::new("activation", Kind::Activation, Default::Required, "Which one."), NAME],
        example: "Activation(relu)",
    },
    aliases: &[
        "ReLU",
        "ReLU6",
        "Sigmoid",
        "Softmax",
        "LogSoftmax",
        "Tanh",
        "GELU",
        "LeakyReLU",
        "SiLU",
        "ELU",
        "SELU",
        "CELU",
        "Mish",
        "Softplus",
        "Softsign",
        "Hardtanh",
        "Hardsigmoid",
        "Hardswish",
        "LogSigmoid",
        "Tanhshrink",
    ],
    build: |layer| {
        layer.float()?;
        layer.activate(layer.input)
    },
};

/// `PReLU(shared_axes=…)`
pub const PRELU: LayerDef = LayerDef {
    signature: Signature {
        name: "PReLU",
        summary: "`x` where positive, a learnt number times `x` elsewhere.",
        details: "There is one such number for each element of a row; along `shared_axes` there is one for all, so after an \
                  image `shared_axes=[-3, -2]` learns one a channel.",
        parameters: &[
            initializer("alpha_initializer", "zeros", "How the numbers start."),
            regularizer("alpha_regularizer", "What the numbers add to the loss."),
            Parameter::new(
                "shared_axes",
                Kind::Axes,
                Default::Absent("none"),
                "Axes along which one number serves all.",
            ),
            NAME,
            TRAINABLE,
        ],
        example: "PReLU(shared_axes=[-3, -2])",
    },
    aliases: &[],
    build: prelu,
};

fn prelu(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    layer.last_axis()?;
    let mut shape = layer.row().0;
    if layer.arguments.given("shared_axes") {
        for axis in layer.cx.axes(layer.arguments, "shared_axes", layer.input, layer.span)? {
            shape[axis - 1] = Dim::Known(1);
        }
    }
    let alpha = layer.started(Weight::new("alpha", "weight", shape), "alpha");
    let alpha = layer.weight(alpha)?;
    // max(x, 0) - alpha * max(-x, 0)
    let (x, span) = (layer.input, layer.span);
    let positive = layer.cx.builder.unary(Unary::Relu, x, span);
    let negated = layer.cx.builder.unary(Unary::Negate, x, span);
    let negative = layer.cx.builder.unary(Unary::Relu, negated, span);
    let scaled = layer.cx.builder.binary(Binary::Multiply, alpha, negative, span);
    Some(layer.cx.builder.binary(Binary::Subtract, positive, scaled, span))
}
