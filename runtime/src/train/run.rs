//! The loop itself.

use std::time::Instant;

use ndsl_compiler::Weights;
use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::plan::{Course, TrainPlan};

use super::ahead::Batches;
use super::batches::order;
use super::fit::fit;
use super::health::{self, Health};
use super::hold_out::hold_out;
use super::memory;
use super::pass::Pass;
use super::{
    Best, Cancel, Epoch, EpochProgress, History, Keeper, Reached, RunStart, Standing, State, StepProgress, TrainError,
    Trouble, Unkept, Watcher, labels, trouble,
};
use crate::data::Dataset;
use crate::engine::{Device, Engine, EngineOptions, Session, SessionState};

/// What a run leaves.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The weights that are kept; none if no epoch was finished.
    pub best: Option<Best>,
    /// Every finished epoch.
    pub history: History,
    /// Why it ended.
    pub stop: Stop,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// Every epoch was done.
    Finished,
    /// What is watched had not become better for as long as the plan waits.
    Early {
        /// The last epoch that was done, counted from 1.
        epoch: usize,
    },
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
        /// Where it came from, as far as that was found.
        trouble: Option<Trouble>,
    },
}

/// What is trained on what, and what computes.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// What is done.
    pub plan: &'a TrainPlan,
    /// The rows.
    pub data: &'a Dataset,
    /// What computes.
    pub engine: &'a dyn Engine,
    /// Where.
    pub device: Device,
}

/// Where a run begins.
#[derive(Clone, Debug)]
pub enum Beginning {
    /// At the initial weights, which the plan's seed decides.
    Fresh,
    /// At these weights where they are named, and at the initial ones otherwise.
    Weights(Weights),
    /// Where another run of the plan was.
    State(Box<State>),
}

