//! What is kept of a run while it goes on, so that one that was killed goes on where it was.
//!
//! Files are written beside their places. A journal says which are whole and how far the next one is; its hash makes sure that what the
//! journal says is what the file holds, so nothing has to wait for the disk. When all are whole, they are put in their places and
//! the journal is removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::drain::Drain;
use crate::files::{BESIDE, sync_folder};

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Where it stands, within the folder.
    pub path: String,
    /// The tables it has rows of.
    pub tables: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Its hash, in hexadecimal.
    pub sha256: String,
}

/// How far a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// How many of its pieces are written.
    pub pieces: usize,
    /// How many bytes they are.
    pub bytes: u64,
    /// The hash of these bytes.
    pub sha256: String,
}

/// What is known of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Notes {
    /// What the bytes follow from.
    of: Value,
    /// The files that are whole.
    whole: Vec<Written>,
    /// The file behind them.
    open: Option<Open>,
}

/// The notes of a run, and where its files stand.
pub struct Journal {
    folder: PathBuf,
    path: PathBuf,
    notes: Notes,
}

/// Why a run cannot go on or begin.
#[derive(Debug)]
pub enum Refused {
    /// Nothing is there to go on with.
    Nothing,
    /// What is there is a run of something else: what differs.
    Other(Vec<String>),
    /// A file or folder.
    Io(PathBuf, io::Error),
}

impl Journal {
    /// The notes of a run in a folder; `name` is what the run's last file is called, by which runs in one folder differ.
    pub fn path(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{BESIDE}{name}.journal"))
    }

    /// Begins a run, without what an earlier one noted.
    pub fn begin(folder: &Path, name: &str, of: Value) -> Self {
        let journal = Self::of(folder, name, of);
        journal.forget();
        journal
    }

    fn of(folder: &Path, name: &str, of: Value) -> Self {
        let notes = Notes { of, whole: Vec::new(), open: None };
        Self { folder: folder.to_owned(), path: Self::path(folder, name), notes }
    }

    /// Goes on with a run.
    ///
    /// # Errors
    /// Where there is none, or it is one of something else.
    pub fn go_on(folder: &Path, name: &str, of: Value) -> Result<Self, Refused> {
        let mut journal = Self::of(folder, name, of);
        let text = match fs::read(&journal.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Refused::Nothing),
            Err(error) => return Err(Refused::Io(journal.path, error)),
        };
        let damaged = |error: serde_json::Error| Refused::Io(journal.path.clone(), error.into());
        let notes: Notes = serde_json::from_slice(&text).map_err(damaged)?;
        let differing = differing(&notes.of, &journal.notes.of);
        if !differing.is_empty() {
            return Err(Refused::Other(differing));
        }
        journal.notes = notes;
        // Files that are not as they were noted are made again, and those behind them.
        let is_there = |written: &Written| {
            fs::metadata(beside(folder, &written.path)).is_ok_and(|file| file.len() == written.bytes)
        };
        if let Some(gone) = journal.notes.whole.iter().position(|written| !is_there(written)) {
            journal.notes.whole.truncate(gone);
            journal.notes.open = None;
        }
        Ok(journal)
    }

    /// The files that are whole.
    pub fn whole(&self) -> &[Written] {
        &self.notes.whole
    }

    /// How far the file behind them is.
    pub fn open(&self) -> Option<&Open> {
        self.notes.open.as_ref()
    }

    /// Whether anything is noted that a run can go on with.
    pub fn is_of_use(&self) -> bool {
        self.path.exists()
    }

    /// Where a file stands while it is written.
    pub fn beside(&self, name: &str) -> PathBuf {
        beside(&self.folder, name)
    }

    /// Opens the next file, from where it was where that is known, and answers how many of its pieces it has.
    ///
    /// # Errors
    /// What the file system says.
    pub fn next(&mut self, name: &str) -> io::Result<(Drain<'static>, usize)> {
        let path = self.beside(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if let Some(open) = self.notes.open.take()
            && let Ok(Some(drain)) = Drain::go_on(&path, open.bytes, &open.sha256)
        {
            let pieces = open.pieces;
            self.notes.open = Some(open);
            return Ok((drain, pieces));
        }
        Ok((Drain::create(&path)?, 0))
    }

    /// Notes how far a file is.
    ///
    /// # Errors
    /// What the file system says.
    pub fn note(&mut self, open: Open) -> io::Result<()> {
        self.notes.open = Some(open);
        self.write()
    }

    /// Notes that a file is whole.
    ///
    /// # Errors
    /// What the file system says.
    pub fn close(&mut self, written: Written) -> io::Result<()> {
        self.notes.whole.push(written);
        self.notes.open = None;
        self.write()
    }

    /// Written beside and renamed, so that there is always one that can be read; after a loss of power it need not be the last.
    fn write(&self) -> io::Result<()> {
        let beside = self.path.with_extension("next");
        fs::write(&beside, serde_json::to_vec(&self.notes)?)?;
        fs::rename(beside, &self.path)
    }

    /// Puts all files in their places, and removes the journal.
    ///
    /// # Errors
    /// The file that it could not be done with, and what the file system says.
    pub fn finish(self) -> Result<Vec<Written>, (PathBuf, io::Error)> {
        for written in &self.notes.whole {
            let place = self.folder.join(&written.path);
            fs::rename(beside(&self.folder, &written.path), &place).map_err(|error| (place.clone(), error))?;
        }
        sync_folder(&self.folder).map_err(|error| (self.folder.clone(), error))?;
        self.forget();
        Ok(self.notes.whole)
    }

    /// Removes the journal.
    fn forget(&self) {
        // One that stays is found by the next run, which says so.
        let _gone = fs::remove_file(&self.path);
    }

    /// Removes everything that was begun.
    pub fn discard(self, open: Option<&str>) {
        for name in self.notes.whole.iter().map(|written| written.path.as_str()).chain(open) {
            let _gone = fs::remove_file(beside(&self.folder, name));
        }
        self.forget();
    }
}

/// Where a file stands while it is written.
fn beside(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{BESIDE}{name}"))
}

/// The members by which two objects differ.
fn differing(one: &Value, other: &Value) -> Vec<String> {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else { return vec!["everything".to_owned()] };
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}
