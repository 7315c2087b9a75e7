//! One file a request: its parameters in, the answer of [`crate::ide`] out, in the protocol's types.

pub mod actions;
pub mod calls;
pub mod completion;
pub mod definition;
pub mod diagnostics;
pub mod diagram;
pub mod folding;
pub mod formatting;
pub mod hints;
pub mod lens;
pub mod links;
pub mod references;
pub mod rename;
pub mod renamed_files;
pub mod selection;
pub mod signature_help;
pub mod symbols;
pub mod tokens;
