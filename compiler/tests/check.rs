//! Every `tests/check/*.ndsl` is checked, and what is found is compared with its snapshot.

use std::fmt::Write;

use ndsl_compiler::diagnostics::render::{Style, render};
use ndsl_compiler::{Source, analyze};

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
