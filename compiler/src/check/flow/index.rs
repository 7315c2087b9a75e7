//! `x[0]`, `x[-1]`, `x[1..]`, `x[.., 0]`: parts of tensors and of lists. The batch is left out.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::bounds::LAYER_STEPS;
use crate::check::context::Context;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Op, Shape, ValueId};

/// A bound of a slice or an index: counted from the front, or from the end.
enum Place {
    Front(Dim),
    Back(usize),
}

impl Context<'_> {
    /// The value of `base[indices]`.
    pub(in crate::check) fn index(&mut self, base: &Expr, indices: &[Expr], span: Span) -> Value {
        match self.evaluate(base) {
            Value::Tensor(id) => {
                self.spend(LAYER_STEPS);
                self.index_tensor(id, indices, span).map_or_else(|| self.given_up(), Value::Tensor)
            }
            Value::List(values) => self.index_list(&values, indices, base.span),
            Value::Record(values) => {
                let values: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
                self.index_list(&values, indices, base.span)
            }
            Value::Unknown => {
                for index in indices {
                    self.evaluate_bounds(index);
                }
                Value::Unknown
            }
            other => {
                let message = format!("{} has no elements to take", other.describe());
                self.report(Diagnostic::new(Code::WrongType, base.span, message).label("neither a tensor nor a list"));
                Value::Unknown
            }
        }
    }

    fn evaluate_bounds(&mut self, index: &Expr) {
        match &index.kind {
            ExprKind::Range { start, end, .. } => {
                for bound in start.iter().chain(end) {
                    self.evaluate(bound);
                }
            }
            _ => {
                self.evaluate(index);
            }
        }
    }

    fn index_list(&mut self, values: &[Value], indices: &[Expr], base: Span) -> Value {
        let [index, rest @ ..] = indices else { return Value::Unknown };
        if let Some(second) = rest.first() {
            let message = "a list has one index";
            self.report(
                Diagnostic::new(Code::ExtraArgument, second.span, message)
                    .label("one too many")
                    .help("a list in a list is `x[0][1]`"),
            );
            return Value::Unknown;
        }
        let length = Dim::Known(values.len());
        if let ExprKind::Range { start, end, inclusive } = &index.kind {
            let Some((start, end)) =
                self.bounds([start.as_deref(), end.as_deref()], *inclusive, &length, 0, index.span)
            else {
                return Value::Unknown;
            };
            let (Some(start), Some(end)) = (start.known(), end.known()) else { return Value::Unknown };
            return Value::List(values.get(start..end).unwrap_or_default().into());
        }
        let Some(place) = self.place(index) else { return Value::Unknown };
        let at = match place {
            Place::Front(dim) => dim.known(),
            Place::Back(back) => values.len().checked_sub(back),
        };
        match at.and_then(|at| values.get(at)) {
            Some(value) => value.clone(),
            None => {
                let (message, label) = match values.len() {
                    0 => ("the list is empty".to_owned(), "nothing to take".to_owned()),
                    1 => ("the list has one value".to_owned(), "from -1 to 0".to_owned()),
                    count => (format!("the list has {count} values"), format!("from -{count} to {}", count - 1)),
                };
                self.report(
                    Diagnostic::new(Code::OutOfRange, index.span, message).label(label).related(base, "the list"),
                );
                Value::Unknown
            }
        }
    }

    fn index_tensor(&mut self, id: ValueId, indices: &[Expr], span: Span) -> Option<ValueId> {
        let row = self.row(id);
        if let Some(extra) = indices.get(row.rank()) {
            let kind = self.type_of(id);
            let axes = match row.rank() {
                0 => "no axes but the batch".to_owned(),
                1 => "one axis".to_owned(),
                rank => format!("{rank} axes"),
            };
            let fault = Diagnostic::new(Code::Rank, extra.span, format!("{kind} has {axes}")).label("one too many");
            self.report_with_origin(fault.help("the batch is left out: `x[0]` is the first of each row"), id);
            indices.iter().for_each(|index| self.evaluate_bounds(index));
            return None;
        }
        let first = usize::from(self.is_batched(id));
        let mut value = id;
        let mut dropped = Vec::new();
        let mut whole = true;
        for (axis, (index, length)) in indices.iter().zip(row.dims()).enumerate() {
            let at = axis + first;
            match &index.kind {
                ExprKind::Range { start: None, end: None, .. } => {}
                ExprKind::Range { start, end, inclusive } => {
                    match self.bounds([start.as_deref(), end.as_deref()], *inclusive, length, 1, index.span) {
                        Some((start, end)) if start == Dim::Known(0) && end == *length => {}
                        Some((start, end)) => value = self.slice(value, at, start, end, span),
                        None => whole = false,
                    }
                }
                _ => {
                    dropped.push(at);
                    match self.one(index, length, id) {
                        Some(start) => {
                            let end = start.plus(&Dim::Known(1));
                            value = self.slice(value, at, start, end, span);
                        }
                        None => whole = false,
                    }
                }
            }
        }
        if !whole {
            return None;
        }
        if dropped.is_empty() {
            return Some(value);
        }
        let dims = self.builder.shape(value).dims().iter().enumerate();
        let dims = dims.filter(|(axis, _)| !dropped.contains(axis)).map(|(_, dim)| dim.clone()).collect();
        Some(self.builder.node(Op::Reshape(Shape(dims)), vec![value], span))
    }

    fn slice(&mut self, value: ValueId, axis: usize, start: Dim, end: Dim, span: Span) -> ValueId {
        self.builder.node(Op::Slice { axis, start, end, step: 1 }, vec![value], span)
    }

    /// Where one element stands along an axis of `length`.
    fn one(&mut self, index: &Expr, length: &Dim, id: ValueId) -> Option<Dim> {
        let start = match self.place(index)? {
            Place::Front(dim) => dim,
            Place::Back(back) => match length {
                Dim::Known(length) if *length < back => Dim::Unknown,
                length => length.minus(&Dim::Known(back)),
            },
        };
        // Beyond the end where the difference is a number: `x[T]` of an axis of `T`.
        let outside = start.difference(length).is_some_and(|over| over >= 0) || start == Dim::Unknown;
        if outside && *length != Dim::Unknown {
            let fault = Diagnostic::new(Code::OutOfRange, index.span, format!("the axis has {length} elements"))
                .label(format!("from 0 to {}, or counted from the end, from -1", length.minus(&Dim::Known(1))));
            self.report_with_origin(fault, id);
            return None;
        }
        Some(start)
    }

    /// The first element of a slice and what follows its last; `least` is how many it must have.
    fn bounds(
        &mut self,
        [start, end]: [Option<&Expr>; 2],
        inclusive: bool,
        length: &Dim,
        least: i64,
        span: Span,
    ) -> Option<(Dim, Dim)> {
        let (from, to) = (start.map(|expr| self.place(expr)), end.map(|expr| self.place(expr)));
        let absolute = |place: Place| match place {
            Place::Front(dim) => dim,
            Place::Back(back) => length.minus(&Dim::Known(back)),
        };
        let from = from.map_or(Some(Dim::Known(0)), |place| place.map(absolute))?;
        let to = match to {
            None => length.clone(),
            // `..=-1` goes to the last one.
            Some(place) => match (inclusive, place?) {
                (true, Place::Back(1)) => length.clone(),
                (true, place) => absolute(place).plus(&Dim::Known(1)),
                (false, place) => absolute(place),
            },
        };
        if *length == Dim::Unknown {
            return Some((from, to));
        }
        let beyond = to.difference(length).is_some_and(|over| over > 0);
        let empty = to.difference(&from).is_some_and(|count| count < least);
        if beyond || empty || from == Dim::Unknown || to == Dim::Unknown {
            let message = match beyond {
                true => format!("the axis has {length} elements, and this slice goes to {to}"),
                false => format!("this slice of {length} elements is empty"),
            };
            self.report(Diagnostic::new(Code::OutOfRange, span, message).label("nothing there"));
            return None;
        }
        Some((from, to))
    }

    /// A place along an axis.
    fn place(&mut self, expr: &Expr) -> Option<Place> {
        match self.evaluate(expr) {
            Value::Int(place @ 0..) => Some(Place::Front(Dim::Known(place as usize))),
            Value::Int(place) => Some(Place::Back(place.unsigned_abs() as usize)),
            Value::Dim(dim) => Some(Place::Front(dim)),
            Value::Unknown => None,
            Value::Tensor(_) => {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "an index is a number known when compiling")
                        .label("a tensor")
                        .help("`gather(x, indices)` takes elements by numbers that a run computes"),
                );
                None
            }
            other => {
                let message = format!("an index is a whole number, not {}", other.describe());
                let fault = Diagnostic::new(Code::WrongType, expr.span, message).label("expected a whole number");
                let fault = self.whole_number_hint(expr, fault);
                self.report(fault);
                None
            }
        }
    }
}
