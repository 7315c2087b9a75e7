//! What fuzzing found, and what it starts from, is read without a panic, whole and cut off anywhere.

use ndsl_grammar::{FileId, lex, parse};
use std::path::Path;

#[test]
fn the_corpus_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for folder in ["../fuzz/corpus/seeds", "tests/ok", "tests/err"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the folder is there") {
            let bytes = std::fs::read(entry.expect("it can be read").path()).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            for end in lex(&text).iter().map(|token| token.end as usize).step_by(1 + text.len() / 2_000) {
                let parse = parse(&text[..end], FileId(0));
                assert!(parse.errors.iter().all(|error| text.get(error.span.range()).is_some()));
            }
            count += 1;
        }
    }
    assert!(count > 20, "the corpus is found");
}
