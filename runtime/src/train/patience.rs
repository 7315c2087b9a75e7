//! Waiting for a measure to become better: to stop a run, or to make its steps smaller. As Keras's callbacks do it.

use ndsl_compiler::plan::{Course, EarlyStopping, Monitor, Schedule};
use serde::{Deserialize, Serialize};

/// How long a measure has not become better.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    /// The best value so far.
    pub best: Option<f64>,
    /// Epochs that were waited.
    pub waited: usize,
}

impl Patience {
    /// Whether a value is the best so far, by more than `least`; it is that from now on.
    fn improves(&mut self, monitor: &Monitor, value: f64, least: f64) -> bool {
        let better = !value.is_nan() && self.best.is_none_or(|best| monitor.better(value, best, least));
        if better {
            self.best = Some(value);
        }
        better
    }

    /// Whether a run stops after an epoch, counted from 1, with this value of what is watched.
    pub fn stops(&mut self, stopping: &EarlyStopping, epoch: usize, value: f64) -> bool {
        if epoch <= stopping.start {
            return false;
        }
        self.waited += 1;
        if self.improves(&stopping.monitor, value, stopping.min_delta) {
            if stopping.baseline.is_none_or(|baseline| stopping.monitor.better(value, baseline, stopping.min_delta)) {
                self.waited = 0;
            }
            return false;
        }
        self.waited >= stopping.patience && epoch > 1
    }

    /// The learning rate after an epoch with this value of what is watched; as it was where the schedule is no plateau.
    pub fn rate(&mut self, schedule: &Schedule, rate: f64, value: f64) -> f64 {
        let Course::Plateau { monitor, factor, patience, min_delta, floor } = &schedule.course else { return rate };
        if self.improves(monitor, value, *min_delta) {
            self.waited = 0;
            return rate;
        }
        self.waited += 1;
        if self.waited < *patience || rate <= *floor {
            return rate;
        }
        self.waited = 0;
        (rate * factor).max(*floor)
    }
}
