//! What an editor asks about a checked file: one file a feature, each a pure function of the analysis.
//!
//! Places are byte offsets and texts are plain or Markdown: nothing here knows the protocol, and nothing does IO.

pub mod diagnostics;
pub mod fixes;
pub mod hover;

pub use diagnostics::{Diagnostic, diagnostics};
pub use fixes::{QuickFix, fixes};
pub use hover::{Hover, hover};
