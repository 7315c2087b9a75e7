//! DataSchemas drawn at random, and when two of them say the same.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A type with constraints, some of which may not go with it.
fn constraints() -> impl Strategy<Value = (String, Value)> {
    let of = |kind: &'static str, all: Vec<(&'static str, Value)>| {
        let all = all.into_iter().map(|(name, value)| option::of(Just((name, value)))).collect::<Vec<_>>();
        (Just(kind.to_owned()), all)
    };
    let kinds = vec![
        of("string", vec![("min_length", json!(2)), ("max_length", json!(80)), ("format", json!("uri"))]),
        of("string", vec![("enum_values", json!(["a", "it's"])), ("default", json!("a")), ("max_value", json!(3))]),
        of(
            "string",
            vec![("pattern", json!("^[A-Z]\"x\"$")), ("format", json!("three letters")), ("custom", json!({"a": [1]}))],
        ),
        of(
            "integer",
            vec![("min_value", json!(1)), ("max_value", json!(9)), ("default", json!(5)), ("pattern", json!("x"))],
        ),
        of("integer", vec![("enum_values", json!([1, 5])), ("min_length", json!(2))]),
        of("float", vec![("min_value", json!(0.5)), ("max_value", json!(99.25)), ("default", json!(1.5))]),
        of("boolean", vec![("default", json!(true)), ("enum_values", json!([true]))]),
        of(
            "date",
            vec![("min_value", json!("2020-01-01")), ("default", json!("2024-02-29")), ("format", json!("%Y-%m-%d"))],
        ),
        of("datetime", vec![("min_value", json!("2020-01-01T08:30:00")), ("max_value", json!("soon"))]),
        of("email", vec![("default", json!("a@b.example")), ("max_length", json!(100))]),
        of("uuid", vec![("min_length", json!(36)), ("pattern", json!("x"))]),
        of("phone", vec![]),
        of("json", vec![("default", json!({"a": 1}))]),
        of("array", vec![("min_length", json!(1)), ("max_length", json!(3)), ("enum_values", json!(["a"]))]),
    ];
    select(kinds).prop_flat_map(|drawn| drawn).prop_map(|(kind, given)| {
        (kind, Value::Object(given.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect()))
    })
}

fn field(place: usize) -> impl Strategy<Value = Value> {
    let labels = select(vec![json!(["free", "pro"]), json!(["team of many", "true"])]);
    let kind = prop_oneof![
        8 => constraints(),
        1 => labels.prop_map(|labels| ("enum".to_owned(), json!({ "enum_values": labels }))),
    ];
    let names = select(vec!["id", "full name", "größe", "in", "x-1", "SELECT", "value"]);
    let flags = (option::of(any::<bool>()), option::of(any::<bool>()));
    let more = option::of(select(vec![
        ("description", json!("What it is.\nIn two lines.")),
        ("sample_values", json!(["Ada", 1, null])),
        ("generation_hint", json!("realistic \"names\"")),
        ("depends_on", json!(["a", "b"])),
        ("title", json!("Nobody knows it")),
    ]));
    (kind, names, flags, more).prop_map(move |((kind, mut constraints), name, (unique, nullable), more)| {
        let all = constraints.as_object_mut().expect("an object");
        if matches!(kind.as_str(), "string" | "integer" | "email" | "uuid") {
            all.extend(unique.map(|unique| ("unique".to_owned(), json!(unique))));
        }
        all.extend(nullable.map(|nullable| ("nullable".to_owned(), json!(nullable))));
        let mut field = json!({ "name": format!("{name}{place}"), "type": kind, "constraints": constraints });
        field.as_object_mut().expect("an object").extend(more.map(|(name, value)| (name.to_owned(), value)));
        field
    })
}

/// A DataSchema of one table.
pub fn data_schema() -> impl Strategy<Value = Value> {
    let fields = (1..6usize).prop_flat_map(|count| (0..count).map(field).collect::<Vec<_>>());
    let more = option::of(select(vec![
        ("description", json!("A table.")),
        ("relationships", json!({"id": ["orders.customer_id"]})),
        ("relationships", json!([{"from": "a", "to": "b"}])),
        ("metadata", json!({"domain": "retail", "rows": 10})),
        ("owner", json!(["nobody", {"knows": "it"}])),
    ]));
    (fields, more).prop_map(|(fields, more)| {
        let mut schema = json!({ "name": "Drawn", "fields": fields });
        schema.as_object_mut().expect("an object").extend(more.map(|(name, value)| (name.to_owned(), value)));
        schema
    })
}

/// The schema with what it says anyway: a field may be null and need not be unique.
pub fn said(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut all: Map<String, Value> = members.iter().map(|(name, value)| (name.clone(), said(value))).collect();
            if let Some(constraints) = all.get_mut("constraints").and_then(Value::as_object_mut) {
                constraints.entry("unique").or_insert(json!(false));
                constraints.entry("nullable").or_insert(json!(true));
            }
            Value::Object(all)
        }
        Value::Array(items) => Value::Array(items.iter().map(said).collect()),
        other => other.clone(),
    }
}
