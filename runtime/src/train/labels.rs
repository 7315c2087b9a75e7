//! Labels that mean nothing to the model are found before the first step, with the row they stand in.

use std::ops::ControlFlow;

use ndsl_compiler::plan::{TARGET_OUTPUT, Task, TrainPlan};

use super::TrainError;
use super::batches::fed;
use crate::data::Dataset;
use crate::engine::labels::{label_inputs, out_of_range, source};

/// Checks every label of the dataset against the model's classes.
pub(super) fn check(plan: &TrainPlan, data: &Dataset) -> Result<(), TrainError> {
    let fed = fed(&plan.graph, data)?;
    for classes in label_inputs(&plan.graph) {
        let Some(field) = fed.get(classes.input).and_then(|fed| fed.field()) else { continue };
        let width = field.width().max(1);
        let mut wrong = None;
        _ = field.data.pieces(&mut |first, labels| {
            wrong = out_of_range(labels, classes.classes).map(|(index, label)| (first + index / width, label));
            found(&wrong)
        })?;
        if let Some((row, label)) = wrong {
            let (field, place) = (field.name.clone(), data.place(row));
            return Err(TrainError::LabelOutOfRange { field, label, place, classes: classes.classes });
        }
    }
    // The target of the dataset may be something else than what the loss compares, as the label of a conditional model.
    let compared = plan.graph.output(TARGET_OUTPUT).and_then(|target| source(&plan.graph, target.value));
    if plan.task == Task::Binary
        && let Some(field) =
            compared.and_then(|input| fed.get(input)?.field()).filter(|field| field.name == data.target)
    {
        let width = field.width().max(1);
        let mut wrong = None;
        _ = field.data.pieces(&mut |first, truths| {
            let values = (0..truths.len()).map(|index| (index, truths.number(index).unwrap_or_default()));
            wrong = values.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value));
            wrong = wrong.map(|(index, value)| (first + index / width, value));
            found(&wrong)
        })?;
        if let Some((row, value)) = wrong {
            return Err(TrainError::NotBinary { field: field.name.clone(), value, place: data.place(row) });
        }
    }
    Ok(())
}

/// Goes on until there is something.
fn found<T>(one: &Option<T>) -> ControlFlow<()> {
    if one.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
