//! Answers new rows with a trained model: what it predicts, what it puts out, or any value on the way, as a table.

use std::path::{Path, PathBuf};

use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::{MODEL_OUTPUT, PREDICTION_OUTPUT};
use serde::{Deserialize, Serialize};

use super::answers::Answer;
use super::trained::Trained;
use super::values::Known;
use super::{Error, place};
use crate::data::Dataset;
use crate::engine::{DeviceChoice, EngineOptions};
use crate::files::Beside;
use crate::results::{self, Cells, Column, Form, Paper, Sheet};
use crate::train::{Cancel, batch, rows_at_once};

/// What to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// The data, in any format that a dataset like the model's may have, with what is learnt or without.
    pub data: Vec<PathBuf>,
    /// Where the table goes, in the form that its ending names; it comes back in the response, as CSV, if nowhere.
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// Whether the model's own output is wanted in place of what it means.
    #[serde(default)]
    pub raw: bool,
    /// The names of the values that are wanted in place of the prediction; see [`super::values`].
    #[serde(default)]
    pub values: Vec<String>,
    /// What computes.
    #[serde(default)]
    pub device: DeviceChoice,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// How many rows there were.
    pub rows: usize,
    /// The table's columns, each number one of its own.
    pub columns: Vec<String>,
    /// The table, where it was not written to a file.
    pub table: Option<Vec<u8>>,
}

/// Answers every row.
///
/// # Errors
/// What reading the model, the data, running the engine and writing the table may say; [`Error::Cancelled`] when it was
/// stopped, and then nothing was written.
pub fn run(request: &Request, cancel: &Cancel) -> Result<Response, Error> {
    let form = request.output.as_deref().map_or(Ok(Form::Csv), form_of)?;
    let (engine, device) = place::of_request(request.device)?;
    let trained = Trained::open(&request.model)?;
    let metadata = &trained.model.metadata;
    let whole = trained.parts(&metadata.data_signature())?;
    let meaning = Answer::Meaning { task: whole.task, classes: metadata.classes.clone() };
    let (graph, answers) = wanted(request, &trained, &whole.graph, meaning, form)?;
    trained.match_weights(&graph)?;
    let data = trained.read(&request.data, false, &graph, None)?;

    let options = EngineOptions { device, seed: 0 };
    let at_once = rows_at_once(&graph, &data, engine.as_ref())?;
    let mut session = engine.load(&graph, &trained.model.weights, options)?;
    let failed = |error| Error::Write { path: request.output.clone().unwrap_or_default(), error };
    let mut table: Option<Box<dyn Sheet>> = None;
    let mut names = Vec::new();
    let rows: Vec<usize> = (0..data.rows).collect();
    for rows in rows.chunks(at_once) {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let outputs = session.forward(batch(&graph, &data, rows)?)?;
        // An array of numbers has no room for the names of files.
        let files = if form == Form::Npy { None } else { files(&data, rows) };
        if table.is_none() {
            let mut columns: Vec<Column> = files.iter().map(|_| Column::text("file")).collect();
            columns.extend(answers.iter().zip(&outputs).flat_map(|(answer, output)| answer.columns(output)));
            names = columns.iter().flat_map(Column::flat).collect();
            let paper = match &request.output {
                None => Paper::Memory(Vec::new()),
                Some(path) => Paper::File(Beside::create(path).map_err(failed)?),
            };
            let begun = results::begin(form, &columns, data.rows, paper);
            table = Some(begun.map_err(|unfit| Error::Request(unfit.to_string()))?.map_err(failed)?);
        }
        if let Some(table) = &mut table {
            let mut cells: Vec<Cells> = files.into_iter().map(Cells::Text).collect();
            cells.extend(answers.iter().zip(outputs).flat_map(|(answer, output)| answer.cells(output)));
            table.add(rows.len(), &cells).map_err(failed)?;
        }
    }
    let Some(table) = table else {
        return Err(Error::Request("there are no rows to answer".to_owned()));
    };
    let table = match table.finish().map_err(failed)? {
        Paper::Memory(bytes) => Some(bytes),
        Paper::File(file) => {
            file.finish().map_err(failed)?;
            None
        }
    };
    Ok(Response { model: metadata.model.clone(), rows: data.rows, columns: names, table })
}

/// The form of a table at `path`.
pub(super) fn form_of(path: &Path) -> Result<Form, Error> {
    match (Form::by_name(path), path.extension()) {
        (Some(form), _) => Ok(form),
        (None, None) => Ok(Form::Csv),
        (None, Some(_)) => {
            let said = format!("`{}` ends in none of what tables are written as: {}", path.display(), Form::ENDINGS);
            Err(Error::Request(said))
        }
    }
}

/// The part of the graph that is run, and what becomes of each of its outputs.
fn wanted(
    request: &Request,
    trained: &Trained,
    whole: &Graph,
    meaning: Answer,
    form: Form,
) -> Result<(Graph, Vec<Answer>), Error> {
    if request.values.is_empty() {
        return Ok(match (request.raw, form) {
            (true, _) => (whole.pruned(&[MODEL_OUTPUT]), vec![Answer::Numbers { name: "output".to_owned() }]),
            // What an array holds of an answer is its numbers: the probabilities.
            (false, Form::Npy) => {
                (whole.pruned(&[PREDICTION_OUTPUT]), vec![Answer::Numbers { name: "prediction".to_owned() }])
            }
            (false, _) => (whole.pruned(&[PREDICTION_OUTPUT]), vec![meaning]),
        });
    }
    if request.raw {
        return Err(Error::Request("either the model's own output is wanted, or values by their names".to_owned()));
    }
    let known = Known::of(trained, whole);
    let mut named = Vec::new();
    for name in &request.values {
        let found = (name.clone(), known.find(name)?.value);
        if !named.contains(&found) {
            named.push(found);
        }
    }
    if form == Form::Npy && named.len() > 1 {
        return Err(Error::Request(format!("an NPY file holds one array, and {} values were asked for", named.len())));
    }
    let answers = named.iter().map(|(name, _)| Answer::Numbers { name: name.clone() }).collect();
    Ok((whole.between(None, named), answers))
}

/// The files that rows are, where each is one.
fn files(data: &Dataset, rows: &[usize]) -> Option<Vec<String>> {
    rows.iter().map(|row| data.file(*row).map(str::to_owned)).collect()
}
