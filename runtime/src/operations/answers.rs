//! What a model answers, as the columns of a table.

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::Task;

use crate::results::{Cells, Column};
use crate::tensor::{Tensor, TensorData};
use crate::train::largest;

/// How one output becomes columns.
pub(super) enum Answer {
    /// Its numbers, in one column of its shape.
    Numbers {
        /// The column's name.
        name: String,
    },
    /// What its numbers mean.
    Meaning {
        /// What they are.
        task: Task,
        /// The names of the classes; of those without names the numbers are answered.
        classes: Option<Vec<String>>,
    },
}

impl Answer {
    /// The columns, for outputs of the shape of `output`.
    pub(super) fn columns(&self, output: &Tensor) -> Vec<Column> {
        let (task, classes) = match self {
            Self::Numbers { name } => {
                let shape = output.shape.iter().skip(1).copied().collect();
                return vec![Column::numbers(name, output.data.element(), shape)];
            }
            Self::Meaning { task, classes } => (*task, classes),
        };
        let numbers: usize = output.shape.iter().skip(1).product();
        let width = width(task, output);
        let named = named(task, classes.as_deref(), width);
        let number = |name: String| Column::numbers(name, ElementType::F32, Vec::new());
        let label = |suffix: &str| match named {
            Some(_) => Column::text(format!("prediction{suffix}")),
            None => Column::numbers(format!("prediction{suffix}"), ElementType::I64, Vec::new()),
        };
        let answers = numbers / width;
        let mut columns = Vec::new();
        for answer in 0..answers {
            // Where there is one answer a row, nothing needs to tell them apart.
            let suffix = if answers == 1 { String::new() } else { format!("_{answer}") };
            match task {
                Task::Regression => columns.push(number(format!("prediction{suffix}"))),
                Task::Binary => columns.extend([label(&suffix), number(format!("probability{suffix}"))]),
                Task::Classification => {
                    columns.push(label(&suffix));
                    let class = |class: usize| named.map_or_else(|| class.to_string(), |names| names[class].clone());
                    columns.extend((0..width).map(|place| number(format!("p{suffix}_{}", class(place)))));
                }
            }
        }
        columns
    }

    /// The cells of those columns.
    pub(super) fn cells(&self, output: Tensor) -> Vec<Cells> {
        let (task, classes) = match self {
            Self::Numbers { .. } => return vec![Cells::Numbers(output.data)],
            Self::Meaning { task, classes } => (*task, classes),
        };
        let width = width(task, &output);
        let named = named(task, classes.as_deref(), width);
        let numbers = output.as_f32().unwrap_or_default();
        let per_row = (numbers.len() / output.rows().max(1)).max(1);
        let floats = |at: usize| {
            let of_row = |row: &[f32]| row.get(at).copied().unwrap_or(f32::NAN);
            Cells::Numbers(TensorData::F32(numbers.chunks_exact(per_row).map(of_row).collect()))
        };
        let labels = |chosen: &dyn Fn(&[f32]) -> usize, answer: usize| {
            let of_row = |row: &[f32]| chosen(&row[answer * width..(answer + 1) * width]);
            let places = numbers.chunks_exact(per_row).map(of_row);
            match named {
                Some(names) => Cells::Text(places.map(|place| names[place].clone()).collect()),
                None => Cells::Numbers(TensorData::I64(places.map(|place| place as i64).collect())),
            }
        };
        let mut cells = Vec::new();
        for answer in 0..per_row / width {
            match task {
                Task::Regression => {}
                Task::Binary => cells.push(labels(&|row| usize::from(row[0] > 0.5), answer)),
                Task::Classification => cells.push(labels(&|row| largest(row), answer)),
            }
            cells.extend((answer * width..(answer + 1) * width).map(floats));
        }
        cells
    }
}

/// How many numbers one answer is made of.
fn width(task: Task, output: &Tensor) -> usize {
    match task {
        Task::Classification => output.shape.last().copied().unwrap_or(1).max(1),
        Task::Binary | Task::Regression => 1,
    }
}

/// The names of the classes, if they are those of the answers.
fn named(task: Task, classes: Option<&[String]>, width: usize) -> Option<&[String]> {
    let count = if task == Task::Classification { width } else { 2 };
    classes.filter(|names| names.len() == count)
}
