//! What no editor should send and no project should hold: each is answered as an error or a fault, and the server lives.

mod client;

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use client::{Client, URI, range};
use serde_json::{Value, json};

const TEXT: &str = "model M {\n    input x: f32[4]\n    Dense(2) as y\n}\n";

fn opened() -> Client {
    let mut client = Client::spawn();
    client.initialize_with_encoding("utf-16");
    assert_eq!(client.open(TEXT), Vec::<Value>::new());
    client
}

/// Every request about a place of a document, with its parameters but for the place.
fn at_places() -> Vec<(&'static str, Value)> {
    let document = json!({ "textDocument": { "uri": URI } });
    let with = |more: Value| {
        let mut all = document.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    vec![
        ("textDocument/hover", document.clone()),
        ("textDocument/completion", document.clone()),
        ("textDocument/signatureHelp", document.clone()),
        ("textDocument/definition", document.clone()),
        ("textDocument/typeDefinition", document.clone()),
        ("textDocument/references", with(json!({ "context": { "includeDeclaration": true } }))),
        ("textDocument/documentHighlight", document.clone()),
        ("textDocument/prepareRename", document.clone()),
        ("textDocument/rename", with(json!({ "newName": "z" }))),
        ("textDocument/prepareCallHierarchy", document.clone()),
        (
            "textDocument/onTypeFormatting",
            with(json!({ "ch": "}", "options": { "tabSize": 4, "insertSpaces": true } })),
        ),
    ]
}

/// Every other request, well-formed.
fn of_documents() -> Vec<(&'static str, Value)> {
    let document = json!({ "uri": URI });
    let whole = range(0, [0, 9]);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    vec![
        ("textDocument/documentSymbol", json!({ "textDocument": document })),
        ("textDocument/formatting", json!({ "textDocument": document, "options": options })),
        ("textDocument/rangeFormatting", json!({ "textDocument": document, "range": whole, "options": options })),
        ("textDocument/documentLink", json!({ "textDocument": document })),
        ("textDocument/foldingRange", json!({ "textDocument": document })),
        (
            "textDocument/selectionRange",
            json!({ "textDocument": document, "positions": [{ "line": 1, "character": 6 }] }),
        ),
        ("textDocument/semanticTokens/full", json!({ "textDocument": document })),
        ("textDocument/semanticTokens/full/delta", json!({ "textDocument": document, "previousResultId": "0" })),
        ("textDocument/semanticTokens/range", json!({ "textDocument": document, "range": whole })),
        ("textDocument/inlayHint", json!({ "textDocument": document, "range": whole })),
        ("textDocument/codeLens", json!({ "textDocument": document })),
        (
            "textDocument/codeAction",
            json!({ "textDocument": document, "range": whole, "context": { "diagnostics": [] } }),
        ),
        ("textDocument/diagnostic", json!({ "textDocument": document })),
        ("workspace/symbol", json!({ "query": "m" })),
        ("workspace/diagnostic", json!({ "previousResultIds": [] })),
        ("workspace/willRenameFiles", json!({ "files": [{ "oldUri": URI, "newUri": "file:///models/other.ndsl" }] })),
        ("ndsl/diagram", json!({ "textDocument": document })),
    ]
}

fn placed(params: &Value, position: &Value) -> Value {
    let mut params = params.clone();
    params["position"] = position.clone();
    params
}

#[test]
fn a_place_that_is_nowhere_has_an_answer_and_one_that_is_no_place_an_error() {
    let mut client = opened();
    let most = u32::MAX;
    let nowhere = [[most, most], [0, most], [most, 0], [3, 1_000_000]];
    for (method, params) in at_places() {
        for [line, character] in nowhere {
            let answer = client.request(method, placed(&params, &json!({ "line": line, "character": character })));
            let renames = method.to_lowercase().contains("rename");
            // There is no name to rename there, and that is said.
            assert!(
                answer.get("result").is_some() || renames && answer["error"]["code"] == -32803,
                "{method}: {answer}"
            );
        }
        for wrong in
            [json!({ "line": -1, "character": 0 }), json!({ "line": 0.5, "character": "a" }), json!(7), json!(null)]
        {
            let answer = client.request(method, placed(&params, &wrong));
            assert_eq!(answer["error"]["code"], -32602, "{method} {wrong}: {answer}");
        }
    }
    for (method, _) in of_documents() {
        let answer =
            client.request(method, json!({ "textDocument": [], "query": {}, "previousResultIds": 7, "files": 7 }));
        assert_eq!(answer["error"]["code"], -32602, "{method}: {answer}");
        assert!(client.request(method, json!("text"))["error"]["code"].is_i64(), "{method}");
    }
    assert_ne!(client.hover(2, 5), Value::Null);
    assert!(client.shut_down().success());
}

#[test]
fn a_document_that_is_not_open_has_no_answers() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let place = json!({ "line": 0, "character": 0 });
    let all = at_places().into_iter().map(|(method, params)| (method, placed(&params, &place))).chain(of_documents());
    for (method, params) in all {
        let answer = client.request(method, params);
        let refused = [-32801, -32803].map(Value::from).contains(&answer["error"]["code"]);
        assert!(answer.get("result").is_some() || refused, "{method}: {answer}");
    }
    assert!(client.shut_down().success());
}

