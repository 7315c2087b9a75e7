//! Cells of a column of a schema's table: each is read by its column's type.

use std::borrow::Cow;

use ndsl_compiler::ir::{ElementType, Encoding, Null};
use ndsl_compiler::plan::TableColumn;
use ndsl_compiler::schema::datum::DAY;

use super::cell::Cell;
use super::columns::closest;
use super::error::shown;
use super::moment::{clock, day, moment};
use super::number::{number, plain};
use crate::tensor::TensorData;

/// What stands for a missing value beside an empty cell, in any case: what pandas and R write, and what UCI's files have.
pub(crate) const NULLS: [&str; 6] = ["null", "na", "n/a", "nan", "none", "?"];

/// Whole numbers up to this are exact as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The cells of a column, as numbers.
pub(super) struct TypedCells {
    column: TableColumn,
    /// Whether it is what is learnt, of which every row must have a value.
    learnt: bool,
    /// The texts that mean that there is no value, where the program says which.
    nulls: Option<Vec<String>>,
    data: TensorData,
}

impl TypedCells {
    pub(super) fn new(column: &TableColumn, learnt: bool, nulls: Option<&[String]>) -> Self {
        let data = match column.encoding.element() {
            ElementType::F32 => TensorData::F32(Vec::new()),
            _ => TensorData::I64(Vec::new()),
        };
        Self { column: column.clone(), learnt, nulls: nulls.map(<[String]>::to_vec), data }
    }

    /// The numbers of the cells so far.
    pub(super) fn data(&self) -> &TensorData {
        &self.data
    }

    /// Whether it is what is learnt.
    pub(super) fn is_learnt(&self) -> bool {
        self.learnt
    }

    /// Forgets the cells so far.
    pub(super) fn empty(&mut self) {
        self.data = match &self.data {
            TensorData::F32(_) => TensorData::F32(Vec::new()),
            _ => TensorData::I64(Vec::new()),
        };
    }

    /// The column, and the numbers of its cells.
    pub(super) fn finish(self) -> (TableColumn, TensorData) {
        (self.column, self.data)
    }

    /// Adds a cell, or says why it is no value of the column.
    pub(super) fn add(&mut self, cell: Cell<'_>) -> Result<(), String> {
        match &mut self.data {
            TensorData::F32(numbers) => {
                let number = match cell {
                    Cell::Bytes(bytes) => plain(bytes),
                    Cell::Whole(whole) => Some(whole as f32),
                    Cell::Number(number) => Some(number as f32).filter(|number| number.is_finite()),
                    _ => None,
                };
                match number {
                    Some(number) => numbers.push(number),
                    None => {
                        let number = match self.value(cell)? {
                            None => f32::NAN,
                            Some(text) => number_of(&text)?,
                        };
                        if let TensorData::F32(numbers) = &mut self.data {
                            numbers.push(number);
                        }
                    }
                }
            }
            _ => {
                let number = match direct(cell, &self.column.encoding) {
                    Some(number) => number,
                    None => match self.value(cell)? {
                        None => null_number(&self.column.encoding),
                        Some(text) => whole(&text, &self.column.encoding)?,
                    },
                };
                if let TensorData::I64(numbers) = &mut self.data {
                    numbers.push(number);
                }
            }
        }
        Ok(())
    }

    /// The text of a cell; nothing where it has no value and need not have one.
    fn value<'c>(&self, cell: Cell<'c>) -> Result<Option<Cow<'c, str>>, String> {
        let text = match cell {
            // A float that is no number is how pandas has a missing one.
            Cell::Number(number) if number.is_nan() => None,
            cell => cell.text()?,
        };
        let TableColumn { name, encoding, optional, .. } = &self.column;
        let null = text.as_deref().is_none_or(|text| is_null(text, Some(encoding), self.nulls.as_deref()));
        if !null {
            return Ok(text);
        }
        let what = match text.as_deref() {
            None => "there is no value".to_owned(),
            Some("") => "the cell is empty".to_owned(),
            Some(text) => format!("{} is no value", shown(text)),
        };
        match (optional, self.learnt) {
            (_, true) => Err(format!("{what}, and there is nothing to learn from it")),
            (false, _) => Err(format!("{what}; a `?` behind the type of `{name}` lets it be missing")),
            (true, false) => Ok(None),
        }
    }
}

