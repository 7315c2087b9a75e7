//! The values of one column for some rows.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal64Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    ListArray, StringArray, Time32SecondArray, TimestampSecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, TimeUnit};
use ndsl_compiler::schema::datum::{DAY, Datum};
use ndsl_compiler::schema::types::Base;
use ndsl_compiler::schema::{ColumnType, Detail, Type};

use crate::output::EXTENSION;
use crate::text::Texts;

/// Values by what they are, without what is missing.
#[derive(Clone, Debug)]
pub enum Values {
    /// Whole numbers.
    Int(Vec<i64>),
    /// Numbers; decimals too, each the number nearest to it.
    Float(Vec<f64>),
    /// Truth values.
    Bool(Vec<bool>),
    /// Days from 1970.
    Date(Vec<i32>),
    /// Seconds from 1970.
    DateTime(Vec<i64>),
    /// Seconds from midnight.
    Time(Vec<u32>),
    /// Lengths of time in seconds.
    Duration(Vec<f64>),
    /// Labels by their places.
    Label(Vec<u32>),
    /// Texts, and JSON.
    Text(Texts),
    /// Several items each: where each row's end, and the items of all.
    List(Vec<i32>, Box<Column>),
}

/// The values of a column, and which of them are missing.
#[derive(Clone, Debug)]
pub struct Column {
    /// One for each row; what stands for a missing one says nothing.
    pub values: Values,
    /// Whether each is missing; nothing where none is.
    pub missing: Option<Vec<bool>>,
}

impl Values {
    /// As many as there are rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Int(values) | Self::DateTime(values) => values.len(),
            Self::Float(values) | Self::Duration(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Time(values) | Self::Label(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::List(ends, _) => ends.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Room for values of a type.
    fn with_capacity(ty: &Type, count: usize) -> Self {
        match ty {
            Type::Int => Self::Int(Vec::with_capacity(count)),
            Type::Float | Type::Decimal(_) => Self::Float(Vec::with_capacity(count)),
            Type::Bool => Self::Bool(Vec::with_capacity(count)),
            Type::Date => Self::Date(Vec::with_capacity(count)),
            Type::DateTime => Self::DateTime(Vec::with_capacity(count)),
            Type::Time => Self::Time(Vec::with_capacity(count)),
            Type::Duration => Self::Duration(Vec::with_capacity(count)),
            Type::Enum(_) => Self::Label(Vec::with_capacity(count)),
            Type::List(item) => {
                let items = Column { values: Self::with_capacity(item, 0), missing: None };
                Self::List(Vec::with_capacity(count), Box::new(items))
            }
            Type::Text | Type::Json | Type::Null | Type::Unknown => Self::Text(Texts::with_capacity(count, 0)),
        }
    }
}

impl Column {
    /// Values none of which is missing.
    pub fn whole(values: Values) -> Self {
        Self { values, missing: None }
    }

    /// As many as there are rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row's value is missing.
    #[inline]
    pub fn is_missing(&self, place: usize) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing[place])
    }

    /// One row's value. A list has none.
    pub fn datum(&self, place: usize) -> Datum {
        if self.is_missing(place) {
            return Datum::Null;
        }
        match &self.values {
            Values::Int(values) => Datum::Int(values[place]),
            Values::Float(values) => Datum::Float(values[place]),
            Values::Bool(values) => Datum::Bool(values[place]),
            Values::Date(values) => Datum::Date(values[place]),
            Values::DateTime(values) => Datum::DateTime(values[place]),
            Values::Time(values) => Datum::Time(values[place]),
            Values::Duration(values) => Datum::Duration(values[place]),
            Values::Label(values) => Datum::Label(values[place]),
            Values::Text(values) => Datum::Text(values.get(place).into()),
            Values::List(..) => Datum::Null,
        }
    }

