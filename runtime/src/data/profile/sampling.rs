//! Some rows of files, evenly from all of them, for what is computed of columns together.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use ndsl_compiler::plan::{Files, Format};

use super::relations::Series;
use super::{ColumnProfile, ValueKind};
use crate::data::cell::Cell;
use crate::data::error::{DataError, Fault, Place};
use crate::data::files::expand;
use crate::data::formats::{self, Reader as _};
use crate::data::moment::{clock, moment};
use crate::data::sink::Sink;
use crate::data::typed::is_null;

/// Columns of texts with more different values are not compared.
pub(crate) const MOST_LABELS: usize = 50;

/// The rows that are compared: fewer of many columns, so that it takes about as long.
const ROWS: (u64, u64) = (1_000, 50_000);

/// Rows times pairs of columns, about.
const WORK: u64 = 50_000_000;

/// What a column's cells are read as.
enum Reading {
    Number,
    /// Days and moments, in seconds from 1970.
    Moment,
    /// In seconds from midnight.
    Clock,
    Label(HashMap<Box<str>, u32>),
}

impl Reading {
    fn of(column: &ColumnProfile) -> Option<Self> {
        match column.kind {
            ValueKind::Int | ValueKind::Float => Some(Self::Number),
            ValueKind::Date | ValueKind::Datetime => Some(Self::Moment),
            ValueKind::Time => Some(Self::Clock),
            ValueKind::Bool | ValueKind::Text => {
                column.distinct.filter(|count| (2..=MOST_LABELS).contains(count)).map(|_| Self::Label(HashMap::new()))
            }
            ValueKind::Empty => None,
        }
    }
}

struct Sampler<'n> {
    columns: Vec<(Reading, Series)>,
    nulls: Option<&'n [String]>,
    /// All rows, and how many of them are wanted.
    all: u64,
    wanted: u64,
    /// The row that is being taken, and those that were.
    row: u64,
    taken: u64,
    /// The next row that is.
    next: u64,
}

impl Sampler<'_> {
    /// A row of each equal part of all, any of its rows with the same chance.
    fn choose(&mut self) {
        let start = |part: u64| (u128::from(part) * u128::from(self.all) / u128::from(self.wanted.max(1))) as u64;
        let (from, to) = (start(self.taken), start(self.taken + 1).max(start(self.taken) + 1));
        let mixed = self.taken.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.next = from + ((u128::from(mixed) * u128::from(to - from)) >> 64) as u64;
    }
}

impl Sink for Sampler<'_> {
    fn goes_on(&self) -> bool {
        self.taken < self.wanted
    }

    fn begin_row(&mut self, _: Place) {}

    fn cell(&mut self, slot: usize, cell: Cell<'_>) {
        if self.row != self.next {
            return;
        }
        let text = match cell {
            Cell::Number(number) if number.is_nan() => None,
            cell => cell.text().ok().flatten(),
        };
        let text = text.filter(|text| !is_null(text, None, self.nulls));
        let (reading, series) = &mut self.columns[slot];
        match (series, reading) {
            (Series::Numbers(numbers), reading) => {
                let number = text.and_then(|text| match reading {
                    Reading::Moment => moment(&text).map(|second| second as f64),
                    Reading::Clock => clock(&text).map(|second| second as f64),
                    _ => text.parse::<f64>().ok().filter(|number| number.is_finite()),
                });
                numbers.push(number.unwrap_or(f64::NAN));
            }
            (Series::Labels(places, count), Reading::Label(known)) => {
                let place = text.and_then(|text| match known.get(&*text) {
                    Some(place) => Some(*place),
                    None if known.len() < MOST_LABELS => {
                        let place = known.len() as u32;
                        known.insert(Box::from(&*text), place);
                        *count = known.len();
                        Some(place)
                    }
                    None => None,
                });
                places.push(place);
            }
            (Series::Labels(places, _), _) => places.push(None),
        }
    }

    fn bad_row(&mut self, _: String) {}

    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        if self.row == self.next {
            self.taken += 1;
            self.choose();
        }
        self.row += 1;
        Ok(if self.goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }
}

/// The values of those columns that can be compared, with their places, in some of `rows` rows; answers how many these are, too.
pub(crate) fn sample(
    files: &Files,
    folder: &Path,
    columns: &[ColumnProfile],
    rows: u64,
) -> Result<(Vec<(usize, Series)>, u64), DataError> {
    let chosen: Vec<(usize, Reading)> =
        columns.iter().enumerate().filter_map(|(place, column)| Some((place, Reading::of(column)?))).collect();
    let pairs = (chosen.len() * chosen.len() / 2).max(1) as u64;
    let wanted = (WORK / pairs).clamp(ROWS.0, ROWS.1).min(rows);
    let names: Vec<&str> = chosen.iter().map(|(place, _)| columns[*place].name.as_str()).collect();
    let nulls = match &files.format {
        Format::Csv(dialect) => dialect.nulls.as_deref(),
        _ => None,
    };
    let places: Vec<usize> = chosen.iter().map(|(place, _)| *place).collect();
    let series = |reading: Reading| match reading {
        Reading::Label(_) => (reading, Series::Labels(Vec::new(), 0)),
        _ => (reading, Series::Numbers(Vec::new())),
    };
    let columns = chosen.into_iter().map(|(_, reading)| series(reading)).collect();
    let mut sampler = Sampler { columns, nulls, all: rows, wanted, row: 0, taken: 0, next: 0 };
    sampler.choose();
    for file in expand(files, folder, None)? {
        let fail = |fault: Fault| file.fail(fault);
        let mut reader = formats::open(&files.format, file.open()?, &[]).map_err(fail)?;
        let header = reader.columns();
        let found = names.iter().filter_map(|name| header.iter().position(|column| column == name));
        let found: Vec<usize> = found.collect();
        // The profile found every column in every file.
        if found.len() < names.len() {
            return Err(fail(Fault::Changed));
        }
        reader.rows(&found, &mut sampler).map_err(fail)?;
    }
    let taken = sampler.taken;
    Ok((places.into_iter().zip(sampler.columns).map(|(place, (_, series))| (place, series)).collect(), taken))
}
