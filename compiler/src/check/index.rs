//! What every name in the texts of a program means: kept while they are checked, where that is asked for.
//!
//! The checker finds out what a name means anyway. Whoever asks for an [`Index`] is told of it at the places where that
//! happens, so nothing resolves names a second time, and what an editor shows is what the checker took it for. Bodies are
//! gone through once for each use; of a place the first that is said stands.

use std::collections::hash_map::Entry;

use foldhash::HashMap;
use ndsl_grammar::{FileId, Span};

use super::facts::FactKind;
use super::names::Declared;
use crate::signature::{Parameter, Signature};

/// What a name is, in the widest sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolKind {
    /// `const`
    Constant,
    /// `block`
    Block,
    /// `model`
    Model,
    /// `schema`
    Schema,
    /// A table of a schema.
    Table,
    /// A column of a table.
    Column,
    /// A label of an enum.
    Label,
    /// `dataset`
    Dataset,
    /// `train`
    Train,
    /// `synthesizer`
    Synthesizer,
    /// `deploy`
    Deploy,
    /// `provider`
    Provider,
    /// A declaration that could not be read.
    Declaration,
    /// A parameter of a block or model.
    Parameter,
    /// An input of a block or model.
    Input,
    /// An output of a block or model.
    Output,
    /// A value that a statement names.
    Local,
    /// A layer or block that is shared.
    Shared,
    /// What a `repeat` names each round.
    Round,
    /// A symbolic dimension.
    Dimension,
    /// An arm of a `branch`.
    Arm,
    /// A field of a dataset that no schema declares.
    Field,
    /// A part of a value: a weight of a layer, a name inside a block.
    Part,
}

impl SymbolKind {
    /// What a declaration's name is.
    pub(crate) fn of(declared: Declared<'_>) -> Self {
        match declared {
            Declared::Const(_) => Self::Constant,
            Declared::Block(..) => Self::Block,
            Declared::Model(..) => Self::Model,
            Declared::Dataset(..) => Self::Dataset,
            Declared::Schema => Self::Schema,
            Declared::Train(_) => Self::Train,
            Declared::Synthesizer(_) => Self::Synthesizer,
            Declared::Deploy(_) => Self::Deploy,
            Declared::Provider(_) => Self::Provider,
            Declared::Broken => Self::Declaration,
        }
    }

    /// The word for it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Block => "block",
            Self::Model => "model",
            Self::Schema => "schema",
            Self::Table => "table",
            Self::Column => "column",
            Self::Label => "label",
            Self::Dataset => "dataset",
            Self::Train => "training",
            Self::Synthesizer => "synthesizer",
            Self::Deploy => "deployment",
            Self::Provider => "provider",
            Self::Declaration => "declaration",
            Self::Parameter => "parameter",
            Self::Input => "input",
            Self::Output => "output",
            Self::Local => "value",
            Self::Shared => "shared layer",
            Self::Round => "round",
            Self::Dimension => "dimension",
            Self::Arm => "arm",
            Self::Field => "field",
            Self::Part => "part",
        }
    }
}

/// What one name in a text means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    /// Something that one of the program's texts names.
    Symbol {
        /// What it is.
        kind: SymbolKind,
        /// Where it is named first. Of a [`SymbolKind::Field`] the name of its dataset, and of a [`SymbolKind::Part`] the
        /// value it is a part of: these are told apart by what stands at the place.
        definition: Span,
    },
    /// A layer, function, loss, optimizer, … of the language itself.
    BuiltIn(&'static Signature),
    /// A type of columns.
    ColumnType(&'static Signature),
    /// A parameter or setting of something of the language itself.
    Parameter(&'static Signature, &'static Parameter),
    /// A word that a parameter or setting takes: `same`.
    Choice(&'static Parameter),
}

/// A name at a place, and what it means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occurrence {
    /// The place.
    pub span: Span,
    /// What it means.
    pub meaning: Meaning,
}

impl Occurrence {
    /// Whether what it means is named here first.
    pub fn is_definition(&self) -> bool {
        matches!(self.meaning, Meaning::Symbol { kind, definition }
            if definition == self.span && !matches!(kind, SymbolKind::Field | SymbolKind::Part))
    }
}

/// What a statement of a body leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The statement.
    pub span: Span,
    /// The type of its value: `f32[28, 28, 1]`.
    pub kind: String,
    /// The call that unrolled the body, where it says nothing by itself: the types are those of that use.
    pub by: Option<Span>,
}

/// What is known while it is collected.
#[derive(Clone, Copy, Debug)]
enum Noted {
    /// Named here first.
    Declares(SymbolKind),
    /// Named where that stands.
    Names(Span),
    Known(Meaning),
}

