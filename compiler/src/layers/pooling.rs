//! `MaxPooling2D`, `AveragePooling2D` and `GlobalAveragePooling2D`.

use super::window::{PADDING, Window};
use super::{Apply, LayerDef};
use crate::ir::{Dim, Op, Reduction, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const PARAMETERS: &[Parameter] = &[
    Parameter::new("pool_size", Kind::Pair { min: 1 }, Default::Int(2), "The height and width of the window.")
        .also(&["kernel_size", "size"]),
    Parameter::new(
        "strides",
        Kind::Pair { min: 1 },
        Default::Absent("pool_size"),
        "Rows and columns from one window to the next; the window's own size where nothing is given.",
    )
    .also(&["stride"]),
    PADDING,
];

/// `MaxPooling2D(pool_size=2, …)`
pub const MAX_POOLING2D: LayerDef = LayerDef {
    signature: Signature {
        name: "MaxPooling2D",
        summary: "The largest number of each window of an image, channel by channel.",
        details: "",
        parameters: PARAMETERS,
        example: "MaxPooling2D(2)",
    },
    aliases: &["MaxPool2d", "MaxPool2D"],
    build: |layer| pool(layer, |size, strides, padding| Op::MaxPool { size, strides, padding }),
};

/// `AveragePooling2D(pool_size=2, …)`
pub const AVERAGE_POOLING2D: LayerDef = LayerDef {
    signature: Signature {
        name: "AveragePooling2D",
        summary: "The mean of each window of an image, channel by channel; a border that was added does not count.",
        details: "",
        parameters: PARAMETERS,
        example: "AveragePooling2D(2)",
    },
    aliases: &["AvgPool2d", "AvgPool2D"],
    build: |layer| pool(layer, |size, strides, padding| Op::AveragePool { size, strides, padding }),
};

/// `GlobalAveragePooling2D()`
pub const GLOBAL_AVERAGE_POOLING2D: LayerDef = LayerDef {
    signature: Signature {
        name: "GlobalAveragePooling2D",
        summary: "The mean of each channel over the whole image: [height, width, channels] becomes [channels].",
        details: "",
        parameters: &[],
        example: "GlobalAveragePooling2D()",
    },
    aliases: &["AdaptiveAvgPool2d", "GlobalAvgPool2D"],
    build: |layer| {
        layer.float()?;
        layer.image()?;
        let op = Op::Reduce { reduction: Reduction::Mean, axes: vec![1, 2], keep: false };
        Some(layer.cx.builder.node(op, vec![layer.input], layer.span))
    },
};

fn pool(layer: &mut Apply<'_, '_, '_>, op: fn(Vec<usize>, Vec<usize>, Vec<(usize, usize)>) -> Op) -> Option<ValueId> {
    layer.float()?;
    let [height, width, channels] = layer.image()?;
    let size = layer.arguments.pair("pool_size");
    let strides = if layer.arguments.given("strides") { layer.arguments.pair("strides") } else { size };
    let (Some(size), Some(strides)) = (size, strides) else {
        layer.cx.incomplete = true;
        return Some(layer.unknown([Dim::Unknown, Dim::Unknown, channels]));
    };
    let padding = Window { size, strides, dilation: [1, 1] }.padding(layer, &height, &width)?;
    Some(layer.cx.builder.node(op(size.to_vec(), strides.to_vec(), padding), vec![layer.input], layer.span))
}
