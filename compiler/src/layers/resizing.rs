//! Layers that make the spatial axes longer or shorter: `UpSampling1D` and `2D`, `ZeroPadding1D` and `2D`, `Cropping1D` and `2D`.

use super::settings::NAME;
use super::{Apply, LayerDef};
use crate::diagnostics::Code;
use crate::ir::{Dim, Interpolation, Op, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const fn size(axes: usize) -> Parameter {
    Parameter::new("size", Kind::Sizes { axes, min: 1 }, Default::Int(2), "How many times as long each axis becomes.")
        .also(&["scale_factor"])
}

/// `UpSampling1D(size=2)`
pub const UP_SAMPLING1D: LayerDef = LayerDef {
    signature: Signature {
        name: "UpSampling1D",
        summary: "Repeats each step of a sequence `size` times.",
        details: "",
        parameters: &[size(1), NAME],
        example: "UpSampling1D(2)",
    },
    aliases: &[],
    build: |layer| enlarged(layer, 1),
};

/// `UpSampling2D(size=2, interpolation=nearest)`
pub const UP_SAMPLING2D: LayerDef = LayerDef {
    signature: Signature {
        name: "UpSampling2D",
        summary: "Makes an image `size` times as high and as wide.",
        details: "",
        parameters: &[
            size(2),
            Parameter::new(
                "interpolation",
                Kind::Choice(&["nearest", "bilinear"]),
                Default::Word("nearest"),
                "What stands between: the nearest number, or a mixture of the nearest four.",
            )
            .also(&["mode"]),
            NAME,
        ],
        example: "UpSampling2D(2, interpolation=bilinear)",
    },
    aliases: &["Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"],
    build: |layer| enlarged(layer, 2),
};

const fn padding(axes: usize) -> Parameter {
    Parameter::new("padding", Kind::Margins { axes }, Default::Int(1), "How much is added before and after each axis.")
}

/// `ZeroPadding1D(padding=1)`
pub const ZERO_PADDING1D: LayerDef = LayerDef {
    signature: Signature {
        name: "ZeroPadding1D",
        summary: "Adds zeros before and after a sequence.",
        details: "",
        parameters: &[padding(1), NAME],
        example: "ZeroPadding1D([2, 0])",
    },
    aliases: &["ConstantPad1d", "ZeroPad1d"],
    build: |layer| padded(layer, 1),
};

/// `ZeroPadding2D(padding=1)`
pub const ZERO_PADDING2D: LayerDef = LayerDef {
    signature: Signature {
        name: "ZeroPadding2D",
        summary: "Adds zeros around an image.",
        details: "`ZeroPadding2D([1, 2])` adds one row above and below, and two columns on each side; \
                  `ZeroPadding2D([[1, 0], [2, 0]])` adds them above and on the left alone.",
        parameters: &[padding(2), NAME],
        example: "ZeroPadding2D([[0, 1], [0, 1]])",
    },
    aliases: &["ConstantPad2d", "ZeroPad2d"],
    build: |layer| padded(layer, 2),
};

/// `ZeroPadding3D(padding=1)`
pub const ZERO_PADDING3D: LayerDef = LayerDef {
    signature: Signature {
        name: "ZeroPadding3D",
        summary: "Adds zeros around a volume.",
        details: "",
        parameters: &[padding(3), NAME],
        example: "ZeroPadding3D(1)",
    },
    aliases: &["ConstantPad3d", "ZeroPad3d"],
    build: |layer| padded(layer, 3),
};

const fn cropping(axes: usize, default: i64) -> Parameter {
    Parameter::new(
        "cropping",
        Kind::Margins { axes },
        Default::Int(default),
        "How much is cut off before and after each axis.",
    )
}

/// `Cropping1D(cropping=1)`
pub const CROPPING1D: LayerDef = LayerDef {
    signature: Signature {
        name: "Cropping1D",
        summary: "Cuts off the first and last steps of a sequence.",
        details: "",
        parameters: &[cropping(1, 1), NAME],
        example: "Cropping1D([1, 2])",
    },
    aliases: &[],
    build: |layer| cropped(layer, 1),
};

/// `Cropping2D(cropping=0)`
pub const CROPPING2D: LayerDef = LayerDef {
    signature: Signature {
        name: "Cropping2D",
        summary: "Cuts off the border of an image.",
        details: "",
        parameters: &[cropping(2, 0), NAME],
        example: "Cropping2D([[1, 1], [2, 0]])",
    },
    aliases: &["CenterCrop"],
    build: |layer| cropped(layer, 2),
};

/// `Cropping3D(cropping=1)`
pub const CROPPING3D: LayerDef = LayerDef {
    signature: Signature {
        name: "Cropping3D",
        summary: "Cuts off the border of a volume.",
        details: "",
        parameters: &[cropping(3, 1), NAME],
        example: "Cropping3D(1)",
    },
    aliases: &[],
    build: |layer| cropped(layer, 3),
};

fn enlarged(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    layer.float()?;
    let (_, channels) = layer.spatial(axes)?;
    let Some(scale) = layer.arguments.sizes("size") else {
        layer.cx.incomplete = true;
        return Some(layer.unknown(vec![Dim::Unknown; axes].into_iter().chain([channels])));
    };
    let linear = axes == 2 && layer.arguments.word("interpolation") == "bilinear";
    let interpolation = if linear { Interpolation::Linear } else { Interpolation::Nearest };
    Some(layer.node(Op::Resize { scale, interpolation }, vec![layer.input]))
}

fn padded(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    layer.float()?;
    let (_, channels) = layer.spatial(axes)?;
    let Some(margins) = layer.arguments.margins("padding") else {
        layer.cx.incomplete = true;
        return Some(layer.unknown(vec![Dim::Unknown; axes].into_iter().chain([channels])));
    };
    let padding = std::iter::once((0, 0)).chain(margins).chain([(0, 0)]).collect();
    Some(layer.node(Op::Pad { padding, value: 0.0 }, vec![layer.input]))
}

fn cropped(layer: &mut Apply<'_, '_, '_>, axes: usize) -> Option<ValueId> {
    let (lengths, channels) = layer.spatial(axes)?;
    let Some(margins) = layer.arguments.margins("cropping") else {
        layer.cx.incomplete = true;
        return Some(layer.unknown(vec![Dim::Unknown; axes].into_iter().chain([channels])));
    };
    let mut out = layer.input;
    for (axis, (before, after)) in margins.into_iter().enumerate().filter(|(_, margin)| *margin != (0, 0)) {
        let length = &lengths[axis];
        let end = length.minus(&Dim::Known(after));
        if length.known().is_some_and(|length| before.saturating_add(after) >= length) {
            let message = format!("nothing is left of an axis of {length} when {before} and {after} are cut off");
            let fault = layer.refuse(Code::OutOfRange, "cropping", message, "cuts off more than there is");
            layer.cx.report_with_origin(fault, layer.input);
            return None;
        }
        out = layer.node(Op::Slice { axis: axis + 1, start: Dim::Known(before), end, step: 1 }, vec![out]);
    }
    Some(out)
}
