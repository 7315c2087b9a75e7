//! Functions that put the elements of a row in another shape.

use ndsl_grammar::Span;

use super::{FunctionDef, X, axis, tensor};
use crate::check::{Context, Value};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Dim, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `reshape(x, shape)`
pub(super) const RESHAPE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "reshape",
        summary: "The same elements in row-major order under another shape, the batch left out.",
        details: "One dimension may be -1: it becomes whatever is left.",
        parameters: &[
            X,
            Parameter::new("shape", Kind::OpenDims, Default::Required, "The new dimensions.")
                .also(&["newshape", "target_shape"]),
        ],
        example: "reshape(columns, [8, 8, 1])",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let target = call.arguments.dims("shape")?;
        let dims = call.cx.reshaped(x, &target, call.arguments.span("shape", call.span))?;
        let shape = call.like(x, dims);
        tensor(call.node(Op::Reshape(shape), vec![x]))
    },
};

impl Context<'_> {
    /// The dimensions that `x` has after a reshape of its rows, where nothing stands for what is left; a number of elements
    /// that does not fit is reported.
    pub fn reshaped(&mut self, x: ValueId, target: &[Option<Dim>], at: Span) -> Option<Vec<Dim>> {
        let from = self.row(x);
        let product =
            |dims: &mut dyn Iterator<Item = &Dim>| dims.fold(Dim::Known(1), |product, dim| product.times(dim));
        let (before, after) = (product(&mut from.0.iter()), product(&mut target.iter().flatten()));
        let open = target.iter().any(Option::is_none);
        let left = match (open, &before, &after) {
            (_, Dim::Unknown, _) | (_, _, Dim::Unknown) => Dim::Unknown,
            (true, Dim::Known(before), Dim::Known(after)) if *after > 0 && before % after == 0 => {
                Dim::Known(before / after)
            }
            (true, before, Dim::Known(after)) if self.builder.facts().divides(before, *after) => {
                self.builder.facts().floor_div(before, *after)
            }
            // What both have in common is left out: [T, 12] as [T, -1].
            (true, before, after) => match before.quotient(after).or_else(|| quotient(&from, target)) {
                Some(left) => left,
                None => return self.does_not_fit(x, target, at),
            },
            (false, before, after) if before.agrees(after) => Dim::Known(1),
            (false, _, _) => return self.does_not_fit(x, target, at),
        };
        Some(target.iter().map(|dim| dim.clone().unwrap_or_else(|| left.clone())).collect())
    }

    fn does_not_fit(&mut self, x: ValueId, target: &[Option<Dim>], at: Span) -> Option<Vec<Dim>> {
        let from = self.row(x);
        let written: Vec<String> =
            target.iter().map(|dim| dim.as_ref().map_or_else(|| "-1".into(), Dim::to_string)).collect();
        let target_text = format!("[{}]", written.join(", "));
        let elements =
            |dims: &mut dyn Iterator<Item = &Dim>| dims.fold(Dim::Known(1), |product, dim| product.times(dim));
        let (before, after) = (elements(&mut from.0.iter()), elements(&mut target.iter().flatten()));
        let fault = if target.iter().any(Option::is_none) {
            Diagnostic::new(
                Code::ShapeMismatch,
                at,
                format!("{from} holds {before} elements, which {after} does not divide"),
            )
            .label(format!("nothing fits in {target_text}"))
        } else {
            let message = format!("{from} holds {before} elements, {target_text} would hold {after}");
            let fault = Diagnostic::new(Code::ShapeMismatch, at, message).label(format!("{after} elements"));
            // A list that is computed elsewhere, or is that of several uses, is not mended here.
            let literal =
                self.unrolled.is_empty() && self.names.text(at).replace(' ', "") == target_text.replace(' ', "");
            match mended(&before, target).filter(|_| literal) {
                Some(dims) => {
                    fault.fix(format!("write `{dims}`, which holds {before}"), at, dims, Applicability::Guess)
                }
                None => fault,
            }
        };
        self.report_with_origin(fault, x);
        None
    }
}

/// `target` with the one dimension changed by which it holds `count` elements: that which changes least.
fn mended(count: &Dim, target: &[Option<Dim>]) -> Option<String> {
    let count = count.known()?;
    let dims: Vec<usize> = target.iter().map(|dim| dim.as_ref().and_then(Dim::known)).collect::<Option<_>>()?;
    let product: usize = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim))?;
    let change = |(place, dim): (usize, &usize)| {
        let others = product.checked_div(*dim)?;
        let wanted =
            count.checked_div(others).filter(|wanted| wanted.checked_mul(others) == Some(count) && *wanted > 0)?;
        Some((wanted.abs_diff(*dim), place, wanted))
    };
    let (_, place, wanted) = dims.iter().enumerate().filter_map(change).min()?;
    let written = dims.iter().enumerate().map(|(at, dim)| if at == place { wanted } else { *dim }.to_string());
    Some(format!("[{}]", written.collect::<Vec<_>>().join(", ")))
}

