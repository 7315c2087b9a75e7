//! Sessions of an editor with a server process, over its standard input and output.

mod client;

use client::{Client, URI, range};
use serde_json::{Value, json};

const DIGITS: &str = r#"dataset Digits = csv("digits.csv", columns=["pixel_*"], target=label)

/// A small convolutional network.
model Cnn(width: int = 32) {
    input image: f32[8, 8, 1]

    Conv2D(width, 3, padding=same, activation=relu)
    MaxPooling2D(2)
    Flatten()
    Dense(10) as logits
}

train cnn {
    model: Cnn()
    dataset: Digits
    inputs: { image: reshape(columns, [8, 8, 1]) / 16 }
    loss: cross_entropy(logits, label)
    metrics: [accuracy]
    optimizer: Adam(learning_rate=2e-3)
}
"#;

/// A session with the digits file open.
fn digits() -> Client {
    let mut client = Client::spawn();
    client.initialize_with_encoding("utf-16");
    assert_eq!(client.open(DIGITS), Vec::<Value>::new());
    client
}

/// The line of `DIGITS` that holds `text`, and where on it the text begins.
fn place(text: &str) -> (u32, u32) {
    let at = DIGITS.find(text).unwrap();
    let line = DIGITS[..at].matches('\n').count();
    let start = DIGITS[..at].rfind('\n').map_or(0, |end| end + 1);
    (line as u32, (at - start) as u32)
}

#[test]
fn the_encoding_is_the_first_of_the_editors_that_is_known() {
    let offers = [
        (json!({}), "utf-16"),
        (json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } }), "utf-8"),
        (json!({ "general": { "positionEncodings": ["utf-32", "utf-8"] } }), "utf-32"),
        (json!({ "general": { "positionEncodings": ["utf-7", "utf-16"] } }), "utf-16"),
    ];
    for (capabilities, encoding) in offers {
        let mut client = Client::spawn();
        let offered = client.initialize(capabilities);
        assert_eq!(offered["positionEncoding"], encoding);
        assert_eq!(offered["hoverProvider"], true);
        assert_eq!(offered["textDocumentSync"]["change"], 2, "incremental");
        assert!(client.shut_down().success());
    }
}

#[test]
fn a_fault_is_underlined_and_mended_in_either_encoding() {
    // Before the fault stand an emoji of 4 bytes or 2 units, and a character of 3 bytes or 1.
    let text = "// 😀\r\ndataset D = csv(\"😀語.csv\", tarjet=label)\r\n";
    for (encoding, start) in [("utf-8", 31), ("utf-16", 27), ("utf-32", 26)] {
        let mut client = Client::spawn();
        client.initialize_with_encoding(encoding);
        let found = client.open(text);
        let fault = found.iter().find(|fault| fault["code"] == "E0301").unwrap();
        let place = [start, start + 6];
        assert_eq!(fault["range"], range(1, place), "{encoding}");
        assert_eq!((&fault["source"], &fault["severity"]), (&json!("ndsl"), &json!(1)));
        let fix = json!({ "title": "replace `tarjet` with `target`", "applicability": "safe",
            "edits": [{ "range": range(1, place), "newText": "target" }] });
        assert_eq!(fault["data"]["fixes"], json!([fix]));

        client.edit(2, 1, place, "target");
        assert_eq!(client.diagnostics(2), Vec::<Value>::new(), "{encoding}");
        assert!(client.shut_down().success());
    }
}

#[test]
fn edits_of_one_notification_are_applied_in_their_order() {
    let mut client = Client::spawn();
    client.initialize_with_encoding("utf-16");
    client.open("");
    let changes = json!([
        { "range": range(0, [0, 0]), "text": "const a = 😀" },
        { "range": range(0, [10, 12]), "text": "b\nconst b = 2" },
        { "range": range(0, [10, 11]), "text": "bb" },
    ]);
    client.change(2, changes);
    let found = client.diagnostics(2);
    assert_eq!(found[0]["range"], range(0, [10, 12]), "{found:?}");
    client.change(3, json!([{ "text": "const a = c" }]));
    assert_eq!(client.diagnostics(3)[0]["range"], range(0, [10, 11]), "the whole text at once");
}

