//! Trains a model and writes its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::plan::{DatasetPlan, TrainPlan};
use ndsl_compiler::suggest::either;
use ndsl_compiler::{Analysis, Sources, analyze_sources, analyze_with, rewrite};
use serde::{Deserialize, Serialize};

pub use super::origin::Taken;
use super::report::{self, Seen};
use super::{Error, origin, place, row_weights, sound};
use crate::checkpoint::{self, About, Checkpoint, CheckpointError, Checkpoints, Identity, Newest};
use crate::data::{self, Dataset, Reading};
use crate::engine::{Device, DeviceChoice, engine};
use crate::files::Disk;
use crate::model::{self, Metadata, Model};
use crate::signature::Signature;
use crate::train::{self, Beginning, Cancel, History, Job, Needs, Stop, TrainError, Watcher};

/// What to train.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What messages call the program.
    pub name: String,
    /// The program.
    pub text: String,
    /// The folder that the program's paths are relative to; it may use the programs of the project around it.
    pub folder: PathBuf,
    /// Which of its trainings; may be left out where there is one.
    #[serde(default)]
    pub train: Option<String>,
    /// Settings to override, as `epochs` and `3`.
    #[serde(default)]
    pub set: Vec<(String, String)>,
    /// Where the model folder goes.
    pub output: PathBuf,
    /// Whether the run that is there goes on, rather than a new one begin.
    #[serde(default)]
    pub resume: bool,
    /// What computes; by default what the program says.
    #[serde(default)]
    pub device: Option<DeviceChoice>,
    /// The bytes of the data that may be held in memory, where what is more is read from a file; by default a quarter of what the system
    /// has left. What comes of it is the same.
    #[serde(default)]
    pub memory: Option<u64>,
}

/// A training that is ready to start: all that can be known before its first step.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The program as it was given: what the diagnostics speak of.
    pub given: Sources,
    /// Warnings and notes on it.
    pub diagnostics: Vec<Diagnostic>,
    /// The program that is trained: overridden, rewritten, and with everything it uses.
    pub source: Sources,
    /// What the compiler changed in the text, a sentence each.
    pub rewrites: Vec<String>,
    /// What goes into the model and what comes out.
    pub signature: Signature,
    /// Where the rows come from.
    pub dataset: DatasetPlan,
    /// Where the rows come from that are held out, if they are those of another dataset.
    pub held_out: Option<DatasetPlan>,
    /// Its rows, and behind them those of the other.
    pub data: Dataset,
    /// What will be done.
    pub plan: TrainPlan,
    /// What computes it.
    pub device: Device,
    /// The weights it begins with, where they come from elsewhere.
    pub taken: Option<Taken>,
}

