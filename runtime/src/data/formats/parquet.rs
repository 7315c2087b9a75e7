//! Apache Parquet.

use std::fs::File;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::super::error::Fault;
use super::super::files::Opened;
use super::super::guard::guarded;
use super::super::sink::Sink;
use super::Reader;
use super::batches::{self, Leaf};

const NOUN: &str = "Parquet file";

/// Rows that are decoded at once, of all columns together as many numbers.
const CELLS: usize = 1 << 18;

/// A Parquet file.
pub(crate) struct Parquet {
    file: File,
    metadata: ArrowReaderMetadata,
    columns: Vec<String>,
    leaves: Vec<Leaf>,
}

impl Parquet {
    /// Reads the footer.
    pub(super) fn open(file: &Opened) -> Result<Self, Fault> {
        if file.len() == 0 {
            return Err(Fault::Empty);
        }
        let file = file.file().try_clone().map_err(Fault::io)?;
        // The schema is that of the columns: one that a writer left beside them may say otherwise.
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(form)?;
        let (columns, leaves) = batches::leaves(metadata.schema(), NOUN)?;
        Ok(Self { file, metadata, columns, leaves })
    }

    fn read<S: Sink>(&self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        let (roots, placed) = batches::projected(wanted, &self.leaves);
        let file = self.file.try_clone().map_err(Fault::io)?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots.iter().copied());
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_projection(mask)
            .with_batch_size((CELLS / roots.len().max(1)).clamp(64, 1 << 13))
            .build()
            .map_err(form)?;
        let mut before = 0;
        for batch in reader {
            let batch = batch.map_err(|error| form(ParquetError::General(error.to_string())))?;
            if !batches::rows(&batch, &placed, before, sink)? {
                break;
            }
            before += batch.num_rows() as u64;
        }
        Ok(())
    }
}

impl Reader for Parquet {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn rows<S: Sink>(&mut self, wanted: &[usize], sink: &mut S) -> Result<(), Fault> {
        guarded(NOUN, || self.read(wanted, sink))
    }
}

fn form(error: ParquetError) -> Fault {
    Fault::Form { noun: NOUN, reason: error.to_string() }
}
