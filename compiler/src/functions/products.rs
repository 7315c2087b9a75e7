//! Products of tensors that sum over an axis.

use super::{AXIS, Call, FunctionDef, KEEPDIMS, tensor};
use crate::check::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Op, Reduction, broadcast};
use crate::signature::{Default, Kind, Parameter, Signature};

const A: Parameter = Parameter::new("a", Kind::Tensor, Default::Required, "The left one.").also(&["x", "x1"]);
const B: Parameter = Parameter::new("b", Kind::Tensor, Default::Required, "The right one.").also(&["y", "x2"]);

/// `matmul(a, b)`
pub(super) const MATMUL: FunctionDef = FunctionDef {
    signature: Signature {
        name: "matmul",
        summary: "The product of matrices: [m, k] and [k, n] make [m, n]; other axes broadcast.",
        details: "",
        parameters: &[A, B],
        example: "matmul(it, transpose(it))",
    },
    build: matmul,
};

fn matmul(call: &mut Call<'_, '_, '_>) -> Option<Value> {
    let (a, b) = (call.float("a")?, call.float("b")?);
    let [left, right] = [a, b].map(|id| call.shape(id));
    for (id, name) in [(a, "a"), (b, "b")] {
        let row = call.cx.row(id);
        if row.rank() < 2 {
            let message = format!("`matmul` multiplies matrices, and {row} is none");
            let at = call.arguments.span(name, call.span);
            let fault = Diagnostic::new(Code::Rank, at, message)
                .label(format!("{row}"))
                .help("`dot` sums the products of two vectors");
            call.cx.report_with_origin(fault, id);
            return None;
        }
    }
    let (rank_left, rank_right) = (left.rank(), right.rank());
    let (inner, other) = (&left.0[rank_left - 1], &right.0[rank_right - 2]);
    let outer = broadcast(
        &crate::ir::Shape(left.0[..rank_left - 2].to_vec()),
        &crate::ir::Shape(right.0[..rank_right - 2].to_vec()),
    );
    if !inner.agrees(other) || outer.is_none() {
        let [x, y] = [a, b].map(|id| call.cx.type_of(id));
        let (from, text) = call.cx.origin(a);
        let label = match outer {
            Some(_) => format!("{inner} columns and {other} rows"),
            None => "the axes before the matrices differ".into(),
        };
        let fault =
            Diagnostic::new(Code::ShapeMismatch, call.span, format!("{x} and {y} cannot be multiplied as matrices"))
                .label(label)
                .related(from, text);
        call.cx.report_with_origin(fault, b);
        return None;
    }
    tensor(call.node(Op::MatMul, vec![a, b]))
}

/// `dot(a, b, axis=-1)`
pub(super) const DOT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "dot",
        summary: "The sum of the products along an axis: `sum(a * b, axis=-1)`.",
        details: "",
        parameters: &[A, B, AXIS, KEEPDIMS],
        example: "dot(it, it)",
    },
    build: |call| {
        let (a, b) = (call.float("a")?, call.float("b")?);
        let product = call.binary(Binary::Multiply, a, b)?;
        let axis = call.axis(product)?;
        let keep = call.arguments.bool("keepdims");
        tensor(call.node(Op::Reduce { reduction: Reduction::Sum, axes: vec![axis], keep }, vec![product]))
    },
};
