//! Losses of classes and of yes and no.

use super::{Compared, LossDef, Losses, Maths, OUTPUT, TARGET, Teaches, aligned, before, loss, warn_if_squashed};
use crate::check::Context;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, ElementType, Op, Reduction, Unary, ValueId};
use crate::settings::{float, signature};
use crate::signature::{Bounds, Parameter};

const SMOOTHING: Parameter =
    float("label_smoothing", Bounds::SHARE, 0.0, "The share of the target that is spread evenly over all classes.")
        .also(&["smoothing"]);

pub(super) const LOSSES: &[LossDef] = &[
    loss(
        signature(
            "cross_entropy",
            "For one of several classes: minus the logarithm of the probability given to the right one.",
            "Takes logits, or a value the checker knows to be a softmax, and computes the same either way. Where a row has a label \
             at several places, as a text or a mask has, the output has one more axis than the target, its classes.",
            &[OUTPUT, TARGET, SMOOTHING],
            "cross_entropy(logits, label)",
        ),
        &[
            "sparse_categorical_crossentropy",
            "categorical_crossentropy",
            "CrossEntropyLoss",
            "nll_loss",
            "NLLLoss",
            "softmax_cross_entropy",
        ],
        Teaches::Classes,
        cross_entropy,
    ),
    loss(
        signature(
            "binary_cross_entropy",
            "For yes or no, once or for several labels: minus the logarithm of the probability given to the right answer.",
            "Takes a logit, or a value the checker knows to be a sigmoid, and computes the same either way. The target is 0 or 1; \
             of several labels, one for each.",
            &[
                OUTPUT,
                TARGET,
                SMOOTHING,
                float("positive_weight", Bounds::POSITIVE, 1.0, "How much a yes counts against a no.")
                    .also(&["pos_weight"]),
            ],
            "binary_cross_entropy(output, churned)",
        ),
        &["binary_crossentropy", "BCELoss", "BCEWithLogitsLoss", "bce", "log_loss"],
        Teaches::Binary,
        binary_cross_entropy,
    ),
    loss(
        signature(
            "focal",
            "Cross-entropy of yes or no that counts less what is answered well already (Lin and others, 2017).",
            "Takes what `binary_cross_entropy` takes.",
            &[
                OUTPUT,
                TARGET,
                float("gamma", Bounds::AT_LEAST_ONE, 2.0, "How much less an easy row counts."),
                float("alpha", Bounds::BETWEEN, 0.25, "How much a yes counts; a no counts the rest of 1."),
            ],
            "focal(output, churned, gamma=2)",
        ),
        &["focal_loss", "binary_focal_crossentropy", "sigmoid_focal_loss"],
        Teaches::Binary,
        focal,
    ),
    loss(
        signature(
            "hinge",
            "For yes or no by a margin: `max(0, 1 - y * output)` with `y` of 1 for a yes and -1 for a no.",
            "",
            &[OUTPUT, TARGET],
            "hinge(output, churned)",
        ),
        &["HingeEmbeddingLoss", "svm"],
        Teaches::Binary,
        |cx, compared| {
            let (output, target) = binary(cx, compared)?;
            let mut maths = Maths { cx, span: compared.span };
            let doubled = maths.times(target, 2.0);
            let sign = maths.plus(doubled, -1.0);
            let agreement = maths.multiply(sign, output);
            let margin = maths.from(1.0, agreement);
            let loss = maths.unary(Unary::Relu, margin);
            let prediction = maths.unary(Unary::Sigmoid, output);
            maths.against(target, loss, prediction, Teaches::Binary)
        },
    ),
    loss(
        signature(
            "categorical_hinge",
            "For one of several classes by a margin: how much the right one's number lacks to be higher by 1 than any other.",
            "Takes numbers before any activation. As in Keras, the highest of the others counts as at least 0.",
            &[OUTPUT, TARGET],
            "categorical_hinge(logits, label)",
        ),
        &["CategoricalHinge", "multiclass_hinge", "MultiMarginLoss"],
        Teaches::Classes,
        categorical_hinge,
    ),
    loss(
        signature(
            "dice",
            "For what is marked in an image: one minus twice the overlap over the sum of both.",
            "Takes what `binary_cross_entropy` takes, over all axes of a row together.",
            &[
                OUTPUT,
                TARGET,
                float("smooth", Bounds::POSITIVE, 1.0, "Added above and below, so that nothing marked is no fault."),
            ],
            "dice(output, churned)",
        ),
        &["dice_loss", "DiceLoss", "Dice"],
        Teaches::Labels,
        dice,
    ),
];

