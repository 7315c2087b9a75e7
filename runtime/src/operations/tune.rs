//! Searches for the values of `tune(…)`: trains one combination after the other, keeps what each came to, and the model of the best.
//!
//! A search has a folder. `search.json` says what is searched for; `trials` has a file for every trial that ended, and `trials/current` is the
//! run under way; `best` is the model folder of the best so far, and `search.svg` a picture. Each file is written whole when a trial ends, so
//! a search that was killed goes on with the trial it was in.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::plan::{Monitor, Search};
use ndsl_compiler::{Sources, analyze_sources, rewrite};
use serde::{Deserialize, Serialize};

use super::train::{Program, Request as TrainRequest, carry_out, program, ready};
use super::{Error, report, sound};
use crate::checkpoint;
use crate::engine::Device;
use crate::files::write_whole;
use crate::model;
use crate::search::{End, Importance, Next, Point, Space, Trial, ends_early, importance, picture, ranked};
use crate::train::{Cancel, Epoch, EpochProgress, History, RunStart, StepProgress, TrainError, Watcher};

/// The format of `search.json`.
const FORMAT: u32 = 1;

/// What is searched.
const SEARCH_FILE: &str = "search.json";
/// The folder of what each trial came to.
const TRIALS: &str = "trials";
/// The run under way, in that folder.
const CURRENT: &str = "current";
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
    /// What computes.
    #[serde(default)]
    pub device: Device,
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

/// What `search.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    format: u32,
    train: String,
    /// The hash of the program with what was set.
    program: String,
    /// The hash of the rows; known when the first trial has read them.
    data: Option<String>,
    search: Search,
    watched: Option<Watched>,
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
    let (Some(space), Some(search)) = (&instance.space, &instance.search) else {
        return Err(Error::Request(format!(
            "`{train}` leaves nothing open to search for: `tune(16, 32, 64)` may stand wherever a constant may"
        )));
    };
    let space = Space::new(space.variables.clone());
    let search = Search { trials: request.trials.unwrap_or(search.trials), ..search.clone() };
    let (given, diagnostics) = (program.given.clone(), std::mem::take(&mut program.diagnostics));
    Ok(Prepared { given, diagnostics, train, space, search, program })
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
    let Prepared { train, space, search, program, .. } = prepared;
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
        let shown =
            report::Request { model: best.clone(), data: Vec::new(), part: None, output: None, device: request.device };
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

/// The folder of a search.
struct Folder {
    path: PathBuf,
    kept: Kept,
}

impl Folder {
    /// The folder that a request names: a new one, or that of the same search where it is to go on.
    fn open(request: &Request, prepared: &Prepared) -> Result<Self, Error> {
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

    fn current(&self) -> PathBuf {
        self.path.join(TRIALS).join(CURRENT)
    }

    /// The trials that ended, in their order.
    fn trials(&self) -> Result<Vec<Trial>, Error> {
        let paths = (1..).map(|trial| self.of_trial(trial)).take_while(|path| path.is_file());
        paths.map(|path| self.read(&path)).collect()
    }

    /// What all trials have in common is known once the first has read the data.
    fn settle(&mut self, watched: Watched, data: String) -> Result<(), Error> {
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
    fn end(&self, trial: &Trial, text: &str, is_best: bool) -> Result<(), Error> {
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
fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Write { path: path.to_path_buf(), error })
        }
        _ => Ok(()),
    }
}

/// One trial under way.
struct Attempt<'a> {
    /// Counted from 0.
    number: usize,
    trials: &'a [Trial],
    search: &'a Search,
    folder: &'a mut Folder,
}

