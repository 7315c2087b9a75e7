//! Tables of text: a header line, one row a line.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::{DataField, Located};
use ndsl_grammar::Span;

use super::columns::{choose, closest, find};
use super::error::MAX_BAD_CELLS;
use super::{BadCell, DataError, Dataset, Fault, Field, Reading, Target};
use crate::tensor::TensorData;

/// How many characters of a cell a message shows.
const SHOWN_CHARACTERS: usize = 40;

pub(super) fn read(
    path: &Located,
    patterns: Option<&[Located]>,
    target: &Located,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let Opened { file, mut reader, header } = open(path, folder)?;
    let fail = |span: Span, fault: Fault| DataError { path: file.clone(), span, fault };
    let at_path = |fault: Fault| fail(path.span, fault);

    let chosen = match reading.columns {
        Some(names) => {
            names.iter().map(|name| find(&header, name).map_err(at_path)).collect::<Result<Vec<usize>, DataError>>()?
        }
        None => choose(&header, patterns, &target.text, path.span).map_err(|(span, fault)| fail(span, fault))?,
    };
    let label = match reading.target {
        Target::Leave => None,
        _ => Some(find(&header, &target.text).map_err(|fault| fail(target.span, fault))?),
    };

    let mut table = Table { file, header, bad: Vec::new(), lines: Vec::new(), numbers: Vec::new(), labels: Vec::new() };
    table.rows(&mut reader, &chosen, label).map_err(|fault| table.fail(path.span, fault))?;
    if table.lines.is_empty() && table.bad.is_empty() {
        return Err(table.fail(path.span, Fault::NoRows));
    }
    let learnt = match (label, reading.target) {
        (Some(column), Target::As(field)) => Some(table.as_trained(column, field)),
        (Some(column), _) => Some(table.found(column)),
        (None, _) => None,
    };
    if !table.bad.is_empty() {
        let more = table.bad.len() >= MAX_BAD_CELLS;
        let cells = std::mem::take(&mut table.bad);
        return Err(table.fail(path.span, Fault::Cells { cells, more }));
    }

    let names = chosen.iter().map(|index| table.header[*index].clone()).collect();
    let mut fields = vec![Field {
        name: "columns".to_owned(),
        shape: vec![chosen.len()],
        data: TensorData::F32(table.numbers),
        classes: None,
    }];
    fields.extend(learnt.map(|(data, classes)| Field { name: target.text.clone(), shape: vec![], data, classes }));
    Ok(Dataset {
        rows: table.lines.len(),
        fields,
        target: target.text.clone(),
        columns: Some(names),
        lines: Some(table.lines),
    })
}

/// A file whose header was read.
pub(super) struct Opened {
    /// Where it is.
    pub(super) file: PathBuf,
    /// What reads its rows.
    pub(super) reader: csv::Reader<std::io::BufReader<File>>,
    /// The names of its columns.
    pub(super) header: Vec<String>,
}

/// Opens a file and reads its header.
pub(super) fn open(path: &Located, folder: &Path) -> Result<Opened, DataError> {
    let file = folder.join(&path.text);
    let at_path = |fault: Fault| DataError { path: file.clone(), span: path.span, fault };
    let handle = File::open(&file).map_err(|error| at_path(Fault::io(error)))?;
    // Reading a folder opens it and fails on the first byte with a message about something else.
    if handle.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(at_path(Fault::Io(std::io::Error::other("it is a folder"))));
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(std::io::BufReader::new(handle));
    let header = header(&mut reader).map_err(at_path)?;
    Ok(Opened { file, reader, header })
}

/// A table being read.
struct Table {
    file: PathBuf,
    header: Vec<String>,
    bad: Vec<BadCell>,
    lines: Vec<u64>,
    numbers: Vec<f32>,
    labels: Vec<String>,
}

impl Table {
    fn fail(&self, span: Span, fault: Fault) -> DataError {
        DataError { path: self.file.clone(), span, fault }
    }

    /// Whether there is room for another bad cell.
    fn goes_on(&self) -> bool {
        self.bad.len() < MAX_BAD_CELLS
    }

    fn bad(&mut self, line: u64, column: usize, reason: String) {
        if self.goes_on() {
            self.bad.push(BadCell { line, column: Some(self.header[column].clone()), reason });
        }
    }

    fn rows(
        &mut self,
        reader: &mut csv::Reader<impl std::io::Read>,
        chosen: &[usize],
        label: Option<usize>,
    ) -> Result<(), Fault> {
        let mut record = csv::ByteRecord::new();
        while self.goes_on() && reader.read_byte_record(&mut record).map_err(form)? {
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != self.header.len() {
                self.bad.push(BadCell::ragged(line, record.len(), self.header.len()));
                continue;
            }
            let text = |index: usize| std::str::from_utf8(&record[index]).map(str::trim);
            for column in chosen {
                let cell = text(*column).map_err(|_| Fault::NotText { line })?;
                match number(cell) {
                    Ok(number) => self.numbers.push(number),
                    Err(reason) => self.bad(line, *column, reason),
                }
            }
            if let Some(column) = label {
                let cell = text(column).map_err(|_| Fault::NotText { line })?;
                if cell.is_empty() {
                    self.bad(line, column, "the cell is empty".to_owned());
                }
                self.labels.push(cell.to_owned());
            }
            self.lines.push(line);
        }
        Ok(())
    }

