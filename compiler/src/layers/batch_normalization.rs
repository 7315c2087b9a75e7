//! `BatchNormalization`: each channel to mean 0 and variance 1, then scaled and moved.

use super::LayerDef;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Initializer, Op, Role};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// `BatchNormalization(momentum=0.99, epsilon=0.001)`
pub const BATCH_NORMALIZATION: LayerDef = LayerDef {
    signature: Signature {
        name: "BatchNormalization",
        summary: "Brings each channel of the last axis to mean 0 and variance 1, then scales and moves it by learnt numbers.",
        details: "In training by the batch's own mean and variance, of which running means are kept; in inference by those. \
                  Defaults are Keras's: PyTorch's `momentum=0.1` is `momentum=0.9` here, its `eps` is 1e-5.",
        parameters: &[
            Parameter::new(
                "momentum",
                Kind::Float(Bounds { min: 0.0, min_included: true, max: 1.0, max_included: true }),
                Default::Float(0.99),
                "How much of the running mean and variance stays after a step.",
            ),
            Parameter::new("epsilon", Kind::Float(Bounds::POSITIVE), Default::Float(1e-3), "Added to the variance.")
                .also(&["eps"]),
        ],
        example: "BatchNormalization()",
    },
    aliases: &["BatchNorm", "BatchNorm1d", "BatchNorm2d"],
    build: |layer| {
        layer.float()?;
        let row = layer.row();
        let Some(channels) = row.0.last().cloned() else {
            let fault = Diagnostic::new(
                Code::Rank,
                layer.span,
                "`BatchNormalization` works on the last axis of a value, and a single number has none",
            )
            .label("applied to one number a row");
            layer.cx.report_with_origin(fault, layer.input);
            return None;
        };
        let channels = [channels];
        let Some(scale) = layer.parameter("weight", &channels, Initializer::Ones, Role::Trainable) else {
            return Some(layer.unknown(row.0));
        };
        let offset = layer.parameter("bias", &channels, Initializer::Zeros, Role::Trainable)?;
        let mean = layer.parameter("running_mean", &channels, Initializer::Zeros, Role::Statistic)?;
        let variance = layer.parameter("running_var", &channels, Initializer::Ones, Role::Statistic)?;
        let op =
            Op::BatchNorm { epsilon: layer.arguments.float("epsilon"), momentum: layer.arguments.float("momentum") };
        Some(layer.cx.builder.node(op, vec![layer.input, scale, offset, mean, variance], layer.span))
    },
};
