//! Apache Parquet. Groups of rows are encoded each alone, by any thread, and then put into the file in order.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression as Codec, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::cells::Cells;
use super::csv::Csv;
use super::{Compression, Page, widened};

/// The rows of a group. It is the same for everyone, so that the bytes of a file follow from its rows: enough for a
/// dictionary to pay, and few enough for several to be made at once.
pub const GROUP: u64 = 1 << 17;

/// The rows that are looked at to find out which columns are worth a dictionary.
pub const SAMPLE: u64 = 4096;

/// A file that is being written.
pub struct File<W: Write + Send> {
    writer: SerializedFileWriter<W>,
}

/// Encodes groups of rows of one schema, for as many files as there are.
pub struct Encoder {
    schema: SchemaRef,
    properties: WriterProperties,
    factory: ArrowRowGroupWriterFactory,
}

/// A group of rows as the file will hold it.
pub struct Group(Vec<ArrowColumnChunk>);

fn opened<W: Write + Send>(
    schema: &SchemaRef,
    properties: &WriterProperties,
    writer: W,
) -> Result<(SerializedFileWriter<W>, ArrowRowGroupWriterFactory), ParquetError> {
    ArrowWriter::try_new(writer, Arc::clone(schema), Some(properties.clone()))?.into_serialized_writer()
}

/// Whether values come again and again.
fn is_repetitive(field: &Field, array: &ArrayRef) -> bool {
    let notation = Csv { is_alone: false };
    let Ok(cells) = Cells::of(&notation, field, array) else { return true };
    let mut page = Page::default();
    let mut ends = vec![0];
    for row in 0..array.len() {
        page.with_pen(|pen| cells.write(&notation, row, pen));
        ends.push(page.written().len());
    }
    let different: HashSet<&[u8]> = ends.windows(2).map(|ends| &page.written()[ends[0]..ends[1]]).collect();
    different.len() * 4 <= (array.len() - array.null_count()) * 3
}

impl Encoder {
    /// Encodes rows such as these, of which there should be [`SAMPLE`]: columns whose values are nearly all different among them
    /// get no dictionary, since making one takes as long as everything else and it is thrown away.
    ///
    /// # Errors
    /// Where a column has a type that Parquet has not.
    pub fn new(sample: &RecordBatch, compression: Compression) -> Result<Self, ParquetError> {
        let schema = widened::schema(sample.schema_ref());
        let codec = match compression {
            Compression::None => Codec::UNCOMPRESSED,
            Compression::Snappy => Codec::SNAPPY,
            Compression::Zstd => Codec::ZSTD(ZstdLevel::try_new(1)?),
        };
        let mut properties = WriterProperties::builder()
            .set_compression(codec)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_max_row_group_row_count(Some(GROUP as usize));
        for (field, array) in schema.fields().iter().zip(sample.columns()) {
            let path = match array.data_type() {
                DataType::List(_) => vec![field.name().clone(), "list".to_owned(), "element".to_owned()],
                _ => vec![field.name().clone()],
            };
            properties = properties.set_column_dictionary_enabled(ColumnPath::new(path), is_repetitive(field, array));
        }
        let properties = properties.build();
        let (_, factory) = opened(&schema, &properties, std::io::sink())?;
        Ok(Self { schema, properties, factory })
    }

    /// Begins a file.
    ///
    /// # Errors
    /// What writing says.
    pub fn begin<W: Write + Send>(&self, writer: W) -> Result<File<W>, ParquetError> {
        let (writer, _) = opened(&self.schema, &self.properties, writer)?;
        Ok(File { writer })
    }

    /// Encodes a group of rows; `place` is that of the group in the file.
    ///
    /// # Errors
    /// Where a column cannot be encoded.
    pub fn encode(&self, place: usize, rows: &RecordBatch) -> Result<Group, ParquetError> {
        let rows = widened::batch(&self.schema, rows)?;
        let mut writers = self.factory.create_column_writers(place)?.into_iter();
        let mut chunks = Vec::new();
        for (field, array) in self.schema.fields().iter().zip(rows.columns()) {
            for leaf in compute_leaves(field, array)? {
                let mut writer = writers.next().ok_or_else(|| ParquetError::General("a leaf too many".to_owned()))?;
                writer.write(&leaf)?;
                chunks.push(writer.close()?);
            }
        }
        Ok(Group(chunks))
    }
}

impl<W: Write + Send> File<W> {
    /// Puts the next group of rows into the file.
    ///
    /// # Errors
    /// What writing says.
    pub fn add(&mut self, group: Group) -> Result<(), ParquetError> {
        let mut writer = self.writer.next_row_group()?;
        for chunk in group.0 {
            chunk.append_to_row_group(&mut writer)?;
        }
        writer.close()?;
        Ok(())
    }

    /// Ends the file, and hands back what it was written to.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(self) -> Result<W, ParquetError> {
        self.writer.into_inner()
    }
}
