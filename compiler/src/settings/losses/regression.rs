//! Losses of numbers.

use super::{Compared, LossDef, Losses, Maths, OUTPUT, TARGET, Teaches, aligned, loss, same, tensor};
use crate::check::Context;
use crate::ir::{Binary, Unary, ValueId};
use crate::settings::{float, required, signature};
use crate::signature::{Bounds, Kind};

/// The least that is divided by, or of which a logarithm is taken.
const SMALL: f64 = 1e-7;

pub(super) const LOSSES: &[LossDef] = &[
    loss(
        signature("mse", "For numbers: the square of the difference.", "", &[OUTPUT, TARGET], "mse(output, price)"),
        &["mean_squared_error", "MSELoss", "l2"],
        Teaches::Numbers,
        |cx, compared| distance(cx, compared, |maths, x| maths.square(x)),
    ),
    loss(
        signature("mae", "For numbers: the absolute difference.", "", &[OUTPUT, TARGET], "mae(output, price)"),
        &["mean_absolute_error", "L1Loss", "l1"],
        Teaches::Numbers,
        |cx, compared| distance(cx, compared, |maths, x| maths.unary(Unary::Abs, x)),
    ),
    loss(
        signature(
            "huber",
            "For numbers with outliers: half the square up to `delta`, a straight line beyond.",
            "",
            &[OUTPUT, TARGET, float("delta", Bounds::POSITIVE, 1.0, "Where the line begins.").also(&["beta"])],
            "huber(output, price, delta=2.0)",
        ),
        &["HuberLoss", "SmoothL1Loss", "smooth_l1"],
        Teaches::Numbers,
        |cx, compared| {
            let delta = compared.arguments.float("delta");
            distance(cx, compared, move |maths, x| {
                let size = maths.unary(Unary::Abs, x);
                let limit = maths.number(delta);
                let near = maths.binary(Binary::Minimum, size, limit);
                let square = maths.square(near);
                let half = maths.times(square, 0.5);
                let beyond = maths.subtract(size, near);
                let line = maths.times(beyond, delta);
                maths.add(half, line)
            })
        },
    ),
    loss(
        signature(
            "log_cosh",
            "For numbers with outliers: the logarithm of the hyperbolic cosine of the difference.",
            "",
            &[OUTPUT, TARGET],
            "log_cosh(output, price)",
        ),
        &["logcosh", "LogCosh"],
        Teaches::Numbers,
        |cx, compared| {
            distance(cx, compared, |maths, x| {
                // |x| + log(1 + e^(-2|x|)) - log 2, which never overflows.
                let size = maths.unary(Unary::Abs, x);
                let down = maths.times(size, -2.0);
                let tail = maths.unary(Unary::Softplus, down);
                let sum = maths.add(size, tail);
                maths.plus(sum, -std::f64::consts::LN_2)
            })
        },
    ),
    loss(
        signature(
            "quantile",
            "For a quantile of numbers: what lies above costs `q`, what lies below the rest of 1.",
            "",
            &[
                OUTPUT,
                TARGET,
                required("q", Kind::Float(Bounds::BETWEEN), "The quantile: 0.5 is the median.")
                    .also(&["quantile", "tau"]),
            ],
            "quantile(output, price, q=0.9)",
        ),
        &["pinball", "pinball_loss", "QuantileLoss"],
        Teaches::Numbers,
        |cx, compared| {
            let q = compared.arguments.float("q");
            distance(cx, compared, move |maths, x| {
                // Of the difference output - target.
                let (below, above) = (maths.times(x, -q), maths.times(x, 1.0 - q));
                maths.binary(Binary::Maximum, below, above)
            })
        },
    ),
    loss(
        signature(
            "mape",
            "For numbers above 0: the absolute difference as a share of the target.",
            "",
            &[OUTPUT, TARGET],
            "mape(output, price)",
        ),
        &["mean_absolute_percentage_error", "MAPE"],
        Teaches::Numbers,
        |cx, compared| {
            let (output, target) = aligned(cx, compared)?;
            let mut maths = Maths { cx, span: compared.span };
            let difference = maths.subtract(output, target);
            let size = maths.unary(Unary::Abs, difference);
            let whole = maths.unary(Unary::Abs, target);
            let least = maths.number(SMALL);
            let whole = maths.binary(Binary::Maximum, whole, least);
            let loss = maths.divide(size, whole);
            maths.against(target, loss, output, Teaches::Numbers)
        },
    ),
    loss(
        signature(
            "msle",
            "For numbers from 0 up that span orders of magnitude: the square of the difference of `log(1 + x)`.",
            "",
            &[OUTPUT, TARGET],
            "msle(output, price)",
        ),
        &["mean_squared_logarithmic_error", "MSLE"],
        Teaches::Numbers,
        |cx, compared| {
            let (output, target) = aligned(cx, compared)?;
            let mut maths = Maths { cx, span: compared.span };
            let mut logarithm = |x| {
                let positive = maths.unary(Unary::Relu, x);
                let more = maths.plus(positive, 1.0);
                maths.unary(Unary::Log, more)
            };
            let (a, b) = (logarithm(output), logarithm(target));
            let difference = maths.subtract(a, b);
            let loss = maths.square(difference);
            maths.against(target, loss, output, Teaches::Numbers)
        },
    ),
    loss(
        signature(
            "poisson",
            "For counts: minus the logarithm of their probability, the output being their mean.",
            "The output must be above 0, as `softplus` and `exp` are.",
            &[OUTPUT, TARGET],
            "poisson(output, price)",
        ),
        &["Poisson", "PoissonNLLLoss", "poisson_nll"],
        Teaches::Numbers,
        |cx, compared| {
            let (output, target) = aligned(cx, compared)?;
            let mut maths = Maths { cx, span: compared.span };
            let more = maths.plus(output, SMALL);
            let log = maths.unary(Unary::Log, more);
            let product = maths.multiply(target, log);
            let loss = maths.subtract(output, product);
            maths.against(target, loss, output, Teaches::Numbers)
        },
    ),
    loss(
        signature(
            "gaussian_nll",
            "For numbers with their uncertainty: minus the logarithm of the target's density, the model answering mean and log-variance.",
            "",
            &[
                tensor("mean", "The mean, by the name of its output.").also(&["output", "mu"]),
                tensor("log_variance", "The logarithm of the variance.").also(&["logvar", "log_var"]),
                TARGET,
            ],
            "gaussian_nll(output, output, price)",
        ),
        &["GaussianNLLLoss", "nll_gaussian"],
        Teaches::Numbers,
        |cx, compared| {
            let target = compared.arguments.tensor("target").map(|target| cx.to_float(target, compared.at("target")));
            let [mean, log_variance] = same(cx, compared, ["mean", "log_variance"])?;
            let target = target?;
            let (row, wanted) = (cx.builder.shape(mean).row(), cx.builder.shape(target).row());
            let [mean, log_variance] = match row.dims() {
                [crate::ir::Dim::Known(1)] if wanted.rank() == 0 => [mean, log_variance].map(|x| {
                    let shape = crate::ir::Shape::batched([]);
                    cx.builder.node(crate::ir::Op::Reshape(shape), vec![x], compared.span)
                }),
                _ => [mean, log_variance],
            };
            if !cx.builder.shape(mean).row().agrees(&wanted) {
                let message =
                    format!("`gaussian_nll` compares the mean, which is {row}, with the target, which is {wanted}");
                let fault = crate::diagnostics::Diagnostic::new(
                    crate::diagnostics::Code::LossMismatch,
                    compared.at("mean"),
                    message,
                );
                cx.report_with_origin(fault.label(format!("{row}")), mean);
                return None;
            }
            let mut maths = Maths { cx, span: compared.span };
            let difference = maths.subtract(target, mean);
            let square = maths.square(difference);
            let negative = maths.unary(Unary::Negate, log_variance);
            let precision = maths.unary(Unary::Exp, negative);
            let scaled = maths.multiply(square, precision);
            let sum = maths.add(scaled, log_variance);
            let loss = maths.times(sum, 0.5);
            maths.against(target, loss, mean, Teaches::Numbers)
        },
    ),
    loss(
        signature(
            "kl_normal",
            "For a variational model: how far a normal distribution is from the standard one.",
            "Usually added to the loss of the reconstruction: `mse(out, image) + 0.001 * kl_normal(mean, log_variance)`. It is \
             summed over the last axis.",
            &[
                tensor("mean", "The mean.").also(&["mu"]),
                tensor("log_variance", "The logarithm of the variance.").also(&["logvar", "log_var"]),
            ],
            "kl_normal(output, output)",
        ),
        &["kl_loss", "kl_divergence", "KLDivLoss", "kld"],
        Teaches::Numbers,
        |cx, compared| {
            let [mean, log_variance] = same(cx, compared, ["mean", "log_variance"])?;
            let mut maths = Maths { cx, span: compared.span };
            let square = maths.square(mean);
            let variance = maths.unary(Unary::Exp, log_variance);
            let sum = maths.add(square, variance);
            let rest = maths.subtract(sum, log_variance);
            let rest = maths.plus(rest, -1.0);
            let half = maths.times(rest, 0.5);
            let loss = maths.last(crate::ir::Reduction::Sum, half);
            maths.alone(loss, mean, Teaches::Numbers)
        },
    ),
];

/// A loss that depends on the difference of output and target alone.
fn distance(
    cx: &mut Context<'_>,
    compared: &Compared<'_>,
    of: impl Fn(&mut Maths<'_, '_>, ValueId) -> ValueId,
) -> Option<Losses> {
    let (output, target) = aligned(cx, compared)?;
    let mut maths = Maths { cx, span: compared.span };
    let difference = maths.subtract(output, target);
    let loss = of(&mut maths, difference);
    maths.against(target, loss, output, Teaches::Numbers)
}
