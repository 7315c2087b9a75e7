//! The folder of a search: what it is, what came of every trial, and the model of the best.

use std::fs;
use std::path::{Path, PathBuf};

use ndsl_compiler::plan::Search;
use serde::{Deserialize, Serialize};

use super::{BEST, Existing, PICTURE, Prepared, Request, Watched};
use crate::files::write_whole;
use crate::model;
use crate::operations::Error;
use crate::search::Trial;

/// The format of `search.json`.
const FORMAT: u32 = 1;

/// What is searched.
const SEARCH_FILE: &str = "search.json";
/// The folder of what each trial came to.
const TRIALS: &str = "trials";
/// The run under way, in that folder.
const CURRENT: &str = "current";
/// What `search.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) format: u32,
    pub(super) train: String,
    /// The hash of the program with what was set.
    pub(super) program: String,
    /// The hash of the rows; known when the first trial has read them.
    pub(super) data: Option<String>,
    pub(super) search: Search,
    pub(super) watched: Option<Watched>,
}

/// The folder of a search.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) kept: Kept,
}

impl Folder {
    /// The folder that a request names: a new one, or that of the same search where it is to go on.
    pub(super) fn open(request: &Request, prepared: &Prepared) -> Result<Self, Error> {
        let path = request.output.clone();
        let (main, others) = model::texts(&prepared.program.analysis.bundled());
        let kept = Kept {
            format: FORMAT,
            train: prepared.train.clone(),
            program: model::program_sha256(&main, &others),
            data: None,
            search: prepared.search.clone(),
            watched: None,
        };
        let shown = path.display();
        let is_search = path.join(SEARCH_FILE).is_file();
        let mut folder = Self { path: path.clone(), kept };
        match request.existing {
            Existing::Resume if !is_search => {
                return Err(Error::Request(format!(
                    "there is no search in `{shown}`, so there is nothing to go on with"
                )));
            }
            Existing::Resume => {
                let before: Kept = folder.read(&path.join(SEARCH_FILE))?;
                let differs = [
                    (before.format != FORMAT, "it is of another version of ndsl"),
                    (before.train != folder.kept.train, "it is of another training"),
                    (before.program != folder.kept.program, "the program, or what is set of it, has changed"),
                    (before.search.method != folder.kept.search.method, "it goes by another method"),
                ];
                if let Some((_, reason)) = differs.iter().find(|(differs, _)| *differs) {
                    return Err(Error::Request(format!("`{shown}` is not this search: {reason}")));
                }
                // There may be more trials than there were to be.
                folder.kept = Kept { search: folder.kept.search, ..before };
                return Ok(folder);
            }
            Existing::Refuse if is_search => {
                return Err(Error::Request(format!(
                    "there is a search in `{shown}` already: `--resume` goes on with it, `--overwrite` begins anew"
                )));
            }
            Existing::Overwrite if is_search => {
                for part in [TRIALS, BEST] {
                    remove(&path.join(part))?;
                }
                remove(&path.join(PICTURE))?;
                remove(&path.join(SEARCH_FILE))?;
            }
            Existing::Refuse | Existing::Overwrite => {
                let empty = fs::read_dir(&path).map_or(!path.exists(), |mut entries| entries.next().is_none());
                if !empty {
                    return Err(Error::Request(format!(
                        "`{shown}` holds something else than a search; `-o` names another folder"
                    )));
                }
            }
        }
        let trials = path.join(TRIALS);
        fs::create_dir_all(&trials).map_err(|error| Error::Write { path: trials, error })?;
        folder.write(&path.join(SEARCH_FILE), &folder.kept)?;
        Ok(folder)
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, path: &Path) -> Result<T, Error> {
        let said = |reason: String| Error::Request(format!("`{}` cannot be read: {reason}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| said(error.to_string()))
    }

    fn write(&self, path: &Path, value: &impl Serialize) -> Result<(), Error> {
        let failed = |error| Error::Write { path: path.to_path_buf(), error };
        let text = serde_json::to_string_pretty(value).map_err(|error| failed(error.into()))?;
        write_whole(path, (text + "\n").as_bytes()).map_err(failed)
    }

    fn of_trial(&self, trial: usize) -> PathBuf {
        self.path.join(TRIALS).join(format!("{trial:03}.json"))
    }

    pub(super) fn current(&self) -> PathBuf {
        self.path.join(TRIALS).join(CURRENT)
    }

    /// The trials that ended, in their order.
    pub(super) fn trials(&self) -> Result<Vec<Trial>, Error> {
        let paths = (1..).map(|trial| self.of_trial(trial)).take_while(|path| path.is_file());
        paths.map(|path| self.read(&path)).collect()
    }

    /// What all trials have in common is known once the first has read the data.
    pub(super) fn settle(&mut self, watched: Watched, data: String) -> Result<(), Error> {
        if let Some(before) = &self.kept.data {
            if *before != data {
                return Err(Error::Request(format!(
                    "`{}` is not this search: the data has changed",
                    self.path.display()
                )));
            }
            return Ok(());
        }
        (self.kept.watched, self.kept.data) = (Some(watched), Some(data));
        self.write(&self.path.join(SEARCH_FILE), &self.kept)
    }

    /// Keeps what a trial came to, and its model where it is the best.
    pub(super) fn end(&self, trial: &Trial, text: &str, is_best: bool) -> Result<(), Error> {
        let (current, best) = (self.current(), self.path.join(BEST));
        if is_best && current.is_dir() {
            // Whoever is cut off between the two trains this one again.
            remove(&best)?;
            fs::rename(&current, &best).map_err(|error| Error::Write { path: best, error })?;
        }
        let path = self.of_trial(trial.trial);
        write_whole(&path, text.as_bytes()).map_err(|error| Error::Write { path, error })?;
        remove(&current)
    }
}

/// Removes a file or a folder, which need not be there.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Write { path: path.to_path_buf(), error })
        }
        _ => Ok(()),
    }
}
