//! A graph on a device, and its steps.

use ndsl_compiler::Weights;
use ndsl_compiler::ir::bind::bind;
use ndsl_compiler::ir::{Graph, Role, Sizes};
use ndsl_compiler::plan::Optimizer;

use ::burn::backend::AutodiffBackend;
use ::burn::backend::ops::FloatTensorOps;

use super::interpreter::{Interpreter, Run};
use super::parameters::{self, Stored};
use super::program::Program;
use super::transfer::{Device, read_floats};
use super::value::Value;
use super::{Backend, Primitive, guarded};
use crate::engine::{EngineError, See, Session, SessionState, StepOutcome, labels, optimizer};
use crate::tensor::Tensor;

/// A loaded graph.
pub(super) struct BurnSession {
    program: Program,
    device: Device,
    seed: u64,
    parameters: Vec<Stored>,
    steps: u64,
    /// How many batches were differentiated.
    batches: u64,
    /// How many runs of inference there were.
    runs: u64,
}

impl BurnSession {
    pub(super) fn new(graph: &Graph, weights: &Weights, device: Device, seed: u64) -> Result<Self, EngineError> {
        let program = Program::new(graph, device.has_kernels)?;
        let parameters = parameters::upload(&program, weights, &device)?;
        Ok(Self { program, device, seed, parameters, steps: 0, batches: 0, runs: 0 })
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

    fn backward(&mut self, inputs: Vec<Tensor>, share: f32) -> Result<StepOutcome, EngineError> {
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
        let run = Run { sizes: sizes.clone(), training: true, seed: self.seed, step: self.batches };
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

        self.batches += 1;
        let gradient_of = |(one, tracked): (&Stored, &Primitive)| match (&mut gradients, one.role) {
            (Some(gradients), Role::Trainable) => Backend::grad_remove(tracked, gradients).map(read_floats).transpose(),
            _ => Ok(None),
        };
        let gradients =
            self.parameters.iter().zip(&tracked).map(gradient_of).collect::<Result<Vec<_>, EngineError>>()?;
        for (one, gradient) in self.parameters.iter_mut().zip(gradients) {
            let Some(mut gradient) = gradient else { continue };
            if share != 1.0 {
                gradient.iter_mut().for_each(|g| *g *= share);
            }
            match &mut one.gradient {
                Some(waiting) => waiting.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g),
                None => one.gradient = Some(gradient),
            }
        }
        for statistic in statistics {
            let one = &mut self.parameters[statistic.parameter];
            let shape = one.stored_shape();
            let mut kept = read_floats(one.current()?)?;
            for (kept, batch) in kept.iter_mut().zip(statistic.batch) {
                *kept = (statistic.momentum * f64::from(*kept) + (1.0 - statistic.momentum) * f64::from(batch)) as f32;
            }
            one.tensor = Some(self.device.floats(kept, &shape));
        }
        Ok(StepOutcome { loss: mean as f32, outputs })
    }

    fn inspected(&self, inputs: Vec<Tensor>, see: See<'_>) -> Result<(), EngineError> {
        let sizes = self.batch(&inputs)?;
        let current = self.parameters.iter().map(Stored::current).collect::<Result<Vec<_>, _>>()?;
        let run = Run { sizes, training: true, seed: self.seed, step: self.batches.saturating_sub(1) };
        Interpreter::new(&self.program, &self.device, run).seen_by(see).run(inputs, current)?;
        Ok(())
    }

    fn advance(&mut self, optimizer: &Optimizer) -> Result<(), EngineError> {
        self.steps += 1;
        optimizer::clip(optimizer, self.parameters.iter_mut().filter_map(|one| one.gradient.as_mut()));
        for one in &mut self.parameters {
            let Some(gradient) = one.gradient.take() else { continue };
            let count = optimizer::moments(&optimizer.rule);
            if one.moments.len() != count {
                one.moments = vec![vec![optimizer::initial(&optimizer.rule); gradient.len()]; count];
            }
            // The session alone holds the numbers, so that they are moved in place.
            let Some(tensor) = one.tensor.take() else { continue };
            let mut weight = read_floats(tensor)?;
            optimizer::apply(optimizer, self.steps, &mut weight, &gradient, &mut one.moments);
            one.tensor = Some(self.device.floats(weight, &one.stored_shape()));
        }
        Ok(())
    }

    fn averaged(&mut self, decay: Option<f64>) -> Result<(), EngineError> {
        for one in self.parameters.iter_mut().filter(|one| one.role == Role::Trainable) {
            let weight = read_floats(one.current()?)?;
            match (&mut one.average, decay) {
                (Some(mean), Some(decay)) => optimizer::average(decay, mean, &weight),
                (average, _) => *average = Some(weight),
            }
        }
        Ok(())
    }

    fn exchanged(&mut self) -> Result<(), EngineError> {
        for one in &mut self.parameters {
            let (shape, tensor) = (one.stored_shape(), one.current()?);
            if let Some(average) = one.average.take() {
                one.tensor = Some(self.device.floats(average, &shape));
                one.average = Some(read_floats(tensor)?);
            }
        }
        Ok(())
    }
}

impl Session for BurnSession {
    fn forward(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError> {
        guarded(|| self.infer(inputs))
    }

    fn differentiate(&mut self, inputs: Vec<Tensor>, share: f32) -> Result<StepOutcome, EngineError> {
        guarded(|| self.backward(inputs, share))
    }

    fn inspect(&mut self, inputs: Vec<Tensor>, see: See<'_>) -> Result<(), EngineError> {
        guarded(|| self.inspected(inputs, see))
    }

    fn gradients(&self) -> Vec<Option<f64>> {
        self.parameters.iter().map(Stored::gradient_size).collect()
    }

    fn step(&mut self, optimizer: &Optimizer) -> Result<(), EngineError> {
        guarded(|| self.advance(optimizer))
    }

    fn average(&mut self, decay: Option<f64>) -> Result<(), EngineError> {
        guarded(|| self.averaged(decay))
    }

    fn exchange_average(&mut self) -> Result<(), EngineError> {
        guarded(|| self.exchanged())
    }

    fn weights(&self) -> Result<Weights, EngineError> {
        guarded(|| parameters::download(&self.parameters))
    }

    fn set_weights(&mut self, weights: &Weights) -> Result<(), EngineError> {
        guarded(|| parameters::replace(&mut self.parameters, weights, &self.device))
    }

    fn state(&self) -> SessionState {
        let Self { steps, batches, runs, .. } = *self;
        SessionState { steps, batches, runs, ..parameters::state(&self.parameters) }
    }

    fn set_state(&mut self, state: &SessionState) -> Result<(), EngineError> {
        parameters::set_state(&mut self.parameters, state)?;
        (self.steps, self.batches, self.runs) = (state.steps, state.batches, state.runs);
        Ok(())
    }
}