#[test]
fn every_request_can_be_cancelled_and_is_answered_once() {
    let mut client = opened();
    let place = json!({ "line": 2, "character": 5 });
    let all = at_places().into_iter().map(|(method, params)| (method, placed(&params, &place))).chain(of_documents());
    let mut id = 1_000;
    for (method, params) in all {
        // Right behind the request, before it, and twice.
        for order in 0..3 {
            id += 1;
            let cancel = json!({ "id": id });
            if order == 1 {
                client.notify("$/cancelRequest", cancel.clone());
            }
            client.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
            if order != 1 {
                client.notify("$/cancelRequest", cancel.clone());
            }
            if order == 2 {
                client.notify("$/cancelRequest", cancel);
            }
            let answer = client.answer(json!(id));
            let cancelled = answer["error"]["code"] == -32800;
            let refused = answer["error"]["code"] == -32803;
            assert!(cancelled || refused || answer.get("result").is_some(), "{method}: {answer}");
        }
    }
    assert_ne!(client.hover(2, 5), Value::Null);
    assert!(client.shut_down().success());
}

#[test]
fn nothing_is_answered_after_the_shutdown_but_that_it_is_over() {
    let mut client = opened();
    assert_eq!(client.request("shutdown", Value::Null)["result"], Value::Null);
    let place = json!({ "line": 2, "character": 5 });
    let all = at_places().into_iter().map(|(method, params)| (method, placed(&params, &place))).chain(of_documents());
    for (method, params) in all {
        assert_eq!(client.request(method, params)["error"]["code"], -32600, "{method}");
    }
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": "const a = b" }] }),
    );
    std::thread::sleep(Duration::from_millis(300));
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(0));
}

#[test]
fn what_is_no_message_is_answered_and_what_claims_to_be_huge_is_not_waited_for() {
    let mut client = opened();
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let nested = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ndsl/diagram\",\"params\":{deep}}}");
    for body in [deep.as_str(), &nested, "{\"jsonrpc\":\"2.0\",\"id\":", "\u{1}\u{2}", "nul", "{}"] {
        client.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        let code = client.answer(Value::Null)["error"]["code"].clone();
        assert!([-32700, -32600].map(Value::from).contains(&code), "{body:.30}: {code}");
    }
    for length in ["99999999999999999999999", "9223372036854775807", "1073741824", "-5", "0x10", ""] {
        client.send_bytes(format!("Content-Length: {length}\r\n\r\n").as_bytes());
        assert_eq!(client.answer(Value::Null)["error"]["code"], -32700, "{length}");
    }
    assert_ne!(client.hover(2, 5), Value::Null);
    assert!(client.shut_down().success());
}

