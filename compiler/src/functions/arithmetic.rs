//! Arithmetic of several tensors, element by element.

use super::{Call, FunctionDef, OF_EACH, tensor};
use crate::check::{self, Value};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, ElementType, Op, ValueId, broadcast};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

const OPERANDS: Parameter =
    Parameter::new("tensors", Kind::Operands, Default::Required, "Tensors or numbers, one after the other, or a list.");

const Y: Parameter = Parameter::new("y", Kind::Operand, Default::Required, "A tensor or a number.");

macro_rules! folds {
    ($($name:ident $word:literal $op:ident $summary:literal $example:literal;)*) => {$(
        #[doc = $summary]
        pub(super) const $name: FunctionDef = FunctionDef {
            signature: Signature {
                name: $word,
                summary: $summary,
                details: "Shapes broadcast as those of operators do.",
                parameters: &[OPERANDS],
                example: $example,
            },
            build: |call| fold(call, Binary::$op),
        };
    )*};
}

folds! {
    ADD "add" Add "The sum of several tensors: `a + b + c`." "add(it, it * it)";
    MULTIPLY "multiply" Multiply "The product of several tensors: `a * b * c`." "multiply(it, sigmoid(it))";
    MAXIMUM "maximum" Maximum "The larger of several tensors, element by element." "maximum(it, 0)";
    MINIMUM "minimum" Minimum "The smaller of several tensors, element by element." "minimum(it, 1)";
}

/// `average(a, b, …)`
pub(super) const AVERAGE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "average",
        summary: "The mean of several tensors, element by element.",
        details: "`mean` is that of the elements of one.",
        parameters: &[OPERANDS],
        example: "average(it, relu(it))",
    },
    build: |call| {
        let count = call.arguments.value("tensors").and_then(Value::list).map_or(1, <[_]>::len);
        match fold(call, Binary::Add)? {
            Value::Tensor(sum) => {
                let sum = call.cx.to_float(sum, call.span);
                let share = call.cx.builder.constant(1.0 / count as f64, call.span);
                tensor(call.cx.builder.binary(Binary::Multiply, sum, share, call.span))
            }
            sum => Some(Value::Float(sum.number()? / count as f64)),
        }
    },
};

/// All of them by one operation: a number if all are numbers.
fn fold(call: &mut Call<'_, '_, '_>, op: Binary) -> Option<Value> {
    let Some(Value::List(values)) = call.arguments.value("tensors").cloned() else { return None };
    if values.len() < 2 {
        let message = format!("`{}` works on two values or more, not on {}", call.name(), values.len());
        let fault = Diagnostic::new(Code::MissingArgument, call.span, message)
            .label(format!("{} given", values.len()))
            .help(format!("they stand one after the other, `{}(a, b)`, or in a list", call.name()));
        call.cx.report(fault);
        return None;
    }
    let first = values.iter().find_map(|value| match value {
        Value::Tensor(id) => Some(*id),
        _ => None,
    });
    let Some(first) = first else {
        let mut values = values.iter();
        let first = values.next()?.clone();
        return values.try_fold(first, |sum, next| match (sum, next) {
            (Value::Unknown, _) | (_, Value::Unknown) => None,
            (sum, next) => call.computed(check::elements(op, &sum, next)),
        });
    };
    let mut sum: Option<ValueId> = None;
    for value in values.iter() {
        let next = beside(call, value, first, call.span)?;
        sum = Some(match sum {
            Some(sum) => call.binary(op, sum, next)?,
            None => next,
        });
    }
    tensor(sum?)
}

/// A tensor, or a number as a tensor of the type of another; a fraction beside whole numbers is reported.
fn beside(call: &mut Call<'_, '_, '_>, value: &Value, other: ValueId, at: ndsl_grammar::Span) -> Option<ValueId> {
    let element = call.cx.builder.value(other).element;
    match value {
        Value::Tensor(id) => Some(*id),
        value => {
            let number = value.number()?;
            if element != ElementType::F32 && number.fract() != 0.0 || element == ElementType::Bool {
                let kind = call.cx.type_of(other);
                let fault = Diagnostic::new(Code::ElementType, at, format!("{number} cannot stand beside {kind}"))
                    .label(format!("the number {number}"))
                    .help("`cast(x, f32)` makes f32 of the tensor");
                call.cx.report_with_origin(fault, other);
                return None;
            }
            Some(call.cx.builder.scalar(element, number, call.span))
        }
    }
}

/// `subtract(x, y)`
pub(super) const SUBTRACT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "subtract",
        summary: "`x - y`",
        details: "",
        parameters: &[OF_EACH, Y],
        example: "subtract(it, 1)",
    },
    build: |call| two(call, Binary::Subtract),
};

/// `pow(x, y)`
pub(super) const POW: FunctionDef = FunctionDef {
    signature: Signature {
        name: "pow",
        summary: "`x ** y`",
        details: "",
        parameters: &[OF_EACH, Y],
        example: "pow(it, 2)",
    },
    build: |call| two(call, Binary::Power),
};

