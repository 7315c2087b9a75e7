//! Parquet, packed with Snappy.

use std::io;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::file::properties::WriterProperties;
use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeListArray, Float32Array, Int64Array, RecordBatch, StringArray, UInt8Array,
};
use arrow_schema::{DataType, Field, Schema};
use ndsl_compiler::ir::ElementType;

use super::{Cells, Column, Kind, Paper, Sheet};
use crate::tensor::TensorData;

/// A Parquet file.
pub(super) struct Parquet {
    columns: Vec<Column>,
    schema: Arc<Schema>,
    writer: ArrowWriter<Paper>,
}

impl Parquet {
    pub(super) fn begin(columns: Vec<Column>, paper: Paper) -> io::Result<Self> {
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<Field>>()));
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = ArrowWriter::try_new(paper, Arc::clone(&schema), Some(properties)).map_err(io::Error::other)?;
        Ok(Self { columns, schema, writer })
    }
}

impl Sheet for Parquet {
    fn add(&mut self, _: usize, cells: &[Cells]) -> io::Result<()> {
        let arrays = self.columns.iter().zip(cells).map(|(column, cells)| array(column, cells));
        let arrays = arrays.collect::<io::Result<Vec<ArrayRef>>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(io::Error::other)
    }

    fn finish(self: Box<Self>) -> io::Result<Paper> {
        self.writer.into_inner().map_err(io::Error::other)
    }
}

/// The field of a list's items.
fn item(kind: DataType) -> Arc<Field> {
    Arc::new(Field::new_list_field(kind, false))
}

fn field(column: &Column) -> Field {
    let kind = match &column.kind {
        Kind::Text => DataType::Utf8,
        Kind::Numbers(element, shape) => {
            let number = match element {
                ElementType::F32 => DataType::Float32,
                ElementType::I64 => DataType::Int64,
                ElementType::U8 => DataType::UInt8,
                ElementType::Bool => DataType::Boolean,
            };
            match shape.is_empty() {
                true => number,
                false => DataType::FixedSizeList(item(number), i32::try_from(column.width()).unwrap_or(i32::MAX)),
            }
        }
    };
    Field::new(&column.name, kind, false)
}

fn array(column: &Column, cells: &Cells) -> io::Result<ArrayRef> {
    let numbers: ArrayRef = match cells {
        Cells::Text(texts) => return Ok(Arc::new(StringArray::from_iter_values(texts))),
        Cells::Numbers(TensorData::F32(numbers)) => Arc::new(Float32Array::from(numbers.clone())),
        Cells::Numbers(TensorData::I64(numbers)) => Arc::new(Int64Array::from(numbers.clone())),
        Cells::Numbers(TensorData::U8(numbers)) => Arc::new(UInt8Array::from(numbers.clone())),
        Cells::Numbers(TensorData::Bool(truths)) => Arc::new(BooleanArray::from(truths.clone())),
    };
    match &column.kind {
        Kind::Numbers(_, shape) if !shape.is_empty() => {
            let width = i32::try_from(column.width()).map_err(io::Error::other)?;
            let list = FixedSizeListArray::try_new(item(numbers.data_type().clone()), width, numbers, None);
            Ok(Arc::new(list.map_err(io::Error::other)?))
        }
        _ => Ok(numbers),
    }
}
