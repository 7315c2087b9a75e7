//! The trees of `test/corpus`, in the form that tree-sitter's own command reads.
//!
//! `NDSL_UPDATE=1 cargo test --test corpus` writes the trees anew; read what changed before it is kept.

mod reading;

use reading::read;
use std::fmt::Write;
use std::path::Path;
use tree_sitter::TreeCursor;

/// A text and the tree that it has.
struct Case {
    name: String,
    text: String,
    tree: String,
}

fn is_rule(line: &str, mark: char) -> bool {
    line.len() >= 3 && line.chars().all(|c| c == mark)
}

/// The cases of a file: a name between two lines of `=`, a text, a line of `-`, a tree.
fn cases(file: &str) -> Vec<Case> {
    let lines: Vec<&str> = file.lines().collect();
    let heads: Vec<usize> =
        (2..lines.len()).filter(|at| is_rule(lines[*at], '=') && is_rule(lines[at - 2], '=')).collect();
    let ends = heads.iter().skip(1).map(|next| next - 2).chain([lines.len()]);
    let case = |(head, end): (&usize, usize)| {
        let body = &lines[head + 1..end];
        let middle = body.iter().position(|line| is_rule(line, '-')).expect("a line between text and tree");
        Case {
            name: lines[head - 1].to_owned(),
            text: body[..middle].join("\n").trim().to_owned() + "\n",
            tree: body[middle + 1..].join("\n").trim().to_owned(),
        }
    };
    heads.iter().zip(ends).map(case).collect()
}

/// A tree, a node a line, with the names of fields; marks and keywords are left out.
fn shown(cursor: &mut TreeCursor<'_>, depth: usize, out: &mut String) {
    let node = cursor.node();
    if node.is_named() || node.is_missing() {
        if !out.is_empty() {
            let _ = write!(out, "\n{}", "  ".repeat(depth));
        }
        if let Some(field) = cursor.field_name() {
            let _ = write!(out, "{field}: ");
        }
        let missing = if node.is_missing() { "MISSING " } else { "" };
        let _ = write!(out, "({missing}{}", node.kind());
        if cursor.goto_first_child() {
            loop {
                shown(cursor, depth + 1, out);
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
            cursor.goto_parent();
        }
        out.push(')');
    }
}

#[test]
fn the_trees_are_those_of_the_corpus() {
    let update = std::env::var_os("NDSL_UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus");
    let (mut count, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("it can be read").path();
        let file = std::fs::read_to_string(&path).expect("it can be read");
        let mut written = String::new();
        for case in cases(&file) {
            let mut tree = String::new();
            shown(&mut read(&case.text).walk(), 0, &mut tree);
            let rule = "=".repeat(80);
            let _ = write!(written, "{rule}\n{}\n{rule}\n\n{}\n{}\n\n{tree}\n\n", case.name, case.text, "-".repeat(80));
            if tree != case.tree {
                wrong.push(format!("{}: {}\n{tree}", path.display(), case.name));
            }
            count += 1;
        }
        if update {
            std::fs::write(&path, written).expect("it can be written");
        }
    }
    assert!(count > 20, "only {count} cases were found");
    assert!(update || wrong.is_empty(), "{} of {count} trees differ:\n{}", wrong.len(), wrong.join("\n\n"));
}
