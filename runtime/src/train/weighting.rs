//! How much each row counts in the loss: by its class, by a column, or by both.

use std::ops::ControlFlow;

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
            let classes: Vec<Option<usize>> =
                first_numbers(target)?.into_iter().map(|value| class(plan.task, value)).collect();
            let of_class = of_classes(weights, &classes, trained);
            for (class, weight) in classes.iter().zip(&mut training) {
                *weight *= class.and_then(|class| of_class.get(class)).map_or(1.0, |it| *it as f32);
            }
        }
        Ok(Some(Self { training, measuring }))
    }
}

/// The numbers of a column, each of which must be a weight.
fn given(field: &Field, data: &Dataset) -> Result<Vec<f32>, TrainError> {
    let weight = |(row, value): (usize, f64)| match value.is_finite() && value >= 0.0 {
        true => Ok(value as f32),
        false => Err(TrainError::RowWeight { field: field.name.clone(), value, place: data.place(row) }),
    };
    first_numbers(field)?.into_iter().enumerate().map(weight).collect()
}

/// The first number of every row.
fn first_numbers(field: &Field) -> Result<Vec<f64>, TrainError> {
    let (mut all, width) = (Vec::new(), field.width().max(1));
    _ = field.data.pieces(&mut |_, numbers| {
        all.extend((0..numbers.len() / width).map(|row| numbers.number(row * width).unwrap_or(f64::NAN)));
        ControlFlow::Continue(())
    })?;
    Ok(all)
}

/// The class that a number is.
fn class(task: Task, value: f64) -> Option<usize> {
    match task {
        Task::Binary => Some(usize::from(value > 0.5)),
        _ => (value >= 0.0).then_some(value as usize),
    }
}

/// How much each class counts.
fn of_classes(weights: &ClassWeights, classes: &[Option<usize>], trained: &[usize]) -> Vec<f64> {
    let ClassWeights::Given(weights) = weights else {
        let mut counts: Vec<usize> = Vec::new();
        for class in trained.iter().filter_map(|row| classes.get(*row).copied().flatten()) {
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
