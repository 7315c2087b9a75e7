//! How much each row counts in the loss: by its class, by a column, or by both.

use ndsl_compiler::plan::{ClassWeights, Task, TrainPlan};

use super::TrainError;
use crate::data::{Dataset, Field};

/// A number for every row of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowWeights {
    /// In training.
    pub(super) training: Vec<f32>,
    /// Where a model is measured: classes count the same there, so that runs with other weights can be compared.
    pub(super) measuring: Vec<f32>,
}

impl RowWeights {
    /// What the plan says of the rows, of which `trained` are trained on; nothing where all count the same.
    pub(super) fn new(plan: &TrainPlan, data: &Dataset, trained: &[usize]) -> Result<Option<Self>, TrainError> {
        if plan.weighting.is_even() {
            return Ok(None);
        }
        let measuring = match &plan.weighting.column {
            // Data that a model is measured on need not say how much its rows count.
            Some(column) => match data.field(&column.name) {
                Some(field) => given(field, data)?,
                None => vec![1.0; data.rows],
            },
            None => vec![1.0; data.rows],
        };
        let mut training = measuring.clone();
        if let (Some(weights), Some(target)) = (&plan.weighting.classes, data.field(&data.target)) {
            let of_class = of_classes(weights, plan.task, target, trained);
            for (row, weight) in training.iter_mut().enumerate() {
                *weight *=
                    class(plan.task, target, row).and_then(|class| of_class.get(class)).map_or(1.0, |it| *it as f32);
            }
        }
        Ok(Some(Self { training, measuring }))
    }
}

/// The numbers of a column, each of which must be a weight.
fn given(field: &Field, data: &Dataset) -> Result<Vec<f32>, TrainError> {
    let weight = |row: usize| {
        let value = field.data.number(row).unwrap_or(f64::NAN);
        match value.is_finite() && value >= 0.0 {
            true => Ok(value as f32),
            false => Err(TrainError::RowWeight { field: field.name.clone(), value, place: data.place(row) }),
        }
    };
    (0..data.rows).map(weight).collect()
}

/// The class of a row.
fn class(task: Task, target: &Field, row: usize) -> Option<usize> {
    let value = target.data.number(row * target.width())?;
    match task {
        Task::Binary => Some(usize::from(value > 0.5)),
        _ => (value >= 0.0).then_some(value as usize),
    }
}

/// How much each class counts.
fn of_classes(weights: &ClassWeights, task: Task, target: &Field, trained: &[usize]) -> Vec<f64> {
    let ClassWeights::Given(weights) = weights else {
        let mut counts: Vec<usize> = Vec::new();
        for class in trained.iter().filter_map(|row| class(task, target, *row)) {
            counts.resize(counts.len().max(class + 1), 0);
            counts[class] += 1;
        }
        let present = counts.iter().filter(|count| **count > 0).count();
        // A class that nothing is learnt of has no weight to be had.
        let balanced = |count: &usize| if *count == 0 { 1.0 } else { trained.len() as f64 / (present * count) as f64 };
        return counts.iter().map(balanced).collect();
    };
    weights.clone()
}
