//! Operators between values of columns.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{BinaryOperator, Expr, ExprKind};

use super::Checker;
use super::typing::{Scope, joined};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::datum::{DAY, Datum};
use crate::schema::expression::{Expression, ExpressionKind, Type, Within};

/// The most digits after its point that arithmetic gives a decimal.
const MAX_PLACES: u8 = 12;

impl<'a> Checker<'a> {
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        left: &'a Expr,
        right: &'a Expr,
        span: Span,
        scope: Scope,
    ) -> Expression {
        use BinaryOperator as B;
        match operator {
            B::And | B::Or => {
                let (a, b) = (self.condition(left, scope), self.condition(right, scope));
                self.made(operator, a, b, Type::Bool, span)
            }
            B::In => self.within(at, left, right, span, scope),
            B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
                self.comparison(operator, at, left, right, span, scope)
            }
            _ => {
                let (a, b) = (self.expression(left, scope, None), self.expression(right, scope, None));
                if a.ty == Type::Unknown || b.ty == Type::Unknown {
                    return Expression::unknown(span);
                }
                match result(operator, &a, &b) {
                    Some(ty) => self.made(operator, a, b, ty, span),
                    None => {
                        self.no_arithmetic(operator, at, (left, &a), (right, &b));
                        Expression::unknown(span)
                    }
                }
            }
        }
    }

    fn made(&self, operator: BinaryOperator, left: Expression, right: Expression, ty: Type, span: Span) -> Expression {
        if left.ty == Type::Unknown || right.ty == Type::Unknown {
            return Expression::unknown(span);
        }
        let kind = ExpressionKind::Binary { operator, left: Box::new(left), right: Box::new(right) };
        Expression { kind, ty, span }
    }

    /// Whether an expression may be a label: a bare word that is no column, or a text.
    fn may_be_label(&self, expr: &Expr, scope: Scope) -> bool {
        match (&expr.kind, scope) {
            (ExprKind::Name(name), Scope::Row(table)) => self.column_named(table, name).is_none(),
            (ExprKind::Str(_), _) => true,
            _ => false,
        }
    }

    /// Both sides of a comparison, each as what the other side expects.
    fn sides(&mut self, left: &'a Expr, right: &'a Expr, scope: Scope) -> (Expression, Expression) {
        let turned = self.may_be_label(left, scope) && !self.may_be_label(right, scope);
        let (first, second) = if turned { (right, left) } else { (left, right) };
        let one = self.expression(first, scope, None);
        // What stands beside something unknown may be a label of it.
        let other = match one.ty == Type::Unknown && self.may_be_label(second, scope) {
            true => Expression::unknown(second.span),
            false => self.expression(second, scope, Some(&one.ty)),
        };
        if turned { (other, one) } else { (one, other) }
    }

    fn comparison(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        left: &'a Expr,
        right: &'a Expr,
        span: Span,
        scope: Scope,
    ) -> Expression {
        let (a, b) = self.sides(left, right, scope);
        if a.ty == Type::Unknown || b.ty == Type::Unknown {
            return Expression::unknown(span);
        }
        let equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        if a.ty == Type::Null || b.ty == Type::Null {
            let (value, null) = if a.ty == Type::Null { (b, left) } else { (a, right) };
            if !equality {
                let message = format!("nothing is above or below `null`, so `{}` is never true", operator.symbol());
                let fault = Diagnostic::new(Code::WrongType, at, message).label("compares with `null`");
                self.report(
                    fault
                        .related(null.span, "this is null")
                        .help("`== null` asks whether a value is missing, `!= null` whether it is there"),
                );
                return Expression::unknown(span);
            }
            let negated = operator == BinaryOperator::NotEqual;
            return Expression {
                kind: ExpressionKind::IsNull { value: Box::new(value), negated },
                ty: Type::Bool,
                span,
            };
        }
        if !a.ty.comparable(&b.ty) {
            let message = format!("`{}` compares values of one type, not {} with {}", operator.symbol(), a.ty, b.ty);
            let mut fault = Diagnostic::new(Code::WrongType, at, message)
                .label("of two types")
                .related(left.span, format!("this is {}", a.ty))
                .related(right.span, format!("this is {}", b.ty));
            fault = self.retyped(fault, right, &a.ty);
            if fault.fixes.is_empty() {
                fault = self.retyped(fault, left, &b.ty);
            }
            self.report(fault);
            return Expression::unknown(span);
        }
        if !equality && !a.ty.is_ordered() {
            let message =
                format!("`{}` compares values that stand in an order, and this is {}", operator.symbol(), a.ty);
            let mut fault = Diagnostic::new(Code::WrongType, at, message).label("no order");
            fault = match a.ty {
                Type::Enum(_) => fault.help("list the labels that are meant: `in [free, pro]`"),
                _ => fault.help("`==` and `!=` compare any values"),
            };
            self.report(fault);
            return Expression::unknown(span);
        }
        if matches!(a.ty, Type::Json | Type::List(_)) {
            let message = format!("{} can only be compared with `null`", a.ty);
            self.report(Diagnostic::new(Code::WrongType, at, message).label("compares what is inside"));
            return Expression::unknown(span);
        }
        self.made(operator, a, b, Type::Bool, span)
    }

    /// `age in 18..=95`, `plan in [free, pro]`
    fn within(&mut self, at: Span, left: &'a Expr, right: &'a Expr, span: Span, scope: Scope) -> Expression {
        let value = self.expression(left, scope, None);
        if value.ty == Type::Unknown {
            return Expression::unknown(span);
        }
        let ty = value.ty.clone();
        let set = match &right.kind {
            ExprKind::List(items) => {
                let mut all = Vec::new();
                for item in items {
                    let typed = self.expression(item, scope, Some(&ty));
                    if typed.is_faulty() {
                        return Expression::unknown(span);
                    }
                    if !ty.comparable(&typed.ty) || matches!(ty, Type::Json | Type::List(_)) {
                        self.not_in(left, item, &ty, &typed.ty);
                        return Expression::unknown(span);
                    }
                    all.push(typed);
                }
                if all.is_empty() {
                    let fault = Diagnostic::new(Code::NoValueLeft, right.span, "nothing is in this list");
                    self.report(fault.label("never true"));
                    return Expression::unknown(span);
                }
                Within::List(all)
            }
            ExprKind::Range { start, end, inclusive } => {
                let mut ends = [None, None];
                for (place, end) in [start, end].into_iter().enumerate() {
                    let Some(end) = end else { continue };
                    let typed = self.expression(end, scope, Some(&ty));
                    if typed.is_faulty() {
                        return Expression::unknown(span);
                    }
                    if !ty.comparable(&typed.ty) || !ty.is_ordered() {
                        self.not_in(left, end, &ty, &typed.ty);
                        return Expression::unknown(span);
                    }
                    ends[place] = Some(Box::new(typed));
                }
                let [low, high] = ends;
                Within::Range { low, high, inclusive: *inclusive }
            }
            ExprKind::Error => return Expression::unknown(span),
            _ => {
                let fault = Diagnostic::new(Code::WrongType, right.span, "`in` takes a range or a list")
                    .label("neither a range nor a list")
                    .related(at, "asked for here")
                    .help("a range is written `18..=95`, a list `[1, 2, 4]`");
                self.report(fault);
                return Expression::unknown(span);
            }
        };
        Expression { kind: ExpressionKind::Within { value: Box::new(value), set }, ty: Type::Bool, span }
    }

    fn not_in(&mut self, value: &Expr, item: &Expr, ty: &Type, found: &Type) {
        let message = match ty.comparable(found) {
            true => format!("{ty} is in no order, so it is in no range"),
            false => format!("what is looked for is {ty}, and this is {found}"),
        };
        let fault = Diagnostic::new(Code::WrongType, item.span, message)
            .label(format!("this is {found}"))
            .related(value.span, format!("this is {ty}"));
        let fault = self.retyped(fault, item, ty);
        self.report(fault);
    }

    fn no_arithmetic(
        &mut self,
        operator: BinaryOperator,
        at: Span,
        (left, a): (&'a Expr, &Expression),
        (right, b): (&'a Expr, &Expression),
    ) {
        let symbol = operator.symbol();
        let message = format!("`{symbol}` does not go with {} and {}", a.ty, b.ty);
        let mut fault = Diagnostic::new(Code::WrongType, at, message)
            .label("has no answer")
            .related(left.span, format!("this is {}", a.ty))
            .related(right.span, format!("this is {}", b.ty));
        let moves = matches!(operator, BinaryOperator::Add | BinaryOperator::Subtract);
        fault = match (&a.ty, &b.ty, &right.kind) {
            (Type::Date | Type::DateTime, Type::Int, ExprKind::Int(days)) if moves => {
                fault.fix(format!("write `{days}d`"), right.span, format!("{days}d"), Applicability::Guess)
            }
            (Type::Duration, Type::Int, ExprKind::Int(days)) if moves => {
                fault.fix(format!("write `{days}d`"), right.span, format!("{days}d"), Applicability::Guess)
            }
            (Type::Date, Type::Duration, _) if moves => {
                fault.help("a date moves by whole days, such as `2d`; a datetime moves by any length of time")
            }
            (Type::Date | Type::DateTime, Type::Int, _) if moves => {
                fault.help("a moment is moved by a length of time: multiply the number by `1d`")
            }
            (Type::Text, _, _) | (_, Type::Text, _) if operator == BinaryOperator::Add => {
                fault.help("`concat(a, b)` and `format(\"{a} {b}\")` put texts together")
            }
            (Type::Null, _, _) | (_, Type::Null, _) => fault.help("arithmetic with `null` is always null"),
            (Type::Bool, _, _) | (_, Type::Bool, _) => {
                fault.help("`if x { 1 } else { 0 }` makes a number of a truth value")
            }
            (Type::Enum(_), _, _) | (_, Type::Enum(_), _) => {
                fault.help("`if plan == free { 0 } else { 1 }` makes a number of a label")
            }
            _ => fault,
        };
        self.report(fault);
    }
}

/// The type of arithmetic on two values; nothing where it has none.
fn result(operator: BinaryOperator, left: &Expression, right: &Expression) -> Option<Type> {
    use BinaryOperator as B;
    use Type as T;
    let (a, b) = (&left.ty, &right.ty);
    if a.is_number() && b.is_number() {
        return Some(match (operator, a, b) {
            (B::MatMul, _, _) => return None,
            (B::Divide, _, _) => T::Float,
            (B::Multiply, T::Decimal(a), T::Decimal(b)) => T::Decimal(a.saturating_add(*b).min(MAX_PLACES)),
            (B::FloorDivide, T::Int, T::Int) | (B::Remainder, T::Int, T::Int) => T::Int,
            (B::FloorDivide | B::Remainder, _, _) => T::Float,
            (B::Power, T::Int, T::Int) => match right.as_constant() {
                Some(Datum::Int(exponent)) if *exponent >= 0 => T::Int,
                _ => T::Float,
            },
            (B::Power, _, _) => T::Float,
            _ => joined(a, b)?,
        });
    }
    // A day moved by part of a day would be cut without a word.
    let whole_days = |moved: &Expression| match moved.as_constant() {
        Some(Datum::Duration(seconds)) => seconds % DAY as f64 == 0.0,
        _ => true,
    };
    Some(match (operator, a, b) {
        (B::Add | B::Subtract, T::Date, T::Duration) if whole_days(right) => T::Date,
        (B::Add | B::Subtract, T::Date, T::Duration) => return None,
        (B::Add | B::Subtract, T::DateTime, T::Duration) => T::DateTime,
        (B::Add | B::Subtract, T::Time, T::Duration) => T::Time,
        (B::Add | B::Subtract, T::Duration, T::Duration) => T::Duration,
        (B::Add, T::Duration, T::DateTime) => T::DateTime,
        (B::Subtract, T::Time, T::Time) => T::Duration,
        (B::Subtract, a, b) if a.is_moment() && b.is_moment() => T::Duration,
        (B::Multiply, T::Duration, b) if b.is_number() => T::Duration,
        (B::Multiply, a, T::Duration) if a.is_number() => T::Duration,
        (B::Divide, T::Duration, b) if b.is_number() => T::Duration,
        (B::Divide, T::Duration, T::Duration) => T::Float,
        _ => return None,
    })
}
