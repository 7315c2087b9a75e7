//! Element-by-element operations of one value.

use super::writer::{Writer, float, word};
use crate::ir::Unary;

/// Writes the nodes that make `output` of `input`.
pub(super) fn lower(writer: &mut Writer<'_>, unary: Unary, input: &str, output: &str) {
    let (kind, attributes) = match unary {
        Unary::Negate => ("Neg", vec![]),
        Unary::Abs => ("Abs", vec![]),
        Unary::Exp => ("Exp", vec![]),
        Unary::Log => ("Log", vec![]),
        Unary::Sqrt => ("Sqrt", vec![]),
        Unary::Relu => ("Relu", vec![]),
        Unary::LeakyRelu { slope } => ("LeakyRelu", vec![float("alpha", slope)]),
        Unary::Elu { alpha } => ("Elu", vec![float("alpha", alpha)]),
        Unary::Selu => ("Selu", vec![]),
        Unary::Relu6 => {
            let (low, high) = (writer.scalar(0.0), writer.scalar(6.0));
            return writer.emit("Clip", &[input, &low, &high], output, vec![]);
        }
        Unary::Sigmoid => ("Sigmoid", vec![]),
        Unary::HardSigmoid => ("HardSigmoid", vec![float("alpha", 1.0 / 6.0), float("beta", 0.5)]),
        Unary::Tanh => ("Tanh", vec![]),
        Unary::Gelu { approximate } => ("Gelu", vec![word("approximate", if approximate { "tanh" } else { "none" })]),
        Unary::Silu => {
            let sigmoid = writer.step(output, "sigmoid");
            writer.emit("Sigmoid", &[input], &sigmoid, vec![]);
            return writer.emit("Mul", &[input, &sigmoid], output, vec![]);
        }
        Unary::Softplus => ("Softplus", vec![]),
        Unary::Softsign => ("Softsign", vec![]),
        Unary::Mish => ("Mish", vec![]),
    };
    writer.emit(kind, &[input], output, attributes);
}
