//! Which models and blocks use which blocks.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Meaning, SymbolKind};
use ndsl_grammar::ast::Declaration;
use ndsl_grammar::{FileId, Piece, Span};

use super::definition::whole_of;
use super::target::{Target, occurrence_at, occurrences, own, target};

/// A model, block or training in a hierarchy of uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole of it.
    pub whole: Span,
    /// Its name's place.
    pub selection: Span,
}

/// One that uses, or is used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// It.
    pub item: Item,
    /// The places of the uses, in the text of the one that uses.
    pub places: Vec<Range<usize>>,
}

/// The model or block whose name stands at `offset`, or in which that lies.
pub fn prepare(analysis: &Analysis, offset: usize) -> Option<Item> {
    if let Some(occurrence) = occurrence_at(analysis, offset)
        && let Meaning::Symbol { kind: kind @ (SymbolKind::Block | SymbolKind::Model), definition } = occurrence.meaning
    {
        return Some(item(analysis, definition, kind));
    }
    let declaration = analysis.file.declarations.iter().find(|it| it.span.touches(offset))?;
    of_declaration(analysis, declaration)
}

/// The blocks that the one named at `selection` uses.
pub fn outgoing(analysis: &Analysis, selection: Span) -> Vec<Call> {
    let whole = whole_of(analysis, selection);
    let mut calls: Vec<Call> = Vec::new();
    for occurrence in analysis.index().in_file(selection.file) {
        let span = occurrence.span;
        let Meaning::Symbol { kind: kind @ (SymbolKind::Block | SymbolKind::Model), definition } = occurrence.meaning
        else {
            continue;
        };
        if span.start < whole.start || whole.end < span.end || definition == span {
            continue;
        }
        match calls.iter_mut().find(|call| call.item.selection == definition) {
            Some(call) => call.places.push(span.range()),
            None => calls.push(Call { item: item(analysis, definition, kind), places: vec![span.range()] }),
        }
    }
    calls
}

/// The declarations of the given text that use `wanted`.
pub fn incoming(analysis: &Analysis, wanted: &Target) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for occurrence in occurrences(analysis, wanted).filter(|it| !it.is_definition()) {
        let span = occurrence.span;
        let around = |it: &&Piece| it.span.start <= span.start && span.end <= it.span.end;
        let declaration = analysis.file.declarations.iter().find(around);
        let Some(item) = declaration.and_then(|declaration| of_declaration(analysis, declaration)) else { continue };
        match calls.iter_mut().find(|call| call.item == item) {
            Some(call) => call.places.push(span.range()),
            None => calls.push(Call { item, places: vec![span.range()] }),
        }
    }
    calls
}

/// What the name at `selection` of the given text stands for, to be looked for in other programs.
pub fn wanted(analysis: &Analysis, selection: &Range<usize>) -> Option<Target> {
    let occurrence = own(analysis).iter().find(|it| it.span.range() == *selection)?;
    Some(target(analysis, occurrence))
}

fn of_declaration(analysis: &Analysis, declaration: &Declaration) -> Option<Item> {
    let name = ndsl_compiler::check::declared_name(declaration)?;
    let occurrence = analysis.index().at(FileId::default(), name.span.start as usize)?;
    match occurrence.meaning {
        Meaning::Symbol { kind, .. } => Some(item(analysis, name.span, kind)),
        _ => None,
    }
}

fn item(analysis: &Analysis, definition: Span, kind: SymbolKind) -> Item {
    let name = ndsl_compiler::Texts::text(&analysis.sources, definition).to_owned();
    Item { name, kind, whole: whole_of(analysis, definition), selection: definition }
}