/// An output of one number a class, and the labels that it is held against.
fn labelled(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<(ValueId, ValueId)> {
    let name = compared.name;
    let target = compared.arguments.tensor("target");
    let output = compared.float(cx, "output")?;
    let (target, at, target_at) = (target?, compared.at("output"), compared.at("target"));
    let (row, labels) = (cx.builder.shape(output).row(), cx.builder.shape(target).row());
    let places = row.dims().split_last().map(|(_, places)| crate::ir::Shape(places.to_vec()));
    if cx.builder.value(target).element != ElementType::I64 {
        let kind = cx.type_of(target);
        cx.report(
            Diagnostic::new(
                Code::LossMismatch,
                target_at,
                format!("`{name}` wants labels, whole numbers from 0, and the target is {kind}"),
            )
            .label(kind)
            .help("`mse` and `mae` are for targets that are numbers"),
        );
        return None;
    }
    if !places.is_some_and(|places| places.agrees(&labels)) {
        let wanted = match labels.rank() {
            0 => "[classes]".to_owned(),
            _ => format!("{}, classes]", labels.to_string().trim_end_matches(']')),
        };
        let fault = Diagnostic::new(
            Code::LossMismatch,
            at,
            format!("`{name}` wants one number a class, {wanted}, and the output is {row}"),
        )
        .label(format!("{row}"))
        .help(match labels.rank() {
            0 => "`Flatten()` before the last `Dense` makes one row of all numbers".to_owned(),
            _ => format!("the target has a label at each of {labels}"),
        });
        cx.report_with_origin(fault, output);
        return None;
    }
    let classes = cx.classes(target);
    if let (Some(outputs), Some(classes)) = (row.0.last().and_then(|dim| dim.known()), classes)
        && outputs < classes
    {
        let fault = Diagnostic::new(
            Code::DataMismatch,
            target_at,
            format!("the data has {classes} classes and the output has {outputs}"),
        )
        .label(format!("{classes} classes"))
        .help(format!("the last layer wants {classes} units"));
        cx.report_with_origin(fault, output);
        return None;
    }
    Some((output, target))
}

/// What labels at one place or at several teach.
fn classes_or_tokens(cx: &Context<'_>, output: ValueId) -> Teaches {
    if cx.builder.shape(output).row().rank() == 1 { Teaches::Classes } else { Teaches::Tokens }
}

fn cross_entropy(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<Losses> {
    let (output, target) = labelled(cx, compared)?;
    let at = compared.at("output");
    let span = compared.span;
    let axis = cx.builder.shape(output).rank().saturating_sub(1);
    let logits = before(cx, output, &Op::Softmax { axis }).unwrap_or(output);
    warn_if_squashed(cx, logits, at, "cross_entropy", "softmax");
    let prediction = match logits == output {
        true => cx.builder.softmax(logits, span),
        false => output,
    };
    let mut rows = cx.builder.node(Op::SoftmaxCrossEntropy, vec![logits, target], span);
    let smoothing = compared.arguments.float("label_smoothing");
    if smoothing > 0.0 {
        // Every class in its share: minus the mean of the logarithms.
        let logs = cx.builder.node(Op::LogSoftmax { axis }, vec![logits], span);
        let mut maths = Maths { cx, span };
        let mean = maths.last(Reduction::Mean, logs);
        let mean = super::per_row(maths.cx, mean, span);
        let (right, spread) = (maths.times(rows, 1.0 - smoothing), maths.times(mean, smoothing));
        rows = maths.subtract(right, spread);
    }
    let teaches = classes_or_tokens(cx, output);
    Some(Losses { rows, prediction, target: Some(target), teaches, ranked: None })
}

fn categorical_hinge(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<Losses> {
    let (output, target) = labelled(cx, compared)?;
    let depth = cx.builder.shape(output).row().0.last().and_then(|dim| dim.known())?;
    let teaches = classes_or_tokens(cx, output);
    let prediction = cx.builder.softmax(output, compared.span);
    let right = cx.builder.node(Op::OneHot { depth }, vec![target], compared.span);
    let right = cx.to_float(right, compared.at("target"));
    let mut maths = Maths { cx, span: compared.span };
    let wrong = maths.from(1.0, right);
    let (own, others) = (maths.multiply(right, output), maths.multiply(wrong, output));
    let (own, highest) = (maths.last(Reduction::Sum, own), maths.last(Reduction::Max, others));
    let behind = maths.subtract(highest, own);
    let lacking = maths.plus(behind, 1.0);
    let loss = maths.unary(Unary::Relu, lacking);
    maths.against(target, loss, prediction, teaches)
}

/// Output and target of one shape, the target with no more than two classes.
fn binary(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<(ValueId, ValueId)> {
    let classes = compared.arguments.tensor("target").and_then(|target| cx.classes(target));
    if let Some(classes @ 3..) = classes {
        let at = compared.at("target");
        cx.report(
            Diagnostic::new(
                Code::DataMismatch,
                at,
                format!("`{}` is for two classes, and the data has {classes}", compared.name),
            )
            .label(format!("{classes} classes"))
            .help("`cross_entropy` is for several, with one unit for each in the last layer"),
        );
        return None;
    }
    aligned(cx, compared)
}

/// The logit behind a sigmoid, the output as it is otherwise, and the probability.
fn logit(cx: &mut Context<'_>, compared: &Compared<'_>, output: ValueId) -> (ValueId, ValueId) {
    let span = compared.span;
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
    let innermost = before(cx, source, &sigmoid).unwrap_or(source);
    warn_if_squashed(cx, innermost, compared.at("output"), compared.name, "sigmoid");
    let prediction = match logit == output {
        true => cx.builder.unary(Unary::Sigmoid, logit, span),
        false => output,
    };
    (logit, prediction)
}

/// `max(x, 0) - x * target + log(1 + exp(-|x|))`, which never overflows, of the logit `x`.
fn entropy(maths: &mut Maths<'_, '_>, logit: ValueId, target: ValueId) -> ValueId {
    let positive = maths.unary(Unary::Relu, logit);
    let product = maths.multiply(logit, target);
    let linear = maths.subtract(positive, product);
    let magnitude = maths.unary(Unary::Abs, logit);
    let negative = maths.unary(Unary::Negate, magnitude);
    let tail = maths.unary(Unary::Softplus, negative);
    maths.add(linear, tail)
}

fn binary_cross_entropy(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<Losses> {
    let (output, target) = binary(cx, compared)?;
    let (logit, prediction) = logit(cx, compared, output);
    let teaches = labels_or_one(cx, output);
    let mut maths = Maths { cx, span: compared.span };
    let smoothing = compared.arguments.float("label_smoothing");
    let smooth = match smoothing > 0.0 {
        true => {
            let kept = maths.times(target, 1.0 - smoothing);
            maths.plus(kept, smoothing / 2.0)
        }
        false => target,
    };
    let mut loss = entropy(&mut maths, logit, smooth);
    let weight = compared.arguments.float("positive_weight");
    if weight != 1.0 {
        let more = maths.times(smooth, weight - 1.0);
        let factor = maths.plus(more, 1.0);
        loss = maths.multiply(loss, factor);
    }
    maths.against(target, loss, prediction, teaches)
}

/// Several answers a row, or one.
fn labels_or_one(cx: &Context<'_>, output: ValueId) -> Teaches {
    match cx.builder.shape(output).row().rank() {
        0 => Teaches::Binary,
        _ => Teaches::Labels,
    }
}

fn focal(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<Losses> {
    let (output, target) = binary(cx, compared)?;
    let (logit, prediction) = logit(cx, compared, output);
    let teaches = labels_or_one(cx, output);
    let mut maths = Maths { cx, span: compared.span };
    let entropy = entropy(&mut maths, logit, target);
    // The probability of the right answer is e to minus its entropy.
    let negative = maths.unary(Unary::Negate, entropy);
    let right = maths.unary(Unary::Exp, negative);
    let wrong = maths.from(1.0, right);
    let gamma = maths.number(compared.arguments.float("gamma"));
    let focus = maths.binary(Binary::Power, wrong, gamma);
    let alpha = compared.arguments.float("alpha");
    let lean = maths.times(target, 2.0 * alpha - 1.0);
    let weight = maths.plus(lean, 1.0 - alpha);
    let focused = maths.multiply(focus, entropy);
    let loss = maths.multiply(weight, focused);
    maths.against(target, loss, prediction, teaches)
}

fn dice(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<Losses> {
    let (output, target) = binary(cx, compared)?;
    let (_, prediction) = logit(cx, compared, output);
    let mut maths = Maths { cx, span: compared.span };
    let smooth = compared.arguments.float("smooth");
    let both = maths.multiply(prediction, target);
    let overlap = maths.sum(both);
    let twice = maths.times(overlap, 2.0);
    let above = maths.plus(twice, smooth);
    let (marked, wanted) = (maths.sum(prediction), maths.sum(target));
    let all = maths.add(marked, wanted);
    let below = maths.plus(all, smooth);
    let share = maths.divide(above, below);
    let loss = maths.from(1.0, share);
    maths.against(target, loss, prediction, Teaches::Labels)
}
