//! A graph on a device, and its steps.

use ndsl_compiler::Weights;
use ndsl_compiler::ir::bind::bind;
use ndsl_compiler::ir::{Graph, Role, Sizes};
use ndsl_compiler::plan::Optimizer;

use ::burn::backend::ops::FloatTensorOps;
use ::burn::backend::{AutodiffBackend, DispatchDevice};

use super::interpreter::{Interpreter, Run};
use super::parameters::{self, Stored};
use super::program::Program;
use super::transfer::{Device, read_floats};
use super::value::Value;
use super::{Backend, Primitive, guarded};
use crate::engine::{EngineError, OptimizerState, Session, StepOutcome, labels, optimizer};
use crate::tensor::Tensor;

/// A loaded graph.
pub(super) struct BurnSession {
    program: Program,
    device: Device,
    seed: u64,
    parameters: Vec<Stored>,
    steps: u64,
    /// How many runs of inference there were.
    runs: u64,
}

impl BurnSession {
    pub(super) fn new(
        graph: &Graph,
        weights: &Weights,
        device: DispatchDevice,
        seed: u64,
    ) -> Result<Self, EngineError> {
        let (program, device) = (Program::new(graph)?, Device(device));
        let parameters = parameters::upload(&program, weights, &device)?;
        Ok(Self { program, device, seed, parameters, steps: 0, runs: 0 })
    }

    /// Checks the inputs of a batch against the graph; answers the sizes of its symbols.
    fn batch(&self, inputs: &[Tensor]) -> Result<Sizes, EngineError> {
        let graph = &self.program.graph;
        if inputs.len() != graph.inputs.len() {
            return Err(EngineError::InputCount { expected: graph.inputs.len(), found: inputs.len() });
        }
        for (id, tensor) in graph.inputs.iter().zip(inputs) {
            let value = graph.value(*id);
            if tensor.data.element() != value.element {
                return Err(EngineError::InputType {
                    name: value.name.to_string(),
                    expected: value.element,
                    found: tensor.data.element(),
                });
            }
            if !tensor.is_consistent() || tensor.rows() == 0 {
                return Err(EngineError::InputShape {
                    name: value.name.to_string(),
                    expected: value.shape.to_string(),
                    found: tensor.shape.clone(),
                });
            }
        }
        let mut sizes = bind(graph, inputs.iter().map(|tensor| &tensor.shape[..]))?;
        labels::check(&self.program.labels, inputs)?;
        // A graph without inputs is one row.
        sizes.entry("N".into()).or_insert(1);
        Ok(sizes)
    }

    fn outputs(&self, values: Vec<Value>, sizes: &Sizes) -> Result<Vec<Tensor>, EngineError> {
        let graph = &self.program.graph;
        let download = |(output, value): (&ndsl_compiler::ir::Output, Value)| {
            let shape = graph.value(output.value).shape.at(sizes).unwrap_or_default();
            self.device.download(value, shape)
        };
        graph.outputs.iter().zip(values).map(download).collect()
    }

    fn infer(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError> {
        let sizes = self.batch(&inputs)?;
        let current = self.parameters.iter().map(Stored::current).collect::<Result<Vec<_>, _>>()?;
        // Counted from the other end, so that what inference draws is not what a step of training drew.
        let run = Run { sizes: sizes.clone(), training: false, seed: self.seed, step: u64::MAX - self.runs };
        self.runs += 1;
        let (values, _) = Interpreter::new(&self.program, &self.device, run).run(inputs, current)?;
        self.outputs(values, &sizes)
    }

    fn train(&mut self, inputs: Vec<Tensor>, optimizer: &Optimizer) -> Result<StepOutcome, EngineError> {
        let sizes = self.batch(&inputs)?;
        let Some(loss) = self.program.loss else {
            return Err(EngineError::NoLoss { name: self.program.graph.name.clone() });
        };
        let track = |one: &Stored| {
            let tensor = one.current()?;
            Ok(match one.role {
                Role::Trainable => Backend::float_set_require_grad(Backend::from_inner(tensor), true),
                Role::Statistic | Role::Frozen => tensor,
            })
        };
        let tracked = self.parameters.iter().map(track).collect::<Result<Vec<Primitive>, EngineError>>()?;
        let run = Run { sizes: sizes.clone(), training: true, seed: self.seed, step: self.steps };
        let interpreter = Interpreter::new(&self.program, &self.device, run);
        let (values, statistics) = interpreter.run(inputs, tracked.clone())?;

        let mut gradients = match (&values[loss], self.program.trainable) {
            (Value::Float(activation), true) => {
                let mean = Backend::float_mean(activation.clone().last());
                Some(Backend::backward(mean))
            }
            _ => None,
        };
        let values = values.into_iter().map(|value| value.untracked()).collect();
        let outputs = self.outputs(values, &sizes)?;
        let losses = outputs[loss].as_f32().unwrap_or_default();
        let mean = losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / losses.len().max(1) as f64;

        self.steps += 1;
        let gradient_of = |(one, tracked): (&Stored, &Primitive)| match (&mut gradients, one.role) {
            (Some(gradients), Role::Trainable) => Backend::grad_remove(tracked, gradients).map(read_floats).transpose(),
            _ => Ok(None),
        };
        let mut gradients =
            self.parameters.iter().zip(&tracked).map(gradient_of).collect::<Result<Vec<_>, EngineError>>()?;
        // From here on the session alone holds the numbers, so that they are moved in place.
        drop(tracked);
        let kept = optimizer::clipped(optimizer, gradients.iter().flatten().map(Vec::as_slice));
        for (one, gradient) in self.parameters.iter_mut().zip(&mut gradients) {
            let Some(mut gradient) = gradient.take() else { continue };
            if kept != 1.0 {
                gradient.iter_mut().for_each(|g| *g *= kept);
            }
            let count = optimizer::moments(&optimizer.rule);
            if one.moments.len() != count {
                one.moments = vec![vec![optimizer::initial(&optimizer.rule); gradient.len()]; count];
            }
            let Some(tensor) = one.tensor.take() else { continue };
            let mut weight = read_floats(tensor)?;
            optimizer::apply(optimizer, self.steps, &mut weight, &gradient, &mut one.moments);
            one.tensor = Some(self.device.floats(weight, &one.stored_shape()));
        }
        for statistic in statistics {
            let one = &mut self.parameters[statistic.parameter];
            let shape = one.stored_shape();
            let (mut kept, batch) = (read_floats(one.current()?)?, read_floats(statistic.batch)?);
            for (kept, batch) in kept.iter_mut().zip(batch) {
                *kept = (statistic.momentum * f64::from(*kept) + (1.0 - statistic.momentum) * f64::from(batch)) as f32;
            }
            one.tensor = Some(self.device.floats(kept, &shape));
        }
        Ok(StepOutcome { loss: mean as f32, outputs })
    }
}

impl Session for BurnSession {
    fn forward(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError> {
        guarded(|| self.infer(inputs))
    }

    fn train_step(&mut self, inputs: Vec<Tensor>, optimizer: &Optimizer) -> Result<StepOutcome, EngineError> {
        guarded(|| self.train(inputs, optimizer))
    }

    fn weights(&self) -> Result<Weights, EngineError> {
        guarded(|| parameters::download(&self.parameters))
    }

    fn optimizer_state(&self) -> OptimizerState {
        parameters::state(&self.parameters, self.steps)
    }

    fn set_optimizer_state(&mut self, state: &OptimizerState) -> Result<(), EngineError> {
        parameters::set_state(&mut self.parameters, state)?;
        self.steps = state.steps;
        Ok(())
    }
}
