//! Operators: on numbers they are computed, on tensors they become nodes.
//!
//! Tensors broadcast row by row, as NumPy does with the batch left out: `[64]` and `[28, 64]` go together, and so does a
//! weight that has no batch.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};

use super::bounds::LAYER_STEPS;
use crate::check::arithmetic::{self, Failure};
use crate::check::context::Context;
use crate::check::dims;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Op, Shape, Unary, ValueId, broadcast};
use crate::suggest::quoted;

/// An operator as it stands between two operands.
#[derive(Clone, Copy)]
pub(in crate::check) struct Operation {
    pub operator: BinaryOperator,
    /// Where the operator stands.
    pub at: Span,
    /// The whole of it.
    pub span: Span,
}

/// The operation of the graph; nothing where the operator is none of tensors, element by element.
fn elementwise(operator: BinaryOperator) -> Option<Binary> {
    use BinaryOperator as B;
    Some(match operator {
        B::Add => Binary::Add,
        B::Subtract => Binary::Subtract,
        B::Multiply => Binary::Multiply,
        B::Divide => Binary::Divide,
        B::FloorDivide => Binary::FloorDivide,
        B::Remainder => Binary::Remainder,
        B::Power => Binary::Power,
        B::Equal => Binary::Equal,
        B::NotEqual => Binary::NotEqual,
        B::Less => Binary::Less,
        B::LessEqual => Binary::LessEqual,
        B::Greater => Binary::Greater,
        B::GreaterEqual => Binary::GreaterEqual,
        B::And => Binary::And,
        B::Or => Binary::Or,
        B::MatMul | B::In => return None,
    })
}