#[test]
fn files_that_are_no_programs_and_no_data_are_faults_where_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    fs::write(root.join("ndsl.toml"), "").unwrap();
    fs::write(root.join("binary.ndsl"), (0..=255).cycle().take(1 << 16).collect::<Vec<u8>>()).unwrap();
    fs::write(root.join("nul.ndsl"), "model M {\0\0}\n").unwrap();
    fs::write(root.join("binary.csv"), (0..=255).rev().cycle().take(1 << 16).collect::<Vec<u8>>()).unwrap();
    fs::write(root.join("empty.csv"), "").unwrap();
    fs::create_dir(root.join("folder.csv")).unwrap();
    fs::create_dir(root.join("folder.ndsl")).unwrap();
    let uri = format!("file://{}/main.ndsl", root.display());
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let mut version = 0;
    for name in ["binary", "nul", "folder", "missing", "../../../etc/passwd", "no/such/folder/x"] {
        let text = format!(
            "use M from \"{name}.ndsl\"\ndataset D = csv(\"{name}.csv\", target=)\ntrain t {{ model: M; dataset: D }}\n"
        );
        version += 1;
        let document = json!({ "uri": uri, "languageId": "ndsl", "version": version, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let (of, seen, found) = client.published();
        assert_eq!((of.as_str(), seen), (uri.as_str(), json!(version)));
        assert!(found.iter().any(|fault| fault["range"]["start"]["line"] == 0), "{name}: {found:?}");
        for (line, character) in [(0, 14), (1, 20), (1, 25 + name.len()), (2, 18)] {
            let place = json!({ "line": line, "character": character });
            let params = json!({ "textDocument": { "uri": uri }, "position": place });
            for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
                let answer = client.request(method, params.clone());
                assert!(answer.get("result").is_some(), "{name} {method}: {answer}");
            }
        }
        assert!(
            client
                .request("textDocument/documentLink", json!({ "textDocument": { "uri": uri } }))
                .get("result")
                .is_some()
        );
    }
    assert!(client.shut_down().success());
}

#[test]
fn of_a_data_file_of_a_gigabyte_the_head_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    let mut file = fs::File::create(root.join("large.csv")).unwrap();
    file.write_all(b"width,height,label\n1,2,a\n").unwrap();
    // A hole: what a program that reads it all would read.
    file.set_len(1 << 30).unwrap();
    // One line without an end.
    let line = fs::File::create(root.join("line.csv")).unwrap();
    line.set_len(1 << 30).unwrap();
    let uri = format!("file://{}/main.ndsl", root.display());
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let begun = Instant::now();
    for name in ["large", "line"] {
        let text = format!("dataset D = csv(\"{name}.csv\", target=)\n");
        let document = json!({ "uri": uri, "languageId": "ndsl", "version": 1, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        client.published();
        let place = json!({ "line": 0, "character": text.len() - 2 });
        let params = json!({ "textDocument": { "uri": uri }, "position": place });
        let answer = client.request("textDocument/completion", params);
        let items = answer["result"]["items"].as_array().or(answer["result"].as_array()).unwrap();
        let columns = items.iter().filter(|item| item["label"] == "height").count();
        assert_eq!(columns, usize::from(name == "large"), "{name}: {answer}");
    }
    assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
    assert!(client.shut_down().success());
}

#[test]
fn folders_that_are_not_there_hold_nothing() {
    let missing = "file:///no/such/folder";
    let mut client = Client::spawn();
    let folders = json!([{ "uri": missing, "name": "a" }, { "uri": "untitled:x", "name": "b" }, { "uri": "file:///dev/null", "name": "c" }]);
    let params = json!({ "processId": null, "rootUri": missing, "workspaceFolders": folders, "capabilities": {} });
    assert!(client.request("initialize", params).get("result").is_some());
    client.notify("initialized", json!({}));
    assert_eq!(client.request("workspace/symbol", json!({ "query": "" }))["result"], json!([]));
    let gone = json!({ "event": { "added": folders, "removed": [{ "uri": "file:///never/there", "name": "d" }] } });
    client.notify("workspace/didChangeWorkspaceFolders", gone);
    let moved = json!({ "files": [{ "oldUri": format!("{missing}/a"), "newUri": "untitled:b" }, { "oldUri": "::", "newUri": "" }] });
    let answer = client.request("workspace/willRenameFiles", moved);
    assert!(answer.get("result").is_some() || answer["error"]["code"] == -32602, "{answer}");
    for uri in [
        "untitled:Untitled-1",
        "file:///no/such/folder/x.ndsl",
        "git:/models/a.ndsl?ref=HEAD",
        "ndsl-notebook:a%20b#cell",
    ] {
        let document =
            json!({ "uri": uri, "languageId": "ndsl", "version": 1, "text": "use A from \"b.ndsl\"\nconst a = b\n" });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let (of, _, found) = client.published();
        assert_eq!(of, uri);
        assert!(found.len() >= 2, "{found:?}");
        client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        assert_eq!(client.published().2, Vec::<Value>::new());
    }
    assert!(client.shut_down().success());
}
