//! Functions that make one element of several along axes.

use super::{AXIS, Call, FunctionDef, KEEPDIMS, X, tensor};
use crate::check::Value;
use crate::ir::{Binary, Op, Reduction, Unary, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

const AXES: Parameter = Parameter::new(
    "axis",
    Kind::Axes,
    Default::Absent("all"),
    "The axis or the axes; all of a row where nothing is given.",
)
.also(&["dim", "axes"]);

macro_rules! reductions {
    ($($name:ident $word:literal $on:ident $summary:literal $example:literal $build:expr;)*) => {$(
        #[doc = $summary]
        pub(super) const $name: FunctionDef = FunctionDef {
            signature: Signature {
                name: $word,
                summary: $summary,
                details: "",
                parameters: &[X, AXES, KEEPDIMS],
                example: $example,
            },
            build: |call| {
                let x = call.$on("x")?;
                let axes = call.cx.axes(call.arguments, "axis", x, call.span)?;
                let keep = call.arguments.bool("keepdims");
                let build: fn(&mut Call<'_, '_, '_>, ValueId, Vec<usize>, bool) -> ValueId = $build;
                tensor(build(call, x, axes, keep))
            },
        };
    )*};
}

reductions! {
    SUM "sum" number "The sum." "sum(it, axis=-1)" |call, x, axes, keep| reduce(call, Reduction::Sum, x, axes, keep);
    MEAN "mean" float "The mean." "mean(it, axis=[-3, -2])" |call, x, axes, keep| reduce(call, Reduction::Mean, x, axes, keep);
    MAX "max" number "The largest." "max(it, axis=-1)" |call, x, axes, keep| reduce(call, Reduction::Max, x, axes, keep);
    MIN "min" number "The smallest." "min(it, axis=-1)" |call, x, axes, keep| reduce(call, Reduction::Min, x, axes, keep);
    PROD "prod" number "The product." "prod(it, axis=-1)" |call, x, axes, keep| reduce(call, Reduction::Product, x, axes, keep);
    VAR "var" float "The variance, of all elements and not of a sample." "var(it, axis=-1)" variance;
    STD "std" float "The standard deviation, of all elements and not of a sample." "std(it, axis=-1, keepdims=true)" |call, x, axes, keep| {
        let variance = variance(call, x, axes, keep);
        call.cx.builder.unary(Unary::Sqrt, variance, call.span)
    };
    NORM "norm" float "The root of the sum of the squares." "norm(it, axis=-1)" |call, x, axes, keep| {
        let squares = call.cx.builder.unary(Unary::Square, x, call.span);
        let sum = reduce(call, Reduction::Sum, squares, axes, keep);
        call.cx.builder.unary(Unary::Sqrt, sum, call.span)
    };
    LOGSUMEXP "logsumexp" float "The logarithm of the sum of `exp(x)`, computed without overflow." "logsumexp(it, axis=-1)" logsumexp;
    ANY "any" truth "Whether one is true." "any(cast(it, bool), axis=-1)" |call, x, axes, keep| reduce(call, Reduction::Any, x, axes, keep);
    ALL "all" truth "Whether all are true." "all(cast(it, bool), axis=-1)" |call, x, axes, keep| reduce(call, Reduction::All, x, axes, keep);
}

fn reduce(call: &mut Call<'_, '_, '_>, reduction: Reduction, x: ValueId, axes: Vec<usize>, keep: bool) -> ValueId {
    match axes.is_empty() {
        true => x,
        false => call.node(Op::Reduce { reduction, axes, keep }, vec![x]),
    }
}

fn variance(call: &mut Call<'_, '_, '_>, x: ValueId, axes: Vec<usize>, keep: bool) -> ValueId {
    let mean = reduce(call, Reduction::Mean, x, axes.clone(), true);
    let apart = call.cx.builder.binary(Binary::Subtract, x, mean, call.span);
    let squares = call.cx.builder.unary(Unary::Square, apart, call.span);
    reduce(call, Reduction::Mean, squares, axes, keep)
}

fn logsumexp(call: &mut Call<'_, '_, '_>, x: ValueId, axes: Vec<usize>, keep: bool) -> ValueId {
    let largest = reduce(call, Reduction::Max, x, axes.clone(), true);
    let apart = call.cx.builder.binary(Binary::Subtract, x, largest, call.span);
    let powers = call.cx.builder.unary(Unary::Exp, apart, call.span);
    let sum = reduce(call, Reduction::Sum, powers, axes.clone(), keep);
    let log = call.cx.builder.unary(Unary::Log, sum, call.span);
    let largest = if keep { largest } else { reduce(call, Reduction::Max, x, axes, false) };
    call.cx.builder.binary(Binary::Add, log, largest, call.span)
}

/// `argmax(x, axis=-1)`
pub(super) const ARGMAX: FunctionDef = FunctionDef {
    signature: Signature {
        name: "argmax",
        summary: "Where the largest stands along an axis, the first of equals, as i64.",
        details: "",
        parameters: &[X, AXIS, KEEPDIMS],
        example: "argmax(it, axis=-1)",
    },
    build: |call| {
        let x = call.number("x")?;
        place(call, x, x)
    },
};

/// `argmin(x, axis=-1)`
pub(super) const ARGMIN: FunctionDef = FunctionDef {
    signature: Signature {
        name: "argmin",
        summary: "Where the smallest stands along an axis, the first of equals, as i64.",
        details: "",
        parameters: &[X, AXIS, KEEPDIMS],
        example: "argmin(it, axis=-1)",
    },
    build: |call| {
        let x = call.number("x")?;
        let signed = call.cx.to_float(x, call.span);
        let negated = call.cx.builder.unary(Unary::Negate, signed, call.span);
        place(call, x, negated)
    },
};

fn place(call: &mut Call<'_, '_, '_>, given: ValueId, x: ValueId) -> Option<Value> {
    let axis = call.axis(given)?;
    let keep = call.arguments.bool("keepdims");
    tensor(call.node(Op::ArgMax { axis, keep }, vec![x]))
}

/// `cumsum(x, axis=-1)`
pub(super) const CUMSUM: FunctionDef = FunctionDef {
    signature: Signature {
        name: "cumsum",
        summary: "The sum of the elements up to each along an axis.",
        details: "",
        parameters: &[
            X,
            AXIS,
            Parameter::new("exclusive", Kind::Bool, Default::Bool(false), "Whether the element itself is left out."),
            Parameter::new("reverse", Kind::Bool, Default::Bool(false), "Whether it sums from the last element on."),
        ],
        example: "cumsum(it, axis=-1)",
    },
    build: |call| {
        let x = call.number("x")?;
        let axis = call.axis(x)?;
        let (exclusive, reverse) = (call.arguments.bool("exclusive"), call.arguments.bool("reverse"));
        tensor(call.node(Op::CumSum { axis, exclusive, reverse }, vec![x]))
    },
};

/// `l2_normalize(x, axis=-1)`
pub(super) const L2_NORMALIZE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "l2_normalize",
        summary: "Divided by its norm, so that the squares along an axis sum to 1.",
        details: "",
        parameters: &[
            X,
            Parameter::new("axis", Kind::Axes, Default::Int(-1), "The axis or the axes.").also(&["dim"]),
            Parameter::new(
                "epsilon",
                Kind::Float(Bounds::POSITIVE),
                Default::Float(1e-12),
                "The least that the sum of the squares counts as.",
            )
            .also(&["eps"]),
        ],
        example: "l2_normalize(it, axis=-1)",
    },
    build: |call| {
        let x = call.float("x")?;
        let axes = call.cx.axes(call.arguments, "axis", x, call.span)?;
        let squares = call.cx.builder.unary(Unary::Square, x, call.span);
        let sum = reduce(call, Reduction::Sum, squares, axes, true);
        let least = call.cx.builder.constant(call.arguments.float("epsilon"), call.span);
        let sum = call.cx.builder.binary(Binary::Maximum, sum, least, call.span);
        let inverse = call.cx.builder.unary(Unary::Rsqrt, sum, call.span);
        tensor(call.cx.builder.binary(Binary::Multiply, x, inverse, call.span))
    },
};
