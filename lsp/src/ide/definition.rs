//! Where what a name stands for is declared, and where its type is.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Meaning, Occurrence, SymbolKind};
use ndsl_compiler::signature::Signature;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{
    Column, ColumnType, ColumnTypeKind, DeclarationKind, ExprKind, SchemaItem, SchemaItemKind, Statement, StatementKind,
};

use super::nodes::{self, Node};
use super::target::{occurrence_at, written};

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What the caret is on.
    pub origin: Range<usize>,
    /// The whole of what is declared.
    pub whole: Span,
    /// Its name.
    pub name: Span,
}

/// Where what stands at `offset` is declared: of a name, or of the file that a `use` names.
pub fn definition(analysis: &Analysis, offset: usize) -> Option<Link> {
    if let Some(link) = used_file(analysis, offset) {
        return Some(link);
    }
    let occurrence = occurrence_at(analysis, offset)?;
    let name = declared_at(analysis, occurrence)?;
    Some(Link { origin: occurrence.span.range(), whole: whole_of(analysis, name), name })
}

/// What of the language itself stands at `offset`, whose page of the reference is the nearest thing to a declaration.
pub fn built_in(analysis: &Analysis, offset: usize) -> Option<(Range<usize>, &'static Signature)> {
    let occurrence = occurrence_at(analysis, offset)?;
    let (Meaning::BuiltIn(signature) | Meaning::ColumnType(signature) | Meaning::Parameter(signature, _)) =
        occurrence.meaning
    else {
        return None;
    };
    Some((occurrence.span.range(), signature))
}

/// Where the type of what stands at `offset` is declared: the block that made a value, the schema of a dataset, the table a
/// column refers to, the model of a training.
pub fn type_definition(analysis: &Analysis, offset: usize) -> Option<Link> {
    let occurrence = occurrence_at(analysis, offset)?;
    let Meaning::Symbol { kind, definition } = occurrence.meaning else { return None };
    let name = match kind {
        // What is a type itself is its own.
        SymbolKind::Block | SymbolKind::Model | SymbolKind::Schema | SymbolKind::Table => definition,
        _ => type_at(analysis, declared_at(analysis, occurrence)?)?,
    };
    Some(Link { origin: occurrence.span.range(), whole: whole_of(analysis, name), name })
}

/// Where a name is declared.
fn declared_at(analysis: &Analysis, occurrence: &Occurrence) -> Option<Span> {
    let Meaning::Symbol { kind, definition } = occurrence.meaning else { return None };
    if kind != SymbolKind::Field {
        return Some(definition);
    }
    // A field is named first where its dataset lists it; one that only the file lists leads to the dataset.
    let wanted = written(analysis, occurrence.span);
    let fields = analysis.index().in_file(definition.file).iter().filter(|it| it.meaning == occurrence.meaning);
    let whole = whole_of(analysis, definition);
    let listed = fields
        .map(|it| it.span)
        .find(|span| whole.start <= span.start && span.end <= whole.end && written(analysis, *span) == wanted);
    Some(listed.unwrap_or(definition))
}

/// The declaration, statement or column that a name stands in first.
pub(super) fn whole_of(analysis: &Analysis, name: Span) -> Span {
    let around = nodes::around(analysis.tree(name.file), name.start as usize);
    let named = around.iter().rev().find(|node| node.names(name));
    named.map_or(name, |node| node.span())
}

/// The file that a `use` names.
fn used_file(analysis: &Analysis, offset: usize) -> Option<Link> {
    let uses = analysis.file.declarations.iter().filter_map(|declaration| match &declaration.kind {
        DeclarationKind::Use(import) => Some(import),
        _ => None,
    });
    let (import, file) = uses.zip(analysis.used_files()).find(|(import, _)| import.path_span.touches(offset))?;
    let start = Span { file: file?, ..Span::default() };
    Some(Link { origin: import.path_span.range(), whole: start, name: start })
}

/// The name of the type of what is declared at `name`.
fn type_at(analysis: &Analysis, name: Span) -> Option<Span> {
    let around = nodes::around(analysis.tree(name.file), name.start as usize);
    let node = around.iter().rev().find(|node| node.names(name))?;
    let place = match node {
        Node::Statement(Statement {
            kind:
                StatementKind::Flow { value, .. }
                | StatementKind::Bind { value, .. }
                | StatementKind::Output { value, .. }
                | StatementKind::Share { layer: value, .. },
            ..
        }) => callee(&value.kind)?,
        Node::Declaration(declaration) => match &declaration.kind {
            DeclarationKind::Dataset { schema: Some(path), .. } => path.segments.last()?.span,
            DeclarationKind::Train { settings, .. } | DeclarationKind::Deploy { settings, .. } => {
                let model = settings.entries.iter().find(|entry| entry.key.text == "model")?;
                callee(&model.value.kind).unwrap_or(model.value.span)
            }
            _ => return None,
        },
        Node::Item(SchemaItem {
            kind:
                SchemaItemKind::Column(Column {
                    kind: ColumnType { kind: ColumnTypeKind::Reference { target }, .. }, ..
                }),
            ..
        }) => target.segments.first()?.span,
        _ => return None,
    };
    match analysis.index().at(place.file, place.start as usize)?.meaning {
        Meaning::Symbol { definition, .. } => Some(definition),
        _ => None,
    }
}

/// Where the name of what is called last stands.
fn callee(value: &ExprKind) -> Option<Span> {
    match value {
        ExprKind::Call { callee, .. } => Some(callee.span),
        ExprKind::Pipe { call, .. } => callee(&call.kind),
        ExprKind::Field { base, .. } => callee(&base.kind),
        _ => None,
    }
}
