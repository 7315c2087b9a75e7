//! What a run is between two of its steps.

use ndsl_compiler::Weights;
use ndsl_compiler::plan::{Monitor, TrainPlan};

use serde::{Deserialize, Serialize};

use super::{Epoch, History, Patience, Tally};
use crate::engine::SessionState;

/// All that a run is between two steps: going on from it makes the same steps as never having stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// How far it is.
    pub standing: Standing,
    /// The weights that would be kept if it ended here.
    pub best: Option<Best>,
    /// The weights as the last step left them.
    pub weights: Weights,
    /// What the engine remembers besides.
    pub session: SessionState,
}

/// The weights that are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Their epoch, counted from 1.
    pub epoch: usize,
    /// They themselves.
    pub weights: Weights,
}

/// How far a run is, and what it knows besides its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The epoch it is in, counted from 1.
    pub(super) epoch: usize,
    /// Steps of it that are done.
    pub(super) step: usize,
    /// Rows of it that were trained on.
    pub(super) seen: usize,
    /// Loss and metrics of these.
    pub(super) tally: Tally,
    /// Every finished epoch.
    pub(super) history: History,
    /// The best value so far of what the best epoch is judged by.
    pub(super) best: Option<f64>,
    /// The learning rate before its schedule, as a plateau has left it.
    pub(super) rate: f64,
    /// What a plateau has waited for.
    pub(super) plateau: Patience,
    /// What early stopping has waited for.
    pub(super) stopping: Patience,
    /// Seconds the epoch took so far.
    pub(super) seconds: f64,
    /// Seconds the run took so far.
    pub(super) elapsed: f64,
    /// Whether it stopped early.
    pub(super) stopped: bool,
}

impl Standing {
    /// At the beginning of a run.
    pub(super) fn new(plan: &TrainPlan) -> Self {
        Self {
            epoch: 1,
            step: 0,
            seen: 0,
            tally: Tally::new(plan.task, &plan.metrics),
            history: History { monitor: plan.monitor.name.clone(), ..History::default() },
            best: None,
            rate: plan.optimizer.learning_rate,
            plateau: Patience::default(),
            stopping: Patience::default(),
            seconds: 0.0,
            elapsed: 0.0,
            stopped: false,
        }
    }

    /// The epoch it is in, counted from 1 (behind the last, where all are done), and how many steps of it are done.
    pub fn place(&self) -> (usize, usize) {
        (self.epoch, self.step)
    }

    /// Every finished epoch.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Seconds it took so far.
    pub fn elapsed(&self) -> f64 {
        self.elapsed
    }

    /// Whether it stopped since what is watched had not become better.
    pub fn stopped_early(&self) -> bool {
        self.stopped
    }

    /// Whether an epoch is the best so far; the first is, whatever it measured.
    pub(super) fn is_best(&mut self, monitor: &Monitor, epoch: &Epoch) -> bool {
        let value = epoch.measure(&monitor.name);
        let best = self.best.is_none_or(|best| best.is_nan() || monitor.better(value, best, 0.0));
        if best {
            self.best = Some(value);
        }
        best
    }

    /// What keeps this from being where a run with epochs of so many steps is; `best` are the weights it would keep.
    pub(super) fn check(&self, steps: usize, best: Option<&Best>) -> Result<(), String> {
        let epochs = self.history.epochs.len();
        if self.epoch == 0 || epochs != self.epoch - 1 {
            return Err(format!("it is in epoch {} and has a history of {epochs}", self.epoch));
        }
        if self.step > steps {
            return Err(format!("it has done {} steps of an epoch of {steps}", self.step));
        }
        match best {
            Some(best) if best.epoch == 0 || best.epoch > epochs => {
                Err(format!("it keeps epoch {} of {epochs}", best.epoch))
            }
            None if epochs > 0 => Err("it keeps no epoch".to_owned()),
            _ => Ok(()),
        }
    }

    /// Goes on to the epoch after this one.
    pub(super) fn next(&mut self, plan: &TrainPlan, done: Epoch) {
        self.history.epochs.push(done);
        self.epoch += 1;
        (self.step, self.seen, self.seconds) = (0, 0, 0.0);
        self.tally = Tally::new(plan.task, &plan.metrics);
    }
}
