//! Expressions.

use super::cursor::Printer;
use super::layout::Line;
use crate::ast::{Argument, BinaryOperator, Expr, ExprKind};
use crate::token::TokenKind;

/// What stands between two operands.
#[derive(Clone, Copy, PartialEq)]
enum Infix {
    Pipe,
    Binary(BinaryOperator),
}

impl Infix {
    /// Operators of one level make one chain.
    fn level(self) -> u8 {
        use BinaryOperator as B;
        match self {
            Self::Pipe => 0,
            Self::Binary(B::Or) => 1,
            Self::Binary(B::And) => 2,
            Self::Binary(B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual | B::In) => 3,
            Self::Binary(B::Add | B::Subtract) => 4,
            Self::Binary(B::Multiply | B::Divide | B::FloorDivide | B::Remainder | B::MatMul) => 5,
            Self::Binary(B::Power) => 6,
        }
    }
}

fn infix(expr: &Expr) -> Option<(Infix, &Expr, &Expr)> {
    match &expr.kind {
        ExprKind::Pipe { value, call } => Some((Infix::Pipe, value, call)),
        ExprKind::Binary { operator, left, right, .. } => Some((Infix::Binary(*operator), left, right)),
        _ => None,
    }
}

/// The part of an expression that it begins with, unless that is a token of its own.
fn first_part(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Binary { left: part, .. }
        | ExprKind::Pipe { value: part, .. }
        | ExprKind::Call { callee: part, .. }
        | ExprKind::Field { base: part, .. }
        | ExprKind::Index { base: part, .. }
        | ExprKind::Range { start: Some(part), .. } => Some(part),
        _ => None,
    }
}

/// Whether brackets stand around an expression that begins with another.
fn in_brackets(expr: &Expr) -> bool {
    first_part(expr).is_some_and(|part| expr.span.start < part.span.start)
}

/// Whether it ends with a brace on a line of its own, so that what follows stands behind that.
fn ends_in_brace(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::If { .. }
            | ExprKind::Repeat { .. }
            | ExprKind::Residual { .. }
            | ExprKind::Branch { .. }
            | ExprKind::Record(_)
            | ExprKind::Body(_)
    )
}

/// A value of few characters, of which many stand on a line.
fn is_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Percent(_) => true,
        ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Int(_) | ExprKind::Float(_)),
        _ => false,
    }
}

impl<'s> Printer<'s> {
    /// Prints an expression; brackets around it stay, since they help who reads it.
    pub(super) fn expr(&mut self, expr: &Expr) {
        if self.is_at_bracket_around(expr) {
            return self.bracketed(expr);
        }
        match &expr.kind {
            ExprKind::Binary { .. } | ExprKind::Pipe { .. } => self.chain(expr),
            ExprKind::Call { .. } | ExprKind::Field { .. } | ExprKind::Index { .. } => self.postfix(expr),
            ExprKind::List(items) => match items.as_slice() {
                // `(64,)` is a list of one by its comma.
                [only] if self.is_at(TokenKind::LeftParen) => {
                    self.token();
                    self.glue();
                    self.expr(only);
                    self.glue();
                    self.token();
                    self.glue();
                    self.token();
                }
                _ => self.items(items, true, items.iter().all(is_number), Self::expr),
            },
            ExprKind::Unary { operand, .. } => {
                let word = self.is_at(TokenKind::Not);
                self.token();
                if word {
                    self.space();
                } else {
                    self.glue();
                }
                self.expr(operand);
            }
            ExprKind::Range { start, end, .. } => {
                if let Some(start) = start {
                    self.expr(start);
                    self.glue();
                }
                self.token();
                if let Some(end) = end {
                    self.glue();
                    self.expr(end);
                }
            }
            _ if ends_in_brace(expr) => {
                self.layout.group();
                self.braced(expr);
                self.layout.end();
            }
            _ => self.token(),
        }
    }

