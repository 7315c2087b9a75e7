//! `residual { … }` and `branch { … }`: bodies beside the flow.

use std::sync::Arc;

use foldhash::HashMap;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{Arm, Body};

use crate::check::context::Context;
use crate::check::index::SymbolKind;
use crate::check::value::{MAX_LIST, Value};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::Binary;

impl Context<'_> {
    /// `residual { … }`: what the body makes of the flow, added to the flow.
    pub(in crate::check) fn residual(&mut self, body: &Body, span: Span) -> Value {
        let before = self.flow.clone();
        if before.is_none() {
            self.nothing_before("residual", span);
        }
        let after = self.braces(body, false);
        let (a, b) = match (before, after) {
            (Some(Value::Tensor(a)), Value::Tensor(b)) => (a, b),
            (None | Some(Value::Unknown), _) | (_, Value::Unknown) => return self.given_up(),
            (Some(Value::Tensor(_)), other) | (Some(other), _) => {
                let message = format!("`residual` adds two tensors, not {}", other.describe());
                self.report(
                    Diagnostic::new(Code::WrongType, head(span), message)
                        .label("one of the two is none")
                        .help("`concat(axis=-1)` or `add()` after `|>` makes one tensor of several"),
                );
                return self.given_up();
            }
        };
        let [from, to] = [a, b].map(|id| self.row(id));
        // A shape that only broadcasts would be a mistake nothing else shows.
        if !from.agrees(&to) || self.builder.value(a).element != self.builder.value(b).element {
            let [from, to] = [a, b].map(|id| self.type_of(id));
            let message = format!("`residual` adds what its body makes to what went in, and {from} became {to}");
            let fault = Diagnostic::new(Code::ShapeMismatch, head(span), message)
                .label(format!("{from} + {to}"))
                .related(self.origin(a).0, format!("this is {from}"))
                .help("the body must keep the shape, or what is added be brought to it: `shortcut = it |> …`");
            self.report_with_origin(fault, b);
            return self.given_up();
        }
        self.spend(super::bounds::LAYER_STEPS);
        Value::Tensor(self.builder.binary(Binary::Add, a, b, span))
    }

    /// `branch { a: { … } b: { … } }`: what each body makes of the flow, in a list, by their names where they have some.
    pub(in crate::check) fn branch(&mut self, arms: &[Arm], span: Span) -> Value {
        if self.flow.is_none() {
            self.nothing_before("branch", span);
        }
        let mut values: Vec<Value> = Vec::with_capacity(arms.len());
        let mut size = 0_usize;
        let mut named: HashMap<&str, Span> = HashMap::default();
        for arm in arms {
            let value = self.braces(&arm.body, false);
            size = size.saturating_add(value.size());
            values.push(value);
            let Some(name) = &arm.name else { continue };
            self.findings.declares(name.span, SymbolKind::Arm);
            if let Some(&first) = named.get(name.text.as_str()) {
                let message = format!("two arms are called `{}`", name.text);
                self.report(
                    Diagnostic::new(Code::Duplicate, name.span, message)
                        .label("choose another name")
                        .related(first, "the first is here"),
                );
                continue;
            }
            named.insert(&name.text, name.span);
        }
        if size > MAX_LIST {
            let message = format!("a list holds at most {MAX_LIST} values");
            self.report(
                Diagnostic::new(Code::TooDeep, head(span), message).label("the lists in it counted, this holds more"),
            );
            return self.given_up();
        }
        if arms.is_empty() || !arms.iter().all(|arm| arm.name.is_some()) {
            return Value::List(values.into());
        }
        let named = arms.iter().zip(values).map(|(arm, value)| {
            let name: Arc<str> = arm.name.as_ref().map_or("", |name| &name.text).into();
            (name, value)
        });
        Value::Record(named.collect::<Vec<_>>().into())
    }
}

/// The keyword at the start of a construct with braces.
fn head(span: Span) -> Span {
    Span { end: span.end.min(span.start + 8), ..span }
}
