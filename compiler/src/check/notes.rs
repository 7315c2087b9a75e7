//! What an editor is told of values, where that is asked for.

use ndsl_grammar::Span;

use super::context::Context;
use super::evaluate::MAX_SHOWN;
use super::facts::FactKind;
use super::value::Value;

/// More values of a list are not listed.
const MAX_LISTED: usize = 4;

impl Context<'_> {
    /// Keeps what `it` is here, for whoever asks about places.
    pub(super) fn note_current(&mut self, span: Span) {
        if self.findings.index.is_none() || !self.notes() {
            return;
        }
        if let Some(value) = &self.flow {
            let kind = self.describe(value);
            self.fact(span, FactKind::Value { name: "it".to_owned(), kind, docs: None, definition: span });
        }
    }

    /// A value as hover shows it: its type, or its number.
    pub fn describe(&self, value: &Value) -> String {
        match value {
            Value::Int(number) => format!("int = {number}"),
            Value::Float(number) => format!("float = {number}"),
            Value::Bool(truth) => format!("bool = {truth}"),
            Value::Text(text) => match text.char_indices().nth(MAX_SHOWN) {
                Some((at, _)) => format!("string = {:?}…", &text[..at]),
                None => format!("string = {text:?}"),
            },
            Value::Tensor(id) => self.type_of(*id),
            Value::Row(row) => row.described(),
            Value::Dim(dim) => format!("dimension {dim}"),
            Value::List(values) if values.iter().any(|value| matches!(value, Value::Tensor(_))) => {
                let kinds: Vec<String> = values.iter().take(MAX_LISTED).map(|value| self.describe(value)).collect();
                let more = if values.len() > MAX_LISTED { ", …" } else { "" };
                format!("[{}{more}]", kinds.join(", "))
            }
            Value::Record(values) => {
                let one = |(name, value): &(_, Value)| format!("{name}: {}", self.describe(value));
                let kinds: Vec<String> = values.iter().take(MAX_LISTED).map(one).collect();
                let more = if values.len() > MAX_LISTED { ", …" } else { "" };
                format!("{{ {}{more} }}", kinds.join(", "))
            }
            other => other.describe(),
        }
    }
}
