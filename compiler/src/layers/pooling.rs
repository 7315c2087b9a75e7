//! The pools: `MaxPooling1D` to `3D`, `AveragePooling1D` to `3D`, and the same over all of a value.

use super::settings::NAME;
use super::window::{PADDING, Window, strides};
use super::{Apply, LayerDef};
use crate::ir::{Dim, Op, Reduction, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const fn parameters(axes: usize) -> [Parameter; 4] {
    [
        Parameter::new("pool_size", Kind::Sizes { axes, min: 1 }, Default::Int(2), "The size of the window.")
            .also(&["kernel_size", "size"]),
        strides(axes, Default::Absent("pool_size")),
        PADDING,
        NAME,
    ]
}

const GLOBAL: &[Parameter] = &[
    Parameter::new("keepdims", Kind::Bool, Default::Bool(false), "Whether the axes stay, each with size 1.")
        .also(&["keepdim"]),
    NAME,
];

macro_rules! pools {
    ($($max:ident $average:ident $global_max:ident $global_average:ident $axes:literal
       $digits:literal $of:literal $shape:literal [$($max_alias:literal),*] [$($average_alias:literal),*]
       [$($global_max_alias:literal),*] [$($global_average_alias:literal),*];)*) => {$(
        /// The largest of each window.
        pub const $max: LayerDef = LayerDef {
            signature: Signature {
                name: concat!("MaxPooling", $digits),
                summary: concat!("The largest number of each window of ", $of, ", channel by channel."),
                details: "A border that was added does not count.",
                parameters: &parameters($axes),
                example: concat!("MaxPooling", $digits, "(2)"),
            },
            aliases: &[$($max_alias),*],
            build: |layer| pool(layer, $axes, |size, strides, padding| Op::MaxPool { size, strides, padding }),
        };

        /// The mean of each window.
        pub const $average: LayerDef = LayerDef {
            signature: Signature {
                name: concat!("AveragePooling", $digits),
                summary: concat!("The mean of each window of ", $of, ", channel by channel."),
                details: "A border that was added does not count.",
                parameters: &parameters($axes),
                example: concat!("AveragePooling", $digits, "(2)"),
            },
            aliases: &[$($average_alias),*],
            build: |layer| pool(layer, $axes, |size, strides, padding| Op::AveragePool { size, strides, padding }),
        };

        /// The largest of all.
        pub const $global_max: LayerDef = LayerDef {
            signature: Signature {
                name: concat!("GlobalMaxPooling", $digits),
                summary: concat!("The largest number of each channel over the whole of ", $of, ": ", $shape, " becomes [channels]."),
                details: "",
                parameters: GLOBAL,
                example: concat!("GlobalMaxPooling", $digits, "()"),
            },
            aliases: &[$($global_max_alias),*],
            build: |layer| global(layer, $axes, Reduction::Max),
        };

        /// The mean of all.
        pub const $global_average: LayerDef = LayerDef {
            signature: Signature {
                name: concat!("GlobalAveragePooling", $digits),
                summary: concat!("The mean of each channel over the whole of ", $of, ": ", $shape, " becomes [channels]."),
                details: "",
                parameters: GLOBAL,
                example: concat!("GlobalAveragePooling", $digits, "()"),
            },
            aliases: &[$($global_average_alias),*],
            build: |layer| global(layer, $axes, Reduction::Mean),
        };
    )*};
}

pools! {
    MAX_POOLING1D AVERAGE_POOLING1D GLOBAL_MAX_POOLING1D GLOBAL_AVERAGE_POOLING1D 1
        "1D" "a sequence" "[steps, channels]" ["MaxPool1d", "MaxPool1D"] ["AvgPool1d", "AvgPool1D"]
        ["AdaptiveMaxPool1d", "GlobalMaxPool1D"] ["AdaptiveAvgPool1d", "GlobalAvgPool1D"];
    MAX_POOLING2D AVERAGE_POOLING2D GLOBAL_MAX_POOLING2D GLOBAL_AVERAGE_POOLING2D 2
        "2D" "an image" "[height, width, channels]" ["MaxPool2d", "MaxPool2D"] ["AvgPool2d", "AvgPool2D"]
        ["AdaptiveMaxPool2d", "GlobalMaxPool2D"] ["AdaptiveAvgPool2d", "GlobalAvgPool2D"];
    MAX_POOLING3D AVERAGE_POOLING3D GLOBAL_MAX_POOLING3D GLOBAL_AVERAGE_POOLING3D 3
        "3D" "a volume" "[depth, height, width, channels]" ["MaxPool3d", "MaxPool3D"] ["AvgPool3d", "AvgPool3D"]
        ["AdaptiveMaxPool3d", "GlobalMaxPool3D"] ["AdaptiveAvgPool3d", "GlobalAvgPool3D"];
}

/// A pool of windows of that size, with those strides and that padding.
type MakePool = fn(Vec<usize>, Vec<usize>, Vec<(usize, usize)>) -> Op;

fn pool(layer: &mut Apply<'_, '_, '_>, axes: usize, op: MakePool) -> Option<ValueId> {
    layer.float()?;
    let (lengths, channels) = layer.spatial(axes)?;
    let size = layer.arguments.sizes("pool_size");
    let strides = if layer.arguments.given("strides") { layer.arguments.sizes("strides") } else { size.clone() };
    let (Some(size), Some(strides)) = (size, strides) else {
        layer.cx.incomplete = true;
        return Some(layer.unknown(vec![Dim::Unknown; axes].into_iter().chain([channels])));
    };
    let window = Window { size, strides, dilation: vec![1; axes] };
    let padding = window.padding(layer, &lengths)?;
    Some(layer.node(op(window.size, window.strides, padding), vec![layer.input]))
}

fn global(layer: &mut Apply<'_, '_, '_>, axes: usize, reduction: Reduction) -> Option<ValueId> {
    layer.float()?;
    layer.spatial(axes)?;
    let keep = layer.arguments.bool("keepdims");
    Some(layer.node(Op::Reduce { reduction, axes: (1..=axes).collect(), keep }, vec![layer.input]))
}
