//! The cells of a column as the formats of text write them.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Decimal128Type, Float64Type, Int32Type, Int64Type, Time32SecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{DataType, Field, TimeUnit};

use super::array::Items;
use super::json::Json;
use super::page::{Page, Pen};
use super::values::Value;
use super::{Unfit, digits, is_json};

/// How a format of text writes a cell.
pub(super) trait Notation {
    /// What stands between the date and the time of a moment.
    const MOMENT: u8;
    /// Whether a JSON value stands as it is, and not as a text.
    const HAS_JSON: bool;

    /// What stands before and behind a date.
    fn date_marks(&self) -> [&'static [u8]; 2] {
        [b"", b""]
    }

    /// What stands before and behind a time of day.
    fn time_marks(&self) -> [&'static [u8]; 2] {
        self.date_marks()
    }

    /// What stands before and behind a moment.
    fn moment_marks(&self) -> [&'static [u8]; 2] {
        self.date_marks()
    }

    /// Whether a list is what PostgreSQL calls an array, and not JSON.
    fn has_arrays(&self) -> bool {
        false
    }

    /// What stands for no value.
    fn null(&self) -> &'static [u8];

    /// What stands for `false` and for `true`.
    const TRUTH: [&'static [u8]; 2];

    /// What is no finite number.
    fn not_finite(number: f64) -> &'static [u8];

    /// Whether a text with this byte is not written as it is.
    fn is_special(byte: u8) -> bool;

    /// What stands before and behind every text.
    const TEXT: [&'static [u8]; 2];

    /// A text that may hold special bytes, without what stands around every text.
    fn special(&self, text: &[u8], page: &mut Page);

    /// A text without a character.
    const EMPTY: &'static [u8];
}

/// A column for some rows.
pub(super) struct Cells<'a> {
    nulls: Option<&'a NullBuffer>,
    values: Values<'a>,
}

enum Values<'a> {
    Int(&'a [i64]),
    Float(&'a [f64]),
    Decimal(&'a [i64], u32),
    WideDecimal(&'a [i128], u32),
    /// Truth values, and how both are written.
    Bool(&'a BooleanBuffer, Texts<'a>),
    Date(&'a [i32]),
    Moment(&'a [i64]),
    Time(&'a [i32]),
    Text(Texts<'a>),
    /// Texts that stand as they are: JSON within JSON.
    Raw(Texts<'a>),
    /// Labels by their places, each as the format writes it.
    Label(&'a [i32], Texts<'a>),
}

/// Texts in one piece of memory.
struct Texts<'a> {
    bytes: Cow<'a, [u8]>,
    /// Where each begins, and the last ends.
    ends: Cow<'a, [i32]>,
    /// Whether any of them may have a special byte.
    is_special: bool,
}

impl<'a> Texts<'a> {
    fn of<N: Notation>(bytes: Cow<'a, [u8]>, ends: Cow<'a, [i32]>) -> Self {
        let (first, last) = (ends.first().map_or(0, |end| *end as usize), ends.last().map_or(0, |end| *end as usize));
        // Without an early end, so that a processor looks at many bytes at once.
        let is_special = bytes[first..last].iter().fold(false, |found, byte| found | N::is_special(*byte));
        Self { bytes, ends, is_special }
    }

    /// A few texts, with room behind the last, so that all are copied as blocks.
    fn listed(texts: &[&[u8]]) -> Texts<'static> {
        let mut bytes = texts.concat();
        bytes.extend([0; 64]);
        let ends = texts.iter().scan(0, |end, text| {
            *end += text.len() as i32;
            Some(*end)
        });
        Texts { bytes: bytes.into(), ends: std::iter::once(0).chain(ends).collect(), is_special: false }
    }

    #[inline(always)]
    fn at(&self, place: usize) -> &[u8] {
        &self.bytes[self.ends[place] as usize..self.ends[place + 1] as usize]
    }

    #[inline(always)]
    fn write(&self, place: usize, pen: &mut Pen) {
        pen.part(&self.bytes, self.ends[place] as usize, self.ends[place + 1] as usize);
    }
}

impl<'a> Cells<'a> {
    /// The cells of a column in a format.
    pub(super) fn of<N: Notation>(notation: &N, field: &Field, array: &'a ArrayRef) -> Result<Self, Unfit> {
        let values = match array.data_type() {
            DataType::Int64 => Values::Int(array.as_primitive::<Int64Type>().values()),
            DataType::Float64 => Values::Float(array.as_primitive::<Float64Type>().values()),
            DataType::Decimal64(_, places @ 0..) => {
                Values::Decimal(array.as_primitive::<Decimal64Type>().values(), *places as u32)
            }
            DataType::Decimal128(_, places @ 0..) => {
                Values::WideDecimal(array.as_primitive::<Decimal128Type>().values(), *places as u32)
            }
            DataType::Boolean => Values::Bool(array.as_boolean().values(), Texts::listed(&N::TRUTH)),
            DataType::Date32 => Values::Date(array.as_primitive::<Date32Type>().values()),
            DataType::Time32(TimeUnit::Second) => Values::Time(array.as_primitive::<Time32SecondType>().values()),
            DataType::Timestamp(TimeUnit::Second, None) => {
                Values::Moment(array.as_primitive::<TimestampSecondType>().values())
            }
            DataType::Utf8 => {
                let texts = array.as_string::<i32>();
                let (bytes, ends) = (texts.values().as_slice().into(), texts.offsets().inner().as_ref().into());
                let texts = Texts::of::<N>(bytes, ends);
                if N::HAS_JSON && is_json(field) { Values::Raw(texts) } else { Values::Text(texts) }
            }
            DataType::Dictionary(_, _) => {
                let labels = array.as_dictionary_opt::<Int32Type>().ok_or_else(|| Unfit::of(field))?;
                Values::Label(labels.keys().values(), rendered(notation, field, labels.values())?)
            }
            DataType::List(item) => {
                // Lists of lists, and of JSON, are JSON everywhere: the rows of an array of arrays would all be as long.
                let is_array =
                    notation.has_arrays() && !is_json(item) && !matches!(item.data_type(), DataType::List(_));
                let texts =
                    if is_array { lists(&Items, *b"{}", item, array)? } else { lists(&Json, *b"[]", item, array)? };
                if N::HAS_JSON { Values::Raw(texts) } else { Values::Text(Texts::of::<N>(texts.bytes, texts.ends)) }
            }
            _ => return Err(Unfit::of(field)),
        };
        Ok(Self { nulls: array.nulls().filter(|nulls| nulls.null_count() > 0), values })
    }

    /// Writes the cell of a row.
    #[inline(always)]
    pub(super) fn write<N: Notation>(&self, notation: &N, row: usize, pen: &mut Pen) {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            return pen.put(notation.null());
        }
        match &self.values {
            Values::Int(numbers) => digits::whole(numbers[row], pen),
            Values::Float(numbers) => digits::float(numbers[row], N::not_finite, pen),
            Values::Decimal(steps, places) => digits::decimal(steps[row], *places, pen),
            Values::WideDecimal(steps, places) => digits::wide_decimal(steps[row], *places, pen),
            Values::Bool(truths, texts) => texts.write(usize::from(truths.value(row)), pen),
            Values::Date(days) => {
                let [before, behind] = notation.date_marks();
                pen.put(before);
                digits::date(i64::from(days[row]), pen);
                pen.put(behind);
            }
            Values::Moment(seconds) => {
                let [before, behind] = notation.moment_marks();
                pen.put(before);
                digits::moment(seconds[row], N::MOMENT, pen);
                pen.put(behind);
            }
            Values::Time(seconds) => {
                let [before, behind] = notation.time_marks();
                pen.put(before);
                digits::time(i64::from(seconds[row]), pen);
                pen.put(behind);
            }
            Values::Text(texts) => {
                let text = texts.at(row);
                if text.is_empty() {
                    pen.put(N::EMPTY);
                } else if texts.is_special && text.iter().any(|byte| N::is_special(*byte)) {
                    pen.page(|page| notation.special(text, page));
                } else {
                    let [before, behind] = N::TEXT;
                    pen.put(before);
                    texts.write(row, pen);
                    pen.put(behind);
                }
            }
            Values::Raw(texts) => texts.write(row, pen),
            Values::Label(places, labels) => labels.write(places[row] as usize, pen),
        }
    }
}

impl Cells<'_> {
    /// The cell of a row as a value of its own; a text may be written on the page.
    pub(super) fn value<'v, N: Notation>(&'v self, notation: &N, row: usize, page: &'v mut Page) -> Value<'v> {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            return Value::Null;
        }
        match &self.values {
            Values::Int(numbers) => Value::Int(numbers[row]),
            Values::Float(numbers) => Value::Float(numbers[row]),
            // Both are exact up to there, so the quotient is the number nearest to what is written.
            Values::Decimal(steps, places) if steps[row].unsigned_abs() < 1 << 53 && *places <= 22 => {
                Value::Float(steps[row] as f64 / 10f64.powi(*places as i32))
            }
            Values::Bool(truths, _) => Value::Int(i64::from(truths.value(row))),
            Values::Text(texts) | Values::Raw(texts) => Value::Text(texts.at(row)),
            Values::Label(places, labels) => Value::Text(labels.at(places[row] as usize)),
            Values::Decimal(..) | Values::WideDecimal(..) | Values::Date(_) | Values::Moment(_) | Values::Time(_) => {
                page.clear();
                page.with_pen(|pen| self.write(notation, row, pen));
                Value::Text(page.written())
            }
        }
    }
}

/// What each value of a few is written as.
fn rendered<N: Notation>(notation: &N, field: &Field, values: &ArrayRef) -> Result<Texts<'static>, Unfit> {
    let cells = Cells::of(notation, field, values)?;
    let mut page = Page::default();
    let mut ends = vec![0];
    for row in 0..values.len() {
        page.with_pen(|pen| cells.write(notation, row, pen));
        ends.push(i32::try_from(page.written().len()).map_err(|_| Unfit::of(field))?);
    }
    // Room behind the last, so that all are copied as blocks.
    page.put(&[0; 64]);
    Ok(Texts { bytes: page.written().to_vec().into(), ends: ends.into(), is_special: false })
}

/// Lists, by how their items are written and what stands around them.
fn lists<N: Notation>(notation: &N, around: [u8; 2], item: &Field, array: &ArrayRef) -> Result<Texts<'static>, Unfit> {
    let lists = array.as_list::<i32>();
    let items = Cells::of(notation, item, lists.values())?;
    let mut page = Page::default();
    let mut ends = vec![0];
    for row in 0..lists.len() {
        let items_of = lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
        page.with_pen(|pen| {
            pen.byte(around[0]);
            for at in items_of.clone() {
                pen.put(if at > items_of.start { b"," } else { b"" });
                items.write(notation, at, pen);
            }
            pen.byte(around[1]);
        });
        ends.push(i32::try_from(page.written().len()).map_err(|_| Unfit::of(item))?);
    }
    Ok(Texts { bytes: page.written().to_vec().into(), ends: ends.into(), is_special: false })
}
