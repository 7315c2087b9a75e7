//! What a call gives, as it was computed: kept with the graph for those who show it.

use std::borrow::Cow;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Ident};

use super::arguments::Arguments;
use super::context::Context;
use super::flow::{GivenTo, shown};
use super::value::Value;
use crate::ir::GivenValue;
use crate::signature::Signature;

/// Longer values are cut: a text stands for as many layers as it is unrolled to.
const MAX_CHARS: usize = 48;

/// More values of a list are not listed.
const MAX_LISTED: usize = 8;

impl Context<'_> {
    /// What the call of a layer gives.
    pub(super) fn given_to_layer(
        &self,
        signature: &'static Signature,
        bound: &Arguments<'_>,
        arguments: &[Argument],
    ) -> Vec<GivenValue> {
        if !self.findings.keeps_given {
            return Vec::new();
        }
        let one = |(place, argument): (usize, &Argument)| {
            let by_place = argument.name.is_none();
            let parameter = match &argument.name {
                Some(name) => signature.parameter(&name.text),
                None => signature.parameters.get(place),
            };
            let parameter = parameter?.name;
            let value = self.as_given(bound.value(parameter)?, argument.value.span);
            Some(GivenValue { parameter: Cow::Borrowed(parameter), by_place, value })
        };
        arguments.iter().enumerate().filter_map(one).collect()
    }

    /// What the call of a block or model gives.
    pub(super) fn given_to_block(
        &self,
        parameters: &[ndsl_grammar::ast::Parameter],
        given: &GivenTo,
        arguments: &[Argument],
    ) -> Vec<GivenValue> {
        if !self.findings.keeps_given {
            return Vec::new();
        }
        let one = |(place, argument): (usize, &Argument)| {
            let by_place = argument.name.is_none();
            let name = match &argument.name {
                Some(name) => &name.text,
                None => &parameters.get(place)?.name.text,
            };
            let (value, _) = given.parameters.get(name).or_else(|| given.inputs.get(name))?;
            let value = self.as_given(value, argument.value.span);
            Some(GivenValue { parameter: Cow::Owned(name.clone()), by_place, value })
        };
        arguments.iter().enumerate().filter_map(one).collect()
    }

    /// What a round of a `repeat` names, but for tensors.
    pub(super) fn given_to_round(&self, names: &[Ident]) -> Vec<GivenValue> {
        if !self.findings.keeps_given {
            return Vec::new();
        }
        let one = |name: &Ident| {
            let value = &self.scope.get(&name.text)?.value;
            let value = (!value.holds_tensors()).then(|| self.as_given(value, name.span))?;
            Some(GivenValue { parameter: Cow::Owned(name.text.clone()), by_place: false, value })
        };
        names.iter().filter_map(one).collect()
    }

    /// A value as it would be written; where it cannot be, as it is written at `span`.
    fn as_given(&self, value: &Value, span: Span) -> String {
        let whole = match value {
            Value::Text(word) if is_word(word) => word.to_string(),
            Value::Text(text) => format!("{:?}", cut(text)),
            Value::Activation(activation) => activation.name().to_owned(),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Dim(_) => shown(value),
            Value::List(values) if !values.is_empty() && !value.holds_tensors() => {
                let listed: Vec<String> =
                    values.iter().take(MAX_LISTED).map(|item| self.as_given(item, span)).collect();
                let more = if values.len() > MAX_LISTED { ", …" } else { "" };
                format!("[{}{more}]", listed.join(", "))
            }
            _ => self.names.text(span).chars().take(MAX_CHARS + 1).collect(),
        };
        cut(&whole.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