#[test]
fn a_bad_range_is_clamped() {
    let mut client = Client::spawn();
    client.initialize_with_encoding("utf-16");
    client.open("const a = 1");
    let last = u32::MAX;
    client.change(2, json!([
        { "range": { "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 11 } }, "text": "\n" },
        { "range": range(last, [last, last]), "text": "const b = c" },
    ]));
    assert_eq!(client.diagnostics(2)[0]["range"], range(1, [10, 11]));
    assert!(client.shut_down().success());
}

#[test]
fn hover_says_what_a_name_is() {
    let mut client = digits();
    for (name, text) in [
        ("conv2d", "Conv2D(width"),
        ("dense", "Dense(10)"),
        ("parameter", "padding=same"),
        ("model", "Cnn(width: int"),
        ("model_in_use", "Cnn()"),
        ("setting", "metrics:"),
        ("loss", "cross_entropy"),
        ("optimizer", "Adam("),
        ("source", "csv("),
        ("value", "logits, label"),
    ] {
        let (line, character) = place(text);
        let hover = client.hover(line, character);
        assert_eq!(hover["contents"]["kind"], "markdown", "{text}: {hover}");
        let word = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len()) as u32;
        assert_eq!(hover["range"], range(line, [character, character + word]), "{text}");
        insta::assert_snapshot!(format!("hover_{name}"), hover["contents"]["value"].as_str().unwrap());
    }
    assert_eq!(client.hover(1, 0), Value::Null, "an empty line");
    assert_eq!(client.hover(999, 999), Value::Null, "beyond the text");
    assert!(client.shut_down().success());
}

#[test]
fn hover_right_after_an_edit_is_of_the_edited_text() {
    let mut client = digits();
    let (line, character) = place("Dense(10)");
    client.edit(2, line, [character + 6, character + 8], "7");
    let hover = client.hover(line, character);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("`f32[512]` → `f32[7]`"), "{hover}");
}

const SMALL_IMAGE: &str = "model Deep {\n    input image: f32[8, 8, 1]\n    MaxPooling2D(4)\n    Conv2D(8, 5)\n}\n";

#[test]
fn a_shape_that_does_not_fit_says_where_it_came_from() {
    let mut client = Client::spawn();
    client.initialize(json!({ "textDocument": { "publishDiagnostics": { "relatedInformation": true } } }));
    let found = client.open(SMALL_IMAGE);
    let related = &found[0]["relatedInformation"];
    assert_eq!(found[0]["code"], "E0403", "{found:?}");
    assert_eq!(related[0]["location"], json!({ "uri": URI, "range": range(2, [4, 19]) }));
    assert_eq!(related[0]["message"], "this makes f32[2, 2, 1]");

    let mut client = Client::spawn();
    client.initialize(json!({}));
    let found = client.open(SMALL_IMAGE);
    assert_eq!(found[0].get("relatedInformation"), None);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.ends_with("\nline 3: this makes f32[2, 2, 1]"), "{message}");
}

