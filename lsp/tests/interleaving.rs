//! Edits of any kind between questions of any kind: what stays is the text that the editor has, to the byte.

mod client;

use std::time::Duration;

use client::{Client, URI};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Another document with the text that the first should have.
const FRESH: &str = "file:///models/fresh.ndsl";

/// What is put in: letters of one to four bytes, line ends of all kinds, and pieces of programs.
const PIECES: &[&str] = &[
    "",
    "a",
    "é",
    "語",
    "😀",
    "👩‍👩‍👧",
    "\u{feff}",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "}",
    "{",
    "\"",
    "(",
    "// x 😀\n",
    "\nmodel M {\n    input x: f32[4]\n",
    "Dense(8) as y\n",
    "\r\nconst 語 = 1\r\n",
    "schema S { table T { id: int key } }\n",
    " = \"😀\"",
    "Desne(",
    "/// doc\n",
    ".",
    "1",
    "const b = c\n",
];

/// How a text is counted in one of the encodings, found out without the server's help.
fn units(encoding: &str, text: &str) -> usize {
    match encoding {
        "utf-8" => text.len(),
        "utf-16" => text.encode_utf16().count(),
        _ => text.chars().count(),
    }
}

/// A place of a text as an editor says it.
fn position(text: &str, offset: usize, encoding: &str) -> Value {
    let before = text[..offset].replace("\r\n", "\n").replace('\r', "\n");
    let line = before.matches('\n').count();
    let start = text[..offset].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    json!({ "line": line, "character": units(encoding, &text[start..offset]) })
}

/// The nearest place at or before an offset that an editor could have its caret at.
fn caret(text: &str, offset: usize) -> usize {
    let mut at = text.floor_char_boundary(offset);
    // Nothing stands between the two letters of a line's end.
    if text[..at].ends_with('\r') && text[at..].starts_with('\n') {
        at -= 1;
    }
    at
}

#[derive(Clone, Debug)]
enum Step {
    /// Replaces what is between two shares of the text, in thousandths.
    Edit(usize, usize, usize),
    /// Replaces the whole text by one of its first letters.
    Whole(usize),
    /// Asks something, and does not wait.
    Ask(usize, usize),
    /// Lets the server check.
    Pause,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..1001usize, 0..30usize, 0..PIECES.len()).prop_map(|(at, length, piece)| Step::Edit(at, length, piece)),
        1 => (0..1001usize).prop_map(Step::Whole),
        4 => (0..METHODS.len(), 0..1001usize).prop_map(|(method, at)| Step::Ask(method, at)),
        1 => Just(Step::Pause),
    ];
    prop::collection::vec(step, 1..120)
}

const METHODS: &[&str] = &[
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/documentSymbol",
    "textDocument/semanticTokens/full",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "ndsl/diagram",
];

/// What the server says of a whole document.
fn everything(client: &mut Client, uri: &str) -> Vec<Value> {
    let document = json!({ "uri": uri });
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 100_000, "character": 0 } });
    let asked = [
        ("textDocument/documentSymbol", json!({ "textDocument": document })),
        ("textDocument/semanticTokens/full", json!({ "textDocument": document })),
        ("textDocument/foldingRange", json!({ "textDocument": document })),
        ("textDocument/inlayHint", json!({ "textDocument": document, "range": whole })),
        // What is laid out anew says every byte of the text, or why it cannot be.
        (
            "textDocument/formatting",
            json!({ "textDocument": document, "options": { "tabSize": 4, "insertSpaces": true } }),
        ),
        ("textDocument/selectionRange", json!({ "textDocument": document, "positions": [whole["end"]] })),
    ];
    let answers = asked.into_iter().map(|(method, params)| {
        let mut answer = client.request(method, params);
        let answer = answer.as_object_mut().unwrap();
        answer.remove("id");
        // Tokens are told apart by a number of their own.
        if let Some(result) = answer.get_mut("result").and_then(Value::as_object_mut) {
            result.remove("resultId");
        }
        Value::Object(answer.clone())
    });
    answers.collect()
}

fn session(encoding: &str, steps: &[Step]) -> String {
    let (mut client, statistics) = Client::connect();
    client.initialize_with_encoding(encoding);
    let mut text = "const a = 1\r\nconst b = \"😀\"\n".to_owned();
    let document = json!({ "uri": URI, "languageId": "ndsl", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let (mut version, mut asked) = (1, 0);
    for step in steps {
        match step {
            Step::Edit(at, length, piece) => {
                let start = caret(&text, text.len() * at / 1000);
                let end = caret(&text, (start + length).min(text.len())).max(start);
                let range = json!({ "start": position(&text, start, encoding), "end": position(&text, end, encoding) });
                text.replace_range(start..end, PIECES[*piece]);
                version += 1;
                client.change(version, json!([{ "range": range, "text": PIECES[*piece] }]));
            }
            Step::Whole(at) => {
                text.truncate(caret(&text, text.len() * at / 1000));
                version += 1;
                client.change(version, json!([{ "text": text }]));
            }
            Step::Ask(method, at) => {
                let position = position(&text, caret(&text, text.len() * at / 1000), encoding);
                let options = json!({ "tabSize": 4, "insertSpaces": true });
                let params = json!({ "textDocument": { "uri": URI }, "position": position, "options": options });
                asked += 1;
                let id = format!("asked {asked}");
                client.send(&json!({ "jsonrpc": "2.0", "id": id, "method": METHODS[*method], "params": params }));
            }
            Step::Pause => std::thread::sleep(Duration::from_millis(3)),
        }
    }
    for _ in 0..asked {
        let answer = client.any_answer();
        let refused = [-32801, -32803].map(Value::from).contains(&answer["error"]["code"]);
        assert!(refused || answer.get("result").is_some(), "{answer}");
    }
    let found = client.diagnostics(version);
    assert_eq!(statistics.edits() + 1, version as usize);
    let edited = everything(&mut client, URI);
    let document = json!({ "uri": FRESH, "languageId": "ndsl", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let fresh = client.published();
    let renamed = |value: &Value| value.to_string().replace(FRESH, URI);
    assert_eq!(renamed(&Value::Array(fresh.2)), renamed(&Value::Array(found)), "{encoding} {text:?}");
    let fresh = everything(&mut client, FRESH);
    for (edited, fresh) in edited.iter().zip(&fresh) {
        assert_eq!(renamed(fresh), renamed(edited), "{encoding} {text:?}");
    }
    client.leave();
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_edits_between_any_questions_leave_the_text_of_the_editor(
        steps in steps(),
        encoding in prop_oneof![Just("utf-8"), Just("utf-16"), Just("utf-32")],
    ) {
        session(encoding, &steps);
    }
}

#[test]
fn two_thousand_edits_at_once_of_letters_of_all_lengths_end_in_the_text_of_the_editor() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        // Each place follows from the number of the edit, so that they are spread over the text, and the same every time.
        let steps: Vec<Step> =
            (0..2_000).map(|edit| Step::Edit(edit * 379 % 1001, edit * 7 % 5, edit * 31 % PIECES.len())).collect();
        let text = session(encoding, &steps);
        assert!(text.len() > 4_000 && text.contains('😀') && text.contains("\r\n"), "{}", text.len());
    }
}
