//! The state of checking one body: the graph being built, the names in scope, the flow, and what was found.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use ndsl_grammar::{FileId, Span};

use super::asserts::Measured;
use super::facts::{Fact, FactKind};
use super::flow::{FAULT_STEPS, MAX_COLUMNS, Part, Predicted, Unit, Unrolled, most_steps};
use super::index::{Flow, Index, Meaning, SymbolKind};
use super::memory::Verdict;
use super::names::Names;
use super::scope::{Binding, Scope};
use super::settings::{MAX_REREAD, Objective};
use super::value::Value;
use super::weights::Weights;
use crate::diagnostics::{Code, Diagnostic, Edit, Fix, Label};
use crate::ir::{Builder, Dim, MAX_ELEMENTS, Oversized, Shape, ValueId};
use crate::suggest::Compared;

/// The most numbers a model's parameters may hold together: 8 GiB of `f32`.
pub const MAX_PARAMETERS: usize = 1 << 31;

/// The most places that are named beside a fault once it is met in other calls.
const MAX_CALLS: usize = 5;

/// The most calls and rounds that a fault names.
const MAX_EXPLAINED: usize = 3;

/// The faults and facts found so far, each once.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The faults.
    pub diagnostics: Vec<Diagnostic>,
    /// The facts; nothing where nobody has asked for them.
    pub facts: Option<Vec<Fact>>,
    /// How many errors were met, those known already counted again.
    pub errors: usize,
    /// How many bytes of models were checked again for trainings.
    pub reread: usize,
    /// Where the form of the texts is at fault, in order.
    pub unread: Vec<(FileId, u32)>,
    /// The blocks whose bodies have facts of a use.
    pub noted: HashSet<Span>,
    /// What has been unrolled in all bodies of the program, in steps.
    pub unrolled: u64,
    /// What every name means, where that is asked for.
    pub index: Option<Box<Index>>,
    /// How many columns the rows of all bodies brought in.
    pub columns: usize,
    /// Whether what calls give is kept with the graphs, as it is shown.
    pub keeps_given: bool,
    /// How often anything was said, what was known already counted again.
    said: usize,
    /// The inputs of models that take what is fed into them, in the order in which that was found.
    fitting: Vec<Span>,
    /// Where each fault stands in `diagnostics`, and whether it was said to follow from a call.
    seen: HashMap<(Code, Span), (usize, bool)>,
    /// What was fed into the inputs of models, by where these are declared.
    inputs: HashMap<Span, FedInput>,
    compared: Compared,
}

/// What the trainings of a program feed into one input, as far as it is at fault.
#[derive(Clone, Debug, Default)]
struct FedInput {
    /// The first fault, by its kind and place, and how the input would be declared to take what is fed.
    fault: Option<((Code, Span), String, Option<Fix>)>,
    /// Something else is fed into it too, which another declaration would not take.
    mixed: bool,
}

impl Findings {
    /// The same findings, with facts and what names mean from now on.
    pub fn noting(self) -> Self {
        Self { facts: Some(Vec::new()), index: Some(Box::default()), ..self }
    }

    /// Whether facts are kept.
    pub fn notes(&self) -> bool {
        self.facts.is_some()
    }

    /// Notes what a piece of text is, if facts are kept.
    pub fn note(&mut self, span: Span, kind: FactKind) {
        if let Some(facts) = &mut self.facts {
            facts.push(Fact { span, kind });
        }
    }

