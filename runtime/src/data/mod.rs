//! Datasets: files of rows as columns in memory. No tensors of an engine here.

mod cell;
mod columns;
mod error;
mod files;
mod formats;
mod idx;
mod intake;
mod learnt;
mod moment;
mod number;
mod numpy;
mod places;
mod tabular;
mod typed;

use std::path::{Path, PathBuf};

use ndsl_compiler::ir::Shape;
use ndsl_compiler::plan::{DataField, DataSignature, DataSource, DatasetPlan};

pub use error::{BadCell, DataError, Fault, Place};
use places::Places;

use crate::tensor::{Tensor, TensorData};

/// The rows of a dataset, in memory.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// How many rows every field has.
    pub rows: usize,
    /// The fields, the target included where it was read.
    pub fields: Vec<Field>,
    /// The name of the field to learn.
    pub target: String,
    /// For a table: the names of the columns behind the field `columns`, in its order.
    pub columns: Option<Vec<String>>,
    /// Where each row stood in the files.
    places: Places,
}

/// One field: the same kind of value for every row.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The shape of one row.
    pub shape: Vec<usize>,
    /// The numbers of all rows, one row after the other.
    pub data: TensorData,
    /// For a target of labels: the classes, in the order of their indices.
    pub classes: Option<Vec<String>>,
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
    read(plan, folder, Reading { target: Target::Leave, columns })
}

/// Opens a dataset as `reading` says.
pub fn read(plan: &DatasetPlan, folder: &Path, reading: Reading<'_>) -> Result<Dataset, DataError> {
    let folder = &folder_of(plan, folder);
    match &plan.source {
        DataSource::Columns { files, columns, target } => {
            tabular::read_columns(files, columns.as_deref(), target, folder, reading)
        }
        DataSource::Table { files, columns, target } => {
            tabular::read_table(files, columns, target.as_ref(), folder, reading)
        }
        DataSource::Idx { images, labels } => idx::read(images, labels, folder, reading),
        DataSource::Npy { x, y } => numpy::read_npy(x, y, folder, reading),
        DataSource::Npz { path, target } => numpy::read_npz(path, target, folder, reading),
    }
}

impl Field {
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

    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The given rows of a field as one batch.
    pub fn batch(&self, field: &Field, rows: &[usize]) -> Tensor {
        let shape = std::iter::once(rows.len()).chain(field.shape.iter().copied()).collect();
        Tensor { shape, data: field.data.gather(rows, field.width()) }
    }

    /// Where a row stands, for messages: `row 3 (line 4)`, counted from 1.
    pub fn place(&self, row: usize) -> String {
        self.places.named(row)
    }
}
