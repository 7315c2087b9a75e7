//! `ndsl/diagram`: pictures for an editor.

mod client;

use client::{Client, URI};
use serde_json::{Value, json};

const TEXT: &str = "\
schema Shop { table Item { id: int key; price: decimal(2) } }
block Twice(width: int) { Dense(width); Dense(width) }
model Net {
    input x: f32[4]
    Twice(8)
    repeat 2 { Twice(8) }
    Dense(1) as y
}
";

fn ask(client: &mut Client, more: Value) -> Value {
    let mut params = json!({ "textDocument": { "uri": URI } });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.request("ndsl/diagram", params)
}

/// The ids of the blocks, with a `+` before those that are open.
fn blocks(answer: &Value) -> Vec<String> {
    let blocks = answer["result"]["blocks"].as_array().unwrap().iter();
    blocks.map(|it| format!("{}{}", if it["open"] == true { "+" } else { "" }, it["id"].as_str().unwrap())).collect()
}

#[test]
fn a_model_is_drawn_and_its_blocks_are_opened_and_closed() {
    let mut client = Client::spawn();
    let offered = client.initialize(json!({}));
    assert_eq!(offered["experimental"]["ndslDiagram"], true);
    client.open(TEXT);
    let answer = ask(&mut client, json!({}));
    let found = &answer["result"];
    assert_eq!(found["title"], "Net: f32[4] → f32[1], 409 parameters");
    assert_eq!((&found["name"], &found["kind"]), (&json!("Net"), &json!("model")));
    let names = json!([{ "name": "Shop", "kind": "schema", "line": 1 }, { "name": "Net", "kind": "model", "line": 3 }]);
    assert_eq!(found["names"], names);
    assert_eq!(found["blocks"][0], json!({ "id": "twice", "kind": "Twice", "open": true, "line": 5 }));
    assert_eq!(blocks(&answer), ["+twice", "+twice_1.0"]);
    let svg = found["svg"].as_str().unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>") && !svg.contains("<script"), "{svg}");
    assert!(svg.contains("data-node=\"twice.dense\" data-line=\"2\"") && svg.contains("Twice × 2"), "{svg}");

    assert_eq!(blocks(&ask(&mut client, json!({ "collapse": ["Twice"] }))), ["twice", "twice_1.0"]);
    let one = json!({ "collapse": ["Twice"], "expand": ["twice"] });
    assert_eq!(blocks(&ask(&mut client, one)), ["+twice", "twice_1.0"]);
    let gone = json!({ "collapse": ["deleted"], "depth": 0, "theme": "dark" });
    let gone = ask(&mut client, gone);
    assert_eq!(blocks(&gone), ["twice", "twice_1.0"]);
    assert!(gone["result"]["svg"].as_str().unwrap().contains("class=\"ndsl-diagram dark\""));

    let schema = ask(&mut client, json!({ "name": "Shop" }));
    assert_eq!(schema["result"]["kind"], "schema");
    assert!(client.shut_down().success());
}

#[test]
fn what_cannot_be_drawn_is_refused_with_the_reason() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let said =
        |answer: &Value| (answer["error"]["code"].as_i64(), answer["error"]["message"].as_str().map(str::to_owned));
    let refused = |text: &str| (Some(-32803), Some(text.to_owned()));
    assert_eq!(said(&ask(&mut client, json!({}))), refused("the document is not open"));
    client.open("const a = 1");
    assert_eq!(said(&ask(&mut client, json!({}))), refused("there is neither a model nor a schema to draw"));
    client.change(2, json!([{ "text": TEXT }]));
    let unknown = ask(&mut client, json!({ "name": "Nett" }));
    assert_eq!(said(&unknown), refused("there is no model or schema `Nett`; there is `Shop` and `Net`"));
    assert_eq!(ask(&mut client, json!({ "depth": -1 }))["error"]["code"], -32602);
    assert_eq!(ask(&mut client, json!({ "theme": "pink" }))["error"]["code"], -32602);
    assert!(client.shut_down().success());
}

#[test]
fn a_model_that_is_being_written_is_drawn_as_far_as_it_is_known() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    client.open("model Net {\n    input x: f32[4]\n    Dense(8)\n    Conv2D(3, \n}\n");
    let answer = ask(&mut client, json!({}));
    let svg = answer["result"]["svg"].as_str().unwrap();
    assert!(svg.contains("data-complete=\"false\"") && svg.contains("data-node=\"dense\""), "{svg}");
    assert!(client.shut_down().success());
}
