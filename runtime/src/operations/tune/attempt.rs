//! One trial: trained, judged epoch by epoch, and ended where it is worse than the others.

use std::time::Instant;

use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::plan::{Monitor, Search};
use ndsl_compiler::{analyze_sources, rewrite};

use super::folder::{Folder, remove};
use super::{Observer, Request, Watched, training};
use crate::checkpoint;
use crate::operations::train::{Program, Request as TrainRequest, carry_out, ready};
use crate::operations::{Error, sound};
use crate::search::{End, Point, Space, Trial, ends_early};
use crate::train::{Cancel, Epoch, EpochProgress, History, RunStart, StepProgress, TrainError, Watcher};

/// One trial under way.
pub(super) struct Attempt<'a> {
    /// Counted from 0.
    pub(super) number: usize,
    pub(super) trials: &'a [Trial],
    pub(super) search: &'a Search,
    pub(super) folder: &'a mut Folder,
}

impl Attempt<'_> {
    /// Trains; nothing if it was cancelled, and then a checkpoint is left.
    pub(super) fn run(
        &mut self,
        request: &Request,
        program: &Program,
        space: &Space,
        point: &Point,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Result<Option<Trial>, Error> {
        let began = Instant::now();
        let values = space.written(point);
        let failed = |reason: String| {
            Some(Trial {
                trial: self.number + 1,
                values: values.clone(),
                end: End::Failed { reason },
                value: None,
                best_epoch: None,
                epochs: Vec::new(),
                measures: Default::default(),
                seconds: began.elapsed().as_secs_f64(),
            })
        };
        let choices = space.variables.iter().zip(point).map(|(it, choice)| (it.name.clone(), *choice)).collect();
        let sources = rewrite::tuned(&program.analysis, &program.train, &choices).map_err(Error::Request)?;
        let analysis = match sound(analyze_sources(&sources)) {
            Err(Error::Program { diagnostics, .. }) => return Ok(failed(first(&diagnostics))),
            other => other?,
        };
        let current = self.folder.current();
        let mut training = TrainRequest { train: Some(program.train.clone()), ..training(request, current) };
        training.set.extend(values.iter().cloned());
        let (mut before, mut elapsed) = (History::default(), 0.0);
        match checkpoint::newest(&training.output) {
            Ok(newest) => {
                let standing = newest.checkpoint.state.standing;
                (before, elapsed) = (standing.history().clone(), standing.elapsed());
                training.resume = true;
            }
            // What is no run of this trial is begun anew.
            Err(_) => remove(&training.output)?,
        }
        let (given, train) = (program.given.clone(), program.train.clone());
        let tuned = Program { given, diagnostics: Vec::new(), analysis, train };
        let prepared = match ready(&training, tuned) {
            Err(Error::Program { diagnostics, .. }) => return Ok(failed(first(&diagnostics))),
            other => other?,
        };
        let Monitor { name, rises } = self.search.monitor.clone().unwrap_or_else(|| prepared.plan.monitor.clone());
        let data = checkpoint::hash_of_data(&prepared.data).map_err(TrainError::from)?;
        self.folder.settle(Watched { name: name.clone(), rises }, data)?;
        let stop = cancel.below();
        let mut judge = Judge {
            search: self.search,
            others: self.trials,
            rises,
            values: before.epochs.iter().map(|epoch| epoch.measure(&name)).collect(),
            name: &name,
            stop: stop.clone(),
            pruned: false,
            observer,
        };
        let outcome = carry_out(&training, prepared, false, &mut judge, &stop);
        let (pruned, epochs) = (judge.pruned, judge.values.clone());
        let response = match outcome {
            Err(
                error @ (Error::Diverged { .. }
                | Error::Train(TrainError::TooLarge { .. } | TrainError::BatchTooLarge { .. })),
            ) => {
                return Ok(failed(error.to_string()));
            }
            other => other?,
        };
        // What stopped by itself at the same epoch has finished.
        let pruned = pruned && response.cancelled;
        if response.cancelled && !pruned {
            return Ok(None);
        }
        let best = response.history.best_epoch;
        let best: Option<&Epoch> =
            best.and_then(|best| response.history.epochs.iter().find(|epoch| epoch.epoch == best));
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        Ok(Some(Trial {
            trial: self.number + 1,
            values: values.clone(),
            end: if pruned { End::Pruned } else { End::Finished },
            value: best.and_then(|epoch| finite(epoch.measure(&name))),
            best_epoch: best.map(|epoch| epoch.epoch),
            epochs: epochs.into_iter().map(finite).collect(),
            measures: best
                .map(|epoch| epoch.all().into_iter().map(|(name, value)| (name, finite(value))).collect())
                .unwrap_or_default(),
            seconds: elapsed + began.elapsed().as_secs_f64(),
        }))
    }
}

/// The first error, as a sentence.
fn first(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().find(|it| it.is_error()).map_or_else(String::new, |diagnostic| diagnostic.message.clone())
}

/// Watches a trial and ends it where it is worse than the others.
struct Judge<'a> {
    search: &'a Search,
    others: &'a [Trial],
    name: &'a str,
    rises: bool,
    /// What is watched, epoch by epoch.
    values: Vec<f64>,
    stop: Cancel,
    pruned: bool,
    observer: &'a mut dyn Observer,
}

impl Watcher for Judge<'_> {
    fn on_start(&mut self, start: &RunStart) {
        self.observer.training().on_start(start);
    }

    fn on_step(&mut self, progress: &StepProgress) {
        self.observer.training().on_step(progress);
    }

    fn on_epoch(&mut self, progress: &EpochProgress) {
        self.observer.training().on_epoch(progress);
        self.values.push(progress.epoch.measure(self.name));
        let is_last = progress.epoch.epoch >= progress.epochs;
        if !is_last && ends_early(self.search, self.rises, &self.values, self.others) {
            self.pruned = true;
            self.stop.cancel();
        }
    }

    // The program of a trial is another text, so that its places mean nothing here.
    fn on_warning(&mut self, warning: &Diagnostic) {
        self.observer.training().on_note(&format!("{}: {}", warning.message, warning.label.text));
    }

    fn on_note(&mut self, note: &str) {
        self.observer.training().on_note(note);
    }
}
