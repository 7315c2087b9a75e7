//! One batch of predictions beside what they are compared with, in the ways that metrics look at it.

use ndsl_compiler::plan::Task;

use super::largest;
use super::order::List;
use crate::tensor::{Tensor, TensorData};

/// Predictions and targets of one batch.
pub(super) struct Answers<'a> {
    pub(super) task: Task,
    pub(super) rows: usize,
    /// The last axis of a prediction: its classes, its labels; 1 where a row is one number.
    pub(super) width: usize,
    pub(super) prediction: &'a [f32],
    target: &'a TensorData,
}

impl<'a> Answers<'a> {
    /// Nothing where the two are not of one size, as where a loss is about something else than the dataset's target.
    pub(super) fn new(task: Task, prediction: &'a Tensor, target: &'a Tensor) -> Option<Self> {
        let numbers = prediction.as_f32()?;
        let width = if prediction.shape.len() > 1 { prediction.shape.last().copied()? } else { 1 };
        let answers = match task {
            Task::Classification => numbers.len().checked_div(width)?,
            Task::Binary | Task::Regression => numbers.len(),
        };
        let fits = width > 0 && answers == target.data.len();
        fits.then(|| Self { task, rows: prediction.rows(), width, prediction: numbers, target: &target.data })
    }

    /// The number that an answer is compared with.
    pub(super) fn target(&self, index: usize) -> f64 {
        self.target.number(index).unwrap_or(f64::NAN)
    }

    /// Whether each answer is right.
    pub(super) fn right(&self) -> Box<dyn Iterator<Item = bool> + '_> {
        match self.task {
            Task::Classification => Box::new(self.labelled().map(|(row, label)| largest(row) == label)),
            _ => Box::new(self.numbers().map(|(prediction, target)| (target > 0.5) == (prediction > 0.5))),
        }
    }

    /// Every number and what it should be.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.prediction.iter().enumerate().map(|(index, value)| (f64::from(*value), self.target(index)))
    }

    /// The probabilities of all classes, and the right one; one that is no class is behind the last.
    pub(super) fn labelled(&self) -> impl Iterator<Item = (&'a [f32], usize)> + '_ {
        let rows = self.prediction.chunks_exact(self.width).enumerate();
        rows.map(|(index, row)| {
            let label = self.target(index);
            (row, if label >= 0.0 { label as usize } else { usize::MAX })
        })
    }

    /// What is to be put in order: all classes, or the numbers of the last axis.
    pub(super) fn lists(&self) -> impl Iterator<Item = List<'a>> + '_ {
        let rows = self.prediction.chunks_exact(self.width).enumerate();
        rows.map(|(index, scores)| match self.task {
            Task::Classification => {
                let label = self.target(index);
                List::with_one(scores, if label >= 0.0 { label as usize } else { usize::MAX })
            }
            _ => List::with_worths(scores, (0..self.width).map(|at| self.target(index * self.width + at)).collect()),
        })
    }

    /// The cosine of the angle between prediction and target along the last axis; 0 where one has no length.
    pub(super) fn cosines(&self) -> impl Iterator<Item = f64> + '_ {
        self.prediction.chunks_exact(self.width).enumerate().map(|(index, row)| {
            let (mut product, mut own, mut other) = (0.0, 0.0, 0.0);
            for (at, value) in row.iter().enumerate() {
                let (value, target) = (f64::from(*value), self.target(index * self.width + at));
                product += value * target;
                own += value * value;
                other += target * target;
            }
            let length = own.sqrt() * other.sqrt();
            if length > 0.0 { product / length } else { 0.0 }
        })
    }
}
