//! Engines: what runs a graph and trains its parameters.
//!
//! The seam is a whole step, so that an engine may lean on its framework's differentiation or plan a step itself. What
//! every engine must agree on stands here, outside of them: how weights move ([`optimizer`]) and where a dropout mask
//! comes from ([`random`]).

#[cfg(feature = "burn")]
pub mod burn;
mod error;
pub mod labels;
pub mod optimizer;
pub mod random;
pub mod reference;

use std::collections::BTreeMap;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::Optimizer;

pub use error::EngineError;

use crate::tensor::Tensor;

/// What runs graphs.
pub trait Engine {
    /// The name it is chosen by.
    fn name(&self) -> &'static str;

    /// Makes a graph ready to run on `weights`, of which the parameters it has are taken.
    fn load(&self, graph: &Graph, weights: &Weights, options: EngineOptions) -> Result<Box<dyn Session>, EngineError>;
}

/// How a graph is run.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// The device.
    pub device: Device,
    /// What dropout's masks come from.
    pub seed: u64,
}

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
}

impl std::str::FromStr for Device {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        match text.to_ascii_lowercase().as_str() {
            "cpu" => Ok(Self::Cpu),
            _ => Err(EngineError::Device { name: text.to_owned() }),
        }
    }
}

/// A graph on a device, with its parameters and what an optimizer remembers of them.
pub trait Session: Send {
    /// The graph's outputs for one batch, as in inference. Inputs and outputs are in the graph's order.
    fn forward(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError>;

    /// One step of training on one batch: the mean of the output [`ndsl_compiler::plan::LOSS_OUTPUT`] is differentiated
    /// and the parameters are moved.
    fn train_step(&mut self, inputs: Vec<Tensor>, optimizer: &Optimizer) -> Result<StepOutcome, EngineError>;

    /// The parameters as they are now.
    fn weights(&self) -> Result<Weights, EngineError>;

    /// What the optimizer remembers.
    fn optimizer_state(&self) -> OptimizerState;

    /// Goes on from what an optimizer remembered, so that a resumed run makes the steps the first would have made.
    fn set_optimizer_state(&mut self, state: &OptimizerState) -> Result<(), EngineError>;
}

/// What a step of training answers.
#[derive(Clone, Debug)]
pub struct StepOutcome {
    /// The mean loss of the batch, before the step.
    pub loss: f32,
    /// The graph's outputs, computed as in training.
    pub outputs: Vec<Tensor>,
}

/// What an optimizer remembers from step to step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptimizerState {
    /// How many steps were made.
    pub steps: u64,
    /// For each parameter that was moved, its moments, in the parameter's PyTorch layout.
    pub moments: BTreeMap<String, Vec<Vec<f32>>>,
}

/// The engine for a device.
pub fn engine() -> Result<Box<dyn Engine>, EngineError> {
    #[cfg(feature = "burn")]
    return Ok(Box::new(self::burn::BurnEngine));
    #[cfg(not(feature = "burn"))]
    return Err(EngineError::NoEngine);
}
