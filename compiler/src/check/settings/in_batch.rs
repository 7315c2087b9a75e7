//! `batch(x)` and `range(N)`: a loss that compares the rows of a batch with each other.
//!
//! Elsewhere the batch is never seen: everything is one row. `batch(x)` shows it as the first axis, so that
//! `batch(u) @ transpose(batch(m))` has a number for every two rows of a batch, and its row `i` holds those of row `i`.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, BinaryOperator, Expr, ExprKind, UnaryOperator};

use super::super::context::Context;
use super::super::facts::FactKind;
use super::super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Op, Unary, ValueId, broadcast};
use crate::settings::losses::{self, BATCH, RANGE};

/// What may be done with a whole batch, element by element.
const FUNCTIONS: &[(&str, Unary)] = &[
    ("exp", Unary::Exp),
    ("log", Unary::Log),
    ("sqrt", Unary::Sqrt),
    ("abs", Unary::Abs),
    ("tanh", Unary::Tanh),
    ("sigmoid", Unary::Sigmoid),
    ("relu", Unary::Relu),
];

/// Whether an expression is about a batch as a whole; what a loss inside it makes is a number a row again.
pub(super) fn is_whole(expr: &Expr) -> bool {
    if let ExprKind::Call { callee, .. } = &expr.kind
        && let ExprKind::Name(name) = &callee.kind
    {
        if name == BATCH.name || name == RANGE.name {
            return true;
        }
        if losses::find(name).is_some() {
            return false;
        }
    }
    let mut whole = false;
    expr.each_child(&mut |child| whole |= is_whole(child));
    whole
}

/// Whether an expression is `N`, the batch.
fn is_batch(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if name == "N")
}

