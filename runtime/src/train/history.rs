//! What came of each epoch.

use serde::{Deserialize, Serialize};

use super::Measures;

/// Every epoch of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The epoch whose weights were kept, counted from 1.
    pub best_epoch: Option<usize>,
    /// What the best is judged by: `val_loss` or `loss`.
    pub monitor: String,
    /// The epochs, in order.
    pub epochs: Vec<Epoch>,
}

/// What came of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Over the training rows, while they moved the weights.
    #[serde(flatten)]
    pub training: Measures,
    /// Over the rows held out, after the epoch, as in inference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Measures>,
    /// How long it took, validation included.
    pub seconds: f64,
    /// Rows trained on a second.
    pub rows_per_second: f64,
    /// The learning rate of its last step.
    pub learning_rate: f64,
}

impl Epoch {
    /// What the best epoch is judged by.
    pub fn judged(&self) -> f64 {
        self.validation.as_ref().unwrap_or(&self.training).loss
    }
}
