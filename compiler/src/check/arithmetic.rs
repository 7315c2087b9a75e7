//! Arithmetic on compile-time numbers: exact on whole numbers, and never silent about a result that cannot be held.

use ndsl_grammar::ast::{BinaryOperator, UnaryOperator};

use super::value::Value;

/// `operator value`, or why it has no answer.
pub fn unary(operator: UnaryOperator, value: &Value) -> Result<Value, String> {
    match (operator, value) {
        (UnaryOperator::Negate, Value::Int(number)) => {
            number.checked_neg().map(Value::Int).ok_or_else(|| overflow().to_owned())
        }
        (UnaryOperator::Negate, Value::Float(number)) => Ok(Value::Float(-number)),
        (UnaryOperator::Not, Value::Bool(truth)) => Ok(Value::Bool(!truth)),
        (UnaryOperator::Negate, other) => Err(format!("`-` takes a number, not {}", other.describe())),
        (UnaryOperator::Not, other) => Err(format!("`not` takes `true` or `false`, not {}", other.describe())),
    }
}

/// `left operator right`, or why it has no answer.
pub fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
    use BinaryOperator as B;
    match (operator, left, right) {
        (B::And, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(*a && *b)),
        (B::Or, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(*a || *b)),
        (B::And | B::Or, Value::Bool(_), other) => Err(wrong(operator, other)),
        (B::Equal, a, b) => Ok(Value::Bool(equal(a, b))),
        (B::NotEqual, a, b) => Ok(Value::Bool(!equal(a, b))),
        (operator, Value::Int(a), Value::Int(b)) => whole(operator, *a, *b),
        (operator, a, b) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => real(operator, a, b),
            (None, _) => Err(wrong(operator, left)),
            (_, None) => Err(wrong(operator, right)),
        },
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.number(), b.number()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn wrong(operator: BinaryOperator, value: &Value) -> String {
    let wants = match operator {
        BinaryOperator::And | BinaryOperator::Or => "`true` or `false`",
        _ => "numbers",
    };
    format!("`{}` takes {wants}, not {}", operator.symbol(), value.describe())
}

fn overflow() -> &'static str {
    "the result does not fit in a whole number of 64 bits"
}

fn whole(operator: BinaryOperator, a: i64, b: i64) -> Result<Value, String> {
    use BinaryOperator as B;
    let checked = |result: Option<i64>| result.map(Value::Int).ok_or_else(|| overflow().to_owned());
    if b == 0 && matches!(operator, B::Divide | B::FloorDivide | B::Remainder) {
        return Err("division by zero".into());
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

fn real(operator: BinaryOperator, a: f64, b: f64) -> Result<Value, String> {
    use BinaryOperator as B;
    let finite = |result: f64| match result.is_finite() {
        true => Ok(Value::Float(result)),
        false => Err(format!("`{}` of {a} and {b} is not a number that can be held", operator.symbol())),
    };
    if b == 0.0 && matches!(operator, B::Divide | B::FloorDivide | B::Remainder) {
        return Err("division by zero".into());
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
        other => Err(wrong(other, &Value::Float(a))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn int(operator: BinaryOperator, a: i64, b: i64) -> Result<Value, String> {
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
