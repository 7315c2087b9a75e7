//! What is learnt of a dataset of columns: cells whose type is found from all of them, or is that of a trained model.

use std::collections::BTreeSet;

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::DataField;

use super::cell::Cell;
use super::columns::closest;
use super::error::shown;
use super::number::number;
use crate::tensor::TensorData;

/// The texts of the cells of a column, one after another.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    bytes: String,
    /// Where each ends.
    ends: Vec<usize>,
}

/// Numbers, and for labels their classes.
type Learnt = (TensorData, Option<Vec<String>>);

impl Texts {
    /// Adds a cell, which must have a value. One that has none is kept as an empty text, so that each row has one.
    pub(super) fn add(&mut self, cell: Cell<'_>) -> Result<(), String> {
        let text = match cell {
            Cell::Number(number) if number.is_nan() => Ok(None),
            cell => cell.text(),
        };
        let added = match text {
            Ok(Some(text)) if text.is_empty() => Err("the cell is empty".to_owned()),
            Ok(Some(text)) => {
                self.bytes.push_str(&text);
                Ok(())
            }
            Ok(None) => Err("there is no value".to_owned()),
            Err(reason) => Err(reason),
        };
        self.ends.push(self.bytes.len());
        added
    }

    /// The bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }

    /// Each text.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Each row that has a value.
    fn values(&self) -> impl Iterator<Item = (usize, &str)> {
        self.iter().enumerate().filter(|(_, cell)| !cell.is_empty())
    }

    /// The values in the type that they have: integers, numbers, or else labels. What cannot be one of them is told to `bad`,
    /// with its row.
    pub(super) fn found(&self, bad: &mut dyn FnMut(usize, String)) -> Learnt {
        if let Ok(integers) = self.iter().map(|cell| cell.parse::<i64>()).collect::<Result<Vec<_>, _>>() {
            return (TensorData::I64(integers), None);
        }
        let numbers: Vec<Option<f32>> = self.iter().map(|cell| number(cell).ok()).collect();
        if numbers.iter().all(Option::is_some) {
            return (TensorData::F32(numbers.into_iter().flatten().collect()), None);
        }
        // A column of numbers with a few strays is meant as numbers: as labels, each number would be its own class.
        let strays = numbers.iter().filter(|number| number.is_none()).count();
        if strays * 10 < numbers.len() && numbers.iter().flatten().any(|number| number.fract() != 0.0) {
            let stray = |(row, cell): &(usize, &str)| numbers[*row].is_none() && !cell.is_empty();
            for (row, cell) in self.iter().enumerate().filter(stray) {
                bad(row, format!("{} is not a number, as the others are", shown(cell)));
            }
            return (TensorData::F32(numbers.into_iter().map(Option::unwrap_or_default).collect()), None);
        }
        let classes: Vec<&str> = self.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let index = |cell: &str| classes.binary_search(&cell).map_or(0, |index| index as i64);
        let indices = self.iter().map(index).collect();
        (TensorData::I64(indices), Some(classes.into_iter().map(str::to_owned).collect()))
    }

    /// The values in the type, and of the classes, that a model was trained on. What cannot be one is told to `bad`, with its row.
    pub(super) fn as_trained(&self, field: &DataField, bad: &mut dyn FnMut(usize, String)) -> Learnt {
        if let Some(classes) = &field.classes {
            let mut indices = Vec::with_capacity(self.ends.len());
            for (row, cell) in self.values() {
                match classes.iter().position(|class| class == cell) {
                    Some(index) => indices.push(index as i64),
                    None => {
                        let meant =
                            closest(cell, classes).map_or(String::new(), |class| format!("; did you mean `{class}`?"));
                        bad(row, format!("{} is none of the classes the model was trained on{meant}", shown(cell)));
                    }
                }
            }
            return (TensorData::I64(indices), field.classes.clone());
        }
        let mut report = |row: usize, reason: String| bad(row, reason);
        let data = match field.element {
            ElementType::F32 => {
                let mut numbers = Vec::with_capacity(self.ends.len());
                for (row, cell) in self.values() {
                    number(cell).map_or_else(|reason| report(row, reason), |number| numbers.push(number));
                }
                TensorData::F32(numbers)
            }
            _ => {
                let mut integers = Vec::with_capacity(self.ends.len());
                for (row, cell) in self.values() {
                    match cell.parse::<i64>() {
                        Ok(integer) => integers.push(integer),
                        Err(_) => report(row, format!("{} is not an integer", shown(cell))),
                    }
                }
                TensorData::I64(integers)
            }
        };
        (data, None)
    }
}
