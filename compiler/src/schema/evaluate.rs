//! What an expression is for one row: written to be obviously right, as the oracle of everything faster.

use std::sync::Arc;

use ndsl_grammar::ast::BinaryOperator;

use super::datum::{DAY, DAYS, Datum, civil};
use super::expression::{Aggregate, ColumnPath, Expression, ExpressionKind, Piece, Type, Within};
use super::form::{ColumnId, TableId};
use super::functions::Function;

/// Where an expression's values come from.
pub trait Row {
    /// The value of a column of the row, or of a row it refers to.
    fn column(&self, path: &ColumnPath) -> Datum;

    /// A column of the file that the schema's rows are made from.
    fn source(&self, column: &str) -> Datum {
        _ = column;
        Datum::Null
    }

    /// Something computed from the rows that refer to this one.
    fn aggregate(&self, what: Aggregate, table: TableId, via: ColumnId, column: Option<ColumnId>) -> Datum {
        _ = (what, table, via, column);
        Datum::Null
    }
}

/// The value of an expression; nothing where a whole number, a date or a moment is too large to be held, or where a number
/// would be infinite.
pub fn evaluate(expression: &Expression, row: &dyn Row) -> Option<Datum> {
    let value = |expression: &Expression| evaluate(expression, row);
    Some(match &expression.kind {
        ExpressionKind::Constant(datum) => datum.clone(),
        ExpressionKind::Column(path) => row.column(path),
        ExpressionKind::Source(column) => row.source(column),
        ExpressionKind::Aggregate { what, table, via, column } => row.aggregate(*what, *table, *via, *column),
        ExpressionKind::Negate(operand) => match value(operand)? {
            Datum::Int(number) => Datum::Int(number.checked_neg()?),
            Datum::Float(number) => Datum::Float(-number),
            Datum::Duration(seconds) => Datum::Duration(-seconds),
            _ => Datum::Null,
        },
        ExpressionKind::Not(operand) => match value(operand)? {
            Datum::Bool(truth) => Datum::Bool(!truth),
            _ => Datum::Null,
        },
        ExpressionKind::Binary { operator: BinaryOperator::And, left, right } => match (value(left)?, value(right)?) {
            (Datum::Bool(false), _) | (_, Datum::Bool(false)) => Datum::Bool(false),
            (Datum::Bool(true), Datum::Bool(true)) => Datum::Bool(true),
            _ => Datum::Null,
        },
        ExpressionKind::Binary { operator: BinaryOperator::Or, left, right } => match (value(left)?, value(right)?) {
            (Datum::Bool(true), _) | (_, Datum::Bool(true)) => Datum::Bool(true),
            (Datum::Bool(false), Datum::Bool(false)) => Datum::Bool(false),
            _ => Datum::Null,
        },
        ExpressionKind::Binary { operator, left, right } => binary(*operator, value(left)?, value(right)?)?,
        ExpressionKind::IsNull { value: operand, negated } => Datum::Bool((value(operand)? == Datum::Null) != *negated),
        ExpressionKind::Within { value: looked_for, set } => {
            let looked_for = value(looked_for)?;
            within(&looked_for, set, row)?
        }
        ExpressionKind::Function { function, arguments } if function.function == Function::Text => {
            let [argument] = &arguments[..] else { return Some(Datum::Null) };
            match value(argument)? {
                Datum::Null => Datum::Null,
                datum => Datum::Text(written(&datum, &argument.ty).into()),
            }
        }
        ExpressionKind::Function { function, arguments } => {
            let arguments: Option<Vec<Datum>> = arguments.iter().map(value).collect();
            call(function.function, &arguments?, &expression.ty)?
        }
        ExpressionKind::Format(pieces) => {
            let mut out = String::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out += text,
                    Piece::Hole(hole) => out += &written(&value(hole)?, &hole.ty),
                }
            }
            Datum::Text(out.into())
        }
        ExpressionKind::If { branches, otherwise } => {
            for (condition, then) in branches {
                if value(condition)? == Datum::Bool(true) {
                    return value(then);
                }
            }
            match otherwise {
                Some(otherwise) => value(otherwise)?,
                None => Datum::Null,
            }
        }
        ExpressionKind::Unknown => Datum::Null,
    })
}

/// A value as text: a label by its name, a text as it is, null as nothing.
pub fn written(value: &Datum, ty: &Type) -> String {
    match (value, ty) {
        (Datum::Null, _) => String::new(),
        (Datum::Text(text), _) => text.to_string(),
        (Datum::Label(index), Type::Enum(labels)) => {
            labels.labels.get(*index as usize).map(|label| label.name.clone()).unwrap_or_default()
        }
        (Datum::Float(number), Type::Decimal(places)) => format!("{number:.*}", usize::from(*places)),
        (other, _) => other.to_string(),
    }
}

