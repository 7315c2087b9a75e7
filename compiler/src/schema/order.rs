//! Comparisons between columns, taken together: `a < b`, `b < c` and `c < a` leave no row, whatever the ranges are.
//!
//! Each comparison of the form `x + c <= y` bounds a difference; the bounds contradict each other exactly where some of them
//! form a circle whose sum is below zero.

use std::collections::BTreeMap;

use ndsl_grammar::ast::BinaryOperator;

use super::domain::{Range, Values};
use super::expression::{ColumnPath, Expression, ExpressionKind, Type};
use super::prove::{Known, Prover};

/// More columns than this are not compared together.
const MAX_COLUMNS: usize = 64;

/// `a - b <= bound`, or `<`.
struct Bound {
    a: usize,
    b: usize,
    bound: f64,
    strict: bool,
}

/// Whether the comparisons that must hold do not contradict each other.
pub fn consistent(prover: &Prover<'_>, conditions: &[&Expression], known: &Known) -> bool {
    let mut columns: BTreeMap<&ColumnPath, (usize, Range)> = BTreeMap::new();
    let mut bounds = Vec::new();
    for comparison in conditions.iter().flat_map(|condition| condition.conjuncts()) {
        let ExpressionKind::Binary { operator, left, right } = &comparison.kind else { continue };
        let (Some(a), Some(b)) = (linear(prover, left, known), linear(prover, right, known)) else { continue };
        let whole = a.2.step.is_some() && a.2.step == b.2.step;
        let offset = b.1 - a.1;
        if (offset != 0.0 && !whole) || offset.fract() != 0.0 || offset.abs() > 1e15 {
            continue;
        }
        let mut place = |path, range| {
            let next = columns.len();
            columns.entry(path).or_insert((next, range)).0
        };
        let (a, b, step) = (place(a.0, a.2), place(b.0, b.2), a.2.step);
        // Between whole numbers, `<` is one step less.
        let bound = |strict: bool, offset: f64| match (whole, step) {
            (true, Some(step)) if strict => (offset - step, false),
            _ => (offset, strict),
        };
        let mut push = |a, b, offset, strict| {
            let (bound, strict) = bound(strict, offset);
            bounds.push(Bound { a, b, bound, strict });
        };
        match operator {
            BinaryOperator::Less | BinaryOperator::LessEqual => push(a, b, offset, *operator == BinaryOperator::Less),
            BinaryOperator::Greater | BinaryOperator::GreaterEqual => {
                push(b, a, -offset, *operator == BinaryOperator::Greater);
            }
            BinaryOperator::Equal => {
                push(a, b, offset, false);
                push(b, a, -offset, false);
            }
            _ => {}
        }
    }
    if bounds.is_empty() || columns.len() > MAX_COLUMNS {
        return true;
    }
    // One more node stands for zero, so that the ranges take part; only ends that are whole are exact enough.
    let zero = columns.len();
    for (at, range) in columns.values() {
        let exact = |end: f64| end.fract() == 0.0 && end.abs() < 1e15;
        if range.high.is_finite() && exact(range.high) {
            bounds.push(Bound { a: *at, b: zero, bound: range.high, strict: range.high_open });
        }
        if range.low.is_finite() && exact(range.low) {
            bounds.push(Bound { a: zero, b: *at, bound: -range.low, strict: range.low_open });
        }
    }
    !contradict(zero + 1, &bounds)
}

/// A column that is never null, plus a number: the only form that is compared.
fn linear<'e>(prover: &Prover<'_>, expression: &'e Expression, known: &Known) -> Option<(&'e ColumnPath, f64, Range)> {
    let ordered = expression.ty.is_number() || expression.ty.is_moment() || expression.ty == Type::Time;
    if !ordered {
        return None;
    }
    match &expression.kind {
        ExpressionKind::Column(path) => {
            // Whether it may be null is asked of the declaration: what a condition says of it may be one of these.
            if prover.evaluate(expression, &Known::default()).null.is_some() {
                return None;
            }
            match prover.evaluate(expression, known).values {
                Values::Points(range) => Some((path, 0.0, range)),
                _ => None,
            }
        }
        ExpressionKind::Binary { operator, left, right } => {
            let (path, offset, range) = linear(prover, left, known)?;
            let number = right.as_constant()?.point()?;
            let offset = match operator {
                BinaryOperator::Add => offset + number,
                BinaryOperator::Subtract => offset - number,
                _ => return None,
            };
            // A date moved by part of a day is cut to a day: not a plain sum.
            let step = range.step?;
            (number % step == 0.0).then_some((path, offset, range))
        }
        _ => None,
    }
}

/// Whether some of the bounds form a circle that sums to less than zero.
fn contradict(nodes: usize, bounds: &[Bound]) -> bool {
    // Distances from everywhere at once; the count of strict bounds breaks ties.
    let mut distance = vec![(0.0f64, 0i64); nodes];
    for _ in 0..=nodes {
        let mut changed = false;
        for bound in bounds {
            let (sum, strict) = distance[bound.b];
            let next = (sum + bound.bound, strict - i64::from(bound.strict));
            if next < distance[bound.a] {
                distance[bound.a] = next;
                changed = true;
            }
        }
        if !changed {
            return false;
        }
    }
    true
}
