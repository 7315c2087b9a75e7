//! The losses: each is one entry here, with what it asks of the output and how it is computed.

use ndsl_grammar::Span;

use crate::check::Context;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Op, Reduction, Shape, Unary, ValueId};
use crate::plan::Task;
use crate::signature::{Default, Kind, Parameter, Signature};

/// One loss of an output and a target.
pub struct LossDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// What it makes of the output.
    pub task: Task,
    /// Computes the loss of every row, `[N]`, and the prediction; reports an output that it cannot judge.
    pub build: fn(&mut Context<'_>, Pair) -> Option<Losses>,
}

/// What a loss compares.
#[derive(Clone, Copy)]
pub struct Pair {
    /// The model's output.
    pub output: ValueId,
    /// Where the program names it.
    pub output_span: Span,
    /// The target.
    pub target: ValueId,
    /// Where the program names it.
    pub target_span: Span,
    /// How many classes the target has, when that is known.
    pub classes: Option<usize>,
    /// The whole loss.
    pub span: Span,
}

/// What a loss computed.
#[derive(Clone, Copy)]
pub struct Losses {
    /// The loss of every row: `[N]`.
    pub rows: ValueId,
    /// Probabilities or numbers.
    pub prediction: ValueId,
}

const fn signature(
    name: &'static str,
    summary: &'static str,
    details: &'static str,
    parameters: &'static [Parameter],
    example: &'static str,
) -> Signature {
    Signature { name, summary, details, parameters, example }
}

const OUTPUT: Parameter =
    Parameter::new("output", Kind::Tensor, Default::Required, "The model's output, by its name.").also(&["logits"]);
const TARGET: Parameter =
    Parameter::new("target", Kind::Tensor, Default::Required, "The dataset's target, by its name.").also(&["label"]);

/// Every loss, in the order the docs list them. Each is computed for every row and averaged over the batch.
pub const LOSSES: &[LossDef] = &[
    LossDef {
        signature: signature(
            "cross_entropy",
            "For one of several classes: minus the logarithm of the probability given to the right one.",
            "Takes logits, or a value the checker knows to be a softmax, and computes the same either way.",
            &[OUTPUT, TARGET],
            "cross_entropy(logits, label)",
        ),
        task: Task::Classification,
        build: cross_entropy,
    },
    LossDef {
        signature: signature(
            "binary_cross_entropy",
            "For yes or no: minus the logarithm of the probability given to the right answer.",
            "Takes a logit, or a value the checker knows to be a sigmoid, and computes the same either way. The target is 0 or 1.",
            &[OUTPUT, TARGET],
            "binary_cross_entropy(output, churned)",
        ),
        task: Task::Binary,
        build: binary_cross_entropy,
    },
    LossDef {
        signature: signature(
            "mse",
            "For numbers: the square of the difference.",
            "",
            &[OUTPUT, TARGET],
            "mse(output, price)",
        ),
        task: Task::Regression,
        build: |cx, pair| regression(cx, pair, "mse", |cx, x, span| cx.builder.binary(Binary::Multiply, x, x, span)),
    },
    LossDef {
        signature: signature(
            "mae",
            "For numbers: the absolute difference.",
            "",
            &[OUTPUT, TARGET],
            "mae(output, price)",
        ),
        task: Task::Regression,
        build: |cx, pair| regression(cx, pair, "mae", |cx, x, span| cx.builder.unary(Unary::Abs, x, span)),
    },
];

/// The loss called `name`.
pub fn find(name: &str) -> Option<&'static LossDef> {
    LOSSES.iter().find(|loss| loss.signature.name == name)
}

/// The value that `op` was applied to, if `id` is such a value: a loss prefers it, as it is computed without rounding to 0 or 1.
fn before(cx: &Context<'_>, id: ValueId, op: &Op) -> Option<ValueId> {
    cx.builder.graph().producer(id).filter(|node| node.op == *op).and_then(|node| node.inputs.first().copied())
}

/// Warns where what `loss` takes for logits has been through a softmax or a sigmoid already.
fn warn_if_squashed(cx: &mut Context<'_>, logits: ValueId, pair: &Pair, loss: &str, own: &str) {
    let squashed = cx.builder.graph().producer(logits).and_then(|node| match node.op {
        Op::Softmax { .. } => Some("softmax"),
        Op::Unary(Unary::Sigmoid) => Some("sigmoid"),
        _ => None,
    });
    let Some(function) = squashed else { return };
    let origin = cx.builder.value(logits).span;
    cx.report(
        Diagnostic::new(
            Code::DoubleActivation,
            pair.output_span,
            format!("`{loss}` applies a {own} to an output that has been through a {function}"),
        )
        .label(format!("a {function} already"))
        .related(origin, format!("the {function} is applied here"))
        .help(format!("`{loss}` takes the value before any activation, or one {own} of it")),
    );
}

