//! The files that a text names: those of a `use`, the data of a dataset, what a schema is made from.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::Meaning;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{DeclarationKind, Expr, ExprKind};

use super::target::occurrence_at;

/// A file that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// Its path's place, without quotes.
    pub range: Range<usize>,
    /// The path, from the folder of the given text.
    pub path: String,
}

/// Every file that the given text names.
pub fn links(analysis: &Analysis) -> Vec<FileLink> {
    let mut links = Vec::new();
    let mut add = |path: &str, span: Span| {
        // A path that has no end on its line is not one yet.
        let range = span.start as usize + 1..(span.end as usize).saturating_sub(1);
        if range.start < range.end && !path.is_empty() {
            links.push(FileLink { range, path: path.to_owned() });
        }
    };
    for declaration in &analysis.file.declarations {
        match &declaration.kind {
            DeclarationKind::Use(import) => add(&import.path, import.path_span),
            DeclarationKind::Schema(schema) => {
                schema.from.iter().for_each(|from| add(&from.path, from.path_span));
            }
            DeclarationKind::Dataset { source, .. } => files_of(analysis, source, &mut add),
            _ => {}
        }
    }
    links.sort_by_key(|link| link.range.start);
    links
}

/// The files among the arguments of a source of data: texts that are neither columns nor anything else by their name.
fn files_of(analysis: &Analysis, source: &Expr, add: &mut dyn FnMut(&str, Span)) {
    let ExprKind::Call { callee, arguments, .. } = &source.kind else { return };
    let signature = match occurrence_at(analysis, callee.span.start as usize).map(|it| it.meaning) {
        Some(Meaning::BuiltIn(signature)) => Some(signature),
        _ => None,
    };
    for (place, argument) in arguments.iter().enumerate() {
        let paths = match &argument.value.kind {
            ExprKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&argument.value),
        };
        let parameter = match &argument.name {
            Some(name) => signature.and_then(|signature| signature.parameter(&name.text)),
            None => signature.and_then(|signature| signature.by_place().nth(place)),
        };
        // `csv(User="users.csv")`: the file of a table.
        let of_table = argument.name.as_ref().is_some_and(|name| name.text.starts_with(char::is_uppercase));
        if of_table || parameter.is_some_and(|parameter| is_file(parameter.name)) {
            for path in paths {
                if let ExprKind::Str(text) = &path.kind {
                    add(text, path.span);
                }
            }
        }
    }
}

/// The parameters of sources that take a file or folder.
pub(super) fn is_file(parameter: &str) -> bool {
    matches!(parameter, "path" | "images" | "labels" | "folder" | "file")
}
