//! Values that are known when a schema is checked: what a range begins with, a default, a share.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::Checker;
use super::typing::Scope;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::datum::{DAY, Datum};
use crate::schema::evaluate::{Row, evaluate};
use crate::schema::expression::{ColumnPath, Expression, Type};
use crate::schema::form::{ColumnId, TableId};

/// No row: what is known beforehand reads no column.
struct NoRow;

impl Row for NoRow {
    fn column(&self, _: &ColumnPath) -> Datum {
        Datum::Null
    }
}

impl<'a> Checker<'a> {
    /// A value of a type that reads no column; nothing where a fault was reported.
    pub(super) fn constant(&mut self, expr: &'a Expr, ty: &Type) -> Option<Datum> {
        self.constant_for(expr, ty, None)
    }

    /// A value of a column's type.
    pub(super) fn constant_of(&mut self, expr: &'a Expr, table: TableId, id: ColumnId) -> Option<Datum> {
        let ty = self.column(table, id).kind.value();
        self.constant_for(expr, &ty, Some((table, id)))
    }

    pub(super) fn constant_for(
        &mut self,
        expr: &'a Expr,
        ty: &Type,
        column: Option<(TableId, ColumnId)>,
    ) -> Option<Datum> {
        let expression = self.expression(expr, Scope::Constants, Some(ty));
        if expression.is_faulty() || *ty == Type::Unknown {
            return None;
        }
        if !ty.takes(&expression.ty) {
            self.wrong_type(&expression, expr, ty, column);
            return None;
        }
        let Some(value) = evaluate(&expression, &NoRow) else {
            let fault = Diagnostic::new(Code::Arithmetic, expr.span, "the result is too large to be held");
            self.report(fault.label("has no answer"));
            return None;
        };
        let value = converted(value, ty);
        if let (Type::Decimal(places), Datum::Float(number)) = (ty, &value) {
            let scaled = number * 10f64.powi(i32::from(*places));
            if (scaled - scaled.round()).abs() > 1e-6 * scaled.abs().max(1.0) {
                let message = format!("a decimal({places}) has {places} digits after its point, and {number} has more");
                let fault = Diagnostic::new(Code::OutOfRange, expr.span, message).label("would be rounded");
                self.report(self.about(fault, column));
                return None;
            }
        }
        Some(value)
    }

    /// Reports that a value is of another type than is expected.
    pub(super) fn wrong_type(
        &mut self,
        found: &Expression,
        expr: &Expr,
        ty: &Type,
        column: Option<(TableId, ColumnId)>,
    ) {
        let message = format!("{ty} is expected, not {}", found.ty);
        let mut fault = Diagnostic::new(Code::WrongType, expr.span, message).label(format!("this is {}", found.ty));
        fault = self.retyped(fault, expr, ty);
        if *ty == Type::Int && matches!(found.ty, Type::Float | Type::Decimal(_)) {
            let text = self.text(expr.span);
            fault = match expr.kind {
                ExprKind::Float(number) if number.fract() == 0.0 => {
                    fault.fix(format!("write `{number}`"), expr.span, number.to_string(), Applicability::Safe)
                }
                ExprKind::Float(_) => fault,
                _ => fault.fix("round it", expr.span, format!("round({text})"), Applicability::Guess),
            };
        }
        self.report(self.about(fault, column));
    }

    /// Offers a literal of the right type for one that was written as another.
    pub(super) fn retyped(&self, fault: Diagnostic, expr: &Expr, ty: &Type) -> Diagnostic {
        let written = match (&expr.kind, ty) {
            (ExprKind::Str(text), Type::Date | Type::DateTime) if is_date(text) => text.clone(),
            (ExprKind::Str(text), Type::Int) if text.parse::<i64>().is_ok() => text.clone(),
            (ExprKind::Str(text), Type::Float | Type::Decimal(_)) if is_number(text) => text.clone(),
            (ExprKind::Str(text), Type::Bool) if matches!(text.as_str(), "true" | "false") => text.clone(),
            (ExprKind::Int(year @ 1000..=9999), Type::Date | Type::DateTime) => format!("{year}-01-01"),
            (ExprKind::Int(days), Type::Duration) => format!("{days}d"),
            (ExprKind::Int(number), Type::Bool) if (0..=1).contains(number) => (*number == 1).to_string(),
            (ExprKind::Int(_) | ExprKind::Float(_), Type::Text) => format!("\"{}\"", self.text(expr.span)),
            _ => return fault,
        };
        fault.fix(format!("write `{written}`"), expr.span, written, Applicability::Safe)
    }

    /// Adds where a column is declared and what it is.
    pub(super) fn about(&self, fault: Diagnostic, column: Option<(TableId, ColumnId)>) -> Diagnostic {
        let Some((table, id)) = column else { return fault };
        let column = self.column(table, id);
        let ty = column.kind.value();
        if ty == Type::Unknown {
            return fault;
        }
        fault.related(column.kind_span, format!("`{}` is {ty}", column.name))
    }
}

/// A value as a type that takes it holds it.
pub(super) fn converted(value: Datum, ty: &Type) -> Datum {
    match (value, ty) {
        (Datum::Int(number), Type::Float | Type::Decimal(_)) => Datum::Float(number as f64),
        (Datum::Date(day), Type::DateTime) => Datum::DateTime(i64::from(day) * DAY),
        (value, _) => value,
    }
}

/// `2019-01-01`
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A number as the language writes it.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

/// The seconds of a unit of time.
pub(super) fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        "d" => DAY as f64,
        "w" => 7.0 * DAY as f64,
        _ => return None,
    })
}

/// Units that are written otherwise here.
pub(super) fn unit_meant(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "mins" | "minute" | "minutes" => "min",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        _ => return None,
    })
}

/// The place just after `span`'s first bytes, for a word that begins it.
pub(super) fn word(span: Span, length: usize) -> Span {
    Span { end: span.start + length as u32, ..span }
}
