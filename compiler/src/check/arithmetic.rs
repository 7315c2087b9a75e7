//! Arithmetic on compile-time numbers: exact on whole numbers, and never silent about a result that cannot be held.

use ndsl_grammar::ast::{BinaryOperator, UnaryOperator};

use super::value::Value;
use crate::ir::{Binary, Unary};
use crate::reference;

/// Up to here `f64` tells whole numbers apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Why an operation has no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// An operand is of the wrong kind: the left one or, where not, the right one.
    Operand {
        /// Whether it is the left one, or the only one.
        left: bool,
        /// What the operator takes and what it got.
        message: String,
        /// What the operand is not.
        label: &'static str,
    },
    /// The operands are of the right kind, and still there is no answer.
    Result(String),
}

/// `operator value`, or why it has no answer.
pub fn unary(operator: UnaryOperator, value: &Value) -> Result<Value, Failure> {
    match (operator, value) {
        (UnaryOperator::Negate, Value::Int(number)) => number.checked_neg().map(Value::Int).ok_or_else(overflow),
        (UnaryOperator::Negate, Value::Float(number)) => Ok(Value::Float(-number)),
        (UnaryOperator::Not, Value::Bool(truth)) => Ok(Value::Bool(!truth)),
        (UnaryOperator::Negate, other) => {
            let message = format!("`-` takes a number, not {}", other.describe());
            Err(Failure::Operand { left: true, message, label: NOT_A_NUMBER })
        }
        (UnaryOperator::Not, other) => {
            let message = format!("`not` takes `true` or `false`, not {}", other.describe());
            Err(Failure::Operand { left: true, message, label: NOT_A_TRUTH_VALUE })
        }
    }
}

/// `left operator right`, or why it has no answer.
pub fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, Failure> {
    use BinaryOperator as B;
    match (operator, left, right) {
        (B::And, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(*a && *b)),
        (B::Or, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(*a || *b)),
        (B::And | B::Or, Value::Bool(_), _) => Err(wrong(operator, right, false)),
        (B::And | B::Or, _, _) => Err(wrong(operator, left, true)),
        (B::Equal, a, b) => Ok(Value::Bool(equal(a, b))),
        (B::NotEqual, a, b) => Ok(Value::Bool(!equal(a, b))),
        (operator, Value::Int(a), Value::Int(b)) => whole(operator, *a, *b),
        (operator, a, b) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => real(operator, a, b),
            (None, _) => Err(wrong(operator, left, true)),
            (_, None) => Err(wrong(operator, right, false)),
        },
    }
}

/// What a function of each element makes of a number, or why it has no answer.
///
/// Whole numbers stay whole where the answer always is, and rounding makes whole numbers of others: both can say how large
/// a layer is.
pub fn element(op: Unary, x: &Value) -> Result<Value, Failure> {
    if let Value::Int(x) = *x {
        match op {
            Unary::Abs => return x.checked_abs().map(Value::Int).ok_or_else(overflow),
            Unary::Sign => return Ok(Value::Int(x.signum())),
            Unary::Square => return x.checked_mul(x).map(Value::Int).ok_or_else(overflow),
            Unary::Floor | Unary::Ceil | Unary::Round => return Ok(Value::Int(x)),
            _ => {}
        }
    }
    let Some(number) = x.number() else {
        let message = format!("`{}` takes a number, not {}", op.name(), x.describe());
        return Err(Failure::Operand { left: true, message, label: NOT_A_NUMBER });
    };
    let answer = reference::element(op, number);
    match op {
        _ if !answer.is_finite() => {
            Err(Failure::Result(format!("`{}` of {number} is not a number that can be held", op.name())))
        }
        Unary::Floor | Unary::Ceil | Unary::Round if answer.abs() <= EXACT => Ok(Value::Int(answer as i64)),
        Unary::Floor | Unary::Ceil | Unary::Round => Err(overflow()),
        _ => Ok(Value::Float(answer)),
    }
}

