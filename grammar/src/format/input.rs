//! `Input(shape=[28, 28, 1])`, the other spelling of `input input: f32[28, 28, 1]`.
//!
//! It is respelt where that certainly means the same: as a statement of a model's own, its shape a list between brackets, its
//! type and name said in plain words, with no comment in it. Anything else stays as it is written.

use super::cursor::Printer;
use crate::ast::{DeclarationKind, Expr, ExprKind, File, Model, Statement, StatementKind};
use crate::token::{TokenKind, lex};

/// The names of element types.
const ELEMENTS: [&str; 7] = ["f32", "f16", "bf16", "i64", "i32", "bool", "u8"];

/// An `Input(…)` that can be respelt.
#[derive(Clone, Copy)]
pub(super) struct InputCall<'s, 't> {
    name: &'s str,
    element: &'static str,
    /// The list of the dimensions.
    shape: &'t Expr,
}

impl<'s, 't> InputCall<'s, 't> {
    /// What a statement of `model` says, if it is an `Input(…)` that can be respelt.
    pub(super) fn find(text: &'s str, statement: &'t Statement, model: &Model, file: &File) -> Option<Self> {
        let StatementKind::Flow { value, name, column: None } = &statement.kind else { return None };
        let ExprKind::Call { callee, arguments, .. } = &value.kind else { return None };
        let bare = callee.span.end - callee.span.start == "Input".len() as u32 && value.span.start == callee.span.start;
        if !bare || !matches!(&callee.kind, ExprKind::Name(name) if name == "Input") {
            return None;
        }
        let mut found = Self { name: "input", element: "f32", shape: value };
        let mut given: Vec<&str> = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let parameter = match &argument.name {
                Some(name) => name.text.as_str(),
                None => *["shape", "dtype", "name"].get(at)?,
            };
            if given.contains(&parameter) {
                return None;
            }
            given.push(parameter);
            match (parameter, &argument.value.kind) {
                ("shape", ExprKind::List(_)) if text[argument.value.span.range()].starts_with('[') => {
                    found.shape = &argument.value;
                }
                ("dtype", ExprKind::Str(word)) => found.element = element(word)?,
                ("dtype", ExprKind::Name(word)) if !declares(word, model, file) => found.element = element(word)?,
                ("name", ExprKind::Str(word)) => {
                    let written = text[argument.value.span.range()].trim_matches('"');
                    if written != word || !is_name(written) {
                        return None;
                    }
                    found.name = written;
                }
                _ => return None,
            }
        }
        if let Some(name) = name {
            // The one after `as` counts.
            if given.contains(&"name") {
                return None;
            }
            found.name = &text[name.span.range()];
        }
        given.contains(&"shape").then_some(found)
    }
}

fn element(word: &str) -> Option<&'static str> {
    ELEMENTS.into_iter().find(|element| *element == word)
}

/// Whether a text is a name.
fn is_name(text: &str) -> bool {
    matches!(*lex(text), [token] if token.kind == TokenKind::Word && token.range() == (0..text.len()))
}

/// Whether a word is the name of something in a model or its file, so that it may mean that.
fn declares(word: &str, model: &Model, file: &File) -> bool {
    let parameters = model.parameters.iter().map(|parameter| &parameter.name);
    let values = model.body.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Flow { name, .. } => name.as_ref(),
        StatementKind::Input { name, .. }
        | StatementKind::Output { name, .. }
        | StatementKind::Bind { name, .. }
        | StatementKind::Share { name, .. } => Some(name),
        _ => None,
    });
    let declared = file.declarations.iter().flat_map(|declaration| match &declaration.kind {
        DeclarationKind::Use(brought) => brought.imports.iter().map(|import| import.local()).collect(),
        DeclarationKind::Const { name, .. } => vec![name],
        _ => Vec::new(),
    });
    parameters.chain(values).chain(declared).any(|name| name.text == word)
}

impl<'s> Printer<'s> {
    /// Prints an `Input(…)` as an `input`.
    pub(super) fn input_call(&mut self, call: InputCall<'s, '_>, statement: &Statement) {
        for text in ["input ", call.name, ": ", call.element] {
            self.layout.text(text);
        }
        let ExprKind::List(dims) = &call.shape.kind else { return };
        if !dims.is_empty() {
            self.skip_to(call.shape.span.start);
            self.items(dims, true, false, Self::expr);
        }
        self.skip_to(statement.span.end);
    }
}
