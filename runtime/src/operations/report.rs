//! Writes the page that shows a trained model: how the training went, and where the model is wrong.

use std::path::{Path, PathBuf};

use ndsl_compiler::Analysis;
use ndsl_compiler::diagram::{Options, draw};
use ndsl_compiler::plan::TrainPlan;
use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use super::evaluate::Part;
use super::{Error, place};
use crate::data::Dataset;
use crate::engine::{Device, DeviceChoice, engine};
use crate::files::write_whole;
use crate::model::Model;
use crate::report::{Report, judge};
use crate::train::{Cancel, Subject, hold_out};

/// The page's name in a model folder.
pub const FILE: &str = "report.html";

/// What to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// The data it is judged on; none for what the model was trained on.
    #[serde(default)]
    pub data: Vec<PathBuf>,
    /// Which of its rows; by default those held out in training where nothing else is given, all of them otherwise.
    #[serde(default)]
    pub part: Option<Part>,
    /// Where the page goes; into the model's folder if nowhere.
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// What computes.
    #[serde(default)]
    pub device: DeviceChoice,
}

/// What was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// Which rows it was judged on.
    pub part: Part,
    /// How many there were.
    pub rows: usize,
    /// Where the page is.
    pub output: PathBuf,
}

/// Shows a model.
///
/// # Errors
/// What reading the model and the data, running the engine and writing the page may say; [`Error::Cancelled`] when it was stopped.
pub fn run(request: &Request, cancel: &Cancel) -> Result<Response, Error> {
    let (_, device) = place::of_request(request.device)?;
    let Chosen { trained, plan, data, rows, part } = Chosen::open(&request.model, &request.data, request.part)?;
    let output = request.output.clone().unwrap_or_else(|| request.model.join(FILE));
    let seen = Seen { analysis: &trained.analysis, model: &trained.model, plan: &plan, data: &data };
    match write(seen, (&rows, part), device, &output, cancel)? {
        true => Ok(Response { model: plan.model, part, rows: rows.len(), output }),
        false => Err(Error::Cancelled),
    }
}

/// What a page is made of.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The program.
    pub analysis: &'a Analysis,
    /// The model.
    pub model: &'a Model,
    /// The graph with its loss.
    pub plan: &'a TrainPlan,
    /// The rows.
    pub data: &'a Dataset,
}

/// Writes the page of a training that has just ended into its folder; nothing where it was stopped.
pub(super) fn of_training(
    seen: Seen<'_>,
    folder: &Path,
    device: Device,
    cancel: &Cancel,
) -> Result<Option<PathBuf>, Error> {
    let (training, held_out) = hold_out(&seen.plan.validation, seen.data, seen.plan.seed)?;
    let rows = match held_out.is_empty() {
        true => (training, Part::Training),
        false => (held_out, Part::Held),
    };
    let path = folder.join(FILE);
    Ok(write(seen, (&rows.0, rows.1), device, &path, cancel)?.then_some(path))
}

/// Writes a page; whether it did, and was not stopped.
fn write(
    Seen { analysis, model, plan, data }: Seen<'_>,
    (rows, part): (&[usize], Part),
    device: Device,
    path: &Path,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let engine = engine()?;
    let subject = Subject { plan, data, rows, weights: &model.weights, engine: engine.as_ref(), device };
    let judged = judge(subject, cancel)?;
    if cancel.is_cancelled() {
        return Ok(false);
    }
    let options = Options { name: Some(model.metadata.model.clone()), ..Options::default() };
    // Of a model too large to be drawn there is no picture.
    let diagram = draw(analysis, &options).ok().map(|picture| picture.svg);
    let which = format!("{}rows", part.adjective());
    let page = Report {
        metadata: &model.metadata,
        history: &model.history,
        judged: judged.as_ref().map(|judged| (judged, which.as_str())),
        rows: Some((&plan.graph, data)),
        diagram: diagram.as_deref(),
        program: &model.source,
    };
    write_whole(path, page.html().as_bytes()).map_err(|error| Error::Write { path: path.to_path_buf(), error })?;
    Ok(true)
}
