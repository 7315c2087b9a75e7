//! Programs of several files: each `tests/projects/*` is a project whose `main.ndsl` is checked, and what is found is compared
//! with its snapshot.

use std::path::Path;

use ndsl_compiler::diagnostics::Code;
use ndsl_compiler::diagnostics::render::{Style, render};
use ndsl_compiler::files::{Files, MAX_BYTES, MAX_DEPTH, Memory};
use ndsl_compiler::{Source, analyze_with};
use ndsl_grammar::MAX_SOURCE_BYTES;

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

/// A program that uses `count` files in a row, the last of which declares `a`.
fn chain(count: usize) -> (Source, Memory) {
    let file = |n: usize| match n + 1 == count {
        true => "const a = 1\n".to_owned(),
        false => format!("use a as b from \"{}.ndsl\"\nconst a = b\n", n + 1),
    };
    let main = Source::new("main.ndsl", "use a from \"0.ndsl\"\nconst b = a\n");
    (main, Memory::new((0..count).map(|n| (format!("{n}.ndsl"), file(n)))))
}

fn codes(source: &Source, files: &dyn Files) -> Vec<Code> {
    analyze_with(source, files).diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn files_may_use_one_another_so_deep_and_no_deeper() {
    let (main, files) = chain(MAX_DEPTH - 1);
    assert_eq!(codes(&main, &files), []);
    let (main, files) = chain(MAX_DEPTH + 1);
    assert_eq!(codes(&main, &files), [Code::TooManyFiles]);
}

#[test]
fn a_file_that_is_used_by_many_is_read_once() {
    // Each file uses the two after it: as a tree there would be 2^40 of them.
    let file = |n: usize| match n {
        39.. => "const a = 1\n".to_owned(),
        _ => format!("use a as b from \"{}.ndsl\"\nuse a as c from \"{}.ndsl\"\nconst a = b + c\n", n + 1, n + 2),
    };
    let files = Memory::new((0..=40).map(|n| (format!("{n}.ndsl"), file(n))));
    let main = Source::new("main.ndsl", "use a from \"0.ndsl\"\nmodel M { input x: f32[a]; Flatten() }\n");
    let analysis = analyze_with(&main, &files);
    assert!(analysis.diagnostics.is_empty(), "{:?}", analysis.diagnostics);
    assert_eq!(analysis.sources.iter().count(), 42);
}

#[test]
fn the_files_of_a_program_have_so_many_bytes_and_no_more() {
    let large: std::sync::Arc<str> = "\n".repeat(MAX_SOURCE_BYTES).into();
    let names = 0..MAX_BYTES / MAX_SOURCE_BYTES;
    let files = Memory::new(names.clone().map(|n| (format!("{n}.ndsl"), large.clone())));
    let uses: String = names.map(|n| format!("use a as _a{n} from \"{n}.ndsl\"\n")).collect();
    let found = codes(&Source::new("main.ndsl", uses), &files);
    assert_eq!(found.iter().filter(|code| **code == Code::TooManyFiles).count(), 1);
    assert!(found.iter().all(|code| matches!(code, Code::TooManyFiles | Code::NotInFile)), "{found:?}");
}

#[test]
fn a_text_alone_uses_no_file() {
    let analysis = ndsl_compiler::analyze(&Source::new("<request>", "use a from \"a.ndsl\"\nconst b = a\n"));
    let found: Vec<&str> = analysis.diagnostics.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(found, ["`a.ndsl` cannot be used: this program came as a text alone"]);
}

#[test]
fn a_dataset_is_looked_for_beside_the_file_that_declares_it() {
    let files = Memory::new([("data/rows.ndsl", "dataset Rows = csv(\"rows.csv\", columns=[a], target=y)")]);
    let text = "use Rows from \"../data/rows.ndsl\"\nmodel M { input columns: f32[1]; Dense(1) as out }\n\
        train t { model: M, dataset: Rows, loss: mse(out, y) }\n";
    let analysis = analyze_with(&Source::new("runs/main.ndsl", text).at("runs/main.ndsl"), &files);
    assert!(analysis.diagnostics.is_empty(), "{:?}", analysis.diagnostics);
    assert_eq!(analysis.trains()[0].dataset.as_ref().unwrap().folder, "../data");
}
