//! `share tok = Embedding(vocab, d)`: one set of weights for several uses.

use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind, Ident};

use super::apply::{Call, Naming};
use crate::check::context::Context;
use crate::check::index::Meaning;
use crate::check::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Shape, ValueId};
use crate::layers;

/// A layer or block that is declared once and applied several times.
#[derive(Debug)]
pub struct Shared {
    /// What the program calls it.
    pub name: Ident,
    /// The name of its weights.
    pub path: String,
    /// The call of the layer or block, not applied to anything.
    layer: Expr,
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.name == other.name
    }
}

impl Context<'_> {
    /// Names a layer that is to be applied later.
    pub(super) fn share(&mut self, name: &Ident, layer: &Expr, docs: Option<&str>) {
        let value = self.shared(name, layer);
        self.bind_name(name, value, docs);
    }

    fn shared(&mut self, name: &Ident, layer: &Expr) -> Value {
        let ExprKind::Call { callee, arguments, .. } = &layer.kind else {
            if let ExprKind::Name(word) = &layer.kind
                && self.is_layer(word)
            {
                self.report(
                    Diagnostic::new(Code::NoEffect, layer.span, format!("`{word}` is not called"))
                        .label("a layer needs its brackets")
                        .fix("add the brackets", layer.span.after(), "()", Applicability::Guess),
                );
            } else if !matches!(layer.kind, ExprKind::Error) {
                self.report(
                    Diagnostic::new(Code::WrongType, layer.span, "`share` takes a layer or a block")
                        .label("expected a call such as `Embedding(1000, 64)`")
                        .help(format!("`{} = …` names a value", name.text)),
                );
            }
            return self.given_up();
        };
        match &callee.kind {
            ExprKind::Name(word) if self.is_layer(word) => self.note_layer(word, callee.span),
            ExprKind::Name(word) if word.starts_with(|first: char| first.is_uppercase()) => {
                self.unknown_layer(word, callee.span, layer.span, arguments);
                arguments.iter().for_each(|argument| self.evaluate_quietly(&argument.value));
                return self.given_up();
            }
            _ => {
                self.report(
                    Diagnostic::new(Code::WrongType, callee.span, "`share` takes a layer or a block")
                        .label("not the name of one")
                        .help(format!("a value is named by `{} = …`", name.text)),
                );
                return self.given_up();
            }
        }
        if self.dry {
            return Value::Unknown;
        }
        let path = self.unit.name(&name.text, Some(&name.text), name.span);
        Value::Shared(Arc::new(Shared { name: name.clone(), path, layer: layer.clone() }))
    }

    /// Keeps what a name of a layer or block means.
    fn note_layer(&mut self, word: &str, span: Span) {
        match (layers::find(word), self.names.get(word)) {
            (Some(def), _) => self.findings.means(span, Meaning::BuiltIn(&def.signature)),
            (None, Some(entry)) => self.findings.names(span, entry.name.span),
            (None, None) => {}
        }
    }

    fn is_layer(&self, word: &str) -> bool {
        let block = self.names.get(word).is_some_and(|entry| entry.has_body());
        block || layers::find(word).is_some()
    }

    /// `x |> tok()`: applies a shared layer to `piped`, or else to the flow.
    pub(in crate::check) fn apply_shared(
        &mut self,
        shared: &Shared,
        span: Span,
        head: Span,
        arguments: &[Argument],
        piped: Option<Value>,
    ) -> Value {
        let mut named = Vec::new();
        for argument in arguments {
            if argument.name.is_some() {
                named.push(argument.clone());
                continue;
            }
            let word = &shared.name.text;
            let written = self.names.text(argument.value.span);
            let fault = Diagnostic::new(
                Code::ExtraArgument,
                argument.span,
                format!("what `{word}` takes was given where it was declared"),
            )
            .label("one too many")
            .related(shared.name.span, "declared here");
            let fault = match (piped.is_none(), arguments) {
                (true, [_]) => fault.fix(
                    format!("write `{written} |> {word}()`"),
                    span,
                    format!("{written} |> {word}()"),
                    Applicability::Guess,
                ),
                _ => fault,
            };
            self.report(fault);
            return self.given_up();
        }
        let ExprKind::Call { callee, arguments, brackets } = &shared.layer.kind else { return self.given_up() };
        let ExprKind::Name(name) = &callee.kind else { return self.given_up() };
        // What differs from use to use, such as a mask, is given there by its name.
        let all: Vec<Argument> = arguments.iter().cloned().chain(named).collect();
        let call = Call { span, name, head, arguments: &all, brackets: *brackets };
        self.applied_call(call, piped, Naming::Fixed(&shared.path))
    }

    /// The weight of that name, where a shared layer has made it already; nothing is answered within where it does not fit.
    pub fn known_weight(&mut self, name: &str, dims: &[usize], span: Span) -> Option<Option<ValueId>> {
        if !self.sharing {
            return None;
        }
        let known = self.weights.named(self.builder.graph(), name)?;
        let wanted = Shape::known(dims.iter().copied());
        let have = self.builder.shape(known).clone();
        if have == wanted {
            return Some(Some(known));
        }
        let first = self.builder.value(known).span;
        self.report(
            Diagnostic::new(
                Code::ShapeMismatch,
                span,
                format!("the shared weight `{name}` is {have}, and here it would be {wanted}"),
            )
            .label("applied to another shape than before")
            .related(first, format!("applied first here, which made it {have}")),
        );
        Some(None)
    }
}
