//! The scene of a schema: its tables, and their references with how many rows stand at each end.

use std::collections::BTreeSet;

use ndsl_grammar::FileId;

use super::scene::{Class, Count, Line, Role, Row, Scene, Shape};
use super::text::{counted, cut};
use crate::schema::{Cardinality, Column, Detail, Schemas, Table};
use crate::source::Source;

/// The longest type in a row, in letters.
const TYPE: usize = 28;
/// The longest name.
const NAME: usize = 40;
/// The longest text in a tooltip.
const TOOLTIP: usize = 400;

/// The scene of the schema with that place, the tables of others that it refers to among them.
pub fn scene(schemas: &Schemas, schema: usize, source: &Source) -> Scene {
    let mut shown: Vec<usize> = schemas.schemas[schema].tables.iter().map(|table| table.0 as usize).collect();
    let own: BTreeSet<usize> = shown.iter().copied().collect();
    // A reference out of the schema ends at the table it leads to, without its columns.
    let mut others: Vec<usize> = Vec::new();
    for table in &shown {
        for reference in schemas.tables[*table].columns.iter().filter_map(Column::reference) {
            let other = reference.table.0 as usize;
            if !own.contains(&other) && !others.contains(&other) {
                others.push(other);
            }
        }
    }
    shown.extend(others);
    // A table stands before those that refer to it, so that the lines go one way where there is no circle.
    let order = parents_first(schemas, &shown);
    let place = |table: usize| order.iter().position(|at| *at == table);
    let shapes = order.iter().map(|at| shape(schemas, &schemas.tables[*at], own.contains(at), source));
    let mut scene = Scene { shapes: shapes.collect(), across: true, ..Scene::default() };
    for (from, at) in order.iter().enumerate().filter(|(_, at)| own.contains(at)) {
        let table = &schemas.tables[*at];
        for (row, column) in table.columns.iter().enumerate() {
            let (Some(reference), Some(cardinality)) = (column.reference(), column.cardinality()) else { continue };
            let other = reference.table.0 as usize;
            let Some(to) = place(other) else { continue };
            let end = own.contains(&other).then_some(reference.column.0 as usize);
            let [many, one] = counts(cardinality);
            let target = &schemas.tables[other];
            let said = format!(
                "{}.{} → {}.{}: {}",
                table.path,
                column.name,
                target.path,
                target.at(reference.column).name,
                in_words(cardinality)
            );
            scene.lines.push(Line {
                from,
                to,
                // Lines to one column run together.
                value: end.unwrap_or(0),
                role: Role::Reference([many, one]),
                label: String::new(),
                tooltip: said,
                rows: Some([Some(row), end]),
            });
        }
    }
    scene
}

fn counts(cardinality: Cardinality) -> [Count; 2] {
    match cardinality {
        Cardinality::OneToOne => [Count::OneOrNone, Count::One],
        Cardinality::ZeroOrOneToOne => [Count::OneOrNone, Count::OneOrNone],
        Cardinality::ManyToOne => [Count::Any, Count::One],
        Cardinality::ManyToZeroOrOne => [Count::Any, Count::OneOrNone],
    }
}

fn in_words(cardinality: Cardinality) -> &'static str {
    match cardinality {
        Cardinality::OneToOne => "at most one row for each",
        Cardinality::ZeroOrOneToOne => "at most one row for each, and rows for none",
        Cardinality::ManyToOne => "any number of rows for each",
        Cardinality::ManyToZeroOrOne => "any number of rows for each, and rows for none",
    }
}

/// The tables, each before those that refer to it as far as there are no circles, otherwise in their order.
fn parents_first(schemas: &Schemas, tables: &[usize]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut left: Vec<usize> = tables.to_vec();
    while !left.is_empty() {
        let refers = |table: usize| {
            let references = schemas.tables[table].columns.iter().filter_map(Column::reference);
            references.map(|reference| reference.table.0 as usize).any(|to| to != table && left.contains(&to))
        };
        let next = left.iter().position(|table| !refers(*table)).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

fn shape(schemas: &Schemas, table: &Table, own: bool, source: &Source) -> Shape {
    let line = |span: ndsl_grammar::Span| match span.file == FileId::default() {
        true => source.line_of(span.start as usize) + 1,
        false => 1,
    };
    let mut said = vec![table.path.clone()];
    said.extend(table.docs.clone());
    if !table.checks.is_empty() {
        said.push(counted(table.checks.len() as u64, "check"));
    }
    let columns: &[Column] = if own { &table.columns } else { &[] };
    Shape {
        parent: None,
        id: table.path.clone(),
        class: Class::Table,
        line: line(table.span),
        title: cut(if own { &table.name } else { &table.path }, NAME),
        note: String::new(),
        details: Vec::new(),
        tooltip: cut(&said.join("\n"), TOOLTIP),
        rows: columns.iter().map(|column| row(schemas, table, column, line(column.span))).collect(),
    }
}

fn row(schemas: &Schemas, table: &Table, column: &Column, line: usize) -> Row {
    let mut marks = Vec::new();
    let in_key = table.key.iter().any(|id| table.at(*id).name == column.name);
    if in_key {
        marks.push("PK");
    }
    if column.reference().is_some() {
        marks.push("FK");
    }
    if column.unique.is_some() && !in_key {
        marks.push("U");
    }
    let name = column.kind.def.signature.name;
    let kind = match &column.kind.detail {
        Detail::Places(places) => format!("decimal({places})"),
        Detail::Labels(labels) => format!("enum of {}", labels.labels.len()),
        Detail::Item(item, _) => format!("list({})", item.def.signature.name),
        Detail::Target(reference) => schemas.at(reference.table).name.clone(),
        Detail::None | Detail::Unknown => name.to_owned(),
    };
    let kind = if column.optional { format!("{kind}?") } else { kind };
    let mut said = vec![format!("{}: {}", column.name, column.written)];
    said.extend(column.docs.clone());
    if let Some(labels) = column.labels() {
        said.push(labels.listed());
    }
    Row {
        id: format!("{}.{}", table.path, column.name),
        line,
        marks,
        name: cut(&column.name, NAME),
        kind: cut(&kind, TYPE),
        optional: column.optional,
        tooltip: cut(&said.join("\n"), TOOLTIP),
    }
}
