//! The names that a place sees: those of its body, those of the file, and the parts of a value.

use std::collections::HashMap;

use ndsl_compiler::check::{FactKind, Meaning, Occurrence, SymbolKind};
use ndsl_compiler::signature::Signature;
use ndsl_compiler::{Texts, standard};
use ndsl_grammar::Span;
use ndsl_grammar::ast::{Declaration, DeclarationKind, SchemaItemKind};

use super::catalogue::call;
use super::{Docs, Item, Kind, Place};
use crate::ide::callee::Callee;
use crate::ide::context::{Bracket, Context};
use crate::ide::target::{fact_of, kind_of, own};

/// The values that the body around the place has named before it, `it` among them.
pub(super) fn locals(place: &Place<'_>) -> Vec<Item> {
    let Some((_, start)) = place.context.declaration.clone() else { return Vec::new() };
    let mut items = vec![Item::new("it", Kind::Variable).detail("the current value").rank(1)];
    let before = own(place.analysis).iter().filter(|it| it.is_definition());
    for it in before.filter(|it| start <= it.span.start as usize && (it.span.end as usize) < place.offset) {
        let Meaning::Symbol { kind, .. } = it.meaning else { continue };
        let is_value = matches!(
            kind,
            SymbolKind::Parameter
                | SymbolKind::Input
                | SymbolKind::Output
                | SymbolKind::Local
                | SymbolKind::Shared
                | SymbolKind::Round
                | SymbolKind::Dimension
        );
        if is_value && sees(place, it) {
            items.push(value(place, it).rank(2));
        }
    }
    items
}

fn value(place: &Place<'_>, it: &Occurrence) -> Item {
    let name = place.analysis.sources.text(it.span);
    let item = Item::new(name, Kind::Variable);
    let docs = match fact_of(place.analysis, it.span).map(|fact| &fact.kind) {
        Some(FactKind::Value { docs: Some(docs), .. }) => Docs::Text(docs.to_string()),
        _ => Docs::None,
    };
    match kind_of(place.analysis, it.span).filter(|kind| *kind != "unknown") {
        Some(kind) => item.detail(kind).docs(docs),
        None => item.docs(docs),
    }
}

/// Whether the braces that a name was given in are open at the place; those of `repeat` hand their names on.
fn sees(place: &Place<'_>, it: &Occurrence) -> bool {
    // A declaration is read from where it begins, not with all that stands before it.
    let name = it.span.range();
    let declaration = place.context.declaration.as_ref().map_or(0, |(_, start)| *start);
    let from = if declaration <= name.start { declaration } else { 0 };
    let there = Context::at(&place.text[from..name.end], name.start - from);
    there.frames.iter().filter(|frame| frame.bracket == Bracket::Curly).all(|frame| {
        let brace = from + frame.open;
        let is_open = place.context.frames.iter().any(|open| open.open == brace);
        let line = place.text[..brace].rfind(['\n', ';', '{', '}']).map_or(0, |at| at + 1);
        is_open || place.text[line..brace].trim_start().starts_with("repeat")
    })
}

/// The constants that the file knows.
pub(super) fn constants(place: &Place<'_>) -> Vec<Item> {
    let kinds: HashMap<Span, &str> = place
        .analysis
        .facts()
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::Value { kind, definition, .. } if fact.span == *definition => Some((*definition, kind.as_str())),
            _ => None,
        })
        .collect();
    let item = |name: &str, declaration: &Declaration| match &declaration.kind {
        DeclarationKind::Const { name: declared, .. } => {
            let kind = kinds.get(&declared.span).copied().unwrap_or("constant");
            Some(Item::new(name, Kind::Constant).docs(text(declaration)).rank(3).detail(kind))
        }
        _ => None,
    };
    known(place).iter().filter_map(|(name, declaration)| item(name, declaration)).collect()
}

