//! What stands between braces: statements, the bodies of `if`, `repeat`, `residual` and `branch`, and settings.
//!
//! What stands on one line stays on one line while it fits; else each item has its own.

use super::cursor::{COMMA, Printer, SEMICOLON};
use super::layout::Line;
use crate::ast::{Arm, Body, Entry, Expr, ExprKind, Ident, InputType, Record, Statement, StatementKind, TensorType};
use crate::keyword;
use crate::token::TokenKind;

/// Whether a statement is nothing but a word that could begin a declaration, so that the next line would seem to be in that.
fn names_a_declaration(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Flow { value: Expr { kind: ExprKind::Name(word), .. }, name: None, .. } => {
            keyword::declaration(word).is_some()
        }
        _ => false,
    }
}

impl<'s> Printer<'s> {
    /// `{ statements }`, in a group of the caller's.
    pub(super) fn body(&mut self, body: &Body) {
        self.body_of(body, Self::statement);
    }

    /// The same, each statement printed by `each`.
    pub(super) fn body_of(&mut self, body: &Body, each: impl FnMut(&mut Self, &Statement)) {
        self.braces(body.statements.is_empty(), |printer, one_line| {
            printer.statements(&body.statements, one_line, each);
        });
    }

    /// Braces around what `inside` prints, which is told whether it stood on one line.
    pub(super) fn braces(&mut self, empty: bool, inside: impl FnOnce(&mut Self, bool)) {
        if empty {
            return self.nothing_between();
        }
        let one_line = self.closes_on_its_line();
        let edge = if one_line { Line::SPACE } else { Line::HARD };
        self.token();
        self.layout.indent();
        self.separators(COMMA);
        self.line_between(edge);
        inside(self, one_line);
        self.line_before_closer(edge);
        self.token();
    }

    fn statements(&mut self, statements: &[Statement], one_line: bool, mut each: impl FnMut(&mut Self, &Statement)) {
        let mut grouped = false;
        for (at, statement) in statements.iter().enumerate() {
            let joins = at > 0 && self.same_line();
            if at > 0 && !joins {
                if std::mem::take(&mut grouped) {
                    self.layout.end();
                }
                if names_a_declaration(&statements[at - 1]) {
                    self.layout.text(";");
                }
                self.line_between(Line::HARD);
            }
            if joins && names_a_declaration(&statements[at - 1]) {
                self.layout.text(";");
                self.line(Line::SPACE);
            } else if joins {
                self.line(Line::SEMICOLON);
            } else if !one_line && at + 1 < statements.len() {
                self.layout.group();
                grouped = true;
            }
            each(self, statement);
            self.separators(SEMICOLON);
        }
        if grouped {
            self.layout.end();
        }
    }

    pub(super) fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Input { kind, .. } => {
                self.token();
                self.space();
                self.token();
                self.glue();
                self.token();
                self.space();
                self.input_type(kind);
            }
            StatementKind::Output { value, .. } | StatementKind::Share { layer: value, .. } => {
                self.token();
                self.space();
                self.binding(value);
            }
            StatementKind::Bind { value, .. } => self.binding(value),
            StatementKind::Flow { value, name, column } => {
                self.expr(value);
                if name.is_some() {
                    self.space();
                    self.token();
                    self.space();
                    self.token();
                }
                if column.is_some() {
                    self.glue();
                    self.token();
                    self.space();
                    self.path();
                }
            }
            StatementKind::Check { condition } => {
                self.token();
                self.space();
                self.expr(condition);
            }
            StatementKind::Error => self.as_written(statement.span.end),
        }
    }

    /// `name = value`
    pub(super) fn binding(&mut self, value: &Expr) {
        self.token();
        self.space();
        self.token();
        self.space();
        self.expr(value);
    }

    fn input_type(&mut self, kind: &InputType) {
        match kind {
            InputType::Tensor(kind) => self.tensor_type(kind),
            InputType::Table { except, .. } => {
                self.path();
                if !except.is_empty() {
                    self.space();
                    self.token();
                    self.space();
                    self.names(except);
                }
            }
        }
    }

    fn tensor_type(&mut self, kind: &TensorType) {
        self.token();
        if self.is_before(kind.span.end) {
            self.glue();
            self.items(&kind.dims, true, false, Self::expr);
        }
    }

    /// `Shop.Customer.age`
    pub(super) fn path(&mut self) {
        self.token();
        while self.is_at(TokenKind::Dot) {
            self.glue();
            self.token();
            self.glue();
            self.token();
        }
    }

    /// `(id, churned)`
    pub(super) fn names(&mut self, names: &[Ident]) {
        self.items(names, true, false, |printer, _| printer.token());
    }

    /// `if a { … } else if b { … } else { … }`: on one line, or every body on lines of its own.
    pub(super) fn branches(&mut self, branches: &[(Expr, Body)], otherwise: Option<&Body>) {
        for (at, (condition, body)) in branches.iter().enumerate() {
            if at > 0 {
                self.space();
                self.token();
                self.space();
            }
            self.token();
            self.space();
            self.expr(condition);
            self.space();
            self.body(body);
        }
        if let Some(body) = otherwise {
            self.space();
            self.token();
            self.space();
            self.body(body);
        }
    }

    /// `repeat 12 as i { … }`, `repeat [(64, 3), (128, 4)] as (f, depth) { … }`
    pub(super) fn repeat(&mut self, over: &Expr, names: &[Ident], destructured: bool, body: &Body) {
        self.token();
        self.space();
        self.expr(over);
        if !names.is_empty() {
            self.space();
            self.token();
            self.space();
            if destructured {
                self.names(names);
            } else {
                self.token();
            }
        }
        self.space();
        self.body(body);
    }

    /// `branch { a: { … } b: { … } }`
    pub(super) fn arms(&mut self, arms: &[Arm]) {
        self.token();
        self.space();
        self.braces(arms.is_empty(), |printer, one_line| {
            for (at, arm) in arms.iter().enumerate() {
                if at > 0 {
                    printer.line_between(if one_line { Line::SPACE } else { Line::HARD });
                }
                if arm.name.is_some() {
                    printer.token();
                    printer.glue();
                    printer.token();
                    printer.space();
                }
                printer.layout.group();
                printer.body(&arm.body);
                printer.layout.end();
                printer.separators(COMMA);
            }
        });
    }

    /// `{ key: value, … }`
    pub(super) fn record(&mut self, record: &Record) {
        self.braces(record.entries.is_empty(), |printer, one_line| {
            for (at, entry) in record.entries.iter().enumerate() {
                if at > 0 {
                    printer.line_between(if one_line { Line::COMMA } else { Line::HARD });
                }
                printer.entry(entry);
                printer.separators(COMMA);
            }
        });
    }

    fn entry(&mut self, entry: &Entry) {
        self.token();
        self.glue();
        self.token();
        self.space();
        self.expr(&entry.value);
    }

    /// The tokens up to a byte of the text, with the spaces and lines there are between them.
    pub(super) fn as_written(&mut self, end: u32) {
        let mut first = true;
        while self.is_before(end) {
            if !std::mem::take(&mut first) {
                if self.same_line() {
                    if self.touches() { self.glue() } else { self.space() }
                } else {
                    self.line_between(Line::HARD);
                }
            }
            self.token();
        }
    }
}
