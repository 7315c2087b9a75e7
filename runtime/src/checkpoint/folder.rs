//! The checkpoints of a run, newest last.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{self, Checkpoint};
use super::{CheckpointError, FOLDER};
use crate::files;

/// What a file of a checkpoint begins and ends with; between them stands its step.
const PREFIX: &str = "step-";
const SUFFIX: &str = ".safetensors";

/// The newest checkpoint that is whole.
#[derive(Clone, Debug)]
pub struct Newest {
    /// Its file.
    pub path: PathBuf,
    /// How many steps were done.
    pub step: usize,
    /// What it holds.
    pub checkpoint: Checkpoint,
    /// Newer ones that are damaged, and what is wrong with each.
    pub damaged: Vec<(PathBuf, String)>,
}

/// Whether a file's name is that of a checkpoint.
pub fn is_checkpoint(name: &str) -> bool {
    step(name).is_some()
}

fn step(name: &str) -> Option<usize> {
    name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

/// The file of a step.
pub(super) fn place(run: &Path, step: usize) -> PathBuf {
    run.join(FOLDER).join(format!("{PREFIX}{step:09}{SUFFIX}"))
}

/// The checkpoints there are, by their steps.
pub(super) fn list(run: &Path) -> Result<Vec<(usize, PathBuf)>, CheckpointError> {
    let folder = run.join(FOLDER);
    let failed = |error| CheckpointError::Io { path: folder.clone(), error };
    let mut found = Vec::new();
    match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
        Ok(entries) => {
            for entry in entries {
                let entry = entry.map_err(failed)?;
                if let Some(step) = entry.file_name().to_str().and_then(step) {
                    found.push((step, entry.path()));
                }
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The newest checkpoint of the run in a folder that is whole.
///
/// # Errors
/// Where there is none, or a file cannot be read.
pub fn newest(run: &Path) -> Result<Newest, CheckpointError> {
    let mut damaged = Vec::new();
    for (step, path) in list(run)?.into_iter().rev() {
        let bytes = fs::read(&path).map_err(|error| CheckpointError::Io { path: path.clone(), error })?;
        match file::decode(&bytes) {
            Ok(checkpoint) => return Ok(Newest { path, step, checkpoint, damaged }),
            Err(reason) => damaged.push((path, reason)),
        }
    }
    if damaged.is_empty() {
        return Err(CheckpointError::Missing(run.to_path_buf()));
    }
    let fault = |(path, reason): &(PathBuf, String)| {
        format!("`{}`: {reason}", path.file_name().unwrap_or_default().to_string_lossy())
    };
    Err(CheckpointError::Damaged { folder: run.to_path_buf(), faults: damaged.iter().map(fault).collect() })
}

/// Makes the folder of a run's checkpoints, and clears away what a process that was killed left half-written in it.
pub(super) fn make(run: &Path) -> Result<(), CheckpointError> {
    let folder = run.join(FOLDER);
    let failed = |error| CheckpointError::Io { path: folder.clone(), error };
    fs::create_dir_all(&folder).map_err(failed)?;
    for entry in fs::read_dir(&folder).map_err(failed)?.flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(files::BESIDE)) {
            let _ = fs::remove_file(entry.path());
        }
    }
    // A folder that cannot be written in is found before the first step, not after the first hour.
    tempfile::Builder::new().prefix(files::BESIDE).tempfile_in(&folder).map_err(failed)?;
    Ok(())
}

/// Removes the checkpoints of a run; the run's folder too, where nothing else is in it.
///
/// # Errors
/// What the file system says.
pub fn remove(run: &Path) -> Result<(), CheckpointError> {
    for (_, path) in list(run)? {
        fs::remove_file(&path).map_err(|error| CheckpointError::Io { path, error })?;
    }
    clear(run);
    Ok(())
}

/// Removes the folder of a run's checkpoints, and the run's, where nothing is in them: what is not ours stays.
pub fn clear(run: &Path) {
    let _ = fs::remove_dir(run.join(FOLDER)).and_then(|()| fs::remove_dir(run));
}
