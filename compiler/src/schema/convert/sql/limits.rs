//! Conditions of SQL that are limits of one column: `age BETWEEN 18 AND 95` is `in 18..=95`.

use std::collections::BTreeMap;

use sqlparser::ast::{BinaryOperator, Expr};

use super::super::outline::{ColumnOutline, TableOutline};
use super::super::{anchors, describe, expression, words};
use super::condition;
use crate::schema::form::Length;
use crate::schema::pattern;

/// The most labels that an enum may have.
const MAX_LABELS: usize = 4096;

/// A limit of a column.
enum Limit {
    /// `in`, from one end; whether the end is the least value.
    From(String),
    To(String, bool),
    /// `in`, a list.
    Listed(Vec<String>),
    /// The labels of a text.
    Labels(Vec<String>),
    Length(Option<u64>, Option<u64>),
    Pattern(String),
    NotNull,
}

/// Takes up a condition as limits of columns, where each of its parts is one and none is at odds with what is known; whether
/// it did.
pub(super) fn lift(expr: &Expr, table: &mut TableOutline) -> bool {
    let mut parts = Vec::new();
    if !conjuncts(expr, &mut parts, 0) {
        return false;
    }
    let mut changed: BTreeMap<usize, ColumnOutline> = BTreeMap::new();
    for part in parts {
        let Some((name, limits)) = limits(part, table) else { return false };
        let Some(place) = table.columns.iter().position(|column| column.name == name) else { return false };
        let column = changed.entry(place).or_insert_with(|| table.columns[place].clone());
        if !limits.into_iter().all(|limit| apply(limit, column)) {
            return false;
        }
    }
    for (place, column) in changed {
        table.columns[place] = column;
    }
    true
}

fn conjuncts<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>, depth: usize) -> bool {
    match expr {
        _ if depth > 64 => false,
        Expr::Nested(inner) => conjuncts(inner, parts, depth + 1),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjuncts(left, parts, depth + 1) && conjuncts(right, parts, depth + 1)
        }
        other => {
            parts.push(other);
            true
        }
    }
}

fn is_ordered(column: &ColumnOutline) -> bool {
    matches!(column.kind.as_str(), "int" | "float" | "date" | "datetime" | "time") || column.kind.starts_with("decimal")
}

fn is_text(column: &ColumnOutline) -> bool {
    matches!(column.kind.as_str(), "string" | "text")
}

/// The limits a condition sets, and the name of their column.
fn limits(expr: &Expr, table: &TableOutline) -> Option<(String, Vec<Limit>)> {
    let known = |expr: &Expr| condition::column(expr, table);
    let one = |column: &ColumnOutline, limit: Limit| Some((column.name.clone(), vec![limit]));
    match condition::bare(expr) {
        Expr::IsNotNull(value) => one(known(value)?, Limit::NotNull),
        Expr::Between { expr, negated: false, low, high } => {
            if let Some(column) = measured(expr, table) {
                let limit = Limit::Length(Some(whole(low)?), Some(whole(high)?));
                return one(column, limit);
            }
            let column = known(expr).filter(|column| is_ordered(column))?;
            let (low, high) = (condition::constant(low, column)?, condition::constant(high, column)?);
            Some((column.name.clone(), vec![Limit::From(low), Limit::To(high, true)]))
        }
        Expr::InList { expr, list, negated: false } => listed(expr, list, table),
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
            listed(left, condition::items(right)?, table)
        }
        Expr::BinaryOp { left, op: BinaryOperator::PGRegexMatch, right } => patterned(known(left)?, right),
        Expr::RLike { expr, pattern, negated: false, .. } => patterned(known(expr)?, pattern),
        Expr::BinaryOp { left, op, right } => {
            let turned = known(left).is_none() && measured(left, table).is_none();
            let (left, right) = if turned { (right, left) } else { (left, right) };
            let op = if turned { turn(op)? } else { op.clone() };
            compared(left, &op, right, table)
        }
        _ => None,
    }
}

/// The operator with its sides exchanged.
fn turn(op: &BinaryOperator) -> Option<BinaryOperator> {
    Some(match op {
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        BinaryOperator::Eq => BinaryOperator::Eq,
        _ => return None,
    })
}

