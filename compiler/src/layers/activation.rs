//! `Activation`: an activation as a layer of its own.

use super::LayerDef;
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Activation(activation)`
pub const ACTIVATION: LayerDef = LayerDef {
    signature: Signature {
        name: "Activation",
        summary: "An activation as a layer of its own.",
        details: "",
        parameters: &[Parameter::new("activation", Kind::Activation, Default::Required, "Which one.")],
        example: "Activation(relu)",
    },
    aliases: &["ReLU", "Sigmoid", "Softmax", "Tanh", "GELU", "LeakyReLU", "SiLU", "ELU"],
    build: |layer| {
        layer.float()?;
        Some(layer.activate(layer.input))
    },
};