    /// An expression that ends in a brace, in a group of the caller's.
    fn braced(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::If { branches, otherwise } => self.branches(branches, otherwise.as_ref()),
            ExprKind::Repeat { over, names, destructured, body } => self.repeat(over, names, *destructured, body),
            ExprKind::Residual { body } => {
                self.token();
                self.space();
                self.body(body);
            }
            ExprKind::Branch { arms } => self.arms(arms),
            ExprKind::Body(body) => self.body(body),
            ExprKind::Record(record) => self.record(record),
            _ => {}
        }
    }

    /// Whether the next token is a bracket that only holds `expr` together.
    fn is_at_bracket_around(&self, expr: &Expr) -> bool {
        let Some(next) = self.peek().filter(|next| next.kind == TokenKind::LeftParen) else { return false };
        match first_part(expr) {
            Some(part) => next.start < part.span.start,
            // `(64, 3)` is a list of two; `([64, 3])` is one in brackets.
            None => !matches!(expr.kind, ExprKind::List(_)) || self.holds_brackets_alone(),
        }
    }

    /// `(…)` around an expression.
    fn bracketed(&mut self, expr: &Expr) {
        self.layout.group();
        self.token();
        self.layout.indent();
        self.line(Line::SOFT);
        if infix(expr).is_some() && !self.is_at_bracket_around(expr) {
            self.chain_flush(expr);
        } else {
            self.expr(expr);
        }
        self.line_before_closer(Line::SOFT);
        self.token();
        self.layout.end();
    }

    /// Operands with operators of one level between them; where they do not fit, each operator begins a line.
    fn chain(&mut self, expr: &Expr) {
        let (first, rest) = links(expr);
        let mut rest = rest.into_iter();
        self.layout.group();
        if ends_in_brace(first) && !self.is_at(TokenKind::LeftParen) {
            // What stands behind a brace goes on behind it, whatever the lines before.
            self.braced(first);
            if let Some((_, operand)) = rest.next() {
                self.space();
                self.token();
                self.space();
                self.expr(operand);
            }
        } else {
            self.expr(first);
        }
        self.layout.group();
        self.layout.indent();
        rest.for_each(|link| self.link(link));
        self.layout.end();
        self.layout.end();
        self.layout.end();
    }

    /// The same in brackets, where the operators stand under the first operand.
    fn chain_flush(&mut self, expr: &Expr) {
        let (first, rest) = links(expr);
        self.expr(first);
        rest.into_iter().for_each(|link| self.link(link));
    }

    /// An operator and what follows it.
    fn link(&mut self, (operator, operand): (Infix, &Expr)) {
        if operator == Infix::Binary(BinaryOperator::FloorDivide) {
            // It divides only where it touches both sides.
            self.glue();
            self.token();
            self.glue();
        } else {
            self.line(Line::SPACE);
            self.token();
            self.space();
        }
        self.expr(operand);
    }

    /// Calls, fields and indices.
    fn postfix(&mut self, expr: &Expr) {
        let mut parts = vec![expr];
        let mut base = expr;
        while let Some(inner) = first_part(base) {
            base = inner;
            let goes_on = matches!(base.kind, ExprKind::Call { .. } | ExprKind::Field { .. } | ExprKind::Index { .. });
            if !goes_on || in_brackets(base) {
                break;
            }
            parts.push(base);
        }
        self.expr(base);
        for part in parts.into_iter().rev() {
            self.glue();
            match &part.kind {
                ExprKind::Call { callee, arguments, brackets } => {
                    let own = self.is_own_layer(callee);
                    self.arguments(arguments, brackets.end, if own { Self::layer_argument } else { Self::argument });
                }
                ExprKind::Index { indices, .. } => self.items(indices, true, false, Self::expr),
                _ => {
                    self.token();
                    self.glue();
                    self.token();
                }
            }
        }
    }

    fn arguments(&mut self, arguments: &[Argument], end: u32, each: fn(&mut Self, &Argument)) {
        if let [only] = arguments
            && let ExprKind::List(_) = only.value.kind
            && let Some(open) = self.peek()
            && !self.comment_in(open.start, only.value.span.start)
            && !self.comment_in(only.value.span.end, end)
        {
            // The brackets of a list and those of the call around it open and close together.
            self.token();
            each(self, only);
            self.drop(TokenKind::Comma, "");
            self.token();
            return;
        }
        self.items(arguments, true, false, each);
    }

    fn argument(&mut self, argument: &Argument) {
        self.argument_name(argument);
        self.expr(&argument.value);
    }

    /// An argument of one of the language's own layers.
    fn layer_argument(&mut self, argument: &Argument) {
        self.argument_name(argument);
        match self.word(argument) {
            Some(word) => self.token_as(word),
            None => self.expr(&argument.value),
        }
    }

    fn argument_name(&mut self, argument: &Argument) {
        if argument.name.is_some() {
            self.token();
            self.glue();
            self.token();
            self.glue();
        }
    }

    /// Items between brackets and commas: on one line, or one a line, or where `fill` is true as many a line as fit.
    pub(super) fn items<T>(&mut self, items: &[T], comma_after_last: bool, fill: bool, each: fn(&mut Self, &T)) {
        if items.is_empty() {
            return self.nothing_between();
        }
        let between = if fill { Line::FILL } else { Line::SPACE };
        self.layout.group();
        self.token();
        self.layout.indent();
        self.line(Line::SOFT);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.layout.text(",");
                self.line_between(between);
            }
            each(self, item);
            self.drop(TokenKind::Comma, "");
        }
        if comma_after_last {
            self.layout.if_broken(",");
        }
        self.line_before_closer(Line::SOFT);
        self.token();
        self.layout.end();
    }

    /// Brackets with nothing, or nothing but comments, in them.
    pub(super) fn nothing_between(&mut self) {
        self.token();
        self.drop_separators();
        if self.meets_comment() {
            self.layout.indent();
            self.line_before_closer(Line::HARD);
        }
        self.token();
    }
}

/// The first operand of a chain, and the others with the operators before them.
fn links(expr: &Expr) -> (&Expr, Vec<(Infix, &Expr)>) {
    let Some((operator, left, right)) = infix(expr) else { return (expr, Vec::new()) };
    let level = operator.level();
    let same = |expr: &Expr| !in_brackets(expr) && infix(expr).is_some_and(|(operator, ..)| operator.level() == level);
    let mut rest = vec![(operator, right)];
    let mut first = left;
    if operator == Infix::Binary(BinaryOperator::Power) {
        // It groups to the right.
        while let Some((operator, left, right)) =
            rest.last().filter(|(_, last)| same(last)).and_then(|(_, last)| infix(last))
        {
            if let Some(last) = rest.last_mut() {
                last.1 = left;
            }
            rest.push((operator, right));
        }
    } else {
        while let Some((operator, left, right)) = Some(first).filter(|first| same(first)).and_then(infix) {
            rest.push((operator, right));
            first = left;
        }
        rest.reverse();
    }
    (first, rest)
}
