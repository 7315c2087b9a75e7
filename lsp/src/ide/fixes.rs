//! The changes that mend the faults at a place.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::diagnostics::{Applicability, Edit};

use super::diagnostics::{Diagnostic, is_own, shown};

/// A change of the text that mends one fault.
#[derive(Clone, Debug)]
pub struct QuickFix {
    /// What it does, as an imperative.
    pub title: String,
    /// Its edits, not overlapping.
    pub edits: Vec<Edit>,
    /// Whether it can be applied without looking.
    pub preferred: bool,
    /// The fault it mends.
    pub diagnostic: Diagnostic,
}

/// The fixes of every fault that touches `range`.
pub fn fixes(analysis: &Analysis, range: &Range<usize>) -> Vec<QuickFix> {
    let touched = analysis.own_diagnostics().iter().filter(|diagnostic| {
        let place = diagnostic.label.span.range();
        place.start <= range.end && range.start <= place.end
    });
    touched
        .flat_map(|diagnostic| {
            diagnostic.fixes.iter().filter(|fix| is_own(fix)).map(|fix| QuickFix {
                title: fix.title.clone(),
                edits: fix.edits.clone(),
                preferred: fix.applicability == Applicability::Safe,
                diagnostic: shown(diagnostic),
            })
        })
        .collect()
}
