//! Writes pieces into files, one file after another, and notes how far they are.

use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use arrow_schema::SchemaRef;
use ndsl_generate::output::{arrow, parquet};

use super::drain::Drain;
use super::form::Compression;
use super::journal::{Journal, Open, Written};
use super::making::{Made, Making, Writing};
use super::parts::Sections;
use crate::operations::Error;

/// The shortest time from one note to the next.
const NOTED: Duration = Duration::from_millis(250);

/// What a file is to hold.
pub struct Plan {
    /// Its name within the folder.
    pub name: String,
    /// The tables it has rows of.
    pub tables: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
}

/// A file that is written.
pub enum Paper<'s> {
    /// Text.
    Text(Drain<'s>),
    /// Parquet.
    Parquet(parquet::File<Drain<'s>>),
    /// Arrow.
    Arrow(Box<arrow::File<BufWriter<Drain<'s>>>>),
}

impl<'s> Paper<'s> {
    /// Begins a file.
    ///
    /// # Errors
    /// What writing says.
    pub fn begin(
        writing: &Writing,
        schema: &SchemaRef,
        compression: Compression,
        drain: Drain<'s>,
    ) -> io::Result<Self> {
        Ok(match writing {
            Writing::Text(_) | Writing::Lines(_) => Self::Text(drain),
            Writing::Parquet(encoder) => Self::Parquet(encoder.begin(drain).map_err(of_parquet)?),
            Writing::Rows => {
                let file = arrow::File::begin(schema, compression.output(), BufWriter::new(drain));
                Self::Arrow(Box::new(file.map_err(of_arrow)?))
            }
        })
    }

    /// Writes a piece; what held it comes back where it can be used again.
    ///
    /// # Errors
    /// What writing says.
    pub fn add(&mut self, made: Made, making: &Making<'_>) -> io::Result<()> {
        match (self, made) {
            (Self::Text(drain), Made::Text(page)) => {
                drain.write_all(page.written())?;
                making.give_back(page);
                Ok(())
            }
            (Self::Parquet(file), Made::Group(group)) => file.add(group).map_err(of_parquet),
            (Self::Arrow(file), Made::Rows(rows)) => file.add(&rows).map_err(of_arrow),
            _ => Err(io::Error::other("a piece of another format")),
        }
    }

    /// How far it is, where it can be gone on with from there.
    fn open(&self, pieces: usize) -> Option<Open> {
        match self {
            Self::Text(drain) => Some(Open { pieces, bytes: drain.bytes(), sha256: drain.sha256() }),
            // What such files end in is of all that came before.
            Self::Parquet(_) | Self::Arrow(_) => None,
        }
    }

    /// Ends it, durably.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(self) -> io::Result<Drain<'s>> {
        let mut drain = match self {
            Self::Text(drain) => drain,
            Self::Parquet(file) => file.finish().map_err(of_parquet)?,
            Self::Arrow(file) => {
                file.finish().map_err(of_arrow)?.into_inner().map_err(io::IntoInnerError::into_error)?
            }
        };
        drain.finish()?;
        Ok(drain)
    }
}

/// What lies below, where it is of the file system.
fn of_parquet(error: ::parquet::errors::ParquetError) -> io::Error {
    match error {
        ::parquet::errors::ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}

fn of_arrow(error: arrow_schema::ArrowError) -> io::Error {
    match error {
        arrow_schema::ArrowError::IoError(_, inner) => inner,
        other => io::Error::other(other),
    }
}

/// Writes the files of a folder.
pub struct Files<'f> {
    pub making: &'f Making<'f>,
    pub plans: &'f [Plan],
    pub compression: Compression,
    pub journal: Journal,
    /// The file that is written.
    open: Option<Paper<'static>>,
    noted: Instant,
}

impl<'f> Files<'f> {
    /// Begins, or goes on where the journal says; answers the first piece that is to be made.
    ///
    /// # Errors
    /// What the file system says.
    pub fn begin(
        making: &'f Making<'f>,
        plans: &'f [Plan],
        compression: Compression,
        journal: Journal,
    ) -> Result<(Self, usize), Error> {
        let mut files = Self { making, plans, compression, journal, open: None, noted: Instant::now() };
        let file = files.journal.whole().len();
        let first = making.sections.first_of(file);
        if files.journal.open().is_none() || file >= plans.len() {
            return Ok((files, first));
        }
        let done = files.next(first)?;
        Ok((files, first + done))
    }

    /// Opens the file that a piece is of, and answers how many of its pieces it has.
    fn next(&mut self, number: usize) -> Result<usize, Error> {
        let section = &self.making.sections.all()[self.making.sections.piece(number).section];
        let name = &self.plans[section.file].name;
        let opened = self.journal.next(name).and_then(|(drain, pieces)| {
            let schema = self.making.generator.shape(section.table);
            let paper = Paper::begin(&self.making.writing[&section.table], &schema, self.compression, drain)?;
            Ok((paper, pieces))
        });
        let (paper, pieces) = opened.map_err(|error| Error::Write { path: self.journal.beside(name), error })?;
        self.open = Some(paper);
        Ok(pieces)
    }

    /// Writes a piece.
    ///
    /// # Errors
    /// What the file system says, and after which rows.
    pub fn take(&mut self, number: usize, made: Made) -> Result<(), Error> {
        if self.open.is_none() {
            self.next(number)?;
        }
        let sections: &Sections = self.making.sections;
        let piece = sections.piece(number);
        let section = &sections.all()[piece.section];
        let plan = &self.plans[section.file];
        let table = &self.making.generator.schemas().at(section.table).path;
        let failed = |error: io::Error| {
            let done = piece.rows.start - section.rows.start;
            let place = format!("{error}, after {done} of {} rows of `{table}`", section.len());
            Error::Write { path: self.journal.beside(&plan.name), error: io::Error::new(error.kind(), place) }
        };
        let is_last = number + 1 == sections.first_of(section.file + 1);
        let Some(paper) = &mut self.open else { return Ok(()) };
        paper.add(made, self.making).map_err(failed)?;
        if is_last {
            let Some(paper) = self.open.take() else { return Ok(()) };
            let drain = paper.finish().map_err(failed)?;
            let written = Written {
                path: plan.name.clone(),
                tables: plan.tables.clone(),
                rows: plan.rows,
                bytes: drain.bytes(),
                sha256: drain.sha256(),
            };
            return self.journal.close(written).map_err(failed_note);
        }
        if self.noted.elapsed() >= NOTED {
            self.noted = Instant::now();
            if let Some(open) = paper.open(number + 1 - sections.first_of(section.file)) {
                self.journal.note(open).map_err(failed_note)?;
            }
        }
        Ok(())
    }

    /// Ends a run that broke: what is noted stays for one that goes on; what nobody can go on with is removed.
    pub fn leave(self, is_kept: bool) -> bool {
        let open = self.plans.get(self.journal.whole().len()).map(|plan| plan.name.clone());
        drop(self.open);
        if is_kept && self.journal.is_of_use() {
            return true;
        }
        self.journal.discard(open.as_deref());
        false
    }
}

fn failed_note(error: io::Error) -> Error {
    Error::Request(format!("what is kept of the run cannot be written: {error}"))
}
