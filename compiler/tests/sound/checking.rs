//! What holds of every program that is checked.

use ndsl_compiler::diagnostics::github::github;
use ndsl_compiler::diagnostics::json::json;
use ndsl_compiler::diagnostics::render::{Style, concise, render};
use ndsl_compiler::diagnostics::sarif::Log;
use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::files::Memory;
use ndsl_compiler::{Analysis, Source, Texts, analyze_sources, analyze_with, fix, rewrite};
use ndsl_grammar::Span;

/// What stands before the path of a file at the head of its part, where one text is a project of several.
const FILE: &str = "//// ";

/// Checks a text that is a program, or a project: its main file, then each other below a line of `//// ` and its path.
pub fn check(text: &str) -> Analysis {
    let mut files: Vec<(&str, String)> = Vec::new();
    let mut main = String::new();
    for line in text.split_inclusive('\n') {
        match (line.strip_prefix(FILE), files.last_mut()) {
            (Some(path), _) => files.push((path.trim(), String::new())),
            (None, None) => main += line,
            (None, Some((_, file))) => *file += line,
        }
    }
    files.push(("main.ndsl", main.clone()));
    check_with(&main, &Memory::new(files))
}

/// Checks the text `main`, which may use `files`, and everything that is said of it.
pub fn check_with(main: &str, files: &Memory) -> Analysis {
    let source = Source::new("main.ndsl", main);
    let analysis = analyze_with(&source, files);
    let inside = |span: Span| {
        let source = analysis.sources.source(span.file);
        assert!(source.file == span.file && source.text.get(span.range()).is_some(), "{span:?} of {}", source.name);
    };
    analysis.facts().iter().for_each(|fact| inside(fact.span));
    let mut before = None;
    for found in &analysis.diagnostics {
        shown(found, &analysis.sources);
        inside(found.label.span);
        found.related.iter().for_each(|label| inside(label.span));
        for fix in &found.fixes {
            let mut end = None;
            assert!(!fix.edits.is_empty(), "{found:?}");
            for edit in &fix.edits {
                inside(edit.span);
                assert!(end.is_none_or(|end| end <= (edit.span.file, edit.span.start)), "edits overlap: {fix:?}");
                end = Some((edit.span.file, edit.span.end));
            }
        }
        let key = (found.label.span.file, found.label.span.start, found.severity, found.code);
        assert!(before.is_none_or(|before| before <= key), "out of order: {found:?}");
        before = Some(key);
    }
    let places = analysis.diagnostics.iter().map(|found| (found.code, found.label.span));
    let all: Vec<(Code, Span)> = places.collect();
    for (index, place) in all.iter().enumerate() {
        assert!(!all[..index].contains(place), "the same is said twice: {:?}", analysis.diagnostics[index]);
    }
    for model in analysis.models().iter().filter(|model| model.complete) {
        assert!(model.graph.is_complete() && !model.graph.outputs.is_empty(), "{main:?}");
    }
    if let Some((flattened, _)) = rewrite::flattened(&analysis, None) {
        analyze_sources(&flattened);
    }
    again(&analysis);
    let mended = fix::fix(&source, files, true);
    let unread = |analysis: &Analysis| analysis.own_diagnostics().iter().filter(|found| is_form(found)).count();
    assert!(
        unread(&mended.analysis) <= unread(&analysis),
        "mended to what cannot be read:\n{}",
        mended.analysis.source.text
    );
    analysis
}

/// A program is the same from its own texts.
fn again(analysis: &Analysis) {
    let again = analyze_sources(&analysis.sources);
    // Where a file is not there, what stands beside it is not known any more.
    match analysis.diagnostics.iter().any(|found| found.code == Code::UnknownFile) {
        true => assert_eq!(again.diagnostics.len(), analysis.diagnostics.len()),
        false => assert_eq!(again.diagnostics, analysis.diagnostics),
    }
}

/// Whether it is a fault of form.
fn is_form(found: &Diagnostic) -> bool {
    found.code.as_str().starts_with("E01")
}

/// What every rendering of a diagnostic is.
fn shown(found: &Diagnostic, source: &dyn Texts) {
    for colour in [false, true] {
        let picture = render(found, source, Style { colour });
        assert!(picture.ends_with('\n') && picture.contains(found.code.as_str()), "{picture}");
        assert!(colour || !picture.contains('\u{1b}'), "{picture:?}");
    }
    let line = concise(found, source);
    assert!(!line.contains('\n') && line.contains(".ndsl:"), "{line}");
    let annotation = github(found, source);
    assert!(!annotation.contains(['\n', '\r']) && annotation.starts_with("::"), "{annotation}");
    let mut log = Log::default();
    log.add(found, source);
    let log = log.finish();
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    let place = |line: &str, column: &str| (region[line].as_u64().unwrap(), region[column].as_u64().unwrap());
    let (start, end) = (place("startLine", "startColumn"), place("endLine", "endColumn"));
    assert!((1, 1) <= start && start.1 >= 1 && start <= end, "{region}");
    let json = json(found, source);
    assert!(json.span.start.line >= 1 && json.span.start.column >= 1);
    assert!((json.span.start.line, json.span.start.column) <= (json.span.end.line, json.span.end.column), "{json:?}");
    assert!(!json.message.is_empty() && !json.message.ends_with('.'), "{json:?}");
}