fn within(value: &Datum, set: &Within, row: &dyn Row) -> Option<Datum> {
    if *value == Datum::Null {
        return Some(Datum::Null);
    }
    match set {
        Within::Range { low, high, inclusive } => {
            let mut result = Datum::Bool(true);
            let above = low.as_ref().map(|low| (BinaryOperator::GreaterEqual, low));
            let upper = if *inclusive { BinaryOperator::LessEqual } else { BinaryOperator::Less };
            for (operator, end) in above.into_iter().chain(high.as_ref().map(|high| (upper, high))) {
                match binary(operator, value.clone(), evaluate(end, row)?)? {
                    Datum::Bool(true) => {}
                    Datum::Bool(false) => return Some(Datum::Bool(false)),
                    _ => result = Datum::Null,
                }
            }
            Some(result)
        }
        Within::List(items) => {
            let mut result = Datum::Bool(false);
            for item in items {
                match binary(BinaryOperator::Equal, value.clone(), evaluate(item, row)?)? {
                    Datum::Bool(true) => return Some(Datum::Bool(true)),
                    Datum::Bool(false) => {}
                    _ => result = Datum::Null,
                }
            }
            Some(result)
        }
    }
}

fn order(left: &Datum, right: &Datum) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Datum::Int(a), Datum::Int(b)) => Some(a.cmp(b)),
        (Datum::Text(a), Datum::Text(b)) => Some(a.cmp(b)),
        (Datum::Bool(a), Datum::Bool(b)) => Some(a.cmp(b)),
        (Datum::Label(a), Datum::Label(b)) => Some(a.cmp(b)),
        (a, b) => a.point()?.partial_cmp(&b.point()?),
    }
}

fn binary(operator: BinaryOperator, left: Datum, right: Datum) -> Option<Datum> {
    use BinaryOperator as B;
    if left == Datum::Null || right == Datum::Null {
        return Some(Datum::Null);
    }
    let compared = |wanted: fn(std::cmp::Ordering) -> bool| {
        Some(order(&left, &right).map_or(Datum::Null, |order| Datum::Bool(wanted(order))))
    };
    match operator {
        B::Equal => compared(std::cmp::Ordering::is_eq),
        B::NotEqual => compared(std::cmp::Ordering::is_ne),
        B::Less => compared(std::cmp::Ordering::is_lt),
        B::LessEqual => compared(std::cmp::Ordering::is_le),
        B::Greater => compared(std::cmp::Ordering::is_gt),
        B::GreaterEqual => compared(std::cmp::Ordering::is_ge),
        _ => arithmetic(operator, &left, &right),
    }
}

fn arithmetic(operator: BinaryOperator, left: &Datum, right: &Datum) -> Option<Datum> {
    use BinaryOperator as B;
    Some(match (operator, left, right) {
        (B::Add, Datum::Int(a), Datum::Int(b)) => Datum::Int(a.checked_add(*b)?),
        (B::Subtract, Datum::Int(a), Datum::Int(b)) => Datum::Int(a.checked_sub(*b)?),
        (B::Multiply, Datum::Int(a), Datum::Int(b)) => Datum::Int(a.checked_mul(*b)?),
        (B::Divide | B::FloorDivide | B::Remainder, _, zero) if zero.point() == Some(0.0) => Datum::Null,
        (B::FloorDivide, Datum::Int(a), Datum::Int(b)) => {
            let quotient = a.checked_div(*b)?;
            Datum::Int(if a % b != 0 && (*a < 0) != (*b < 0) { quotient - 1 } else { quotient })
        }
        (B::Remainder, Datum::Int(a), Datum::Int(b)) => {
            let rest = a.checked_rem(*b)?;
            Datum::Int(if rest != 0 && (rest < 0) != (*b < 0) { rest + b } else { rest })
        }
        (B::Power, Datum::Int(a), Datum::Int(b)) if *b >= 0 => Datum::Int(a.checked_pow(u32::try_from(*b).ok()?)?),
        (B::Add, moment, Datum::Duration(seconds)) | (B::Add, Datum::Duration(seconds), moment)
            if !matches!(moment, Datum::Duration(_)) =>
        {
            moved(moment, *seconds)?
        }
        (B::Subtract, moment, Datum::Duration(seconds)) if !matches!(moment, Datum::Duration(_)) => {
            moved(moment, -seconds)?
        }
        (B::Divide, Datum::Duration(a), Datum::Duration(b)) => finite(a / b)?,
        (operator, a, b) => {
            let moments = operator == B::Subtract && matches!(a, Datum::Date(_) | Datum::DateTime(_) | Datum::Time(_));
            let length = moments || matches!(a, Datum::Duration(_)) || matches!(b, Datum::Duration(_));
            let (Some(a), Some(b)) = (a.point(), b.point()) else { return Some(Datum::Null) };
            let result = match operator {
                B::Add => a + b,
                B::Subtract => a - b,
                B::Multiply => a * b,
                B::Divide => a / b,
                B::FloorDivide => (a / b).floor(),
                B::Remainder => a - b * (a / b).floor(),
                B::Power => a.powf(b),
                _ => return Some(Datum::Null),
            };
            match (finite(result), length) {
                (Some(Datum::Float(seconds)), true) => Datum::Duration(seconds),
                // A root of a negative number is no number; what is too large is none that can be held.
                (None, _) if result.is_nan() => Datum::Null,
                (value, _) => value?,
            }
        }
    })
}

