//! Files of a table of a schema: each column is read by its type.

use std::path::{Path, PathBuf};

use ndsl_compiler::ir::{Encoding, Null};
use ndsl_compiler::plan::{Located, TableColumn};

use super::columns::{closest, find};
use super::csv::{Opened, form, number, open, shown};
use super::error::MAX_BAD_CELLS;
use super::moment::{clock, day, moment};
use super::{BadCell, DataError, Dataset, Fault, Field, Reading, Target};
use crate::tensor::TensorData;

/// What stands for a missing value beside an empty cell, in any case: what pandas and R write, and what UCI's files have.
const NULLS: [&str; 6] = ["null", "na", "n/a", "nan", "none", "?"];

/// Whole numbers up to this are exact as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn read(
    path: &Located,
    columns: &[TableColumn],
    target: Option<&Located>,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let Opened { file, mut reader, header } = open(path, folder)?;
    let target = target.map_or("", |target| target.text.as_str());
    let left = |column: &&TableColumn| matches!(reading.target, Target::Leave) && column.name == target;
    let (mut cells, mut missing) = (Vec::new(), Vec::new());
    for column in columns.iter().filter(|column| !left(column)) {
        match find(&header, &column.outside) {
            Ok(place) => cells.push(Cells::new(column, place, column.name == target)),
            Err(fault) => missing.push((column, fault)),
        }
    }
    let first = missing.first().map(|(column, _)| column.span);
    if let (Some(span), Some((_, fault))) = (first, missing.pop()) {
        let names: Vec<String> = missing.iter().map(|(column, _)| column.outside.clone()).collect();
        let fault = match (names.is_empty(), fault) {
            (false, Fault::UnknownColumn { name, available, .. }) => {
                Fault::UnknownColumns { names: names.into_iter().chain([name]).collect(), available }
            }
            (_, fault) => fault,
        };
        return Err(DataError { path: file, span, fault });
    }

    let mut lines = Vec::new();
    let mut bad = Vec::new();
    let mut record = csv::ByteRecord::new();
    let at_path = |file: &PathBuf, fault: Fault| DataError { path: file.clone(), span: path.span, fault };
    while bad.len() < MAX_BAD_CELLS
        && reader.read_byte_record(&mut record).map_err(|error| at_path(&file, form(error)))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            bad.push(BadCell::ragged(line, record.len(), header.len()));
            continue;
        }
        for column in &mut cells {
            let cell = std::str::from_utf8(&record[column.place]).map(str::trim);
            let cell = cell.map_err(|_| at_path(&file, Fault::NotText { line }))?;
            if let Err(reason) = column.add(cell)
                && bad.len() < MAX_BAD_CELLS
            {
                bad.push(BadCell { line, column: Some(header[column.place].clone()), reason });
            }
        }
        lines.push(line);
    }
    if !bad.is_empty() {
        let more = bad.len() >= MAX_BAD_CELLS;
        return Err(at_path(&file, Fault::Cells { cells: bad, more }));
    }
    if lines.is_empty() {
        return Err(at_path(&file, Fault::NoRows));
    }
    let fields = cells.into_iter().map(|column| Field {
        name: column.column.name.clone(),
        shape: Vec::new(),
        data: column.data,
        classes: column.column.encoding.labels(),
    });
    Ok(Dataset {
        rows: lines.len(),
        fields: fields.collect(),
        target: target.to_owned(),
        columns: None,
        lines: Some(lines),
    })
}

/// The cells of a column, as numbers.
struct Cells<'a> {
    column: &'a TableColumn,
    /// Its place in the file.
    place: usize,
    /// Whether it is what is learnt, of which every row must have a value.
    learnt: bool,
    data: TensorData,
}

impl<'a> Cells<'a> {
    fn new(column: &'a TableColumn, place: usize, learnt: bool) -> Self {
        let data = match column.encoding {
            Encoding::Number => TensorData::F32(Vec::new()),
            _ => TensorData::I64(Vec::new()),
        };
        Self { column, place, learnt, data }
    }

    /// Adds a cell, or says why it is no value of the column.
    fn add(&mut self, cell: &str) -> Result<(), String> {
        let encoding = &self.column.encoding;
        let null = if is_null(cell, encoding) { Some(self.missing(cell)?) } else { None };
        match (&mut self.data, null) {
            (TensorData::F32(numbers), Some(_)) => numbers.push(f32::NAN),
            (TensorData::F32(numbers), None) => numbers.push(number(cell)?),
            (TensorData::I64(numbers), Some(Null::Whole(null))) => numbers.push(null),
            (TensorData::I64(numbers), _) => numbers.push(whole(cell, encoding)?),
            _ => {}
        }
        Ok(())
    }

    /// What stands for a cell without a value, or why there must be none.
    fn missing(&self, cell: &str) -> Result<Null, String> {
        let TableColumn { name, encoding, optional, .. } = self.column;
        let what =
            if cell.is_empty() { "the cell is empty".to_owned() } else { format!("{} is no value", shown(cell)) };
        match (optional, self.learnt) {
            (_, true) => Err(format!("{what}, and there is nothing to learn from it")),
            (false, _) => Err(format!("{what}; a `?` behind the type of `{name}` lets it be missing")),
            (true, false) => Ok(encoding.null()),
        }
    }
}

/// Whether a cell has no value. A word that is a label is one.
fn is_null(cell: &str, encoding: &Encoding) -> bool {
    if cell.is_empty() {
        return true;
    }
    let known = matches!(encoding, Encoding::Label(labels) if labels.iter().any(|label| label == cell));
    !known && NULLS.iter().any(|null| cell.eq_ignore_ascii_case(null))
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
fn integer(cell: &str) -> Option<i64> {
    let number = cell.parse::<i64>().ok().or_else(|| {
        let number = cell.parse::<f64>().ok()?;
        (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
    });
    // The least is taken: it stands for a missing one.
    number.filter(|number| *number != i64::MIN)
}

fn truth(cell: &str) -> Option<i64> {
    let one_of = |words: [&str; 4]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if one_of(["true", "1", "yes", "1.0"]) {
        Some(1)
    } else if one_of(["false", "0", "no", "0.0"]) {
        Some(0)
    } else {
        None
    }
}