/// What every name in the texts of a program means, and what every statement leaves.
#[derive(Clone, Debug, Default)]
pub struct Index {
    noted: HashMap<Span, Noted>,
    flowing: HashMap<Span, Flow>,
    occurrences: Vec<Occurrence>,
    flows: Vec<Flow>,
}

impl Index {
    /// A name stands here first.
    pub(crate) fn declares(&mut self, span: Span, kind: SymbolKind) {
        self.note(span, Noted::Declares(kind));
    }

    /// A name means what is named at `definition`.
    pub(crate) fn names(&mut self, span: Span, definition: Span) {
        self.note(span, Noted::Names(definition));
    }

    /// What a name means is known.
    pub(crate) fn means(&mut self, span: Span, meaning: Meaning) {
        self.note(span, Noted::Known(meaning));
    }

    /// What an editor is shown of a place says what it means.
    pub(crate) fn fact(&mut self, span: Span, kind: &FactKind) {
        match kind {
            FactKind::Layer { signature, .. } | FactKind::Signature(signature) => {
                self.means(span, Meaning::BuiltIn(signature));
            }
            FactKind::Parameter { signature, parameter } => self.means(span, Meaning::Parameter(signature, parameter)),
            FactKind::Value { definition, .. } if *definition != span => self.names(span, *definition),
            // What a name stands for when it is declared is said where it is.
            FactKind::Value { .. } | FactKind::Model { .. } | FactKind::Used(_) => {}
        }
    }

    fn note(&mut self, span: Span, noted: Noted) {
        if !span.range().is_empty() {
            self.noted.entry(span).or_insert(noted);
        }
    }

    /// Whether more could be said of what a statement leaves.
    pub(crate) fn wants_flow(&self, statement: Span) -> bool {
        self.flowing.get(&statement).is_none_or(|flow| !is_known(&flow.kind))
    }

    /// What a statement leaves; what is known of it goes before what is not.
    pub(crate) fn flow(&mut self, flow: Flow) {
        match self.flowing.entry(flow.span) {
            Entry::Vacant(new) => {
                new.insert(flow);
            }
            Entry::Occupied(mut known) => {
                if !is_known(&known.get().kind) && is_known(&flow.kind) {
                    known.insert(flow);
                }
            }
        }
    }

    /// Takes in what was found apart.
    pub(crate) fn absorb(&mut self, other: Self) {
        other.noted.into_iter().for_each(|(span, noted)| self.note(span, noted));
        other.flowing.into_values().for_each(|flow| self.flow(flow));
    }

    /// Brings what was noted into the order of the texts.
    pub(crate) fn settle(&mut self) {
        let noted = std::mem::take(&mut self.noted);
        let kind = |definition: Span| match noted.get(&definition) {
            Some(Noted::Declares(kind)) => *kind,
            _ => SymbolKind::Part,
        };
        let meaning = |span: Span, noted: Noted| match noted {
            Noted::Declares(kind) => Meaning::Symbol { kind, definition: span },
            Noted::Names(definition) => Meaning::Symbol { kind: kind(definition), definition },
            Noted::Known(meaning) => meaning,
        };
        self.occurrences =
            noted.iter().map(|(span, noted)| Occurrence { span: *span, meaning: meaning(*span, *noted) }).collect();
        self.occurrences.sort_unstable_by_key(|it| (it.span.file, it.span.start, it.span.end));
        self.flows = std::mem::take(&mut self.flowing).into_values().collect();
        self.flows.sort_unstable_by_key(|flow| (flow.span.file, flow.span.start, flow.span.end));
    }

    /// Every name whose meaning is known, in the order of the texts.
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// Those of one text.
    pub fn in_file(&self, file: FileId) -> &[Occurrence] {
        let start = self.occurrences.partition_point(|it| it.span.file < file);
        let end = self.occurrences.partition_point(|it| it.span.file <= file);
        &self.occurrences[start..end]
    }

    /// The name at a place; a caret right behind one counts as on it, unless another begins there.
    pub fn at(&self, file: FileId, offset: usize) -> Option<&Occurrence> {
        let own = self.in_file(file);
        let next = own.partition_point(|it| it.span.start as usize <= offset);
        // Names do not hold one another, but for the fields of a setting written as a call, so the last few are enough.
        own[next.saturating_sub(4)..next].iter().rev().find(|it| it.span.touches(offset))
    }

    /// What the statements of one text leave.
    pub fn flows(&self, file: FileId) -> &[Flow] {
        let start = self.flows.partition_point(|flow| flow.span.file < file);
        let end = self.flows.partition_point(|flow| flow.span.file <= file);
        &self.flows[start..end]
    }
}

fn is_known(kind: &str) -> bool {
    kind != "unknown" && !kind.contains('?')
}
