//! Element-by-element operations of one value.

use super::proto::AttributeProto;
use super::writer::{Writer, float, word};
use crate::ir::Unary;

/// Writes the nodes that make `output` of `input`.
pub(super) fn lower(writer: &mut Writer<'_>, unary: Unary, input: &str, output: &str) {
    if let Some((kind, attributes)) = one_node(unary) {
        return writer.emit(kind, &[input], output, attributes);
    }
    let mut steps = Steps { writer, input, output };
    match unary {
        Unary::Square => steps.last("Mul", &[input, input]),
        Unary::Rsqrt => {
            let root = steps.step("root", "Sqrt", &[input]);
            steps.last("Reciprocal", &[&root]);
        }
        Unary::Expm1 => {
            let (power, one) = (steps.step("power", "Exp", &[input]), steps.number(1.0));
            steps.last("Sub", &[&power, &one]);
        }
        Unary::Log1p => {
            let one = steps.number(1.0);
            let sum = steps.step("sum", "Add", &[input, &one]);
            steps.last("Log", &[&sum]);
        }
        Unary::Relu6 => steps.clip(input, 0.0, 6.0),
        Unary::HardTanh => steps.clip(input, -1.0, 1.0),
        Unary::BoundedRelu { slope, max_value, threshold } => steps.bounded_relu(slope, max_value, threshold),
        Unary::Threshold { threshold, value } => {
            let (threshold, value) = (steps.number(threshold), steps.number(value));
            let above = steps.step("above", "Greater", &[input, &threshold]);
            steps.last("Where", &[&above, input, &value]);
        }
        Unary::LogSigmoid => {
            let negative = steps.step("negative", "Neg", &[input]);
            let softplus = steps.step("softplus", "Softplus", &[&negative]);
            steps.last("Neg", &[&softplus]);
        }
        Unary::TanhShrink => {
            let tanh = steps.step("tanh", "Tanh", &[input]);
            steps.last("Sub", &[input, &tanh]);
        }
        Unary::Silu => {
            let sigmoid = steps.step("sigmoid", "Sigmoid", &[input]);
            steps.last("Mul", &[input, &sigmoid]);
        }
        Unary::Squareplus { b } => {
            let (b, half) = (steps.number(b), steps.number(0.5));
            let square = steps.step("square", "Mul", &[input, input]);
            let moved = steps.step("moved", "Add", &[&square, &b]);
            let root = steps.step("root", "Sqrt", &[&moved]);
            let sum = steps.step("sum", "Add", &[input, &root]);
            steps.last("Mul", &[&sum, &half]);
        }
        Unary::SparsePlus => {
            let (half, one) = (steps.number(0.5), steps.number(1.0));
            // ((x clipped to -1..1 + 1) / 2)^2, and what is above 1.
            let low = steps.number(-1.0);
            let clipped = steps.step("clipped", "Clip", &[input, &low, &one]);
            let moved = steps.step("moved", "Add", &[&clipped, &one]);
            let halved = steps.step("halved", "Mul", &[&moved, &half]);
            let square = steps.step("square", "Mul", &[&halved, &halved]);
            let beyond = steps.step("beyond", "Sub", &[input, &one]);
            let rest = steps.step("rest", "Relu", &[&beyond]);
            steps.last("Add", &[&square, &rest]);
        }
        // All others are one node.
        _ => steps.last("Identity", &[input]),
    }
}

