//! Every place that means the same as a name.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Meaning, SymbolKind};

use super::target::{Target, inside_quotes, occurrences, target_at};

/// One place of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The place, without quotes.
    pub range: Range<usize>,
    /// Whether it is where what it means is named first.
    pub is_definition: bool,
}

/// The places in the given text that mean `wanted`, in their order.
pub fn references(analysis: &Analysis, wanted: &Target) -> Vec<Reference> {
    occurrences(analysis, wanted)
        .map(|it| Reference { range: inside_quotes(analysis, it.span).range(), is_definition: it.is_definition() })
        .collect()
}

/// The places in the given text that mean the same as the name at `offset`.
pub fn highlight(analysis: &Analysis, offset: usize) -> Vec<Reference> {
    target_at(analysis, offset).map(|wanted| references(analysis, &wanted)).unwrap_or_default()
}

/// A word without which a text names nothing that means `wanted`, so that most files need not be checked for it.
///
/// A name taken under another one stands in its `use`; what has no name of its own has one where it is named.
pub fn word(wanted: &Target) -> &str {
    match wanted {
        Target::Symbol(symbol) => &symbol.name,
        Target::BuiltIn(name) | Target::ColumnType(name) | Target::Parameter(_, name) => name,
        Target::Choice(_, word) => word,
    }
}

/// Whether only the text that names something can name it again.
pub fn is_local(analysis: &Analysis, offset: usize) -> bool {
    let occurrence = super::target::occurrence_at(analysis, offset);
    matches!(occurrence.map(|it| it.meaning), Some(Meaning::Symbol { kind, .. }) if matches!(
        kind,
        SymbolKind::Local | SymbolKind::Shared | SymbolKind::Round | SymbolKind::Dimension | SymbolKind::Arm
    ))
}