/// The declarations of a kind that the file knows, by their names.
pub(super) fn declared(place: &Place<'_>, wanted: SymbolKind) -> Vec<Item> {
    let is = |declaration: &Declaration| match &declaration.kind {
        DeclarationKind::Model(_) => wanted == SymbolKind::Model,
        DeclarationKind::Dataset { .. } => wanted == SymbolKind::Dataset,
        DeclarationKind::Train { .. } => wanted == SymbolKind::Train,
        DeclarationKind::Schema(_) => wanted == SymbolKind::Schema,
        DeclarationKind::Provider { .. } => wanted == SymbolKind::Provider,
        _ => false,
    };
    let all = known(place).into_iter().filter(|(_, declaration)| is(declaration));
    all.map(|(name, declaration)| {
        let item = Item::new(name, Kind::Reference).detail(wanted.noun()).docs(text(declaration)).rank(1);
        match Callee::of(declaration) {
            Some(callee) if !place.has_bracket => with_brackets(place, item, name, &callee),
            _ => item,
        }
    })
    .collect()
}

/// The blocks and models that the file knows, but for the one it is in; then those of the standard library.
pub(super) fn blocks(place: &Place<'_>) -> Vec<Item> {
    let own = place.context.declaration.as_ref().map(|(_, start)| *start);
    let mut items = Vec::new();
    for (name, declaration) in known(place) {
        let is_own = declaration.span.file == ndsl_grammar::FileId::default()
            && own.is_some_and(|start| declaration.span.range().contains(&start));
        if let Some(callee) = Callee::of(declaration).filter(|_| !is_own) {
            let item = Item::new(name, Kind::Class).docs(text(declaration)).rank(3);
            items.push(with_brackets(place, item, name, &callee));
        }
    }
    for name in standard::names() {
        let item = Item::new(name, Kind::Class).rank(4);
        items.push(match Callee::named(place.analysis, name) {
            Some(callee) => with_brackets(place, item, name, &callee),
            None => item,
        });
    }
    items
}

/// A block or model with its brackets and what must stand between them.
fn with_brackets(place: &Place<'_>, item: Item, name: &str, callee: &Callee<'_>) -> Item {
    let parameters = callee.parameters();
    let written: Vec<&str> = parameters.iter().map(|parameter| parameter.written.as_str()).collect();
    let docs = match (&item.docs, callee.docs()) {
        (Docs::None, docs) if !docs.is_empty() => Docs::Text(docs),
        _ => item.docs.clone(),
    };
    let item = item.detail(format!("{name}({})", written.join(", "))).docs(docs);
    if place.has_bracket {
        return item;
    }
    let required = parameters.iter().filter(|parameter| parameter.required && !parameter.by_name);
    let required: Vec<String> =
        required.enumerate().map(|(at, parameter)| format!("${{{}:{}}}", at + 1, parameter.name)).collect();
    item.snippet(call(name, &required, !parameters.is_empty()))
}

/// Every declaration that the file knows, by its name there: its own and those it takes from other files.
pub(super) fn known<'a>(place: &Place<'a>) -> Vec<(&'a str, &'a Declaration)> {
    let mut known = Vec::new();
    for declaration in &place.analysis.file.declarations {
        match &declaration.kind {
            DeclarationKind::Use(import) => {
                for one in &import.imports {
                    let name = one.local().text.as_str();
                    known.extend(place.analysis.declaration(name).map(|declaration| (name, declaration)));
                }
            }
            _ => known.extend(declaration.name().map(|name| (name.text.as_str(), &**declaration))),
        }
    }
    known
}

fn text(declaration: &Declaration) -> Docs {
    declaration.docs.clone().map_or(Docs::None, Docs::Text)
}

/// What stands behind a dot: the tables of a schema, the columns of a table or of the row it refers to, the weights and names
/// of a value.
pub(super) fn parts(place: &Place<'_>) -> Vec<Item> {
    let Some((_, dot)) = place.context.before.clone() else { return Vec::new() };
    let base = place.text[..dot.start].trim_end();
    let start = base
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + base[at..].chars().next().map_or(1, char::len_utf8));
    let word = &base[start..];
    if let Some(items) = of_schema(place, word, start) {
        return items;
    }
    if place.context.keyword(place.text) == Some("assert") {
        return ["parameters", "trainable_parameters", "flops"]
            .into_iter()
            .map(|name| Item::new(name, Kind::Field))
            .collect();
    }
    match meaning_of(place, word, start) {
        Some(Meaning::Symbol { kind: SymbolKind::Train, .. }) => {
            [("best", "its best epoch"), ("last", "its last epoch")]
                .into_iter()
                .map(|(name, detail)| Item::new(name, Kind::Field).detail(detail))
                .collect()
        }
        Some(Meaning::Symbol { definition, .. }) => {
            super::rows::columns(place, definition).unwrap_or_else(|| of_value(place, definition))
        }
        _ if word == "it" => vec![Item::new("shape", Kind::Field).detail("its dimensions, the batch left out")],
        _ => Vec::new(),
    }
}

