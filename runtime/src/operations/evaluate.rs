//! Measures a trained model on data with answers.

use std::path::PathBuf;

use ndsl_compiler::plan::{Metric, Task};
use serde::{Deserialize, Serialize};

use super::Error;
use super::trained::Trained;
use crate::engine::{Device, engine};
use crate::train::{Cancel, Measures, assess};

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// The data: a CSV file, or IDX images and labels.
    pub data: Vec<PathBuf>,
    /// What computes.
    #[serde(default)]
    pub device: Device,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// What its output means.
    pub task: Task,
    /// How many rows there were.
    pub rows: usize,
    /// The loss's name.
    pub loss: String,
    /// Loss and metrics over all rows.
    #[serde(flatten)]
    pub measures: Measures,
}

/// Measures.
///
/// # Errors
/// What reading the model, the data and running the engine may say; [`Error::Cancelled`] when it was stopped.
pub fn run(request: &Request, cancel: &Cancel) -> Result<Response, Error> {
    let trained = Trained::open(&request.model)?;
    let data = trained.read(&request.data, true)?;
    let signature = trained.model.metadata.data_signature();
    let mut plan = trained
        .analysis
        .plan_train(trained.train(), &signature)
        .map_err(|diagnostics| Error::Program { source_text: trained.analysis.source.clone(), diagnostics })?;
    trained.match_weights(&plan.graph)?;
    if plan.metrics.is_empty() {
        plan.metrics.push(match plan.task {
            Task::Classification | Task::Binary => Metric::Accuracy,
            Task::Regression => Metric::Mae,
        });
    }
    let measures = assess(&plan, &data, &trained.model.weights, engine()?.as_ref(), request.device, cancel)?;
    Ok(Response {
        model: plan.model,
        task: plan.task,
        rows: data.rows,
        loss: plan.loss,
        measures: measures.ok_or(Error::Cancelled)?,
    })
}
