//! One JSON object a line.
//!
//! The columns are the keys of all objects, in the order of their first appearance, so the file is read twice. What an object
//! holds in an object of its own is a column under both keys with a dot between them.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Seek};

use super::super::error::{Fault, Place};
use super::super::files::Opened;
use super::super::sink::Sink;
use super::Reader;
use super::json::{Layout, Row};

const NOUN: &str = "file of JSON lines";

/// The longest line that is read.
const MAX_LINE: u64 = 64 << 20;

/// The most columns a file may have.
const MAX_COLUMNS: usize = 1 << 16;

/// A file of JSON lines.
pub(crate) struct JsonLines {
    file: Opened,
    columns: Vec<String>,
    /// The keys whose values are not taken apart.
    whole: Vec<String>,
}

impl JsonLines {
    /// Finds the columns of all lines; what stands under the keys of `whole` is one.
    pub(super) fn open(mut file: Opened, whole: &[String]) -> Result<Self, Fault> {
        let (mut columns, mut known) = (Vec::new(), HashSet::new());
        let (mut any, mut first) = (false, None);
        let mut layout = Layout::default();
        each_row(&mut file, whole, &mut |line, row| {
            any = true;
            match row {
                Ok(row) if layout.fits(&row) => {}
                Ok(row) => {
                    layout.learn(&row, &[]);
                    row.paths(&mut |key| {
                        if !known.contains(key) {
                            known.insert(key.to_owned());
                            columns.push(key.to_owned());
                        }
                    });
                }
                // What is wrong with a line is told with its row, when rows are read.
                Err(reason) => _ = first.get_or_insert_with(|| format!("line {line} {reason}")),
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
        Ok(Self { file, columns, whole: whole.to_vec() })
    }
}

impl Reader for JsonLines {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn rows<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        let columns: Vec<&str> = wanted.iter().map(|column| self.columns[*column].as_str()).collect();
        let mut layout = Layout::default();
        each_row(&mut self.file, &self.whole, &mut |line, row| {
            sink.begin_row(Place::Line(line));
            match row {
                Ok(row) => {
                    if !layout.fits(&row) {
                        layout.learn(&row, &columns);
                    }
                    for (slot, place) in layout.places().iter().enumerate() {
                        sink.cell(slot, row.cell(*place));
                    }
                    Ok(sink.end_row()?.is_continue())
                }
                Err(reason) => {
                    sink.bad_row(reason);
                    Ok(sink.goes_on())
                }
            }
        })
    }
}

/// Takes the row of a line, or why it is none; answers whether it wants another.
type EachRow<'e> = dyn FnMut(u64, Result<Row<'_>, String>) -> Result<bool, Fault> + 'e;

/// Each line's object with the line's number, from the start of the file until `each` says that it wants no more; in place of what
/// is none, why. Empty lines are passed over.
fn each_row(file: &mut Opened, whole: &[String], each: &mut EachRow<'_>) -> Result<(), Fault> {
    file.rewind().map_err(Fault::io)?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let (mut text, mut likely) = (Vec::new(), 0);
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
        let row = Row::read(text, likely, whole);
        likely = row.as_ref().map_or(likely, Row::len);
        if !each(line, row)? {
            break;
        }
    }
    Ok(())
}

fn form(reason: String) -> Fault {
    Fault::Form { noun: NOUN, reason }
}
