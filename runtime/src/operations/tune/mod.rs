//! Searches for the values of `tune(…)`: trains one combination after the other, keeps what each came to, and the model of the best.
//!
//! A search has a folder. `search.json` says what is searched for; `trials` has a file for every trial that ended, and `trials/current` is the
//! run under way; `best` is the model folder of the best so far, and `search.svg` a picture. Each file is written whole when a trial ends, so
//! a search that was killed goes on with the trial it was in.

mod attempt;
mod folder;

use std::path::{Path, PathBuf};

use ndsl_compiler::Sources;
use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::plan::Search;
use serde::{Deserialize, Serialize};

use self::attempt::Attempt;
use self::folder::Folder;
use super::train::{Program, Request as TrainRequest, program};
use super::{Error, place, report};
use crate::engine::{Device, DeviceChoice};
use crate::files::write_whole;
use crate::search::{End, Importance, Next, Point, Space, Trial, importance, picture, ranked};
use crate::train::{Cancel, Watcher};

/// The best trial's model.
pub const BEST: &str = "best";
/// The picture of the search.
pub const PICTURE: &str = "search.svg";

/// What to search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What messages call the program.
    pub name: String,
    /// The program.
    pub text: String,
    /// The folder that the program's paths are relative to.
    pub folder: PathBuf,
    /// Which of its trainings; may be left out where there is one.
    #[serde(default)]
    pub train: Option<String>,
    /// Settings to override, and variables that are to have one value.
    #[serde(default)]
    pub set: Vec<(String, String)>,
    /// The folder of the search.
    pub output: PathBuf,
    /// Combinations that are tried at most, where not as many as the program says.
    #[serde(default)]
    pub trials: Option<usize>,
    /// What happens to a search that is there.
    #[serde(default)]
    pub existing: Existing,
    /// What computes; by default what the program says.
    #[serde(default)]
    pub device: Option<DeviceChoice>,
    /// The bytes of the data that may be held in memory; by default a quarter of what the system has left.
    #[serde(default)]
    pub memory: Option<u64>,
}

/// What happens to a search that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// It is left alone, and the new one refused.
    #[default]
    Refuse,
    /// It goes on.
    Resume,
    /// It is removed.
    Overwrite,
}

/// A search that is ready to begin.
pub struct Prepared {
    /// The program as it was given.
    pub given: Sources,
    /// Warnings and notes on it.
    pub diagnostics: Vec<Diagnostic>,
    /// The training.
    pub train: String,
    /// What is searched for.
    pub space: Space,
    /// How.
    pub search: Search,
    /// What computes the trials.
    pub device: Device,
    program: Program,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// The training.
    pub train: String,
    /// What trials are judged by; nothing where none measured anything.
    pub monitor: Option<Watched>,
    /// Every trial, the best first.
    pub trials: Vec<Trial>,
    /// How much each variable mattered, the most first; empty where there are too few trials to tell.
    pub importance: Vec<Importance>,
    /// The model folder of the best trial, if one was finished.
    pub best: Option<PathBuf>,
    /// The picture.
    pub picture: Option<PathBuf>,
    /// Why it ended.
    pub end: Ended,
}

/// What trials are judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// As histories call it.
    pub name: String,
    /// Whether more of it is better.
    pub rises: bool,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All trials were done.
    Done,
    /// No combination was left.
    Exhausted,
    /// The time was over.
    Timeout,
    /// It was asked to stop.
    Cancelled,
}

/// Whoever wants to know how a search goes.
pub trait Observer {
    /// It begins, or goes on after so many trials.
    fn on_begin(&mut self, _space: &Space, _trials: usize, _done: &[Trial]) {}
    /// A trial begins; counted from 1.
    fn on_trial(&mut self, _trial: usize, _values: &[(String, String)]) {}
    /// A trial ended; whether it is the best so far, and the seconds that the rest will take.
    fn on_end(&mut self, _trial: &Trial, _watched: &Watched, _is_best: bool, _remaining: f64) {}
    /// Who watches the training of a trial.
    fn training(&mut self) -> &mut dyn Watcher;
}

/// Checks the program and settles what is searched for.
///
/// # Errors
/// [`Error::Program`] on the program's lines, [`Error::Request`] for what the request names and for a program that leaves nothing open.
pub fn prepare(request: &Request) -> Result<Prepared, Error> {
    let mut program = program(&training(request, request.output.clone()))?;
    let train = program.train.clone();
    let instance = program.analysis.train(Some(&train))?;
    if !instance.refusals.is_empty() {
        let diagnostics = instance.refusals.clone();
        return Err(Error::Program { sources: program.analysis.sources.clone(), diagnostics });
    }
    // Not found out by each trial anew.
    let device = place::of_training(request.device, instance, &program.analysis.sources)?;
    let (Some(space), Some(search)) = (&instance.space, &instance.search) else {
        return Err(Error::Request(format!(
            "`{train}` leaves nothing open to search for: `tune(16, 32, 64)` may stand wherever a constant may"
        )));
    };
    let space = Space::new(space.variables.clone());
    let search = Search { trials: request.trials.unwrap_or(search.trials), ..search.clone() };
    let (given, diagnostics) = (program.given.clone(), std::mem::take(&mut program.diagnostics));
    Ok(Prepared { given, diagnostics, train, space, search, device, program })
}

