//! Diagnostics as a SARIF 2.1.0 log: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! Lines and columns are from 1, columns in UTF-16 code units; offsets are bytes from 0.

use ndsl_grammar::Span;
use serde_json::{Value, json};

use super::{Applicability, Code, Diagnostic, Severity};
use crate::source::{BYTE_ORDER_MARK, Source};
use crate::sources::Texts;

/// A log of one run: what was found in several programs is added to it.
#[derive(Clone, Debug, Default)]
pub struct Log {
    results: Vec<Value>,
    /// The codes that were met, in the order they were.
    rules: Vec<Code>,
}

impl Log {
    /// Adds a diagnostic.
    pub fn add(&mut self, diagnostic: &Diagnostic, texts: &dyn Texts) {
        let rule = self.rules.iter().position(|code| *code == diagnostic.code).unwrap_or_else(|| {
            self.rules.push(diagnostic.code);
            self.rules.len() - 1
        });
        let mut lines = vec![diagnostic.message.clone()];
        lines.extend(Some(&diagnostic.label.text).filter(|text| !text.is_empty()).cloned());
        lines.extend(diagnostic.help.iter().cloned());
        let mut result = json!({
            "ruleId": diagnostic.code.as_str(),
            "ruleIndex": rule,
            "level": level(diagnostic.severity),
            "message": { "text": lines.join("\n") },
            "locations": [{ "physicalLocation": place(diagnostic.label.span, texts) }],
        });
        if !diagnostic.related.is_empty() {
            let related = diagnostic.related.iter().enumerate().map(|(id, label)| {
                json!({
                    "id": id,
                    "physicalLocation": place(label.span, texts),
                    "message": { "text": label.text },
                })
            });
            result["relatedLocations"] = related.collect();
        }
        if !diagnostic.fixes.is_empty() {
            result["fixes"] = diagnostic.fixes.iter().map(|fix| change(fix, texts)).collect();
        }
        self.results.push(result);
    }

    /// The whole log.
    pub fn finish(self) -> Value {
        json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {
                    "driver": {
                        "name": "ndsl",
                        "version": env!("CARGO_PKG_VERSION"),
                        "semanticVersion": env!("CARGO_PKG_VERSION"),
                        "rules": self.rules.into_iter().map(rule).collect::<Value>(),
                    },
                },
                "columnKind": "utf16CodeUnits",
                "results": self.results,
            }],
        })
    }
}

/// The kind of a diagnostic, with its whole page: whoever reads the log need not have ndsl at hand.
fn rule(code: Code) -> Value {
    let page = code.page();
    json!({
        "id": code.as_str(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": code.title() },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(code.severity()) },
        "properties": { "page": format!("docs/errors/{}.md", code.as_str()) },
    })
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

/// A fix, its edits by the files they change.
fn change(fix: &super::Fix, texts: &dyn Texts) -> Value {
    let mut files: Vec<ndsl_grammar::FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let changes = files.into_iter().map(|file| {
        let own = fix.edits.iter().filter(|edit| edit.span.file == file);
        json!({
            "artifactLocation": { "uri": uri(texts.source(file)) },
            "replacements": own.map(|edit| json!({
                "deletedRegion": region(edit.span, texts),
                "insertedContent": { "text": edit.text },
            })).collect::<Value>(),
        })
    });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": changes.collect::<Value>(),
        "properties": {
            "applicability": match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Guess => "guess",
            },
        },
    })
}

fn place(span: Span, texts: &dyn Texts) -> Value {
    json!({ "artifactLocation": { "uri": uri(texts.source(span.file)) }, "region": region(span, texts) })
}

fn region(span: Span, texts: &dyn Texts) -> Value {
    let source = texts.source(span.file);
    // What some editors put before a text is no part of it.
    let mark = if source.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let (start, end) = ((span.start as usize).max(mark), (span.end as usize).max(mark));
    let (first, last) = (source.position_utf16(start), source.position_utf16(end));
    json!({
        "startLine": first.line,
        "startColumn": first.column,
        "endLine": last.line,
        "endColumn": last.column,
        "byteOffset": start,
        "byteLength": end - start,
    })
}

/// The source's name as a URI: relative where the name is.
fn uri(source: &Source) -> String {
    let name = source.name.replace('\\', "/");
    let mut out = String::with_capacity(name.len());
    if name.starts_with('/') {
        out += "file://";
    } else if name.split('/').next().is_some_and(|first| first.contains(':')) {
        // What stands before a colon would be a scheme.
        out += "./";
    }
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_uris() {
        let uri = |name: &str| uri(&Source::new(name, ""));
        assert_eq!(uri("a/b c.ndsl"), "a/b%20c.ndsl");
        assert_eq!(uri("/tmp/层.ndsl"), "file:///tmp/%E5%B1%82.ndsl");
        assert_eq!(uri("a:b.ndsl"), "./a:b.ndsl");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(uri(r"..\x#1.ndsl"), "../x%231.ndsl");
    }
}
