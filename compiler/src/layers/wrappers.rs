//! Layers that take a layer: `Bidirectional` and `TimeDistributed`.

use super::apply::Direction;
use super::recurrent::is_recurrent;
use super::settings::NAME;
use super::{Apply, LayerDef, mask};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const LAYER: Parameter =
    Parameter::new("layer", Kind::Layer, Default::Required, "The layer, with its arguments.").also(&["cell"]);

/// `Bidirectional(layer, merge_mode=concat)`
pub const BIDIRECTIONAL: LayerDef = LayerDef {
    signature: Signature {
        name: "Bidirectional",
        summary: "Two recurrent layers over one sequence: one from its first step on, one from its last step back.",
        details: "With `return_sequences=true` what both say of the same step is put together: zeros, where the step does not count.",
        parameters: &[
            LAYER,
            Parameter::new(
                "merge_mode",
                Kind::Choice(&["concat", "sum", "mul", "ave"]),
                Default::Word("concat"),
                "How what both answer is put together.",
            ),
            mask::STEPS,
            NAME,
        ],
        example: "Bidirectional(LSTM(64, return_sequences=true))",
    },
    aliases: &[],
    build: bidirectional,
};

/// `TimeDistributed(layer)`
pub const TIME_DISTRIBUTED: LayerDef = LayerDef {
    signature: Signature {
        name: "TimeDistributed",
        summary: "Applies a layer to each step of a sequence of values, with the same weights.",
        details: "[steps, …] becomes [steps, …] of what the layer makes of one. A `BatchNormalization` in it takes the statistics of \
                  all steps together.",
        parameters: &[LAYER, NAME],
        example: "TimeDistributed(Dense(8))",
    },
    aliases: &[],
    build: time_distributed,
};

fn bidirectional(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    let inner = layer.inner("layer")?;
    if !is_recurrent(inner.def) {
        let name = inner.def.signature.name;
        let message = format!("`Bidirectional` takes a recurrent layer, and `{name}` has no direction");
        layer.cx.report(
            Diagnostic::new(Code::WrongType, inner.span, message)
                .label("not a recurrent layer")
                .help("the recurrent layers are `SimpleRNN`, `LSTM` and `GRU`"),
        );
        return None;
    }
    if inner.arguments.bool("go_backwards") {
        let span = inner.arguments.span("go_backwards", inner.span);
        layer.cx.report(
            Diagnostic::new(
                Code::OutOfRange,
                span,
                "`Bidirectional` goes both ways, so its layer has no direction of its own",
            )
            .label("would go backwards"),
        );
        return None;
    }
    if inner.arguments.given("zero_output_for_mask") {
        let span = inner.arguments.span("zero_output_for_mask", inner.span);
        let message = "`Bidirectional` hands on zeros for the steps of a sequence that do not count, and nothing else";
        layer.cx.report(Diagnostic::new(Code::NoEffect, span, message).label("changes nothing"));
    }
    let [steps, _] = layer.sequence()?;
    let mask = mask::of_steps(layer, &steps)?;
    let towards = |backwards| Some(Direction { backwards, mask });
    let forward = layer.apply_inner(&inner, layer.input, "forward", towards(false))?;
    let backward = layer.apply_inner(&inner, layer.input, "backward", towards(true))?;
    let span = layer.span;
    let rank = layer.cx.builder.shape(forward).rank();
    let builder = &mut layer.cx.builder;
    Some(match layer.arguments.word("merge_mode") {
        "sum" => builder.binary(Binary::Add, forward, backward, span),
        "mul" => builder.binary(Binary::Multiply, forward, backward, span),
        "ave" => {
            let sum = builder.binary(Binary::Add, forward, backward, span);
            let half = builder.constant(0.5, span);
            builder.binary(Binary::Multiply, sum, half, span)
        }
        _ => builder.node(Op::Concat { axis: rank - 1 }, vec![forward, backward], span),
    })
}

fn time_distributed(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    let inner = layer.inner("layer")?;
    let shape = layer.cx.builder.shape(layer.input).clone();
    let [rows, steps, each @ ..] = shape.dims() else {
        let message = format!("`TimeDistributed` works on a sequence [steps, …], not on {}", layer.row());
        let fault = Diagnostic::new(Code::Rank, layer.span, message).label("applied to one number a row");
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    };
    // Every step becomes a row of its own.
    let merged = Shape(std::iter::once(rows.times(steps)).chain(each.iter().cloned()).collect());
    let x = layer.reshape(layer.input, merged);
    let out = layer.apply_inner(&inner, x, "layer", None)?;
    let made = layer.cx.row(out);
    let apart = Shape([rows.clone(), steps.clone()].into_iter().chain(made.0).collect());
    Some(layer.reshape(out, apart))
}
