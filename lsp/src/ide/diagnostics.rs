//! The faults of a file as an editor shows them.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::diagnostics::{self as model, Fix, Label, Severity};
use ndsl_grammar::FileId;
use ndsl_grammar::ast::{DeclarationKind, Use};

/// How many faults of one file are shown: an editor slows down on more, and nobody reads them.
pub const MAX_SHOWN: usize = 1000;

/// A fault with all there is to say about it in one text.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The exact place; may be empty.
    pub range: Range<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// Its code; nothing on the line that says how many more there are.
    pub code: Option<&'static str>,
    /// What is wrong, then the phrase for the place and what to do, a line each.
    pub message: String,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// Changes that mend it.
    pub fixes: Vec<Fix>,
}

/// The first [`MAX_SHOWN`] faults of a file, in the order of the text, and a note where there are more; then, at each `use`
/// of a file with faults, that it has them.
pub fn diagnostics(analysis: &Analysis) -> Vec<Diagnostic> {
    let own = analysis.own_diagnostics();
    let mut shown: Vec<Diagnostic> = own.iter().take(MAX_SHOWN).map(shown).collect();
    if let Some(next) = own.get(MAX_SHOWN) {
        shown.push(Diagnostic {
            range: next.label.span.range(),
            severity: Severity::Note,
            code: None,
            message: format!("{} more from here on are not shown", own.len() - MAX_SHOWN),
            related: Vec::new(),
            fixes: Vec::new(),
        });
    }
    shown.extend(faulty_files(analysis));
    shown
}

/// The `use`s of files that have errors: what they declare is not known then, and the editor shows no other sign of it.
fn faulty_files(analysis: &Analysis) -> Vec<Diagnostic> {
    let uses = analysis.file.declarations.iter().filter_map(|declaration| match &declaration.kind {
        DeclarationKind::Use(import) => Some(import),
        _ => None,
    });
    let faulty = |(import, file): (&Use, Option<FileId>)| {
        let errors =
            || analysis.diagnostics.iter().filter(|found| Some(found.label.span.file) == file && found.is_error());
        let first = errors().next()?;
        let message = match errors().count() {
            1 => format!("`{}` has an error: {}", import.path, first.message),
            count => format!("`{}` has {count} errors; the first: {}", import.path, first.message),
        };
        let related = vec![Label { span: first.label.span, text: first.message.clone() }];
        let code = Some(first.code.as_str());
        Some(Diagnostic {
            range: import.path_span.range(),
            severity: Severity::Error,
            code,
            message,
            related,
            fixes: Vec::new(),
        })
    };
    uses.zip(analysis.used_files()).filter_map(faulty).collect()
}

/// Whether a fix changes the file that is shown, and no other.
pub(super) fn is_own(fix: &Fix) -> bool {
    fix.edits.iter().all(|edit| edit.span.file == FileId::default())
}

/// One fault as an editor shows it.
pub(super) fn shown(diagnostic: &model::Diagnostic) -> Diagnostic {
    let label = Some(&diagnostic.label.text).filter(|text| !text.is_empty());
    let lines: Vec<&str> =
        std::iter::once(&diagnostic.message).chain(label).chain(&diagnostic.help).map(String::as_str).collect();
    Diagnostic {
        range: diagnostic.label.span.range(),
        severity: diagnostic.severity,
        code: Some(diagnostic.code.as_str()),
        message: lines.join("\n"),
        related: diagnostic.related.clone(),
        fixes: diagnostic.fixes.iter().filter(|fix| is_own(fix)).cloned().collect(),
    }
}