impl Attempt<'_> {
    /// Trains; nothing if it was cancelled, and then a checkpoint is left.
    fn run(
        &mut self,
        request: &Request,
        program: &Program,
        space: &Space,
        point: &Point,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Result<Option<Trial>, Error> {
        let began = Instant::now();
        let values = space.written(point);
        let failed = |reason: String| {
            Some(Trial {
                trial: self.number + 1,
                values: values.clone(),
                end: End::Failed { reason },
                value: None,
                best_epoch: None,
                epochs: Vec::new(),
                measures: Default::default(),
                seconds: began.elapsed().as_secs_f64(),
            })
        };
        let choices = space.variables.iter().zip(point).map(|(it, choice)| (it.name.clone(), *choice)).collect();
        let sources = rewrite::tuned(&program.analysis, &program.train, &choices).map_err(Error::Request)?;
        let analysis = match sound(analyze_sources(&sources)) {
            Err(Error::Program { diagnostics, .. }) => return Ok(failed(first(&diagnostics))),
            other => other?,
        };
        let current = self.folder.current();
        let mut training = TrainRequest { train: Some(program.train.clone()), ..training(request, current) };
        training.set.extend(values.iter().cloned());
        let (mut before, mut elapsed) = (History::default(), 0.0);
        match checkpoint::newest(&training.output) {
            Ok(newest) => {
                let standing = newest.checkpoint.state.standing;
                (before, elapsed) = (standing.history().clone(), standing.elapsed());
                training.resume = true;
            }
            // What is no run of this trial is begun anew.
            Err(_) => remove(&training.output)?,
        }
        let (given, train) = (program.given.clone(), program.train.clone());
        let tuned = Program { given, diagnostics: Vec::new(), analysis, train };
        let prepared = match ready(&training, tuned) {
            Err(Error::Program { diagnostics, .. }) => return Ok(failed(first(&diagnostics))),
            other => other?,
        };
        let Monitor { name, rises } = self.search.monitor.clone().unwrap_or_else(|| prepared.plan.monitor.clone());
        self.folder.settle(Watched { name: name.clone(), rises }, checkpoint::hash_of_data(&prepared.data))?;
        let stop = cancel.below();
        let mut judge = Judge {
            search: self.search,
            others: self.trials,
            rises,
            values: before.epochs.iter().map(|epoch| epoch.measure(&name)).collect(),
            name: &name,
            stop: stop.clone(),
            pruned: false,
            observer,
        };
        let outcome = carry_out(&training, prepared, false, &mut judge, &stop);
        let (pruned, epochs) = (judge.pruned, judge.values.clone());
        let response = match outcome {
            Err(
                error @ (Error::Diverged { .. }
                | Error::Train(TrainError::TooLarge { .. } | TrainError::BatchTooLarge { .. })),
            ) => {
                return Ok(failed(error.to_string()));
            }
            other => other?,
        };
        // What stopped by itself at the same epoch has finished.
        let pruned = pruned && response.cancelled;
        if response.cancelled && !pruned {
            return Ok(None);
        }
        let best = response.history.best_epoch;
        let best: Option<&Epoch> =
            best.and_then(|best| response.history.epochs.iter().find(|epoch| epoch.epoch == best));
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        Ok(Some(Trial {
            trial: self.number + 1,
            values: values.clone(),
            end: if pruned { End::Pruned } else { End::Finished },
            value: best.and_then(|epoch| finite(epoch.measure(&name))),
            best_epoch: best.map(|epoch| epoch.epoch),
            epochs: epochs.into_iter().map(finite).collect(),
            measures: best
                .map(|epoch| epoch.all().into_iter().map(|(name, value)| (name, finite(value))).collect())
                .unwrap_or_default(),
            seconds: elapsed + began.elapsed().as_secs_f64(),
        }))
    }
}

/// The first error, as a sentence.
fn first(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().find(|it| it.is_error()).map_or_else(String::new, |diagnostic| diagnostic.message.clone())
}

/// Watches a trial and ends it where it is worse than the others.
struct Judge<'a> {
    search: &'a Search,
    others: &'a [Trial],
    name: &'a str,
    rises: bool,
    /// What is watched, epoch by epoch.
    values: Vec<f64>,
    stop: Cancel,
    pruned: bool,
    observer: &'a mut dyn Observer,
}

impl Watcher for Judge<'_> {
    fn on_start(&mut self, start: &RunStart) {
        self.observer.training().on_start(start);
    }

    fn on_step(&mut self, progress: &StepProgress) {
        self.observer.training().on_step(progress);
    }

    fn on_epoch(&mut self, progress: &EpochProgress) {
        self.observer.training().on_epoch(progress);
        self.values.push(progress.epoch.measure(self.name));
        let is_last = progress.epoch.epoch >= progress.epochs;
        if !is_last && ends_early(self.search, self.rises, &self.values, self.others) {
            self.pruned = true;
            self.stop.cancel();
        }
    }

    fn on_note(&mut self, note: &str) {
        self.observer.training().on_note(note);
    }
}
