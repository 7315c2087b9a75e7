//! Measures a trained model on data with answers.

use std::path::PathBuf;

use ndsl_compiler::plan::{Metric, Task};
use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use super::{Error, place};
use crate::engine::DeviceChoice;
use crate::train::{Assessment, Cancel, Confusion, Measures, Subject, assess};

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// The data: a CSV file, or IDX images and labels; none for what the model was trained on.
    #[serde(default)]
    pub data: Vec<PathBuf>,
    /// Which of its rows; by default those held out in training where nothing else is given, all of them otherwise.
    #[serde(default)]
    pub part: Option<Part>,
    /// What computes.
    #[serde(default)]
    pub device: DeviceChoice,
}

/// Which rows of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Those held out of training for validation.
    Held,
    /// Those trained on.
    Training,
    /// All of them.
    All,
}

impl Part {
    /// The word before "rows", with the space after it.
    pub fn adjective(self) -> &'static str {
        match self {
            Self::Held => "held-out ",
            Self::Training => "training ",
            Self::All => "",
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// What its output means.
    pub task: Task,
    /// Which rows of the data.
    pub part: Part,
    /// How many there were.
    pub rows: usize,
    /// The loss's name.
    pub loss: String,
    /// Loss and metrics over all of them.
    pub measures: Measures,
    /// What was taken for what, where there are classes and not too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confused>,
}

/// What was taken for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confused {
    /// The classes, in the order of the counts.
    pub classes: Vec<String>,
    /// For each class that is right, how often each was answered.
    pub counts: Confusion,
}

/// Measures.
///
/// # Errors
/// What reading the model, the data and running the engine may say; [`Error::Cancelled`] when it was stopped.
pub fn run(request: &Request, cancel: &Cancel) -> Result<Response, Error> {
    let (engine, device) = place::of_request(request.device)?;
    let Chosen { trained, mut plan, data, rows, part } = Chosen::open(&request.model, &request.data, request.part)?;
    if plan.metrics.is_empty() {
        plan.metrics.push(match plan.task {
            Task::Classification | Task::Binary => Metric::Accuracy,
            Task::Regression => Metric::Mae,
        });
    }
    let weights = &trained.model.weights;
    let subject = Subject { plan: &plan, data: &data, rows: &rows, weights, engine: engine.as_ref(), device };
    let Assessment { measures, confusion } = assess(subject, cancel)?.ok_or(Error::Cancelled)?;
    let known = trained.model.metadata.classes.as_deref();
    let confusion = confusion.map(|counts| Confused { classes: counts.names(known), counts });
    Ok(Response { model: plan.model, task: plan.task, part, rows: rows.len(), loss: plan.loss, measures, confusion })
}
