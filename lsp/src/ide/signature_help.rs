//! What a call takes, while its arguments are written.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_grammar::{FileId, Span};

use super::callee::{Callee, Shown};
use super::context::Context;
use super::expected;

/// What a call takes, and which of it is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHelp {
    /// As it is listed: `Dense(units, activation=linear)`.
    pub label: String,
    /// What it does, in Markdown.
    pub docs: String,
    /// Each parameter: its place in the label, and what is to be said of it.
    pub parameters: Vec<(Range<usize>, String)>,
    /// The one that is being written.
    pub active: Option<usize>,
}

/// What the innermost call around `offset` takes.
pub fn signature_help(analysis: &Analysis, offset: usize) -> Option<SignatureHelp> {
    let analysis = &analysis.near(&(offset..offset));
    let text = &*analysis.source.text;
    let context = Context::at(text, offset);
    if context.in_comment {
        return None;
    }
    let (frame, _) = context.call()?;
    let head = frame.head.clone()?;
    let callee = Callee::at(analysis, Span::new(FileId::default(), head.clone()))
        .or_else(|| expected::called(&context, text, frame).map(Callee::BuiltIn))
        .or_else(|| Callee::named(analysis, &text[head]))?;
    let mut label = format!("{}(", callee.name());
    let mut parameters = Vec::new();
    let mut all = callee.parameters();
    if is_function(&callee) && !expected::is_activation(&context, text, frame) {
        let docs = "The tensor it works on.".to_owned();
        let tensor = Shown { name: "x".to_owned(), written: "x".to_owned(), docs, required: true, by_name: false };
        all.insert(0, tensor);
    }
    for (place, parameter) in all.iter().enumerate() {
        label += if place == 0 { "" } else { ", " };
        let start = label.len();
        label += &parameter.written;
        parameters.push((start..label.len(), parameter.docs.clone()));
    }
    label.push(')');
    // What is piped into a function stands for its first parameter.
    let piped = usize::from(callee.takes_tensor() && is_piped(text, frame.head.as_ref()?.start));
    let active = match &frame.name {
        Some(name) => all.iter().position(|parameter| parameter.name == text[name.clone()]),
        None => {
            let by_place: Vec<usize> = (0..all.len()).filter(|place| !all[*place].by_name).collect();
            by_place.get(frame.index + piped).copied()
        }
    };
    Some(SignatureHelp { label, docs: callee.docs(), parameters, active })
}

/// Whether what is called is an activation, which as a function works on a tensor.
fn is_function(callee: &Callee<'_>) -> bool {
    ndsl_compiler::activations::find(callee.name()).is_some()
}

fn is_piped(text: &str, head: usize) -> bool {
    text[..head].trim_end().ends_with("|>")
}
