//! What a training does beside its steps: what it watches, when it stops, what it keeps, and where it starts from.

use std::fmt;

use super::{Located, TableColumn};

/// A measure of the history, and which way it is better.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Monitor {
    /// As histories call it: `loss`, `accuracy`, or one of these with `val_` for the rows held out.
    pub name: String,
    /// Whether more of it is better.
    pub rises: bool,
}

impl Monitor {
    /// The loss: of the rows held out where there are some.
    pub fn loss(held_out: bool) -> Self {
        Self { name: if held_out { "val_loss" } else { "loss" }.to_owned(), rises: false }
    }

    /// Whether `value` is better than `best` by more than `least`; one that is no number never is.
    pub fn better(&self, value: f64, best: f64, least: f64) -> bool {
        if self.rises { value - least > best } else { value + least < best }
    }
}

/// When a training stops before its last epoch; as Keras's `EarlyStopping`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EarlyStopping {
    /// What is watched.
    pub monitor: Monitor,
    /// Epochs without a better value after which it stops.
    pub patience: usize,
    /// How much better counts as better.
    pub min_delta: f64,
    /// While this is not reached, an epoch counts as one without a better value.
    pub baseline: Option<f64>,
    /// Epochs at the beginning that do not count.
    pub start: usize,
}

/// A running mean of the weights, which is measured and kept in their place.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ema {
    /// How much of the mean stays after an update.
    pub decay: f64,
    /// Steps from one update to the next.
    pub every: usize,
    /// Steps before the first, which makes the mean what the weights are then.
    pub start: usize,
}

impl Ema {
    /// What the mean becomes after a step, counted from 1: nothing new, the weights themselves (`None`), or moved towards
    /// them by one less the decay.
    pub fn update(&self, step: u64) -> Option<Option<f64>> {
        let gone = step.checked_sub(self.start as u64 + 1)?;
        gone.is_multiple_of(self.every.max(1) as u64).then(|| (gone > 0).then_some(self.decay))
    }
}

/// What is kept of a run while it goes on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoints {
    /// Epochs from one to the next.
    pub every: usize,
    /// Steps from one to the next at most.
    pub every_steps: Option<usize>,
    /// Seconds from one to the next at most.
    pub every_time: Option<f64>,
    /// How many of the newest are kept.
    pub keep: usize,
}

/// How much each row counts in the loss.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighting {
    /// By its class.
    pub classes: Option<ClassWeights>,
    /// By a column.
    pub column: Option<TableColumn>,
}

impl Weighting {
    /// Whether every row counts the same.
    pub fn is_even(&self) -> bool {
        self.classes.is_none() && self.column.is_none()
    }
}

/// How much the rows of a class count in the loss of a training.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// Each class as much as any other: rows / (classes * rows of the class), over the rows that are trained on.
    Balanced,
    /// By the classes' numbers; those behind the last count as 1.
    Given(Vec<f64>),
}

impl fmt::Display for ClassWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balanced => f.write_str("balanced"),
            Self::Given(weights) => write!(f, "{weights:?}"),
        }
    }
}

/// Where the first weights come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The best epoch of another training.
    Best(Located),
    /// The last epoch of another training.
    Last(Located),
    /// A file of weights or the folder of a model; relative to the folder of the file that says it.
    Path {
        /// The path.
        path: Located,
        /// The way from the program's folder to that of the file that says it.
        folder: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_update_of_a_mean_copies_the_weights() {
        let ema = Ema { decay: 0.9, every: 2, start: 3 };
        let updates: Vec<_> = (1..=8).map(|step| ema.update(step)).collect();
        let moved = Some(Some(0.9));
        assert_eq!(updates, [None, None, None, Some(None), None, moved, None, moved]);
    }

    #[test]
    fn better_is_by_the_way_of_the_measure_and_more_than_the_least() {
        let (loss, accuracy) = (Monitor::loss(true), Monitor { name: "accuracy".into(), rises: true });
        assert!(loss.better(0.5, 1.0, 0.0) && !loss.better(0.5, 0.5, 0.0) && !loss.better(0.95, 1.0, 0.1));
        assert!(accuracy.better(0.6, 0.5, 0.0) && !accuracy.better(0.55, 0.5, 0.1));
        assert!(!loss.better(f64::NAN, 1.0, 0.0) && !accuracy.better(f64::NAN, 0.0, 0.0));
    }
}
