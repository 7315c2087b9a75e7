//! Tree to checked program to IR, and the artifacts made of it.
//!
//! [`analyze`] reads a text and answers an [`Analysis`]: every fault as a [`diagnostics::Diagnostic`], every model as an
//! [`ir::Graph`]. What the language has is listed in one place each: [`layers`], [`activations`], [`functions`],
//! [`initializers`], [`regularizers`],
//! [`losses`], [`metrics`], [`optimizers`], [`datasets`], [`train`]. Nothing here reads files, computes tensors or knows an
//! engine.

pub mod activations;
pub mod backend;
pub mod check;
pub mod datasets;
pub mod diagnostics;
pub mod docs;
pub mod functions;
pub mod initializers;
pub mod ir;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod optimizers;
pub mod passes;
pub mod plan;
pub mod reference;
pub mod regularizers;
pub mod rewrite;
pub mod signature;
pub mod source;
pub mod suggest;
pub mod train;
pub mod weights;

pub use check::{Analysis, analyze};
pub use source::Source;
pub use weights::{Weight, Weights};
