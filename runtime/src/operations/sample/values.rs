//! Draws new values from a model, or decodes given ones: its graph from a value on that is fed instead of being computed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndsl_compiler::ir::{ElementType, Op, Unary, ValueId};
use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Format, Located, PREDICTION_OUTPUT, TARGET_OUTPUT};
use ndsl_compiler::suggest::either;
use serde::{Deserialize, Serialize};

use super::conditions::{Condition, fields_called};
use super::{Sampler, gallery};
use crate::data::{self, Dataset};
use crate::engine::{DeviceChoice, EngineOptions, Session};
use crate::files::Beside;
use crate::operations::predict::form_of;
use crate::operations::values::{Found, Known, NamedValue};
use crate::operations::{Error, place};
use crate::results::{self, Cells, Column, Form, Paper};
use crate::sampling::{PictureShape, drawn, latents, range};
use crate::tensor::{Tensor, TensorData};
use crate::train::Cancel;

/// Rows that are computed at once.
const ROWS: usize = 64;

/// The most rows that are drawn.
const MAX_COUNT: usize = 1 << 20;

/// What pictures are black and white between where nothing tells.
const USUAL_RANGE: (f64, f64) = (0.0, 1.0);

/// What to draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// The value that is fed instead of being computed; where none is named, the one that a variational model draws itself.
    pub from: Option<String>,
    /// A file of what is fed, a row for each: columns of numbers in any format of tables, or an NPY array. Without one the numbers are drawn from the unit normal
    /// distribution.
    pub given: Option<PathBuf>,
    /// What a conditional model is given besides, by the names of the data's fields: a value for all rows, or several between commas for one row
    /// after another.
    pub conditions: BTreeMap<String, String>,
    /// The names of the values that are wanted; where there are none, the model's outputs that depend on what is fed.
    pub values: Vec<String>,
    /// How many rows are drawn.
    pub count: usize,
    /// What every draw comes from: the same seed draws the same rows, however many.
    pub seed: u64,
    /// Where they go: a table by its ending, or a folder for pictures. If nowhere, a table comes back in the response, as CSV; of pictures only where
    /// `values` names them.
    pub output: Option<PathBuf>,
    /// What is black in pictures, and what is white; found in the program if nothing is said, and otherwise 0 and 1.
    pub range: Option<(f64, f64)>,
    /// What computes.
    pub device: DeviceChoice,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            model: PathBuf::new(),
            from: None,
            given: None,
            conditions: BTreeMap::new(),
            values: Vec::new(),
            count: 16,
            seed: 0,
            output: None,
            range: None,
            device: DeviceChoice::default(),
        }
    }
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// The value that was fed.
    pub from: String,
    /// The shape of one row of it.
    pub shape: Vec<usize>,
    /// The values that came of it.
    pub values: Vec<String>,
    /// How many rows.
    pub rows: usize,
    /// Where they are.
    pub written: Written,
}

/// Where what was drawn is.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A table in CSV.
    Table(Vec<u8>),
    /// A file.
    File(PathBuf),
    /// A folder of pictures.
    Pictures {
        /// The folder.
        folder: PathBuf,
        /// What is black, and what is white.
        range: (f64, f64),
    },
}

/// Draws.
///
/// # Errors
/// What reading the model, the given rows, running the engine and writing may say; [`Error::Cancelled`] when it was stopped, and then no table
/// was written.
pub fn run(request: &Request, cancel: &Cancel) -> Result<Response, Error> {
    Sampler::open(&request.model)?.draw(request, cancel)
}

/// A value that is wanted.
pub(super) struct Wanted {
    pub(super) name: String,
    value: ValueId,
    pub(super) shape: Vec<usize>,
    element: ElementType,
}

