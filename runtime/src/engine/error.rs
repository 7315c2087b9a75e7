//! What can go wrong in an engine.

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::ir::bind::BindError;
use ndsl_compiler::plan::Device;
use ndsl_compiler::suggest::either;

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
    #[error(
        "this build computes on {}: built with `--features {}`, `ndsl` reaches `{device}` (docs/devices.md)",
        either(built.iter().copied()),
        device.kind()
    )]
    NotBuilt {
        /// What was asked for.
        device: Device,
        /// The kinds of device that it reaches.
        built: Vec<&'static str>,
    },
    /// A device that this machine does not have.
    #[error("{}", missing(*device, there))]
    NoDevice {
        /// What was asked for.
        device: Device,
        /// Those of its kind that there are.
        there: Vec<Device>,
    },
    /// A whole number that a device without 64-bit integers cannot hold.
    #[error(
        "{number} is no whole number of 32 bits, and this device has no others: the processor (`--device cpu`) has"
    )]
    WholeTooLarge {
        /// The number.
        number: i64,
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

/// That a device is not there, and what is.
fn missing(device: Device, there: &[Device]) -> String {
    match there {
        [] => {
            let driver = match device {
                Device::Cuda(_) => "NVIDIA's driver finds no GPU, or is not installed",
                Device::Vulkan(_) => "no driver for Vulkan finds a GPU",
                Device::Wgpu(_) | Device::Cpu => "no driver for Vulkan, Metal or DirectX 12 finds a GPU",
            };
            format!("there is no `{device}` on this machine: {driver}")
        }
        there => {
            let there: Vec<String> = there.iter().map(Device::to_string).collect();
            let all = either(there.iter().map(String::as_str)).replace(" or ", " and ");
            format!("there is no `{device}` on this machine, which has {all}")
        }
    }
}