/// What a function of two tensors, element by element, makes of two numbers, or why it has no answer.
pub fn elements(op: Binary, a: &Value, b: &Value) -> Result<Value, Failure> {
    let operator = match op {
        Binary::Add => BinaryOperator::Add,
        Binary::Subtract => BinaryOperator::Subtract,
        Binary::Multiply => BinaryOperator::Multiply,
        Binary::Power => BinaryOperator::Power,
        Binary::Maximum => return extreme(a, b, BinaryOperator::GreaterEqual),
        Binary::Minimum => return extreme(a, b, BinaryOperator::LessEqual),
        other => unreachable!("no function of numbers is {other:?}"),
    };
    binary(operator, a, b)
}

/// That of two numbers which `before` puts first; whole if both are.
fn extreme(a: &Value, b: &Value, before: BinaryOperator) -> Result<Value, Failure> {
    let first = if binary(before, a, b)? == Value::Bool(true) { a } else { b };
    Ok(match (a, b) {
        (Value::Int(_), Value::Int(_)) => first.clone(),
        _ => first.number().map_or(Value::Unknown, Value::Float),
    })
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.number(), b.number()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

const NOT_A_NUMBER: &str = "not a number";
const NOT_A_TRUTH_VALUE: &str = "neither `true` nor `false`";

fn wrong(operator: BinaryOperator, value: &Value, left: bool) -> Failure {
    let (wants, label) = match operator {
        BinaryOperator::And | BinaryOperator::Or => ("`true` or `false`", NOT_A_TRUTH_VALUE),
        _ => ("numbers", NOT_A_NUMBER),
    };
    let message = format!("`{}` takes {wants}, not {}", operator.symbol(), value.describe());
    Failure::Operand { left, message, label }
}

fn overflow() -> Failure {
    Failure::Result("the result does not fit in a whole number of 64 bits".into())
}

fn by_zero() -> Failure {
    Failure::Result("division by zero".into())
}

fn whole(operator: BinaryOperator, a: i64, b: i64) -> Result<Value, Failure> {
    use BinaryOperator as B;
    let checked = |result: Option<i64>| result.map(Value::Int).ok_or_else(overflow);
    if b == 0 && matches!(operator, B::Divide | B::FloorDivide | B::Remainder) {
        return Err(by_zero());
    }
    match operator {
        B::Add => checked(a.checked_add(b)),
        B::Subtract => checked(a.checked_sub(b)),
        B::Multiply => checked(a.checked_mul(b)),
        B::Divide => Ok(Value::Float(a as f64 / b as f64)),
        // Rounded down, as Python rounds: -7 // 2 is -4 and -7 % 2 is 1.
        B::FloorDivide => checked(a.checked_div_euclid(b).and_then(|quotient| {
            let exact = a.checked_rem(b)? == 0;
            if exact || b > 0 { Some(quotient) } else { quotient.checked_sub(1) }
        })),
        B::Remainder => {
            checked(a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }))
        }
        B::Power if b >= 0 => checked(u32::try_from(b).ok().and_then(|exponent| a.checked_pow(exponent))),
        other => real(other, a as f64, b as f64),
    }
}