impl Context<'_> {
    pub(in crate::check) fn unary(&mut self, operator: UnaryOperator, operand: &Expr, span: Span) -> Value {
        let value = self.evaluate(operand);
        let tensor = |id| Value::Tensor(id);
        match (operator, value) {
            (_, Value::Unknown) => Value::Unknown,
            (UnaryOperator::Negate, Value::Tensor(x)) => match self.builder.value(x).element {
                ElementType::F32 | ElementType::I64 => tensor(self.builder.unary(Unary::Negate, x, span)),
                _ => self.require_float(x, "-", span).map_or(Value::Unknown, tensor),
            },
            (UnaryOperator::Not, Value::Tensor(x)) => match self.builder.value(x).element {
                ElementType::Bool => tensor(self.builder.unary(Unary::Not, x, span)),
                _ => {
                    self.wrong_elements("not", x, operand.span, "bool");
                    Value::Unknown
                }
            },
            (operator, value) => self.computed(arithmetic::unary(operator, &value), span, [operand.span; 2]),
        }
    }

    pub(in crate::check) fn binary(&mut self, operation: Operation, left: &Expr, right: &Expr) -> Value {
        let (a, b) = (self.evaluate(left), self.evaluate(right));
        let Operation { operator, at, .. } = operation;
        match (&a, &b) {
            (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
            (Value::Tensor(_), _) | (_, Value::Tensor(_)) => {
                self.spend(LAYER_STEPS);
                let operands = [(a, left.span), (b, right.span)];
                self.tensors(operation, operands).map_or_else(|| self.given_up(), Value::Tensor)
            }
            (Value::Dim(_), _) | (_, Value::Dim(_)) => match dims::binary(self.builder.facts(), operator, &a, &b) {
                Some(result) => self.computed(result, at, [left.span, right.span]),
                None => {
                    self.depends_on_the_run(&a, &b, operation);
                    self.given_up()
                }
            },
            _ => self.computed(arithmetic::binary(operator, &a, &b), at, [left.span, right.span]),
        }
    }

    /// Reports a comparison whose answer only a run knows.
    fn depends_on_the_run(&mut self, a: &Value, b: &Value, operation: Operation) {
        if self.open || self.dry {
            return;
        }
        let [a, b] = [a, b].map(|value| value.dim().map_or_else(|| "?".to_owned(), |dim| dim.to_string()));
        let message = format!("whether {a} {} {b} is known in a run only", operation.operator.symbol());
        self.report(
            Diagnostic::new(Code::OnlyInARun, operation.span, message)
                .label("depends on the sizes of the inputs")
                .help("`check` makes a condition on them that a run must meet"),
        );
    }

    /// The answer, or what is reported in its place: on the operator, or on the operand that is to blame.
    pub fn computed(&mut self, result: Result<Value, Failure>, operator: Span, operands: [Span; 2]) -> Value {
        let (span, message, label) = match result {
            Ok(value) => return value,
            Err(Failure::Operand { left, message, label }) => (operands[usize::from(!left)], message, label),
            Err(Failure::Result(message)) => (operator, message, "has no answer"),
        };
        self.report(Diagnostic::new(Code::Arithmetic, span, message).label(label));
        Value::Unknown
    }

    fn tensors(&mut self, operation: Operation, operands: [(Value, Span); 2]) -> Option<ValueId> {
        let Operation { operator, at, span } = operation;
        let Some(op) = elementwise(operator) else {
            return match operator {
                BinaryOperator::MatMul => self.matmul(at, span, operands),
                _ => {
                    let message = format!("`{}` is no operator of tensors", operator.symbol());
                    self.report(
                        Diagnostic::new(Code::WrongType, at, message).label("works on numbers known when compiling"),
                    );
                    None
                }
            };
        };
        let [(left, left_span), (right, right_span)] = operands;
        let element = self.element_of(op, operator, [(&left, left_span), (&right, right_span)])?;
        let a = self.operand(left, left_span, element, operator)?;
        let b = self.operand(right, right_span, element, operator)?;
        self.combine(op, a, b, at, span)
    }

    /// `a op b` of one element type, broadcasting row by row; shapes that do not go together are reported at `at`.
    pub fn combine(&mut self, op: Binary, a: ValueId, b: ValueId, at: Span, span: Span) -> Option<ValueId> {
        let (left, right) = (self.row(a), self.row(b));
        if broadcast(&left, &right).is_none() {
            let fault = Diagnostic::new(Code::ShapeMismatch, at, format!("{left} and {right} do not go together"))
                .label("shapes differ in a dimension that is 1 in neither")
                .related(self.origin(a).0, format!("this is {left}"))
                .related(self.origin(b).0, format!("this is {right}"));
            self.report(fault);
            return None;
        }
        let rank = left.rank().max(right.rank());
        let (a, b) = (self.widened(a, rank, span), self.widened(b, rank, span));
        Some(self.builder.binary(op, a, b, span))
    }

    /// A value with a batch, its row brought to `rank` by axes of 1 in front; one without a batch as it is.
    pub fn widened(&mut self, x: ValueId, rank: usize, span: Span) -> ValueId {
        let row = self.row(x);
        if !self.is_batched(x) || row.rank() >= rank {
            return x;
        }
        let ones = std::iter::repeat_n(Dim::Known(1), rank - row.rank());
        let shape = Shape::batched(ones.chain(row.0));
        self.builder.node(Op::Reshape(shape), vec![x], span)
    }

    /// The element type both operands are brought to; nothing where they do not go together.
    fn element_of(
        &mut self,
        op: Binary,
        operator: BinaryOperator,
        operands: [(&Value, Span); 2],
    ) -> Option<ElementType> {
        let tensors: Vec<(ValueId, Span)> = operands
            .iter()
            .filter_map(|(value, span)| match value {
                Value::Tensor(id) => Some((*id, *span)),
                _ => None,
            })
            .collect();
        let (first, first_span) = *tensors.first()?;
        // Real division makes a float of anything; other arithmetic must not turn integers into floats unseen.
        if op == Binary::Divide {
            return Some(ElementType::F32);
        }
        let element = self.builder.value(first).element;
        if let Some((second, second_span)) = tensors.get(1).copied() {
            let other = self.builder.value(second).element;
            if other != element {
                let symbol = operator.symbol();
                let message =
                    format!("`{symbol}` works on two tensors of one type, and these are {element} and {other}");
                let (a, b) = (self.type_of(first), self.type_of(second));
                let to = if other == ElementType::F32 { (first_span, other) } else { (second_span, element) };
                let written = quoted(self.names.text(to.0));
                let fault = Diagnostic::new(Code::ElementType, second_span, message)
                    .label(b)
                    .related(first_span, format!("this is {a}"))
                    .help(format!("`cast({written}, {})` converts", to.1));
                self.report(fault);
                return None;
            }
        }
        let logic = matches!(op, Binary::And | Binary::Or);
        let equality = matches!(op, Binary::Equal | Binary::NotEqual);
        let fits = match element {
            ElementType::F32 | ElementType::I64 => !logic,
            ElementType::U8 => op.compares() && !logic,
            ElementType::Bool => logic || equality,
        };
        if fits {
            return Some(element);
        }
        if logic {
            self.wrong_elements(operator.symbol(), first, first_span, "bool");
            return None;
        }
        self.require_float(first, operator.symbol(), first_span)?;
        None
    }

    fn wrong_elements(&mut self, symbol: &str, x: ValueId, span: Span, wanted: &str) {
        let kind = self.type_of(x);
        let fault = Diagnostic::new(Code::ElementType, span, format!("`{symbol}` works on {wanted}, this is {kind}"))
            .label(kind)
            .help("a comparison such as `x > 0` makes bool");
        self.report_with_origin(fault, x);
    }

    /// An operand as a tensor of `element`: a number takes on the type of the tensor beside it.
    fn operand(&mut self, value: Value, at: Span, element: ElementType, operator: BinaryOperator) -> Option<ValueId> {
        let symbol = operator.symbol();
        let number = match (&value, element) {
            (Value::Tensor(id), ElementType::F32) => return Some(self.to_float(*id, at)),
            (Value::Tensor(id), _) => return Some(*id),
            (Value::Dim(dim), ElementType::F32 | ElementType::I64) => {
                let id = self.builder.node(Op::DimValue(dim.clone()), Vec::new(), at);
                return Some(if element == ElementType::F32 { self.to_float(id, at) } else { id });
            }
            (Value::Bool(truth), ElementType::Bool) => f64::from(u8::from(*truth)),
            (Value::Int(number), ElementType::U8) if u8::try_from(*number).is_err() => {
                let message = format!("u8 holds whole numbers from 0 to 255, and {number} is none of them");
                self.report(Diagnostic::new(Code::OutOfRange, at, message).label("never equal to it"));
                return None;
            }
            (Value::Int(number), ElementType::F32 | ElementType::I64 | ElementType::U8) => *number as f64,
            (Value::Float(number), ElementType::F32) => *number,
            (Value::Float(number), ElementType::I64 | ElementType::U8) => {
                let message = format!("`{symbol}` with {element} takes a whole number, not {number:?}");
                self.report(
                    Diagnostic::new(Code::ElementType, at, message)
                        .label("not a whole number")
                        .help("`cast(x, f32)` makes the tensor a float"),
                );
                return None;
            }
            (other, _) => {
                let message = format!("`{symbol}` takes numbers and tensors, not {}", other.describe());
                self.report(Diagnostic::new(Code::WrongType, at, message).label("not a number or a tensor"));
                return None;
            }
        };
        if let (BinaryOperator::Power, ElementType::I64, true) = (operator, element, number < 0.0) {
            let message = "whole numbers have no negative powers";
            self.report(
                Diagnostic::new(Code::OutOfRange, at, message).label("below 0").help("`cast(x, f32)` makes floats"),
            );
            return None;
        }
        Some(self.builder.scalar(element, number, at))
    }

    /// `a @ b`: the product of the last two axes of the rows; a row of one axis is a vector.
    fn matmul(&mut self, at: Span, span: Span, operands: [(Value, Span); 2]) -> Option<ValueId> {
        let mut ids = [ValueId(0); 2];
        for (place, (value, operand)) in operands.into_iter().enumerate() {
            let Value::Tensor(id) = value else {
                let message = format!("`@` multiplies matrices, and this is {}", value.describe());
                self.report(
                    Diagnostic::new(Code::WrongType, operand, message)
                        .label("not a tensor")
                        .help("`*` scales by a number"),
                );
                return None;
            };
            ids[place] = self.require_float(id, "@", operand)?;
            if self.row(id).rank() == 0 {
                let fault =
                    Diagnostic::new(Code::Rank, operand, "`@` multiplies matrices, and this is one number a row")
                        .label("has no axes")
                        .help("`*` scales by a number");
                self.report_with_origin(fault, id);
                return None;
            }
        }
        let [a, b] = ids;
        let [left, right] = ids.map(|id| self.row(id));
        // Each as a matrix: a vector is a row before the operator and a column after it.
        let matrix = |row: &Shape, before: bool| match (row.dims(), before) {
            ([k], true) => Shape(vec![Dim::Known(1), k.clone()]),
            ([k], false) => Shape(vec![k.clone(), Dim::Known(1)]),
            _ => row.clone(),
        };
        let (m, n) = (matrix(&left, true), matrix(&right, false));
        let (Some((inner_a, outer_a)), Some([rest @ .., inner_b, _])) = (m.dims().split_last(), n.dims().get(..))
        else {
            return None;
        };
        let stacked_a = outer_a.split_last().map_or(&[][..], |(_, stacked)| stacked);
        let stacked = broadcast(&Shape(stacked_a.to_vec()), &Shape(rest.to_vec()));
        let Some(stacked) = stacked.filter(|_| inner_a.agrees(inner_b)) else {
            let message = format!("the matrices {left} and {right} do not go together");
            let label = if inner_a.agrees(inner_b) {
                "stacks that differ"
            } else {
                "columns of the left are rows of the right"
            };
            let fault = Diagnostic::new(Code::ShapeMismatch, at, message)
                .label(label)
                .related(self.origin(a).0, format!("this is {left}"))
                .related(self.origin(b).0, format!("this is {right}"));
            let swapped = m.dims().last().zip(n.dims().last()).is_some_and(|(a, b)| a == b) && right.rank() >= 2;
            self.report(if swapped { fault.help("`a @ transpose(b)` turns the right one") } else { fault });
            return None;
        };
        let rank = stacked.rank() + 2;
        let x = self.as_matrix(a, &m, rank, span);
        let y = self.as_matrix(b, &n, rank, span);
        let product = self.builder.node(Op::MatMul, vec![x, y], span);
        if left.rank() > 1 && right.rank() > 1 {
            return Some(product);
        }
        // The axes that stood for a vector go again.
        let mut dims = self.builder.shape(product).0.clone();
        if right.rank() == 1 {
            dims.pop();
        }
        if left.rank() == 1 {
            let place = dims.len().saturating_sub(if right.rank() == 1 { 1 } else { 2 });
            dims.remove(place);
        }
        Some(self.builder.node(Op::Reshape(Shape(dims)), vec![product], span))
    }

    /// A value under the shape of a matrix, with a batch of stacks brought to `rank`.
    fn as_matrix(&mut self, x: ValueId, matrix: &Shape, rank: usize, span: Span) -> ValueId {
        let batched = self.is_batched(x);
        let ones = if batched { rank.saturating_sub(matrix.rank()) } else { 0 };
        let dims = std::iter::repeat_n(Dim::Known(1), ones).chain(matrix.0.iter().cloned());
        let shape = if batched { Shape::batched(dims) } else { Shape(dims.collect()) };
        match *self.builder.shape(x) == shape {
            true => x,
            false => self.builder.node(Op::Reshape(shape), vec![x], span),
        }
    }

    /// Whether an expression is written as a number.
    pub(super) fn is_zero(expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Int(0))
    }
}
