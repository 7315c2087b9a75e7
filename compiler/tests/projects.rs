//! Programs of several files: each `tests/projects/*` is a project whose `main.ndsl` is checked, and what is found is compared
//! with its snapshot.

use std::path::Path;

use ndsl_compiler::diagnostics::render::{Style, render};
use ndsl_compiler::files::Memory;
use ndsl_compiler::{Source, analyze_with};

/// The programs of a folder, by their paths in it.
fn project(root: &Path) -> Memory {
    fn collect(folder: &Path, root: &Path, files: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    collect(root, root, &mut files);
    Memory::new(files)
}

#[test]
fn diagnostics_of_projects() {
    insta::glob!("projects/*/main.ndsl", |path| {
        let root = path.parent().unwrap();
        let main = Source::new("main.ndsl", std::fs::read_to_string(path).unwrap());
        let analysis = analyze_with(&main, &project(root));
        let mut out = String::new();
        for diagnostic in &analysis.diagnostics {
            out += &render(diagnostic, &analysis.sources, Style::default());
        }
        let (errors, warnings) = analysis.counts();
        out += &format!("{errors} errors, {warnings} warnings");
        insta::with_settings!({ snapshot_suffix => root.file_name().unwrap().to_string_lossy() }, {
            insta::assert_snapshot!(out);
        });
    });
}