/// Trains a model from its initial weights, which the plan's seed decides, and keeps nothing on the way.
pub fn train(
    plan: &TrainPlan,
    data: &Dataset,
    engine: &dyn Engine,
    device: Device,
    watcher: &mut dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome, TrainError> {
    train_from(Job { plan, data, engine, device }, Beginning::Fresh, &mut Unkept, watcher, cancel)
}

/// Trains a model.
///
/// # Errors
/// What is found before the first step, and faults of the engine.
pub fn train_from(
    Job { plan, data, engine, device }: Job<'_>,
    beginning: Beginning,
    keeper: &mut dyn Keeper,
    watcher: &mut dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome, TrainError> {
    if data.rows == 0 {
        return Err(TrainError::NoRows);
    }
    if plan.epochs == 0 {
        return Err(TrainError::NoEpochs);
    }
    let needs = memory::fits(plan, data, engine, device)?;
    labels::check(plan, data)?;
    let (training, validation) = hold_out(&plan.validation, data, plan.seed)?;
    let batch_size = plan.batch_size.max(1);
    if batch_size > training.len() {
        return Err(TrainError::BatchTooLarge { batch_size, rows: training.len() });
    }
    let pass = Pass::new(plan, data, &training, engine)?;
    let options = EngineOptions { device, seed: plan.seed };
    let resumed = matches!(beginning, Beginning::State(_));
    let (mut standing, mut best) = (Standing::new(plan), None);
    let (mut fitted, mut session_state) = (true, None);
    let weights = match beginning {
        Beginning::State(state) => {
            (standing, best, session_state) = (state.standing, state.best, Some(state.session));
            state.weights
        }
        other => {
            let mut weights = Weights::initial(&plan.graph, plan.seed);
            let given = if let Beginning::Weights(given) = other { given } else { Weights::default() };
            fitted = fit(&plan.graph, data, &training, &mut weights, engine, &options, cancel)?;
            // What was given was learnt by what it was standardised with.
            weights.0.extend(given.0);
            weights
        }
    };
    let mut session = engine.load(&plan.graph, &weights, options)?;
    if let Some(state) = &session_state {
        session.set_state(state)?;
    }
    let group = batch_size.saturating_mul(plan.gradient_accumulation.max(1));
    let steps = training.len().div_ceil(group);
    let total = (plan.epochs.saturating_mul(steps)).min(plan.max_steps.unwrap_or(usize::MAX));
    // A run that ends by its steps may end within an epoch.
    let epochs = total.div_ceil(steps);
    if resumed {
        standing.check(steps, best.as_ref()).map_err(TrainError::State)?;
    }
    watcher.on_start(&RunStart {
        epochs,
        steps,
        total,
        done: resumed.then(|| standing.place()),
        device,
        device_name: engine.device_name(device),
        needs,
        training_rows: training.len(),
        validation_rows: validation.len(),
        trainable_parameters: plan.graph.parameter_counts().1,
    });
    let clips = plan.optimizer.clip_norm.is_some() || plan.optimizer.clip_value.is_some();
    let health = Health::new(&plan.graph, training.len(), clips);
    let mut run =
        Run { plan, pass: &pass, session, health, training, validation, steps, total, epochs, standing, best };
    let stop = if fitted { run.go(keeper, watcher, cancel)? } else { Stop::Cancelled };
    let Run { best, standing: Standing { mut history, .. }, .. } = run;
    history.best_epoch = best.as_ref().map(|best| best.epoch);
    Ok(Outcome { best, history, stop })
}

/// What came of a step.
enum Stepped {
    /// The weights moved.
    Done {
        /// The mean loss of its rows.
        loss: f64,
        /// What is wrong with how it goes.
        found: Vec<Diagnostic>,
    },
    /// The loss was no number, so the weights were left.
    Lost { loss: f64, trouble: Option<Trouble> },
}

/// A run under way.
struct Run<'a> {
    plan: &'a TrainPlan,
    pass: &'a Pass<'a>,
    session: Box<dyn Session>,
    health: Health<'a>,
    training: Vec<usize>,
    validation: Vec<usize>,
    /// Steps of an epoch.
    steps: usize,
    /// Steps of the whole run.
    total: usize,
    epochs: usize,
    standing: Standing,
    best: Option<Best>,
}

impl Run<'_> {
    /// Goes on to the end.
    fn go(&mut self, keeper: &mut dyn Keeper, watcher: &mut dyn Watcher, cancel: &Cancel) -> Result<Stop, TrainError> {
        let began = Instant::now();
        let earlier = self.standing.elapsed;
        // What stopped early has nothing to go on with.
        let mut stop = self.standing.stopped.then(|| Stop::Early { epoch: self.standing.epoch - 1 });
        while stop.is_none() && self.standing.epoch <= self.epochs {
            let mut elapsed = || earlier + began.elapsed().as_secs_f64();
            stop = self.epoch(keeper, watcher, cancel, &mut elapsed)?;
        }
        let stop = stop.unwrap_or(Stop::Finished);
        let keeps = match stop {
            Stop::Finished | Stop::Early { .. } => keeper.keeps_end(),
            // Of a run that has not begun there is nothing to keep.
            Stop::Cancelled => self.reached().steps > 0,
            Stop::Diverged { .. } => false,
        };
        if keeps {
            self.keep(keeper, watcher)?;
        }
        Ok(stop)
    }

    /// How far the run is.
    fn reached(&self) -> Reached {
        let Standing { epoch, step, .. } = self.standing;
        Reached { steps: (self.before() + step).min(self.total), epochs: epoch - 1, ends_epoch: step == 0 }
    }

    /// Has the state kept, or says why it is not.
    fn keep(&mut self, keeper: &mut dyn Keeper, watcher: &mut dyn Watcher) -> Result<(), TrainError> {
        // Runs of inference that were broken off did not happen.
        let runs = (self.standing.epoch - 1) * self.validation.len().div_ceil(self.pass.inference_rows);
        let session = SessionState { runs: runs as u64, ..self.session.state() };
        let state = State {
            standing: self.standing.clone(),
            best: self.best.clone(),
            weights: self.session.weights()?,
            session,
        };
        if let Err(reason) = keeper.keep(self.reached(), &state) {
            watcher.on_note(&reason);
        }
        Ok(())
    }

    /// Steps of epochs that are done.
    fn before(&self) -> usize {
        (self.standing.epoch - 1) * self.steps
    }

    /// The learning rate of a step of the run, counted from 0.
    fn rate(&self, step: usize) -> f64 {
        self.standing.rate * self.plan.schedule.factor(step, self.total, self.steps)
    }

    /// Does what is left of an epoch; answers why the run ends with it.
    fn epoch(
        &mut self,
        keeper: &mut dyn Keeper,
        watcher: &mut dyn Watcher,
        cancel: &Cancel,
        elapsed: &mut dyn FnMut() -> f64,
    ) -> Result<Option<Stop>, TrainError> {
        let (epoch, before) = (self.standing.epoch, self.before());
        let (began, earlier) = (Instant::now(), self.standing.seconds);
        let seconds = || (earlier + began.elapsed().as_secs_f64()).max(1e-9);
        let rows = if self.plan.shuffle { order(&self.training, self.plan.seed, epoch) } else { self.training.clone() };
        let group = self.plan.batch_size.max(1).saturating_mul(self.plan.gradient_accumulation.max(1));
        let steps = self.steps.min(self.total - before);
        let pass = self.pass;
        let todo: Vec<&[usize]> = rows.chunks(group).take(steps).collect();
        let stop = std::thread::scope(|scope| -> Result<Option<Stop>, TrainError> {
            let left = todo.iter().skip(self.standing.step);
            let each = left.flat_map(|rows| rows.chunks(self.plan.batch_size.max(1))).collect();
            let mut batches = Batches::of(pass, epoch, each, scope);
            for (index, rows) in todo.iter().enumerate().skip(self.standing.step) {
                if cancel.is_cancelled() {
                    return Ok(Some(Stop::Cancelled));
                }
                let (loss, found) = match self.step(before + index, rows, &mut batches)? {
                    Stepped::Done { loss, found } => (loss, found),
                    Stepped::Lost { loss, trouble } => {
                        return Ok(Some(Stop::Diverged { epoch, step: Some(index + 1), loss, trouble }));
                    }
                };
                for warning in health::noted(&mut self.standing.history, found, epoch, index + 1) {
                    watcher.on_warning(&warning);
                }
                self.standing.step = index + 1;
                self.standing.seen += rows.len();
                (self.standing.seconds, self.standing.elapsed) = (seconds(), elapsed());
                let done = before + index + 1;
                watcher.on_step(&StepProgress {
                    epoch,
                    epochs: self.epochs,
                    step: index + 1,
                    steps,
                    loss,
                    measures: self.standing.tally.glance(),
                    rate: self.standing.seen as f64 / self.standing.seconds,
                    elapsed: self.standing.elapsed,
                    remaining: self.standing.elapsed / done as f64 * (self.total - done) as f64,
                });
                // At the end of an epoch there is more to be kept.
                if index + 1 < steps && keeper.is_due(self.reached()) {
                    self.keep(keeper, watcher)?;
                }
            }
            Ok(None)
        })?;
        if stop.is_some() {
            return Ok(stop);
        }
        let rows_per_second = self.standing.seen as f64 / seconds();
        self.session.exchange_average()?;
        let held_out = match self.validation.is_empty() {
            true => None,
            false => match self.pass.assess(self.session.as_mut(), &self.validation, cancel)? {
                Some(measures) => Some(measures),
                None => {
                    self.session.exchange_average()?;
                    return Ok(Some(Stop::Cancelled));
                }
            },
        };
        let result = Epoch {
            epoch,
            training: self.standing.tally.measures(),
            validation: held_out,
            seconds: seconds(),
            rows_per_second,
            learning_rate: self.rate((before + steps).saturating_sub(1)),
        };
        if !result.loss().is_finite() {
            return Ok(Some(Stop::Diverged { epoch, step: None, loss: result.loss(), trouble: None }));
        }
        let is_best = self.standing.is_best(&self.plan.monitor, &result);
        if is_best || !self.plan.keeps_best {
            self.best = Some(Best { epoch, weights: self.session.weights()? });
        }
        self.session.exchange_average()?;
        let stops = self.watched(&result);
        self.standing.stopped = stops;
        self.standing.next(self.plan, result.clone());
        self.standing.elapsed = elapsed();
        watcher.on_epoch(&EpochProgress { epochs: self.epochs, epoch: result, is_best });
        let ends = stops || self.standing.epoch > self.epochs;
        if !ends && keeper.is_due(self.reached()) {
            self.keep(keeper, watcher)?;
        }
        Ok(stops.then_some(Stop::Early { epoch }))
    }

    /// One step, on the rows of its batches.
    fn step(&mut self, step: usize, rows: &[usize], batches: &mut Batches<'_>) -> Result<Stepped, TrainError> {
        let mut loss = 0.0;
        for batch in rows.chunks(self.plan.batch_size.max(1)) {
            // Each row counts the same, as it does in a batch of all of them.
            let share = batch.len() as f32 / rows.len() as f32;
            let outcome = self.session.differentiate(batches.next(batch)?, share)?;
            if !outcome.loss.is_finite() {
                let again = self.pass.to_train(batch, self.standing.epoch)?;
                let trouble = trouble::found(&self.plan.graph, self.session.as_mut(), again);
                return Ok(Stepped::Lost { loss: f64::from(outcome.loss), trouble });
            }
            loss += f64::from(outcome.loss) * f64::from(share);
            self.pass.count(&mut self.standing.tally, &outcome.outputs, batch)?;
        }
        let mut found = Vec::new();
        if self.health.is_due(step) {
            found = self.health.gradients(self.session.as_ref());
            if let Some(batch) =
                rows.chunks(self.plan.batch_size.max(1)).last().filter(|_| self.health.looks_at_units(step))
            {
                let inputs = self.pass.to_train(batch, self.standing.epoch)?;
                found.extend(self.health.units(self.session.as_mut(), inputs)?);
            }
        }
        let mut optimizer = self.plan.optimizer;
        optimizer.learning_rate = self.rate(step);
        self.session.step(&optimizer)?;
        if let Some(update) = self.plan.ema.and_then(|ema| ema.update(step as u64 + 1)) {
            self.session.average(update)?;
        }
        Ok(Stepped::Done { loss, found })
    }

    /// What an epoch does to the learning rate; whether the run ends with it.
    fn watched(&mut self, epoch: &Epoch) -> bool {
        let standing = &mut self.standing;
        if let Course::Plateau { monitor, .. } = &self.plan.schedule.course {
            let value = epoch.measure(&monitor.name);
            standing.rate = standing.plateau.rate(&self.plan.schedule, standing.rate, value);
        }
        let stopping = self.plan.early_stopping.as_ref();
        stopping.is_some_and(|stopping| {
            standing.stopping.stops(stopping, epoch.epoch, epoch.measure(&stopping.monitor.name))
        })
    }
}