/// A number of a column of numbers; one from elsewhere than a text file may be infinite.
fn number_of(text: &str) -> Result<f32, String> {
    match text {
        "true" => Ok(1.0),
        "false" => Ok(0.0),
        _ => number(text),
    }
}

/// The whole number of a cell whose kind is that of the column.
fn direct(cell: Cell<'_>, encoding: &Encoding) -> Option<i64> {
    match (cell, encoding) {
        // The least is taken: it stands for a missing one.
        (Cell::Whole(number), Encoding::Whole) => Some(number).filter(|number| *number != i64::MIN),
        (Cell::Whole(number @ (0 | 1)), Encoding::Truth) => Some(number),
        (Cell::Truth(truth), Encoding::Truth | Encoding::Whole) => Some(i64::from(truth)),
        (Cell::Day(day), Encoding::Day) => Some(day),
        (Cell::Day(day), Encoding::Moment) => day.checked_mul(DAY),
        (Cell::Moment(second), Encoding::Moment) => Some(second),
        // pandas keeps days as moments at midnight.
        (Cell::Moment(second), Encoding::Day) if second.rem_euclid(DAY) == 0 => Some(second.div_euclid(DAY)),
        (Cell::Clock(second), Encoding::Clock) => Some(second),
        _ => None,
    }
}

fn null_number(encoding: &Encoding) -> i64 {
    match encoding.null() {
        Null::Whole(number) => number,
        Null::NotANumber => 0,
    }
}

/// Whether a text means that there is no value. A word that is a label of the column is one.
pub(super) fn is_null(text: &str, encoding: Option<&Encoding>, nulls: Option<&[String]>) -> bool {
    if text.is_empty() {
        return true;
    }
    match nulls {
        Some(nulls) => nulls.iter().any(|null| null == text),
        None => {
            let known = matches!(encoding, Some(Encoding::Label(labels)) if labels.iter().any(|label| label == text));
            !known && NULLS.iter().any(|null| text.eq_ignore_ascii_case(null))
        }
    }
}

/// The whole number that stands for a value.
fn whole(cell: &str, encoding: &Encoding) -> Result<i64, String> {
    let found = match encoding {
        Encoding::Label(labels) => match labels.iter().position(|label| label == cell) {
            Some(place) => return Ok(place as i64),
            None => {
                let meant = closest(cell, labels).map_or(String::new(), |label| format!("; did you mean `{label}`?"));
                return Err(format!("{} is none of the {} labels{meant}", shown(cell), labels.len()));
            }
        },
        Encoding::Truth => truth(cell),
        Encoding::Day => day(cell),
        Encoding::Moment => moment(cell),
        Encoding::Clock => clock(cell),
        Encoding::Whole | Encoding::Number => integer(cell),
    };
    found.ok_or_else(|| {
        let what = match encoding {
            Encoding::Truth => "neither true nor false",
            Encoding::Day => "no day such as 2019-01-31",
            Encoding::Moment => "no moment such as 2019-01-31T08:30:00",
            Encoding::Clock => "no time such as 08:30:00",
            _ => "not a whole number",
        };
        format!("{} is {what}", shown(cell))
    })
}

/// A whole number; pandas writes those of a column with missing values as `39.0`.
pub(crate) fn integer(cell: &str) -> Option<i64> {
    let number = cell.parse::<i64>().ok().or_else(|| {
        let number = cell.parse::<f64>().ok()?;
        (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
    });
    // The least is taken: it stands for a missing one.
    number.filter(|number| *number != i64::MIN)
}

/// Whether a text is one of the words for true, or for false.
pub(crate) fn truth(cell: &str) -> Option<i64> {
    let one_of = |words: [&str; 4]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if one_of(["true", "1", "yes", "1.0"]) {
        Some(1)
    } else if one_of(["false", "0", "no", "0.0"]) {
        Some(0)
    } else {
        None
    }
}
