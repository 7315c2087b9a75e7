//! The tables of a program's schemas: columns, types, references.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, ContentArrangement, Table as Grid};
use ndsl::compiler::schema::{Cardinality, Column, Schemas, Table};
use serde::Serialize;

use super::{Format, report};
use crate::terminal;

/// A table, as scripts read it.
#[derive(Serialize)]
struct Summary<'a> {
    table: &'a str,
    docs: Option<&'a str>,
    key: Vec<&'a str>,
    columns: Vec<Row<'a>>,
    unique: Vec<Vec<&'a str>>,
    checks: usize,
    correlations: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    optional: bool,
    /// Its type and what is said of it, as it is written.
    written: &'a str,
    /// `Shop.Customer.id`
    refers_to: Option<String>,
    cardinality: Option<&'static str>,
}

fn cardinality(column: &Column) -> Option<&'static str> {
    Some(match column.cardinality()? {
        Cardinality::OneToOne => "one to one",
        Cardinality::ZeroOrOneToOne => "one to one or none",
        Cardinality::ManyToOne => "many to one",
        Cardinality::ManyToZeroOrOne => "many to one or none",
    })
}

fn summary<'a>(schemas: &'a Schemas, table: &'a Table) -> Summary<'a> {
    let named = |ids: &[ndsl::compiler::schema::ColumnId]| ids.iter().map(|id| table.at(*id).name.as_str()).collect();
    let columns = table.columns().map(|(_, column)| Row {
        name: &column.name,
        kind: column.kind.def.signature.name,
        optional: column.optional,
        written: &column.written,
        refers_to: column.reference().map(|reference| {
            let other = schemas.at(reference.table);
            format!("{}.{}", other.path, other.at(reference.column).name)
        }),
        cardinality: cardinality(column),
    });
    Summary {
        table: &table.path,
        docs: table.docs.as_deref(),
        key: named(&table.key),
        columns: columns.collect(),
        unique: table.together.iter().map(|together| named(&together.columns)).collect(),
        checks: table.checks.len(),
        correlations: table.correlations.len(),
    }
}

/// Prints every table, or the same as JSON.
pub fn print(schemas: &Schemas, format: Format) {
    for (_, table) in schemas.tables() {
        let summary = summary(schemas, table);
        if format == Format::Json {
            println!("{}", report::to_json(&summary));
            continue;
        }
        let mut grid = Grid::new();
        grid.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        let heading = |text: &str| match terminal::colours() {
            true => Cell::new(text).add_attribute(Attribute::Bold),
            false => Cell::new(text),
        };
        grid.set_header(["Column", "Type", "Refers to"].map(heading));
        for row in &summary.columns {
            let refers = row.refers_to.as_ref().zip(row.cardinality).map(|(to, how)| format!("{to} ({how})"));
            grid.add_row([Cell::new(row.name), Cell::new(row.written), Cell::new(refers.unwrap_or_default())]);
        }
        println!("{}", summary.table);
        println!("{grid}");
        let mut parts = Vec::new();
        if !summary.key.is_empty() {
            parts.push(format!("key {}", summary.key.join(", ")));
        }
        for (count, noun) in [(summary.checks, "check"), (summary.correlations, "correlation")] {
            if count > 0 {
                parts.push(format!("{count} {noun}{}", if count == 1 { "" } else { "s" }));
            }
        }
        println!("{}\n", parts.join("; "));
    }
}
