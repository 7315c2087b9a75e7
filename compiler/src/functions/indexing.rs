//! Functions that look up and number elements.

use super::{AXIS, Call, FunctionDef, X, tensor};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, ElementType, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `gather(x, indices, axis=-1)`
pub(super) const GATHER: FunctionDef = FunctionDef {
    signature: Signature {
        name: "gather",
        summary: "The elements of an axis that whole numbers name, row by row.",
        details: "`gather(hidden, last, axis=-2)` of f32[T, d] and i64 is the step each row's number names, f32[d]; by i64[K] it is \
                  f32[K, d]. A number that is not from 0 to the axis's size - 1 is an error in a run.",
        parameters: &[
            X,
            Parameter::new("indices", Kind::Tensor, Default::Required, "The numbers: one a row, or a list a row.")
                .also(&["index"]),
            AXIS,
        ],
        example: "gather(it, argmax(sum(it, axis=-1)), axis=-2)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let indices = whole(call, "indices")?;
        let axis = call.axis(x)?;
        let (shape, wanted) = (call.shape(x), call.shape(indices));
        let count = match wanted.row().dims() {
            [] => Dim::Known(1),
            [count] => count.clone(),
            _ => {
                let row = wanted.row();
                let at = call.arguments.span("indices", call.span);
                let message = format!("`gather` takes one number a row, or a list a row, not {row}");
                call.cx.report_with_origin(Diagnostic::new(Code::Rank, at, message).label(format!("{row}")), indices);
                return None;
            }
        };
        // One number for each place of the result.
        let mut ones = vec![Dim::Known(1); shape.rank()];
        ones[0] = wanted.0.first().cloned().unwrap_or_else(Dim::batch);
        ones[axis] = count.clone();
        let indices = call.node(Op::Reshape(Shape(ones)), vec![indices]);
        let indices = call.node(Op::Expand(Call::with_dim(&shape, axis, count)), vec![indices]);
        let out = call.node(Op::GatherElements { axis }, vec![x, indices]);
        if wanted.row().rank() > 0 {
            return tensor(out);
        }
        let mut dims = shape.0;
        dims.remove(axis);
        tensor(call.node(Op::Reshape(Shape(dims)), vec![out]))
    },
};

/// `one_hot(x, depth)`
pub(super) const ONE_HOT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "one_hot",
        summary: "A last axis of `depth` that is 1 where the whole number says and 0 elsewhere.",
        details: "",
        parameters: &[
            X,
            Parameter::new("depth", Kind::Int { min: 1 }, Default::Required, "How many classes there are.")
                .also(&["num_classes"]),
        ],
        example: "one_hot(label, 10)",
    },
    build: |call| {
        let x = whole(call, "x")?;
        let depth = call.arguments.int("depth")?;
        tensor(call.node(Op::OneHot { depth }, vec![x]))
    },
};

/// `positions(x)`
pub(super) const POSITIONS: FunctionDef = FunctionDef {
    signature: Signature {
        name: "positions",
        summary: "The number of each step of a sequence, from 0: of [T, …] it is i64[T].",
        details: "",
        parameters: &[X],
        example: "positions(tokens)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let row = call.cx.row(x);
        let [steps, ..] = row.dims() else {
            let at = call.arguments.span("x", call.span);
            let fault =
                Diagnostic::new(Code::Rank, at, "`positions` numbers the steps of a sequence, and there is no axis")
                    .label("one number a row");
            call.cx.report_with_origin(fault, x);
            return None;
        };
        let numbers = call.node(Op::Range(steps.clone()), Vec::new());
        let shape = call.like(x, [steps.clone()]);
        tensor(call.node(Op::Expand(shape), vec![numbers]))
    },
};

/// `range(length)`
pub(super) const RANGE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "range",
        summary: "`0, 1, …` up to a length, without it: i64 of that length, the same for every row.",
        details: "`positions(x)` numbers the steps of a sequence. In a `loss`, `range(N)` numbers the rows of the batch.",
        parameters: &[Parameter::new("length", Kind::Dim, Default::Required, "How many there are.")],
        example: "it * cast(range(it.shape[-1]), f32)",
    },
    build: |call| {
        let length = call.arguments.value("length")?.dim()?;
        tensor(call.node(Op::Range(length), Vec::new()))
    },
};

/// The tensor of an argument, which must be of whole numbers, as `i64`.
fn whole(call: &mut Call<'_, '_, '_>, name: &str) -> Option<ValueId> {
    let x = call.tensor(name)?;
    match call.cx.builder.value(x).element {
        ElementType::I64 => Some(x),
        ElementType::U8 => Some(call.node(Op::Cast(ElementType::I64), vec![x])),
        _ => {
            let kind = call.cx.type_of(x);
            let at = call.arguments.span(name, call.span);
            let message = format!("`{name}` of `{}` takes whole numbers, this is {kind}", call.name());
            let fault =
                Diagnostic::new(Code::ElementType, at, message).label(kind).help("`cast(x, i64)` cuts off fractions");
            call.cx.report_with_origin(fault, x);
            None
        }
    }
}
