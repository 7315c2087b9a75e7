//! Normalizations of each row by itself: `LayerNormalization`, `RMSNormalization`, `GroupNormalization`; and by given numbers:
//! `Normalization`, `Rescaling`.

use super::apply::Weight;
use super::settings::{
    BETA_INITIALIZER, BETA_REGULARIZER, CENTER, EPSILON, GAMMA_INITIALIZER, GAMMA_REGULARIZER, NAME, SCALE, TRAINABLE,
    epsilon,
};
use super::{Apply, LayerDef};
use crate::diagnostics::Code;
use crate::ir::{Binary, Dim, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const AXES: Parameter =
    Parameter::new("axis", Kind::Axes, Default::Int(-1), "The axis, or the axes that are taken together.")
        .also(&["normalized_shape", "dim"]);

/// `LayerNormalization(axis=-1, epsilon=0.001, …)`
pub const LAYER_NORMALIZATION: LayerDef = LayerDef {
    signature: Signature {
        name: "LayerNormalization",
        summary: "Brings the numbers along an axis of each row to mean 0 and variance 1, then scales and moves them by learnt numbers.",
        details: "PyTorch's `eps` is 1e-5. `axis=[-3, -2, -1]` takes three axes together.",
        parameters: &[
            AXES,
            EPSILON,
            CENTER,
            SCALE,
            BETA_INITIALIZER,
            GAMMA_INITIALIZER,
            BETA_REGULARIZER,
            GAMMA_REGULARIZER,
            NAME,
            TRAINABLE,
        ],
        example: "LayerNormalization()",
    },
    aliases: &["LayerNorm"],
    build: |layer| {
        let epsilon = layer.arguments.float("epsilon");
        let scaled = layer.arguments.bool("scale").then_some("gamma");
        let moved = layer.arguments.bool("center").then_some("beta");
        by_row(layer, scaled, moved, |axes| Op::LayerNorm { axes, epsilon })
    },
};

/// `RMSNormalization(axis=-1, epsilon=1e-6)`
pub const RMS_NORMALIZATION: LayerDef = LayerDef {
    signature: Signature {
        name: "RMSNormalization",
        summary: "Divides the numbers along an axis of each row by the root of the mean of their squares, then scales them by learnt \
                  numbers.",
        details: "",
        parameters: &[AXES, epsilon(1e-6), NAME, TRAINABLE],
        example: "RMSNormalization()",
    },
    aliases: &["RMSNorm"],
    build: |layer| {
        let epsilon = layer.arguments.float("epsilon");
        by_row(layer, Some("scale"), None, |axes| Op::RmsNorm { axes, epsilon })
    },
};

/// `GroupNormalization(groups=32, axis=-1, …)`
pub const GROUP_NORMALIZATION: LayerDef = LayerDef {
    signature: Signature {
        name: "GroupNormalization",
        summary: "Brings each group of neighbouring channels of each row to mean 0 and variance 1, then scales and moves each channel by \
                  learnt numbers.",
        details: "`groups=-1` makes each channel a group of its own (instance normalization), `groups=1` all of them one.",
        parameters: &[
            Parameter::new("groups", Kind::Int { min: -1 }, Default::Int(32), "How many groups.").also(&["num_groups"]),
            super::AXIS,
            EPSILON,
            CENTER,
            SCALE,
            BETA_INITIALIZER,
            GAMMA_INITIALIZER,
            BETA_REGULARIZER,
            GAMMA_REGULARIZER,
            NAME,
            TRAINABLE,
        ],
        example: "Conv2D(32, 3); GroupNormalization(8)",
    },
    aliases: &["GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"],
    build: by_group,
};

/// The order that puts these axes last, and the one that puts them back.
fn last(axes: &[usize], rank: usize) -> (Vec<usize>, Vec<usize>) {
    let order: Vec<usize> = (0..rank).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
    let mut back = vec![0; rank];
    order.iter().enumerate().for_each(|(at, axis)| back[*axis] = at);
    (order, back)
}

/// Normalizes over the axes the call names, by weights of Keras's names where they are wanted.
fn by_row(
    layer: &mut Apply<'_, '_, '_>,
    scaled: Option<&'static str>,
    moved: Option<&'static str>,
    op: impl Fn(usize) -> Op,
) -> Option<ValueId> {
    layer.float()?;
    layer.last_axis()?;
    let axes = layer.cx.axes(layer.arguments, "axis", layer.input, layer.span)?;
    let row = layer.row();
    let dims: Vec<Dim> = axes.iter().map(|axis| row.0[axis - 1].clone()).collect();
    let rank = row.rank() + 1;
    let (order, back) = last(&axes, rank);
    let in_place = order.iter().enumerate().all(|(at, axis)| at == *axis);
    let mut operands = vec![if in_place { layer.input } else { layer.transpose(layer.input, &order) }];
    if let Some(name) = scaled {
        let weight = layer.started(Weight::new(name, "weight", dims.clone()).ones(), name);
        let Some(weight) = layer.weight(weight) else { return Some(layer.unknown(row.0)) };
        operands.push(weight);
    }
    if let Some(name) = moved {
        let weight = layer.started(Weight::new(name, "bias", dims.clone()), name);
        let Some(weight) = layer.weight(weight) else { return Some(layer.unknown(row.0)) };
        if scaled.is_none() {
            // The operation has its offset after a scale.
            let one = layer.cx.builder.constant(1.0, layer.span);
            operands.push(layer.node(Op::Expand(Shape(dims)), vec![one]));
        }
        operands.push(weight);
    }
    let out = layer.node(op(axes.len()), operands);
    Some(if in_place { out } else { layer.transpose(out, &back) })
}

fn by_group(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    layer.last_axis()?;
    let axis = layer.cx.axis(layer.arguments, "axis", layer.input, layer.span)?;
    let row = layer.row();
    let dim = row.0[axis - 1].clone();
    let Some(channels) = (match dim {
        Dim::Unknown => None,
        _ => Some(layer.fixed(&dim, "the number of channels")?),
    }) else {
        layer.cx.incomplete = true;
        return Some(layer.unknown(row.0));
    };
    let groups = match layer.arguments.value("groups") {
        Some(crate::check::Value::Int(-1)) => channels,
        _ => match layer.arguments.int("groups") {
            Some(groups) => groups,
            None => return Some(layer.unknown(row.0)),
        },
    };
    if groups == 0 || channels % groups != 0 {
        let message = format!("{channels} channels cannot be split into {groups} equal groups");
        let mut fault = layer.refuse(Code::OutOfRange, "groups", message, &format!("does not divide {channels}"));
        if !layer.arguments.given("groups") {
            fault = fault.help("`groups` is 32 where nothing is given");
        }
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    }
    let rank = row.rank() + 1;
    let mut places: Vec<usize> = (0..rank).collect();
    places.swap(axis, rank - 1);
    let turned = axis + 1 != rank;
    let mut operands = vec![if turned { layer.transpose(layer.input, &places) } else { layer.input }];
    if layer.arguments.bool("scale") {
        let weight = layer.started(Weight::new("gamma", "weight", [dim.clone()]).ones(), "gamma");
        operands.push(layer.weight(weight)?);
    }
    if layer.arguments.bool("center") {
        if operands.len() == 1 {
            let one = layer.cx.builder.constant(1.0, layer.span);
            operands.push(layer.node(Op::Expand(Shape::known([channels])), vec![one]));
        }
        let weight = layer.started(Weight::new("beta", "bias", [dim]), "beta");
        operands.push(layer.weight(weight)?);
    }
    let out = layer.node(Op::GroupNorm { groups, epsilon: layer.arguments.float("epsilon") }, operands);
    Some(if turned { layer.transpose(out, &places) } else { out })
}

/// `Rescaling(scale, offset=0)`
pub const RESCALING: LayerDef = LayerDef {
    signature: Signature {
        name: "Rescaling",
        summary: "`x * scale + offset`, as `f32`.",
        details: "",
        parameters: &[
            Parameter::new(
                "scale",
                Kind::Numbers,
                Default::Required,
                "What is multiplied by; a list has one an element of the last axis.",
            ),
            Parameter::new(
                "offset",
                Kind::Numbers,
                Default::Float(0.0),
                "What is added; a list has one an element of the last axis.",
            ),
            NAME,
        ],
        example: "Rescaling(1 / 255)",
    },
    aliases: &[],
    build: |layer| {
        let x = layer.cx.to_float(layer.input, layer.span);
        let scale = given(layer, "scale", 1.0)?;
        let scaled = layer.cx.builder.binary(Binary::Multiply, x, scale, layer.span);
        if !layer.arguments.given("offset") {
            return Some(scaled);
        }
        let offset = given(layer, "offset", 0.0)?;
        Some(layer.cx.builder.binary(Binary::Add, scaled, offset, layer.span))
    },
};

/// Numbers of the call along the last axis.
fn given(layer: &mut Apply<'_, '_, '_>, name: &str, otherwise: f64) -> Option<ValueId> {
    along(layer, name, otherwise, None)
}

/// Numbers of the call along an axis: one for all, or one for each element of it.
fn along(layer: &mut Apply<'_, '_, '_>, name: &str, otherwise: f64, axis: Option<usize>) -> Option<ValueId> {
    let numbers = match layer.arguments.value(name) {
        None => vec![otherwise],
        Some(_) => match layer.arguments.numbers(name) {
            Some(numbers) => numbers,
            None => {
                layer.cx.incomplete = true;
                vec![otherwise]
            }
        },
    };
    let span = layer.span;
    if let [number] = numbers.as_slice() {
        return Some(layer.cx.builder.constant(*number, span));
    }
    let row = layer.row();
    let axis = axis.unwrap_or(row.rank());
    let dim = axis.checked_sub(1).and_then(|axis| row.0.get(axis)).cloned().unwrap_or(Dim::Known(1));
    if dim.known() != Some(numbers.len()) && dim != Dim::Unknown {
        let message = format!("`{name}` has {} numbers for an axis of {dim}", numbers.len());
        let fault = layer.refuse(Code::ShapeMismatch, name, message, &format!("{} numbers", numbers.len()));
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    }
    let mut shape = vec![1; row.rank().saturating_sub(axis) + 1];
    shape[0] = numbers.len();
    Some(layer.cx.builder.tensor(crate::ir::ElementType::F32, shape, numbers, span))
}

/// `Normalization(mean, variance)`
pub const NORMALIZATION: LayerDef = LayerDef {
    signature: Signature {
        name: "Normalization",
        summary: "`(x - mean) / max(sqrt(variance), 1e-7)`, as `f32`, by numbers that are given.",
        details: "Keras can also take them from the data; here they are written, or `BatchNormalization` learns them.",
        parameters: &[
            Parameter::new("axis", Kind::Axis, Default::Int(-1), "The axis that lists go along."),
            Parameter::new(
                "mean",
                Kind::Numbers,
                Default::Required,
                "The mean; a list has one an element of the axis.",
            ),
            Parameter::new(
                "variance",
                Kind::Numbers,
                Default::Required,
                "The variance; a list has one an element of the axis.",
            ),
            Parameter::new(
                "invert",
                Kind::Bool,
                Default::Bool(false),
                "Whether it goes back: `x * max(sqrt(variance), 1e-7) + mean`.",
            ),
            NAME,
        ],
        example: "Normalization(mean=0.13, variance=0.095)",
    },
    aliases: &["Normalize"],
    build: |layer| {
        let x = layer.cx.to_float(layer.input, layer.span);
        let axis = match layer.row().rank() {
            0 => None,
            _ => Some(layer.cx.axis(layer.arguments, "axis", layer.input, layer.span)?),
        };
        let negative =
            layer.arguments.numbers("variance").is_some_and(|numbers| numbers.iter().any(|number| *number < 0.0));
        if negative {
            let fault = layer.refuse(Code::OutOfRange, "variance", "a variance is at least 0".into(), "negative");
            layer.cx.report(fault);
            return None;
        }
        let mean = along(layer, "mean", 0.0, axis)?;
        let variance = along(layer, "variance", 1.0, axis)?;
        let span = layer.span;
        let builder = &mut layer.cx.builder;
        let root = builder.unary(crate::ir::Unary::Sqrt, variance, span);
        let least = builder.constant(1e-7, span);
        let deviation = builder.binary(Binary::Maximum, root, least, span);
        Some(match layer.arguments.bool("invert") {
            true => {
                let scaled = builder.binary(Binary::Multiply, x, deviation, span);
                builder.binary(Binary::Add, scaled, mean, span)
            }
            false => {
                let centred = builder.binary(Binary::Subtract, x, mean, span);
                builder.binary(Binary::Divide, centred, deviation, span)
            }
        })
    },
};
