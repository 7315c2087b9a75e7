//! What operators and functions make of sets of values.

use std::collections::BTreeSet;

use ndsl_grammar::ast::BinaryOperator;

use super::datum::{DAY, Datum};
use super::domain::{Domain, Null, Range, Values};
use super::expression::{Expression, Type};
use super::functions::Function;
use super::limits::of_datum;

pub(super) fn constant(datum: &Datum, expression: &Expression) -> Domain {
    let null = Null { span: expression.span, reason: "this is null" };
    Domain { values: of_datum(datum), null: (*datum == Datum::Null).then_some(null) }
}

/// No value at all.
pub(super) fn none() -> Values {
    Values::Labels(BTreeSet::new())
}

pub(super) fn somehow(expression: &Expression) -> Null {
    Null { span: expression.span, reason: "this may be null" }
}

pub(super) fn may_be(domain: &Domain, truth: bool) -> bool {
    match &domain.values {
        Values::Labels(labels) => labels.contains(&u32::from(truth)),
        _ => true,
    }
}

/// The comparison that is true exactly where this one is false; nothing where it is none.
pub fn negation(operator: BinaryOperator) -> Option<BinaryOperator> {
    use BinaryOperator as B;
    Some(match operator {
        B::Equal => B::NotEqual,
        B::NotEqual => B::Equal,
        B::Less => B::GreaterEqual,
        B::LessEqual => B::Greater,
        B::Greater => B::LessEqual,
        B::GreaterEqual => B::Less,
        _ => return None,
    })
}

/// What is left of two sets of values where a comparison of them is true; nothing where it never is.
pub(super) fn restrict(operator: BinaryOperator, left: &Values, right: &Values) -> Option<(Values, Values)> {
    use BinaryOperator as B;
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let (a, b) = match (operator, left, right) {
        (B::Equal, Values::Points(a), Values::Points(b)) => {
            let (x, y) = (a.meet(Range { step: None, ..*b }), b.meet(Range { step: None, ..*a }));
            (Values::Points(x), Values::Points(y))
        }
        (B::Equal, _, _) => (left.clone().meet(right.clone()), right.clone().meet(left.clone())),
        (B::NotEqual, Values::Points(a), Values::Points(b)) => {
            (Values::Points(without(*a, *b)), Values::Points(without(*b, *a)))
        }
        (B::NotEqual, Values::Labels(a), Values::Labels(b)) => {
            let less = |from: &BTreeSet<u32>, other: &BTreeSet<u32>| match other.len() {
                1 => from.difference(other).copied().collect(),
                _ => from.clone(),
            };
            (Values::Labels(less(a, b)), Values::Labels(less(b, a)))
        }
        (B::NotEqual, Values::Texts { known: Some(a), .. }, Values::Texts { known: Some(b), .. })
            if a.len() == 1 && a == b =>
        {
            return None;
        }
        (B::Less | B::LessEqual, Values::Points(a), Values::Points(b)) => {
            let (a, b) = below(*a, *b, operator == B::Less);
            (Values::Points(a), Values::Points(b))
        }
        (B::Greater | B::GreaterEqual, Values::Points(a), Values::Points(b)) => {
            let (b, a) = below(*b, *a, operator == B::Greater);
            (Values::Points(a), Values::Points(b))
        }
        _ => (left.clone(), right.clone()),
    };
    (!a.is_empty() && !b.is_empty()).then_some((a, b))
}

/// What is left of two ranges where the first lies below the second.
fn below(a: Range, b: Range, strictly: bool) -> (Range, Range) {
    let under = Range { high: b.high, high_open: b.high_open || strictly, ..Range::all(None) };
    let over = Range { low: a.low, low_open: a.low_open || strictly, ..Range::all(None) };
    // Ends that are not there are not left out.
    let under = Range { high_open: under.high_open && under.high.is_finite(), ..under };
    let over = Range { low_open: over.low_open && over.low.is_finite(), ..over };
    (a.meet(under), b.meet(over))
}

/// What is left of a range where it is not the only point of another.
fn without(range: Range, other: Range) -> Range {
    match other.single() {
        Some(point) if range.low == point || range.high == point => Range {
            low_open: range.low_open || range.low == point,
            high_open: range.high_open || range.high == point,
            ..range
        }
        .tightened(),
        _ => range,
    }
}

