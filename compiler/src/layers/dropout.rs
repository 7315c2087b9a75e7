//! What differs between training and inference by chance: `Dropout`, `SpatialDropout1D` to `3D`, `GaussianNoise`, `GaussianDropout`.

use super::settings::{NAME, rate};
use super::{Apply, LayerDef};
use crate::ir::{Binary, Op, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

const RATE: Parameter = rate("rate", Default::Required, "The probability.").also(&["p"]);

/// `Dropout(rate)`
pub const DROPOUT: LayerDef = LayerDef {
    signature: Signature {
        name: "Dropout",
        summary: "In training, makes each number zero with probability `rate` and scales the others by `1 / (1 - rate)`.",
        details: "In inference it does nothing.",
        parameters: &[RATE, NAME],
        example: "Dropout(0.25)",
    },
    aliases: &[],
    build: |layer| dropped(layer, &[]),
};

macro_rules! spatial {
    ($($name:ident $kind:literal $axes:literal $of:literal [$($alias:literal),*];)*) => {$(
        /// Drops whole channels.
        pub const $name: LayerDef = LayerDef {
            signature: Signature {
                name: $kind,
                summary: concat!("In training, makes each channel of ", $of, " zero as a whole with probability `rate` and scales the \
                          others by `1 / (1 - rate)`."),
                details: "In inference it does nothing.",
                parameters: &[RATE, NAME],
                example: concat!($kind, "(0.25)"),
            },
            aliases: &[$($alias),*],
            build: |layer| {
                layer.spatial($axes)?;
                let axes: Vec<usize> = (1..=$axes).collect();
                dropped(layer, &axes)
            },
        };
    )*};
}

spatial! {
    SPATIAL_DROPOUT1D "SpatialDropout1D" 1 "a sequence" ["Dropout1d"];
    SPATIAL_DROPOUT2D "SpatialDropout2D" 2 "an image" ["Dropout2d"];
    SPATIAL_DROPOUT3D "SpatialDropout3D" 3 "a volume" ["Dropout3d"];
}

/// `GaussianNoise(stddev)`
pub const GAUSSIAN_NOISE: LayerDef = LayerDef {
    signature: Signature {
        name: "GaussianNoise",
        summary: "In training, adds to each number one drawn from a normal distribution around zero.",
        details: "In inference it does nothing.",
        parameters: &[
            Parameter::new(
                "stddev",
                Kind::Float(Bounds::NON_NEGATIVE),
                Default::Required,
                "The distribution's standard deviation.",
            )
            .also(&["std", "sigma"]),
            NAME,
        ],
        example: "GaussianNoise(0.1)",
    },
    aliases: &[],
    build: |layer| {
        layer.float()?;
        let deviation = layer.arguments.float("stddev");
        Some(layer.node(Op::GaussianNoise { deviation }, vec![layer.input]))
    },
};

/// `GaussianDropout(rate)`
pub const GAUSSIAN_DROPOUT: LayerDef = LayerDef {
    signature: Signature {
        name: "GaussianDropout",
        summary: "In training, multiplies each number by one drawn from a normal distribution around one.",
        details: "Its standard deviation is `sqrt(rate / (1 - rate))`, that of `Dropout(rate)`. In inference it does nothing.",
        parameters: &[RATE, NAME],
        example: "GaussianDropout(0.25)",
    },
    aliases: &[],
    build: |layer| {
        layer.float()?;
        let rate = layer.arguments.float("rate");
        let shape = layer.cx.builder.shape(layer.input).clone();
        // Noise on ones, so that inference multiplies by one.
        let one = layer.cx.builder.constant(1.0, layer.span);
        let ones = layer.node(Op::Expand(shape), vec![one]);
        let noise = layer.node(Op::GaussianNoise { deviation: (rate / (1.0 - rate)).sqrt() }, vec![ones]);
        Some(layer.cx.builder.binary(Binary::Multiply, layer.input, noise, layer.span))
    },
};

fn dropped(layer: &mut Apply<'_, '_, '_>, shared: &[usize]) -> Option<ValueId> {
    layer.float()?;
    let rate = layer.arguments.float("rate");
    Some(layer.node(Op::Dropout { rate, shared: shared.to_vec() }, vec![layer.input]))
}
