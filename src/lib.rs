//! ndsl: a small, typed language for machine-learning models, with a compiler, a runtime, a language server and a server.
//!
//! This package only re-exports the rooms and holds the `ndsl` command:
//! - [`grammar`]: text to tree;
//! - [`compiler`]: tree to checked program to IR, and the artifacts made of it;
//! - [`runtime`]: data, training, and every operation as a function;
//! - [`lsp`] and [`server`]: the language server and the REST server, behind the features of those names.

pub use ndsl_compiler as compiler;
pub use ndsl_grammar as grammar;
#[cfg(feature = "lsp")]
pub use ndsl_lsp as lsp;
pub use ndsl_runtime as runtime;
#[cfg(feature = "server")]
pub use ndsl_server as server;
