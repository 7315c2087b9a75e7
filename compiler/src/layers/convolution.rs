//! `Conv1D`, `Conv2D` and `Conv3D`.

use super::apply::Weight;
use super::settings::{
    ACTIVATION, BIAS_INITIALIZER, BIAS_REGULARIZER, KERNEL_INITIALIZER, KERNEL_REGULARIZER, NAME, TRAINABLE, USE_BIAS,
};
use super::window::{CAUSAL_PADDING, PADDING, Window, dilation_rate, kernel_size, strides};
use super::{Apply, LayerDef};
use crate::diagnostics::Code;
use crate::ir::{Dim, Op, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

pub(super) const FILTERS: Parameter =
    Parameter::new("filters", Kind::Int { min: 1 }, Default::Required, "How many channels it makes.")
        .also(&["out_channels", "channels"]);

const GROUPS: Parameter = Parameter::new(
    "groups",
    Kind::Int { min: 1 },
    Default::Int(1),
    "The channels are split into so many groups that do not see each other.",
);

const fn parameters(axes: usize) -> [Parameter; 14] {
    [
        FILTERS,
        kernel_size(axes),
        strides(axes, Default::Int(1)),
        if axes == 1 { CAUSAL_PADDING } else { PADDING },
        dilation_rate(axes),
        GROUPS,
        ACTIVATION,
        USE_BIAS,
        KERNEL_INITIALIZER,
        BIAS_INITIALIZER,
        KERNEL_REGULARIZER,
        BIAS_REGULARIZER,
        NAME,
        TRAINABLE,
    ]
}

const DETAILS: &str = "Strides above 1 and `dilation_rate` above 1 do not go together, as in Keras.";

/// `Conv1D(filters, kernel_size, …)`
pub const CONV1D: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv1D",
        summary: "A convolution over a sequence [steps, channels] that makes `filters` channels.",
        details: DETAILS,
        parameters: &parameters(1),
        example: "Conv1D(32, 3, padding=causal)",
    },
    aliases: &["Conv1d", "LazyConv1d", "Convolution1D"],
    build: |layer| build(layer, 1),
};

/// `Conv2D(filters, kernel_size, …)`
pub const CONV2D: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv2D",
        summary: "A convolution over an image [height, width, channels] that makes `filters` channels.",
        details: DETAILS,
        parameters: &parameters(2),
        example: "Conv2D(32, 3, activation=relu)",
    },
    aliases: &["Conv2d", "LazyConv2d", "Convolution2D"],
    build: |layer| build(layer, 2),
};

/// `Conv3D(filters, kernel_size, …)`
pub const CONV3D: LayerDef = LayerDef {
    signature: Signature {
        name: "Conv3D",
        summary: "A convolution over a volume [depth, height, width, channels] that makes `filters` channels.",
        details: DETAILS,
        parameters: &parameters(3),
        example: "Conv3D(8, 3, strides=2)",
    },
    aliases: &["Conv3d", "LazyConv3d", "Convolution3D"],
    build: |layer| build(layer, 3),
};

fn build(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    layer.float()?;
    let (lengths, channels) = layer.spatial(axes)?;
    let filters = layer.arguments.int("filters").map_or(Dim::Unknown, Dim::Known);
    let unknown = || vec![Dim::Unknown; axes].into_iter().chain([filters.clone()]);
    let (Some(window), Some(groups)) = (Window::of_kernel(layer), layer.arguments.int("groups")) else {
        return Some(layer.unknown(unknown()));
    };
    window.strided_or_dilated(layer)?;
    for (count, what) in [(&channels, "input channels"), (&filters, "filters")] {
        if let Some(count) = count.known().filter(|count| count % groups != 0) {
            let message = format!("{count} {what} cannot be split into {groups} equal groups");
            let fault = layer.refuse(Code::OutOfRange, "groups", message, &format!("does not divide {count}"));
            layer.cx.report_with_origin(fault, layer.input);
            return None;
        }
    }
    let padding = window.padding(layer, &lengths)?;
    let group = layer.cx.builder.facts().floor_div(&channels, groups);
    let Some(operands) = kernel_and_bias(layer, &window.size, group, filters.clone()) else {
        return Some(layer.unknown(unknown()));
    };
    let op = Op::Conv { strides: window.strides, dilation: window.dilation, padding, groups };
    let out = layer.node(op, operands);
    layer.activate(out)
}

/// What it works on, the kernel `[…size, in, out]` and the bias.
fn kernel_and_bias(layer: &mut Apply<'_, '_, '_>, size: &[usize], input: Dim, output: Dim) -> Option<Vec<ValueId>> {
    let axes = size.len();
    let shape: Vec<Dim> = size.iter().copied().map(Dim::Known).chain([input, output.clone()]).collect();
    let order: Vec<usize> = [axes + 1, axes].into_iter().chain(0..axes).collect();
    let kernel = layer.started(Weight::new("kernel", "weight", shape).turned(order), "kernel");
    let mut operands = vec![layer.input, layer.weight(kernel)?];
    operands.extend(bias(layer, output)?);
    Some(operands)
}

/// The bias, if there is to be one.
pub(super) fn bias(layer: &mut Apply<'_, '_, '_>, outputs: Dim) -> Option<Option<ValueId>> {
    if !layer.arguments.bool("use_bias") {
        return Some(None);
    }
    let bias = layer.started(Weight::new("bias", "bias", [outputs]), "bias");
    layer.weight(bias).map(Some)
}