    /// Adds a fault, unless the same is known: a model is checked alone and again wherever it is used.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.report_of_call(diagnostic, None);
    }

    /// Adds a fault that follows from what `call` gives. Where the same is known of other calls, this one is named beside
    /// them.
    pub fn report_of_call(&mut self, diagnostic: Diagnostic, call: Option<Span>) {
        self.errors += usize::from(diagnostic.is_error());
        self.said += 1;
        match self.seen.entry((diagnostic.code, diagnostic.label.span)) {
            Entry::Vacant(new) => {
                new.insert((self.diagnostics.len(), call.is_some()));
                self.diagnostics.push(diagnostic);
            }
            Entry::Occupied(known) => {
                let (index, of_call) = *known.get();
                let related = &mut self.diagnostics[index].related;
                if let (true, Some(span)) = (of_call, call.filter(|call| !related.iter().any(|r| r.span == *call))) {
                    match related.len().cmp(&MAX_CALLS) {
                        Ordering::Less => related.push(Label { span, text: "and with these here".to_owned() }),
                        Ordering::Equal => related.push(Label { span, text: "and in more calls".to_owned() }),
                        Ordering::Greater => {}
                    }
                }
            }
        }
    }

    /// Adds a fault of what is fed into the input declared at `declaration`; `declare` makes the input take it. Where the same
    /// was said of another training, it is one fault: the input's.
    pub fn report_of_input(&mut self, declaration: Span, diagnostic: Diagnostic, declare: Option<Fix>) {
        let fed = self.inputs.entry(declaration).or_default();
        let first = fed.fault.as_ref().filter(|(_, message, _)| *message == diagnostic.message);
        let first = first.and_then(|(key, ..)| self.seen.get(key)).map(|(index, _)| *index);
        match first.and_then(|first| self.diagnostics.get_mut(first)) {
            Some(known) => {
                self.errors += 1;
                self.said += 1;
                let label = Label { text: "and fed from here".to_owned(), ..diagnostic.label };
                let new = label.span != known.label.span && !known.related.iter().any(|other| other.span == label.span);
                if new && known.related.len() <= MAX_CALLS {
                    known.related.push(label);
                }
                return;
            }
            None if fed.fault.is_some() => fed.mixed = true,
            None => {
                let key = (diagnostic.code, diagnostic.label.span);
                fed.fault = Some((key, diagnostic.message.clone(), declare));
            }
        }
        self.report(diagnostic);
    }

    /// The input declared at `declaration` takes what one training feeds into it.
    pub fn fits(&mut self, declaration: Span) {
        self.fitting.push(declaration);
        self.inputs.entry(declaration).or_default().mixed = true;
    }

    /// Whether what was sound before stays within the bounds of all.
    pub fn has_room_for(&self, names: Names<'_>, verdict: &Verdict) -> bool {
        self.unrolled.saturating_add(verdict.unrolled) <= most_steps(names.all.bytes)
            && self.columns.saturating_add(verdict.columns) <= MAX_COLUMNS
            && self.reread.saturating_add(verdict.reread) <= MAX_REREAD + names.source.text.len()
    }

    /// Counts what was sound before.
    pub fn take_over(&mut self, verdict: &Verdict) {
        self.unrolled += verdict.unrolled;
        self.columns += verdict.columns;
        self.reread += verdict.reread;
    }

    /// What is being checked is not to be remembered, sound or not: it has a share of something that all have together.
    pub fn remember_nothing(&mut self) {
        self.said += 1;
    }

    /// Whether anything is wrong with what is fed into an input.
    pub fn misfits(&self) -> bool {
        self.inputs.values().any(|fed| fed.fault.is_some())
    }

    /// How far it is, to tell afterwards what one declaration added.
    pub fn mark(&self) -> Mark {
        Mark {
            said: self.said,
            unrolled: self.unrolled,
            columns: self.columns,
            reread: self.reread,
            fitting: self.fitting.len(),
        }
    }

    /// What was added since, if nothing was said; the inputs that take what is fed into them with it.
    pub fn silent_since(&self, mark: &Mark) -> Option<(Verdict, &[Span])> {
        let verdict = Verdict {
            unrolled: self.unrolled - mark.unrolled,
            columns: self.columns - mark.columns,
            reread: self.reread - mark.reread,
            ..Verdict::default()
        };
        (self.said == mark.said).then(|| (verdict, &self.fitting[mark.fitting..]))
    }

    /// Offers to declare an input as all trainings feed it, now that they are known.
    pub fn settle_inputs(&mut self) {
        for fed in std::mem::take(&mut self.inputs).into_values().filter(|fed| !fed.mixed) {
            // What was taken out again needs no fix.
            if let Some((key, _, Some(fix))) = fed.fault
                && let Some((first, _)) = self.seen.get(&key)
            {
                self.diagnostics[*first].fixes.push(fix);
            }
        }
    }

    /// Whether a fault of this kind was reported of exactly this place.
    pub fn knows(&self, code: Code, span: Span) -> bool {
        self.seen.contains_key(&(code, span))
    }

    /// Fresh findings of the same text, to be looked at before they are kept.
    pub fn apart(&self) -> Self {
        let Self { reread, unrolled, columns, keeps_given, .. } = *self;
        let compared = self.compared.clone();
        let facts = self.facts.as_ref().map(|_| Vec::new());
        let index = self.index.is_some().then(Box::default);
        Self {
            facts,
            index,
            unread: self.unread.clone(),
            noted: self.noted.clone(),
            reread,
            compared,
            unrolled,
            columns,
            keeps_given,
            ..Self::default()
        }
    }

    /// Keeps what was found apart.
    pub fn absorb(&mut self, other: Self) {
        for (declaration, fed) in other.inputs {
            let known = self.inputs.entry(declaration).or_default();
            known.mixed |= fed.mixed || known.fault.is_some() && fed.fault.is_some();
            known.fault = known.fault.take().or(fed.fault);
        }
        other.diagnostics.into_iter().for_each(|diagnostic| self.report(diagnostic));
        if let (Some(index), Some(found)) = (&mut self.index, other.index) {
            index.absorb(*found);
        }
        if let (Some(facts), Some(more)) = (&mut self.facts, other.facts) {
            facts.extend(more);
        }
        self.noted = other.noted;
        self.said += other.said;
        self.fitting.extend(other.fitting);
        (self.reread, self.compared, self.unrolled) = (other.reread, other.compared, other.unrolled);
        self.columns = other.columns;
    }

    /// A name stands here first.
    pub fn declares(&mut self, span: Span, kind: SymbolKind) {
        if let Some(index) = &mut self.index {
            index.declares(span, kind);
        }
    }

    /// A name means what is named at `definition`.
    pub fn names(&mut self, span: Span, definition: Span) {
        if let Some(index) = &mut self.index {
            index.names(span, definition);
        }
    }

    /// What a name means is known.
    pub fn means(&mut self, span: Span, meaning: Meaning) {
        if let Some(index) = &mut self.index {
            index.means(span, meaning);
        }
    }

    /// Takes a fault out again, to say it otherwise.
    pub fn take(&mut self, wanted: impl Fn(&Diagnostic) -> bool) -> Option<Diagnostic> {
        let at = self.diagnostics.iter().position(wanted)?;
        let found = self.diagnostics.remove(at);
        self.seen.remove(&(found.code, found.label.span));
        // What stood behind it has moved up.
        let moved = |index: &mut usize| *index -= usize::from(*index > at);
        self.seen.values_mut().for_each(|(index, _)| moved(index));
        Some(found)
    }

    /// Whether something in `span` could not be read.
    pub fn lost_in(&self, span: Span) -> bool {
        let next = self.unread.partition_point(|place| *place < (span.file, span.start));
        self.unread.get(next).is_some_and(|place| *place <= (span.file, span.end))
    }

    /// The name of the file that `wanted` was probably meant to be.
    pub fn nearest<'n>(&mut self, wanted: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        self.said += 1;
        self.compared.nearest(wanted, known)
    }
}

