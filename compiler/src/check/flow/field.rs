//! `x.shape`, `n.kernel`, `encoder.state`: what a value is made of.

use std::collections::BTreeMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, Ident};

use crate::check::context::Context;
use crate::check::facts::FactKind;
use crate::check::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Op, ValueId};
use crate::suggest::{listed, nearest};

/// The layer or block that made a value.
#[derive(Debug)]
pub struct Part {
    /// Its dotted name.
    pub name: String,
    /// What it is: `Dense`, or the name of a block.
    pub kind: String,
    /// What is named in its body, or what it answers beside its value.
    pub inner: BTreeMap<String, Value>,
    /// Whether it is a block, whose layers have the weights.
    pub block: bool,
}

/// What Keras calls a weight, and what it is stored as.
const WEIGHTS: &[(&str, &str)] = &[
    ("kernel", "weight"),
    ("embeddings", "weight"),
    ("gamma", "weight"),
    ("scale", "weight"),
    ("bias", "bias"),
    ("beta", "bias"),
    ("moving_mean", "running_mean"),
    ("moving_variance", "running_var"),
];

impl Context<'_> {
    /// The value of `base.name`.
    pub(in crate::check) fn field_of(&mut self, base: &Expr, name: &Ident, span: Span) -> Value {
        if let Some(value) = self.of_a_model(base, name) {
            return value;
        }
        let value = self.evaluate(base);
        match &value {
            Value::Unknown => Value::Unknown,
            Value::Tensor(id) if name.text == "shape" => {
                let row = self.row(*id);
                Value::List(row.dims().iter().map(|dim| Value::from_dim(dim.clone())).collect())
            }
            Value::Tensor(id) => self.part(*id, name, span),
            Value::Record(values) => match values.iter().find(|(known, _)| **known == *name.text) {
                Some((_, value)) => {
                    let value = value.clone();
                    self.note_field(name, &value, base.span);
                    value
                }
                None => {
                    let names: Vec<String> = values.iter().map(|(name, _)| name.to_string()).collect();
                    self.unknown_field(name, &names, "these values have")
                }
            },
            Value::Shared(shared) => {
                let (path, declared) = (shared.path.clone(), shared.name.clone());
                if !self.has_weights(&path) && !self.dry {
                    let message = format!("`{}` has not been applied yet, so its weights are not known", declared.text);
                    self.report(
                        Diagnostic::new(Code::NoValue, name.span, message)
                            .label("no value yet")
                            .related(declared.span, "declared here")
                            .help(format!("apply it before: `x |> {}()`", declared.text)),
                    );
                    return self.given_up();
                }
                match self.weight(&path, &name.text, span) {
                    Some(id) => {
                        self.note_field(name, &Value::Tensor(id), declared.span);
                        Value::Tensor(id)
                    }
                    None => {
                        let names = self.weight_names(&path);
                        self.unknown_field(name, &names, &format!("`{}` has", declared.text))
                    }
                }
            }
            other => {
                let message = format!("{} has no fields", other.describe());
                self.report(Diagnostic::new(Code::UnknownField, name.span, message).label("no such field"));
                Value::Unknown
            }
        }
    }

    /// What belongs to the layer or block that made `id`.
    fn part(&mut self, id: ValueId, name: &Ident, span: Span) -> Value {
        let Some(part) = self.parts.get(&id).cloned() else {
            return self.unknown_field(name, &["shape".to_owned()], "this value has");
        };
        if let Some(value) = part.inner.get(&name.text) {
            self.note_field(name, value, self.builder.value(id).span);
            return value.clone();
        }
        if let (false, Some(weight)) = (part.block, self.weight(&part.name, &name.text, span)) {
            self.note_field(name, &Value::Tensor(weight), self.builder.value(id).span);
            return Value::Tensor(weight);
        }
        let mut names: Vec<String> = part.inner.keys().cloned().collect();
        if !part.block {
            names.extend(self.weight_names(&part.name));
        }
        names.push("shape".to_owned());
        self.unknown_field(name, &names, &format!("what `{}` made has", part.kind))
    }

    fn note_field(&mut self, name: &Ident, value: &Value, definition: Span) {
        let kind = self.describe(value);
        self.fact(name.span, FactKind::Value { name: name.text.clone(), kind, docs: None, definition });
    }

    fn unknown_field(&mut self, name: &Ident, known: &[String], whose: &str) -> Value {
        if self.dry {
            return Value::Unknown;
        }
        let fault = Diagnostic::new(Code::UnknownField, name.span, format!("there is no `{}` here", name.text));
        let fault = match nearest(&name.text, known.iter().map(String::as_str)) {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{}` with `{meant}`", name.text),
                name.span,
                meant,
                Applicability::Guess,
            ),
            None => fault.label("no such field"),
        };
        let fault = match listed(known.iter().map(String::as_str)) {
            Some(names) => fault.help(format!("{whose} {names}")),
            None => fault,
        };
        self.report(fault);
        self.given_up()
    }

    fn has_weights(&self, path: &str) -> bool {
        self.weights_of(path).next().is_some()
    }

    fn weights_of<'s>(&'s self, path: &str) -> impl Iterator<Item = &'s str> {
        let prefix = format!("{path}.");
        let from = self.weights.range(prefix.clone()..);
        from.map(|(name, _)| name.as_str()).map_while(move |name| name.strip_prefix(&prefix))
    }

    /// What a program calls the weights of a layer.
    fn weight_names(&self, path: &str) -> Vec<String> {
        let embedding = self.is_embedding(path);
        let keras = |stored: &str| match stored {
            "weight" if embedding => "embeddings".to_owned(),
            "weight" if self.weight_rank(path) == Some(1) => "gamma".to_owned(),
            "bias" if self.weight_rank(path) == Some(1) => "beta".to_owned(),
            stored => WEIGHTS.iter().find(|(_, own)| *own == stored).map_or(stored, |(keras, _)| keras).to_owned(),
        };
        self.weights_of(path).map(keras).collect()
    }

    fn weight_rank(&self, path: &str) -> Option<usize> {
        self.weights.get(&format!("{path}.weight")).map(|id| self.builder.shape(*id).rank())
    }

    fn is_embedding(&self, path: &str) -> bool {
        let graph = self.builder.graph();
        graph.layers.iter().any(|layer| layer.name == path && layer.kind == "Embedding")
    }

    /// A weight in Keras's layout, by Keras's name.
    fn weight(&mut self, path: &str, name: &str, span: Span) -> Option<ValueId> {
        let stored = WEIGHTS.iter().find(|(keras, _)| *keras == name).map_or(name, |(_, stored)| *stored);
        if stored == name && WEIGHTS.iter().any(|(_, own)| *own == name) && name != "bias" {
            // One name a thing: `weight` is what files call it.
            return None;
        }
        let id = *self.weights.get(&format!("{path}.{stored}"))?;
        let rank = self.builder.shape(id).rank();
        // Stored as `[out, in, …size]`; Keras has `[…size, in, out]`.
        match name {
            "kernel" if rank >= 2 => {
                let permutation = (2..rank).chain([1, 0]).collect();
                Some(self.builder.node(Op::Transpose { permutation }, vec![id], span))
            }
            _ => Some(id),
        }
    }
}
