//! The loop itself.

use std::time::Instant;

use ndsl_compiler::Weights;
use ndsl_compiler::plan::{LOSS_OUTPUT, PREDICTION_OUTPUT, TrainPlan};

use super::batches::{fields, order};
use super::fit::fit;
use super::hold_out::hold_out;
use super::memory;
use super::{
    Cancel, Epoch, EpochProgress, History, Measures, RunStart, StepProgress, Tally, TrainError, Watcher, labels,
};
use crate::data::{Dataset, Field};
use crate::engine::{Device, Engine, EngineOptions, Session};

/// Rows of a batch in inference, where nothing but memory limits it.
const INFERENCE_ROWS: usize = 256;

/// What a run leaves.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The best epoch's weights; none if no epoch was finished.
    pub best: Option<Best>,
    /// Every finished epoch.
    pub history: History,
    /// Why it ended.
    pub stop: Stop,
}

/// The epoch that is kept.
#[derive(Clone, Debug)]
pub struct Best {
    /// Counted from 1.
    pub epoch: usize,
    /// Its weights.
    pub weights: Weights,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// Every epoch was done.
    Finished,
    /// It was asked to stop.
    Cancelled,
    /// The loss was no longer a number.
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step, counted from 1; none if it was found in validation.
        step: Option<usize>,
        /// The loss.
        loss: f64,
    },
}

/// Trains a model from its initial weights, which the plan's seed decides.
pub fn train(
    plan: &TrainPlan,
    data: &Dataset,
    engine: &dyn Engine,
    device: Device,
    watcher: &mut dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome, TrainError> {
    if data.rows == 0 {
        return Err(TrainError::NoRows);
    }
    if plan.epochs == 0 {
        return Err(TrainError::NoEpochs);
    }
    let needed = memory::estimate(plan, data)?;
    if let Some(available) = crate::memory::available().filter(|available| needed > *available) {
        return Err(TrainError::TooLarge { needed, available });
    }
    labels::check(plan, data)?;
    let (training, validation) = hold_out(&plan.validation, data, plan.seed)?;
    let batch_size = plan.batch_size.max(1);
    if batch_size > training.len() {
        return Err(TrainError::BatchTooLarge { batch_size, rows: training.len() });
    }
    let pass = Pass::new(plan, data)?;
    let mut weights = Weights::initial(&plan.graph, plan.seed);
    let options = EngineOptions { device, seed: plan.seed };
    let fitted = fit(&plan.graph, data, &training, &mut weights, engine, &options, cancel)?;
    let mut session = engine.load(&plan.graph, &weights, options)?;
    let steps = training.len().div_ceil(batch_size);
    let total = (plan.epochs.saturating_mul(steps)).min(plan.max_steps.unwrap_or(usize::MAX));
    // A run that ends by its steps may end within an epoch.
    let epochs = total.div_ceil(steps);
    watcher.on_start(&RunStart {
        epochs,
        steps,
        training_rows: training.len(),
        validation_rows: validation.len(),
        trainable_parameters: plan.graph.parameter_counts().1,
    });

    let monitor = if validation.is_empty() { "loss" } else { "val_loss" };
    let mut history = History { monitor: monitor.to_owned(), ..History::default() };
    let mut best: Option<Best> = None;
    let mut lowest = f64::INFINITY;
    let began = Instant::now();
    let finish = |best: Option<Best>, mut history: History, stop: Stop| {
        history.best_epoch = best.as_ref().map(|best| best.epoch);
        Ok(Outcome { best, history, stop })
    };

    if !fitted {
        return finish(best, history, Stop::Cancelled);
    }
    for epoch in 1..=epochs {
        let epoch_began = Instant::now();
        let rows = if plan.shuffle { order(&training, plan.seed, epoch) } else { training.clone() };
        let mut tally = Tally::new(plan.task, &plan.metrics);
        let before = (epoch - 1) * steps;
        let (mut optimizer, mut seen) = (plan.optimizer, 0);
        for (index, rows) in rows.chunks(batch_size).enumerate().take(total - before) {
            if cancel.is_cancelled() {
                return finish(best, history, Stop::Cancelled);
            }
            let factor = plan.schedule.factor(before + index, total, steps);
            optimizer.learning_rate = plan.optimizer.learning_rate * factor;
            let outcome = session.train_step(pass.inputs(rows), &optimizer)?;
            if !outcome.loss.is_finite() {
                let loss = f64::from(outcome.loss);
                return finish(best, history, Stop::Diverged { epoch, step: Some(index + 1), loss });
            }
            pass.count(&mut tally, &outcome.outputs, rows);
            seen += rows.len();
            let (elapsed, step) = (began.elapsed().as_secs_f64(), index + 1);
            let done = before + step;
            watcher.on_step(&StepProgress {
                epoch,
                epochs,
                step,
                steps: steps.min(total - before),
                measures: tally.measures(),
                rate: seen as f64 / epoch_began.elapsed().as_secs_f64().max(1e-9),
                elapsed,
                remaining: elapsed / done as f64 * (total - done) as f64,
            });
        }
        let training_seconds = epoch_began.elapsed().as_secs_f64().max(1e-9);
        let held_out = match validation.is_empty() {
            true => None,
            false => match pass.assess(session.as_mut(), &validation, cancel)? {
                Some(measures) => Some(measures),
                None => return finish(best, history, Stop::Cancelled),
            },
        };
        let result = Epoch {
            epoch,
            training: tally.measures(),
            validation: held_out,
            seconds: epoch_began.elapsed().as_secs_f64(),
            rows_per_second: seen as f64 / training_seconds,
            learning_rate: optimizer.learning_rate,
        };
        let judged = result.judged();
        if !judged.is_finite() {
            return finish(best, history, Stop::Diverged { epoch, step: None, loss: judged });
        }
        let is_best = judged < lowest;
        if is_best {
            lowest = judged;
            best = Some(Best { epoch, weights: session.weights()? });
        }
        history.epochs.push(result.clone());
        watcher.on_epoch(&EpochProgress { epochs, epoch: result, is_best });
    }
    finish(best, history, Stop::Finished)
}

/// The loss and metrics of given weights over a whole dataset, as in inference; nothing if it was cancelled.
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
    Pass::new(plan, data)?.assess(session.as_mut(), rows, cancel)
}

