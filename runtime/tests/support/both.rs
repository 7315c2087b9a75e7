//! A session that does everything twice: with our kernels, and with Burn's own operations as GPUs are computed with. What comes of both is the same.

use ndsl_compiler::Weights;
use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::Optimizer;
use ndsl_runtime::Tensor;
use ndsl_runtime::engine::burn::{BurnEngine, PlainBurn};
use ndsl_runtime::engine::{Engine, EngineError, EngineOptions, See, Session, SessionState, StepOutcome};

/// How far apart both may be, of numbers of the size of one.
const APART: f32 = 1e-3;

pub struct Both {
    fused: Box<dyn Session>,
    plain: Box<dyn Session>,
}

impl Both {
    pub fn load(graph: &Graph, weights: &Weights, options: &EngineOptions) -> Result<Self, EngineError> {
        let fused = BurnEngine.load(graph, weights, options.clone())?;
        let plain = PlainBurn.load(graph, weights, options.clone())?;
        Ok(Self { fused, plain })
    }
}

/// The outcome of the first, if that of the second is the same.
#[track_caller]
fn same<T>(
    fused: Result<T, EngineError>,
    plain: Result<T, EngineError>,
    hold: impl FnOnce(&T, &T),
) -> Result<T, EngineError> {
    match (&fused, &plain) {
        (Ok(fused), Ok(plain)) => hold(fused, plain),
        (Err(fused), Err(plain)) => assert_eq!(fused.to_string(), plain.to_string()),
        (Ok(_), Err(fault)) => panic!("only Burn's own operations say: {fault}"),
        (Err(fault), Ok(_)) => panic!("only our kernels say: {fault}"),
    }
    fused
}

fn hold_tensors(fused: &[Tensor], plain: &[Tensor]) {
    assert_eq!(fused.len(), plain.len());
    for (fused, plain) in fused.iter().zip(plain) {
        assert_eq!((&fused.shape, fused.data.element()), (&plain.shape, plain.data.element()));
        for index in 0..fused.data.len() {
            let [a, b] = [fused, plain].map(|tensor| tensor.data.number(index).unwrap_or(f64::NAN) as f32);
            hold_number(a, b);
        }
    }
}

#[track_caller]
fn hold_number(fused: f32, plain: f32) {
    let alike = fused == plain || fused.is_nan() && plain.is_nan();
    assert!(
        alike || (fused - plain).abs() <= APART * plain.abs().max(1.0),
        "{fused} by our kernels, {plain} by Burn's"
    );
}

impl Session for Both {
    fn forward(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError> {
        let (fused, plain) = (self.fused.forward(inputs.clone()), self.plain.forward(inputs));
        same(fused, plain, |fused, plain| hold_tensors(fused, plain))
    }

    fn differentiate(&mut self, inputs: Vec<Tensor>, share: f32) -> Result<StepOutcome, EngineError> {
        let (fused, plain) = (self.fused.differentiate(inputs.clone(), share), self.plain.differentiate(inputs, share));
        let outcome = same(fused, plain, |fused, plain| {
            hold_number(fused.loss, plain.loss);
            hold_tensors(&fused.outputs, &plain.outputs);
        });
        for (fused, plain) in self.fused.gradients().into_iter().zip(self.plain.gradients()) {
            match (fused, plain) {
                (Some(fused), Some(plain)) => hold_number(fused as f32, plain as f32),
                (fused, plain) => assert_eq!(fused, plain),
            }
        }
        outcome
    }

    fn inspect(&mut self, inputs: Vec<Tensor>, see: See<'_>) -> Result<(), EngineError> {
        self.fused.inspect(inputs, see)
    }

    fn gradients(&self) -> Vec<Option<f64>> {
        self.fused.gradients()
    }

    fn step(&mut self, optimizer: &Optimizer) -> Result<(), EngineError> {
        same(self.fused.step(optimizer), self.plain.step(optimizer), |(), ()| {})
    }

    fn average(&mut self, decay: Option<f64>) -> Result<(), EngineError> {
        same(self.fused.average(decay), self.plain.average(decay), |(), ()| {})
    }

    fn exchange_average(&mut self) -> Result<(), EngineError> {
        same(self.fused.exchange_average(), self.plain.exchange_average(), |(), ()| {})
    }

    fn weights(&self) -> Result<Weights, EngineError> {
        same(self.fused.weights(), self.plain.weights(), |fused, plain| {
            assert!(fused.0.keys().eq(plain.0.keys()));
            for (fused, plain) in fused.0.values().zip(plain.0.values()) {
                assert_eq!(fused.shape, plain.shape);
                fused.data.iter().zip(&plain.data).for_each(|(fused, plain)| hold_number(*fused, *plain));
            }
        })
    }

    fn set_weights(&mut self, weights: &Weights) -> Result<(), EngineError> {
        same(self.fused.set_weights(weights), self.plain.set_weights(weights), |(), ()| {})
    }

    fn state(&self) -> SessionState {
        self.fused.state()
    }

    fn set_state(&mut self, state: &SessionState) -> Result<(), EngineError> {
        same(self.fused.set_state(state), self.plain.set_state(state), |(), ()| {})
    }
}