fn two(call: &mut Call<'_, '_, '_>, op: Binary) -> Option<Value> {
    let y = call.arguments.value("y").cloned()?;
    let x = match (call.known("x"), &y) {
        (Some(x), Value::Tensor(y)) => beside(call, &x, *y, call.arguments.span("x", call.span))?,
        (Some(x), y) => return call.computed(check::elements(op, &x, y)),
        (None, _) => call.number("x")?,
    };
    let y = beside(call, &y, x, call.arguments.span("y", call.span))?;
    tensor(call.binary(op, x, y)?)
}

/// `clip(x, x_min, x_max)`
pub(super) const CLIP: FunctionDef = FunctionDef {
    signature: Signature {
        name: "clip",
        summary: "`min(max(x, x_min), x_max)`",
        details: "",
        parameters: &[
            OF_EACH,
            Parameter::new("x_min", Kind::Float(Bounds::ANY), Default::Required, "The least.").also(&["min", "low"]),
            Parameter::new("x_max", Kind::Float(Bounds::ANY), Default::Required, "The largest.").also(&["max", "high"]),
        ],
        example: "clip(it, 0, 1)",
    },
    build: |call| {
        let (low, high) = (call.arguments.value("x_min").cloned()?, call.arguments.value("x_max").cloned()?);
        if low.number()? > high.number()? {
            let at = call.arguments.span("x_max", call.span);
            let message = format!("nothing lies between {} and {}", low.number()?, high.number()?);
            call.cx.report(Diagnostic::new(Code::OutOfRange, at, message).label("below `x_min`"));
            return None;
        }
        if let Some(x) = call.known("x") {
            let raised = call.computed(check::elements(Binary::Maximum, &x, &low))?;
            return call.computed(check::elements(Binary::Minimum, &raised, &high));
        }
        let x = call.number("x")?;
        let mut out = x;
        for (name, bound, op) in [("x_min", low, Binary::Maximum), ("x_max", high, Binary::Minimum)] {
            let bound = beside(call, &bound, x, call.arguments.span(name, call.span))?;
            out = call.binary(op, out, bound)?;
        }
        tensor(out)
    },
};

/// `where(condition, a, b)`
pub(super) const WHERE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "where",
        summary: "`a` where the condition is true, `b` elsewhere.",
        details: "All three broadcast as operators do.",
        parameters: &[
            Parameter::new("condition", Kind::Tensor, Default::Required, "Truth values."),
            Parameter::new("a", Kind::Operand, Default::Required, "A tensor or a number.").also(&["x", "x1"]),
            Parameter::new("b", Kind::Operand, Default::Required, "A tensor or a number.").also(&["y", "x2"]),
        ],
        example: "where(cast(it, bool), it, 1)",
    },
    build: select,
};

fn select(call: &mut Call<'_, '_, '_>) -> Option<Value> {
    let condition = call.truth("condition")?;
    let (a, b) = (call.arguments.value("a").cloned()?, call.arguments.value("b").cloned()?);
    let (left, right) = match (&a, &b) {
        (Value::Tensor(left), _) => (*left, beside(call, &b, *left, call.arguments.span("b", call.span))?),
        (_, Value::Tensor(right)) => (beside(call, &a, *right, call.arguments.span("a", call.span))?, *right),
        _ => {
            let number =
                |call: &mut Call<'_, '_, '_>, value: &Value| Some(call.cx.builder.constant(value.number()?, call.span));
            (number(call, &a)?, number(call, &b)?)
        }
    };
    // Both sides first, so that a fault names them; then the condition with what they make.
    let types = [left, right].map(|id| call.cx.builder.value(id).element);
    if types[0] != types[1] {
        let [a, b] = [left, right].map(|id| call.cx.type_of(id));
        let fault =
            Diagnostic::new(Code::ElementType, call.span, format!("`where` chooses between one type, not {a} and {b}"))
                .label("two types")
                .help(format!("`cast(x, {})` converts", types[0]));
        call.cx.report_with_origin(fault, right);
        return None;
    }
    let rows = [condition, left, right].map(|id| call.cx.row(id));
    let both = broadcast(&rows[1], &rows[2]);
    let Some(row) = both.and_then(|both| broadcast(&rows[0], &both)) else {
        let [c, a, b] = [condition, left, right].map(|id| call.cx.type_of(id));
        let fault = Diagnostic::new(Code::ShapeMismatch, call.span, format!("{c}, {a} and {b} do not go together"))
            .label("shapes differ in a dimension that is 1 in neither");
        call.cx.report_with_origin(fault, condition);
        return None;
    };
    let operands = [condition, left, right].map(|id| call.cx.widened(id, row.rank(), call.span));
    tensor(call.node(Op::Where, operands.to_vec()))
}
