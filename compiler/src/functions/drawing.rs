//! Functions that make tensors of a given shape, and `stop_gradient`.

use super::{FunctionDef, X, tensor};
use crate::ir::{Binary, Op};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

const LIKE: Parameter = Parameter::new(
    "like",
    Kind::Tensor,
    Default::Required,
    "What has the shape that is wanted; its numbers do not matter.",
);

/// `random_normal(like, mean=0, stddev=1)`
pub(super) const RANDOM_NORMAL: FunctionDef = FunctionDef {
    signature: Signature {
        name: "random_normal",
        summary: "Numbers drawn from a normal distribution, in training and in inference.",
        details: "",
        parameters: &[
            LIKE,
            Parameter::new("mean", Kind::Float(Bounds::ANY), Default::Float(0.0), "The mean."),
            Parameter::new("stddev", Kind::Float(Bounds::NON_NEGATIVE), Default::Float(1.0), "The standard deviation.")
                .also(&["std"]),
        ],
        example: "it + random_normal(like=it, stddev=0.1)",
    },
    build: |call| {
        let like = call.tensor("like")?;
        let drawn = call.node(Op::RandomNormal, vec![like]);
        let (mean, deviation) = (call.arguments.float("mean"), call.arguments.float("stddev"));
        tensor(scaled(call, drawn, deviation, mean))
    },
};

/// `random_uniform(like, minval=0, maxval=1)`
pub(super) const RANDOM_UNIFORM: FunctionDef = FunctionDef {
    signature: Signature {
        name: "random_uniform",
        summary: "Numbers drawn evenly from `minval` to `maxval`, in training and in inference.",
        details: "",
        parameters: &[
            LIKE,
            Parameter::new("minval", Kind::Float(Bounds::ANY), Default::Float(0.0), "The least.").also(&["low"]),
            Parameter::new("maxval", Kind::Float(Bounds::ANY), Default::Float(1.0), "The bound above.").also(&["high"]),
        ],
        example: "random_uniform(like=it)",
    },
    build: |call| {
        let like = call.tensor("like")?;
        let drawn = call.node(Op::RandomUniform, vec![like]);
        let (low, high) = (call.arguments.float("minval"), call.arguments.float("maxval"));
        tensor(scaled(call, drawn, high - low, low))
    },
};

/// `x * by + more`, without what changes nothing.
fn scaled(call: &mut super::Call<'_, '_, '_>, x: crate::ir::ValueId, by: f64, more: f64) -> crate::ir::ValueId {
    let span = call.span;
    let builder = &mut call.cx.builder;
    let mut out = x;
    if by != 1.0 {
        let by = builder.constant(by, span);
        out = builder.binary(Binary::Multiply, out, by, span);
    }
    if more != 0.0 {
        let more = builder.constant(more, span);
        out = builder.binary(Binary::Add, out, more, span);
    }
    out
}

macro_rules! filled {
    ($name:ident $word:literal $number:literal $summary:literal) => {
        #[doc = $summary]
        pub(super) const $name: FunctionDef = FunctionDef {
            signature: Signature {
                name: $word,
                summary: $summary,
                details: "",
                parameters: &[LIKE],
                example: concat!($word, "(it)"),
            },
            build: |call| {
                let like = call.tensor("like")?;
                let (element, shape) = (call.cx.builder.value(like).element, call.shape(like));
                let number = call.cx.builder.scalar(element, $number, call.span);
                tensor(call.node(Op::Expand(shape), vec![number]))
            },
        };
    };
}

filled!(ZEROS_LIKE "zeros_like" 0.0 "Zeros in the shape of a tensor.");
filled!(ONES_LIKE "ones_like" 1.0 "Ones in the shape of a tensor.");

/// `stop_gradient(x)`
pub(super) const STOP_GRADIENT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "stop_gradient",
        summary: "The same numbers, through which training moves nothing that came before.",
        details: "",
        parameters: &[X],
        example: "stop_gradient(it)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        tensor(call.node(Op::StopGradient, vec![x]))
    },
};
