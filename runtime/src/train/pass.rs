//! Going through rows batch by batch.

use ndsl_compiler::Weights;
use ndsl_compiler::plan::{LOSS_OUTPUT, PREDICTION_OUTPUT, TrainPlan};

use super::augment::{augment, is_image};
use super::batches::{Fed, fed};
use super::weighting::RowWeights;
use super::{Cancel, Measures, Tally, TrainError, labels};
use crate::data::{Dataset, Field};
use crate::engine::{Device, Engine, EngineOptions, Session};
use crate::tensor::{Tensor, TensorData};

/// Rows of a batch in inference, where nothing but memory limits it.
pub(super) const INFERENCE_ROWS: usize = 256;

/// The loss and metrics of given weights over rows of a dataset, as in inference; nothing if it was cancelled.
pub fn assess(
    plan: &TrainPlan,
    data: &Dataset,
    rows: &[usize],
    weights: &Weights,
    engine: &dyn Engine,
    device: Device,
    cancel: &Cancel,
) -> Result<Option<Measures>, TrainError> {
    if rows.is_empty() {
        return Err(TrainError::NoRows);
    }
    labels::check(plan, data)?;
    let mut session = engine.load(&plan.graph, weights, EngineOptions { device, seed: plan.seed })?;
    Pass::new(plan, data, rows)?.assess(session.as_mut(), rows, cancel)
}

/// What every pass over the rows needs.
pub(super) struct Pass<'a> {
    plan: &'a TrainPlan,
    data: &'a Dataset,
    fed: Vec<Fed<'a>>,
    weights: Option<RowWeights>,
    target: Option<&'a Field>,
    prediction: usize,
    loss: usize,
}

impl<'a> Pass<'a> {
    /// Of a dataset, of which `trained` are the rows to train on.
    pub(super) fn new(plan: &'a TrainPlan, data: &'a Dataset, trained: &[usize]) -> Result<Self, TrainError> {
        let output = |name: &'static str| {
            let found = plan.graph.outputs.iter().position(|output| output.name == name);
            found.ok_or(TrainError::NoOutput { name })
        };
        Ok(Self {
            plan,
            data,
            fed: fed(&plan.graph, data)?,
            weights: RowWeights::new(plan, data, trained)?,
            target: data.field(&data.target),
            prediction: output(PREDICTION_OUTPUT)?,
            loss: output(LOSS_OUTPUT)?,
        })
    }

    /// Whether making a batch takes long enough to be done beside a step.
    pub(super) fn takes_time(&self) -> bool {
        !self.plan.augment.is_empty()
            || self.fed.iter().any(|fed| fed.field().is_some_and(|field| field.pictures.is_some()))
    }

    /// A batch to learn from, its images changed as is said for that.
    pub(super) fn to_train(&self, rows: &[usize], epoch: usize) -> Result<Vec<Tensor>, TrainError> {
        let mut batch = self.inputs(rows, self.weights.as_ref().map(|weights| &weights.training[..]))?;
        let changes = &self.plan.augment;
        for (fed, tensor) in self.fed.iter().zip(&mut batch).filter(|_| !changes.is_empty()) {
            if let (Some(field), TensorData::U8(pixels)) = (fed.field(), &mut tensor.data)
                && is_image(&field.shape)
            {
                augment(changes, (self.plan.seed, epoch), rows, &field.shape, pixels);
            }
        }
        Ok(batch)
    }

    fn inputs(&self, rows: &[usize], weights: Option<&[f32]>) -> Result<Vec<Tensor>, TrainError> {
        self.fed.iter().map(|fed| fed.batch(self.data, rows, weights)).collect()
    }

    /// Counts a batch's outputs in.
    ///
    /// # Errors
    /// Where what is learnt is itself read for it.
    pub(super) fn count(&self, tally: &mut Tally, outputs: &[Tensor], rows: &[usize]) -> Result<(), TrainError> {
        let needs_target = !self.plan.metrics.is_empty();
        let target = match self.target.filter(|_| needs_target) {
            Some(field) => Some(Fed::Field(field).batch(self.data, rows, None)?),
            None => None,
        };
        tally.add(&outputs[self.loss], &outputs[self.prediction], target.as_ref());
        Ok(())
    }

    /// Loss and metrics over rows, as in inference; nothing if it was cancelled.
    pub(super) fn assess(
        &self,
        session: &mut dyn Session,
        rows: &[usize],
        cancel: &Cancel,
    ) -> Result<Option<Measures>, TrainError> {
        let mut tally = Tally::new(self.plan.task, &self.plan.metrics);
        let weights = self.weights.as_ref().map(|weights| &weights.measuring[..]);
        for rows in rows.chunks(INFERENCE_ROWS) {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            let outputs = session.forward(self.inputs(rows, weights)?)?;
            self.count(&mut tally, &outputs, rows)?;
        }
        Ok(Some(tally.measures()))
    }
}