    /// A column of values of a type. What is of another kind than the type is taken for missing.
    pub fn of(ty: &Type, data: impl ExactSizeIterator<Item = Datum>) -> Self {
        let count = data.len();
        let mut values = Values::with_capacity(ty, count);
        let mut missing = vec![false; count];
        for (place, datum) in data.enumerate() {
            missing[place] = !push(&mut values, datum);
        }
        Self { values, missing: missing.contains(&true).then_some(missing) }
    }

    /// The value of each row as a point on a line; see [`Datum::point`]. What has none is not a number.
    pub fn points(&self) -> Vec<f64> {
        match &self.values {
            Values::Int(values) => values.iter().map(|value| *value as f64).collect(),
            Values::Float(values) | Values::Duration(values) => values.clone(),
            Values::Date(values) => values.iter().map(|day| (i64::from(*day) * DAY) as f64).collect(),
            Values::DateTime(values) => values.iter().map(|second| *second as f64).collect(),
            Values::Time(values) => values.iter().map(|second| f64::from(*second)).collect(),
            Values::Bool(_) | Values::Label(_) | Values::Text(_) | Values::List(..) => vec![f64::NAN; self.len()],
        }
    }

    /// The values at some places, in that order.
    pub fn take(&self, places: &[usize]) -> Self {
        fn each<T: Copy>(values: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|place| values[*place]).collect()
        }
        let values = match &self.values {
            Values::Int(values) => Values::Int(each(values, places)),
            Values::Float(values) => Values::Float(each(values, places)),
            Values::Bool(values) => Values::Bool(each(values, places)),
            Values::Date(values) => Values::Date(each(values, places)),
            Values::DateTime(values) => Values::DateTime(each(values, places)),
            Values::Time(values) => Values::Time(each(values, places)),
            Values::Duration(values) => Values::Duration(each(values, places)),
            Values::Label(values) => Values::Label(each(values, places)),
            Values::Text(values) => Values::Text(places.iter().map(|place| values.get(*place)).collect()),
            Values::List(ends, items) => {
                let mut taken = Vec::new();
                let ends = places.iter().map(|place| {
                    let start = if *place == 0 { 0 } else { ends[place - 1] };
                    taken.extend(start as usize..ends[*place] as usize);
                    taken.len() as i32
                });
                let ends = ends.collect();
                Values::List(ends, Box::new(items.take(&taken)))
            }
        };
        Self { values, missing: self.missing.as_ref().map(|missing| each(missing, places)) }
    }

    /// The same as an Arrow array, by the type of the column it belongs to; see [`arrow_type`].
    pub fn into_arrow(self, kind: &ColumnType) -> ArrayRef {
        let nulls = self.missing.map(|missing| NullBuffer::from_iter(missing.iter().map(|missing| !missing)));
        match (self.values, &kind.detail) {
            (Values::Int(values), _) => Arc::new(Int64Array::new(values.into(), nulls)),
            (Values::Float(values), _) => match kind.value() {
                Type::Decimal(places) => {
                    let scale = 10f64.powi(i32::from(places));
                    let values: ScalarBuffer<i64> =
                        values.iter().map(|value| (value * scale).round_ties_even() as i64).collect();
                    let array = Decimal64Array::new(values, nulls);
                    Arc::new(array.with_precision_and_scale(DIGITS, places as i8).expect("at most 12 places"))
                }
                _ => Arc::new(Float64Array::new(values.into(), nulls)),
            },
            (Values::Bool(values), _) => Arc::new(BooleanArray::new(values.into(), nulls)),
            (Values::Date(values), _) => Arc::new(Date32Array::new(values.into(), nulls)),
            (Values::DateTime(values), _) => Arc::new(TimestampSecondArray::new(values.into(), nulls)),
            (Values::Time(values), _) => {
                let values: ScalarBuffer<i32> = values.iter().map(|second| *second as i32).collect();
                Arc::new(Time32SecondArray::new(values, nulls))
            }
            (Values::Duration(values), _) => Arc::new(Float64Array::new(values.into(), nulls)),
            (Values::Label(values), _) => {
                let labels = match kind.value() {
                    Type::Enum(labels) => labels.labels.iter().map(|label| Some(label.name.as_str())).collect(),
                    _ => StringArray::from(Vec::<&str>::new()),
                };
                let keys: ScalarBuffer<i32> = values.iter().map(|label| *label as i32).collect();
                Arc::new(DictionaryArray::new(Int32Array::new(keys, nulls), Arc::new(labels)))
            }
            (Values::Text(values), _) => Arc::new(values.into_arrow(nulls)),
            (Values::List(mut ends, items), Detail::Item(item, optional)) => {
                ends.insert(0, 0);
                let items = items.into_arrow(item);
                Arc::new(ListArray::new(
                    field("item", item, *optional).into(),
                    OffsetBuffer::new(ends.into()),
                    items,
                    nulls,
                ))
            }
            (Values::List(..), _) => unreachable!("only a list has items"),
        }
    }
}

