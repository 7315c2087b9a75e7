//! Why a graph cannot be evaluated.

use ndsl_grammar::Span;

use crate::ir::ElementType;
use crate::ir::bind::BindError;

/// A fault in evaluating a graph.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvaluateError {
    /// A graph with something unknown in it.
    #[error("the graph of `{name}` is not complete, so it cannot be evaluated")]
    Incomplete {
        /// The graph's name.
        name: String,
    },
    /// An input that was not given.
    #[error("there is no input `{name}`")]
    MissingInput {
        /// The input.
        name: String,
    },
    /// An input of another element type than the graph's.
    #[error("input `{name}` is of {found}, the graph's is of {expected}")]
    InputType {
        /// The input.
        name: String,
        /// The graph's type.
        expected: ElementType,
        /// What was given.
        found: ElementType,
    },
    /// Shapes that do not fit the graph.
    #[error(transparent)]
    Shapes(#[from] BindError),
    /// Weights that are not those of the graph.
    #[error("these weights do not belong to the model: {0}")]
    Weights(String),
    /// An operation on what it does not work on.
    #[error("`{operation}`{} failed: {reason}", .layer.as_ref().map(|name| format!(" in `{name}`")).unwrap_or_default())]
    Operation {
        /// The operation.
        operation: &'static str,
        /// The layer it belongs to.
        layer: Option<String>,
        /// Why.
        reason: String,
        /// The piece of program it comes from.
        span: Span,
    },
}
