//! What is generated is what would be generated.

#[path = "../examples/generate/parser.rs"]
mod parser;

use std::path::Path;

/// Generates from `grammar` beside the real files, and compares those named.
fn compare(grammar: &str, names: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    parser::generate(&root.join(grammar), folder.path()).expect("it can be generated");
    for name in names {
        let [committed, generated] = [root.join("src"), folder.path().to_owned()]
            .map(|folder| std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")));
        assert!(committed == generated, "src/{name} is stale: cargo run --example generate");
    }
}

#[test]
fn the_parser_is_that_of_the_grammar() {
    let headers = ["tree_sitter/alloc.h", "tree_sitter/array.h", "tree_sitter/parser.h"];
    compare("src/grammar.json", &[&["parser.c", "node-types.json"][..], &headers].concat());
}

#[test]
#[ignore = "needs Node"]
fn the_grammar_is_what_its_script_says() {
    compare("grammar.js", &["grammar.json"]);
}