fn real(operator: BinaryOperator, a: f64, b: f64) -> Result<Value, Failure> {
    use BinaryOperator as B;
    let finite = |result: f64| match result.is_finite() {
        true => Ok(Value::Float(result)),
        false => {
            Err(Failure::Result(format!("`{}` of {a} and {b} is not a number that can be held", operator.symbol())))
        }
    };
    if b == 0.0 && matches!(operator, B::Divide | B::FloorDivide | B::Remainder) {
        return Err(by_zero());
    }
    match operator {
        B::Add => finite(a + b),
        B::Subtract => finite(a - b),
        B::Multiply => finite(a * b),
        B::Divide => finite(a / b),
        B::FloorDivide => finite((a / b).floor()),
        B::Remainder => finite(a - b * (a / b).floor()),
        B::Power => finite(a.powf(b)),
        B::Less => Ok(Value::Bool(a < b)),
        B::LessEqual => Ok(Value::Bool(a <= b)),
        B::Greater => Ok(Value::Bool(a > b)),
        B::GreaterEqual => Ok(Value::Bool(a >= b)),
        other => Err(wrong(other, &Value::Float(a), true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn int(operator: BinaryOperator, a: i64, b: i64) -> Result<Value, Failure> {
        binary(operator, &Value::Int(a), &Value::Int(b))
    }

    #[test]
    fn whole_numbers_round_down() {
        assert_eq!(int(BinaryOperator::FloorDivide, -7, 2), Ok(Value::Int(-4)));
        assert_eq!(int(BinaryOperator::FloorDivide, 7, -2), Ok(Value::Int(-4)));
        assert_eq!(int(BinaryOperator::FloorDivide, -7, -2), Ok(Value::Int(3)));
        assert_eq!(int(BinaryOperator::Remainder, -7, 2), Ok(Value::Int(1)));
        assert_eq!(int(BinaryOperator::Remainder, 7, -2), Ok(Value::Int(-1)));
        assert_eq!(int(BinaryOperator::Divide, 7, 2), Ok(Value::Float(3.5)));
        assert_eq!(int(BinaryOperator::Power, 2, 10), Ok(Value::Int(1024)));
    }

    #[test]
    fn what_cannot_be_held_is_an_error() {
        assert!(int(BinaryOperator::Multiply, i64::MAX, 2).is_err());
        assert!(int(BinaryOperator::Power, 10, 400).is_err());
        assert!(int(BinaryOperator::FloorDivide, i64::MIN, -1).is_err());
        assert!(int(BinaryOperator::Remainder, 1, 0).is_err());
        assert!(binary(BinaryOperator::Power, &Value::Float(10.0), &Value::Float(400.0)).is_err());
    }

    #[test]
    fn functions_of_numbers() {
        let whole = |op, x| element(op, &Value::Int(x));
        let real = |op, x| element(op, &Value::Float(x));
        assert_eq!(whole(Unary::Sqrt, 16), Ok(Value::Float(4.0)));
        assert_eq!(whole(Unary::Abs, -3), Ok(Value::Int(3)));
        assert_eq!(whole(Unary::Round, 3), Ok(Value::Int(3)));
        assert_eq!(real(Unary::Round, 2.5), Ok(Value::Int(2)));
        assert_eq!(real(Unary::Ceil, 2.1), Ok(Value::Int(3)));
        assert_eq!(real(Unary::Floor, -2.1), Ok(Value::Int(-3)));
        assert_eq!(elements(Binary::Maximum, &Value::Int(1), &Value::Int(4)), Ok(Value::Int(4)));
        assert_eq!(elements(Binary::Minimum, &Value::Int(1), &Value::Float(4.0)), Ok(Value::Float(1.0)));
        for refused in
            [whole(Unary::Sqrt, -1), whole(Unary::Log, 0), whole(Unary::Square, i64::MAX), real(Unary::Ceil, 1e300)]
        {
            assert!(refused.is_err());
        }
    }

    proptest! {
        #[test]
        fn quotient_and_remainder_make_up_the_whole(a in -1_000_000i64..1_000_000, b in -1000i64..1000) {
            prop_assume!(b != 0);
            let (Ok(Value::Int(q)), Ok(Value::Int(r))) =
                (int(BinaryOperator::FloorDivide, a, b), int(BinaryOperator::Remainder, a, b)) else { panic!() };
            prop_assert_eq!(q * b + r, a);
            prop_assert!(r == 0 || (r < 0) == (b < 0));
            prop_assert_eq!(q, (a as f64 / b as f64).floor() as i64);
        }
    }
}
