//! Labels that mean nothing to the model are found before the first step, with the row they stand in.

use ndsl_compiler::plan::{Task, TrainPlan};

use super::TrainError;
use super::batches::fed;
use crate::data::Dataset;
use crate::engine::labels::{label_inputs, out_of_range};

/// Checks every label of the dataset against the model's classes.
pub(super) fn check(plan: &TrainPlan, data: &Dataset) -> Result<(), TrainError> {
    let fed = fed(&plan.graph, data)?;
    for labels in label_inputs(&plan.graph) {
        let Some(field) = fed.get(labels.input).and_then(|fed| fed.field()) else { continue };
        if let Some((index, label)) = out_of_range(&field.data, labels.classes) {
            return Err(TrainError::LabelOutOfRange {
                field: field.name.clone(),
                label,
                place: data.place(index / field.width().max(1)),
                classes: labels.classes,
            });
        }
    }
    if plan.task == Task::Binary
        && let Some(field) = fed.iter().filter_map(|fed| fed.field()).find(|field| field.name == data.target)
    {
        for index in 0..field.data.len() {
            let value = field.data.number(index).unwrap_or_default();
            if !(0.0..=1.0).contains(&value) {
                let place = data.place(index / field.width().max(1));
                return Err(TrainError::NotBinary { field: field.name.clone(), value, place });
            }
        }
    }
    Ok(())
}
