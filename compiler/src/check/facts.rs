//! What the checker learnt about places in the text: what an editor shows when it is asked about one.

use std::sync::Arc;

use ndsl_grammar::Span;

use crate::signature::{Parameter, Signature};

/// Something known about a piece of text.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The piece of text: a name, mostly.
    pub span: Span,
    /// What it is.
    pub kind: FactKind,
}

/// What a piece of text is.
#[derive(Clone, Debug)]
pub enum FactKind {
    /// The name of a layer that is applied.
    Layer {
        /// What it takes and does.
        signature: &'static Signature,
        /// What it became here; nothing where a fault kept it from being applied.
        applied: Option<LayerReport>,
    },
    /// The name of a function, activation, loss, optimizer, metric or source of data.
    Signature(&'static Signature),
    /// The name of a parameter or a setting.
    Parameter {
        /// Whose it is.
        signature: &'static Signature,
        /// Which it is.
        parameter: &'static Parameter,
    },
    /// A name that stands for a value.
    Value {
        /// The name.
        name: String,
        /// Its type or its number, as the language writes it: `f32[28, 28, 1]`, `int = 32`.
        kind: String,
        /// The doc comment of what it names.
        docs: Option<Arc<str>>,
        /// Where it was named.
        definition: Span,
    },
    /// The name of a block or model that is used, which is a [`FactKind::Value`] too: what it became there.
    Used(LayerReport),
    /// The name of a model or block.
    Model {
        /// `model` or `block`.
        noun: &'static str,
        /// The name.
        name: String,
        /// `(width: int = 32)`, or nothing without parameters.
        parameters: String,
        /// Its doc comment.
        docs: Option<String>,
        /// What goes in and what comes out, and how large it is; nothing where a fault kept it from being built.
        summary: Option<String>,
    },
}

/// A layer, or a block or model, as it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerReport {
    /// Its name in the model: `conv2d_1`.
    pub name: String,
    /// The type of what it was applied to: `f32[28, 28, 1]`.
    pub input: String,
    /// The type of what came out.
    pub output: String,
    /// How many numbers its parameters hold.
    pub parameters: usize,
    /// Floating-point operations of one row, where the shapes are known.
    pub flops: Option<u64>,
}