fn finite(number: f64) -> Option<Datum> {
    number.is_finite().then_some(Datum::Float(number))
}

/// A moment moved by so many seconds; a date only by whole days, a time of day within its day.
fn moved(moment: &Datum, seconds: f64) -> Option<Datum> {
    let last = (i64::from(DAYS.1) + 1) * DAY - 1;
    let first = i64::from(DAYS.0) * DAY;
    let at = moment.point()? + seconds;
    match moment {
        Datum::Date(_) => {
            let day = (at / DAY as f64).floor();
            (day >= f64::from(DAYS.0) && day <= f64::from(DAYS.1)).then_some(Datum::Date(day as i32))
        }
        Datum::DateTime(_) => (at >= first as f64 && at <= last as f64).then(|| Datum::DateTime(at.floor() as i64)),
        Datum::Time(_) => (at >= 0.0 && at < DAY as f64).then_some(Datum::Time(at as u32)),
        _ => None,
    }
}

fn call(function: Function, arguments: &[Datum], ty: &Type) -> Option<Datum> {
    if function == Function::Coalesce {
        return Some(arguments.iter().find(|value| **value != Datum::Null).cloned().unwrap_or(Datum::Null));
    }
    if arguments.contains(&Datum::Null) {
        return Some(Datum::Null);
    }
    let first = arguments.first()?;
    let text = |map: fn(&str) -> String| match first {
        Datum::Text(text) => Datum::Text(map(text).into()),
        _ => Datum::Null,
    };
    let whole = |number: f64| (number.abs() < 9.2e18).then_some(Datum::Int(number as i64));
    let number = first.point();
    let day = || Some((number? / DAY as f64).floor() as i64);
    let second = || Some((number? as i64).rem_euclid(DAY));
    Some(match function {
        Function::Min | Function::Max => {
            let worse = if function == Function::Min { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
            let mut best = first;
            for other in &arguments[1..] {
                if order(best, other) == Some(worse) {
                    best = other;
                }
            }
            match (best, ty) {
                (Datum::Int(number), Type::Float | Type::Decimal(_)) => Datum::Float(*number as f64),
                (Datum::Date(day), Type::DateTime) => Datum::DateTime(i64::from(*day) * DAY),
                _ => best.clone(),
            }
        }
        Function::Round => match arguments.get(1) {
            Some(Datum::Int(places)) => {
                let scale = 10f64.powi(i32::try_from(*places).ok()?);
                finite((number? * scale).round_ties_even() / scale)?
            }
            _ => whole(number?.round_ties_even())?,
        },
        Function::Floor => whole(number?.floor())?,
        Function::Ceil => whole(number?.ceil())?,
        Function::Abs => match first {
            Datum::Int(number) => Datum::Int(number.checked_abs()?),
            Datum::Duration(seconds) => Datum::Duration(seconds.abs()),
            _ => Datum::Float(number?.abs()),
        },
        Function::Sqrt if number? < 0.0 => Datum::Null,
        Function::Sqrt => Datum::Float(number?.sqrt()),
        Function::Exp => finite(number?.exp())?,
        Function::Log if number? <= 0.0 => Datum::Null,
        Function::Log => Datum::Float(number?.ln()),
        Function::Len => match first {
            Datum::Text(text) => Datum::Int(text.chars().count() as i64),
            _ => Datum::Null,
        },
        Function::Lower => text(str::to_lowercase),
        Function::Upper => text(str::to_uppercase),
        Function::Trim => text(|text| text.trim().to_owned()),
        Function::Concat => {
            let parts = arguments.iter().map(|part| written(part, &Type::Text));
            Datum::Text(Arc::from(parts.collect::<String>()))
        }
        Function::Year => Datum::Int(civil(day()?).0),
        Function::Month => Datum::Int(civil(day()?).1),
        Function::Day => Datum::Int(civil(day()?).2),
        // 1970-01-01 was a Thursday.
        Function::Weekday => Datum::Int((day()? + 3).rem_euclid(7) + 1),
        Function::Hour => Datum::Int(second()? / 3600),
        Function::Minute => Datum::Int(second()? / 60 % 60),
        Function::Date => Datum::Date(i32::try_from(day()?).ok()?),
        Function::Days => Datum::Float(number? / DAY as f64),
        Function::Hours => Datum::Float(number? / 3600.0),
        // Both are done where they are called.
        Function::Coalesce | Function::Text => Datum::Null,
    })
}
