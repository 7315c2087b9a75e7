//! The state of checking one body: the graph being built, the names in scope, the flow, and what was found.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ndsl_grammar::Span;

use super::facts::{Fact, FactKind};
use super::names::Names;
use super::value::Value;
use crate::diagnostics::{Code, Diagnostic, Edit};
use crate::ir::{Builder, Dim, MAX_ELEMENTS, Oversized, ValueId};
use crate::suggest::nearest;

/// The most numbers a model's parameters may hold together: 8 GiB of `f32`.
pub const MAX_PARAMETERS: usize = 1 << 31;

/// What a name stands for inside a body.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Its value.
    pub value: Value,
    /// Where it was named.
    pub definition: Span,
    /// The doc comment above it.
    pub docs: Option<Arc<str>>,
}

/// Names compared in all when looking for what a misspelt one meant; after that many nothing is suggested.
const MAX_COMPARED: usize = 1 << 18;

/// The faults and facts found so far, each once.
#[derive(Debug, Default)]
pub struct Findings {
    /// The faults.
    pub diagnostics: Vec<Diagnostic>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// How many errors were met, those known already counted again.
    pub errors: usize,
    /// How many bytes of models were checked again for trainings.
    pub reread: usize,
    /// Where the form of the text is at fault, in order.
    pub unread: Vec<u32>,
    seen: HashSet<(Code, Span)>,
    compared: usize,
}

impl Findings {
    /// Adds a fault, unless the same is known: a model is checked alone and again wherever it is used.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        if self.seen.insert((diagnostic.code, diagnostic.label.span)) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether something in `span` could not be read.
    pub fn lost_in(&self, span: Span) -> bool {
        let next = self.unread.partition_point(|start| *start < span.start);
        self.unread.get(next).is_some_and(|start| *start <= span.end)
    }

    /// The name of the file that `wanted` was probably meant to be.
    pub fn nearest<'n>(&mut self, wanted: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        let left = MAX_COMPARED.saturating_sub(self.compared);
        let mut compared = 0;
        let meant = nearest(wanted, known.take(left).inspect(|_| compared += 1));
        self.compared += compared;
        meant
    }
}

/// A call of a model by a training, while its body is checked.
#[derive(Clone, Copy)]
pub struct Called {
    /// The call.
    pub call: Span,
    /// The model's declaration.
    pub model: Span,
}

/// The state of checking one body.
pub struct Context<'a> {
    /// The declarations of the file.
    pub names: &'a Names<'a>,
    /// What was found.
    pub findings: &'a mut Findings,
    /// The graph being built.
    pub builder: Builder,
    /// The names of the body.
    pub scope: BTreeMap<String, Binding>,
    /// The current value, `it`; nothing before the first.
    pub flow: Option<Value>,
    /// How often each kind of layer was applied, for their names.
    pub layer_counts: BTreeMap<String, usize>,
    /// The names of the layers so far.
    pub layer_names: HashSet<String>,
    /// Whether something is not known because a parameter has no value.
    pub incomplete: bool,
    /// The numbers held by all parameters so far.
    pub parameter_count: usize,
    /// The call that is a whole statement of the flow, while that statement is checked.
    pub statement_call: Option<Span>,
    /// How a `Flatten()` would be written before each `Dense` on several axes, by where its call starts.
    pub flatten_edits: BTreeMap<u32, Edit>,
    /// Faults and facts are not kept while this is set.
    pub quiet: bool,
    /// Facts are not kept while this is set.
    pub unnoted: bool,
    /// The call whose arguments the body is checked with.
    pub called: Option<Called>,
    /// The dataset whose fields are in scope.
    pub dataset: Option<Span>,
    /// The field that a model's input stands for while the body is checked, and where the input is declared.
    pub fed: Option<(ValueId, Span)>,
}

impl<'a> Context<'a> {
    /// A fresh body of that name.
    pub fn new(names: &'a Names<'a>, findings: &'a mut Findings, name: &str) -> Self {
        Self {
            names,
            findings,
            builder: Builder::new(name),
            scope: BTreeMap::new(),
            flow: None,
            layer_counts: BTreeMap::new(),
            layer_names: HashSet::new(),
            incomplete: false,
            parameter_count: 0,
            statement_call: None,
            flatten_edits: BTreeMap::new(),
            quiet: false,
            unnoted: false,
            called: None,
            dataset: None,
            fed: None,
        }
    }

    /// Reports a fault.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if self.quiet {
            return;
        }
        // What is wrong with a model by itself is known by now: the rest follows from what the call gives.
        if let Some(Called { call, model }) = self.called
            && (model.start..model.end).contains(&diagnostic.label.span.start)
        {
            diagnostic = diagnostic.related(call, "called with these arguments here");
        }
        self.findings.report(diagnostic);
    }

    /// Reports a value that is too large to be computed, if one was made since the last time.
    pub fn report_oversized(&mut self) {
        let Some(Oversized { value, shape }) = self.builder.take_oversized() else { return };
        let graph = self.builder.graph();
        let made = graph.value(value);
        let node = graph.producer(value);
        let layer = node.and_then(|node| node.layer).and_then(|layer| graph.layers.get(layer.0 as usize));
        let what = layer.map_or(made.name.as_str(), |layer| layer.kind);
        let row = if shape.dims().first() == Some(&Dim::batch()) { shape.row() } else { shape };
        let fault = Diagnostic::new(
            Code::ModelTooLarge,
            made.span,
            format!("one row of what `{what}` makes would hold more than {MAX_ELEMENTS} numbers"),
        )
        .label(format!("would be {row}"));
        match node.and_then(|node| node.inputs.first().copied()) {
            Some(input) => self.report_with_origin(fault, input),
            None => self.report(fault),
        }
    }

    /// Notes what a piece of text is.
    pub fn fact(&mut self, span: Span, kind: FactKind) {
        if !self.quiet && !self.unnoted {
            self.findings.facts.push(Fact { span, kind });
        }
    }

    /// The type of a tensor as the language writes it, the batch left out: `f32[28, 28, 1]`.
    pub fn type_of(&self, id: ValueId) -> String {
        let value = self.builder.value(id);
        match value.shape.row() {
            row if row.rank() == 0 => value.element.to_string(),
            row => format!("{}{row}", value.element),
        }
    }

    /// Puts a name in scope.
    pub fn define(&mut self, name: &str, binding: Binding) {
        self.scope.insert(name.to_owned(), binding);
    }
}