fn cross_entropy(cx: &mut Context<'_>, pair: Pair) -> Option<Losses> {
    let output = cx.require_float(pair.output, "cross_entropy", pair.output_span)?;
    let row = cx.builder.shape(output).row();
    if row.rank() != 1 {
        let fault = Diagnostic::new(
            Code::LossMismatch,
            pair.output_span,
            format!("`cross_entropy` wants one number a class, [classes], and the output is {row}"),
        )
        .label(format!("{row}"))
        .help("`Flatten()` before the last `Dense` makes one row of all numbers");
        cx.report_with_origin(fault, output);
        return None;
    }
    if cx.builder.value(pair.target).element != ElementType::I64 {
        let kind = cx.type_of(pair.target);
        cx.report(
            Diagnostic::new(
                Code::LossMismatch,
                pair.target_span,
                format!("`cross_entropy` wants labels, whole numbers from 0, and the target is {kind}"),
            )
            .label(kind)
            .help("`mse` and `mae` are for targets that are numbers"),
        );
        return None;
    }
    if let (Some(outputs), Some(classes)) = (row.0[0].known(), pair.classes)
        && outputs < classes
    {
        let fault = Diagnostic::new(
            Code::DataMismatch,
            pair.target_span,
            format!("the data has {classes} classes and the output has {outputs}"),
        )
        .label(format!("{classes} classes"))
        .help(format!("the last layer wants {classes} units"));
        cx.report_with_origin(fault, output);
        return None;
    }
    let span = pair.span;
    let axis = cx.builder.shape(output).rank().saturating_sub(1);
    let logits = before(cx, output, &Op::Softmax { axis }).unwrap_or(output);
    warn_if_squashed(cx, logits, &pair, "cross_entropy", "softmax");
    let prediction = match logits == output {
        true => cx.builder.softmax(logits, span),
        false => output,
    };
    let rows = cx.builder.node(Op::SoftmaxCrossEntropy, vec![logits, pair.target], span);
    Some(Losses { rows, prediction })
}

/// Output and target as `f32[N, …]` of the same shape; a last axis of 1 in the output is dropped where the target has none.
fn aligned(cx: &mut Context<'_>, pair: Pair, name: &str) -> Option<(ValueId, ValueId)> {
    let output = cx.require_float(pair.output, name, pair.output_span)?;
    let target = cx.to_float(pair.target, pair.target_span);
    let (row, wanted) = (cx.builder.shape(output).row(), cx.builder.shape(target).row());
    let output = match row.dims() {
        [Dim::Known(1)] if wanted.rank() == 0 => {
            cx.builder.node(Op::Reshape(Shape::batched([])), vec![output], pair.output_span)
        }
        _ => output,
    };
    if cx.builder.shape(output).row().agrees(&wanted) {
        return Some((output, target));
    }
    let target_kind = match wanted.rank() {
        0 => "one number a row".to_owned(),
        _ => wanted.to_string(),
    };
    let fault = Diagnostic::new(
        Code::LossMismatch,
        pair.output_span,
        format!("`{name}` compares the output with the target, which is {target_kind}, and the output is {row}"),
    )
    .label(format!("{row}"))
    .help(match wanted.rank() {
        0 => "the last layer wants one unit: `Dense(1)`",
        _ => "both must have the same shape",
    });
    cx.report_with_origin(fault, pair.output);
    None
}

/// `max(x, 0) - x * target + log(1 + exp(-|x|))`, which never overflows, of the logit `x`.
fn binary_cross_entropy(cx: &mut Context<'_>, pair: Pair) -> Option<Losses> {
    let (output, target) = aligned(cx, pair, "binary_cross_entropy")?;
    let span = pair.span;
    let sigmoid = Op::Unary(Unary::Sigmoid);
    // The reshape that dropped the last axis may stand between.
    let flat = cx.builder.graph().producer(output).filter(|node| matches!(node.op, Op::Reshape(_)));
    let source = flat.and_then(|node| node.inputs.first().copied()).unwrap_or(output);
    let logit = match before(cx, source, &sigmoid) {
        None => output,
        Some(logit) if source == output => logit,
        Some(logit) => {
            let shape = cx.builder.shape(output).clone();
            cx.builder.node(Op::Reshape(shape), vec![logit], span)
        }
    };
    warn_if_squashed(cx, before(cx, source, &sigmoid).unwrap_or(source), &pair, "binary_cross_entropy", "sigmoid");
    let prediction = match logit == output {
        true => cx.builder.unary(Unary::Sigmoid, logit, span),
        false => output,
    };
    let builder = &mut cx.builder;
    let positive = builder.unary(Unary::Relu, logit, span);
    let product = builder.binary(Binary::Multiply, logit, target, span);
    let linear = builder.binary(Binary::Subtract, positive, product, span);
    let magnitude = builder.unary(Unary::Abs, logit, span);
    let negative = builder.unary(Unary::Negate, magnitude, span);
    let tail = builder.unary(Unary::Softplus, negative, span);
    let loss = builder.binary(Binary::Add, linear, tail, span);
    Some(Losses { rows: per_row(cx, loss, span), prediction })
}

fn regression(
    cx: &mut Context<'_>,
    pair: Pair,
    name: &str,
    distance: fn(&mut Context<'_>, ValueId, Span) -> ValueId,
) -> Option<Losses> {
    let (output, target) = aligned(cx, pair, name)?;
    let difference = cx.builder.binary(Binary::Subtract, output, target, pair.span);
    let loss = distance(cx, difference, pair.span);
    Some(Losses { rows: per_row(cx, loss, pair.span), prediction: output })
}

/// The mean over every axis but the batch.
fn per_row(cx: &mut Context<'_>, loss: ValueId, span: Span) -> ValueId {
    let rank = cx.builder.shape(loss).rank();
    if rank <= 1 {
        return loss;
    }
    let op = Op::Reduce { reduction: Reduction::Mean, axes: (1..rank).collect(), keep: false };
    cx.builder.node(op, vec![loss], span)
}
