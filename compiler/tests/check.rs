//! Every `tests/check/*.ndsl` is checked, and what is found is compared with its snapshot.

use std::fmt::Write;

use ndsl_compiler::diagnostics::render::{Style, concise, render};
use ndsl_compiler::diagnostics::{Code, Fix};
use ndsl_compiler::{Analysis, Source, analyze};

#[test]
fn diagnostics_of_fixtures() {
    insta::glob!("check/*.ndsl", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let source = Source::new(name, text);
        let analysis = analyze(&source);
        let mut out = String::new();
        for diagnostic in &analysis.diagnostics {
            out += &render(diagnostic, &source, Style::default());
        }
        let (errors, warnings) = analysis.counts();
        write!(out, "{errors} errors, {warnings} warnings").unwrap();
        insta::assert_snapshot!(out);
    });
}

fn apply(text: &str, fix: &Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

#[test]
fn every_fix_mends_its_fault_and_leaves_a_text_that_can_be_read() {
    let fixtures = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/check")).unwrap();
    let fixtures = fixtures.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let example = |code: &Code| code.page().split("```ndsl\n").nth(1)?.split("```").next().map(str::to_owned);
    let sources = fixtures.chain(Code::ALL.iter().filter_map(example));
    let count = |analysis: &Analysis, code| analysis.diagnostics.iter().filter(|found| found.code == code).count();
    // Codes of form come first. What only the mended text lets the checker see is no fault of the fix.
    let unread = |analysis: &Analysis| analysis.diagnostics.iter().filter(|found| found.code < Code::Reserved).count();
    let mut faults = Vec::new();
    for text in sources {
        let before = analyze(&Source::new("before", text.as_str()));
        // Where a string was meant to end is not known: closed at its line's end, it may still hold a bracket.
        for diagnostic in before.diagnostics.iter().filter(|found| found.code != Code::UnterminatedString) {
            for fix in &diagnostic.fixes {
                let after = analyze(&Source::new("after", apply(&text, fix)));
                let mended = count(&after, diagnostic.code) < count(&before, diagnostic.code);
                if !mended || unread(&after) > unread(&before) {
                    faults.push(format!("{} ({})", concise(diagnostic, &before.source), fix.title));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