impl Sampler {
    /// Draws; see [`run`].
    ///
    /// # Errors
    /// Those of [`run`], but for reading the model.
    pub fn draw(&self, request: &Request, cancel: &Cancel) -> Result<Response, Error> {
        let (engine, device) = place::of_request(request.device)?;
        let whole = &self.whole.graph;
        let given = fields_called(whole, request.conditions.keys())?;
        let known = Known::of_given(&self.trained, whole, &given);
        let from = match &request.from {
            Some(name) => known.find(name)?.clone(),
            None => self.latent(&known, &given)?,
        };
        if from.named.element != ElementType::F32 {
            let (name, element) = (&from.named.name, from.named.element);
            return Err(Error::Request(format!("`{name}` is of {element}, and numbers of f32 are drawn or given")));
        }
        let wanted = self.wanted(request, &known, &from)?;
        let name = from.named.name.as_str();
        let graph =
            whole.between(Some((from.value, name)), wanted.iter().map(|wanted| (wanted.name.clone(), wanted.value)));
        if let Some(more) = graph.inputs.iter().find(|id| **id != from.value && !given.contains(id)) {
            let more = &graph.value(*more).name;
            return Err(Error::Request(format!(
                "what comes of `{name}` also needs `{more}` of the data, which is neither drawn nor given: `--given {more}=…` gives it, or choose a \
                 value behind which nothing else goes in"
            )));
        }
        let conditions = Condition::all(&graph, from.value, &request.conditions, &self.trained)?;
        let place = graph.inputs.iter().position(|id| *id == from.value).unwrap_or_default();
        let fed = Fed { conditions, place, ..Fed::of(request, &from)? };
        let options = EngineOptions { device, seed: request.seed };
        let session = engine.load(&graph, &self.trained.model.weights, options)?;
        let rows = fed.rows;
        let made = Made { session, fed, wanted: &wanted, cancel };
        let written = match destination(request, &wanted)? {
            Destination::Table(form) => table(made, form, request.output.as_deref())?,
            Destination::Pictures(folder) => {
                let range = request.range.or_else(|| self.range(&wanted)).unwrap_or(USUAL_RANGE);
                gallery::hang(made, folder, range)?
            }
        };
        Ok(Response {
            model: self.model().to_owned(),
            from: name.to_owned(),
            shape: from.named.shape,
            values: wanted.into_iter().map(|wanted| wanted.name).collect(),
            rows,
            written,
        })
    }

    /// The outputs of the model under the names that it gives them, each value once.
    fn outputs(&self, known: &Known<'_>) -> Vec<Found> {
        let mut outputs: Vec<Found> = Vec::new();
        for output in self.whole.graph.names.iter().filter(|named| named.is_output) {
            let found = known.all().iter().find(|found| found.value == output.value);
            if let Some(found) = found.filter(|found| outputs.iter().all(|known| known.value != found.value)) {
                let named = NamedValue { name: output.name.clone(), ..found.named.clone() };
                outputs.push(Found { value: found.value, named });
            }
        }
        outputs
    }

    /// The value that a variational model draws itself.
    fn latent(&self, known: &Known<'_>, given: &[ValueId]) -> Result<Found, Error> {
        let values: Vec<ValueId> = known.all().iter().map(|found| found.value).collect();
        let outputs: Vec<ValueId> = self.outputs(known).iter().map(|found| found.value).collect();
        let latents = latents(&self.whole.graph, &values, &outputs, given);
        let named = |value: &ValueId| known.all().iter().find(|found| found.value == *value);
        let model = self.model();
        let found: Vec<&Found> = latents.iter().filter_map(named).collect();
        match found.as_slice() {
            [only] => Ok((*only).clone()),
            [] if let Some((latent, wanting)) = self.conditional() => Err(Error::Request(format!(
                "`{model}` draws `{latent}` itself, and what comes of it also needs `{wanting}` of the data: `--given {wanting}=…` gives it"
            ))),
            [] => Err(Error::Request(match &self.language {
                Ok(_) => format!("`{model}` is a language model, which goes on with a text: `--prompt`"),
                Err(reason) => format!(
                    "`{model}` is no language model (it {reason}), and has no latent variable `mean + deviation * random_normal(mean)` with a name. \
                     `ndsl predict` answers rows; `--from NAME` draws in the place of any value, and `ndsl predict RUN --list-values` shows what there is"
                ),
            })),
            several => {
                let names = either(several.iter().map(|found| found.named.name.as_str()));
                Err(Error::Request(format!("`{model}` draws several values itself, so say which: `--from` {names}")))
            }
        }
    }

    /// The latent variable of a model that needs a field of the data beside it, and that field.
    fn conditional(&self) -> Option<(String, String)> {
        let graph = &self.whole.graph;
        let values: Vec<ValueId> = graph.names.iter().map(|named| named.value).collect();
        let outputs: Vec<ValueId> =
            graph.names.iter().filter(|named| named.is_output).map(|named| named.value).collect();
        let one_a_row = |id: &ValueId| graph.value(*id).shape.row().rank() == 0;
        let fields: Vec<ValueId> = graph.inputs.iter().copied().filter(one_a_row).collect();
        let latent = *latents(graph, &values, &outputs, &fields).first()?;
        let name = &graph.names.iter().find(|named| named.value == latent)?.name;
        let behind = outputs.iter().filter(|output| graph.depending_on([latent])[output.index()]);
        let part = graph.between(Some((latent, name)), behind.map(|output| (output.index().to_string(), *output)));
        let wanting = part.inputs.iter().find(|input| **input != latent)?;
        Some((name.clone(), graph.value(*wanting).name.to_string()))
    }

