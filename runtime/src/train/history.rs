//! What came of each epoch.

use serde::{Deserialize, Serialize};

use super::{Measures, Warning};

/// Every epoch of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The epoch whose weights were kept, counted from 1.
    pub best_epoch: Option<usize>,
    /// What the best is judged by: `val_loss`, `accuracy`, …
    pub monitor: String,
    /// The epochs, in order.
    pub epochs: Vec<Epoch>,
    /// What was found wrong on the way, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
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

impl History {
    /// As a table: a header, and a line for each epoch; what is no number stays empty.
    pub fn csv(&self) -> String {
        let cells = |epoch: &Epoch| -> Vec<(String, f64)> {
            let after = [
                ("learning_rate", epoch.learning_rate),
                ("seconds", epoch.seconds),
                ("rows_per_second", epoch.rows_per_second),
            ];
            let after = after.map(|(name, value)| (name.to_owned(), value));
            epoch.all().into_iter().chain(after).collect()
        };
        let Some(first) = self.epochs.first() else { return "epoch\n".to_owned() };
        let names: Vec<String> = cells(first).into_iter().map(|(name, _)| name).collect();
        let mut text = format!("epoch,{}\n", names.join(","));
        for epoch in &self.epochs {
            let number = |(_, value): &(String, f64)| if value.is_finite() { value.to_string() } else { String::new() };
            let line: Vec<String> = cells(epoch).iter().map(number).collect();
            text += &format!("{},{}\n", epoch.epoch, line.join(","));
        }
        text
    }
}

impl Epoch {
    /// Every measure by its name, with `val_` before those of the rows held out.
    pub fn all(&self) -> Vec<(String, f64)> {
        let named = |measures: &Measures, prefix: &str| -> Vec<(String, f64)> {
            let metrics = measures.metrics.iter().map(|(name, value)| (format!("{prefix}{name}"), *value));
            std::iter::once((format!("{prefix}loss"), measures.loss)).chain(metrics).collect()
        };
        let held_out = self.validation.iter().flat_map(|measures| named(measures, "val_"));
        named(&self.training, "").into_iter().chain(held_out).collect()
    }

    /// The loss: of the rows held out where there are some.
    pub fn loss(&self) -> f64 {
        self.validation.as_ref().unwrap_or(&self.training).loss
    }

    /// A measure by its name, with `val_` before it for the rows held out; not a number where it was not measured.
    pub fn measure(&self, name: &str) -> f64 {
        let (measures, name) = match name.strip_prefix("val_") {
            Some(name) => (self.validation.as_ref(), name),
            None => (Some(&self.training), name),
        };
        let measure = measures.and_then(|measures| match name {
            "loss" => Some(measures.loss),
            _ => measures.metrics.get(name).copied(),
        });
        measure.unwrap_or(f64::NAN)
    }
}