/// What a word before a dot means; of one in a statement that cannot be read yet, what was last called so.
fn meaning_of(place: &Place<'_>, word: &str, start: usize) -> Option<Meaning> {
    if let Some(known) = place.analysis.index().at(ndsl_grammar::FileId::default(), start) {
        return Some(known.meaning);
    }
    let own = own(place.analysis).iter().rev().filter(|it| it.is_definition() && it.span.range().end <= start);
    let called = |it: &&Occurrence| place.analysis.sources.text(it.span) == word;
    own.filter(called).find(|it| sees(place, it)).map(|it| it.meaning)
}

fn of_value(place: &Place<'_>, definition: ndsl_grammar::Span) -> Vec<Item> {
    let mut items = vec![Item::new("shape", Kind::Field).detail("its dimensions, the batch left out")];
    let whole = crate::ide::definition::whole_of(place.analysis, definition);
    let made = place
        .analysis
        .index()
        .in_file(definition.file)
        .iter()
        .filter(|it| whole.start <= it.span.start && it.span.end <= whole.end);
    let layer = made.clone().find_map(|it| match it.meaning {
        Meaning::BuiltIn(signature) if ndsl_compiler::layers::find(signature.name).is_some() => Some(signature),
        _ => None,
    });
    let weights = |signature: &Signature| {
        let has_bias = signature.parameter("use_bias").is_some();
        ["kernel", "bias"].into_iter().filter(move |name| *name == "kernel" || has_bias)
    };
    if let Some(layer) = layer.filter(|layer| layer.parameter("kernel_initializer").is_some()) {
        items.extend(
            weights(layer).map(|name| Item::new(name, Kind::Field).detail(format!("a weight of `{}`", layer.name))),
        );
    }
    let arms =
        made.filter(|it| it.is_definition() && matches!(it.meaning, Meaning::Symbol { kind: SymbolKind::Arm, .. }));
    items.extend(
        arms.map(|it| {
            Item::new(place.analysis.sources.text(it.span), Kind::Field).detail("what the arm makes").rank(1)
        }),
    );
    items
}

/// What a schema, a table or a reference has, by its name.
fn of_schema(place: &Place<'_>, word: &str, start: usize) -> Option<Vec<Item>> {
    let schemas = place.analysis.schemas();
    let columns = |table: &ndsl_compiler::schema::Table| -> Vec<Item> {
        table.columns.iter().map(super::schemas::column).collect()
    };
    // `customer.` in a table: the columns of the row referred to.
    if let Some(Meaning::Symbol { kind: SymbolKind::Column, definition }) = meaning_of(place, word, start) {
        let column =
            schemas.tables().find_map(|(_, table)| table.columns.iter().find(|column| column.span == definition))?;
        return Some(columns(schemas.at(column.reference()?.table)));
    }
    if let Some((_, table)) = schemas.tables().find(|(_, table)| table.name == word) {
        return Some(columns(table));
    }
    let declaration = place.analysis.declaration(word)?;
    let DeclarationKind::Schema(schema) = &declaration.kind else { return None };
    let tables = schema.items.iter().filter_map(|item| match &item.kind {
        SchemaItemKind::Table(table) => {
            let item = Item::new(&table.name.text, Kind::Type).detail("table");
            let known = schemas.tables().find(|(_, known)| known.span == table.name.span);
            Some(match known.filter(|_| super::rows::is_type_of_input(place)) {
                Some((_, known)) => super::rows::as_input(item, known),
                None => item,
            })
        }
        _ => None,
    });
    Some(tables.collect())
}
