//! A checked schema as JSON Schema.

use super::super::json::Json;
use super::super::outline::{ColumnOutline, Rule, TableOutline};
use super::super::remark::Remarks;
use super::super::words;
use super::super::{Whole, anchors};
use super::{FORMATS, HEAD, REMARK};
use crate::schema::datum::Datum;
use crate::schema::form::{Allowed, Column, ColumnType, Detail, Enum, Schemas, TableId};
use crate::schema::pattern;
use crate::schema::types::Base;

type Members = Vec<(String, Json)>;

/// The document of a schema.
pub(in super::super) fn write(whole: &Whole<'_>, remarks: &Remarks) -> String {
    let outline = whole.outline;
    let mut root: Members = vec![
        ("$schema".into(), Json::text("https://json-schema.org/draft/2020-12/schema")),
        ("title".into(), Json::text(&outline.name)),
    ];
    root.extend(outline.docs.iter().map(|docs| ("description".into(), Json::text(docs))));
    root.extend(remarks.head.iter().map(|head| (HEAD.into(), Json::text(head))));
    let tables = whole.schema.tables.iter().zip(&outline.tables).enumerate();
    if outline.is_table {
        for (place, (id, table)) in tables {
            root.extend(self::table(whole.schemas, *id, place, table, remarks));
        }
        return Json::Object(root).written();
    }
    let mut rows = Members::new();
    let mut definitions = Members::new();
    for (place, (id, table)) in tables {
        let items = vec![("$ref".into(), Json::text(format!("#/$defs/{}", table.name)))];
        let list = vec![("type".into(), Json::text("array")), ("items".into(), Json::Object(items))];
        rows.push((table.name.clone(), Json::Object(list)));
        let mut members: Members = table.docs.iter().map(|docs| ("description".into(), Json::text(docs))).collect();
        members.extend(self::table(whole.schemas, *id, place, table, remarks));
        definitions.push((table.name.clone(), Json::Object(members)));
    }
    root.push(("type".into(), Json::text("object")));
    root.push(("properties".into(), Json::Object(rows)));
    root.push(("$defs".into(), Json::Object(definitions)));
    Json::Object(root).written()
}

fn table(schemas: &Schemas, id: TableId, place: usize, outline: &TableOutline, remarks: &Remarks) -> Members {
    let mut properties = Members::new();
    let mut required = Vec::new();
    for (at, (form, column)) in schemas.at(id).columns.iter().zip(&outline.columns).enumerate() {
        let name = column.outside_name().to_owned();
        if !form.optional {
            required.push(Json::text(&name));
        }
        properties.push((name, self::column(schemas, form, column, remarks.column(place, at))));
    }
    let mut members = vec![("type".into(), Json::text("object")), ("properties".into(), Json::Object(properties))];
    if !required.is_empty() {
        members.push(("required".into(), Json::List(required)));
    }
    if !outline.rules.is_empty() {
        members.push((REMARK.into(), Json::List(outline.rules.iter().map(rule).collect())));
    }
    members
}

fn rule(rule: &Rule) -> Json {
    let docs = rule.docs.iter().flat_map(|docs| docs.split('\n')).map(|line| format!("/// {line}\n"));
    Json::text(format!("{}{}", docs.collect::<String>(), rule.text))
}

fn column(schemas: &Schemas, form: &Column, outline: &ColumnOutline, remark: Option<&str>) -> Json {
    let mut members: Members = outline.docs.iter().map(|docs| ("description".into(), Json::text(docs))).collect();
    members.extend(values(schemas, &form.kind, form.optional));
    members.extend(limits(form));
    if let Some(value) = form.default.as_ref().and_then(|datum| json(&datum.value, form.labels())) {
        members.push(("default".into(), value));
    }
    members.extend(remark.map(|remark| (REMARK.into(), Json::text(remark))));
    Json::Object(members)
}

