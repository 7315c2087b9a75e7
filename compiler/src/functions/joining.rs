//! Functions that put tensors together and take them apart along an axis.

use super::{AXIS, Call, FunctionDef, X, axis, tensor};
use crate::check::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Op, Shape, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

const TENSORS: Parameter =
    Parameter::new("tensors", Kind::Tensors, Default::Required, "One after the other, or a list.");

/// `concat(a, b, …, axis=-1)`
pub(super) const CONCAT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "concat",
        summary: "Tensors one after the other along an axis.",
        details: "On all other axes they are of one size.",
        parameters: &[TENSORS, AXIS],
        example: "concat(it, it * it, axis=-1)",
    },
    build: |call| {
        let tensors = call.several(1)?;
        let first = *tensors.first()?;
        let axis = call.axis(first)?;
        for other in &tensors[1..] {
            alike(call, first, *other, Some(axis))?;
        }
        tensor(call.node(Op::Concat { axis }, tensors))
    },
};

/// `stack(a, b, …, axis=-1)`
pub(super) const STACK: FunctionDef = FunctionDef {
    signature: Signature {
        name: "stack",
        summary: "Tensors of one shape side by side on a new axis.",
        details: "",
        parameters: &[
            TENSORS,
            axis(Default::Int(-1), "Which axis that is to be, counted from the last of the result."),
        ],
        example: "stack(it, it * it)",
    },
    build: |call| {
        let tensors = call.several(1)?;
        let first = *tensors.first()?;
        let axis = call.new_axis(first)?;
        let mut parts = Vec::new();
        for other in tensors {
            alike(call, first, other, None)?;
            let mut dims = call.shape(other).0;
            dims.insert(axis, Dim::Known(1));
            parts.push(call.node(Op::Reshape(Shape(dims)), vec![other]));
        }
        tensor(call.node(Op::Concat { axis }, parts))
    },
};

/// Reports two tensors of different types, or that differ on another axis than `but`.
fn alike(call: &mut Call<'_, '_, '_>, first: ValueId, other: ValueId, but: Option<usize>) -> Option<()> {
    let (a, b) = (call.cx.builder.value(first), call.cx.builder.value(other));
    let code = match (a.element == b.element, a.shape.rank() == b.shape.rank()) {
        (false, _) => Code::ElementType,
        (true, false) => Code::ShapeMismatch,
        (true, true) => {
            let mut pairs = a.shape.0.iter().zip(&b.shape.0).enumerate();
            match pairs.all(|(axis, (a, b))| Some(axis) == but || a.agrees(b)) {
                true => return Some(()),
                false => Code::ShapeMismatch,
            }
        }
    };
    let [left, right] = [first, other].map(|id| call.cx.type_of(id));
    let (from, text) = call.cx.origin(first);
    let what = match (code, but) {
        (Code::ElementType, _) => "are of different types",
        (_, Some(_)) => "differ on another axis than the one they are put together on",
        (_, None) => "are of different shapes",
    };
    let fault = Diagnostic::new(code, call.span, format!("{left} and {right} {what}"))
        .label(format!("`{}` of {left} and {right}", call.name()))
        .related(from, text);
    call.cx.report_with_origin(fault, other);
    None
}

/// `split(x, sections, axis=-1)`
pub(super) const SPLIT: FunctionDef = FunctionDef {
    signature: Signature {
        name: "split",
        summary: "A list of the parts along an axis: so many equal ones, or of the sizes in a list.",
        details: "",
        parameters: &[
            X,
            Parameter::new(
                "sections",
                Kind::Numbers,
                Default::Required,
                "How many equal parts, or a list with the size of each.",
            )
            .also(&["indices_or_sections", "split_size_or_sections", "num"]),
            AXIS,
        ],
        example: "parts = split(it, 2, axis=-1)\nit",
    },
    build: split,
};

