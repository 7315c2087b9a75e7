//! What an editor asks about a checked file: one file a feature, each a pure function of the analysis.
//!
//! Places are byte offsets and texts are plain or Markdown: nothing here knows the protocol, and nothing does IO. To add a
//! feature: a file here, one in `protocol/requests` that says it in the protocol's types, a line in `protocol/handlers` that
//! hands the request on, and one in `protocol/client` that offers it.
//!
//! Several features build on [`target`], which says what the name under a caret stands for, [`nodes`], which finds the parts
//! of the tree around a place, [`callee`], which says what a call takes, and for a text that is being written
//! [`context`] and [`expected`], which say what surrounds a place and what the language wants there.

pub mod actions;
pub mod callee;
pub mod calls;
pub mod completion;
pub mod context;
pub mod definition;
pub mod diagnostics;
pub mod examples;
pub mod expected;
pub mod fixes;
pub mod folding;
pub mod format;
pub mod hints;
pub mod hover;
pub mod lens;
pub mod links;
pub mod moved;
pub mod nodes;
pub mod references;
pub mod rename;
pub mod selection;
pub mod signature_help;
pub mod symbols;
pub mod target;
pub mod tokens;

pub use diagnostics::{Diagnostic, diagnostics};
pub use examples::{Examples, with_examples};
pub use fixes::{QuickFix, fixes};
pub use hover::{Hover, hover};
