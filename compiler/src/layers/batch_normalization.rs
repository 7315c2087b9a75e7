//! `BatchNormalization`: each channel to mean 0 and variance 1, then scaled and moved.

use super::apply::Weight;
use super::settings::{
    BETA_INITIALIZER, BETA_REGULARIZER, CENTER, EPSILON, GAMMA_INITIALIZER, GAMMA_REGULARIZER, NAME, SCALE, TRAINABLE,
    initializer,
};
use super::{Apply, LayerDef};
use crate::ir::{Binary, Dim, Op, Unary, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// `BatchNormalization(axis=-1, momentum=0.99, epsilon=0.001, …)`
pub const BATCH_NORMALIZATION: LayerDef = LayerDef {
    signature: Signature {
        name: "BatchNormalization",
        summary: "Brings each channel to mean 0 and variance 1 over the batch, then scales and moves it by learnt numbers.",
        details: "In training by the batch's own mean and variance, of which running means are kept; in inference by those. \
                  With `trainable=false` always by those, as in Keras. \
                  Defaults are Keras's: PyTorch's `momentum=0.1` is `momentum=0.9` here, its `eps` is 1e-5.",
        parameters: &[
            super::AXIS,
            Parameter::new(
                "momentum",
                Kind::Float(Bounds { min: 0.0, min_included: true, max: 1.0, max_included: true }),
                Default::Float(0.99),
                "How much of the running mean and variance stays after a step.",
            ),
            EPSILON,
            CENTER,
            SCALE,
            BETA_INITIALIZER,
            GAMMA_INITIALIZER,
            initializer("moving_mean_initializer", "zeros", "How the running mean starts."),
            initializer("moving_variance_initializer", "ones", "How the running variance starts."),
            BETA_REGULARIZER,
            GAMMA_REGULARIZER,
            NAME,
            TRAINABLE,
        ],
        example: "BatchNormalization()",
    },
    aliases: &["BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"],
    build,
};

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    layer.last_axis()?;
    let axis = layer.cx.axis(layer.arguments, "axis", layer.input, layer.span)?;
    let row = layer.row();
    let channels = row.0[axis - 1].clone();
    let Some([scale, offset, mean, variance]) = weights(layer, &channels)? else {
        return Some(layer.unknown(row.0));
    };
    let (epsilon, momentum) = (layer.arguments.float("epsilon"), layer.arguments.float("momentum"));
    let rank = row.rank() + 1;
    if !layer.trainable() {
        return Some(fixed(layer, axis, epsilon, [scale, offset, mean, variance]));
    }
    // The operation works on the last axis: another changes places with it.
    let mut places: Vec<usize> = (0..rank).collect();
    places.swap(axis, rank - 1);
    let x = if axis + 1 == rank { layer.input } else { layer.transpose(layer.input, &places) };
    let out = layer.node(Op::BatchNorm { epsilon, momentum }, vec![x, scale, offset, mean, variance]);
    Some(if axis + 1 == rank { out } else { layer.transpose(out, &places) })
}

/// What it multiplies by, adds, and the running mean and variance; a scale or an offset that is not wanted is one or zero and
/// nobody's weight.
fn weights(layer: &mut Apply<'_, '_, '_>, channels: &Dim) -> Option<Option<[ValueId; 4]>> {
    if *channels == Dim::Unknown {
        layer.cx.incomplete = true;
        return Some(None);
    }
    let size = layer.fixed(channels, "the size of the axis")?;
    let dims = [channels.clone()];
    let fill = |layer: &mut Apply<'_, '_, '_>, number: f64| {
        let one = layer.cx.builder.constant(number, layer.span);
        layer.node(Op::Expand(crate::ir::Shape::known([size])), vec![one])
    };
    let scale = match layer.arguments.bool("scale") {
        true => layer.weight(layer.started(Weight::new("gamma", "weight", dims.clone()).ones(), "gamma"))?,
        false => fill(layer, 1.0),
    };
    let offset = match layer.arguments.bool("center") {
        true => layer.weight(layer.started(Weight::new("beta", "bias", dims.clone()), "beta"))?,
        false => fill(layer, 0.0),
    };
    let mean = Weight::new("moving_mean", "running_mean", dims.clone()).statistic();
    let mean = layer.weight(layer.started(mean, "moving_mean"))?;
    let variance = Weight::new("moving_variance", "running_var", dims).statistic();
    let variance = layer.weight(layer.started(variance, "moving_variance"))?;
    Some(Some([scale, offset, mean, variance]))
}

/// By the running mean and variance alone, in training too.
fn fixed(layer: &mut Apply<'_, '_, '_>, axis: usize, epsilon: f64, weights: [ValueId; 4]) -> ValueId {
    let row = layer.row();
    let along: Vec<Dim> =
        (1..=row.rank()).map(|at| if at == axis { row.0[axis - 1].clone() } else { Dim::Known(1) }).collect();
    let span = layer.span;
    let [scale, offset, mean, variance] = weights.map(|weight| {
        let shape = crate::ir::Shape(along.clone());
        layer.reshape(weight, shape)
    });
    let builder = &mut layer.cx.builder;
    let epsilon = builder.constant(epsilon, span);
    let spread = builder.binary(Binary::Add, variance, epsilon, span);
    let inverse = builder.unary(Unary::Rsqrt, spread, span);
    let centred = builder.binary(Binary::Subtract, layer.input, mean, span);
    let normal = builder.binary(Binary::Multiply, centred, inverse, span);
    let scaled = builder.binary(Binary::Multiply, normal, scale, span);
    builder.binary(Binary::Add, scaled, offset, span)
}
