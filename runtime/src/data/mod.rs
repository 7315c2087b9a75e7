//! Datasets: files of rows as columns, in memory or beside it. No tensors of an engine here.

mod aside;
mod byte_pairs;
pub(crate) mod cell;
mod columns;
mod error;
pub(crate) mod files;
pub(crate) mod formats;
mod guard;
mod idx;
mod images;
mod intake;
mod keys;
mod learnt;
pub(crate) mod moment;
pub(crate) mod number;
mod numbers;
mod numpy;
mod pictures;
mod pieces;
mod places;
mod profile;
pub(crate) mod sink;
mod tabular;
mod text;
mod tokenizer_json;
pub(crate) mod typed;

use std::path::{Path, PathBuf};

use ndsl_compiler::ir::Shape;
use ndsl_compiler::plan::{DataField, DataSignature, DataSource, DatasetPlan, Files};

pub(crate) use byte_pairs::BytePairs;
pub(crate) use cell::Cell;
pub(crate) use columns::closest;
pub use error::{BadCell, DataError, Fault, Place};
pub(crate) use error::{MAX_BAD_CELLS, shown};
pub(crate) use files::{Named, Opened};
pub(crate) use formats::{Reader, Table, open as open_table};
pub use keys::Keys;
pub use numbers::{Numbers, pieces_of};
pub use pictures::Pictures;
use places::Places;
pub use profile::{ColumnProfile, Lengths, Measure, Quantile, Relation, Spread, ValueKind, readable, spread};
pub(crate) use sink::Sink;
pub(crate) use text::words;

use crate::memory;
use crate::tensor::{Tensor, TensorData};

/// The rows of a dataset.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// How many rows every field has.
    pub rows: usize,
    /// The fields, the target included where it was read.
    pub fields: Vec<Field>,
    /// The name of the field to learn; empty where none is.
    pub target: String,
    /// For a table: the names of the columns behind the field `columns`, in its order.
    pub columns: Option<Vec<String>>,
    /// Of a column by which rows are held out: its values.
    pub keys: Option<Keys>,
    /// Where each row stood in the files.
    places: Places,
    /// How many rows are its own; behind them are those of another dataset.
    own: Option<usize>,
}

/// One field: the same kind of value for every row.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The shape of one row.
    pub shape: Vec<usize>,
    /// The numbers of all rows, one row after the other.
    pub data: Numbers,
    /// For a target of labels: the classes, in the order of their indices.
    pub classes: Option<Vec<String>>,
    /// For images that are read batch by batch: their files. Then no numbers are held.
    pub pictures: Option<Pictures>,
}

/// What is read besides the inputs.
#[derive(Clone, Copy, Debug, Default)]
pub enum Target<'a> {
    /// The target, its type found from its values.
    #[default]
    Find,
    /// The target, of the type and classes a model was trained on.
    As(&'a DataField),
    /// Nothing: the target may be missing from the file.
    Leave,
}

/// How a dataset is to be read where a model has already settled it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'a> {
    /// The target.
    pub target: Target<'a>,
    /// The exact columns of a table, in place of the plan's patterns.
    pub columns: Option<&'a [String]>,
    /// What the tokens of a text are; otherwise the classes of the target, or what the text has.
    pub vocabulary: Option<&'a [String]>,
    /// The bytes of numbers that may be held in memory; by default a quarter of what the system has left.
    pub memory: Option<u64>,
    /// Where files are kept that are fetched; by default the user's cache.
    pub cache: Option<&'a Path>,
}

impl Reading<'_> {
    /// The bytes of numbers that may be held; what is more is put aside.
    fn most(&self) -> u64 {
        self.memory.unwrap_or_else(|| memory::available().map_or(u64::MAX, |free| free / 4))
    }
}

/// The folder that the paths of a dataset are relative to, in a program that stands in `folder`.
pub fn folder_of(plan: &DatasetPlan, folder: &Path) -> PathBuf {
    match plan.folder.as_str() {
        "" => folder.to_path_buf(),
        way => folder.join(way),
    }
}

/// Opens a dataset for training; paths are relative to `folder`.
pub fn open(plan: &DatasetPlan, folder: &Path) -> Result<Dataset, DataError> {
    read(plan, folder, Reading::default())
}

/// Opens a dataset for prediction: only the inputs, as the model was trained on them.
pub fn open_inputs(plan: &DatasetPlan, folder: &Path, columns: Option<&[String]>) -> Result<Dataset, DataError> {
    read(plan, folder, Reading { target: Target::Leave, columns, ..Reading::default() })
}

/// Opens a dataset as `reading` says.
pub fn read(plan: &DatasetPlan, folder: &Path, reading: Reading<'_>) -> Result<Dataset, DataError> {
    let folder = &folder_of(plan, folder);
    match &plan.source {
        DataSource::Columns { files, columns, target } => {
            tabular::read_columns(files, columns.as_deref(), target.as_ref(), folder, reading)
        }
        DataSource::Table { files, columns, target } => {
            tabular::read_table(files, columns, target.as_ref(), folder, reading)
        }
        DataSource::Idx { images, labels } => idx::read(images, labels, folder, reading),
        DataSource::Images { paths, shape, labelled } => images::read(paths, shape, *labelled, folder, reading),
        DataSource::Pictures { files, column, target, shape } => {
            tabular::read_pictures(files, column, target.as_ref(), shape, folder, reading)
        }
        DataSource::Text { files, shape } => text::read(files, shape, folder, reading),
        DataSource::Npy { x, y } => numpy::read_npy(x, y.as_ref(), folder, reading),
        DataSource::Npz { path, target } => numpy::read_npz(path, target.as_ref(), folder, reading),
    }
}

