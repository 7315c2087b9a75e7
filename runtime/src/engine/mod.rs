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
use ndsl_compiler::ir::{Graph, Sizes, ValueId};
use ndsl_compiler::plan::Optimizer;
pub use ndsl_compiler::plan::{Device, DeviceChoice};

pub use error::EngineError;

use crate::tensor::Tensor;

/// What runs graphs.
pub trait Engine {
    /// The name it is chosen by.
    fn name(&self) -> &'static str;

    /// The device that a choice comes to on this machine.
    ///
    /// # Errors
    /// Where this build does not reach what is chosen, or this machine does not have it.
    fn device(&self, choice: DeviceChoice) -> Result<Device, EngineError>;

    /// What a device calls itself, such as `NVIDIA H200`; nothing of the processor.
    fn device_name(&self, device: Device) -> Option<String>;

    /// Makes a graph ready to run on `weights`, of which the parameters it has are taken.
    fn load(&self, graph: &Graph, weights: &Weights, options: EngineOptions) -> Result<Box<dyn Session>, EngineError>;

    /// About how many bytes the values of a batch of these sizes take when they are the most, besides weights: in a step of training with what is kept
    /// for gradients and these, or in inference.
    ///
    /// # Errors
    /// Where the sizes make a dimension of the graph no size.
    fn height(&self, graph: &Graph, sizes: &Sizes, training: bool) -> Result<u64, EngineError>;
}

/// How a graph is run.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// The device.
    pub device: Device,
    /// What dropout's masks come from.
    pub seed: u64,
}

/// Who is shown the numbers of values while a graph runs.
pub type See<'a> = &'a mut dyn FnMut(ValueId, &[f32]);

/// A graph on a device, with its parameters and what an optimizer remembers of them.
pub trait Session: Send {
    /// The graph's outputs for one batch, as in inference. Inputs and outputs are in the graph's order.
    fn forward(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError>;

    /// Differentiates the mean of the output [`ndsl_compiler::plan::LOSS_OUTPUT`] over one batch, and adds `share` of the
    /// gradients to those that wait for a step.
    fn differentiate(&mut self, inputs: Vec<Tensor>, share: f32) -> Result<StepOutcome, EngineError>;

    /// Runs one batch once more as it was last differentiated, the parameters as they are now, and hands over the numbers of every value that a
    /// node makes, in the order of the nodes. For finding out what went wrong: it takes longer than a step.
    fn inspect(&mut self, inputs: Vec<Tensor>, see: See<'_>) -> Result<(), EngineError>;

    /// The root mean square of the gradient that waits for each of the graph's parameters, in their order; none where none does.
    fn gradients(&self) -> Vec<Option<f64>>;

    /// Moves the parameters by the gradients that wait.
    fn step(&mut self, optimizer: &Optimizer) -> Result<(), EngineError>;

    /// One step of training on one batch.
    fn train_step(&mut self, inputs: Vec<Tensor>, optimizer: &Optimizer) -> Result<StepOutcome, EngineError> {
        let outcome = self.differentiate(inputs, 1.0)?;
        self.step(optimizer)?;
        Ok(outcome)
    }

    /// Moves a running mean of what training moves towards it by one less `decay`; without one, makes it the mean.
    fn average(&mut self, decay: Option<f64>) -> Result<(), EngineError>;

    /// Puts the running mean in the place of what it is the mean of, and that in its place; nothing where there is no mean.
    fn exchange_average(&mut self) -> Result<(), EngineError>;

    /// The parameters as they are now.
    fn weights(&self) -> Result<Weights, EngineError>;

    /// Makes the parameters these.
    fn set_weights(&mut self, weights: &Weights) -> Result<(), EngineError>;

    /// What is remembered from step to step besides the parameters.
    fn state(&self) -> SessionState;

    /// Goes on from what a session remembered, so that a resumed run makes the steps the first would have made.
    fn set_state(&mut self, state: &SessionState) -> Result<(), EngineError>;
}

/// What a step of training answers.
#[derive(Clone, Debug)]
pub struct StepOutcome {
    /// The mean loss of the batch, before the step.
    pub loss: f32,
    /// The graph's outputs, computed as in training.
    pub outputs: Vec<Tensor>,
}

/// What a session remembers from step to step besides its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionState {
    /// How many steps were made.
    pub steps: u64,
    /// How many batches were differentiated: the number in the streams of dropout's masks.
    pub batches: u64,
    /// How many runs of inference there were: the number in the streams of what inference draws.
    pub runs: u64,
    /// For each parameter that was moved, the optimizer's moments, in the parameter's PyTorch layout.
    pub moments: BTreeMap<String, Vec<Vec<f32>>>,
    /// The running mean of each parameter that has one, likewise.
    pub averages: BTreeMap<String, Vec<f32>>,
}

/// The engine for a device.
pub fn engine() -> Result<Box<dyn Engine>, EngineError> {
    #[cfg(feature = "burn")]
    return Ok(Box::new(self::burn::BurnEngine));
    #[cfg(not(feature = "burn"))]
    return Err(EngineError::NoEngine);
}
