//! A checked schema as a DataSchema.

use super::super::Whole;
use super::super::json::Json;
use super::super::json_schema::json;
use super::super::outline::{ColumnOutline, Rule, TableOutline};
use super::super::remark::Remarks;
use super::tags::{self, Tagged};
use super::{FORMATS, HEAD, REMARK, TYPES};
use crate::schema::form::{Allowed, Column, ColumnType, Schemas, TableId};
use crate::schema::types::Base;

type Members = Vec<(String, Json)>;

/// The document of a schema.
pub(in super::super) fn write(whole: &Whole<'_>, remarks: &Remarks) -> String {
    let outline = whole.outline;
    let mut root: Members = vec![("name".into(), Json::text(&outline.name))];
    let tagged = Tagged::read(outline.docs.as_deref());
    described(&mut root, &tagged);
    root.extend(remarks.head.iter().map(|head| (HEAD.into(), Json::text(head))));
    let mut tables = whole.schema.tables.iter().zip(&outline.tables).enumerate();
    if outline.is_table {
        if let Some((place, (id, table))) = tables.next() {
            self::table(&mut root, whole.schemas, *id, place, table, &tagged, remarks);
        }
        return Json::Object(root).written();
    }
    tail(&mut root, &tagged, "relationships", None);
    let tables = tables.map(|(place, (id, table))| {
        let mut members: Members = vec![("name".into(), Json::text(&table.name))];
        let tagged = Tagged::read(table.docs.as_deref());
        described(&mut members, &tagged);
        self::table(&mut members, whole.schemas, *id, place, table, &tagged, remarks);
        Json::Object(members)
    });
    root.push(("tables".into(), Json::List(tables.collect())));
    Json::Object(root).written()
}

fn described(members: &mut Members, tagged: &Tagged) {
    members.extend(tagged.docs.iter().map(|docs| ("description".into(), Json::text(docs))));
}

/// What else stands there: what follows from the columns, and what the doc comment keeps.
fn tail(members: &mut Members, tagged: &Tagged, name: &str, follows: Option<Json>) {
    if tagged.get(name).is_none() {
        members.extend(follows.map(|value| (name.to_owned(), value)));
    }
    for (name, value) in &tagged.tags {
        match value {
            Json::Object(others) if name == tags::OTHERS => members.extend(others.iter().cloned()),
            value => members.push((name.clone(), value.clone())),
        }
    }
}

fn table(
    members: &mut Members,
    schemas: &Schemas,
    id: TableId,
    place: usize,
    outline: &TableOutline,
    tagged: &Tagged,
    remarks: &Remarks,
) {
    let columns = schemas.at(id).columns.iter().zip(&outline.columns).enumerate();
    let fields = columns.map(|(at, (form, column))| field(schemas, form, column, outline, remarks.column(place, at)));
    members.push(("fields".into(), Json::List(fields.collect())));
    tail(members, tagged, "relationships", tags::relationships(outline));
    if !outline.rules.is_empty() {
        members.push((REMARK.into(), Json::List(outline.rules.iter().map(rule).collect())));
    }
}

fn rule(rule: &Rule) -> Json {
    let docs = rule.docs.iter().flat_map(|docs| docs.split('\n')).map(|line| format!("/// {line}\n"));
    Json::text(format!("{}{}", docs.collect::<String>(), rule.text))
}

fn field(
    schemas: &Schemas,
    form: &Column,
    outline: &ColumnOutline,
    table: &TableOutline,
    remark: Option<&str>,
) -> Json {
    let (kind, format) = kind(schemas, &form.kind);
    let mut members: Members =
        vec![("name".into(), Json::text(outline.outside_name())), ("type".into(), Json::text(kind))];
    let mut tagged = Tagged::read(outline.docs.as_deref());
    described(&mut members, &tagged);
    members.push(("constraints".into(), Json::Object(constraints(form, outline, &tagged, format))));
    // These two stand among the constraints.
    tagged.tags.retain(|(name, _)| name != tags::CONSTRAINTS && name != "format");
    let depends = tags::depends_on(outline, table);
    let depends = (!depends.is_empty()).then(|| Json::List(depends.into_iter().map(Json::Text).collect()));
    tail(&mut members, &tagged, "depends_on", depends);
    members.extend(remark.map(|remark| (REMARK.into(), Json::text(remark))));
    Json::Object(members)
}

/// The type of a field, and what `format` says of it.
fn kind(schemas: &Schemas, kind: &ColumnType) -> (&'static str, Option<&'static str>) {
    if let Some(reference) = kind.reference() {
        return self::kind(schemas, &schemas.at(reference.table).at(reference.column).kind);
    }
    let name = kind.def.signature.name;
    let known = TYPES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind);
    let of_base = match kind.def.base {
        Base::List => "array",
        Base::Int => "integer",
        Base::Float | Base::Decimal => "float",
        _ => "string",
    };
    (known.unwrap_or(of_base), FORMATS.iter().find(|(_, known)| *known == name).map(|(format, _)| *format))
}

fn constraints(form: &Column, outline: &ColumnOutline, tagged: &Tagged, format: Option<&str>) -> Members {
    let mut members = Members::new();
    if outline.key || outline.unique {
        members.push(("unique".into(), Json::Bool(true)));
    }
    members.push(("nullable".into(), Json::Bool(form.optional)));
    let value = |datum| json(datum, form.labels());
    match form.allowed.as_ref().map(|allowed| &allowed.value) {
        Some(Allowed::Between { low, high, inclusive }) => {
            members.extend(low.as_ref().and_then(value).map(|value| ("min_value".into(), value)));
            let high = high.as_ref().filter(|_| *inclusive).and_then(value);
            members.extend(high.map(|value| ("max_value".into(), value)));
        }
        Some(Allowed::Listed(values)) if form.kind.def.base != Base::Enum => {
            members.push(("enum_values".into(), Json::List(values.iter().filter_map(value).collect())));
        }
        _ => {}
    }
    if let Some(length) = form.length.map(|length| length.value) {
        let number = |number: u64| Json::Number(number.to_string());
        members.extend((length.min > 0).then(|| ("min_length".into(), number(length.min))));
        members.extend(length.max.map(|max| ("max_length".into(), number(max))));
    }
    // What the pattern has between a program's quotes, it has here without.
    let pattern = form.pattern.as_ref().map(|pattern| pattern.value.text.replace("\\\"", "\""));
    members.extend(pattern.map(|pattern| ("pattern".into(), Json::Text(pattern))));
    if let Some(labels) = form.labels() {
        let labels = labels.labels.iter().map(|label| Json::text(&label.name));
        members.push(("enum_values".into(), Json::List(labels.collect())));
    }
    let format = tagged.get("format").cloned().or(format.map(Json::text));
    members.extend(format.map(|format| ("format".into(), format)));
    members.extend(form.default.as_ref().and_then(|datum| value(&datum.value)).map(|value| ("default".into(), value)));
    if let Some(Json::Object(others)) = tagged.get(tags::CONSTRAINTS) {
        for (name, value) in others {
            if !members.iter().any(|(known, _)| known == name) {
                members.push((name.clone(), value.clone()));
            }
        }
    }
    members
}
