//! Declarations.

use super::cursor::Printer;
use super::input::InputCall;
use super::layout::{Layout, Line, Output};
use crate::ast::{Declaration, DeclarationKind, File, Model, Parameter, Record, Statement, Use};
use crate::token::TokenKind;

impl<'s> Printer<'s> {
    /// Prints a whole file.
    ///
    /// A declaration of several lines stands between empty ones; short ones stand together where they did.
    pub(super) fn file(&mut self, file: &File) -> String {
        let mut out = Output::with_capacity(self.text.len() + self.text.len() / 8);
        let mut long_before = false;
        for (at, declaration) in file.declarations.iter().enumerate() {
            let first = at == 0;
            let blank = !first && self.has_blank_ahead();
            self.own_lines();
            let lead = std::mem::take(&mut self.layout);
            self.declaration(declaration, file);
            if !self.is_through(declaration.span.end) {
                self.verbatim(declaration);
            }
            let long = self.layout.is_long();
            self.trailing_comments();
            let body = std::mem::replace(&mut self.layout, lead);
            if !first {
                out.newline(blank || long || long_before);
            }
            self.layout.print(&mut out);
            self.layout = body;
            self.layout.print(&mut out);
            long_before = long;
        }
        if self.meets_comment() {
            if !file.declarations.is_empty() {
                out.newline(self.has_blank_ahead());
            }
            self.own_lines();
            self.layout.print(&mut out);
        }
        out.finish()
    }

    /// Prints a declaration as it is written: should its tokens not be what its tree says, it is not for us to change them.
    fn verbatim(&mut self, declaration: &Declaration) {
        self.layout = Layout::default();
        let mut blank = false;
        for (at, line) in self.text[declaration.span.range()].lines().map(str::trim_end).enumerate() {
            if line.is_empty() {
                blank = true;
                continue;
            }
            if at > 0 {
                self.layout.line(Line::HARD.blank(std::mem::take(&mut blank)));
            }
            self.layout.text(line);
        }
        self.go_behind(declaration.span.end);
    }

    fn declaration(&mut self, declaration: &Declaration, file: &File) {
        match &declaration.kind {
            DeclarationKind::Use(brought) => self.use_(brought),
            DeclarationKind::Const { value, .. } => {
                self.token();
                self.space();
                self.binding(value);
            }
            DeclarationKind::Dataset { schema, source, .. } => {
                self.token();
                self.space();
                self.token();
                if schema.is_some() {
                    self.glue();
                    self.token();
                    self.space();
                    self.path();
                }
                self.space();
                self.token();
                self.space();
                self.expr(source);
            }
            DeclarationKind::Block(block) => self.model(block, Self::statement),
            DeclarationKind::Model(model) => {
                self.model(model, |printer, statement| match InputCall::find(printer.text, statement, model, file) {
                    Some(call) if !printer.comment_in(statement.span.start, statement.span.end) => {
                        printer.input_call(call, statement);
                    }
                    _ => printer.statement(statement),
                });
            }
            DeclarationKind::Schema(schema) => self.schema(schema),
            DeclarationKind::Train { settings, .. }
            | DeclarationKind::Synthesizer { settings, .. }
            | DeclarationKind::Deploy { settings, .. }
            | DeclarationKind::Provider { settings, .. } => self.settings(settings),
            DeclarationKind::Assert { condition } => {
                self.token();
                self.space();
                self.expr(condition);
            }
            DeclarationKind::Error { .. } => self.as_written(declaration.span.end),
        }
    }

    /// `use Encoder, Norm as LayerNorm from "blocks.ndsl"`
    fn use_(&mut self, brought: &Use) {
        self.layout.group();
        self.token();
        self.space();
        self.layout.indent();
        for (at, import) in brought.imports.iter().enumerate() {
            if at > 0 {
                self.layout.text(",");
                self.line(Line::FILL);
            }
            self.token();
            if import.alias.is_some() {
                self.space();
                self.token();
                self.space();
                self.token();
            }
            self.drop(TokenKind::Comma, "");
        }
        self.line(Line::FILL);
        self.token();
        self.space();
        self.token();
        self.layout.end();
        self.layout.end();
    }

    fn model(&mut self, model: &Model, each: impl FnMut(&mut Self, &Statement)) {
        if self.is_at_word("Model") {
            self.token_as("model");
        } else {
            self.token();
        }
        self.space();
        self.token();
        if self.is_at(TokenKind::LeftParen) {
            self.glue();
            self.items(&model.parameters, true, false, Self::parameter);
        }
        self.space();
        self.layout.group();
        self.body_of(&model.body, each);
        self.layout.end();
    }

    /// `width: int = 32`
    fn parameter(&mut self, parameter: &Parameter) {
        self.token();
        self.glue();
        self.token();
        self.space();
        self.token();
        if let Some(default) = &parameter.default {
            self.space();
            self.token();
            self.space();
            self.expr(default);
        }
    }

    fn settings(&mut self, settings: &Record) {
        self.token();
        self.space();
        self.token();
        self.space();
        self.layout.group();
        self.record(settings);
        self.layout.end();
    }
}
