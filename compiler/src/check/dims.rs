//! Arithmetic with dimensions that only a run knows: `T - 1`, `H // 2`, `4 * T`.

use ndsl_grammar::Span;
use ndsl_grammar::ast::BinaryOperator;

use super::arithmetic::Failure;
use super::context::Context;
use super::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Facts};

/// The highest power of a dimension.
const MAX_POWER: i64 = 8;

/// `left operator right`, of which one is a dimension; nothing where the answer depends on the run.
pub fn binary(facts: &Facts, operator: BinaryOperator, left: &Value, right: &Value) -> Option<Result<Value, Failure>> {
    use BinaryOperator as B;
    let symbol = operator.symbol();
    let failed = |message: String| Some(Err(Failure::Result(message)));
    let (a, b) = match (left.dim(), right.dim()) {
        (Some(a), Some(b)) => (a, b),
        (a, _) => {
            let wrong = if a.is_none() { left } else { right };
            let message =
                format!("`{symbol}` with a dimension takes whole numbers of at least 0, not {}", wrong.describe());
            return Some(Err(Failure::Operand { left: a.is_none(), message, label: "not such a number" }));
        }
    };
    let made = match operator {
        B::Add => a.plus(&b),
        B::Subtract => a.minus(&b),
        B::Multiply => a.times(&b),
        B::FloorDivide | B::Remainder => match b {
            Dim::Known(0) => return failed("division by zero".into()),
            Dim::Known(by) if operator == B::FloorDivide => facts.floor_div(&a, by),
            Dim::Known(by) => facts.remainder(&a, by),
            _ if a == b && operator == B::FloorDivide => Dim::Known(1),
            _ if a == b => Dim::Known(0),
            _ => return failed(format!("`{symbol}` by {b}, which only a run knows")),
        },
        B::Power => match right {
            Value::Int(power @ 0..=MAX_POWER) => (0..*power).fold(Dim::Known(1), |product, _| product.times(&a)),
            _ => return failed(format!("a dimension has powers from 0 to {MAX_POWER}")),
        },
        B::Divide => {
            return failed(format!("`/` is real division, and {a} must stay a whole number: `//` rounds down"));
        }
        B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
            return compare(operator, &a, &b).map(|truth| Ok(Value::Bool(truth)));
        }
        B::And | B::Or => return failed(format!("`{symbol}` takes `true` or `false`, and {a} is a dimension")),
        B::In | B::MatMul => return failed(format!("`{symbol}` is no operator of dimensions")),
    };
    match Value::from_dim(made) {
        Value::Unknown => failed("the result cannot be a dimension".into()),
        value => Some(Ok(value)),
    }
}

/// Whether a comparison holds whatever the symbols are; nothing where that depends on them.
pub fn compare(operator: BinaryOperator, a: &Dim, b: &Dim) -> Option<bool> {
    use BinaryOperator as B;
    let ordering = match a.difference(b) {
        Some(difference) => difference.cmp(&0),
        // A dimension is at least 1.
        None if *b == Dim::Known(0) && a.name().is_some() => std::cmp::Ordering::Greater,
        None => return None,
    };
    Some(match operator {
        B::Equal => ordering.is_eq(),
        B::NotEqual => ordering.is_ne(),
        B::Less => ordering.is_lt(),
        B::LessEqual => ordering.is_le(),
        B::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    })
}

impl Context<'_> {
    /// Reports a number that has to be known when compiling, and is a dimension only a run knows.
    pub fn only_a_run_knows(&mut self, dim: &Dim, what: &str, span: Span) {
        self.incomplete |= !self.dry;
        if self.open || self.dry {
            // Where the block is used, it may be a number.
            return;
        }
        let message = format!("{what} must be a number when compiling, and {dim} is known in a run only");
        let mut fault = Diagnostic::new(Code::OnlyInARun, span, message).label(format!("{dim}"));
        for symbol in dim.symbols() {
            if let Some(binding) = self.scope.get(&symbol) {
                fault = fault.related(binding.definition, format!("`{symbol}` is any size here"));
            }
        }
        self.report(fault.help("give the dimension a number in the input's type, or make it a parameter"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_for_every_size_is_known() {
        let t = Dim::symbol("T");
        let less = t.minus(&Dim::Known(1));
        assert_eq!(compare(BinaryOperator::Less, &less, &t), Some(true));
        assert_eq!(compare(BinaryOperator::Equal, &t, &t), Some(true));
        assert_eq!(compare(BinaryOperator::Greater, &t, &Dim::Known(0)), Some(true));
        assert_eq!(compare(BinaryOperator::Less, &t, &Dim::Known(10)), None);
    }
}
