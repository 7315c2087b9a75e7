//! Tree to checked program to IR, and the artifacts made of it.
//!
//! [`analyze`] reads a text and answers an [`Analysis`]: every fault as a [`diagnostics::Diagnostic`], every model as an
//! [`ir::Graph`]. What the language has is listed in one place each: [`layers`], [`activations`], [`functions`],
//! [`schema`], and in [`settings`] what training, synthesizing and serving take. Nothing here reads files, computes tensors or
//! knows an engine.

pub mod activations;
pub mod backend;
pub mod check;
pub mod diagnostics;
pub mod docs;
pub mod functions;
pub mod ir;
pub mod layers;
pub mod passes;
pub mod plan;
pub mod reference;
pub mod rewrite;
pub mod schema;
pub mod settings;
pub mod signature;
pub mod source;
pub mod suggest;
pub mod weights;

pub use check::{Analysis, analyze};
pub use source::Source;
pub use weights::{Weight, Weights};
