//! Arrow's record batches as rows of cells: what Parquet and Arrow files are read into.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, FieldRef, Fields, Schema, TimeUnit};

use super::super::cell::{Cell, Items, List};
use super::super::error::{Fault, Place};
use super::super::sink::Sink;

/// How deep groups of columns may nest.
const MAX_DEPTH: usize = 32;

/// The most columns a file may have.
const MAX_COLUMNS: usize = 1 << 16;

/// A column of a file, which may stand inside groups.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// The place of each group, and of the column in the last, from the outermost.
    path: Vec<usize>,
}

impl Leaf {
    /// The place of its outermost column.
    pub(super) fn root(&self) -> usize {
        self.path[0]
    }
}

/// Every column of a schema that is no group, with its name: inside a group, behind that of the group and a dot.
pub(super) fn leaves(schema: &Schema, noun: &'static str) -> Result<(Vec<String>, Vec<Leaf>), Fault> {
    let (mut names, mut leaves) = (Vec::new(), Vec::new());
    collect(schema.fields(), "", &[], &mut |name, path| {
        names.push(name);
        leaves.push(Leaf { path });
        names.len() <= MAX_COLUMNS
    })
    .then_some((names, leaves))
    .ok_or_else(|| Fault::Form { noun, reason: "it has more columns, or deeper groups of them, than are read".into() })
}

fn collect(fields: &Fields, before: &str, path: &[usize], each: &mut dyn FnMut(String, Vec<usize>) -> bool) -> bool {
    fields.iter().enumerate().all(|(place, field): (usize, &FieldRef)| {
        let name = if path.is_empty() { field.name().clone() } else { format!("{before}.{}", field.name()) };
        let path = [path, &[place]].concat();
        match field.data_type() {
            DataType::Struct(inner) if !inner.is_empty() => {
                path.len() < MAX_DEPTH && collect(inner, &name, &path, each)
            }
            _ => each(name, path),
        }
    })
}

/// Hands the rows of a batch to the sink; false when it wants no more. Columns are looked up by `leaves`, whose roots are at
/// `places` of the batch; `before` rows of the file came before.
pub(super) fn rows<S: Sink>(
    batch: &RecordBatch,
    leaves: &[(usize, &Leaf)],
    before: u64,
    sink: &mut S,
) -> Result<bool, Fault> {
    let columns: Vec<Column<'_>> = leaves.iter().map(|(place, leaf)| Column::of(batch, *place, leaf)).collect();
    for row in 0..batch.num_rows() {
        sink.begin_row(Place::Row(before + row as u64 + 1));
        for (slot, column) in columns.iter().enumerate() {
            sink.cell(slot, column.cell(row));
        }
        if sink.end_row()?.is_break() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A column of a batch.
struct Column<'b> {
    /// The groups it stands in that may be null.
    groups: Vec<&'b dyn Array>,
    values: Values<'b>,
}

impl<'b> Column<'b> {
    fn of(batch: &'b RecordBatch, place: usize, leaf: &Leaf) -> Self {
        let mut array: &'b ArrayRef = batch.column(place);
        let mut groups: Vec<&dyn Array> = Vec::new();
        for place in &leaf.path[1..] {
            if array.null_count() > 0 {
                groups.push(array);
            }
            array = array.as_struct().column(*place);
        }
        Self { groups, values: Values::of(array) }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        match self.groups.iter().any(|group| group.is_null(row)) {
            true => Cell::Null,
            false => self.values.cell(row),
        }
    }
}

/// The values of an array, by row.
enum Values<'b> {
    /// Each a cell by its place, where it is not null.
    Plain(&'b ArrayRef, Box<dyn Fn(usize) -> Cell<'b> + 'b>),
    /// Places in a list of values.
    Dictionary(&'b ArrayRef, Vec<usize>, Box<Values<'b>>),
    /// Lists: where the items of each row are, and the items of all.
    Lists(&'b ArrayRef, Places<'b>, Box<Values<'b>>),
    /// Nothing but nulls.
    Nothing,
}

/// Where the items of a row's list stand.
type Places<'b> = Box<dyn Fn(usize) -> Range<usize> + 'b>;

impl Items for Values<'_> {
    fn item(&self, place: usize) -> Cell<'_> {
        self.cell(place)
    }
}

/// The seconds of a number of this unit, what is less cut off.
fn seconds(unit: TimeUnit, number: i64) -> i64 {
    number.div_euclid(match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    })
}

