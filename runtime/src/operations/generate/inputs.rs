//! The columns of files that schemas draw from or are made from.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ndsl_compiler::plan::Format;
use ndsl_compiler::schema::Type;
use ndsl_compiler::schema::datum::Datum;
use ndsl_generate::Inputs;
use ndsl_grammar::Span;

use crate::data::cell::Cell;
use crate::data::files::Named;
use crate::data::formats::{self, Reader as _};
use crate::data::sink::Sink;
use crate::data::typed::NULLS;
use crate::data::{Fault, Place, closest, shown};
use crate::validate::forms::Form;

/// The most rows of a file that are drawn from, since they are held.
const MAX_ROWS: usize = 20_000_000;

/// Files below a folder, read as they are needed.
pub struct FileInputs {
    folder: PathBuf,
}

impl FileInputs {
    /// Files whose paths are relative to this folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }
}

impl Inputs for FileInputs {
    fn column(&self, path: &str, column: &str, ty: &Type) -> Result<Vec<Datum>, String> {
        let format = Format::by_name(path)
            .ok_or_else(|| format!("what `{path}` holds is not known by its ending, such as `.csv` or `.parquet`"))?;
        let file = Named { path: self.folder.join(path), span: Span::default(), address: None };
        let opened = file.open().map_err(|error| format!("`{path}`: {}", error.fault))?;
        let said = |fault: Fault| format!("`{path}`: {fault}");
        let twin = opened.twin().map_err(said)?;
        let mut table = formats::open(&format, opened, &[]).map_err(said)?;
        let Some(place) = table.columns().iter().position(|name| name == column) else {
            let meant = closest(column, table.columns()).map(|name| format!("; did you mean `{name}`?"));
            return Err(format!("`{path}` has no column `{column}`{}", meant.unwrap_or_default()));
        };
        let mut taking = Taking { form: Form::of_type(ty), values: Vec::new(), place: Place::Row(1), fault: None };
        let read = table.rows(&[place], &mut taking);
        // That it changed is the reason of whatever else was found in it.
        twin.unchanged().and(read).map_err(said)?;
        match taking.fault {
            Some((place, reason)) => Err(format!("`{path}`, {place}: {reason}")),
            None => Ok(taking.values),
        }
    }
}

/// Takes the values of one column.
struct Taking {
    form: Form,
    values: Vec<Datum>,
    place: Place,
    /// The first cell that is no value, and why.
    fault: Option<(Place, String)>,
}

impl Taking {
    fn value(&self, cell: Cell<'_>) -> Result<Datum, String> {
        match cell {
            Cell::Null => return Ok(Datum::Null),
            Cell::Number(number) if number.is_nan() => return Ok(Datum::Null),
            _ => {}
        }
        let said = |text: &str| format!("{} is {}", shown(text), self.form.noun());
        // A file of another kind may hold texts as what they are of: numbers, days.
        let text = match (&self.form, cell) {
            (_, Cell::Bytes(_)) | (Form::Text(_), _) => cell.text()?,
            _ => None,
        };
        match text {
            Some(text) if text.is_empty() => Ok(Datum::Null),
            Some(text)
                if matches!(cell, Cell::Bytes(_)) && NULLS.iter().any(|null| text.eq_ignore_ascii_case(null)) =>
            {
                Ok(Datum::Null)
            }
            Some(text) => self.form.read(Cell::Text(&text)).map(|value| value.datum()).ok_or_else(|| said(&text)),
            None => self.form.read(cell).map(|value| value.datum()).ok_or_else(|| match cell.text() {
                Ok(text) => said(&text.unwrap_or_default()),
                Err(reason) => reason,
            }),
        }
    }
}

impl Sink for Taking {
    fn goes_on(&self) -> bool {
        self.fault.is_none()
    }

    fn begin_row(&mut self, place: Place) {
        self.place = place;
    }

    fn cell(&mut self, _: usize, cell: Cell<'_>) {
        match self.value(cell) {
            Ok(value) => self.values.push(value),
            Err(reason) => self.fault = Some((self.place, reason)),
        }
    }

    fn bad_row(&mut self, reason: String) {
        self.fault = Some((self.place, reason));
    }

    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        if self.values.len() >= MAX_ROWS {
            self.fault = Some((self.place, format!("more than {MAX_ROWS} rows are not drawn from")));
        }
        Ok(if self.goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }
}
