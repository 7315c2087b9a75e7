//! What a model takes of a table: the table, the columns it leaves out, and those of the row.

use ndsl_compiler::schema::{Column, Table};
use ndsl_grammar::Span;
use ndsl_grammar::ast::{DeclarationKind, InputType, SchemaItemKind, Statement, StatementKind};

use super::{Item, Kind, Place, names, schemas};
use crate::ide::context::Bracket;
use crate::ide::nodes::{self, Node};

/// The tables whose rows an input may be, by the names they go by here.
pub(super) fn tables(place: &Place<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for (name, declaration) in names::known(place) {
        let DeclarationKind::Schema(schema) = &declaration.kind else { continue };
        let inner = schema.items.iter().filter_map(|item| match &item.kind {
            SchemaItemKind::Table(table) => Some(&table.name),
            _ => None,
        });
        let mut own: Vec<(String, Span)> = inner.map(|table| (format!("{name}.{}", table.text), table.span)).collect();
        if own.is_empty() {
            own.push((name.to_owned(), schema.name.span));
        }
        for (path, span) in own {
            let table = place.analysis.schemas().tables().find(|(_, table)| table.span == span);
            items.extend(table.map(|(_, table)| as_input(Item::new(path, Kind::Type).detail("table"), table)));
        }
    }
    items
}

/// A table as the type of an input: without the columns that no model can learn from.
pub(super) fn as_input(item: Item, table: &Table) -> Item {
    let unfit: Vec<&str> = unfit(table).map(|column| column.name.as_str()).collect();
    if unfit.is_empty() {
        return item;
    }
    let written = format!("{} except ({}$1)$0", item.label, unfit.join(", "));
    item.snippet(written)
}

fn unfit(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.iter().filter(|column| column.feature().is_err())
}

/// Whether the place is behind the colon of an input, its type begun.
pub(super) fn is_type_of_input(place: &Place<'_>) -> bool {
    written(place).is_some_and(|kind| !kind.contains(" except"))
}

/// What is written of the type of the input on the line, up to the place.
fn written<'a>(place: &Place<'a>) -> Option<&'a str> {
    let before = &place.text[..place.offset];
    let line = before[before.rfind(['\n', ';', '{']).map_or(0, |at| at + 1)..].trim_start();
    Some(line.strip_prefix("input ")?.split_once(':')?.1.trim_start())
}

/// Between the brackets behind `except`: the columns that are not left out yet, those that no model can learn from first.
pub(super) fn left_out(place: &Place<'_>) -> Option<Vec<Item>> {
    let frame = place.context.frame().filter(|frame| frame.bracket == Bracket::Round)?;
    let (path, given) = written(place)?.split_once(" except")?;
    place.text[..frame.open].trim_end().ends_with("except").then_some(())?;
    let table = path.trim().rsplit('.').next()?;
    let known = tables(place).into_iter().find(|item| item.label == path.trim())?;
    let schemas = place.analysis.schemas();
    let (_, table) = schemas.tables().find(|(_, other)| other.name == table || other.path == known.label)?;
    let given: Vec<&str> = given.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let prefix = place.word(&place.context.prefix);
    let left = table.columns.iter().filter(|column| column.name == prefix || !given.contains(&column.name.as_str()));
    Some(left.map(|column| schemas::column(column).rank(if column.feature().is_err() { 0 } else { 1 })).collect())
}

/// The columns of the row that is named at `definition`, where it is one.
pub(super) fn columns(place: &Place<'_>, definition: Span) -> Option<Vec<Item>> {
    let around = nodes::around(place.analysis.tree(definition.file), definition.start as usize);
    let (table, except) = around.iter().rev().find_map(|node| match node {
        Node::Statement(Statement {
            kind: StatementKind::Input { name, kind: InputType::Table { table, except }, .. },
            ..
        }) if name.span == definition => Some((table, except)),
        _ => None,
    })?;
    let table = place.analysis.schemas().at(place.analysis.schemas().table(table).ok()?);
    let taken = table
        .columns
        .iter()
        .filter(|column| column.feature().is_ok() && !except.iter().any(|name| name.text == column.name));
    Some(taken.map(schemas::column).collect())
}
