//! What the queries of editors capture.

mod reading;

use reading::read;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tree_sitter::{Query, QueryCursor, StreamingIterator};

/// Where queries stand: those of Neovim and of tree-sitter's own commands, and those that are written otherwise.
const FOLDERS: [&str; 3] = ["queries", "../helix/queries/ndsl", "../zed/languages/ndsl"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn queries() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let entries = std::fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        found.extend(entries.map(|entry| entry.expect("it can be read").path()));
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "scm"));
    found.sort();
    found
}

fn query(path: &Path) -> Query {
    let text = std::fs::read_to_string(path).expect("it can be read");
    Query::new(&tree_sitter_ndsl::LANGUAGE.into(), &text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What `query` captures in `text`, in the order of the places: line, name, text; of long texts the first line. In colours
/// the last pattern that captures a place has the say.
fn captured(query: &Query, text: &str, colours: bool) -> String {
    let tree = read(text);
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(query, tree.root_node(), text.as_bytes());
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    while let Some((matched, place)) = captures.next() {
        let capture = matched.captures()[*place];
        let name = query.capture_names()[capture.index as usize];
        let at = capture.node.byte_range();
        match found.iter_mut().rfind(|(start, end, _)| (*start, *end) == (at.start, at.end)) {
            Some((.., last)) if colours => *last = name,
            _ => found.push((at.start, at.end, name)),
        }
    }
    let mut out = String::new();
    for (start, end, name) in found {
        let line = text[..start].matches('\n').count() + 1;
        let mut shown = text[start..end].lines().next().unwrap_or_default().to_owned();
        if text[start..end].contains('\n') {
            shown.push('…');
        }
        let _ = writeln!(out, "{line:>3} {name:<24} {shown}");
    }
    out
}

#[test]
fn every_query_fits_the_grammar() {
    let names: Vec<PathBuf> = queries();
    for path in &names {
        let query = query(path);
        assert!(query.pattern_count() > 0, "{} asks for nothing", path.display());
    }
    assert!(names.len() >= 19, "only {} queries were found", names.len());
}

/// A plugin of Neovim has its queries within itself, as files: a link would not outlive every way of being copied.
#[test]
fn neovims_queries_are_those_of_the_grammar() {
    let (ours, theirs) = (root().join("queries"), root().join("../neovim/queries/ndsl"));
    if std::env::var_os("NDSL_UPDATE").is_some() {
        for path in std::fs::read_dir(&ours).expect("it can be listed") {
            let path = path.expect("it can be read").path();
            std::fs::copy(&path, theirs.join(path.file_name().expect("a name"))).expect("it can be copied");
        }
    }
    let all = |folder: &Path| -> std::collections::BTreeMap<_, String> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let read = |path: PathBuf| std::fs::read_to_string(path).expect("it can be read");
        let entries = entries.map(|entry| entry.expect("it can be read"));
        entries.map(|entry| (entry.file_name(), read(entry.path()))).collect()
    };
    assert!(all(&ours) == all(&theirs), "NDSL_UPDATE=1 cargo test --test queries copies them");
}

/// Each query over one program that has something of everything.
#[test]
fn captures_are_as_before() {
    let text = std::fs::read_to_string(root().join("tests/captures/program.ndsl")).expect("the program is there");
    assert!(!read(&text).root_node().has_error());
    for path in queries() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let editor = FOLDERS
            .iter()
            .position(|folder| path.starts_with(root().join(folder)))
            .map_or("", |place| ["ndsl", "helix", "zed"][place]);
        insta::with_settings!({ snapshot_path => "captures", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{editor}_{stem}"), captured(&query(&path), &text, stem == "highlights"));
        });
    }
}