impl<'b> Values<'b> {
    fn of(array: &'b ArrayRef) -> Self {
        /// Each number of a primitive array, made a cell.
        macro_rules! each {
            ($kind:ty, $make:expr) => {{
                let values = array.as_primitive::<$kind>().values();
                Box::new(move |row: usize| $make(values[row]))
            }};
        }
        let cells: Box<dyn Fn(usize) -> Cell<'b> + 'b> = match array.data_type() {
            DataType::Null => return Self::Nothing,
            DataType::Boolean => {
                let values = array.as_boolean().values();
                Box::new(move |row| Cell::Truth(values.value(row)))
            }
            DataType::Int8 => each!(Int8Type, |number| Cell::Whole(i64::from(number))),
            DataType::Int16 => each!(Int16Type, |number| Cell::Whole(i64::from(number))),
            DataType::Int32 => each!(Int32Type, |number| Cell::Whole(i64::from(number))),
            DataType::Int64 => each!(Int64Type, Cell::Whole),
            DataType::UInt8 => each!(UInt8Type, |number| Cell::Whole(i64::from(number))),
            DataType::UInt16 => each!(UInt16Type, |number| Cell::Whole(i64::from(number))),
            DataType::UInt32 => each!(UInt32Type, |number| Cell::Whole(i64::from(number))),
            DataType::UInt64 => each!(UInt64Type, |number: u64| match i64::try_from(number) {
                Ok(number) => Cell::Whole(number),
                Err(_) => Cell::Number(number as f64),
            }),
            DataType::Float16 => each!(Float16Type, |number: half::f16| Cell::Number(f64::from(number))),
            DataType::Float32 => each!(Float32Type, |number| Cell::Number(f64::from(number))),
            DataType::Float64 => each!(Float64Type, Cell::Number),
            DataType::Decimal128(_, scale) => {
                let divisor = 10f64.powi(i32::from(*scale));
                each!(Decimal128Type, move |number| match divisor {
                    1.0 => i64::try_from(number).map_or(Cell::Number(number as f64), Cell::Whole),
                    divisor => Cell::Number(number as f64 / divisor),
                })
            }
            DataType::Date32 => each!(Date32Type, |day| Cell::Day(i64::from(day))),
            DataType::Date64 => each!(Date64Type, |number| Cell::Moment(seconds(TimeUnit::Millisecond, number))),
            DataType::Timestamp(unit, _) => {
                let unit = *unit;
                match unit {
                    TimeUnit::Second => each!(TimestampSecondType, Cell::Moment),
                    TimeUnit::Millisecond => {
                        each!(TimestampMillisecondType, move |number| Cell::Moment(seconds(unit, number)))
                    }
                    TimeUnit::Microsecond => {
                        each!(TimestampMicrosecondType, move |number| Cell::Moment(seconds(unit, number)))
                    }
                    TimeUnit::Nanosecond => {
                        each!(TimestampNanosecondType, move |number| Cell::Moment(seconds(unit, number)))
                    }
                }
            }
            DataType::Time32(TimeUnit::Second) => {
                each!(Time32SecondType, |number| clock(TimeUnit::Second, i64::from(number)))
            }
            DataType::Time32(_) => {
                each!(Time32MillisecondType, |number| clock(TimeUnit::Millisecond, i64::from(number)))
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                each!(Time64MicrosecondType, |number| clock(TimeUnit::Microsecond, number))
            }
            DataType::Time64(_) => each!(Time64NanosecondType, |number| clock(TimeUnit::Nanosecond, number)),
            DataType::Utf8 => {
                let values = array.as_string::<i32>();
                Box::new(move |row| Cell::Text(values.value(row)))
            }
            DataType::LargeUtf8 => {
                let values = array.as_string::<i64>();
                Box::new(move |row| Cell::Text(values.value(row)))
            }
            DataType::Utf8View => {
                let values = array.as_string_view();
                Box::new(move |row| Cell::Text(values.value(row)))
            }
            DataType::Binary => {
                let values = array.as_binary::<i32>();
                Box::new(move |row| Cell::Bytes(values.value(row)))
            }
            DataType::LargeBinary => {
                let values = array.as_binary::<i64>();
                Box::new(move |row| Cell::Bytes(values.value(row)))
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let places = dictionary.normalized_keys();
                return Self::Dictionary(array, places, Box::new(Self::of(dictionary.values())));
            }
            DataType::List(_) => {
                let lists = array.as_list::<i32>();
                let ends = lists.value_offsets();
                let places = Box::new(|row: usize| ends[row] as usize..ends[row + 1] as usize);
                return Self::Lists(array, places, Box::new(Self::of(lists.values())));
            }
            DataType::LargeList(_) => {
                let lists = array.as_list::<i64>();
                let ends = lists.value_offsets();
                let places = Box::new(|row: usize| ends[row] as usize..ends[row + 1] as usize);
                return Self::Lists(array, places, Box::new(Self::of(lists.values())));
            }
            DataType::FixedSizeList(..) => {
                let lists = array.as_fixed_size_list();
                let width = lists.value_length() as usize;
                let places = Box::new(move |row: usize| row * width..(row + 1) * width);
                return Self::Lists(array, places, Box::new(Self::of(lists.values())));
            }
            DataType::ListView(_) => Box::new(|_| Cell::Other("a list")),
            DataType::Map(..) => Box::new(|_| Cell::Other("a map")),
            _ => Box::new(|_| Cell::Other("of a kind that is not read")),
        };
        Self::Plain(array, cells)
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Nothing => Cell::Null,
            Self::Plain(array, _) | Self::Dictionary(array, ..) | Self::Lists(array, ..) if array.is_null(row) => {
                Cell::Null
            }
            Self::Plain(_, cells) => cells(row),
            Self::Lists(_, places, items) => Cell::List(List::new(&**items, places(row))),
            Self::Dictionary(_, places, values) => places.get(row).map_or(Cell::Null, |place| values.cell(*place)),
        }
    }
}

/// A time of day; what is none is handed on as a number, which no column of times takes.
fn clock<'c>(unit: TimeUnit, number: i64) -> Cell<'c> {
    match seconds(unit, number) {
        second @ 0..86_400 => Cell::Clock(second),
        _ => Cell::Whole(number),
    }
}

/// The columns that are wanted, each with the place of its root among `roots`, which become those that must be read, in order.
pub(super) fn projected<'l>(wanted: &[usize], leaves: &'l [Leaf]) -> (Vec<usize>, Vec<(usize, &'l Leaf)>) {
    let mut roots: Vec<usize> = wanted.iter().map(|column| leaves[*column].root()).collect();
    roots.sort_unstable();
    roots.dedup();
    let place = |leaf: &Leaf| roots.binary_search(&leaf.root()).unwrap_or_default();
    let placed = wanted.iter().map(|column| (place(&leaves[*column]), &leaves[*column])).collect();
    (roots, placed)
}

/// A schema that is shared.
pub(super) type SharedSchema = Arc<Schema>;