impl Context<'_> {
    /// The value of an expression about a whole batch, where a loss is being computed; nothing for any other.
    pub fn whole_batch(&mut self, expr: &Expr) -> Option<Value> {
        if self.objective.is_none() || !is_whole(expr) {
            return None;
        }
        Some(self.of_batch(expr).unwrap_or(Value::Unknown))
    }

    /// A tensor with the batch as its first axis, or a number.
    fn of_batch(&mut self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            _ if !is_whole(expr) => match self.evaluate(expr) {
                Value::Unknown => None,
                Value::Tensor(_) => {
                    let fault = Diagnostic::new(
                        Code::WrongType,
                        expr.span,
                        "this is one row, and beside it stands a whole batch",
                    );
                    let text = self.written(expr.span).to_owned();
                    self.report(fault.label("one row").fix(
                        "take the whole batch of it",
                        expr.span,
                        format!("batch({text})"),
                        Applicability::Guess,
                    ));
                    None
                }
                value => Some(value),
            },
            ExprKind::Call { callee, arguments, .. } => {
                let ExprKind::Name(name) = &callee.kind else { return self.no_whole(expr.span) };
                self.whole_call(expr, name, callee.span, arguments).map(Value::Tensor)
            }
            ExprKind::Unary { operator: UnaryOperator::Negate, operand } => {
                let x = self.whole_tensor(operand)?;
                Some(Value::Tensor(self.builder.unary(Unary::Negate, x, expr.span)))
            }
            ExprKind::Binary { operator, operator_span, left, right } => {
                let (a, b) = (self.of_batch(left), self.of_batch(right));
                self.whole_binary(*operator, *operator_span, (a?, left.span), (b?, right.span), expr.span)
                    .map(Value::Tensor)
            }
            _ => self.no_whole(expr.span),
        }
    }

    fn no_whole<T>(&mut self, span: Span) -> Option<T> {
        let fault = Diagnostic::new(Code::WrongType, span, "this cannot be done with a whole batch");
        self.report(
            fault
                .label("works on one row")
                .help("what works are arithmetic, `@`, `transpose`, and functions of each element"),
        );
        None
    }

    fn whole_tensor(&mut self, expr: &Expr) -> Option<ValueId> {
        match self.of_batch(expr)? {
            Value::Tensor(id) => Some(id),
            _ => self.no_whole(expr.span),
        }
    }

    fn whole_call(&mut self, expr: &Expr, name: &str, head: Span, arguments: &[Argument]) -> Option<ValueId> {
        let known =
            ["batch", "range", "transpose"].contains(&name) || FUNCTIONS.iter().any(|(known, _)| *known == name);
        if !known {
            return self.no_whole(head);
        }
        let [Argument { value, name: None, .. }] = arguments else {
            let code = if arguments.is_empty() { Code::MissingArgument } else { Code::ExtraArgument };
            let fault = Diagnostic::new(code, head, format!("`{name}` of a whole batch takes one value"));
            self.report(fault.label(format!("{} given", arguments.len())));
            return None;
        };
        match name {
            "batch" => {
                self.fact(head, FactKind::Signature(&BATCH));
                let Value::Tensor(x) = self.evaluate(value) else { return None };
                self.require_float(x, "batch", value.span)
            }
            "range" => {
                self.fact(head, FactKind::Signature(&RANGE));
                if is_batch(value) {
                    return Some(self.builder.node(Op::Range(Dim::batch()), Vec::new(), expr.span));
                }
                let fault =
                    Diagnostic::new(Code::WrongType, value.span, "in a loss, `range` counts the rows of a batch, `N`");
                self.report(fault.label("expected `N`").fix("write `N`", value.span, "N", Applicability::Guess));
                None
            }
            "transpose" => {
                let x = self.whole_tensor(value)?;
                let rank = self.builder.shape(x).rank();
                if rank < 2 {
                    let fault = Diagnostic::new(Code::Rank, value.span, "a transposed value has two axes at least");
                    self.report_with_origin(fault.label("the batch alone"), x);
                    return None;
                }
                let mut permutation: Vec<usize> = (0..rank).collect();
                permutation.swap(rank - 1, rank - 2);
                Some(self.builder.node(Op::Transpose { permutation }, vec![x], expr.span))
            }
            _ => match FUNCTIONS.iter().find(|(known, _)| *known == name) {
                Some((_, unary)) => {
                    let x = self.whole_tensor(value)?;
                    Some(self.builder.unary(*unary, x, expr.span))
                }
                None => self.no_whole(head),
            },
        }
    }

    fn whole_binary(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        (a, left): (Value, Span),
        (b, right): (Value, Span),
        span: Span,
    ) -> Option<ValueId> {
        let tensor = |cx: &mut Self, value: Value, at: Span| match value {
            Value::Tensor(id) if cx.builder.value(id).element == ElementType::F32 => Some(id),
            Value::Tensor(id) => cx.require_float(id, operator.symbol(), at),
            other => match other.number() {
                Some(number) => Some(cx.builder.constant(number, at)),
                None => cx.no_whole(at),
            },
        };
        let (a, b) = (tensor(self, a, left)?, tensor(self, b, right)?);
        let op = match operator {
            BinaryOperator::MatMul => return self.whole_product(a, b, operator_span, span),
            BinaryOperator::Add => Binary::Add,
            BinaryOperator::Subtract => Binary::Subtract,
            BinaryOperator::Multiply => Binary::Multiply,
            BinaryOperator::Divide => Binary::Divide,
            BinaryOperator::Power => Binary::Power,
            _ => return self.no_whole(operator_span),
        };
        let (x, y) = (self.builder.shape(a), self.builder.shape(b));
        if broadcast(x, y).is_none() {
            let message = format!("batches of {x} and {y} do not go together");
            let fault = Diagnostic::new(Code::ShapeMismatch, operator_span, message);
            let (x, y) = (format!("this is {x}"), format!("this is {y}"));
            self.report(
                fault.label("shapes differ in a dimension that is 1 in neither").related(left, x).related(right, y),
            );
            return None;
        }
        Some(self.builder.binary(op, a, b, span))
    }

    fn whole_product(&mut self, a: ValueId, b: ValueId, operator: Span, span: Span) -> Option<ValueId> {
        let (x, y) = (self.builder.shape(a).clone(), self.builder.shape(b).clone());
        let inner = match (x.dims(), y.dims()) {
            ([_, inner], [outer, _]) => inner.agrees(outer),
            _ => false,
        };
        if inner {
            return Some(self.builder.node(Op::MatMul, vec![a, b], span));
        }
        let fault = Diagnostic::new(Code::ShapeMismatch, operator, format!("{x} @ {y} cannot be multiplied"));
        let fault = fault.label("the last dimension of the left is not the first of the right");
        self.report(match x == y {
            true => fault.help("`transpose` of the right one compares every row with every other"),
            false => fault,
        });
        None
    }

    /// `batch(x)` and `range(N)` outside a loss, where every value is one row.
    pub fn refuse_batch(&mut self, name: &str, span: Span, arguments: &[Argument]) -> bool {
        let rows = name == RANGE.name && matches!(arguments, [only] if is_batch(&only.value));
        if self.objective.is_some() || name != BATCH.name && !rows {
            return false;
        }
        let name = if name == BATCH.name { "batch(x)" } else { "range(N)" };
        self.report(
            Diagnostic::new(Code::LossMismatch, span, format!("`{name}` is for the `loss` of a `train`"))
                .label("what a model computes of a row must not depend on the others")
                .help("a model answers the same for a row whatever else is in its batch"),
        );
        true
    }
}