/// Digits of a decimal in Arrow: the most that are kept exactly.
const DIGITS: u8 = 18;

/// A column as Arrow has it.
pub fn field(name: &str, kind: &ColumnType, optional: bool) -> Field {
    let field = Field::new(name, arrow_type(kind), optional);
    // A text that is JSON stands in JSON as what it is.
    match kind.def.base {
        Base::Json => field.with_metadata(HashMap::from([(EXTENSION.0.to_owned(), EXTENSION.1.to_owned())])),
        _ => field,
    }
}

/// The Arrow type of a column's values.
pub fn arrow_type(kind: &ColumnType) -> DataType {
    match (&kind.detail, kind.value()) {
        (Detail::Item(item, optional), _) => DataType::List(field("item", item, *optional).into()),
        (_, Type::Int) => DataType::Int64,
        (_, Type::Float | Type::Duration) => DataType::Float64,
        (_, Type::Decimal(places)) => DataType::Decimal64(DIGITS, places as i8),
        (_, Type::Bool) => DataType::Boolean,
        (_, Type::Date) => DataType::Date32,
        (_, Type::DateTime) => DataType::Timestamp(TimeUnit::Second, None),
        (_, Type::Time) => DataType::Time32(TimeUnit::Second),
        (_, Type::Enum(_)) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        (_, Type::Text | Type::Json | Type::List(_) | Type::Null | Type::Unknown) => DataType::Utf8,
    }
}

/// Adds a value, or what stands for a missing one; whether there was a value.
fn push(values: &mut Values, datum: Datum) -> bool {
    match (values, datum) {
        (Values::Int(values), Datum::Int(value)) => values.push(value),
        (Values::Float(values), Datum::Float(value)) => values.push(value),
        (Values::Float(values), Datum::Int(value)) => values.push(value as f64),
        (Values::Bool(values), Datum::Bool(value)) => values.push(value),
        (Values::Date(values), Datum::Date(value)) => values.push(value),
        (Values::DateTime(values), Datum::DateTime(value)) => values.push(value),
        (Values::DateTime(values), Datum::Date(day)) => values.push(i64::from(day) * DAY),
        (Values::Time(values), Datum::Time(value)) => values.push(value),
        (Values::Duration(values), Datum::Duration(value)) => values.push(value),
        (Values::Label(values), Datum::Label(value)) => values.push(value),
        (Values::Text(values), Datum::Text(value)) => values.push(&value),
        (values, _) => {
            match values {
                Values::Int(values) | Values::DateTime(values) => values.push(0),
                Values::Float(values) | Values::Duration(values) => values.push(0.0),
                Values::Bool(values) => values.push(false),
                Values::Date(values) => values.push(0),
                Values::Time(values) | Values::Label(values) => values.push(0),
                Values::Text(values) => values.push(""),
                Values::List(ends, _) => ends.push(ends.last().copied().unwrap_or_default()),
            }
            return false;
        }
    }
    true
}