fn split(call: &mut Call<'_, '_, '_>) -> Option<Value> {
    let x = call.tensor("x")?;
    let axis = call.axis(x)?;
    let length = call.shape(x).0[axis].clone();
    let at = call.arguments.span("sections", call.span);
    let sizes = match call.arguments.value("sections")? {
        Value::Int(count @ 1..=1024) => {
            let count = usize::try_from(*count).ok()?;
            if length != Dim::Unknown && !call.cx.builder.facts().divides(&length, count) {
                let message = format!("an axis of {length} cannot be split into {count} equal parts");
                let fault =
                    Diagnostic::new(Code::ShapeMismatch, at, message).label(format!("does not divide {length}"));
                call.cx.report_with_origin(fault, x);
                return None;
            }
            vec![call.cx.builder.facts().floor_div(&length, count); count]
        }
        Value::List(values) if values.iter().all(|value| matches!(value, Value::Int(1..))) => {
            let sizes: Vec<Dim> = values.iter().filter_map(|value| value.whole().map(Dim::Known)).collect();
            let sum = sizes.iter().fold(Dim::Known(0), |sum, size| sum.plus(size));
            if !sum.agrees(&length) {
                let message = format!("the parts are {sum} together, and the axis is {length}");
                let fault = Diagnostic::new(Code::ShapeMismatch, at, message).label(format!("{sum} together"));
                call.cx.report_with_origin(fault, x);
                return None;
            }
            sizes
        }
        other if other.has_unknown() => return None,
        _ => {
            let message =
                "`sections` of `split` takes a whole number from 1 to 1024, or a list of whole numbers of at least 1";
            call.cx
                .report(Diagnostic::new(Code::OutOfRange, at, message).label("not a number of parts, nor their sizes"));
            return None;
        }
    };
    let mut start = Dim::Known(0);
    let mut parts = Vec::new();
    for size in sizes {
        let end = start.plus(&size);
        let part = call.node(Op::Slice { axis, start, end: end.clone(), step: 1 }, vec![x]);
        parts.push(Value::Tensor(part));
        start = end;
    }
    Some(Value::List(parts.into()))
}

const TIMES: Parameter =
    Parameter::new("times", Kind::Int { min: 1 }, Default::Required, "How often.").also(&["repeats", "n"]);

/// `tile(x, times, axis=-1)`
pub(super) const TILE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "tile",
        summary: "An axis so many times, one after the other: `[a, b]` twice is `[a, b, a, b]`.",
        details: "",
        parameters: &[X, TIMES, AXIS],
        example: "tile(it, 2)",
    },
    build: |call| repeated(call, 0),
};

/// `repeat_elements(x, times, axis=-1)`
pub(super) const REPEAT_ELEMENTS: FunctionDef = FunctionDef {
    signature: Signature {
        name: "repeat_elements",
        summary: "Each element of an axis so many times: `[a, b]` twice is `[a, a, b, b]`.",
        details: "",
        parameters: &[X, TIMES, AXIS],
        example: "repeat_elements(it, 2)",
    },
    build: |call| repeated(call, 1),
};

fn repeated(call: &mut Call<'_, '_, '_>, after: usize) -> Option<Value> {
    let x = call.tensor("x")?;
    let axis = call.axis(x)?;
    let times = Dim::Known(call.arguments.int("times")?);
    let shape = call.shape(x);
    let with = |dim: Dim| {
        let mut dims = shape.0.clone();
        dims.insert(axis + after, dim);
        Shape(dims)
    };
    let one = call.node(Op::Reshape(with(Dim::Known(1))), vec![x]);
    let many = call.node(Op::Expand(with(times.clone())), vec![one]);
    let length = shape.0[axis].times(&times);
    tensor(call.node(Op::Reshape(Call::with_dim(&shape, axis, length)), vec![many]))
}

/// `pad(x, padding, axis=-1, value=0)`
pub(super) const PAD: FunctionDef = FunctionDef {
    signature: Signature {
        name: "pad",
        summary: "With the same number added before and after an axis.",
        details: "",
        parameters: &[
            X,
            Parameter::new(
                "padding",
                Kind::Margins { axes: 1 },
                Default::Required,
                "How many elements are added before and after.",
            )
            .also(&["pad_width"]),
            AXIS,
            Parameter::new("value", Kind::Float(Bounds::ANY), Default::Float(0.0), "What is added.")
                .also(&["constant_values"]),
        ],
        example: "pad(it, [1, 0])",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let axis = call.axis(x)?;
        let margin = *call.arguments.margins("padding")?.first()?;
        let mut padding = vec![(0, 0); call.shape(x).rank()];
        padding[axis] = margin;
        let value = call.arguments.float("value");
        let element = call.cx.builder.value(x).element;
        if element != crate::ir::ElementType::F32 && value.fract() != 0.0 {
            let message = format!("{value} cannot stand among {element}");
            let fault =
                Diagnostic::new(Code::ElementType, call.arguments.span("value", call.span), message).label("not whole");
            call.cx.report_with_origin(fault, x);
            return None;
        }
        tensor(call.node(Op::Pad { padding, value }, vec![x]))
    },
};

/// `flip(x, axis=-1)`
pub(super) const FLIP: FunctionDef = FunctionDef {
    signature: Signature {
        name: "flip",
        summary: "An axis from its last element to its first.",
        details: "",
        parameters: &[X, AXIS],
        example: "flip(it)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let axis = call.axis(x)?;
        let end = call.shape(x).0[axis].clone();
        tensor(call.node(Op::Slice { axis, start: Dim::Known(0), end, step: -1 }, vec![x]))
    },
};
