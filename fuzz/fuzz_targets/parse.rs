//! Any text is read, and every place that an error names lies in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ndsl_grammar::{FileId, Span, parse};

fuzz_target!(|text: &str| {
    let parse = parse(text, FileId(0));
    let inside = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?}");
    for error in &parse.errors {
        inside(error.span);
        error.related.iter().for_each(|(span, _)| inside(*span));
        error.fix.iter().flat_map(|fix| &fix.edits).for_each(|(span, _)| inside(*span));
    }
    let mut end = 0;
    for declaration in &parse.file.declarations {
        inside(declaration.span);
        assert!(declaration.span.start >= end);
        end = declaration.span.end;
    }
});