/// What every pass over the rows needs.
struct Pass<'a> {
    plan: &'a TrainPlan,
    data: &'a Dataset,
    fields: Vec<&'a Field>,
    target: Option<&'a Field>,
    prediction: usize,
    loss: usize,
}

impl<'a> Pass<'a> {
    fn new(plan: &'a TrainPlan, data: &'a Dataset) -> Result<Self, TrainError> {
        let output = |name: &'static str| {
            let found = plan.graph.outputs.iter().position(|output| output.name == name);
            found.ok_or(TrainError::NoOutput { name })
        };
        Ok(Self {
            plan,
            data,
            fields: fields(&plan.graph, data)?,
            target: data.field(&data.target),
            prediction: output(PREDICTION_OUTPUT)?,
            loss: output(LOSS_OUTPUT)?,
        })
    }

    fn inputs(&self, rows: &[usize]) -> Vec<crate::Tensor> {
        self.fields.iter().map(|field| self.data.batch(field, rows)).collect()
    }

    fn count(&self, tally: &mut Tally, outputs: &[crate::Tensor], rows: &[usize]) {
        let needs_target = !self.plan.metrics.is_empty();
        let target = self.target.filter(|_| needs_target).map(|field| self.data.batch(field, rows));
        tally.add(&outputs[self.loss], &outputs[self.prediction], target.as_ref());
    }

    fn assess(
        &self,
        session: &mut dyn Session,
        rows: &[usize],
        cancel: &Cancel,
    ) -> Result<Option<Measures>, TrainError> {
        let mut tally = Tally::new(self.plan.task, &self.plan.metrics);
        for rows in rows.chunks(INFERENCE_ROWS) {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            let outputs = session.forward(self.inputs(rows))?;
            self.count(&mut tally, &outputs, rows);
        }
        Ok(Some(tally.measures()))
    }
}
