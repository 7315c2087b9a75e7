//! `ndsl sample`: texts on a terminal, in a pipe and as JSON.

use crate::project::{Project, ndsl};

/// A project with a language model in `runs/next` that has learnt `abc` by heart, a line each.
fn project() -> Project {
    let project = Project::new();
    project.write("text.txt", &"abc\n".repeat(40));
    project.write(
        "next.ndsl",
        r#"dataset Text = text("text.txt", context=8)

model Next {
    input tokens: i64[8]
    Embedding(4, 4) as logits
}

train next {
    model: Next()
    dataset: Text
    loss: cross_entropy(logits, next)
    optimizer: Adam(learning_rate=0.1)
    epochs: 20, batch_size: 4, seed: 1
}
"#,
    );
    ndsl().args(["train", "next.ndsl"]).within(&project).succeeds();
    project
}

#[test]
fn a_text_goes_on_from_its_prompt() {
    let project = project();
    let sample = |arguments: &[&str]| {
        let all = ["sample", "runs/next", "--temperature", "0"].iter().chain(arguments);
        ndsl().args(all.copied()).within(&project)
    };
    let ended = sample(&["--prompt", "ab", "--tokens", "6"]).succeeds();
    assert_eq!(ended.stdout, "abc\nabc\n");
    assert!(ended.stderr.starts_with("6 tokens in ") && ended.stderr.ends_with(" a second\n"), "{}", ended.stderr);
    // Without a prompt it begins at the beginning of a line, which is not written.
    assert_eq!(sample(&["--tokens", "3"]).succeeds().stdout, "abc\n");
    assert_eq!(sample(&["--prompt", r"c\nb", "--tokens", "9", "--stop", r"\na"]).succeeds().stdout, "c\nbc\n");
    assert_eq!(sample(&["--prompt", "-", "--tokens", "2"]).reads("a\na").succeeds().stdout, "a\nabc\n");
    let several = sample(&["--prompt", "b", "--tokens", "1", "--count", "2"]).succeeds();
    assert_eq!(several.stdout, "--- 1 of 2 ---\nbc\n--- 2 of 2 ---\nbc\n");
    let json = sample(&["--prompt", "b", "--tokens", "5", "--stop", "ab", "--json"]).succeeds();
    let read: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let expected =
        serde_json::json!({ "model": "Next", "sample": 1, "prompt": "b", "text": "c\n", "tokens": 4, "ended": "stop" });
    assert_eq!(read, expected);
}

#[test]
fn what_cannot_be_gone_on_with_says_why() {
    let project = project();
    let error = |arguments: &[&str]| {
        let all = ["sample", "runs/next"].iter().chain(arguments);
        let ended = ndsl().args(all.copied()).within(&project).ends_with(2);
        assert_eq!(ended.stdout, "");
        ended.stderr
    };
    let said = error(&["--prompt", "abd"]);
    assert_eq!(
        said,
        "error: the character \"d\" at character 3 did not occur in what the model was trained on; it knows 4 characters: \"\\nabc\"\n"
    );
    assert!(error(&["--temperature", "-1"]).contains("from 0 on: 0 takes the likeliest"));
    assert!(error(&["--tokens", "3", "-o", "pictures"]).contains("a model is asked for one or the other"));
    assert!(error(&["-o", "text.csv"]).contains("`Next` is a language model, which goes on with a text: `--prompt`"));
    assert!(error(&["--top-k", "0"]).contains("at least 1"));
    assert!(error(&["--top-p", "2"]).contains("above 0 and at most 1"));
}