impl Prepared {
    /// About what it will take of memory; nothing of a GPU's own.
    ///
    /// # Errors
    /// Where there is not so much, with the largest batch for which there would be.
    pub fn needs(&self) -> Result<Option<Needs>, Error> {
        Ok(train::fits(&self.plan, &self.data, engine()?.as_ref(), self.device)?)
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Response {
    /// Where the model folder is; nowhere if it was stopped before the first epoch was done.
    pub output: Option<PathBuf>,
    /// What the folder says of the model.
    pub metadata: Option<Metadata>,
    /// Every epoch that was done.
    pub history: History,
    /// The page that shows the run; nothing where it was stopped.
    pub report: Option<PathBuf>,
    /// Whether it was stopped from outside.
    pub cancelled: bool,
    /// The newest checkpoint, from which it can go on; nothing where none is kept.
    pub checkpoint: Option<PathBuf>,
    /// Whether it stopped before its last epoch, since what is watched had not become better.
    pub early: bool,
    /// Warnings and notes on the program.
    pub diagnostics: Vec<Diagnostic>,
    /// The program as it was given: what the diagnostics speak of.
    pub given: Sources,
    /// What the compiler changed in the text, a sentence each.
    pub rewrites: Vec<String>,
}

/// Checks the program, opens the data and settles everything that can be settled before the first step.
///
/// # Errors
/// [`Error::Program`] and [`Error::Data`] on the program's lines, [`Error::Request`] for what the request names.
pub fn prepare(request: &Request) -> Result<Prepared, Error> {
    let program = program(request)?;
    if let Some(space) = &program.analysis.train(Some(&program.train))?.space {
        let names: Vec<&str> = space.variables.iter().map(|variable| variable.name.as_str()).collect();
        let sets: Vec<String> = space
            .variables
            .iter()
            .map(|variable| format!("--set {}={}", variable.name, variable.choices.written(variable.choices.first())))
            .collect();
        return Err(Error::Request(format!(
            "`{}` leaves {} open: `ndsl tune` searches for what is best, and `{}` would train with the first choices",
            program.train,
            either(names).replace(" or ", " and "),
            sets.join(" ")
        )));
    }
    ready(request, program)
}

/// The program of a request, checked, with what the request sets.
pub(super) struct Program {
    /// As it was given.
    pub(super) given: Sources,
    /// Warnings and notes on that.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// With what is set.
    pub(super) analysis: Analysis,
    /// The training that is meant.
    pub(super) train: String,
}

/// Reads and checks the program of a request, and sets what it sets: constants that are searched for by their names, settings by theirs.
pub(super) fn program(request: &Request) -> Result<Program, Error> {
    let (source, files) = Disk::program(&request.folder, &request.name, request.text.as_str());
    let mut analysis = sound(analyze_with(&source, &files))?;
    let (given, diagnostics) = (analysis.sources.clone(), analysis.diagnostics.clone());
    let instance = analysis.train(request.train.as_deref())?;
    let train = instance.name.clone();
    let variables = instance.space.as_ref().map_or(&[][..], |space| &space.variables);
    let (mut chosen, mut settings) = (BTreeMap::new(), Vec::new());
    for (key, value) in &request.set {
        match variables.iter().find(|variable| variable.name == *key) {
            None => settings.push((key, value)),
            Some(variable) => {
                let choice = variable.choices.find(value).ok_or_else(|| {
                    Error::Request(format!("`{key}` is {}, and not {value}", variable.choices.describe()))
                })?;
                chosen.insert(key.clone(), choice);
            }
        }
    }
    if !chosen.is_empty() {
        let source = rewrite::chosen_by(&analysis, &train, &chosen).map_err(Error::Request)?;
        analysis = sound(analyze_sources(&source))?;
    }
    for (key, value) in settings {
        let source = rewrite::set(&analysis, &train, key, value).map_err(Error::Request)?;
        analysis = sound(analyze_sources(&source))?;
    }
    Ok(Program { given, diagnostics, analysis, train })
}

/// Opens the data of a program that leaves nothing open, and settles what is left.
pub(super) fn ready(request: &Request, program: Program) -> Result<Prepared, Error> {
    let Program { given, diagnostics, mut analysis, train: name } = program;
    let mut rewrites = Vec::new();
    if let Some((source, sentences)) = rewrite::flattened(&analysis, Some(&name)) {
        analysis = sound(analyze_sources(&source))?;
        rewrites = sentences;
    }
    let instance = analysis.train(Some(&name))?;
    // What cannot be carried out is said before any data is read.
    if !instance.refusals.is_empty() {
        let diagnostics = instance.refusals.clone();
        return Err(Error::Program { sources: analysis.sources.clone(), diagnostics });
    }
    let device = place::of_training(request.device, instance, &analysis.sources)?;
    let (Some(dataset), Some(graph)) = (&instance.dataset, &instance.graph) else {
        return Err(Error::Request(format!("`{name}` names no dataset or no model")));
    };
    let at_fault = |error| Error::Data { sources: analysis.sources.clone(), error: Box::new(error) };
    let memory = request.memory;
    let reading = Reading { memory, ..Reading::default() };
    let mut data = data::read(dataset, &request.folder, reading).map_err(at_fault)?;
    let signature = data.signature();
    let plan = analysis
        .plan_train(&name, &signature)
        .map_err(|diagnostics| Error::Program { sources: analysis.sources.clone(), diagnostics })?;
    let mut others = match &instance.held_out {
        Some(held_out) => Some((held_out, data.like(held_out, &signature, &request.folder, memory).map_err(at_fault)?)),
        None => None,
    };
    if let Some(column) = &plan.weighting.column {
        if let Some(refused) = row_weights::refused(column, dataset, &data) {
            return Err(Error::Program { sources: analysis.sources.clone(), diagnostics: vec![refused] });
        }
        row_weights::add(dataset, &request.folder, column, &mut data, memory).map_err(at_fault)?;
        if let Some((held_out, others)) = &mut others {
            row_weights::add(held_out, &request.folder, column, others, memory).map_err(at_fault)?;
        }
    }
    if let Some((_, others)) = others {
        data.add(others);
    }
    let taken = match plan.origin.as_ref().filter(|_| !request.resume) {
        Some(origin) => {
            let taken = origin::take(origin, &plan.graph, &request.folder, &request.output);
            let at_fault = |fault: Box<Diagnostic>| Error::Program {
                sources: analysis.sources.clone(),
                diagnostics: vec![*fault],
            };
            Some(taken.map_err(at_fault)?)
        }
        None => None,
    };
    Ok(Prepared {
        taken,
        given,
        diagnostics,
        rewrites,
        signature: Signature::of(graph),
        dataset: dataset.clone(),
        held_out: instance.held_out.clone(),
        data,
        plan,
        device,
        source: analysis.bundled(),
    })
}

/// Trains and writes the model folder.
///
/// A run that is stopped, or whose loss is lost, still writes its best epoch.
///
/// # Errors
/// What [`prepare`] says, and what training and writing may say.
pub fn run(request: &Request, watcher: &mut dyn Watcher, cancel: &Cancel) -> Result<Response, Error> {
    run_prepared(request, prepare(request)?, watcher, cancel)
}

/// Fails where a new run in a folder would take the place of one that has not ended: hours of work may be in it, and whoever meant to go on
/// with it and forgot to say so would lose them.
///
/// # Errors
/// [`Error::Request`], which says what may be done.
pub fn refuse_unfinished(run: &Path, plan: &TrainPlan) -> Result<(), Error> {
    let Some((epoch, step)) = unfinished(run, plan) else { return Ok(()) };
    let shown = run.display();
    Err(Error::Request(format!(
        "`{shown}` holds a run that has not ended, after step {step} of epoch {epoch}: `ndsl train --resume {shown}` goes on with it, \
         `--overwrite` begins anew in its place, and `-o` names another folder"
    )))
}

/// Where the run in a folder stands that has not ended: the epoch, and the steps of it that are done.
fn unfinished(run: &Path, plan: &TrainPlan) -> Option<(usize, usize)> {
    let newest = checkpoint::newest(run).ok().filter(|newest| over(newest, plan).is_none())?;
    Some(newest.checkpoint.state.standing.place())
}

/// Trains what was prepared.
///
/// # Errors
/// What training and writing may say.
pub fn run_prepared(
    request: &Request,
    prepared: Prepared,
    watcher: &mut dyn Watcher,
    cancel: &Cancel,
) -> Result<Response, Error> {
    carry_out(request, prepared, true, watcher, cancel)
}

/// Trains what was prepared; `shows` says whether its page is written.
pub(super) fn carry_out(
    request: &Request,
    prepared: Prepared,
    shows: bool,
    watcher: &mut dyn Watcher,
    cancel: &Cancel,
) -> Result<Response, Error> {
    let Prepared { given, diagnostics, source, rewrites, signature, dataset, held_out, data, plan, device, taken } =
        prepared;
    let engine = engine()?;
    // Nothing is written of what cannot begin.
    train::fits(&plan, &data, engine.as_ref(), device)?;
    // Hours of training must not end at a place that cannot be written.
    model::refuse_foreign(&request.output)?;
    for rewrite in &rewrites {
        watcher.on_note(rewrite);
    }
    for sentence in taken.iter().flat_map(|taken| &taken.report) {
        watcher.on_note(sentence);
    }
    let hash = checkpoint::hash_of_data(&data).map_err(TrainError::from)?;
    let about = About {
        identity: Identity::new(&plan, &data, &hash),
        program: absolute(&request.folder.join(Path::new(&request.name).file_name().unwrap_or_default())),
        train: plan.name.clone(),
        set: request.set.clone(),
        epochs: plan.epochs,
        max_steps: plan.max_steps,
        environment: checkpoint::environment(engine.as_ref(), device),
    };
    let environment = about.environment.clone();
    let (beginning, step) = match request.resume {
        true => resumed(&request.output, &about, &plan, watcher)?,
        false => {
            if let Some((epoch, step)) = unfinished(&request.output, &plan) {
                watcher.on_note(&format!(
                    "another run is there, after step {step} of epoch {epoch}; this one begins anew and takes its place \
                     (`--resume` would go on with the other)"
                ));
            }
            let beginning = match taken {
                Some(taken) => Beginning::Weights(taken.weights),
                None => Beginning::Fresh,
            };
            (beginning, None)
        }
    };
    let mut keeper = Checkpoints::new(request.output.clone(), about, plan.checkpoints.clone(), step)?;
    let job = Job { plan: &plan, data: &data, engine: engine.as_ref(), device };
    let outcome = train::train_from(job, beginning, &mut keeper, watcher, cancel);
    checkpoint::clear(&request.output);
    let outcome = outcome?;
    let kept = keeper.kept().cloned();
    let (mut metadata, mut page) = (None, None);
    if let Some(best) = outcome.best {
        let folder = &request.folder;
        let about = Metadata::new(&plan, signature, &dataset, held_out.as_ref(), folder, &data, &hash, best.epoch);
        let about = Metadata { environment, ..about };
        let ((text, sources), history) = (model::texts(&source), outcome.history.clone());
        let mut model = Model { source: text, sources, weights: best.weights, metadata: about, history };
        model.metadata = model::save(&model, &request.output)?;
        if shows {
            let program = analyze_sources(&source);
            let seen = Seen { analysis: &program, model: &model, plan: &plan, data: &data };
            match report::of_training(seen, &request.output, device, cancel) {
                Ok(path) => page = path,
                // The model is safe; what it is shown by may fail.
                Err(error) => watcher.on_note(&format!("there is no page of this run: {error}")),
            }
        }
        metadata = Some(model.metadata);
    }
    let output = metadata.is_some().then(|| request.output.clone());
    // What the program does not ask for is there for the run alone.
    if plan.checkpoints.is_none() && outcome.stop != Stop::Cancelled {
        checkpoint::remove(&request.output)?;
    }
    if let Stop::Diverged { epoch, step, loss, trouble } = outcome.stop {
        let trouble = trouble.map(|trouble| Box::new((source, trouble)));
        return Err(Error::Diverged { epoch, step, loss, saved: output, trouble });
    }
    let cancelled = outcome.stop == Stop::Cancelled;
    let early = matches!(outcome.stop, Stop::Early { .. });
    Ok(Response {
        output,
        metadata,
        history: outcome.history,
        cancelled,
        report: page,
        checkpoint: kept,
        early,
        diagnostics,
        given,
        rewrites,
    })
}

/// Where the run in a folder goes on, and after which step; what differs from `about` is refused.
fn resumed(
    run: &Path,
    about: &About,
    plan: &TrainPlan,
    watcher: &mut dyn Watcher,
) -> Result<(Beginning, Option<usize>), Error> {
    let newest = checkpoint::newest(run)?;
    for (path, reason) in &newest.damaged {
        watcher.on_note(&format!("`{}` is damaged and left out: {reason}", path.display()));
    }
    let differences = newest.checkpoint.about.identity.differences(&about.identity);
    if !differences.is_empty() {
        return Err(CheckpointError::Differs { folder: run.to_path_buf(), differences }.into());
    }
    if let Some(reason) = over(&newest, plan) {
        return Err(CheckpointError::Over { folder: run.to_path_buf(), reason }.into());
    }
    let Checkpoint { about: before, state } = newest.checkpoint;
    let longer = (before.epochs, before.max_steps) != (about.epochs, about.max_steps);
    if longer && plan.schedule.goes_by_the_end() {
        watcher.on_note(&format!(
            "the schedule `{}` goes by the number of all steps, which was another: from here on its rate is that of the longer run",
            plan.schedule
        ));
    }
    for (name, now) in &about.environment {
        if let Some(then) = before.environment.get(name).filter(|then| *then != now) {
            watcher.on_note(&format!(
                "this run was begun with {name} {then} and goes on with {now}: its last digits may be others than those of a run \
                 that never stopped"
            ));
        }
    }
    Ok((Beginning::State(Box::new(state)), Some(newest.step)))
}

/// Why a run has nothing left to do.
fn over(newest: &Newest, plan: &TrainPlan) -> Option<String> {
    let standing = &newest.checkpoint.state.standing;
    let done = standing.place().0 - 1;
    if standing.stopped_early() {
        return Some(format!("it stopped early, after epoch {done}"));
    }
    if done >= plan.epochs {
        return Some(format!("it has done its {done} epochs; `--set epochs=…` makes them more"));
    }
    let steps = plan.max_steps.filter(|steps| newest.step >= *steps)?;
    Some(format!("it has done its {steps} steps; `--set max_steps=…` makes them more"))
}

/// A path that means the same from every folder; as it is where the current folder is not known.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
