//! Loss and metrics, summed up batch by batch.

use std::collections::BTreeMap;

use ndsl_compiler::plan::{Metric, Task};
use serde::{Deserialize, Serialize};

use crate::tensor::{Tensor, TensorData};

/// Means over the rows seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// The loss.
    pub loss: f64,
    /// The metrics, by name; one that is no number, as of rows of a single class, is written `null`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "with_nulls")]
    pub metrics: BTreeMap<String, f64>,
}

fn with_nulls<'de, D: serde::Deserializer<'de>>(given: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let given = BTreeMap::<String, Option<f64>>::deserialize(given)?;
    Ok(given.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect())
}

/// Sums that become [`Measures`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    task: Task,
    metrics: Vec<(Metric, Sum)>,
    loss: Sum,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sum {
    total: f64,
    count: usize,
}

impl Sum {
    fn mean(self) -> f64 {
        if self.count == 0 { 0.0 } else { self.total / self.count as f64 }
    }
}

impl Tally {
    /// Nothing seen yet.
    pub fn new(task: Task, metrics: &[Metric]) -> Self {
        Self { task, metrics: metrics.iter().map(|metric| (*metric, Sum::default())).collect(), loss: Sum::default() }
    }

    /// Adds a batch: the loss of each row, the predictions, and the target.
    pub fn add(&mut self, losses: &Tensor, prediction: &Tensor, target: Option<&Tensor>) {
        for loss in losses.as_f32().unwrap_or_default() {
            self.loss.total += f64::from(*loss);
            self.loss.count += 1;
        }
        let Some(target) = target else { return };
        for (metric, sum) in &mut self.metrics {
            let (total, count) = match (metric, self.task) {
                (Metric::Accuracy, Task::Classification) => right_classes(prediction, &target.data),
                (Metric::Accuracy, _) => right_answers(prediction, &target.data),
                (Metric::Mae, _) => differences(prediction, &target.data),
            };
            sum.total += total;
            sum.count += count;
        }
    }

    /// The means so far.
    pub fn measures(&self) -> Measures {
        let metrics = self.metrics.iter().map(|(metric, sum)| (metric.name().to_owned(), sum.mean())).collect();
        Measures { loss: self.loss.mean(), metrics }
    }
}

/// The index of the largest number; of several, the first.
pub(crate) fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best
}

fn right_classes(prediction: &Tensor, target: &TensorData) -> (f64, usize) {
    let classes = prediction.shape.last().copied().unwrap_or(1).max(1);
    let rows = prediction.as_f32().unwrap_or_default().chunks_exact(classes);
    let right = rows.enumerate().filter(|(index, row)| target.number(*index) == Some(largest(row) as f64));
    (right.count() as f64, target.len())
}

fn right_answers(prediction: &Tensor, target: &TensorData) -> (f64, usize) {
    let values = prediction.as_f32().unwrap_or_default().iter().enumerate();
    let right = values.filter(|(index, value)| target.number(*index).is_some_and(|t| (t > 0.5) == (**value > 0.5)));
    (right.count() as f64, target.len())
}

fn differences(prediction: &Tensor, target: &TensorData) -> (f64, usize) {
    let values = prediction.as_f32().unwrap_or_default();
    let difference = |(index, value): (usize, &f32)| target.number(index).map(|t| (t - f64::from(*value)).abs());
    (values.iter().enumerate().filter_map(difference).sum(), values.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_rows_whatever_the_batches() {
        let mut tally = Tally::new(Task::Classification, &[Metric::Accuracy]);
        let scores = Tensor::f32([2, 3], vec![0.1, 0.7, 0.2, 0.9, 0.0, 0.1]);
        tally.add(&Tensor::f32([2], vec![1.0, 2.0]), &scores, Some(&Tensor::i64([2], vec![1, 2])));
        let scores = Tensor::f32([1, 3], vec![0.0, 0.0, 1.0]);
        tally.add(&Tensor::f32([1], vec![6.0]), &scores, Some(&Tensor::i64([1], vec![2])));
        let measures = tally.measures();
        assert_eq!(measures.loss, 3.0);
        assert_eq!(measures.metrics["accuracy"], 2.0 / 3.0);
    }

    #[test]
    fn a_binary_answer_is_right_on_its_side_of_one_half() {
        let mut tally = Tally::new(Task::Binary, &[Metric::Accuracy]);
        let probabilities = Tensor::f32([4, 1], vec![0.9, 0.1, 0.5, 0.6]);
        tally.add(&Tensor::f32([4], vec![0.0; 4]), &probabilities, Some(&Tensor::i64([4], vec![1, 0, 1, 0])));
        assert_eq!(tally.measures().metrics["accuracy"], 0.5);
    }

    #[test]
    fn the_mean_absolute_error_is_over_every_number() {
        let mut tally = Tally::new(Task::Regression, &[Metric::Mae]);
        let target = Tensor::f32([2], vec![1.0, 1.0]);
        tally.add(&Tensor::f32([2], vec![0.0; 2]), &Tensor::f32([2], vec![0.0, 4.0]), Some(&target));
        assert_eq!(tally.measures().metrics["mae"], 2.0);
    }
}
