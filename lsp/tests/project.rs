//! Sessions in a folder with several files: what goes beyond one document.

mod client;

use std::fs;
use std::path::Path;

use client::{Client, range};
use serde_json::{Value, json};
use tempfile::TempDir;

const NET: &str = "/// A part.\nblock Part(units: int) { Dense(units) }\n";
const MAIN: &str = "use Part from \"parts/net.ndsl\"\n\nmodel Net {\n    input x: f32[8]\n    Part(units=4)\n}\n";

/// A project of two files.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("parts")).unwrap();
    fs::write(folder.path().join("ndsl.toml"), "").unwrap();
    fs::write(folder.path().join("parts/net.ndsl"), NET).unwrap();
    fs::write(folder.path().join("main.ndsl"), MAIN).unwrap();
    folder
}

fn uri(folder: &TempDir, path: &str) -> String {
    let whole = folder.path().canonicalize().unwrap().join(path);
    format!("file://{}", whole.display())
}

/// An editor with the folder open.
fn editor(folder: &TempDir, capabilities: Value) -> Client {
    let mut client = Client::spawn();
    let folders = json!([{ "uri": uri(folder, ""), "name": "project" }]);
    let params =
        json!({ "processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": capabilities });
    assert!(client.request("initialize", params)["result"].is_object());
    client.notify("initialized", json!({}));
    client
}

fn open(client: &mut Client, uri: &str, text: &str) {
    let document = json!({ "uri": uri, "languageId": "ndsl", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

#[test]
fn references_and_renaming_reach_files_that_are_not_open() {
    let folder = project();
    let mut client = editor(&folder, json!({}));
    let net = uri(&folder, "parts/net.ndsl");
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &net, NET);

    let mut asked = at(&net, 1, 7);
    asked["context"] = json!({ "includeDeclaration": true });
    let found = client.request("textDocument/references", asked)["result"].clone();
    let places: Vec<(&str, &Value)> =
        found.as_array().unwrap().iter().map(|it| (it["uri"].as_str().unwrap(), &it["range"])).collect();
    let expected = [range(1, [6, 10]), range(0, [4, 8]), range(4, [4, 8])];
    assert_eq!(places, [(&*net, &expected[0]), (&*main, &expected[1]), (&*main, &expected[2])]);

    let mut asked = at(&net, 1, 7);
    asked["newName"] = json!("Piece");
    let edit = client.request("textDocument/rename", asked)["result"]["changes"].clone();
    assert_eq!(edit[&net].as_array().unwrap().len(), 1);
    assert_eq!(edit[&main].as_array().unwrap().len(), 2);

    let mut asked = at(&net, 1, 7);
    asked["newName"] = json!("Dense");
    let refused = client.request("textDocument/rename", asked);
    assert_eq!(refused["error"]["code"], -32803);
    assert!(refused["error"]["message"].as_str().unwrap().contains("the name of a layer"), "{refused}");
    assert!(client.shut_down().success());
}

#[test]
fn symbols_and_users_are_found_in_the_whole_project() {
    let folder = project();
    let mut client = editor(&folder, json!({}));
    let found = client.request("workspace/symbol", json!({ "query": "" }))["result"].clone();
    let names: Vec<&str> = found.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Net", "Part"]);

    let net = uri(&folder, "parts/net.ndsl");
    open(&mut client, &net, NET);
    let items = client.request("textDocument/prepareCallHierarchy", at(&net, 1, 7))["result"].clone();
    let users = client.request("callHierarchy/incomingCalls", json!({ "item": items[0] }))["result"].clone();
    assert_eq!(users[0]["from"]["name"], "Net");
    let used = client.request("callHierarchy/outgoingCalls", json!({ "item": users[0]["from"] }))["result"].clone();
    assert_eq!(used[0]["to"]["uri"], json!(net), "of a file that is not open");
    assert!(client.shut_down().success());
}

#[test]
fn the_standard_library_is_a_file_to_be_opened() {
    let folder = project();
    let mut client = editor(&folder, json!({}));
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &main, "model Net {\n    input x: f32[T, 8]\n    TransformerEncoder(2, 4)\n}\n");
    let found = client.request("textDocument/definition", at(&main, 2, 8))["result"].clone();
    let address = found["uri"].as_str().unwrap().to_owned();
    let path = Path::new(address.strip_prefix("file://").unwrap());
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains("block TransformerEncoder("));

    // Open, it is a document like any other, without faults, and its names lead back to what uses them.
    client.published();
    open(&mut client, &address, &text);
    let (seen, _, faults) = client.published();
    assert_eq!((seen.as_str(), faults), (address.as_str(), Vec::new()));
    let line = found["range"]["start"]["line"].as_u64().unwrap() as u32;
    let mut asked = at(&address, line, 8);
    asked["context"] = json!({ "includeDeclaration": false });
    let users = client.request("textDocument/references", asked)["result"].clone();
    assert!(users.as_array().unwrap().iter().any(|it| it["uri"] == json!(main)), "{users}");
    assert!(client.shut_down().success());
}

