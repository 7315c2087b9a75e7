//! What can go wrong in an engine.

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::ir::bind::BindError;

/// A fault in loading or running a graph.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A build without an engine.
    #[error("this build has no engine: it was compiled without the feature `burn`")]
    NoEngine,
    /// An engine that only answers.
    #[error("the engine `{engine}` does not train")]
    NoTraining {
        /// The engine's name.
        engine: &'static str,
    },
    /// A device that this build does not reach.
    #[error("there is no device `{name}` in this build; it has `cpu`")]
    Device {
        /// What was asked for.
        name: String,
    },
    /// A graph with something unknown in it.
    #[error("the graph of `{name}` is not complete, so it cannot be run")]
    Incomplete {
        /// The graph's name.
        name: String,
    },
    /// Weights that are not those of the graph.
    #[error("these weights do not belong to the model: {0}")]
    Weights(String),
    /// Another number of inputs than the graph has.
    #[error("the graph has {expected} inputs, {found} were given")]
    InputCount {
        /// The graph's.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// An input of another shape than the graph's.
    #[error("input `{name}` is {found:?}, the graph's is {expected}")]
    InputShape {
        /// The input's name.
        name: String,
        /// The graph's shape.
        expected: String,
        /// What was given.
        found: Vec<usize>,
    },
    /// An input of another element type than the graph's.
    #[error("input `{name}` is of {found}, the graph's is of {expected}")]
    InputType {
        /// The input's name.
        name: String,
        /// The graph's type.
        expected: ElementType,
        /// What was given.
        found: ElementType,
    },
    /// An operation on a kind of numbers it is not made for.
    #[error("`{operation}` does not work on {element}")]
    Unsupported {
        /// The operation.
        operation: &'static str,
        /// The kind of numbers.
        element: ElementType,
    },
    /// Inputs whose shapes do not fit each other or the program.
    #[error(transparent)]
    Shapes(BindError),
    /// A dimension that is no size for these inputs.
    #[error("`{dim}` is no size with these inputs")]
    Size {
        /// The dimension.
        dim: String,
    },
    /// A fault in one layer.
    #[error("in `{layer}`: {fault}")]
    Layer {
        /// The layer's name.
        layer: String,
        /// What it is.
        fault: Box<EngineError>,
    },
    /// A label outside the classes.
    #[error("label {label} in row {row} of the batch is not one of 0 to {}", .classes - 1)]
    LabelOutOfRange {
        /// The label.
        label: i64,
        /// The row, counted from 1.
        row: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// An index of a lookup beyond its rows.
    #[error("index {index} in row {row} of the batch is not one of 0 to {}", .count - 1)]
    IndexOutOfRange {
        /// The index.
        index: i64,
        /// The row, counted from 1.
        row: usize,
        /// How many rows the table has.
        count: usize,
    },
    /// A graph for training without a loss.
    #[error("the graph of `{name}` has no output `loss` to train on")]
    NoLoss {
        /// The graph's name.
        name: String,
    },
    /// What a session remembered, of another graph or optimizer.
    #[error("this state does not belong to the model: {0}")]
    State(String),
    /// A fault below, which is a bug.
    #[error("the engine failed: {0}")]
    Internal(String),
}

impl EngineError {
    /// The fault with the layer it is in.
    pub fn in_layer(self, layer: &str) -> Self {
        Self::Layer { layer: layer.to_owned(), fault: Box::new(self) }
    }
}

impl From<BindError> for EngineError {
    fn from(fault: BindError) -> Self {
        match fault {
            BindError::Shape { name, declared, found } => Self::InputShape { name, expected: declared, found },
            other => Self::Shapes(other),
        }
    }
}
