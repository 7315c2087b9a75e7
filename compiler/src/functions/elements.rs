//! Functions of each element alone.

use super::{Call, FunctionDef, OF_EACH, X, axis, tensor};
use crate::check::{self, Value};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Op, Unary};
use crate::signature::{Default, Kind, Parameter, Signature};

/// What an element must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Floats,
    Numbers,
    /// Whole numbers too, of which it makes floats, as NumPy and PyTorch do.
    Fractions,
}

macro_rules! elementwise {
    ($($name:ident $word:literal $summary:literal $on:ident $unary:ident;)*) => {$(
        #[doc = $summary]
        pub(super) const $name: FunctionDef = FunctionDef {
            signature: Signature {
                name: $word,
                summary: $summary,
                details: "",
                parameters: &[OF_EACH],
                example: concat!($word, "(it)"),
            },
            build: |call| element(call, On::$on, Unary::$unary),
        };
    )*};
}

elementwise! {
    ABS "abs" "`|x|`" Numbers Abs;
    SIGN "sign" "-1, 0 or 1, as `x` is below, at or above zero." Numbers Sign;
    EXP "exp" "`e ** x`" Fractions Exp;
    EXPM1 "expm1" "`e ** x - 1`, exact near zero." Fractions Expm1;
    LOG "log" "The natural logarithm." Fractions Log;
    LOG1P "log1p" "`log(1 + x)`, exact near zero." Fractions Log1p;
    SQRT "sqrt" "The square root." Fractions Sqrt;
    RSQRT "rsqrt" "`1 / sqrt(x)`" Fractions Rsqrt;
    RECIPROCAL "reciprocal" "`1 / x`" Fractions Reciprocal;
    SQUARE "square" "`x * x`" Numbers Square;
    SIN "sin" "The sine of an angle in radians." Fractions Sin;
    COS "cos" "The cosine of an angle in radians." Fractions Cos;
    ERF "erf" "The error function." Fractions Erf;
    FLOOR "floor" "The largest whole number that is not above `x`." Floats Floor;
    CEIL "ceil" "The smallest whole number that is not below `x`." Floats Ceil;
    ROUND "round" "The nearest whole number; a half goes to the even one." Floats Round;
}

/// `logical_not(x)`
pub(super) const LOGICAL_NOT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "logical_not",
        summary: "False where `x` is true.",
        details: "",
        parameters: &[X],
        example: "logical_not(it > 0)",
    },
    build: |call| {
        let x = call.truth("x")?;
        tensor(call.cx.builder.unary(Unary::Not, x, call.span))
    },
};

fn element(call: &mut Call<'_, '_, '_>, on: On, unary: Unary) -> Option<Value> {
    if let Some(x) = call.known("x") {
        return call.computed(check::element(unary, &x));
    }
    let x = match on {
        On::Floats => call.float("x")?,
        On::Numbers => call.number("x")?,
        On::Fractions => {
            let x = call.number("x")?;
            call.cx.to_float(x, call.span)
        }
    };
    tensor(call.cx.builder.unary(unary, x, call.span))
}

/// `cast(x, element)`
pub(super) const CAST: FunctionDef = FunctionDef {
    signature: Signature {
        name: "cast",
        summary: "The same numbers as another element type; floats are cut towards zero, and what is not 0 is true.",
        details: "",
        parameters: &[
            X,
            Parameter::new(
                "element",
                Kind::Choice(&["f32", "i64", "u8", "bool"]),
                Default::Required,
                "The element type.",
            )
            .also(&["dtype"]),
        ],
        example: "cast(label, f32)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let element = ElementType::from_name(call.arguments.word("element"))?;
        tensor(call.node(Op::Cast(element), vec![x]))
    },
};

/// `glu(x, axis=-1)`
pub(super) const GLU: FunctionDef = FunctionDef {
    signature: Signature {
        name: "glu",
        summary: "The first half along an axis times the sigmoid of the second: a gated linear unit.",
        details: "",
        parameters: &[X, axis(Default::Int(-1), "The axis, which becomes half as long.")],
        example: "glu(it)",
    },
    build: |call| {
        let x = call.float("x")?;
        let axis = call.axis(x)?;
        let length = call.shape(x).0[axis].clone();
        if length != Dim::Unknown && !call.cx.builder.facts().divides(&length, 2) {
            let message = format!("an axis of {length} has no halves");
            let fault =
                Diagnostic::new(Code::ShapeMismatch, call.arguments.span("axis", call.span), message).label("not even");
            call.cx.report_with_origin(fault, x);
            return None;
        }
        let half = call.cx.builder.facts().floor_div(&length, 2);
        let value = call.node(Op::Slice { axis, start: Dim::Known(0), end: half.clone(), step: 1 }, vec![x]);
        let gate = call.node(Op::Slice { axis, start: half, end: length, step: 1 }, vec![x]);
        let gate = call.cx.builder.unary(Unary::Sigmoid, gate, call.span);
        tensor(call.cx.builder.binary(Binary::Multiply, value, gate, call.span))
    },
};