fn training(request: &Request, output: PathBuf) -> TrainRequest {
    TrainRequest {
        name: request.name.clone(),
        text: request.text.clone(),
        folder: request.folder.clone(),
        train: request.train.clone(),
        set: request.set.clone(),
        output,
        resume: false,
        device: request.device,
        memory: request.memory,
    }
}

/// Searches.
///
/// # Errors
/// What a training may say that has to do with no one trial, and what cannot be read or written. A trial that diverges, or cannot be
/// built, is a trial that failed.
pub fn run(request: &Request, observer: &mut dyn Observer, cancel: &Cancel) -> Result<Response, Error> {
    run_prepared_search(request, prepare(request)?, observer, cancel)
}

/// Searches what was prepared.
///
/// # Errors
/// What [`run`] says.
pub fn run_prepared_search(
    request: &Request,
    prepared: Prepared,
    observer: &mut dyn Observer,
    cancel: &Cancel,
) -> Result<Response, Error> {
    let mut folder = Folder::open(request, &prepared)?;
    let Prepared { train, space, search, device, program, .. } = prepared;
    let mut trials = folder.trials()?;
    let mut next = Next::new(&space, &search);
    observer.on_begin(&space, search.trials, &trials);
    let end = loop {
        let number = trials.len();
        let spent: f64 = trials.iter().map(|trial| trial.seconds).sum();
        if number >= search.trials {
            break Ended::Done;
        }
        if cancel.is_cancelled() {
            break Ended::Cancelled;
        }
        if search.timeout.is_some_and(|timeout| spent >= timeout) {
            break Ended::Timeout;
        }
        let rises = folder.kept.watched.as_ref().is_some_and(|watched| watched.rises);
        let tried: Vec<Point> = points(&space, &ranked(&trials, rises), &folder.path)?;
        let allowed = |point: &Point| {
            let variables = space.variables.iter().zip(point);
            program.analysis.allows(&train, &variables.map(|(it, choice)| (it.name.clone(), *choice)).collect())
        };
        let Some(point) = next.propose(number, &tried, &allowed) else { break Ended::Exhausted };
        let values = space.written(&point);
        observer.on_trial(number + 1, &values);
        let mut attempt = Attempt { number, trials: &trials, search: &search, folder: &mut folder };
        let Some(trial) = attempt.run(request, &program, &space, &point, observer, cancel)? else {
            break Ended::Cancelled;
        };
        let watched = folder.kept.watched.clone().unwrap_or(Watched { name: "loss".into(), rises: false });
        let (text, trial) = as_kept(&trial)?;
        trials.push(trial);
        let is_best = ranked(&trials, watched.rises).first().is_some_and(|best| best.trial == number + 1);
        let trial = &trials[number];
        folder.end(trial, &text, is_best && trial.end == End::Finished)?;
        let pace = (spent + trial.seconds) / (number + 1) as f64;
        observer.on_end(trial, &watched, is_best, pace * (search.trials - number - 1) as f64);
    };
    let watched = folder.kept.watched.clone();
    let ranked = ranked(&trials, watched.as_ref().is_some_and(|watched| watched.rises));
    let measured: Vec<&Trial> = ranked.iter().copied().filter(|trial| trial.value.is_some()).collect();
    let importance = importance(&space, &points(&space, &measured, &folder.path)?);
    let drawn = watched.as_ref().filter(|_| !measured.is_empty()).map(|watched| {
        let path = folder.path.join(PICTURE);
        let text = picture(&train, &space, &ranked, &importance, &watched.name, watched.rises);
        write_whole(&path, text.as_bytes()).map_err(|error| Error::Write { path: path.clone(), error }).map(|()| path)
    });
    let best = folder.path.join(BEST);
    if best.is_dir() && end != Ended::Cancelled {
        let device = DeviceChoice::One(device);
        let shown = report::Request { model: best.clone(), data: Vec::new(), part: None, output: None, device };
        // The model is safe; what it is shown by may fail.
        if let Err(error) = report::run(&shown, cancel) {
            observer.training().on_note(&format!("there is no page of the best trial: {error}"));
        }
    }
    Ok(Response {
        train,
        monitor: watched,
        importance,
        best: best.is_dir().then_some(best),
        picture: drawn.transpose()?,
        end,
        trials: ranked.into_iter().cloned().collect(),
    })
}

/// The text of a trial, and the trial that is read from it: whoever goes on from the text must judge by the same numbers to the last digit.
fn as_kept(trial: &Trial) -> Result<(String, Trial), Error> {
    let text = serde_json::to_string_pretty(trial).map(|text| text + "\n");
    let both = text.and_then(|text| serde_json::from_str(&text).map(|trial| (text, trial)));
    both.map_err(|error| Error::Request(format!("trial {} cannot be kept: {error}", trial.trial)))
}

/// The points of trials that were kept.
fn points(space: &Space, trials: &[&Trial], folder: &Path) -> Result<Vec<Point>, Error> {
    let point = |trial: &&Trial| {
        space.read(&trial.values).ok_or_else(|| {
            let folder = folder.display();
            Error::Request(format!("trial {} in `{folder}` has values that are not searched for", trial.trial))
        })
    };
    trials.iter().map(point).collect()
}