/// What a value of a type is.
fn values(schemas: &Schemas, kind: &ColumnType, optional: bool) -> Members {
    let of = |name: &str| {
        let name = Json::text(name);
        let kind = if optional { Json::List(vec![name, Json::text("null")]) } else { name };
        vec![("type".to_owned(), kind)]
    };
    let text = || {
        let mut members = of("string");
        if let Some((format, _)) = FORMATS.iter().find(|(_, known)| *known == kind.def.signature.name) {
            members.push(("format".into(), Json::text(*format)));
        }
        members
    };
    match (&kind.detail, kind.def.base) {
        (Detail::Labels(labels), _) => {
            let mut members = of("string");
            let names = labels.labels.iter().map(|label| Json::text(&label.name));
            members.push(("enum".into(), Json::List(names.chain(optional.then_some(Json::Null)).collect())));
            members
        }
        (Detail::Item(item, optional), _) => {
            let mut members = of("array");
            members.push(("items".into(), Json::Object(values(schemas, item, *optional))));
            members
        }
        (Detail::Target(reference), _) => {
            values(schemas, &schemas.at(reference.table).at(reference.column).kind, optional)
        }
        (_, Base::Int) => of("integer"),
        (_, Base::Float | Base::Decimal) => of("number"),
        (_, Base::Bool) => of("boolean"),
        (_, Base::Json) => Members::new(),
        _ => text(),
    }
}

/// What a column's values are limited to, as far as JSON Schema can say it.
fn limits(form: &Column) -> Members {
    let mut members = Members::new();
    match form.allowed.as_ref().map(|allowed| &allowed.value) {
        Some(Allowed::Between { low, high, inclusive }) => {
            let upper = if *inclusive { "maximum" } else { "exclusiveMaximum" };
            for (name, end) in [("minimum", low), (upper, high)] {
                if let Some(number @ Json::Number(_)) = end.as_ref().and_then(|end| json(end, None)) {
                    members.push((name.into(), number));
                }
            }
        }
        Some(Allowed::Listed(values)) if !matches!(form.kind.def.base, Base::Enum | Base::Text) => {
            let values: Vec<Json> = values.iter().filter_map(|datum| json(datum, form.labels())).collect();
            if values.iter().all(|value| matches!(value, Json::Number(_) | Json::Bool(_))) {
                members.push((
                    "enum".into(),
                    Json::List(values.into_iter().chain(form.optional.then_some(Json::Null)).collect()),
                ));
            }
        }
        _ => {}
    }
    let (least, most) = match form.kind.def.base {
        Base::List => ("minItems", "maxItems"),
        _ => ("minLength", "maxLength"),
    };
    if let Some(length) = form.length.map(|length| length.value) {
        if length.min > 0 {
            members.push((least.into(), Json::Number(length.min.to_string())));
        }
        members.extend(length.max.map(|max| (most.into(), Json::Number(max.to_string()))));
    } else if form.kind.def.signature.name == "string" {
        members.extend(form.kind.def.length().map(|(_, max)| (most.into(), Json::Number(max.to_string()))));
    }
    if let Some(pattern) = form.pattern.as_ref().filter(|pattern| pattern::is_plain(&pattern.value.text)) {
        members.push(("pattern".into(), Json::text(anchors::anchored(&pattern.value.text))));
    }
    members
}

/// A value as JSON has it; nothing for what it has no value for.
pub(in super::super) fn json(datum: &Datum, labels: Option<&Enum>) -> Option<Json> {
    Some(match datum {
        Datum::Null => Json::Null,
        Datum::Bool(truth) => Json::Bool(*truth),
        Datum::Int(number) => Json::Number(number.to_string()),
        Datum::Float(number) => Json::Number(words::number(*number)),
        Datum::Text(text) => Json::text(&**text),
        Datum::Date(_) | Datum::DateTime(_) | Datum::Time(_) => Json::Text(datum.to_string()),
        Datum::Label(place) => Json::text(&labels?.labels.get(*place as usize)?.name),
        Datum::Duration(_) => return None,
    })
}
