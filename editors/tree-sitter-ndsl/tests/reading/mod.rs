//! Reading texts as editors do.
#![allow(dead_code, reason = "each test file uses a part")]

use ndsl_grammar::FileId;
use std::path::{Path, PathBuf};
use tree_sitter::{Node, Parser, Tree};

pub fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_ndsl::LANGUAGE.into()).expect("the language's version is read");
    parser
}

pub fn read(text: &str) -> Tree {
    parser().parse(text, None).expect("no limit was set")
}

/// The places where the tree has an error or something missing.
pub fn faults(tree: &Tree, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        if node.is_error() || node.is_missing() {
            found.push(shown(node, text));
        }
        let mut cursor = node.walk();
        open.extend(node.children(&mut cursor).filter(Node::has_error));
    }
    found
}

pub fn shown(node: Node<'_>, text: &str) -> String {
    let what = if node.is_missing() { format!("MISSING {}", node.kind()) } else { "ERROR".to_owned() };
    let line = text.lines().nth(node.start_position().row).unwrap_or_default();
    format!("{}:{}: {what} in `{}`", node.start_position().row + 1, node.start_position().column + 1, line.trim())
}

/// Every program of the repository that ndsl's parser reads without a fault.
pub fn programs() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && !matches!(name, "target" | "node_modules" | "runs" | "corpus")
            {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ndsl") {
                let text = std::fs::read_to_string(&path).expect("it can be read");
                if ndsl_grammar::parse(&text, FileId(0)).errors.is_empty() {
                    found.push((path.strip_prefix(&root).expect("it is below").to_owned(), text));
                }
            }
        }
    }
    found.sort();
    found
}