/// How far findings were at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    said: usize,
    unrolled: u64,
    columns: usize,
    reread: usize,
    fitting: usize,
}

/// Something of a layer that a program can name: `encoder.state`.
#[derive(Clone, Debug)]
pub enum LayerPart {
    /// The last state of a recurrent layer, and of an LSTM how to make its last memory.
    State {
        /// The state.
        state: ValueId,
        /// What makes the memory, and of what.
        memory: Option<(crate::ir::Recurrent, Vec<ValueId>)>,
    },
}

/// The state of checking one body.
pub struct Context<'a> {
    /// The declarations that the file of this body sees.
    pub names: Names<'a>,
    /// What was found.
    pub findings: &'a mut Findings,
    /// The graph being built.
    pub builder: Builder,
    /// The names of the body.
    pub scope: Scope,
    /// The current value, `it`; nothing before the first.
    pub flow: Option<Value>,
    /// What a program can name of the layers that are being applied, by the layers' names.
    pub layer_parts: BTreeMap<String, Vec<(&'static str, LayerPart)>>,
    /// How the layers of the body are named.
    pub unit: Unit,
    /// The calls of blocks and the rounds of `repeat` that are being unrolled, the innermost last.
    pub unrolled: Vec<Unrolled>,
    /// What has been unrolled so far, in steps.
    pub steps: u64,
    /// The values of the graph that are counted in it.
    pub counted: usize,
    /// The weights and inner names of what made a value.
    pub parts: HashMap<ValueId, Arc<Part>>,
    /// The inner names of what made several values at once, by those.
    pub wholes: HashMap<Vec<ValueId>, Arc<Part>>,
    /// The weights by their names.
    pub weights: Weights,
    /// Whether a statement's value may be a number, as in a body of an `if`.
    pub numbers: bool,
    /// The call with whose arguments a training checks its model.
    pub called: Option<Unrolled>,
    /// Whether a shared layer is applied, whose weights may be there already.
    pub sharing: bool,
    /// Whether a block is checked by itself: its symbols may be numbers where it is used.
    pub open: bool,
    /// Whether a body is read that is not run, so that what its names stand for says nothing.
    pub dry: bool,
    /// Whether the graph keeps what the program calls its values.
    pub keeps_names: bool,
    /// Whether something is not known because a parameter has no value.
    pub incomplete: bool,
    /// The numbers held by all parameters so far.
    pub parameter_count: usize,
    /// The call that is a whole statement of the flow, while that statement is checked.
    pub statement_call: Option<Span>,
    /// How a `Flatten()` would be written before each `Dense` on several axes, by where its call starts.
    pub flatten_edits: BTreeMap<(FileId, u32), Edit>,
    /// Faults and facts are not kept while this is set.
    pub quiet: bool,
    /// Facts are not kept while this is set.
    pub unnoted: bool,
    /// The models of all files, while an assertion is checked.
    pub asserting: Option<Arc<[Measured]>>,
    /// The dataset whose fields are in scope.
    pub dataset: Option<Span>,
    /// What a loss is checked against, while one is.
    pub objective: Option<Objective>,
    /// While a loss is checked, the statement that makes the model's output and gives it no name.
    pub unnamed_output: Option<Span>,
    /// What was asked for that this version cannot carry out: planning refuses it.
    pub refusals: Vec<Diagnostic>,
    /// The values that predict a column.
    pub heads: BTreeMap<ValueId, Predicted>,
    /// The layers that a training leaves as they are: names, and patterns of names.
    pub frozen: Vec<String>,
    /// The fields that the inputs of a model stand for while its body is checked, and where each input is declared.
    pub fed: Vec<(ValueId, Span)>,
}

