//! The functions of tensors beside the activations: each is one entry here.

use ndsl_grammar::Span;

use crate::check::{Arguments, Context, Value};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, ElementType, Op, Shape, Unary, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// A function of tensors.
pub struct FunctionDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// What it makes of its arguments; nothing where a fault was reported or something is unknown.
    pub build: fn(&mut Context<'_>, &Arguments<'_>, Span) -> Option<ValueId>,
}

const X: Parameter = Parameter::new("x", Kind::Tensor, Default::Required, "What it works on.");

macro_rules! elementwise {
    ($name:literal, $summary:literal, $unary:ident) => {
        FunctionDef {
            signature: Signature {
                name: $name,
                summary: $summary,
                details: "",
                parameters: &[X],
                example: concat!($name, "(it)"),
            },
            build: |cx, arguments, span| {
                let x = cx.float_tensor(arguments, "x", $name, span)?;
                Some(cx.builder.unary(Unary::$unary, x, span))
            },
        }
    };
}

/// Every function, in the order the docs list them.
pub const FUNCTIONS: &[FunctionDef] = &[
    FunctionDef {
        signature: Signature {
            name: "reshape",
            summary: "The same elements in row-major order under another shape, the batch left out.",
            details: "",
            parameters: &[X, Parameter::new("shape", Kind::Dims, Default::Required, "The new dimensions.")],
            example: "reshape(columns, [8, 8, 1])",
        },
        build: reshape,
    },
    FunctionDef {
        signature: Signature {
            name: "cast",
            summary: "The same numbers as another element type; floats are cut towards zero.",
            details: "",
            parameters: &[
                X,
                Parameter::new(
                    "element",
                    Kind::Choice(&["f32", "i64", "u8", "bool"]),
                    Default::Required,
                    "The element type.",
                ),
            ],
            example: "cast(label, f32)",
        },
        build: |cx, arguments, span| {
            let x = arguments.tensor("x")?;
            let element = ElementType::from_name(arguments.word("element"))?;
            Some(cx.builder.node(Op::Cast(element), vec![x], span))
        },
    },
    elementwise!("abs", "`|x|`", Abs),
    elementwise!("exp", "`e ** x`", Exp),
    elementwise!("log", "The natural logarithm.", Log),
    elementwise!("sqrt", "The square root.", Sqrt),
];

/// Functions that a later version will have: naming one is not a spelling mistake.
pub const LATER: &[&str] = &[
    "argmax",
    "clip",
    "concat",
    "cos",
    "dot",
    "einsum",
    "gather",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "norm",
    "one_hot",
    "pad",
    "permute",
    "prod",
    "sin",
    "split",
    "square",
    "stack",
    "std",
    "sum",
    "transpose",
    "var",
    "where",
];

/// The function called `name`.
pub fn find(name: &str) -> Option<&'static FunctionDef> {
    FUNCTIONS.iter().find(|function| function.signature.name == name)
}

fn reshape(cx: &mut Context<'_>, arguments: &Arguments<'_>, span: Span) -> Option<ValueId> {
    let x = arguments.tensor("x")?;
    let Some(Value::List(values)) = arguments.value("shape") else { return None };
    let dims: Vec<Dim> = values
        .iter()
        .map(|value| match value {
            Value::Int(size) => Dim::Known(*size as usize),
            _ => Dim::Unknown,
        })
        .collect();
    let target = Shape(dims.clone());
    let from = cx.builder.shape(x).row();
    if let (Some(before), Some(after)) = (from.elements(), target.elements())
        && before != after
    {
        let at = arguments.span("shape", span);
        let fault = Diagnostic::new(
            Code::ShapeMismatch,
            at,
            format!("{from} holds {before} elements, {target} would hold {after}"),
        )
        .label(format!("{after} elements"));
        cx.report_with_origin(fault, x);
        return None;
    }
    Some(cx.builder.node(Op::Reshape(Shape::batched(dims)), vec![x], span))
}