/// The node of an operation that ONNX has.
fn one_node(unary: Unary) -> Option<(&'static str, Vec<AttributeProto>)> {
    Some(match unary {
        Unary::Identity => ("Identity", vec![]),
        Unary::Negate => ("Neg", vec![]),
        Unary::Abs => ("Abs", vec![]),
        Unary::Sign => ("Sign", vec![]),
        Unary::Sqrt => ("Sqrt", vec![]),
        Unary::Reciprocal => ("Reciprocal", vec![]),
        Unary::Exp => ("Exp", vec![]),
        Unary::Log => ("Log", vec![]),
        Unary::Sin => ("Sin", vec![]),
        Unary::Cos => ("Cos", vec![]),
        Unary::Tanh => ("Tanh", vec![]),
        Unary::Erf => ("Erf", vec![]),
        Unary::Floor => ("Floor", vec![]),
        Unary::Ceil => ("Ceil", vec![]),
        Unary::Round => ("Round", vec![]),
        Unary::Not => ("Not", vec![]),
        Unary::Relu => ("Relu", vec![]),
        Unary::LeakyRelu { slope } => ("LeakyRelu", vec![float("alpha", slope)]),
        Unary::Elu { alpha } => ("Elu", vec![float("alpha", alpha)]),
        Unary::Celu { alpha } => ("Celu", vec![float("alpha", alpha)]),
        Unary::Selu => ("Selu", vec![]),
        Unary::Sigmoid => ("Sigmoid", vec![]),
        Unary::HardSigmoid => ("HardSigmoid", vec![float("alpha", 1.0 / 6.0), float("beta", 0.5)]),
        Unary::SparseSigmoid => ("HardSigmoid", vec![float("alpha", 0.5), float("beta", 0.5)]),
        Unary::HardShrink { threshold } => ("Shrink", vec![float("bias", 0.0), float("lambd", threshold)]),
        Unary::SoftShrink { threshold } => ("Shrink", vec![float("bias", threshold), float("lambd", threshold)]),
        Unary::Gelu { approximate } => ("Gelu", vec![word("approximate", if approximate { "tanh" } else { "none" })]),
        Unary::HardSilu => ("HardSwish", vec![]),
        Unary::Softplus => ("Softplus", vec![]),
        Unary::Softsign => ("Softsign", vec![]),
        Unary::Mish => ("Mish", vec![]),
        Unary::Square
        | Unary::Rsqrt
        | Unary::Expm1
        | Unary::Log1p
        | Unary::Relu6
        | Unary::HardTanh
        | Unary::BoundedRelu { .. }
        | Unary::Threshold { .. }
        | Unary::LogSigmoid
        | Unary::TanhShrink
        | Unary::Silu
        | Unary::Squareplus { .. }
        | Unary::SparsePlus => return None,
    })
}

/// Nodes one after the other on the way to an output.
struct Steps<'w, 'a, 'n> {
    writer: &'w mut Writer<'a>,
    input: &'n str,
    output: &'n str,
}

impl Steps<'_, '_, '_> {
    fn number(&mut self, number: f64) -> String {
        self.writer.scalar(number as f32)
    }

    fn step(&mut self, what: &str, kind: &str, inputs: &[&str]) -> String {
        let name = self.writer.step(self.output, what);
        self.writer.emit(kind, inputs, &name, vec![]);
        name
    }

    fn last(&mut self, kind: &str, inputs: &[&str]) {
        self.writer.emit(kind, inputs, self.output, vec![]);
    }

    fn clip(&mut self, input: &str, low: f64, high: f64) {
        let (low, high) = (self.number(low), self.number(high));
        self.last("Clip", &[input, &low, &high]);
    }

    fn bounded_relu(&mut self, slope: f64, max_value: f64, threshold: f64) {
        let threshold = self.number(threshold);
        let reached = self.step("reached", "GreaterOrEqual", &[self.input, &threshold]);
        let below = self.step("below", "Sub", &[self.input, &threshold]);
        let slope = self.number(slope);
        let below = self.step("sloped", "Mul", &[&below, &slope]);
        if max_value.is_infinite() {
            return self.last("Where", &[&reached, self.input, &below]);
        }
        let max_value = self.number(max_value);
        let bounded = self.step("bounded", "Min", &[self.input, &max_value]);
        let full = self.step("full", "GreaterOrEqual", &[self.input, &max_value]);
        let chosen = self.step("chosen", "Where", &[&reached, &bounded, &below]);
        self.last("Where", &[&full, &max_value, &chosen]);
    }
}
