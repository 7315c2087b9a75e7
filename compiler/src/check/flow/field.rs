//! `x.shape`, `n.kernel`, `encoder.state`: what a value is made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, Ident};

use super::apply::tensors;
use super::rows::Row;
use crate::check::context::{Context, LayerPart};
use crate::check::facts::FactKind;
use crate::check::index::{Meaning, SymbolKind};
use crate::check::value::Value;
use crate::check::weights::KerasWeight;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Op, Shape, ValueId};
use crate::suggest::{listed, nearest};

/// Whether a value can have fields.
fn has_fields(value: &Value) -> bool {
    match value {
        Value::Tensor(_) | Value::Record(_) | Value::Unknown => true,
        Value::List(values) => values.iter().all(has_fields),
        _ => false,
    }
}

/// The layer or block that made a value.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its dotted name.
    pub name: String,
    /// What it is: `Dense`, or the name of a block.
    pub kind: String,
    /// What is named in its body.
    pub inner: BTreeMap<String, Value>,
    /// Whether it is a block, whose layers have the weights.
    pub block: bool,
    /// What else a program can name of this application of a layer.
    pub made: Vec<(&'static str, LayerPart)>,
}

impl Context<'_> {
    /// The value of `base.name`.
    pub(in crate::check) fn field_of(&mut self, base: &Expr, name: &Ident, span: Span) -> Value {
        if let Some(value) = self.of_a_model(base, name) {
            return value;
        }
        let value = self.evaluate(base);
        self.field_in(&value, base.span, name, span)
    }

    /// The value of `name` in `value`, which is written at `base`. Of a list it is the list of each one's: what `repeat` named.
    fn field_in(&mut self, value: &Value, base: Span, name: &Ident, span: Span) -> Value {
        match value {
            Value::Unknown => Value::Unknown,
            Value::List(values) if values.iter().all(has_fields) => {
                let mut of_each = Vec::with_capacity(values.len());
                for value in values.iter() {
                    match self.field_in(value, base, name, span) {
                        // Reported of the first, and the same of the others.
                        Value::Unknown => return Value::Unknown,
                        field => of_each.push(field),
                    }
                }
                Value::List(of_each.into())
            }
            Value::Tensor(id) if name.text == "shape" => {
                let row = self.row(*id);
                Value::List(row.dims().iter().map(|dim| Value::from_dim(dim.clone())).collect())
            }
            Value::Tensor(id) => self.part(*id, name, span),
            Value::Record(values) => {
                let outputs = values.iter().map(|(name, value)| (&**name, value));
                // What a model of several outputs names in its body stands behind those.
                let whole = self.wholes.get(&tensors(values)).cloned();
                let inner = whole.iter().flat_map(|part| &part.inner).map(|(name, value)| (name.as_str(), value));
                let fields = outputs.chain(inner);
                if let Some((_, value)) = fields.clone().find(|(known, _)| *known == name.text) {
                    let value = value.clone();
                    self.note_field(name, &value, base);
                    return value;
                }
                let mut names: Vec<String> = Vec::new();
                for (name, _) in fields {
                    if !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                }
                self.unknown_field(name, &names, "these values have")
            }
            Value::Row(row) => match row.column(&name.text) {
                Some(column) => {
                    let value = Value::Tensor(column.value);
                    self.note_column_of(row, name, &value);
                    value
                }
                None => {
                    let names: Vec<String> = row.columns.iter().map(|column| column.name.clone()).collect();
                    self.unknown_field(name, &names, &format!("this row of `{}` has", row.path))
                }
            },
            Value::Shared(shared) => {
                let (path, declared) = (shared.path.clone(), shared.name.clone());
                if !self.dry && !self.weights.has_made(self.builder.graph(), &path) {
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
        if let Some(value) = self.layer_part(&part, &name.text, span) {
            self.note_field(name, &value, self.builder.value(id).span);
            // Made once, however often it is named.
            let mut part = Part::clone(&part);
            part.inner.insert(name.text.clone(), value.clone());
            self.parts.insert(id, Arc::new(part));
            return value;
        }
        let mut names: Vec<String> = part.inner.keys().cloned().collect();
        if !part.block {
            let mut own = self.weight_names(&part.name);
            own.extend(part.made.iter().map(|(name, _)| (*name).to_owned()));
            names.retain(|name| !own.contains(name));
            names.splice(0..0, own);
        }
        names.push("shape".to_owned());
        self.unknown_field(name, &names, &format!("what `{}` made has", part.kind))
    }

    /// A column of a row is the one that its table declares.
    fn note_column_of(&mut self, row: &Row, name: &Ident, value: &Value) {
        let Some(schemas) = self.names.all.schemas.get() else { return };
        let Some((_, column)) = schemas.at(row.table).column(&name.text) else { return };
        let definition = column.span;
        self.findings.names(name.span, definition);
        if self.notes() {
            let kind = self.describe(value);
            let docs = column.docs.as_deref().map(Arc::from);
            self.fact(name.span, FactKind::Value { name: name.text.clone(), kind, docs, definition });
        }
    }

    fn note_field(&mut self, name: &Ident, value: &Value, definition: Span) {
        self.findings.means(name.span, Meaning::Symbol { kind: SymbolKind::Part, definition });
        if self.notes() {
            let kind = self.describe(value);
            self.fact(name.span, FactKind::Value { name: name.text.clone(), kind, docs: None, definition });
        }
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

    /// What a program calls the weights of a layer: what Keras does.
    fn weight_names(&mut self, path: &str) -> Vec<String> {
        self.weights.of_layer(self.builder.graph(), path).map(|weight| weight.name.to_owned()).collect()
    }

    /// A weight in Keras's layout, by Keras's name.
    fn weight(&mut self, path: &str, name: &str, span: Span) -> Option<ValueId> {
        let found = self.weights.of_layer(self.builder.graph(), path).find(|weight| weight.name == name).cloned();
        let KerasWeight { value, shape, order, .. } = found?;
        // The sizes of Keras's axes in the order they are kept.
        let apart = Shape::known(order.iter().map(|axis| shape[*axis]));
        let value = match *self.builder.shape(value) == apart {
            true => value,
            false => self.builder.node(Op::Reshape(apart), vec![value], span),
        };
        if order.iter().enumerate().all(|(at, axis)| at == *axis) {
            return Some(value);
        }
        let back = (0..order.len()).filter_map(|axis| order.iter().position(|other| *other == axis)).collect();
        Some(self.builder.node(Op::Transpose { permutation: back }, vec![value], span))
    }
}
