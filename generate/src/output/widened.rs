//! Columns as formats of columns write them for all readers: in units and widths that every one of them knows.
//!
//! Parquet has no seconds, so moments and times would be bare numbers to other readers; decimals of 64 bits are younger than many of them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal64Type, Decimal128Type, Time32SecondType, TimestampSecondType};
use arrow_array::{Array, ArrayRef, Decimal128Array, RecordBatch, Time64MicrosecondArray, TimestampMicrosecondArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

const MICROSECONDS: i64 = 1_000_000;

/// The schema that batches of a schema have when they are widened.
pub(super) fn schema(schema: &Schema) -> SchemaRef {
    let widened = |field: &Arc<Field>| Field::clone(field).with_data_type(kind(field.data_type()));
    let fields: Vec<Field> = schema.fields().iter().map(widened).collect();
    Arc::new(Schema::new(fields))
}

fn kind(kind: &DataType) -> DataType {
    match kind {
        DataType::Timestamp(TimeUnit::Second, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        DataType::Time32(TimeUnit::Second) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Decimal64(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::List(item) => {
            DataType::List(Arc::new(Field::clone(item).with_data_type(self::kind(item.data_type()))))
        }
        other => other.clone(),
    }
}

/// A batch of that schema.
pub(super) fn batch(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(array).collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn array(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            let seconds = array.as_primitive::<TimestampSecondType>();
            let widened: TimestampMicrosecondArray = seconds.unary(|second| second * MICROSECONDS);
            Arc::new(widened)
        }
        DataType::Time32(TimeUnit::Second) => {
            let seconds = array.as_primitive::<Time32SecondType>();
            let widened: Time64MicrosecondArray = seconds.unary(|second| i64::from(second) * MICROSECONDS);
            Arc::new(widened)
        }
        DataType::Decimal64(precision, scale) => {
            let steps = array.as_primitive::<Decimal64Type>();
            let widened: Decimal128Array = steps.unary::<_, Decimal128Type>(i128::from);
            Arc::new(widened.with_precision_and_scale(*precision, *scale)?)
        }
        DataType::List(item) => {
            let lists = array.as_list::<i32>();
            let items = self::array(lists.values())?;
            let item = Arc::new(Field::clone(item).with_data_type(items.data_type().clone()));
            let (offsets, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
            Arc::new(arrow_array::ListArray::try_new(item, offsets, items, nulls)?)
        }
        _ => Arc::clone(array),
    })
}
