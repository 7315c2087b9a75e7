//! The faults of a file as an editor shows them.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::diagnostics::{self as model, Fix, Label, Severity};

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

/// The first [`MAX_SHOWN`] faults of a file, in the order of the text, and a note where there are more.
pub fn diagnostics(analysis: &Analysis) -> Vec<Diagnostic> {
    let mut shown: Vec<Diagnostic> = analysis.diagnostics.iter().take(MAX_SHOWN).map(shown).collect();
    if let Some(next) = analysis.diagnostics.get(MAX_SHOWN) {
        shown.push(Diagnostic {
            range: next.label.span.range(),
            severity: Severity::Note,
            code: None,
            message: format!("{} more from here on are not shown", analysis.diagnostics.len() - MAX_SHOWN),
            related: Vec::new(),
            fixes: Vec::new(),
        });
    }
    shown
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
        fixes: diagnostic.fixes.clone(),
    }
}