impl<'a> Context<'a> {
    /// A fresh body of that name.
    pub fn new(names: Names<'a>, findings: &'a mut Findings, name: &str) -> Self {
        Self {
            names,
            findings,
            builder: Builder::new(name),
            scope: Scope::default(),
            flow: None,
            layer_parts: BTreeMap::new(),
            unit: Unit::default(),
            unrolled: Vec::new(),
            steps: 0,
            counted: 0,
            parts: HashMap::default(),
            wholes: HashMap::default(),
            weights: Weights::default(),
            numbers: false,
            called: None,
            sharing: false,
            open: false,
            dry: false,
            keeps_names: false,
            incomplete: false,
            parameter_count: 0,
            statement_call: None,
            flatten_edits: BTreeMap::new(),
            quiet: false,
            unnoted: false,
            asserting: None,
            dataset: None,
            objective: None,
            unnamed_output: None,
            refusals: Vec::new(),
            heads: BTreeMap::new(),
            frozen: Vec::new(),
            fed: Vec::new(),
        }
    }

    /// Sees the names of the file that `span` stands in from now on; answers those it saw before.
    pub fn enter(&mut self, span: Span) -> Names<'a> {
        let names = self.names;
        self.names = names.home(span);
        names
    }

    /// Reports a fault.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if self.quiet {
            return;
        }
        if !self.unrolled.is_empty() {
            // A fault is found again in every round.
            self.spend(FAULT_STEPS);
        }
        // What is wrong with a body by itself is known by now: the rest follows from what a call gives it, or a round.
        let at = diagnostic.label.span;
        let reasons = self.unrolled.iter().rev().chain(&self.called);
        let mut call = None;
        for (unrolled, (place, text)) in reasons.filter_map(|it| Some((it, it.explain(at)?))).take(MAX_EXPLAINED) {
            call = call.or((unrolled.round.is_none() && unrolled.given).then_some(place));
            diagnostic = diagnostic.related(place, text);
        }
        self.findings.report_of_call(diagnostic, call);
    }

    /// Reports a value that is too large to be computed, if one was made since the last time.
    pub fn report_oversized(&mut self) {
        let Some(Oversized { value, shape }) = self.builder.take_oversized() else { return };
        let graph = self.builder.graph();
        let made = graph.value(value);
        let node = graph.producer(value);
        let layer = node.and_then(|node| node.layer).and_then(|layer| graph.layers.get(layer.0 as usize));
        let what = layer.map_or(&*made.name, |layer| layer.kind);
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

    /// Whether facts are kept: what is unrolled again says nothing new, and what nobody reads need not be made.
    pub fn notes(&self) -> bool {
        self.findings.notes() && !self.quiet && !self.unnoted
    }

    /// Notes what a piece of text is.
    pub fn fact(&mut self, span: Span, kind: FactKind) {
        if let Some(index) = &mut self.findings.index {
            index.fact(span, &kind);
        }
        if self.notes() {
            self.findings.note(span, kind);
        }
    }

    /// Keeps what a statement leaves, where that is asked for.
    pub fn note_flow(&mut self, statement: Span, value: &Value) {
        let wanted = |index: &Index| index.wants_flow(statement);
        if self.dry || !self.findings.index.as_deref().is_some_and(wanted) || !value.holds_tensors() {
            return;
        }
        let (kind, by) =
            (self.describe(value), self.unrolled.iter().rev().find(|it| it.round.is_none()).map(|it| it.at));
        if let Some(index) = &mut self.findings.index {
            index.flow(Flow { span: statement, kind, by });
        }
    }

    /// Whether a value has a row for every example; weights and numbers have none.
    pub fn is_batched(&self, id: ValueId) -> bool {
        self.builder.graph().is_batched(id)
    }

    /// The dimensions of a value as the language writes them, the batch left out.
    pub fn row(&self, id: ValueId) -> Shape {
        self.builder.graph().row(id)
    }

    /// The type of a tensor as the language writes it, the batch left out: `f32[28, 28, 1]`.
    pub fn type_of(&self, id: ValueId) -> String {
        self.builder.graph().type_of(id)
    }

    /// Puts a name in scope.
    pub fn define(&mut self, name: &str, binding: Binding) {
        self.scope.define(name, binding);
    }
}
