//! The configuration of editors that are not run by a test.

use std::path::Path;
use toml::Table;

fn table(path: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text at a path of keys and places.
fn text<'t>(table: &'t Table, path: &[&str]) -> Option<&'t str> {
    let mut value = table.get(path[0])?;
    for step in &path[1..] {
        value = match step.parse::<usize>() {
            Ok(place) => value.get(place)?,
            Err(_) => value.get(step)?,
        };
    }
    value.as_str()
}

#[test]
fn helix_knows_the_language_its_server_and_its_grammar() {
    let settings = table("helix/languages.toml");
    assert_eq!(text(&settings, &["language", "0", "name"]), Some("ndsl"));
    assert_eq!(text(&settings, &["language", "0", "language-servers", "0"]), Some("ndsl"));
    assert_eq!(text(&settings, &["language-server", "ndsl", "command"]), Some("ndsl"));
    assert_eq!(text(&settings, &["language-server", "ndsl", "args", "0"]), Some("lsp"));
    assert_eq!(text(&settings, &["grammar", "0", "name"]), Some("ndsl"));
    let grammar = text(&settings, &["grammar", "0", "source", "path"]).expect("a path");
    assert!(grammar.ends_with("/editors/tree-sitter-ndsl"), "{grammar}");
}

#[test]
fn zed_knows_the_language_its_server_and_its_grammar() {
    let extension = table("zed/extension.toml");
    assert_eq!(text(&extension, &["language_servers", "ndsl", "languages", "0"]), Some("ndsl"));
    assert_eq!(text(&extension, &["grammars", "ndsl", "path"]), Some("editors/tree-sitter-ndsl"));
    let language = table("zed/languages/ndsl/config.toml");
    assert_eq!(text(&language, &["grammar"]), Some("ndsl"));
    assert_eq!(text(&language, &["path_suffixes", "0"]), Some("ndsl"));
}