    /// What is wanted of what comes of `from`.
    fn wanted(&self, request: &Request, known: &Known<'_>, from: &Found) -> Result<Vec<Wanted>, Error> {
        let graph = &self.whole.graph;
        let depends = graph.depending_on([from.value]);
        let name = &from.named.name;
        let as_wanted = |found: &Found, value: ValueId| Wanted {
            name: found.named.name.clone(),
            value,
            shape: found.named.shape.clone(),
            element: graph.value(value).element,
        };
        if !request.values.is_empty() {
            let mut wanted: Vec<Wanted> = Vec::new();
            for value in &request.values {
                let found = known.find(value)?;
                if !depends[found.value.index()] {
                    return Err(Error::Request(format!("`{value}` does not depend on `{name}`")));
                }
                if !wanted.iter().any(|known| known.name == *value) {
                    wanted.push(as_wanted(found, found.value));
                }
            }
            return Ok(wanted);
        }
        let behind = |found: &Found| depends[found.value.index()] && found.value != from.value;
        let wanted: Vec<Wanted> = self
            .outputs(known)
            .iter()
            .filter(|found| behind(found))
            .map(|found| as_wanted(found, self.meant(found.value)))
            .collect();
        match wanted.is_empty() {
            true => Err(Error::Request(format!(
                "nothing that the model puts out depends on `{name}`; `--values` names other values that do"
            ))),
            false => Ok(wanted),
        }
    }

    /// What an output means: where the loss takes its logits, the probabilities.
    fn meant(&self, output: ValueId) -> ValueId {
        let graph = &self.whole.graph;
        let Some(prediction) = graph.output(PREDICTION_OUTPUT) else { return output };
        let of_output = graph.producer(prediction.value).is_some_and(|node| {
            let squashes = matches!(node.op, Op::Unary(Unary::Sigmoid) | Op::Softmax { .. });
            squashes && node.inputs.first() == Some(&output)
        });
        if of_output { prediction.value } else { output }
    }

    /// What is black in pictures of these values and what is white: what the first tells of itself, or else what it was compared with.
    fn range(&self, wanted: &[Wanted]) -> Option<(f64, f64)> {
        let graph = &self.whole.graph;
        let own = wanted.first().and_then(|wanted| range(graph, wanted.value));
        own.or_else(|| graph.output(TARGET_OUTPUT).and_then(|target| range(graph, target.value)))
    }
}

/// The numbers that are fed.
pub(super) struct Fed {
    pub(super) rows: usize,
    shape: Vec<usize>,
    given: Option<Vec<f32>>,
    seed: u64,
    /// What is fed besides, in the order of the graph's inputs.
    conditions: Vec<Condition>,
    /// The place of the value itself among these.
    place: usize,
}

impl Fed {
    fn of(request: &Request, from: &Found) -> Result<Self, Error> {
        let (shape, name) = (from.named.shape.clone(), &from.named.name);
        let width: usize = shape.iter().product();
        let Some(path) = &request.given else {
            if !(1..=MAX_COUNT).contains(&request.count) {
                return Err(Error::Request(format!(
                    "{} rows were asked for; 1 to {MAX_COUNT} are drawn",
                    request.count
                )));
            }
            return Ok(Self {
                rows: request.count,
                shape,
                given: None,
                seed: request.seed,
                conditions: Vec::new(),
                place: 0,
            });
        };
        let read = read(path)?;
        let field = read.fields.first();
        let found = field.map_or(0, data::Field::width);
        if found != width {
            return Err(Error::Request(format!(
                "`{name}` has {width} numbers a row, and `{}` has {found}",
                path.display()
            )));
        }
        let numbers = |data: &TensorData| match data {
            TensorData::F32(numbers) => numbers.clone(),
            other => (0..other.len()).filter_map(|at| other.number(at)).map(|number| number as f32).collect(),
        };
        let rows: Vec<usize> = (0..read.rows).collect();
        let given = match field.map(|field| read.batch(field, &rows)).transpose() {
            Ok(batch) => batch.map(|batch| numbers(&batch.data)).unwrap_or_default(),
            Err(error) => return Err(Error::GivenData(Box::new(error))),
        };
        Ok(Self { rows: read.rows, shape, given: Some(given), seed: request.seed, conditions: Vec::new(), place: 0 })
    }

    /// The rows from one up to another, and what is given besides.
    fn batch(&self, from: usize, to: usize) -> Vec<Tensor> {
        let mut batch: Vec<Tensor> = self.conditions.iter().map(|condition| condition.batch(from, to)).collect();
        batch.insert(self.place.min(batch.len()), self.value(from, to));
        batch
    }

