//! `check H % 16 == 0`: conditions on parameters and dimensions.
//!
//! What is known when compiling is proved, or reported with its values. What only a run knows becomes a constraint of the
//! graph; that a symbol is a multiple of a number is also a fact by which shapes are computed.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{BinaryOperator, Expr, ExprKind};

use crate::check::context::Context;
use crate::check::dims::compare;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Comparison, Constraint, Dim};
use crate::suggest::quoted;

impl Context<'_> {
    /// A condition that must hold.
    pub(super) fn check(&mut self, condition: &Expr) {
        match &condition.kind {
            ExprKind::Binary { operator: BinaryOperator::And, left, right, .. } => {
                self.check(left);
                self.check(right);
            }
            ExprKind::Binary { operator, left, right, .. } if comparison(*operator).is_some() => {
                self.check_comparison(*operator, left, right, condition.span);
            }
            _ => match self.evaluate(condition) {
                Value::Bool(true) | Value::Unknown => {}
                Value::Bool(false) => self.unmet(condition.span, None),
                Value::Tensor(_) => {
                    let message = "a `check` is on parameters and dimensions, and only a run knows a tensor";
                    self.report(Diagnostic::new(Code::WrongType, condition.span, message).label("a tensor"));
                }
                other => {
                    let message = format!("a condition is `true` or `false`, not {}", other.describe());
                    self.report(Diagnostic::new(Code::WrongType, condition.span, message).label("neither of them"));
                }
            },
        }
    }

    fn check_comparison(&mut self, operator: BinaryOperator, left: &Expr, right: &Expr, span: Span) {
        // `H % 16 == 0`: before it is computed, which would know nothing of it.
        if let (
            BinaryOperator::Equal,
            ExprKind::Binary { operator: BinaryOperator::Remainder, left: of, right: by, .. },
        ) = (operator, &left.kind)
            && Self::is_zero(right)
        {
            let (of, by) = (self.evaluate(of), self.evaluate(by));
            if let (Value::Dim(dim), Value::Int(factor @ 1..)) = (&of, &by) {
                return self.multiple(dim.clone(), *factor as usize, span);
            }
            if let (Value::Int(number), Value::Int(factor @ 1..)) = (&of, &by) {
                return match number.rem_euclid(*factor) {
                    0 => {}
                    rest => self.unmet(span, Some(format!("{number} % {factor} is {rest}"))),
                };
            }
        }
        let (a, b) = (self.evaluate(left), self.evaluate(right));
        if a == Value::Unknown || b == Value::Unknown {
            return;
        }
        let (Some(x), Some(y), true) = (a.dim(), b.dim(), matches!(a, Value::Dim(_)) || matches!(b, Value::Dim(_)))
        else {
            let shown = [&a, &b].map(shown);
            match crate::check::arithmetic::binary(operator, &a, &b) {
                Ok(Value::Bool(true)) => {}
                Ok(_) => {
                    let [a, b] = shown;
                    self.unmet(span, Some(format!("{a} {} {b}", operator.symbol())));
                }
                Err(_) => {
                    // Said as it is said of any arithmetic.
                    let values = Expr {
                        span,
                        kind: ExprKind::Binary {
                            operator,
                            operator_span: span,
                            left: Box::new(left.clone()),
                            right: Box::new(right.clone()),
                        },
                    };
                    self.evaluate(&values);
                }
            }
            return;
        };
        match compare(operator, &x, &y) {
            Some(true) => {}
            Some(false) => self.unmet(span, Some(format!("{x} {} {y}", operator.symbol()))),
            None => {
                if let Some(comparison) = comparison(operator) {
                    self.constrain(Constraint { left: x, comparison, right: y, span });
                }
            }
        }
    }

    /// `dim` must be a multiple of `factor`.
    fn multiple(&mut self, dim: Dim, factor: usize, span: Span) {
        if self.builder.facts().divides(&dim, factor) {
            return;
        }
        let remainder = self.builder.facts().remainder(&dim, factor);
        match dim.name() {
            // A run is held to what is known of its symbols.
            Some(symbol) if !self.dry => return self.builder.facts_mut().multiple(symbol, factor),
            None if remainder.known().is_some() => {
                return self.unmet(span, Some(format!("{dim} % {factor} is {remainder}")));
            }
            _ => {}
        }
        self.constrain(Constraint { left: remainder, comparison: Comparison::Equal, right: Dim::Known(0), span });
    }

    fn constrain(&mut self, constraint: Constraint) {
        if !self.dry {
            self.builder.constrain(constraint);
        }
    }

    /// Reports a condition that does not hold, with what it came to.
    fn unmet(&mut self, span: Span, values: Option<String>) {
        if self.dry {
            return;
        }
        let written = quoted(self.names.text(span));
        let fault = Diagnostic::new(Code::Unmet, span, format!("`{written}` does not hold"));
        let mut fault = fault.label(values.unwrap_or_else(|| "false".to_owned()));
        for (name, definition) in self.names_in(span) {
            fault = fault.related(definition, name);
        }
        self.report(fault);
    }

    /// The names that stand in `span`, with what they are and where they were named.
    fn names_in(&self, span: Span) -> Vec<(String, Span)> {
        let written = self.names.text(span);
        let mut words: Vec<&str> = written.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        words.sort_unstable();
        words.dedup();
        let named = words.into_iter().filter_map(|word| self.scope.get(word).map(|binding| (word, binding)));
        named
            .filter(|(word, binding)| shown(&binding.value) != *word)
            .map(|(word, binding)| (format!("`{word}` is {}", shown(&binding.value)), binding.definition))
            .collect()
    }
}

/// A value as the condition's author would write it.
pub(in crate::check) fn shown(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Bool(truth) => truth.to_string(),
        Value::Dim(dim) => dim.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.describe(),
    }
}

fn comparison(operator: BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Equal => Comparison::Equal,
        BinaryOperator::NotEqual => Comparison::NotEqual,
        BinaryOperator::Less => Comparison::Less,
        BinaryOperator::LessEqual => Comparison::LessEqual,
        BinaryOperator::Greater => Comparison::Greater,
        BinaryOperator::GreaterEqual => Comparison::GreaterEqual,
        _ => return None,
    })
}