#[test]
fn a_fault_has_its_fix_as_a_code_action() {
    let mut client = Client::spawn();
    let offered = client.initialize(json!({
        "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } } },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    }));
    assert_eq!(
        offered["codeActionProvider"]["codeActionKinds"],
        json!(["quickfix", "refactor.extract", "refactor.inline", "refactor.rewrite"])
    );
    client.open("model M {\n    input x: f32[4]\n    FullyConnected(3)\n}\n");
    let params = |line, only: Value| json!({ "textDocument": { "uri": URI }, "range": range(line, [6, 6]), "context": { "diagnostics": [], "only": only } });
    let answer = client.request(
        "textDocument/codeAction",
        params(2, json!(["quickfix", "refactor.extract", "refactor.inline", "refactor.rewrite"])),
    );
    let action = &answer["result"][0];
    assert_eq!(action["title"], "replace `FullyConnected` with `Dense`");
    assert_eq!((&action["kind"], &action["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(action["diagnostics"][0]["code"], "E0203");
    let edits = json!([{ "range": range(2, [4, 18]), "newText": "Dense" }]);
    let changes = json!([{ "textDocument": { "uri": URI, "version": 1 }, "edits": edits }]);
    assert_eq!(action["edit"], json!({ "documentChanges": changes }));

    assert_eq!(client.request("textDocument/codeAction", params(1, json!([])))["result"], json!([]));
    assert_eq!(client.request("textDocument/codeAction", params(2, json!(["refactor"])))["result"], json!([]));
}

#[test]
fn closing_clears_and_opening_again_checks_again() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let found = client.open("const a = b");
    assert_eq!(found.len(), 1);
    let document = json!({ "textDocument": { "uri": URI } });
    client.notify("textDocument/didSave", document.clone());
    client.notify("textDocument/didClose", document);
    assert_eq!(client.published(), (URI.to_owned(), Value::Null, vec![]));
    assert_eq!(client.hover(0, 6), Value::Null);
    assert_eq!(client.open("const a = b"), found);
}

#[test]
fn other_languages_are_left_alone() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let other = json!({ "uri": "file:///notes.md", "languageId": "markdown", "version": 1, "text": "const a = b" });
    client.notify("textDocument/didOpen", json!({ "textDocument": other }));
    let change =
        json!({ "textDocument": { "uri": "file:///notes.md", "version": 2 }, "contentChanges": [{ "text": "" }] });
    client.notify("textDocument/didChange", change);
    let position = json!({ "line": 0, "character": 0 });
    let params = json!({ "textDocument": { "uri": "file:///notes.md" }, "position": position });
    assert_eq!(client.request("textDocument/hover", params)["result"], Value::Null);
    // The first thing published is of the document that is followed.
    client.open("const a = b");
}

#[test]
fn what_is_not_understood_is_answered_and_the_session_goes_on() {
    let mut client = Client::spawn();
    assert_eq!(client.request("textDocument/hover", json!({}))["error"]["code"], -32002, "not initialized");
    client.notify("textDocument/didOpen", json!({ "textDocument": 7 }));
    assert_eq!(client.request("initialize", json!(7))["error"]["code"], -32602, "bad parameters");
    client.initialize(json!({}));

    client.send_bytes(b"Content-Length: 5\r\n\r\n{\"a\":");
    assert_eq!(client.answer(Value::Null)["error"]["code"], -32700);
    client.send_bytes(b"Content-Length: nine\r\n\r\n");
    assert_eq!(client.answer(Value::Null)["error"]["code"], -32700);
    client.send(&json!([1, 2]));
    assert_eq!(client.answer(Value::Null)["error"]["code"], -32600);
    client.send(&json!({ "jsonrpc": "2.0", "id": "x", "method": 7 }));
    assert_eq!(client.answer(json!("x"))["error"]["code"], -32600);
    client.send(&json!({ "jsonrpc": "2.0", "id": 99, "result": null }));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.notify("$/whatever", json!({}));
    client.notify("textDocument/didChange", json!({ "textDocument": "none" }));
    client.edit(2, 0, [0, 0], "a document that is not open");
    for method in ["textDocument/moniker", "ndsl/unknown", "$/unknown"] {
        let params = json!({ "textDocument": { "uri": URI }, "position": { "line": 0, "character": 0 } });
        assert_eq!(client.request(method, params)["error"]["code"], -32601, "{method}");
    }
    assert_eq!(client.request("textDocument/hover", json!({ "position": -1 }))["error"]["code"], -32602);

    assert_eq!(client.open("const a = b").len(), 1);
    assert!(client.shut_down().success());
}

#[test]
fn a_request_can_be_cancelled_before_and_after_it_is_answered() {
    let mut client = digits();
    client.hover(0, 0);
    client.notify("$/cancelRequest", json!({ "id": 2 }));
    client.notify("$/cancelRequest", json!({ "id": "never asked" }));
    let (line, character) = place("Dense(10)");
    assert_ne!(client.hover(line, character), Value::Null);
}

#[test]
fn the_exit_code_says_whether_a_shutdown_was_asked_for() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    client.request("shutdown", Value::Null);
    assert_eq!(client.request("textDocument/hover", json!({}))["error"]["code"], -32600, "after the shutdown");
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(0));

    let mut client = Client::spawn();
    client.initialize(json!({}));
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(1), "exit alone");

    let mut client = Client::spawn();
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(1), "before anything");

    let mut client = Client::spawn();
    client.initialize(json!({}));
    assert_eq!(client.hang_up().code(), Some(1), "the editor is gone");
}