pub(super) fn arithmetic(
    operator: BinaryOperator,
    left: Domain,
    right: Domain,
    expression: &Expression,
    divisor: &Expression,
) -> Domain {
    use BinaryOperator as B;
    let mut null = left.null.or(right.null);
    let (a, b) = (left.values.points(), right.values.points());
    let holds_zero = b.low <= 0.0 && b.high >= 0.0;
    if matches!(operator, B::Divide | B::FloorDivide | B::Remainder) && holds_zero && null.is_none() {
        null = Some(Null { span: divisor.span, reason: "where this is 0 there is no quotient" });
    }
    let day = DAY as f64;
    let range = match operator {
        B::Add => a.plus(b),
        B::Subtract => a.minus(b),
        B::Multiply => a.times(b),
        B::Divide => a.divided(b),
        B::FloorDivide => {
            let step = (a.step.is_some() && b.step.is_some()).then_some(1.0);
            Range { step, ..a.divided(b).mapped(f64::floor, None) }
        }
        B::Remainder if b.low > 0.0 => Range::between(0.0, b.high, (a.step == Some(1.0)).then_some(1.0).and(b.step)),
        B::Power => {
            let whole = b.step.is_some() && b.low >= 0.0;
            if a.low < 0.0 && !whole && null.is_none() {
                null = Some(Null { span: expression.span, reason: "a root of a negative number is no number" });
            }
            if a.low >= 0.0 { Range::between(0.0, f64::INFINITY, None) } else { Range::all(None) }
        }
        _ => Range::all(None),
    };
    let range = match expression.ty {
        Type::Date => range.mapped(|at| (at / day).floor() * day, Some(day)),
        Type::DateTime | Type::Time => range.mapped(f64::floor, Some(1.0)),
        _ => range,
    };
    let values = Values::Points(range);
    // What is too large to be held is no row.
    let values = match Values::all(&expression.ty) {
        all @ Values::Points(_) => values.meet(all),
        _ => values,
    };
    Domain { values, null }
}

pub(super) fn call(function: Function, arguments: &[Domain], expression: &Expression) -> Domain {
    let null = arguments.iter().find_map(|argument| argument.null);
    let all = Values::all(&expression.ty);
    let Some(first) = arguments.first() else { return Domain { values: all, null } };
    let point = || first.values.points();
    let whole = |low: f64, high: f64| Values::Points(Range::between(low, high, Some(1.0)));
    let values = match function {
        Function::Coalesce => {
            let mut out = first.clone();
            for argument in &arguments[1..] {
                if out.null.is_none() {
                    break;
                }
                let Domain { values, null } = argument.clone();
                out = Domain { values: out.values.join(values), null };
            }
            return out;
        }
        Function::Min | Function::Max if matches!(all, Values::Points(_)) => {
            let least = function == Function::Min;
            let ranges = arguments.iter().map(|argument| argument.values.points());
            let chosen = ranges.reduce(|a, b| {
                let pick = |a: f64, b: f64| if least { a.min(b) } else { a.max(b) };
                let step = common_step(a, b);
                Range::between(pick(a.low, b.low), pick(a.high, b.high), step)
            });
            Values::Points(chosen.unwrap_or(Range::all(None)))
        }
        Function::Abs => {
            let range = point();
            let far = range.low.abs().max(range.high.abs());
            let near = if range.low <= 0.0 && range.high >= 0.0 { 0.0 } else { range.low.abs().min(range.high.abs()) };
            Values::Points(Range::between(near, far, range.step))
        }
        Function::Floor => Values::Points(point().mapped(f64::floor, Some(1.0))),
        Function::Ceil => Values::Points(point().mapped(f64::ceil, Some(1.0))),
        Function::Round if arguments.len() == 1 => Values::Points(point().mapped(f64::round_ties_even, Some(1.0))),
        Function::Sqrt | Function::Exp => Values::Points(Range::between(0.0, f64::INFINITY, None)),
        Function::Len => Values::Points(first.values.length()),
        Function::Month => whole(1.0, 12.0),
        Function::Day => whole(1.0, 31.0),
        Function::Weekday => whole(1.0, 7.0),
        Function::Hour => whole(0.0, 23.0),
        Function::Minute => whole(0.0, 59.0),
        Function::Year => {
            let year = |at: f64| super::datum::civil((at / DAY as f64).floor() as i64).0 as f64;
            Values::Points(point().mapped(year, Some(1.0)))
        }
        Function::Date => {
            let day = DAY as f64;
            Values::Points(point().mapped(|at| (at / day).floor() * day, Some(day)))
        }
        Function::Days => Values::Points(Range { step: None, ..point() }.mapped(|at| at / DAY as f64, None)),
        Function::Hours => Values::Points(Range { step: None, ..point() }.mapped(|at| at / 3600.0, None)),
        _ => all,
    };
    let undefined = match function {
        Function::Sqrt => point().low < 0.0,
        Function::Log => point().low <= 0.0,
        _ => false,
    };
    let nowhere = Null { span: expression.span, reason: "it is defined above 0 only" };
    Domain { values, null: null.or(undefined.then_some(nowhere)) }
}

fn common_step(a: Range, b: Range) -> Option<f64> {
    match (a.step, b.step) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => None,
    }
}
