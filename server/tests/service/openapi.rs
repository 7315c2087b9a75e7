//! The description of the API: that it is OpenAPI 3.1, whole, and true.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::send;
use crate::running::Running;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

const ROUTES: [(&str, &str); 15] = [
    ("get", "/"),
    ("get", "/openapi.json"),
    ("get", "/health"),
    ("get", "/api/v1/health"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("post", "/compile"),
    ("post", "/compile/sync"),
    ("get", "/jobs"),
    ("get", "/jobs/{id}"),
    ("delete", "/jobs/{id}"),
    ("get", "/models"),
    ("get", "/models/{id}"),
    ("delete", "/models/{id}"),
    ("get", "/models/{id}/download"),
];

/// Every `$ref` in a document.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get("$ref") {
                found.insert(target);
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_route_is_described_and_every_description_answers() {
    let server = Running::start();
    let answer = server.get("/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let api = answer.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1."), "{}", api["openapi"]);
    assert!(!api["info"]["title"].as_str().unwrap().is_empty() && !api["info"]["version"].as_str().unwrap().is_empty());

    let mut described = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            let operation = &item[*method];
            described.insert((*method, path.as_str()));
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{path}: a name given twice");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                !responses.is_empty()
                    && responses.values().all(|r| r.get("$ref").is_some() || r["description"].is_string())
            );
            let none = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&none);
            let given: BTreeSet<&str> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let needed: BTreeSet<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(given, needed, "{method} {path}");

            let asked = send(server.address, &method.to_uppercase(), &path.replace("{id}", "none"), &[], b"");
            assert!(responses.contains_key(&asked.status.to_string()), "{method} {path} answered {}", asked.status);
        }
    }
    assert_eq!(described, BTreeSet::from(ROUTES));

    let mut found = BTreeSet::new();
    references(&api, &mut found);
    assert!(!found.is_empty());
    for target in found {
        let pointer = target.strip_prefix('#').expect("a reference within the document");
        assert!(api.pointer(pointer).is_some(), "{target} leads nowhere");
    }
}