#[test]
fn whoever_asks_for_diagnostics_is_not_sent_them() {
    let folder = project();
    let pulls = json!({
        "textDocument": { "diagnostic": {}, "publishDiagnostics": { "codeDescriptionSupport": true } },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let mut client = editor(&folder, pulls);
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &main, &MAIN.replace("units=4", "unit=4"));
    let document = json!({ "textDocument": { "uri": main } });
    let report = client.request("textDocument/diagnostic", document)["result"].clone();
    assert_eq!((&report["kind"], &report["items"][0]["code"]), (&json!("full"), &json!("E0301")));
    let page = report["items"][0]["codeDescription"]["href"].as_str().unwrap().to_owned();
    assert!(fs::read_to_string(page.strip_prefix("file://").unwrap()).unwrap().contains("```ndsl"));

    let again = json!({ "textDocument": { "uri": main }, "previousResultId": report["resultId"] });
    assert_eq!(client.request("textDocument/diagnostic", again)["result"]["kind"], "unchanged");

    fs::write(folder.path().join("broken.ndsl"), "const a = b").unwrap();
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }))["result"]["items"].clone();
    let faulty = all.as_array().unwrap().iter().filter(|it| it["items"] != json!([]));
    let faulty: Vec<&str> = faulty.map(|it| it["uri"].as_str().unwrap()).collect();
    assert_eq!(faulty, [&*main, &*uri(&folder, "broken.ndsl")]);

    // Whoever knows all is answered when something changes.
    let known: Vec<Value> =
        all.as_array().unwrap().iter().map(|it| json!({ "uri": it["uri"], "value": it["resultId"] })).collect();
    client.send(&json!({ "jsonrpc": "2.0", "id": 1000, "method": "workspace/diagnostic", "params": { "previousResultIds": known } }));

    // What another file changes is asked for again.
    let net = uri(&folder, "parts/net.ndsl");
    open(&mut client, &net, &NET.replace("units", "unit"));
    let report = client.answer(json!(1000))["result"]["items"].clone();
    let changed = report.as_array().unwrap().iter().filter(|it| it["kind"] == "full");
    assert_eq!(changed.map(|it| &it["uri"]).collect::<Vec<_>>(), [&json!(main)], "{report}");
    client.question("workspace/diagnostic/refresh");
    let document = json!({ "textDocument": { "uri": main } });
    let report = client.request("textDocument/diagnostic", document)["result"].clone();
    assert_eq!(report["items"], json!([]));

    // All who wait are answered, each by what it knows.
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }))["result"]["items"].clone();
    let known: Vec<Value> =
        all.as_array().unwrap().iter().map(|it| json!({ "uri": it["uri"], "value": it["resultId"] })).collect();
    for id in [1001, 1002] {
        let params = json!({ "previousResultIds": known });
        client.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "workspace/diagnostic", "params": params }));
    }
    let change = json!([{ "text": NET }]);
    let version = json!({ "uri": net, "version": 2 });
    client.notify("textDocument/didChange", json!({ "textDocument": version, "contentChanges": change }));
    let answers = [client.any_answer(), client.any_answer()];
    let mut ids: Vec<i64> = answers.iter().map(|answer| answer["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1001, 1002]);
    for answer in &answers {
        let items = answer["result"]["items"].as_array().unwrap();
        assert!(items.iter().any(|it| it["kind"] == "full" && it["uri"] == *main), "{answer}");
    }
    assert!(client.shut_down().success());
}

#[test]
fn settings_are_asked_for_and_followed() {
    let folder = project();
    let mut client =
        editor(&folder, json!({ "workspace": { "configuration": true, "inlayHint": { "refreshSupport": true } } }));
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &main, MAIN);
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let hints = json!({ "textDocument": { "uri": main }, "range": whole });

    let question = client.question("workspace/configuration");
    assert_eq!(question["params"]["items"][0]["section"], "ndsl");
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": [{ "inlayHints": { "shapes": false } }] }));
    client.question("workspace/inlayHint/refresh");
    assert_eq!(client.request("textDocument/inlayHint", hints.clone())["result"], json!([]));

    client.notify("workspace/didChangeConfiguration", json!({ "settings": { "ndsl": {} } }));
    client.question("workspace/inlayHint/refresh");
    let shown = client.request("textDocument/inlayHint", hints)["result"].clone();
    assert_eq!(shown[0]["label"], "→ f32[4]");
    assert!(client.shut_down().success());
}

