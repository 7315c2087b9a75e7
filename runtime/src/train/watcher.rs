//! How a run is watched and stopped from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndsl_compiler::diagnostics::Diagnostic;

use super::{Epoch, Measures, Needs};
use crate::engine::Device;

/// What a run is about to do.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStart {
    /// Passes over the rows.
    pub epochs: usize,
    /// Steps of each.
    pub steps: usize,
    /// Steps of all of them: fewer where the run ends by its steps.
    pub total: usize,
    /// What computes it.
    pub device: Device,
    /// What that calls itself, if it is a GPU.
    pub device_name: Option<String>,
    /// About what it takes of memory; nothing where a GPU computes it.
    pub needs: Option<Needs>,
    /// Rows that are trained on.
    pub training_rows: usize,
    /// Rows held out.
    pub validation_rows: usize,
    /// Numbers that training moves.
    pub trainable_parameters: usize,
    /// Where it goes on, if it was begun before: the epoch, counted from 1, and the steps of it that are done.
    pub done: Option<(usize, usize)>,
}

/// One step done.
#[derive(Clone, Debug, PartialEq)]
pub struct StepProgress {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// How many there are.
    pub epochs: usize,
    /// The step within the epoch, counted from 1.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
    /// The loss of this step's rows.
    pub loss: f64,
    /// Loss and metrics of the epoch so far, but for the areas under curves, which are known at its end.
    pub measures: Measures,
    /// Rows a second, over the epoch so far.
    pub rate: f64,
    /// Seconds since the run began.
    pub elapsed: f64,
    /// Seconds the rest will take at the pace so far, validation left out.
    pub remaining: f64,
}

/// One epoch done.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochProgress {
    /// How many epochs there are.
    pub epochs: usize,
    /// What came of this one.
    pub epoch: Epoch,
    /// Whether it is the best so far.
    pub is_best: bool,
}

/// Whoever wants to know how a run goes. Everything is called from the thread that trains.
pub trait Watcher {
    /// The run begins.
    fn on_start(&mut self, _start: &RunStart) {}
    /// A step is done.
    fn on_step(&mut self, _progress: &StepProgress) {}
    /// An epoch is done, its validation included.
    fn on_epoch(&mut self, _progress: &EpochProgress) {}
    /// Something is wrong with how it goes, though it goes on; the place is one in the program that runs.
    fn on_warning(&mut self, _warning: &Diagnostic) {}
    /// Something worth a line was done on the way, such as a rewrite of the program.
    fn on_note(&mut self, _note: &str) {}
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Watcher for Silent {}

/// A flag that any thread, or a signal's handler, may raise to stop a run at its next step.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    raised: Arc<AtomicBool>,
    /// A flag that counts as well.
    above: Option<Box<Cancel>>,
}

impl Cancel {
    /// A flag that is down.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.raised.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_cancelled(&self) -> bool {
        self.raised.load(Ordering::Relaxed) || self.above.as_ref().is_some_and(|above| above.is_cancelled())
    }

    /// A flag that is up when this one is, and may be raised alone.
    pub fn below(&self) -> Self {
        Self { raised: Arc::default(), above: Some(Box::new(self.clone())) }
    }
}