/// What is left of a shape's elements when the dimensions of another are taken out of it one by one.
fn quotient(from: &Shape, target: &[Option<Dim>]) -> Option<Dim> {
    let mut left = from.0.clone();
    let mut number = 1usize;
    for dim in target.iter().flatten() {
        match (dim, left.iter().position(|other| other == dim)) {
            (_, Some(at)) => {
                left.remove(at);
            }
            (Dim::Known(size), None) => number = number.checked_mul(*size)?,
            _ => return None,
        }
    }
    let known = left.iter().filter_map(Dim::known).try_fold(1usize, |product, size| product.checked_mul(size))?;
    if number == 0 || known % number != 0 {
        return None;
    }
    let symbols = left.iter().filter(|dim| dim.known().is_none());
    Some(symbols.fold(Dim::Known(known / number), |product, dim| product.times(dim)))
}

/// `flatten(x)`
pub(super) const FLATTEN: FunctionDef = FunctionDef {
    signature: Signature {
        name: "flatten",
        summary: "All elements of a row on one axis, in row-major order.",
        details: "",
        parameters: &[X],
        example: "flatten(it)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let row = call.cx.row(x);
        let count = row.0.iter().fold(Dim::Known(1), |count, dim| count.times(dim));
        let shape = call.like(x, [count]);
        tensor(call.node(Op::Reshape(shape), vec![x]))
    },
};

/// `transpose(x)`
pub(super) const TRANSPOSE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "transpose",
        summary: "The last two axes exchanged.",
        details: "`permute` puts all axes in another order.",
        parameters: &[X],
        example: "transpose(matrix)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let (row, rank) = (call.cx.row(x), call.shape(x).rank());
        if row.rank() < 2 {
            let message = format!(
                "`transpose` exchanges two axes, and {row} has {}",
                if row.rank() == 1 { "one" } else { "none" }
            );
            let fault =
                Diagnostic::new(Code::Rank, call.arguments.span("x", call.span), message).label(format!("{row}"));
            call.cx.report_with_origin(fault, x);
            return None;
        }
        let mut permutation: Vec<usize> = (0..rank).collect();
        permutation.swap(rank - 1, rank - 2);
        tensor(call.node(Op::Transpose { permutation }, vec![x]))
    },
};

/// `permute(x, order)`
pub(super) const PERMUTE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "permute",
        summary: "The axes in another order.",
        details: "",
        parameters: &[
            X,
            Parameter::new("order", Kind::Order, Default::Required, "For each new axis, which one it was.")
                .also(&["dims", "axes"]),
        ],
        example: "permute(image, [-1, -3, -2])",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let Some(Value::List(values)) = call.arguments.value("order").cloned() else { return None };
        let at = call.arguments.span("order", call.span);
        let row = call.cx.row(x);
        let mut permutation: Vec<usize> = (0..call.cx.lead(x)).collect();
        let spans = call.arguments.item_spans("order", values.len(), at);
        let found: Vec<Option<usize>> =
            values.iter().zip(spans).map(|(value, span)| call.cx.axis_of(value, x, span)).collect();
        permutation.extend(found.into_iter().collect::<Option<Vec<usize>>>()?);
        let mut sorted = permutation.clone();
        sorted.sort_unstable();
        if sorted != (0..call.shape(x).rank()).collect::<Vec<_>>() {
            let message = format!("{row} has {} axes: each of -{0} to -1 stands in the list once", row.rank());
            let fault = Diagnostic::new(Code::Rank, at, message).label("not all axes, each once");
            call.cx.report_with_origin(fault, x);
            return None;
        }
        tensor(call.node(Op::Transpose { permutation }, vec![x]))
    },
};

/// `expand_dims(x, axis=-1)`
pub(super) const EXPAND_DIMS: FunctionDef = FunctionDef {
    signature: Signature {
        name: "expand_dims",
        summary: "With one more axis of size 1.",
        details: "",
        parameters: &[X, axis(Default::Int(-1), "Which axis it is to be, counted from the last of the result.")],
        example: "expand_dims(it, axis=-1)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let axis = call.new_axis(x)?;
        let mut dims = call.shape(x).0;
        dims.insert(axis, Dim::Known(1));
        tensor(call.node(Op::Reshape(Shape(dims)), vec![x]))
    },
};

/// `squeeze(x, axis=-1)`
pub(super) const SQUEEZE: FunctionDef = FunctionDef {
    signature: Signature {
        name: "squeeze",
        summary: "Without an axis of size 1.",
        details: "",
        parameters: &[X, axis(Default::Int(-1), "The axis, whose size must be 1.")],
        example: "squeeze(one, axis=-1)",
    },
    build: |call| {
        let x = call.tensor("x")?;
        let axis = call.axis(x)?;
        let mut dims = call.shape(x).0;
        let size = dims.remove(axis);
        if !size.agrees(&Dim::Known(1)) {
            let message = format!("only an axis of size 1 can be left out, and this one is {size}");
            let fault = Diagnostic::new(Code::ShapeMismatch, call.arguments.span("axis", call.span), message)
                .label(format!("an axis of {size}"));
            call.cx.report_with_origin(fault, x);
            return None;
        }
        tensor(call.node(Op::Reshape(Shape(dims)), vec![x]))
    },
};
