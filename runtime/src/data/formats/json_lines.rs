//! One JSON object a line.
//!
//! The columns are the keys of all objects, in the order of their first appearance, so the file is read twice. What an object
//! holds in an object of its own is a column under both keys with a dot between them.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Seek};

use super::super::cell::Cell;
use super::super::error::{Fault, Place};
use super::super::files::Opened;
use super::super::intake::Intake;
use super::Reader;
use super::json::{Json, Object, find, paths};

const NOUN: &str = "file of JSON lines";

/// The longest line that is read.
const MAX_LINE: u64 = 64 << 20;

/// The most columns a file may have.
const MAX_COLUMNS: usize = 1 << 16;

/// A file of JSON lines.
pub(super) struct JsonLines {
    file: Opened,
    columns: Vec<String>,
}

impl JsonLines {
    /// Finds the columns of all lines.
    pub(super) fn open(mut file: Opened) -> Result<Self, Fault> {
        let (mut columns, mut known) = (Vec::new(), HashSet::new());
        let (mut any, mut first) = (false, None);
        each_object(&mut file, &mut |line, object| {
            any = true;
            // What is wrong with a line is told with its row, when rows are read.
            if let Err(reason) = &object {
                first.get_or_insert_with(|| format!("line {line} {reason}"));
            }
            if let Ok(object) = object {
                paths(&object, &mut String::new(), &mut |key| {
                    if !known.contains(key) {
                        known.insert(key.to_owned());
                        columns.push(key.to_owned());
                    }
                });
            }
            match columns.len() > MAX_COLUMNS {
                true => Err(form(format!("line {line} has the column after the {MAX_COLUMNS} that are read"))),
                false => Ok(true),
            }
        })?;
        match (any, columns.is_empty(), first) {
            (false, ..) => return Err(Fault::Empty),
            (true, true, Some(first)) => return Err(form(format!("no line of it is an object with a value; {first}"))),
            (true, true, None) => return Err(form("its objects have no values".to_owned())),
            _ => {}
        }
        Ok(Self { file, columns })
    }
}

impl Reader for JsonLines {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn rows(&mut self, wanted: &[usize], intake: &mut Intake) -> Result<(), Fault> {
        // Each column with where its key stood in the row before.
        let mut keys: Vec<(&str, usize)> = wanted.iter().map(|column| (self.columns[*column].as_str(), 0)).collect();
        each_object(&mut self.file, &mut |line, object| {
            intake.begin_row(Place::Line(line));
            match object {
                Ok(object) => {
                    for (slot, (path, hint)) in keys.iter_mut().enumerate() {
                        intake.cell(slot, find(&object, path, hint).map_or(Cell::Null, Json::cell));
                    }
                    Ok(intake.end_row()?.is_continue())
                }
                Err(reason) => {
                    intake.bad_row(reason);
                    Ok(intake.goes_on())
                }
            }
        })
    }
}

/// Each line's object with the line's number, from the start of the file until `each` says that it wants no more; in place of what
/// is none, why. Empty lines are passed over.
fn each_object(
    file: &mut Opened,
    each: &mut dyn FnMut(u64, Result<Object, String>) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    file.rewind().map_err(Fault::io)?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut text).map_err(Fault::io)? == 0 {
            break;
        }
        if text.len() as u64 >= MAX_LINE {
            return Err(form(format!("line {line} is longer than the {} MB that are read", MAX_LINE >> 20)));
        }
        let text = text.trim_ascii_end();
        let text = if line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let object = match serde_json::from_slice::<Json>(text) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(other) => Err(format!("is {}, where each is an object such as {{\"age\": 39}}", other.kind())),
            Err(error) => Err(format!("is no JSON: {} at character {}", what(&error), error.column())),
        };
        if !each(line, object)? {
            break;
        }
    }
    Ok(())
}

/// What is wrong, without the line: the text that was read is one.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line").map_or(text.as_str(), |(what, _)| what).to_owned()
}

fn form(reason: String) -> Fault {
    Fault::Form { noun: NOUN, reason }
}
