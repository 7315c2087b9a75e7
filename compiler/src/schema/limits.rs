//! The values that a column's type and clauses leave it, other columns left aside.

use super::datum::{DAY, Datum};
use super::domain::{Domain, Null, Range, Values};
use super::form::{Allowed, Column};
use super::transfer::none;

/// The values a column's type and clauses leave it.
pub fn limits(column: &Column) -> Domain {
    let mut values = Values::all(&column.kind.value());
    if let Some((low, high)) = column.kind.def.limits() {
        values = values.meet(Values::Points(Range::between(low, high, None)));
    }
    if let Some(allowed) = &column.allowed {
        values = values.clone().meet(of_allowed(&allowed.value, &values));
    }
    let natural = column.kind.def.length();
    let written = column.length.map(|length| (length.value.min, length.value.max.unwrap_or(u64::MAX)));
    let matched = column.pattern.as_ref().map(|pattern| pattern.value.length);
    let matched = matched.map(|length| (length.min, length.max.unwrap_or(u64::MAX)));
    // A written length stands in place of the type's own.
    for (min, max) in written.or(natural).into_iter().chain(matched) {
        let high = if max == u64::MAX { f64::INFINITY } else { max as f64 };
        let length = Range::between(min as f64, high, Some(1.0));
        values = match values {
            Values::Items { .. } => values.meet(Values::Items { length }),
            _ => values.meet(Values::Texts { known: None, length }),
        };
    }
    let null = Null { span: column.kind_span, reason: "it may be null" };
    Domain { values, null: column.optional.then_some(null) }
}

/// The values of an `in` clause, for a column that may have `values`.
pub fn of_allowed(allowed: &Allowed, values: &Values) -> Values {
    match allowed {
        Allowed::Between { low, high, inclusive } => {
            let low = low.as_ref().map(|low| of_datum(low).points().low).unwrap_or(f64::NEG_INFINITY);
            let end = high.as_ref().map(|high| of_datum(high).points().high).unwrap_or(f64::INFINITY);
            let high_open = high.is_some() && !inclusive && end.abs() < 9e15;
            let range = Range { high_open, ..Range::between(low, end, values.points().step) };
            Values::Points(range.tightened())
        }
        Allowed::Listed(items) => items.iter().map(of_datum).reduce(Values::join).unwrap_or_else(none),
    }
}

/// A value as a set of one.
pub fn of_datum(datum: &Datum) -> Values {
    match datum {
        Datum::Bool(truth) => Values::truth(*truth),
        Datum::Label(index) => Values::Labels([*index].into()),
        Datum::Text(text) => {
            let length = text.chars().count() as f64;
            Values::Texts { known: Some([text.clone()].into()), length: Range::between(length, length, Some(1.0)) }
        }
        Datum::Int(number) if number.unsigned_abs() >= 1 << 53 => {
            let near = *number as f64;
            Values::Points(Range::between(near.next_down(), near.next_up(), Some(1.0)))
        }
        Datum::Null => none(),
        Datum::Date(_) => {
            let point = Range::point(datum.point().unwrap_or_default());
            Values::Points(Range { step: Some(DAY as f64), ..point })
        }
        other => Values::Points(Range::point(other.point().unwrap_or_default())),
    }
}
