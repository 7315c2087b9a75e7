//! The state of checking one body: the graph being built, the names in scope, the flow, and what was found.

use std::collections::BTreeMap;

use ndsl_grammar::Span;

use super::facts::{Fact, FactKind};
use super::names::Names;
use super::value::Value;
use crate::diagnostics::{Diagnostic, Edit};
use crate::ir::{Builder, ValueId};

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
    pub docs: Option<String>,
    /// Whether anything read it.
    pub used: bool,
    /// Whether it is worth a warning when nothing reads it.
    pub warn_unused: bool,
}

/// The faults and facts found so far, each once.
#[derive(Debug, Default)]
pub struct Findings {
    /// The faults.
    pub diagnostics: Vec<Diagnostic>,
    /// The facts.
    pub facts: Vec<Fact>,
}

impl Findings {
    /// Adds a fault, unless the same is known: a model is checked alone and again wherever it is used.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        let same = |known: &Diagnostic| known.code == diagnostic.code && known.label.span == diagnostic.label.span;
        if !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }
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
            incomplete: false,
            parameter_count: 0,
            statement_call: None,
            flatten_edits: BTreeMap::new(),
            quiet: false,
        }
    }

    /// Reports a fault.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        if !self.quiet {
            self.findings.report(diagnostic);
        }
    }

    /// Notes what a piece of text is.
    pub fn fact(&mut self, span: Span, kind: FactKind) {
        if !self.quiet {
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