    fn value(&self, from: usize, to: usize) -> Tensor {
        let width: usize = self.shape.iter().product();
        let numbers = match &self.given {
            Some(given) => given[from * width..to * width].to_vec(),
            None => (from..to).flat_map(|row| drawn(self.seed, row, width)).collect(),
        };
        let shape: Vec<usize> = std::iter::once(to - from).chain(self.shape.iter().copied()).collect();
        Tensor::f32(shape, numbers)
    }
}

/// Reads rows of numbers.
fn read(path: &Path) -> Result<Dataset, Error> {
    let text = path.to_string_lossy().into_owned();
    let located = Located { text: text.clone(), span: Default::default() };
    let is_array = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy"));
    let source = match (is_array, Format::by_name(&text)) {
        (true, _) => DataSource::Npy { x: located, y: None },
        (false, Some(format)) => DataSource::Columns { files: Files::of(located, format), columns: None, target: None },
        (false, None) => {
            let said = format!(
                "`{text}` ends in nothing that rows of numbers are read from: `.csv`, `.jsonl`, `.parquet`, `.arrow` and `.npy`"
            );
            return Err(Error::Request(said));
        }
    };
    let plan = DatasetPlan { name: "given".to_owned(), span: Default::default(), folder: String::new(), source };
    data::open_inputs(&plan, Path::new(""), None).map_err(|error| Error::GivenData(Box::new(error)))
}

/// Where what is drawn goes.
enum Destination<'r> {
    Table(Form),
    Pictures(&'r Path),
}

fn destination<'r>(request: &'r Request, wanted: &[Wanted]) -> Result<Destination<'r>, Error> {
    let pictures = wanted.iter().all(|wanted| PictureShape::of(&wanted.shape).is_some());
    let Some(path) = request.output.as_deref() else {
        // Whoever names what is wanted wants its numbers.
        return match pictures && request.values.is_empty() {
            true => {
                Err(Error::Request("pictures go into a folder, `-o pictures/`, and numbers into a file".to_owned()))
            }
            false => Ok(Destination::Table(Form::Csv)),
        };
    };
    if Form::by_name(path).is_some() && !path.is_dir() {
        return Ok(Destination::Table(form_of(path)?));
    }
    match wanted.iter().find(|wanted| PictureShape::of(&wanted.shape).is_none()) {
        None => Ok(Destination::Pictures(path)),
        Some(other) => Err(Error::Request(format!(
            "`{}` is {}{:?}, which is no picture of rows of points of 1, 3 or 4 numbers; numbers go into a file that ends in {}",
            other.name,
            other.element,
            other.shape,
            Form::ENDINGS
        ))),
    }
}

/// What is made of what is fed, batch by batch.
pub(super) struct Made<'m> {
    session: Box<dyn Session>,
    pub(super) fed: Fed,
    pub(super) wanted: &'m [Wanted],
    cancel: &'m Cancel,
}

impl Made<'_> {
    /// Hands on the values of each batch, with the number of its first row.
    pub(super) fn each(
        mut self,
        mut hand_on: impl FnMut(usize, Vec<Tensor>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for from in (0..self.fed.rows).step_by(ROWS) {
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let batch = self.fed.batch(from, (from + ROWS).min(self.fed.rows));
            hand_on(from, self.session.forward(batch)?)?;
        }
        Ok(())
    }
}

/// Writes a table.
fn table(made: Made<'_>, form: Form, output: Option<&Path>) -> Result<Written, Error> {
    let failed = |error| Error::Write { path: output.unwrap_or(Path::new("")).to_path_buf(), error };
    let columns: Vec<Column> =
        made.wanted.iter().map(|it| Column::numbers(&it.name, it.element, it.shape.clone())).collect();
    let paper = match output {
        None => Paper::Memory(Vec::new()),
        Some(path) => Paper::File(Beside::create(path).map_err(failed)?),
    };
    let begun = results::begin(form, &columns, made.fed.rows, paper);
    let mut sheet = begun.map_err(|unfit| Error::Request(unfit.to_string()))?.map_err(failed)?;
    made.each(|_, outputs| {
        let rows = outputs.first().map_or(0, Tensor::rows);
        let cells: Vec<Cells> = outputs.into_iter().map(|output| Cells::Numbers(output.data)).collect();
        sheet.add(rows, &cells).map_err(failed)
    })?;
    Ok(match sheet.finish().map_err(failed)? {
        Paper::Memory(bytes) => Written::Table(bytes),
        Paper::File(file) => {
            file.finish().map_err(failed)?;
            Written::File(output.unwrap_or(Path::new("")).to_path_buf())
        }
    })
}
