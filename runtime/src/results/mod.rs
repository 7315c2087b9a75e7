//! Tables of results in the format that a file's ending names: one file a format, each a [`Sheet`].
//!
//! Rows come in pieces and are written as they come, beside the place where the whole is to stand; it stands there when all are written.

mod csv;
mod json_lines;
mod npy;
mod parquet;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use ndsl_compiler::ir::ElementType;
use serde::{Deserialize, Serialize};

use crate::files::Beside;
use crate::tensor::TensorData;

/// How a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Text, one row a line; of numbers that have a shape each is a column.
    #[default]
    Csv,
    /// One JSON object a line; numbers that have a shape are lists in lists.
    JsonLines,
    /// Apache Parquet; numbers that have a shape are one column of lists of a fixed length, row-major.
    Parquet,
    /// An array of NumPy, a row for each of its first axis: of numbers alone.
    Npy,
}

impl Form {
    /// The form that a file of that name has by its ending, if it is one of these.
    pub fn by_name(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "jsonl" | "ndjson" => Self::JsonLines,
            "parquet" => Self::Parquet,
            "npy" => Self::Npy,
            _ => return None,
        })
    }

    /// The endings there are, for messages.
    pub const ENDINGS: &str = "`.csv`, `.jsonl`, `.parquet` and `.npy`";
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
}

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Text,
    /// Numbers of this shape, each row; without dimensions one number.
    Numbers(ElementType, Vec<usize>),
}

/// The cells of a column for some rows.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Texts.
    Text(Vec<String>),
    /// Numbers, one row after another.
    Numbers(TensorData),
}

impl Column {
    /// A column of texts.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: Kind::Text }
    }

    /// A column of numbers of a shape.
    pub fn numbers(name: impl Into<String>, element: ElementType, shape: Vec<usize>) -> Self {
        Self { name: name.into(), kind: Kind::Numbers(element, shape) }
    }

    /// How many numbers, or texts, a row has in it.
    fn width(&self) -> usize {
        match &self.kind {
            Kind::Text => 1,
            Kind::Numbers(_, shape) => shape.iter().product(),
        }
    }

    /// The names of the columns that it is where each number is one: its own, or with the number's place behind it.
    pub fn flat(&self) -> Vec<String> {
        match self.width() {
            1 => vec![self.name.clone()],
            width => (0..width).map(|place| format!("{}_{place}", self.name)).collect(),
        }
    }
}

/// A table that is being written.
pub trait Sheet {
    /// Adds rows: as many cells of each column as there are rows.
    ///
    /// # Errors
    /// What the file system says.
    fn add(&mut self, rows: usize, cells: &[Cells]) -> io::Result<()>;

    /// Ends it, and hands back what it was written to.
    ///
    /// # Errors
    /// What the file system says.
    fn finish(self: Box<Self>) -> io::Result<Paper>;
}

/// What a table is written to.
#[derive(Debug)]
pub enum Paper {
    /// A file beside its place.
    File(Beside),
    /// Memory.
    Memory(Vec<u8>),
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Memory(memory) => memory.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Memory(_) => Ok(()),
        }
    }
}

/// Why a table cannot have a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(&'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Begins a table of so many rows.
///
/// # Errors
/// Where the form has no room for these columns; what writing the head of it may say stands in the inner result.
pub fn begin(form: Form, columns: &[Column], rows: usize, paper: Paper) -> Result<io::Result<Box<dyn Sheet>>, Unfit> {
    let columns = columns.to_vec();
    Ok(match form {
        Form::Csv => csv::Csv::begin(columns, paper).map(|sheet| Box::new(sheet) as Box<dyn Sheet>),
        Form::JsonLines => Ok(Box::new(json_lines::JsonLines::begin(columns, paper))),
        Form::Parquet => parquet::Parquet::begin(columns, paper).map(|sheet| Box::new(sheet) as Box<dyn Sheet>),
        Form::Npy => match &columns[..] {
            [Column { kind: Kind::Numbers(element, shape), .. }] => {
                npy::Npy::begin(*element, shape, rows, paper).map(|sheet| Box::new(sheet) as Box<dyn Sheet>)
            }
            _ => return Err(Unfit("an NPY file holds one array of numbers")),
        },
    })
}

/// A number of a row, as text: as short as reads back to the same.
fn shown(data: &TensorData, at: usize) -> String {
    match data {
        TensorData::F32(numbers) => format!("{:?}", numbers[at]),
        TensorData::I64(numbers) => numbers[at].to_string(),
        TensorData::U8(numbers) => numbers[at].to_string(),
        TensorData::Bool(truths) => truths[at].to_string(),
    }
}
