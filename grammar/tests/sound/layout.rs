//! What holds of every text that is laid out.

use ndsl_grammar::{FileId, format, lex, parse};

/// Lays out a text that can be read and checks that nothing is lost, that the result is stable, and that it is the same tree.
pub fn lay_out(text: &str) -> Option<String> {
    let before = parse(text, FileId(0));
    let Ok(formatted) = format(text) else {
        assert!(!before.errors.is_empty(), "refused without a reason: {text:?}");
        return None;
    };
    assert!(before.errors.is_empty(), "took a text with errors: {text:?}");
    let after = parse(&formatted, FileId(0));
    assert_eq!(after.errors, [], "the result of\n{text}\ncannot be read:\n{formatted}");
    assert_eq!(comments(text), comments(&formatted), "the comments of\n{text}\nchanged:\n{formatted}");
    if !text.contains("Input") {
        assert_eq!(tree(&before.file), tree(&after.file), "the tree of\n{text}\nchanged:\n{formatted}");
        assert_eq!(code(text), code(&formatted), "the code of\n{text}\nchanged:\n{formatted}");
    }
    let again = format(&formatted).expect("it can be read");
    assert_eq!(again, formatted, "not stable, from:\n{text}\n");
    for line in formatted.lines() {
        assert_eq!(line, line.trim_end(), "white space at a line's end in\n{formatted}");
    }
    assert!(formatted.is_empty() || formatted.ends_with('\n') && !formatted.ends_with("\n\n"), "{formatted:?}");
    assert!(!formatted.contains("\n\n\n"), "two empty lines in\n{formatted}");
    Some(formatted)
}

/// A tree without its places.
fn tree(file: &ndsl_grammar::ast::File) -> String {
    let written = format!("{file:?}");
    let mut out = String::with_capacity(written.len());
    let mut rest = written.as_str();
    while let Some(at) = rest.find("..") {
        out.push_str(rest[..at].trim_end_matches(|c: char| c.is_ascii_digit()));
        rest = rest[at + 2..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    // A word given to a layer's parameter may lose its quotes.
    (out + rest).replace("Str(", "Name(")
}

/// The comments in their order, and whether each begins its line.
fn comments(text: &str) -> Vec<String> {
    let tokens = lex(text);
    let comments = tokens.iter().filter(|token| token.kind.is_comment());
    // Two at a line's end become one.
    comments
        .map(|comment| text[comment.range()].trim_end())
        .collect::<Vec<_>>()
        .join(" ")
        .split(" //")
        .map(str::to_owned)
        .collect()
}

/// The tokens, but for separators, in their order.
fn code(text: &str) -> Vec<String> {
    let tokens = lex(text);
    let tokens = tokens.iter().filter(|token| !token.kind.is_comment()).map(|token| &text[token.range()]);
    let words = tokens.filter(|text| !matches!(*text, "," | ";"));
    words.map(|word| if word == "Model" { "model" } else { word.trim_matches('"') }.to_owned()).collect()
}
