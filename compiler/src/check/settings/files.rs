//! The files of a dataset of rows and columns: their paths, their format and how they are read.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::super::arguments::cannot_run;
use super::super::context::Context;
use super::super::value::Value;
use super::Settings;
use super::dataset::argument;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::plan::{Dialect, Files, Format, Located, Place};

/// The format that a source of rows and columns reads; nothing for the others.
pub(super) fn format_of(source: &str) -> Option<Format> {
    Some(match source {
        "csv" => Format::Csv(Dialect::default()),
        "parquet" => Format::Parquet,
        "jsonl" => Format::JsonLines,
        "arrow" => Format::Arrow,
        _ => return None,
    })
}

/// That a path is an address, where only files of rows and columns and texts are read by theirs, each with its hash.
pub(super) fn address_refused(path: &Located) -> Option<Diagnostic> {
    let is_address = !matches!(path.place(), Place::Here(_));
    is_address.then(|| {
        cannot_run(path.span, "reading these files by their address")
            .help("fetch them beforehand, and name them by their paths")
    })
}

impl Context<'_> {
    /// The files that a call of a source names; nothing where one of its settings was refused here.
    pub(super) fn files(&mut self, call: &Expr, given: &Settings) -> Option<Files> {
        let mut format = match given.signature.name {
            "text" => Format::Text,
            source => format_of(source)?,
        };
        let paths = paths(call, given);
        for path in &paths {
            match path.place() {
                Place::Web(_) if paths.len() > 1 => {
                    let fault = cannot_run(path.span, "reading several files of which one is on another machine");
                    self.refusals.push(fault.help("`sha256` is that of one file then: a dataset has one address"));
                }
                Place::Other(_) => self.refusals.push(cannot_run(path.span, "reading from there").help(
                    "`https://…`, `http://…` and `file://…` are read; fetch anything else beforehand, and name it by its path",
                )),
                _ => {}
            }
        }
        let mut sound = !paths.is_empty();
        if paths.is_empty()
            && let Some((span, Value::List(_))) = given.given("path")
        {
            self.report(Diagnostic::new(Code::OutOfRange, span, "no file is named").label("an empty list"));
        }
        let sha256 = match given.given("sha256") {
            Some((span, Value::Text(hash))) => {
                let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
                if !is_hash {
                    let fault = Diagnostic::new(Code::OutOfRange, span, "this is no SHA-256");
                    self.report(fault.label("expected 64 hexadecimal digits").help("`sha256sum FILE` prints it"));
                }
                sound &= is_hash;
                Some(Located { text: hash.to_ascii_lowercase(), span })
            }
            _ => None,
        };
        if let Format::Csv(dialect) = &mut format {
            match self.dialect(given) {
                Some(found) => *dialect = found,
                None => sound = false,
            }
        }
        let limit = match given.signature.parameter("limit") {
            Some(_) => given.int("limit").and_then(|limit| usize::try_from(limit).ok()),
            None => None,
        };
        sound.then_some(Files { paths, format, limit, key: None, sha256 })
    }

    /// How a CSV file is written.
    fn dialect(&mut self, given: &Settings) -> Option<Dialect> {
        let word = given.word("delimiter");
        let delimiter = match word.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | b'\0') => *byte,
            _ => {
                let fault = Diagnostic::new(
                    Code::OutOfRange,
                    given.at("delimiter"),
                    format!("{word:?} cannot stand between the values of a line"),
                )
                .label("expected one character, such as `\";\"` or `\"\\t\"`");
                self.report(match word {
                    "tab" => fault.fix("write `\"\\t\"`", given.at("delimiter"), "\"\\t\"", Applicability::Safe),
                    _ => fault,
                });
                return None;
            }
        };
        let nulls = match given.given("null") {
            Some((_, Value::List(texts))) => {
                let text = |value: &Value| match value {
                    Value::Text(text) => Some(text.to_string()),
                    _ => None,
                };
                Some(texts.iter().filter_map(text).collect())
            }
            _ => None,
        };
        Some(Dialect { delimiter, header: given.bool("header"), nulls })
    }
}

/// The paths that a call of a source gives: a text, each text of a list, or a constant that is one.
fn paths(call: &Expr, given: &Settings) -> Vec<Located> {
    let located = |text: &str, span: Span| Located { text: text.to_owned(), span };
    match given.given("path") {
        Some((span, Value::Text(text))) => vec![located(text, span)],
        Some((span, Value::List(texts))) => {
            let items = match argument(call, given, "path").map(|expr| &expr.kind) {
                Some(ExprKind::List(items)) => items.as_slice(),
                _ => &[],
            };
            let place = |index: usize| items.get(index).map_or(span, |item| item.span);
            let text = |(index, value): (usize, &Value)| match value {
                Value::Text(text) => Some(located(text, place(index))),
                _ => None,
            };
            texts.iter().enumerate().filter_map(text).collect()
        }
        _ => Vec::new(),
    }
}
