//! `EinsumDense`: a linear map that an equation describes.

use super::apply::Weight;
use super::settings::{
    ACTIVATION, BIAS_INITIALIZER, BIAS_REGULARIZER, KERNEL_INITIALIZER, KERNEL_REGULARIZER, NAME, TRAINABLE,
};
use super::{Apply, LayerDef};
use crate::diagnostics::{Code, Diagnostic};
use crate::functions::einsum::{Equation, contract};
use crate::ir::{Binary, Dim, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `EinsumDense(equation, output_shape, bias_axes=…, …)`
pub const EINSUM_DENSE: LayerDef = LayerDef {
    signature: Signature {
        name: "EinsumDense",
        summary: "A linear map that an equation describes: which axes are summed over and which are made.",
        details: "The equation is Keras's: letters for the axes of the value with its batch, a comma, those of the weights, an arrow, \
                  those of the result. `...` stands for axes that are left as they are. `\"ab,bc->ac\"` is `Dense`.",
        parameters: &[
            Parameter::new("equation", Kind::Text, Default::Required, "The equation."),
            Parameter::new(
                "output_shape",
                Kind::OpenDims,
                Default::Required,
                "The shape it makes, the batch left out; -1 where the equation says it.",
            ),
            ACTIVATION,
            Parameter::new(
                "bias_axes",
                Kind::Text,
                Default::Absent("no bias"),
                "The axes of the result that a bias has.",
            ),
            KERNEL_INITIALIZER,
            BIAS_INITIALIZER,
            KERNEL_REGULARIZER,
            BIAS_REGULARIZER,
            NAME,
            TRAINABLE,
        ],
        example: "EinsumDense(\"abcd,de->abce\", output_shape=[28, 28, 8], bias_axes=\"e\")",
    },
    aliases: &[],
    build,
};

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    let text = layer.arguments.text("equation").map(str::to_owned);
    let (Some(text), Some(wanted)) = (text, layer.arguments.dims("output_shape")) else {
        layer.cx.incomplete = true;
        return None;
    };
    let from = layer.cx.builder.shape(layer.input).clone();
    let equation = match Equation::read(&text, from.rank(), None) {
        Ok(equation) => equation,
        Err(message) => {
            let fault = layer
                .refuse(Code::OutOfRange, "equation", message, "cannot be read")
                .help("such as `\"ab,bc->ac\"`, the batch first");
            layer.cx.report_with_origin(fault, layer.input);
            return None;
        }
    };
    let made = output(layer, &equation, &from, &wanted)?;
    let size = |label: &char| {
        let at = |labels: &[char]| labels.iter().position(|other| other == label);
        at(&equation.left).map(|at| from.0[at].clone()).or_else(|| at(&equation.out).map(|at| made.0[at].clone()))
    };
    let mut shape = Vec::new();
    for label in &equation.right {
        match size(label) {
            Some(dim) => shape.push(dim),
            None => {
                let message = format!("`{label}` stands in neither the value nor the result, so its size is not known");
                let fault =
                    layer.refuse(Code::OutOfRange, "equation", message, &format!("`{label}` is of the weights alone"));
                layer.cx.report(fault);
                return None;
            }
        }
    }
    let product = |summed: bool| {
        let labels = equation.right.iter().zip(&shape).filter(|(label, _)| equation.out.contains(label) != summed);
        labels.fold(1usize, |product, (_, dim)| product.saturating_mul(dim.known().unwrap_or(1)))
    };
    let kernel = Weight::new("kernel", "weight", shape.clone()).fans(product(true), product(false));
    let unknown = made.0[1..].to_vec();
    let Some(kernel) = layer.weight(layer.started(kernel, "kernel")) else { return Some(layer.unknown(unknown)) };
    let mut out = contract(&mut layer.cx.builder, &equation, layer.input, kernel, layer.span);
    if let Some(axes) = layer.arguments.text("bias_axes").map(str::to_owned) {
        let bias = bias(layer, &equation, &made, &axes)?;
        out = layer.cx.builder.binary(Binary::Add, out, bias, layer.span);
    }
    layer.activate(out)
}

/// The shape that is made, the batch with it.
fn output(layer: &mut Apply<'_, '_, '_>, equation: &Equation, from: &Shape, wanted: &[Option<Dim>]) -> Option<Shape> {
    // With `...`, what is given may leave out the axes it stands for.
    let given = match wanted.len() + 1 {
        count if count == equation.out.len() => Some(0),
        count => (equation.out.len().checked_sub(count)).filter(|_| equation.spread > 0),
    };
    let Some(left_out) = given else {
        let message = format!(
            "the result has {} axes beside the batch, and `output_shape` has {}",
            equation.out.len().saturating_sub(1),
            wanted.len()
        );
        let fault = layer.refuse(Code::ShapeMismatch, "output_shape", message, &format!("{} dimensions", wanted.len()));
        layer.cx.report(fault);
        return None;
    };
    let mut dims = Vec::new();
    for (at, label) in equation.out.iter().enumerate() {
        let known = equation.left.iter().position(|other| other == label).map(|at| from.0[at].clone());
        let said = at.checked_sub(1 + left_out).and_then(|at| wanted.get(at).cloned()).flatten();
        dims.push(match (known, said) {
            (Some(known), Some(said)) if !known.agrees(&said) => {
                let message =
                    format!("axis `{label}` of the result is {known} in the value, and `output_shape` says {said}");
                let fault = layer.refuse(Code::ShapeMismatch, "output_shape", message, &format!("{said} for {known}"));
                layer.cx.report_with_origin(fault, layer.input);
                return None;
            }
            (Some(known), _) => known,
            (None, Some(said)) => said,
            (None, None) => {
                let message = format!("the size of axis `{label}` of the result is to be given");
                let fault = layer.refuse(Code::ShapeMismatch, "output_shape", message, "not given");
                layer.cx.report(fault);
                return None;
            }
        });
    }
    Some(Shape(dims))
}

/// A bias along some axes of the result, in a shape that broadcasts with it.
fn bias(layer: &mut Apply<'_, '_, '_>, equation: &Equation, made: &Shape, axes: &str) -> Option<ValueId> {
    let stray = axes.chars().find(|label| !equation.out.contains(label));
    if let Some(stray) = stray {
        let span = layer.arguments.span("bias_axes", layer.span);
        let message = format!("`{stray}` is no axis of the result");
        layer.cx.report(Diagnostic::new(Code::OutOfRange, span, message).label("not in the equation's result"));
        return None;
    }
    let first = equation.out.iter().position(|label| axes.contains(*label)).unwrap_or(equation.out.len());
    let labels = equation.out.iter().zip(&made.0).skip(first);
    let shape: Vec<Dim> =
        labels.map(|(label, dim)| if axes.contains(*label) { dim.clone() } else { Dim::Known(1) }).collect();
    let weight = layer.started(Weight::new("bias", "bias", shape), "bias");
    layer.weight(weight)
}
