//! Edits that come faster than they can be checked.

mod client;

use std::time::{Duration, Instant};

use client::Client;
use serde_json::{Value, json};

const EDITS: i32 = 2_000;

/// Types a word letter by letter, which any other order would garble, as fast as the connection takes it; answers the
/// diagnostics of the last version and the word.
fn type_a_long_word(client: &mut Client) -> (Vec<Value>, String) {
    client.initialize_with_encoding("utf-16");
    assert_eq!(client.open("const a = ").len(), 1);
    let mut word = String::new();
    for edit in 0..EDITS {
        let letter = char::from(b'a' + (edit * 7 % 26) as u8);
        word.push(letter);
        let at = 10 + edit as u32;
        client.edit(edit + 2, 0, [at, at], &letter.to_string());
    }
    (client.diagnostics(EDITS + 1), word)
}

fn assert_is_about(found: &[Value], word: &str) {
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["code"], "E0201");
    assert_eq!(
        found[0]["message"].as_str().unwrap().lines().next().unwrap(),
        format!("nothing here is called `{word}`")
    );
}

#[test]
fn a_burst_of_edits_ends_in_the_diagnostics_of_the_last_text_after_a_few_checks() {
    let (mut client, statistics) = Client::connect();
    let begun = Instant::now();
    let (found, word) = type_a_long_word(&mut client);
    assert_is_about(&found, &word);
    assert_eq!(statistics.edits(), EDITS as usize);
    // One a quarter of a second while they come, and a few where the machine pauses the sender.
    let most = 10 + 8 * begun.elapsed().as_secs() as usize;
    let checks = statistics.checks();
    assert!(checks <= most, "{checks} checks");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(statistics.checks(), checks, "a text that has not changed is not checked again");
    client.leave();
}

#[test]
fn a_text_that_is_edited_without_a_pause_is_checked_meanwhile() {
    let (mut client, statistics) = Client::connect();
    client.initialize_with_encoding("utf-16");
    client.open("const a = 0");
    let begun = Instant::now();
    let mut version = 1;
    while begun.elapsed() < Duration::from_secs(1) {
        version += 1;
        client.edit(version, 0, [10, 11], &(version % 10).to_string());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(statistics.checks() >= 3, "{} checks", statistics.checks());
    client.leave();
}

#[test]
fn a_burst_of_edits_over_stdio_ends_in_the_diagnostics_of_the_last_text() {
    let mut client = Client::spawn();
    let (found, word) = type_a_long_word(&mut client);
    assert_is_about(&found, &word);
    assert!(client.shut_down().success());
}

#[test]
fn a_question_in_a_burst_is_answered_on_its_text_or_as_outdated() {
    let (mut client, _) = Client::connect();
    client.initialize_with_encoding("utf-16");
    client.open("const a = 0\n");
    let mut asked = Vec::new();
    for edit in 0..200 {
        // One digit replaces another: `a` has the value of the last edit.
        client.edit(edit + 2, 0, [10, 11], &(edit % 10).to_string());
        let id = 1_000 + edit;
        let params = json!({ "textDocument": { "uri": client::URI }, "position": { "line": 0, "character": 6 } });
        client.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": params }));
        asked.push(id);
    }
    let mut answers = std::collections::BTreeMap::new();
    for _ in &asked {
        let answer = client.any_answer();
        answers.insert(answer["id"].as_i64().unwrap(), answer);
    }
    for (id, answer) in &answers {
        let outdated = answer["error"]["code"] == -32801;
        assert!(outdated || answer.get("result").is_some(), "{id}: {answer}");
    }
    assert_eq!(answers.len(), asked.len());
    assert!(answers[&1_199].get("result").is_some(), "the last is of the text as it stays");
    client.leave();
}
