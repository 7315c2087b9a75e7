//! `DepthwiseConv1D`, `DepthwiseConv2D`, `SeparableConv1D` and `SeparableConv2D`: convolutions that look at one channel at a time.

use super::apply::Weight;
use super::convolution::{FILTERS, bias};
use super::settings::{
    ACTIVATION, BIAS_INITIALIZER, BIAS_REGULARIZER, NAME, TRAINABLE, USE_BIAS, initializer, regularizer,
};
use super::window::{PADDING, Window, dilation_rate, kernel_size, strides};
use super::{Apply, LayerDef};
use crate::ir::{Dim, Op, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const DEPTH_MULTIPLIER: Parameter = Parameter::new(
    "depth_multiplier",
    Kind::Int { min: 1 },
    Default::Int(1),
    "How many channels it makes of each channel.",
);

const DEPTHWISE_INITIALIZER: Parameter =
    initializer("depthwise_initializer", "glorot_uniform", "How the weights of each channel start.");

const DEPTHWISE_REGULARIZER: Parameter =
    regularizer("depthwise_regularizer", "What the weights of each channel add to the loss.");

const fn depthwise_parameters(axes: usize) -> [Parameter; 13] {
    [
        kernel_size(axes),
        strides(axes, Default::Int(1)),
        PADDING,
        DEPTH_MULTIPLIER,
        dilation_rate(axes),
        ACTIVATION,
        USE_BIAS,
        DEPTHWISE_INITIALIZER,
        BIAS_INITIALIZER,
        DEPTHWISE_REGULARIZER,
        BIAS_REGULARIZER,
        NAME,
        TRAINABLE,
    ]
}

const fn separable_parameters(axes: usize) -> [Parameter; 16] {
    [
        FILTERS,
        kernel_size(axes),
        strides(axes, Default::Int(1)),
        PADDING,
        dilation_rate(axes),
        DEPTH_MULTIPLIER,
        ACTIVATION,
        USE_BIAS,
        DEPTHWISE_INITIALIZER,
        initializer("pointwise_initializer", "glorot_uniform", "How the weights that mix channels start."),
        BIAS_INITIALIZER,
        DEPTHWISE_REGULARIZER,
        regularizer("pointwise_regularizer", "What the weights that mix channels add to the loss."),
        BIAS_REGULARIZER,
        NAME,
        TRAINABLE,
    ]
}

/// `DepthwiseConv1D(kernel_size, …)`
pub const DEPTHWISE_CONV1D: LayerDef = LayerDef {
    signature: Signature {
        name: "DepthwiseConv1D",
        summary: "A convolution over a sequence [steps, channels] that keeps channels apart.",
        details: "",
        parameters: &depthwise_parameters(1),
        example: "DepthwiseConv1D(3, padding=same)",
    },
    aliases: &[],
    build: |layer| depthwise(layer, 1),
};

/// `DepthwiseConv2D(kernel_size, …)`
pub const DEPTHWISE_CONV2D: LayerDef = LayerDef {
    signature: Signature {
        name: "DepthwiseConv2D",
        summary: "A convolution over an image [height, width, channels] that keeps channels apart.",
        details: "",
        parameters: &depthwise_parameters(2),
        example: "DepthwiseConv2D(3, padding=same)",
    },
    aliases: &[],
    build: |layer| depthwise(layer, 2),
};

/// `SeparableConv1D(filters, kernel_size, …)`
pub const SEPARABLE_CONV1D: LayerDef = LayerDef {
    signature: Signature {
        name: "SeparableConv1D",
        summary: "A convolution over a sequence that keeps channels apart, then mixes them into `filters` channels.",
        details: "",
        parameters: &separable_parameters(1),
        example: "SeparableConv1D(32, 3)",
    },
    aliases: &["SeparableConvolution1D"],
    build: |layer| separable(layer, 1),
};

/// `SeparableConv2D(filters, kernel_size, …)`
pub const SEPARABLE_CONV2D: LayerDef = LayerDef {
    signature: Signature {
        name: "SeparableConv2D",
        summary: "A convolution over an image that keeps channels apart, then mixes them into `filters` channels.",
        details: "",
        parameters: &separable_parameters(2),
        example: "SeparableConv2D(32, 3, activation=relu)",
    },
    aliases: &["SeparableConvolution2D"],
    build: |layer| separable(layer, 2),
};

fn depthwise(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    layer.float()?;
    let (lengths, channels) = layer.spatial(axes)?;
    let multiplier = layer.arguments.int("depth_multiplier").map_or(Dim::Unknown, Dim::Known);
    let outputs = channels.times(&multiplier);
    let unknown = || vec![Dim::Unknown; axes].into_iter().chain([outputs.clone()]);
    let Some(window) = Window::of_kernel(layer) else { return Some(layer.unknown(unknown())) };
    let padding = window.padding(layer, &lengths)?;
    let Some((op, kernel)) = apart(layer, window, padding, &channels, &multiplier) else {
        return Some(layer.unknown(unknown()));
    };
    let mut operands = vec![layer.input, kernel];
    operands.extend(bias(layer, outputs)?);
    let out = layer.node(op, operands);
    layer.activate(out)
}

fn separable(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    layer.float()?;
    let (lengths, channels) = layer.spatial(axes)?;
    let filters = layer.arguments.int("filters").map_or(Dim::Unknown, Dim::Known);
    let multiplier = layer.arguments.int("depth_multiplier").map_or(Dim::Unknown, Dim::Known);
    let unknown = || vec![Dim::Unknown; axes].into_iter().chain([filters.clone()]);
    let Some(window) = Window::of_kernel(layer) else { return Some(layer.unknown(unknown())) };
    let padding = window.padding(layer, &lengths)?;
    let Some((op, kernel)) = apart(layer, window, padding, &channels, &multiplier) else {
        return Some(layer.unknown(unknown()));
    };
    let apart = layer.node(op, vec![layer.input, kernel]);
    let between = channels.times(&multiplier);
    let one = || std::iter::repeat_n(Dim::Known(1), axes);
    let shape: Vec<Dim> = one().chain([between, filters.clone()]).collect();
    let order: Vec<usize> = [axes + 1, axes].into_iter().chain(0..axes).collect();
    let pointwise = Weight::new("pointwise_kernel", "pointwise.weight", shape).turned(order);
    let pointwise = layer.started(pointwise, "pointwise");
    let Some(pointwise) = layer.weight(pointwise) else { return Some(layer.unknown(unknown())) };
    let mut operands = vec![apart, pointwise];
    operands.extend(bias(layer, filters)?);
    let op = Op::Conv { strides: vec![1; axes], dilation: vec![1; axes], padding: vec![(0, 0); axes], groups: 1 };
    let out = layer.node(op, operands);
    layer.activate(out)
}

/// The convolution of each channel by itself, and its kernel: Keras has `[…size, channels, multiplier]`.
fn apart(
    layer: &mut Apply<'_, '_, '_>,
    window: Window,
    padding: Vec<(usize, usize)>,
    channels: &Dim,
    multiplier: &Dim,
) -> Option<(Op, ValueId)> {
    let groups = layer.fixed(channels, "the number of channels")?;
    let axes = window.size.len();
    let size: Vec<Dim> = window.size.iter().copied().map(Dim::Known).collect();
    let shape: Vec<Dim> = size.iter().cloned().chain([channels.clone(), multiplier.clone()]).collect();
    let order: Vec<usize> = [axes, axes + 1].into_iter().chain(0..axes).collect();
    let kept: Vec<Dim> = [channels.times(multiplier), Dim::Known(1)].into_iter().chain(size).collect();
    let name = if layer.def.signature.parameter("filters").is_some() { "depthwise.weight" } else { "weight" };
    let keras = if name == "weight" { "kernel" } else { "depthwise_kernel" };
    let kernel = layer.started(Weight::new(keras, name, shape).turned(order).kept(kept), "depthwise");
    let kernel = layer.weight(kernel)?;
    Some((Op::Conv { strides: window.strides, dilation: window.dilation, padding, groups }, kernel))
}
