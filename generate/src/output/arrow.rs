//! Apache Arrow's file format: batches as they lie in memory, which readers map and need not read.

use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::{Compression, widened};

/// The rows of a batch. It is the same for everyone, so that the bytes of a file follow from its rows.
pub const BATCH: u64 = 1 << 16;

/// A file that is being written.
pub struct File<W: Write> {
    schema: SchemaRef,
    writer: FileWriter<W>,
}

impl<W: Write> File<W> {
    /// Begins a file of rows of a schema.
    ///
    /// # Errors
    /// What writing says, and where the format does not know the compression.
    pub fn begin(schema: &Schema, compression: Compression, writer: W) -> Result<Self, ArrowError> {
        let codec = match compression {
            Compression::None => None,
            Compression::Zstd => Some(CompressionType::ZSTD),
            Compression::Snappy => {
                return Err(ArrowError::InvalidArgumentError("Arrow's files are not packed with Snappy".to_owned()));
            }
        };
        let options = IpcWriteOptions::default().try_with_compression(codec)?;
        let schema = widened::schema(schema);
        Ok(Self { writer: FileWriter::try_new_with_options(writer, &schema, options)?, schema: Arc::clone(&schema) })
    }

    /// Puts the next batch of rows into the file.
    ///
    /// # Errors
    /// What writing says.
    pub fn add(&mut self, rows: &RecordBatch) -> Result<(), ArrowError> {
        self.writer.write(&widened::batch(&self.schema, rows)?)
    }

    /// Ends the file, and hands back what it was written to.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(mut self) -> Result<W, ArrowError> {
        self.writer.finish()?;
        self.writer.into_inner()
    }
}
