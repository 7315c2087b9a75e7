//! How large a number may be, from `minimum`, `maximum` and what excludes them.

use super::super::Fault;
use super::super::expression::range;
use super::super::json::{Node, Value};
use super::super::words;
use super::members::Members;

/// The limits of a column's numbers.
#[derive(Default)]
pub(super) struct Bounds {
    /// The range after `in`.
    pub allowed: Option<String>,
    /// The number that every value is above, where a range cannot say so.
    pub above: Option<String>,
}

/// One end: the number, and whether it is left out.
type End = Option<(f64, bool, i64)>;

/// The limits that a schema sets to the numbers of a column of whole numbers, or of others.
pub(super) fn bounds(members: &Members<'_>, is_int: bool, faults: &mut Vec<Fault>) -> Bounds {
    let low = end(members, "minimum", "exclusiveMinimum", faults);
    let high = end(members, "maximum", "exclusiveMaximum", faults);
    let mut bounds = Bounds::default();
    if is_int {
        // Whole numbers beyond 64 bits are beyond every value.
        let low =
            low.filter(|(number, ..)| *number > i64::MIN as f64).map(|(number, excluded, whole)| match excluded {
                true if number.fract() == 0.0 => whole.saturating_add(1),
                _ if number.fract() == 0.0 => whole,
                _ => number.ceil() as i64,
            });
        let high = high.filter(|(number, ..)| *number < i64::MAX as f64);
        let high = high.map(|(number, excluded, whole)| match number.fract() == 0.0 {
            true => (whole, !excluded),
            false => (number.floor() as i64, true),
        });
        if low.is_some() || high.is_some() {
            let text = |end: Option<i64>| end.map_or_else(String::new, |end| end.to_string());
            bounds.allowed =
                Some(range(&text(low), &text(high.map(|(high, _)| high)), high.is_none_or(|(_, inclusive)| inclusive)));
        }
        return bounds;
    }
    let from = match low {
        Some((number, true, _)) => {
            bounds.above = Some(words::number(number));
            None
        }
        low => low.map(|(number, ..)| words::number(number)),
    };
    if from.is_some() || high.is_some() {
        let to = high.map_or_else(String::new, |(number, ..)| words::number(number));
        bounds.allowed = Some(range(&from.unwrap_or_default(), &to, high.is_none_or(|(_, excluded, _)| !excluded)));
    }
    bounds
}

/// The nearer of an end and one that is left out; in drafts before 6 the latter only says that the former is.
fn end(members: &Members<'_>, name: &str, excluding: &str, faults: &mut Vec<Fault>) -> End {
    let mut number = |name: &str| -> Option<(f64, i64)> {
        let node = members.get(name)?;
        if matches!(node.value, Value::Bool(_)) && name == excluding {
            return None;
        }
        let Some(number) = node.number() else {
            faults.push(Fault::new(node.at.clone(), format!("`{name}` is a number")));
            return None;
        };
        Some((number, node.whole().unwrap_or(number as i64)))
    };
    let (own, other) = (number(name), number(excluding));
    let flag = members.get(excluding).is_some_and(|node: &Node| node.value == Value::Bool(true));
    match (own, other) {
        (Some((own, whole)), None) => Some((own, flag, whole)),
        (None, Some((other, whole))) => Some((other, true, whole)),
        (Some((own, a)), Some((other, b))) => {
            let lower = name == "minimum";
            let excluded = if lower { other >= own } else { other <= own };
            Some(if excluded { (other, true, b) } else { (own, false, a) })
        }
        (None, None) => None,
    }
}