/// What each column of files of rows and columns is like, and how many rows there are; paths are relative to `folder`.
///
/// # Errors
/// Where a file cannot be read, and every row that cannot be used.
pub fn profile(files: &Files, folder: &Path) -> Result<(usize, Vec<ColumnProfile>), DataError> {
    tabular::profile(files, folder)
}

/// How columns of files go together, two by two, of some of `rows` rows; answers how many these are, too.
///
/// # Errors
/// Where a file cannot be read.
pub(crate) fn relations(
    files: &Files,
    folder: &Path,
    columns: &[ColumnProfile],
    rows: u64,
) -> Result<(Vec<Relation>, u64), DataError> {
    let (sampled, compared) = profile::sample(files, folder, columns, rows)?;
    Ok((profile::relations(&sampled), compared))
}

impl Field {
    /// One of numbers.
    pub fn new(
        name: impl Into<String>,
        shape: Vec<usize>,
        data: impl Into<Numbers>,
        classes: Option<Vec<String>>,
    ) -> Self {
        Self { name: name.into(), shape, data: data.into(), classes, pictures: None }
    }

    /// Whether its rows are read when their batch is made.
    pub fn is_read_by_batch(&self) -> bool {
        self.pictures.is_some() || self.data.is_in_file()
    }

    /// How many numbers one row has.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }
}

impl Dataset {
    /// What the checker needs to know of it.
    pub fn signature(&self) -> DataSignature {
        let field = |field: &Field| DataField {
            name: field.name.clone(),
            element: field.data.element(),
            shape: Shape::known(field.shape.iter().copied()),
            classes: field.classes.clone(),
        };
        DataSignature { fields: self.fields.iter().map(field).collect() }
    }

    /// How many rows are of the dataset itself: all but those that were added.
    pub fn own_rows(&self) -> usize {
        self.own.unwrap_or(self.rows)
    }

    /// Reads another dataset as this one was read, whose signature is given; `memory` are the bytes of its numbers that may be held.
    ///
    /// # Errors
    /// What reading it may say, and where it has not the same fields.
    pub fn like(
        &self,
        others: &DatasetPlan,
        signature: &DataSignature,
        folder: &Path,
        memory: Option<u64>,
    ) -> Result<Self, DataError> {
        let target = signature.fields.iter().find(|field| field.name == self.target);
        let reading = Reading {
            target: target.map_or(Target::Find, Target::As),
            columns: self.columns.as_deref(),
            vocabulary: None,
            memory,
            cache: None,
        };
        let read = read(others, folder, reading)?;
        for field in &self.fields {
            let fits = |other: &&Field| {
                other.name == field.name && other.shape == field.shape && other.data.element() == field.data.element()
            };
            if !read.fields.iter().any(|other| fits(&other)) {
                let path = others.source.files().first().map(|file| folder_of(others, folder).join(&file.text));
                let fault = Fault::OtherFields { name: field.name.clone() };
                return Err(DataError { path: path.unwrap_or_default(), span: others.span, fault });
            }
        }
        Ok(read)
    }

    /// Adds the rows of another dataset that was read as this one: the same fields, columns and classes. They are none of its own.
    pub fn add(&mut self, others: Self) {
        self.own.get_or_insert(self.rows);
        for field in &mut self.fields {
            if let Some(other) = others.fields.iter().find(|other| other.name == field.name) {
                field.data.append(self.rows, other.data.clone());
                if let (Some(pictures), Some(others)) = (&mut field.pictures, &other.pictures) {
                    pictures.append(others);
                }
            }
        }
        self.rows += others.rows;
    }

    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The given rows of a field as one batch.
    ///
    /// # Errors
    /// Where pictures or rows are read for it: the first that cannot be.
    pub fn batch(&self, field: &Field, rows: &[usize]) -> Result<Tensor, DataError> {
        let shape = std::iter::once(rows.len()).chain(field.shape.iter().copied()).collect();
        let data = match &field.pictures {
            Some(pictures) => TensorData::U8(pictures.batch(rows)?),
            None => field.data.batch(rows, field.width())?,
        };
        Ok(Tensor { shape, data })
    }

    /// The file that a row is, where each is one.
    pub fn file(&self, row: usize) -> Option<&str> {
        self.fields.iter().find_map(|field| field.pictures.as_ref()?.name(row))
    }

    /// Where a row stands, for messages: `row 3 (line 4)`, counted from 1.
    pub fn place(&self, row: usize) -> String {
        if let Some(file) = self.file(row) {
            return format!("row {} (`{file}`)", row + 1);
        }
        match row.checked_sub(self.own_rows()) {
            None => self.places.named(row),
            Some(other) => format!("row {} of those held out", other + 1),
        }
    }
}