fn compared(left: &Expr, op: &BinaryOperator, right: &Expr, table: &TableOutline) -> Option<(String, Vec<Limit>)> {
    if let Some(column) = measured(left, table) {
        let number = whole(right)?;
        let limit = match op {
            BinaryOperator::Gt => Limit::Length(Some(number.checked_add(1)?), None),
            BinaryOperator::GtEq => Limit::Length(Some(number), None),
            BinaryOperator::Lt => Limit::Length(None, Some(number.checked_sub(1)?)),
            BinaryOperator::LtEq => Limit::Length(None, Some(number)),
            BinaryOperator::Eq => Limit::Length(Some(number), Some(number)),
            _ => return None,
        };
        return Some((column.name.clone(), vec![limit]));
    }
    let column = condition::column(left, table).filter(|column| is_ordered(column))?;
    let value = condition::constant(right, column)?;
    let is_int = column.kind == "int";
    let limit = match op {
        BinaryOperator::GtEq => Limit::From(value),
        // A range has its least value in it.
        BinaryOperator::Gt if is_int => Limit::From(value.parse::<i64>().ok()?.checked_add(1)?.to_string()),
        BinaryOperator::Lt => Limit::To(value, false),
        BinaryOperator::LtEq => Limit::To(value, true),
        _ => return None,
    };
    Some((column.name.clone(), vec![limit]))
}

/// The column whose length an expression is.
fn measured<'t>(expr: &Expr, table: &'t TableOutline) -> Option<&'t ColumnOutline> {
    let Expr::Function(call) = condition::bare(expr) else { return None };
    let name = call.name.to_string().to_lowercase();
    let [only] = condition::arguments(call)?[..] else { return None };
    let column = condition::column(only, table)?;
    let fits = match name.as_str() {
        "length" | "char_length" | "character_length" => is_text(column),
        "cardinality" => column.kind.starts_with("list("),
        _ => false,
    };
    fits.then_some(column)
}

fn whole(expr: &Expr) -> Option<u64> {
    match condition::bare(expr) {
        Expr::Value(value) => match &value.value {
            sqlparser::ast::Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

fn listed(expr: &Expr, list: &[Expr], table: &TableOutline) -> Option<(String, Vec<Limit>)> {
    let column = condition::column(expr, table)?;
    let mut values = Vec::new();
    if is_text(column) {
        for item in list {
            let Expr::Value(value) = condition::bare(item) else { return None };
            values.push(value.value.clone().into_string()?);
        }
        return (values.len() <= MAX_LABELS).then(|| (column.name.clone(), vec![Limit::Labels(values)]));
    }
    if !is_ordered(column) && column.kind != "bool" {
        return None;
    }
    for item in list {
        values.push(condition::constant(item, column)?);
    }
    Some((column.name.clone(), vec![Limit::Listed(values)]))
}

fn patterned(column: &ColumnOutline, expr: &Expr) -> Option<(String, Vec<Limit>)> {
    let Expr::Value(value) = condition::bare(expr) else { return None };
    let text = anchors::whole(&value.value.clone().into_string()?);
    let known = is_text(column) && pattern::read(&words::pattern(&text)).is_ok();
    known.then(|| (column.name.clone(), vec![Limit::Pattern(words::pattern(&text))]))
}

/// Sets a limit where nothing is set yet; whether it could.
fn apply(limit: Limit, column: &mut ColumnOutline) -> bool {
    match limit {
        Limit::From(low) => match column.allowed.as_deref() {
            None => column.allowed = Some(format!("{low}..")),
            Some(range) if range.starts_with("..") => column.allowed = Some(format!("{low}{range}")),
            _ => return false,
        },
        Limit::To(high, inclusive) => match column.allowed.as_deref() {
            None => column.allowed = Some(expression::range("", &high, inclusive)),
            Some(range) if range.ends_with("..") => {
                let low = range.trim_end_matches('.').to_owned();
                column.allowed = Some(expression::range(&low, &high, inclusive));
            }
            _ => return false,
        },
        Limit::Listed(values) if column.allowed.is_none() => column.allowed = Some(format!("[{}]", values.join(", "))),
        Limit::Labels(labels) if column.length.is_none() && column.pattern.is_none() => {
            let labels: Vec<String> = labels.iter().map(|label| expression::label(label)).collect();
            column.kind = format!("enum {{ {} }}", labels.join(", "));
            // What was a text's default is a label now.
            if let Some(default) = column.default.as_mut() {
                *default = labels
                    .iter()
                    .find(|label| default.trim_matches('"') == label.trim_matches('"'))
                    .cloned()
                    .unwrap_or_else(|| default.clone());
            }
        }
        Limit::Length(min, max) => {
            let known = column.length.as_deref().map(read_length);
            let (low, high) = known.unwrap_or((0, None));
            let length = Length { min: min.unwrap_or(0).max(low), max: [max, high].into_iter().flatten().min() };
            column.length = Some(describe::length(length));
        }
        Limit::Pattern(pattern) if column.pattern.is_none() => column.pattern = Some(pattern),
        Limit::NotNull => column.optional = false,
        _ => return false,
    }
    true
}

/// `2..=5` as two numbers.
fn read_length(text: &str) -> (u64, Option<u64>) {
    match text.split_once("..") {
        None => (text.parse().unwrap_or(0), text.parse().ok()),
        Some((low, high)) => (low.parse().unwrap_or(0), high.trim_start_matches('=').parse().ok()),
    }
}
