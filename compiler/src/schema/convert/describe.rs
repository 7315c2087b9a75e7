//! The outline of a checked schema.

use super::Refusal;
use super::expression::{Writer, label, range, value};
use super::outline::{ColumnOutline, Outline, Rule, TableOutline};
use super::words;
use crate::schema::form::{
    Allowed, Column, ColumnType, Detail, Enum, Length, Reference, Schema, Schemas, Table, TableId,
};

/// What a checked schema says, in the language's own words. `providers` are the declarations of those it names.
///
/// # Errors
/// Where it refers to a table of another schema, which would be missing.
pub fn describe(schemas: &Schemas, schema: &Schema, providers: Vec<String>) -> Result<Outline, Refusal> {
    let mut outline = Outline {
        name: schema.name.clone(),
        docs: said(&schema.docs),
        providers,
        source: schema.source.as_ref().map(|source| (source.path.clone(), source.provider.clone())),
        is_table: schema.is_table,
        ..Outline::default()
    };
    for id in &schema.tables {
        outline.tables.push(table(schemas, *id)?);
    }
    if let [only] = &mut outline.tables[..]
        && outline.is_table
    {
        // A schema that is a table has one doc comment.
        only.docs = None;
    }
    Ok(outline)
}

/// A doc comment that says something.
fn said(docs: &Option<String>) -> Option<String> {
    docs.clone().filter(|docs| !docs.trim().is_empty())
}

fn table(schemas: &Schemas, id: TableId) -> Result<TableOutline, Refusal> {
    let form = schemas.at(id);
    let writer = Writer { schemas, table: id };
    let mut outline = TableOutline { name: form.name.clone(), docs: said(&form.docs), ..TableOutline::default() };
    for column in &form.columns {
        outline.columns.push(self::column(&writer, form, column)?);
    }
    let names = |columns: &[crate::schema::form::ColumnId]| {
        let names: Vec<&str> = columns.iter().map(|column| form.at(*column).name.as_str()).collect();
        names.join(", ")
    };
    let rule = |docs: Option<String>, text: String| Rule { docs, text, ..Rule::default() };
    let key = form.key_together();
    for (place, together) in form.together.iter().enumerate() {
        let word = if key == Some(place) { "key" } else { "unique" };
        outline.rules.push(rule(None, format!("{word} ({})", names(&together.columns))));
    }
    for check in &form.checks {
        outline.rules.push(rule(said(&check.docs), format!("check {}", writer.expression(&check.condition))));
    }
    for correlation in &form.correlations {
        let strength = words::number(correlation.strength);
        outline.rules.push(rule(None, format!("correlate ({}) = {strength}", names(&correlation.columns))));
    }
    Ok(outline)
}

fn column(writer: &Writer<'_>, table: &Table, column: &Column) -> Result<ColumnOutline, Refusal> {
    let labels = column.labels();
    Ok(ColumnOutline {
        name: column.name.clone(),
        docs: said(&column.docs),
        kind: kind(writer.schemas, table, &column.kind)?,
        optional: column.optional,
        key: column.key.is_some(),
        unique: column.unique.is_some(),
        allowed: column.allowed.as_ref().map(|allowed| self::allowed(&allowed.value, labels)),
        length: column.length.map(|length| self::length(length.value)),
        pattern: column.pattern.as_ref().map(|pattern| pattern.value.text.clone()),
        null: column.null.map(|share| words::share(share.value)),
        default: column.default.as_ref().map(|datum| value(&datum.value, labels)),
        outside: column.outside.clone().filter(|outside| *outside != column.name),
        draw: column.draw.as_ref().map(|draw| writer.draw(draw, labels)),
        derived: column.derived.as_ref().map(|derived| writer.expression(derived)),
        ..ColumnOutline::default()
    })
}

fn kind(schemas: &Schemas, table: &Table, kind: &ColumnType) -> Result<String, Refusal> {
    let name = kind.def.signature.name;
    Ok(match &kind.detail {
        Detail::None | Detail::Unknown => name.to_owned(),
        Detail::Places(places) => format!("{name}({places})"),
        Detail::Labels(labels) => labelled(labels),
        Detail::Item(item, optional) => {
            let item = self::kind(schemas, table, item)?;
            format!("list({item}{})", if *optional { "?" } else { "" })
        }
        Detail::Target(reference) => target(schemas, table, reference)?,
    })
}

/// `ref Customer`, `ref Customer.email`
fn target(schemas: &Schemas, table: &Table, reference: &Reference) -> Result<String, Refusal> {
    let other = schemas.at(reference.table);
    if other.schema != table.schema {
        let message = format!(
            "`{}` refers to `{}`, a table of another schema, and one schema is converted at a time",
            table.path, other.path
        );
        let help = "put the tables that refer to one another into one schema";
        return Err(Refusal { message, help: Some(help.to_owned()) });
    }
    if other.key == [reference.column] {
        return Ok(format!("ref {}", other.name));
    }
    Ok(format!("ref {}.{}", other.name, other.at(reference.column).name))
}

fn labelled(labels: &Enum) -> String {
    let labels = labels.labels.iter().map(|one| match one.weighted {
        true => format!("{}: {}", label(&one.name), words::share(one.weight)),
        false => label(&one.name),
    });
    format!("enum {{ {} }}", labels.collect::<Vec<_>>().join(", "))
}

fn allowed(allowed: &Allowed, labels: Option<&Enum>) -> String {
    match allowed {
        Allowed::Listed(values) => {
            let values: Vec<String> = values.iter().map(|datum| value(datum, labels)).collect();
            format!("[{}]", values.join(", "))
        }
        Allowed::Between { low, high, inclusive } => {
            let end = |end: &Option<crate::schema::datum::Datum>| {
                end.as_ref().map_or_else(String::new, |end| value(end, labels))
            };
            range(&end(low), &end(high), *inclusive)
        }
    }
}

/// `2..=5`, `..=80`, `8`
pub(super) fn length(length: Length) -> String {
    match (length.min, length.max) {
        (min, Some(max)) if min == max => format!("{min}"),
        (0, Some(max)) => format!("..={max}"),
        (min, Some(max)) => format!("{min}..={max}"),
        (min, None) => format!("{min}.."),
    }
}