#[test]
fn files_that_change_on_disk_are_read_again() {
    let folder = project();
    let watches = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut client = editor(&folder, watches);
    let question = client.question("client/registerCapability");
    assert_eq!(question["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &main, MAIN);
    assert_eq!(client.published().2, Vec::<Value>::new());

    fs::write(folder.path().join("parts/net.ndsl"), "block Other { Dense(4) }\n").unwrap();
    let change = json!({ "uri": uri(&folder, "parts/net.ndsl"), "type": 2 });
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    assert_eq!(client.published().2[0]["code"], "E0223");
    assert!(client.shut_down().success());
}

#[test]
fn a_file_that_is_moved_takes_its_paths_along() {
    let folder = project();
    let mut client = editor(&folder, json!({}));
    let moved = json!({ "oldUri": uri(&folder, "parts/net.ndsl"), "newUri": uri(&folder, "blocks/net.ndsl") });
    let edit = client.request("workspace/willRenameFiles", json!({ "files": [moved] }))["result"].clone();
    let main = uri(&folder, "main.ndsl");
    assert_eq!(edit["changes"][&main], json!([{ "range": range(0, [15, 29]), "newText": "blocks/net.ndsl" }]));
    let moved = json!({ "oldUri": main, "newUri": uri(&folder, "nets/main.ndsl") });
    let edit = client.request("workspace/willRenameFiles", json!({ "files": [moved] }))["result"].clone();
    assert_eq!(edit["changes"][&main][0]["newText"], "../parts/net.ndsl");
    assert!(client.shut_down().success());
}

#[test]
fn tokens_are_told_by_what_changed() {
    let folder = project();
    let mut client = editor(&folder, json!({}));
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &main, MAIN);
    let document = json!({ "textDocument": { "uri": main } });
    let full = client.request("textDocument/semanticTokens/full", document)["result"].clone();
    let mut data: Vec<u64> = full["data"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect();

    let change = json!([{ "range": range(3, [10, 11]), "text": "longer" }]);
    let version = json!({ "uri": main, "version": 2 });
    client.notify("textDocument/didChange", json!({ "textDocument": version, "contentChanges": change }));
    let asked = json!({ "textDocument": { "uri": main }, "previousResultId": full["resultId"] });
    let delta = client.request("textDocument/semanticTokens/full/delta", asked)["result"].clone();
    for edit in delta["edits"].as_array().unwrap() {
        let start = edit["start"].as_u64().unwrap() as usize;
        let end = start + edit["deleteCount"].as_u64().unwrap() as usize;
        let new: Vec<u64> = edit["data"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect();
        assert!(new.len() < data.len() / 2, "less than all");
        data.splice(start..end, new);
    }
    let document = json!({ "textDocument": { "uri": main } });
    let full = client.request("textDocument/semanticTokens/full", document)["result"]["data"].clone();
    assert_eq!(json!(data), full);
    assert!(client.shut_down().success());
}

#[test]
fn what_is_completed_is_documented_when_it_is_looked_at() {
    let folder = project();
    let item = json!({ "snippetSupport": true, "documentationFormat": ["markdown", "plaintext"] });
    let mut client = editor(&folder, json!({ "textDocument": { "completion": { "completionItem": item } } }));
    let main = uri(&folder, "main.ndsl");
    open(&mut client, &main, "model Net {\n    input x: f32[8]\n    Den\n}\n");
    let found = client.request("textDocument/completion", at(&main, 2, 7))["result"]["items"].clone();
    let dense = found.as_array().unwrap().iter().find(|it| it["label"] == "Dense").unwrap().clone();
    assert_eq!(dense["textEdit"]["newText"], "Dense(${1:units})$0");
    assert_eq!(dense["textEdit"]["range"], range(2, [4, 7]));
    assert!(dense.get("documentation").is_none());
    let resolved = client.request("completionItem/resolve", dense.clone())["result"].clone();
    assert!(resolved["documentation"]["value"].as_str().unwrap().contains("```ndsl"), "{resolved}");

    let import = "use Part from \"\"\n";
    let change = json!([{ "text": import }]);
    let version = json!({ "uri": main, "version": 2 });
    client.notify("textDocument/didChange", json!({ "textDocument": version, "contentChanges": change }));
    let found = client.request("textDocument/completion", at(&main, 0, 15))["result"]["items"].clone();
    let labels: Vec<&str> = found.as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["main.ndsl", "parts/"]);
    assert!(client.shut_down().success());

    // An editor that names no format is given a text.
    let mut client = editor(&folder, json!({}));
    let resolved = client.request("completionItem/resolve", dense)["result"].clone();
    assert!(resolved["documentation"].as_str().unwrap().contains("ndsl"), "{resolved}");
    open(&mut client, &main, "model Net {\n    input x: f32[8]\n    Dense(\n}\n");
    let help = client.request("textDocument/signatureHelp", at(&main, 2, 10))["result"].clone();
    assert!(help["signatures"][0]["documentation"].is_string(), "{help}");
    assert_eq!(help["signatures"][0]["parameters"][0]["label"], "units");
    assert!(client.shut_down().success());
}
