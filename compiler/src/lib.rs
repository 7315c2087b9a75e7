//! Tree to checked program to IR, and the artifacts made of it.
//!
//! [`analyze`] reads a text, [`analyze_with`] one that uses other [`files`], and both answer an [`Analysis`]: every fault
//! as a [`diagnostics::Diagnostic`], every model as an [`ir::Graph`]. What the language has is listed in one place each:
//! [`layers`], [`activations`], [`functions`], [`initializers`], [`regularizers`], [`schema`], and in [`settings`] what
//! training, synthesizing and serving take. Nothing here reads files, computes tensors or knows an engine.

pub mod activations;
pub mod backend;
pub mod bundle;
mod by_name;
pub mod check;
pub mod diagnostics;
pub mod diagram;
pub mod docs;
pub mod files;
pub mod fix;
pub mod functions;
pub mod initializers;
pub mod ir;
pub mod layers;
pub mod passes;
pub mod plan;
pub mod reference;
pub mod regularizers;
pub mod rewrite;
pub mod schema;
pub mod settings;
pub mod signature;
pub mod source;
pub mod sources;
pub mod standard;
pub mod suggest;
pub mod weights;

pub use check::{Analysis, Analyzer, analyze, analyze_sources, analyze_with};
pub use files::{FileError, Files};
pub use source::Source;
pub use sources::{Sources, Texts};
pub use weights::{Weight, Weights};
