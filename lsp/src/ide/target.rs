//! What the name under a caret stands for, in terms that hold in every program that knows it.

use std::ops::Range;
use std::sync::Arc;

use ndsl_compiler::check::{Fact, FactKind, LayerReport, Meaning, Occurrence, SymbolKind};
use ndsl_compiler::{Analysis, Source, Texts, standard};
use ndsl_grammar::{FileId, Span};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Something that a program or the standard library names.
    Symbol(Symbol),
    /// A layer, function, … of the language itself.
    BuiltIn(&'static str),
    /// A type of columns.
    ColumnType(&'static str),
    /// A parameter or setting, with what it belongs to.
    Parameter(&'static str, &'static str),
    /// A word that a parameter takes.
    Choice(&'static str, String),
}

/// Something that a program names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Whether the standard library names it.
    pub standard: bool,
    /// The file that names it, from the root of its project.
    pub path: Arc<str>,
    /// Where in that file.
    pub range: Range<usize>,
    /// Its name.
    pub name: String,
}

/// Every name of the given text, with what it means.
pub fn own(analysis: &Analysis) -> &[Occurrence] {
    analysis.index().in_file(FileId::default())
}

/// The name at a place of the given text.
pub fn occurrence_at(analysis: &Analysis, offset: usize) -> Option<&Occurrence> {
    analysis.index().at(FileId::default(), offset)
}

/// What a name stands for.
pub fn target(analysis: &Analysis, occurrence: &Occurrence) -> Target {
    match occurrence.meaning {
        Meaning::Symbol { kind, definition } => {
            let source = analysis.sources.source(definition.file);
            let named = if is_apart(kind) { occurrence.span } else { definition };
            Target::Symbol(Symbol {
                kind,
                standard: is_library(source),
                path: source.path.clone(),
                range: definition.range(),
                name: written(analysis, named).to_owned(),
            })
        }
        Meaning::BuiltIn(signature) => Target::BuiltIn(signature.name),
        Meaning::ColumnType(signature) => Target::ColumnType(signature.name),
        Meaning::Parameter(signature, parameter) => Target::Parameter(signature.name, parameter.name),
        Meaning::Choice(parameter) => Target::Choice(parameter.name, written(analysis, occurrence.span).to_owned()),
    }
}

/// What the name at a place of the given text stands for.
pub fn target_at(analysis: &Analysis, offset: usize) -> Option<Target> {
    Some(target(analysis, occurrence_at(analysis, offset)?))
}

/// The names of the given text that stand for `wanted`.
pub fn occurrences<'a>(analysis: &'a Analysis, wanted: &'a Target) -> impl Iterator<Item = &'a Occurrence> {
    own(analysis).iter().filter(move |it| target(analysis, it) == *wanted)
}

/// Whether something has no name of its own, but goes by one at what it is a part of: such a name tells it from the others.
pub fn is_apart(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Field | SymbolKind::Part)
}

/// What stands at a place, without the quotes of a text.
pub fn written(analysis: &Analysis, span: Span) -> &str {
    analysis.sources.text(span).trim_matches('"')
}

/// A place without the quotes of a text.
pub fn inside_quotes(analysis: &Analysis, span: Span) -> Span {
    let text = analysis.sources.text(span);
    match text.len() >= 2 && text.starts_with('"') && text.ends_with('"') {
        true => Span { start: span.start + 1, end: span.end - 1, ..span },
        false => span,
    }
}

/// Whether a text is one of the standard library's, given as such or opened as a file.
pub fn is_library(source: &Source) -> bool {
    source.standard || standard::FILES.iter().any(|file| *file.path == *source.path && *file.text == *source.text)
}

/// What is known of a name beside what it means: of several facts the one that knows most.
pub fn fact_of(analysis: &Analysis, span: Span) -> Option<&Fact> {
    let named = facts_of(analysis, span).filter(|fact| !matches!(fact.kind, FactKind::Used(_)));
    named.min_by_key(|fact| !is_known(&fact.kind))
}

/// What a block or model became where a name uses it.
pub fn use_of(analysis: &Analysis, span: Span) -> Option<&LayerReport> {
    facts_of(analysis, span).find_map(|fact| match &fact.kind {
        FactKind::Used(report) => Some(report),
        _ => None,
    })
}

/// Everything that is known of a name.
fn facts_of(analysis: &Analysis, span: Span) -> impl Iterator<Item = &Fact> {
    let key = (span.file, span.start);
    let from = analysis.facts().partition_point(|fact| (fact.span.file, fact.span.start) < key);
    let here = analysis.facts()[from..].iter().take_while(move |fact| (fact.span.file, fact.span.start) == key);
    here.filter(move |fact| fact.span == span)
}

/// The type or number of a name, as the language writes it.
pub fn kind_of(analysis: &Analysis, span: Span) -> Option<&str> {
    match &fact_of(analysis, span)?.kind {
        FactKind::Value { kind, .. } => Some(kind),
        _ => None,
    }
}

/// Whether a fact says all it could.
pub fn is_known(kind: &FactKind) -> bool {
    match kind {
        FactKind::Layer { applied, .. } => applied.is_some(),
        FactKind::Value { kind, .. } => kind != "unknown" && !kind.contains('?'),
        FactKind::Model { .. } | FactKind::Used(_) | FactKind::Signature(_) | FactKind::Parameter { .. } => true,
    }
}

/// The size that a use of a block gives to one of its symbols, where that is a number.
pub fn sizes_of(analysis: &Analysis, span: Span) -> Option<&str> {
    facts_of(analysis, span).find_map(|fact| match &fact.kind {
        FactKind::Value { kind, .. } if kind.starts_with("int = ") => Some(kind.as_str()),
        _ => None,
    })
}