    /// The target's values in the type that they have: integers, numbers, or else labels.
    fn found(&mut self, column: usize) -> (TensorData, Option<Vec<String>>) {
        let labels = std::mem::take(&mut self.labels);
        if let Ok(integers) = labels.iter().map(|cell| cell.parse::<i64>()).collect::<Result<Vec<_>, _>>() {
            return (TensorData::I64(integers), None);
        }
        let numbers: Vec<Option<f32>> = labels.iter().map(|cell| number(cell).ok()).collect();
        if numbers.iter().all(Option::is_some) {
            return (TensorData::F32(numbers.into_iter().flatten().collect()), None);
        }
        // A column of numbers with a few strays is meant as numbers: as labels, each number would be its own class.
        let strays = numbers.iter().filter(|number| number.is_none()).count();
        if strays * 10 < labels.len() && numbers.iter().flatten().any(|number| number.fract() != 0.0) {
            for (row, cell) in labels.iter().enumerate().filter(|(row, _)| numbers[*row].is_none()) {
                self.bad(self.lines[row], column, format!("{} is not a number, as the others are", shown(cell)));
            }
            return (TensorData::F32(numbers.into_iter().map(Option::unwrap_or_default).collect()), None);
        }
        let classes: Vec<String> = labels.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let index = |cell: &String| classes.binary_search(cell).map_or(0, |index| index as i64);
        (TensorData::I64(labels.iter().map(index).collect()), Some(classes))
    }

    /// The target's values in the type, and of the classes, that a model was trained on.
    fn as_trained(&mut self, column: usize, field: &DataField) -> (TensorData, Option<Vec<String>>) {
        let labels = std::mem::take(&mut self.labels);
        let mut convert = |parse: &dyn Fn(&str) -> Result<f64, String>| -> Vec<f64> {
            let mut values = Vec::with_capacity(labels.len());
            for (row, cell) in labels.iter().enumerate() {
                match parse(cell) {
                    Ok(value) => values.push(value),
                    Err(_) if cell.is_empty() => {}
                    Err(reason) => self.bad(self.lines[row], column, reason),
                }
            }
            values
        };
        if let Some(classes) = &field.classes {
            let indices = convert(&|cell| match classes.iter().position(|class| class == cell) {
                Some(index) => Ok(index as f64),
                None => {
                    let meant =
                        closest(cell, classes).map_or(String::new(), |class| format!("; did you mean `{class}`?"));
                    Err(format!("{} is none of the classes the model was trained on{meant}", shown(cell)))
                }
            });
            return (TensorData::I64(indices.into_iter().map(|index| index as i64).collect()), field.classes.clone());
        }
        match field.element {
            ElementType::F32 => {
                let numbers = convert(&|cell| number(cell).map(f64::from));
                (TensorData::F32(numbers.into_iter().map(|number| number as f32).collect()), None)
            }
            _ => {
                let integer = |cell: &str| cell.parse::<i64>();
                let _ = convert(&|cell| {
                    integer(cell).map(|value| value as f64).map_err(|_| format!("{} is not an integer", shown(cell)))
                });
                (TensorData::I64(labels.iter().map(|cell| integer(cell).unwrap_or_default()).collect()), None)
            }
        }
    }
}

fn header(reader: &mut csv::Reader<impl std::io::Read>) -> Result<Vec<String>, Fault> {
    let record = reader.byte_headers().map_err(form)?.clone();
    if record.is_empty() {
        return Err(Fault::Empty);
    }
    let mut names: Vec<String> = Vec::with_capacity(record.len());
    for cell in &record {
        let name = std::str::from_utf8(cell).map_err(|_| Fault::NotText { line: 1 })?.trim();
        names.push(name.to_owned());
    }
    let mut seen = std::collections::HashMap::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name.as_str(), index) {
            return Err(Fault::DuplicateColumn { name: name.clone(), first: first + 1, second: index + 1 });
        }
    }
    Ok(names)
}

pub(super) fn form(error: csv::Error) -> Fault {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Fault::io(error),
        other => Fault::Form(format!("{other:?}")),
    }
}

/// A finite number, or why the cell is none.
pub(super) fn number(cell: &str) -> Result<f32, String> {
    match cell.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(format!("{} is not a finite number", shown(cell))),
        Err(_) if cell.is_empty() => Err("the cell is empty".to_owned()),
        Err(_) => Err(format!("{} is not a number", shown(cell))),
    }
}

/// The cell in quotes, cut where it is long.
pub(super) fn shown(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", &cell[..end]),
        None => format!("{cell:?}"),
    }
}
