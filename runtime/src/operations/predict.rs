//! Answers new rows with a trained model, as a CSV table.

use std::path::PathBuf;

use ndsl_compiler::plan::{Task, Wanted};
use serde::{Deserialize, Serialize};

use super::Error;
use super::trained::Trained;
use crate::engine::{Device, EngineOptions, engine};
use crate::files::write_whole;
use crate::tensor::Tensor;
use crate::train::{Cancel, batch, largest};

/// Rows that are computed at once.
const ROWS: usize = 256;

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// The data: a CSV file, with the target's column or without, IDX images, or pictures and folders of them.
    pub data: Vec<PathBuf>,
    /// Where the table goes; it comes back in the response if nowhere.
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// Whether the model's own output is wanted, one column a number, in place of what it means.
    #[serde(default)]
    pub raw: bool,
    /// What computes.
    #[serde(default)]
    pub device: Device,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// How many rows there were.
    pub rows: usize,
    /// The table's columns.
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
    let trained = Trained::open(&request.model)?;
    let metadata = &trained.model.metadata;
    let wanted = if request.raw { Wanted::ModelOutput } else { Wanted::Prediction };
    let plan = trained
        .analysis
        .plan_predict(trained.train(), &metadata.data_signature(), wanted)
        .map_err(|diagnostics| Error::Program { sources: trained.analysis.sources.clone(), diagnostics })?;
    trained.match_weights(&plan.graph)?;
    let data = trained.read(&request.data, false, &plan.graph, None)?;

    let options = EngineOptions { device: request.device, seed: 0 };
    let mut session = engine()?.load(&plan.graph, &trained.model.weights, options)?;
    let task = if request.raw { None } else { Some(plan.task) };
    let mut table: Option<Table> = None;
    let rows: Vec<usize> = (0..data.rows).collect();
    for rows in rows.chunks(ROWS) {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let outputs = session.forward(batch(&plan.graph, &data, rows)?)?;
        if let Some(output) = outputs.first() {
            let files: Vec<&str> = rows.iter().filter_map(|row| data.file(*row)).collect();
            table
                .get_or_insert_with(|| Table::new(task, metadata.classes.as_deref(), output, !files.is_empty()))
                .add(output, &files)?;
        }
    }
    let Some(table) = table else {
        return Err(Error::Request("the model has no output to write".to_owned()));
    };
    let columns = table.columns.clone();
    let bytes = table.finish()?;
    let table = match &request.output {
        None => Some(bytes),
        Some(path) => {
            write_whole(path, &bytes).map_err(|error| Error::Write { path: path.clone(), error })?;
            None
        }
    };
    Ok(Response { model: metadata.model.clone(), rows: data.rows, columns, table })
}

/// The table that outputs become.
struct Table {
    task: Option<Task>,
    /// The classes' names.
    classes: Vec<String>,
    /// How many numbers one answer is made of.
    width: usize,
    columns: Vec<String>,
    writer: csv::Writer<Vec<u8>>,
}

impl Table {
    /// A table for outputs of the shape of `output`, after the file of each row where rows are files; without a task, its numbers are
    /// written as they are.
    fn new(task: Option<Task>, names: Option<&[String]>, output: &Tensor, of_files: bool) -> Self {
        let numbers: usize = output.shape.iter().skip(1).product();
        let width = match task {
            Some(Task::Classification) => output.shape.last().copied().unwrap_or(1).max(1),
            _ => 1,
        };
        let count = if task == Some(Task::Classification) { width } else { 2 };
        let named = names.filter(|names| names.len() == count);
        let classes = named.map_or_else(|| (0..count).map(|class| class.to_string()).collect(), <[String]>::to_vec);
        let answers = numbers / width;
        let mut columns = Vec::new();
        if of_files {
            columns.push("file".to_owned());
        }
        for answer in 0..answers {
            // Where there is one answer a row, nothing needs to tell them apart.
            let suffix = if answers == 1 { String::new() } else { format!("_{answer}") };
            match task {
                None => columns.push(format!("output{suffix}")),
                Some(Task::Regression) => columns.push(format!("prediction{suffix}")),
                Some(Task::Binary) => {
                    columns.extend([format!("prediction{suffix}"), format!("probability{suffix}")]);
                }
                Some(Task::Classification) => {
                    columns.push(format!("prediction{suffix}"));
                    columns.extend(classes.iter().map(|class| format!("p{suffix}_{class}")));
                }
            }
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory does not fail; a fault would show again at the first row.
        let _ = writer.write_record(&columns);
        Self { task, classes, width, columns, writer }
    }

    /// Adds rows; `files` are theirs, or none.
    fn add(&mut self, output: &Tensor, files: &[&str]) -> Result<(), Error> {
        let numbers = output.as_f32().unwrap_or_default();
        let per_row = (numbers.len() / output.rows().max(1)).max(1);
        let mut cells: Vec<String> = Vec::with_capacity(self.columns.len());
        for (place, row) in numbers.chunks_exact(per_row).enumerate() {
            cells.clear();
            cells.extend(files.get(place).map(|file| (*file).to_owned()));
            for answer in row.chunks_exact(self.width) {
                match self.task {
                    Some(Task::Classification) => cells.push(self.classes[largest(answer)].clone()),
                    Some(Task::Binary) => cells.push(self.classes[usize::from(answer[0] > 0.5)].clone()),
                    _ => {}
                }
                cells.extend(answer.iter().map(|number| format!("{number:?}")));
            }
            self.writer.write_record(&cells).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, Error> {
        self.writer.into_inner().map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Request(format!("the table cannot be made: {error}"))
}