#[test]
fn a_file_of_many_faults_shows_the_first_thousand() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let found = client.open(&"const a = b\n".repeat(2_000));
    assert_eq!(found.len(), 1_001);
    let last = found.last().unwrap();
    assert_eq!((&last["severity"], last.get("code")), (&json!(3), None), "{last}");
}

#[test]
fn texts_made_to_exhaust_are_faults_on_their_place() {
    let mut client = Client::spawn();
    client.initialize(json!({}));
    let found = client.open(&format!("const a = {}1", "(".repeat(10_000)));
    assert!(found.iter().any(|fault| fault["code"] == "E0107"), "{found:?}");
    client.change(2, json!([{ "text": "x".repeat(10 << 20) }]));
    assert_eq!(client.diagnostics(2)[0]["code"], "E0109");
    client.change(3, json!([{ "text": "const a = 1" }]));
    assert_eq!(client.diagnostics(3), Vec::<Value>::new());
    assert!(client.shut_down().success());
}

/// A folder with a program that uses two others, and its address.
fn project() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("parts")).unwrap();
    std::fs::write(folder.path().join("parts/net.ndsl"), "model Net { input x: f32[2]\n    Dense(1) as out }\n")
        .unwrap();
    std::fs::write(folder.path().join("sizes.ndsl"), "const width = 2\n").unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    (folder, format!("file://{}", root.display()))
}

fn opened(client: &mut Client, uri: &str, version: i32, text: &str) {
    let document = json!({ "uri": uri, "languageId": "ndsl", "version": version, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
}

/// What is next published of a document; what is published of others is passed over.
fn published(client: &mut Client, uri: &str) -> Vec<Value> {
    loop {
        let (of, _, diagnostics) = client.published();
        if of == uri {
            return diagnostics;
        }
    }
}

#[test]
fn a_document_uses_the_files_around_it_and_follows_those_that_are_open() {
    let (_folder, root) = project();
    let (main, sizes) = (format!("{root}/main.ndsl"), format!("{root}/sizes.ndsl"));
    let mut client = Client::spawn();
    let related = json!({ "textDocument": { "publishDiagnostics": { "relatedInformation": true } } });
    client.initialize(related);
    let text = "use Net from \"parts/net.ndsl\"\nuse width from \"sizes.ndsl\"\n\
        model Other { input x: f32[width]; Dense(1) }\ntrain t { model: Net(depth=1) }\n";
    opened(&mut client, &main, 1, text);
    let found = published(&mut client, &main);
    let unknown = found.iter().find(|found| found["code"] == "E0301").unwrap();
    // Where the model is declared stands in its own file.
    let declared = &unknown["relatedInformation"][0]["location"];
    assert_eq!(declared["uri"], format!("{root}/parts/net.ndsl"));
    assert_eq!(declared["range"], range(0, [6, 9]));
    assert!(!found.iter().any(|found| found["code"] == "E0223"), "{found:?}");

    // What the editor holds counts, not what is saved.
    opened(&mut client, &sizes, 1, "const height = 2\n");
    let found = published(&mut client, &main);
    assert!(found.iter().any(|found| found["code"] == "E0223"), "{found:?}");

    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": sizes, "version": 2 }, "contentChanges": [{ "text": "const width = \n" }] }),
    );
    let found = published(&mut client, &main);
    let faulty = found.iter().find(|found| found["code"] == "E0101").unwrap();
    assert_eq!(faulty["range"], range(1, [15, 27]));
    assert!(faulty["message"].as_str().unwrap().starts_with("`sizes.ndsl` has an error: expected a value"), "{faulty}");
    assert_eq!(faulty["relatedInformation"][0]["location"]["uri"], sizes);

    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": sizes } }));
    let found = published(&mut client, &main);
    assert!(!found.iter().any(|found| found["code"] == "E0101"), "{found:?}");
    assert!(client.shut_down().success());
}
