//! Fetches the files of a program that stand on other machines, so that a training begins with all of them here.

use std::ops::ControlFlow;
use std::path::PathBuf;

use ndsl_compiler::analyze_with;
use ndsl_compiler::plan::{DataSource, Place};
use serde::Serialize;

use super::{Error, sound};
use crate::data::{DataError, Fault};
use crate::fetch::{FetchError, Fetched, Remote};
use crate::files::Disk;
use crate::train::Cancel;

/// What to fetch for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What messages call the program.
    pub name: String,
    /// The program.
    pub text: String,
    /// The folder that its paths are relative to.
    pub folder: PathBuf,
    /// Of what.
    pub of: Part,
    /// Where files are kept; by default the user's cache.
    pub cache: Option<PathBuf>,
}

/// A part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every dataset.
    All,
    /// What a training reads; which, may be left out where there is one.
    Training(Option<String>),
}

/// A file that is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its address.
    pub address: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// Whether it was here before.
    pub was_here: bool,
}

/// Fetches what the program's datasets name by an address and a hash, and is not here. `each` is told of which file how much is here.
///
/// # Errors
/// What is wrong with the program, and what cannot be fetched, at its place there; [`Error::Cancelled`] when it was stopped.
pub fn run(request: &Request, each: &mut dyn FnMut(&str, Fetched), cancel: &Cancel) -> Result<Vec<Kept>, Error> {
    let (source, files) = Disk::program(&request.folder, &request.name, request.text.as_str());
    let analysis = sound(analyze_with(&source, &files))?;
    let trains = match &request.of {
        Part::All => analysis.trains(),
        Part::Training(name) => std::slice::from_ref(analysis.train(name.as_deref())?),
    };
    let all = if request.of == Part::All { analysis.datasets() } else { &[] };
    let mut kept: Vec<Kept> = Vec::new();
    for plan in all.iter().chain(trains.iter().flat_map(|train| train.dataset.iter().chain(&train.held_out))) {
        let (DataSource::Columns { files, .. } | DataSource::Table { files, .. } | DataSource::Text { files, .. }) =
            &plan.source
        else {
            continue;
        };
        let Some(sha256) = &files.sha256 else { continue };
        for path in &files.paths {
            let Place::Web(address) = path.place() else { continue };
            if kept.iter().any(|known| known.address == address) {
                continue;
            }
            let fetched = Remote::new(address, Some(&sha256.text), request.cache.as_deref()).and_then(|remote| {
                remote.fetch(&mut |fetched| {
                    each(address, fetched);
                    if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                })
            });
            let (span, fault) = match fetched {
                Ok(local) => {
                    let bytes = std::fs::metadata(&local.path).map_or(0, |found| found.len());
                    kept.push(Kept { address: address.to_owned(), path: local.path, bytes, was_here: local.was_here });
                    continue;
                }
                Err(FetchError::Stopped) => return Err(Error::Cancelled),
                Err(FetchError::Differs { found }) => {
                    (sha256.span, Fault::Hash { expected: sha256.text.clone(), found })
                }
                Err(error) => (path.span, Fault::Fetch(error)),
            };
            let error = Box::new(DataError { path: address.into(), span, fault });
            return Err(Error::Data { sources: analysis.sources.clone(), error });
        }
    }
    Ok(kept)
}
