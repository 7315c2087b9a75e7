//! `ndsl train`: fits a model and keeps it in a folder.

use std::path::{Path, PathBuf};

use ndsl::compiler::plan::{DeviceChoice, Metric, Schedule, TrainPlan, Validation};
use ndsl::runtime::checkpoint;
use ndsl::runtime::engine::engine;
use ndsl::runtime::operations::fetch::Part;
use ndsl::runtime::operations::train::{Prepared, Request, Response, prepare, refuse_unfinished, run_prepared};
use ndsl::runtime::train::{EventFiles, Needs};
use serde_json::json;

use super::device::DeviceArgument;
use super::progress::{Progress, View, measures};
use super::{Failure, Format, fetch, interrupt, report, summary};

/// Train a model and keep its best epoch in a folder
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl train examples/digits/digits.ndsl --train cnn -o runs/digits\n  ndsl train model.ndsl --set epochs=3 --set optimizer.learning_rate=1e-2 --set model.width=64\n  ndsl train model.ndsl --dry-run\n  ndsl train model.ndsl --device cuda:1\n  ndsl train --resume runs/cnn\n  ndsl train model.ndsl --tensorboard && tensorboard --logdir runs/tensorboard\n\nCtrl-C stops at the next step, keeps the best epoch so far, and leaves a checkpoint to go on from. What a run that was killed goes on from was written at most half a minute earlier, or as `checkpoints` of the program says."
)]
pub struct Arguments {
    /// The program; with `--resume`, by default that of the run
    #[arg(required_unless_present = "resume")]
    file: Option<PathBuf>,
    /// Which `train` of the program
    #[arg(long)]
    train: Option<String>,
    /// The model folder to write; by default `runs/<train>` beside the program
    #[arg(short, long, conflicts_with = "resume")]
    output: Option<PathBuf>,
    /// Go on with the run in this folder, as it was begun; `--set epochs=…` may make it longer
    #[arg(long, value_name = "RUN", conflicts_with_all = ["train", "dry_run"])]
    resume: Option<PathBuf>,
    /// Begin anew where a run stands that has not ended
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Override a setting, a parameter of the optimizer or one of the model, or give a constant that is searched for a value
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// The memory that the data may take, such as `2GB`; what is more is read from a file beside it, with the same weights in the end [default: a quarter of what is free]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
    /// Show what would run, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what is measured for TensorBoard, too; by default into `tensorboard/<run>` beside the run's folder
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, conflicts_with = "dry_run")]
    tensorboard: Option<Option<PathBuf>>,
    #[command(flatten)]
    device: DeviceArgument,
    /// How a run is shown on a terminal
    #[arg(long, value_enum, default_value_t, conflicts_with = "dry_run")]
    view: View,
    /// How faults and progress are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

pub(super) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as key=value, such as epochs=3".to_owned()),
    }
}

/// The bytes of `2GB`, `500 MB` or `1.5GiB`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "kb" | "k" => 1e3,
        "mb" | "m" => 1e6,
        "gb" | "g" => 1e9,
        "tb" | "t" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => return Err("write it as a number and a unit, such as 2GB or 500MB".to_owned()),
    };
    match number.parse::<f64>() {
        Ok(number) if number > 0.0 => Ok((number * unit) as u64),
        _ => Err("write it as a number and a unit, such as 2GB or 500MB".to_owned()),
    }
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let format = self.message_format;
        let failed = |error| Failure::operation(error, format);
        let begun = match &self.resume {
            Some(run) => Some(checkpoint::newest(run).map_err(|error| failed(error.into()))?.checkpoint.about),
            None => None,
        };
        let file = match (self.file, &begun) {
            (Some(file), _) => file,
            (None, Some(about)) if about.program.is_file() => about.program.clone(),
            (None, about) => {
                let program = about.as_ref().map(|about| about.program.display().to_string()).unwrap_or_default();
                let said =
                    format!("the program of this run is no longer at {program}: `ndsl train <FILE> --resume <RUN>`");
                return Err(Failure::Command(said));
            }
        };
        let source = report::read_source(&file)?;
        let folder = report::folder(&file);
        // A run goes on where it was begun, if that can be had.
        let earlier = || begun.as_ref().and_then(|about| reachable(about.environment.get("device")?));
        let device = self.device.given().or_else(earlier);
        let (train, mut set) = begun.map_or((self.train, Vec::new()), |about| (Some(about.train), about.set));
        // What is set again is set anew.
        set.retain(|(key, _)| self.set.iter().all(|(other, _)| other != key));
        set.extend(self.set);
        let mut request = Request {
            name: source.name.clone(),
            text: source.text.to_string(),
            folder: folder.to_owned(),
            train,
            set,
            output: self.resume.clone().or(self.output.clone()).unwrap_or_default(),
            resume: self.resume.is_some(),
            device,
            memory: self.memory,
        };
        let mut cancel = None;
        // Data that stand on another machine come with a bar of their own.
        if source.text.contains("://") {
            let part = Part::Training(request.train.clone());
            fetch::fetch(&source, folder, part, format, cancel.insert(interrupt::cancel()?))?;
        }
        let prepared = prepare(&request).map_err(failed)?;
        report::diagnostics(&prepared.diagnostics, &prepared.given, format);
        if self.output.is_none() && self.resume.is_none() {
            request.output = folder.join("runs").join(&prepared.plan.name);
        }
        if self.dry_run {
            let needs = prepared.needs().map_err(failed)?;
            show(&prepared, needs, &request.output, format);
            return Ok(());
        }
        if self.resume.is_none() && !self.overwrite {
            refuse_unfinished(&request.output, &prepared.plan).map_err(failed)?;
        }
        let cancel = cancel.map_or_else(interrupt::cancel, Ok)?;
        let events = self.tensorboard.map(|folder| event_files(folder, &request.output)).transpose()?;
        let response = {
            let mut progress = Progress::new(format, self.view, events).of_program(prepared.source.clone());
            run_prepared(&request, prepared, &mut progress, &cancel).map_err(failed)?
        };
        finish(&response, &request.output, format)
    }
}

/// The device that is called so, if there is one.
fn reachable(name: &str) -> Option<DeviceChoice> {
    let choice = name.parse().ok()?;
    engine().ok()?.device(choice).is_ok().then_some(choice)
}

/// What TensorBoard reads of a run: in `folder`, or else beside the run's folder, so that one look shows all runs there.
fn event_files(folder: Option<PathBuf>, run: &Path) -> Result<EventFiles, Failure> {
    let beside = || run.parent().unwrap_or(Path::new("")).join("tensorboard").join(run.file_name().unwrap_or_default());
    let folder = folder.unwrap_or_else(beside);
    EventFiles::create(&folder)
        .map_err(|error| Failure::Command(format!("`{}` cannot be written: {error}", folder.display())))
}

/// Says what came of a run.
fn finish(response: &Response, run: &Path, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        println!(
            "{}",
            json!({
                "event": "end", "output": response.output, "cancelled": response.cancelled, "early": response.early, "checkpoint": response.checkpoint, "report": response.report,
                "best_epoch": response.history.best_epoch, "metadata": response.metadata,
            })
        );
    }
    if let (Some(output), Some(best), true) = (&response.output, response.history.best_epoch, format != Format::Json) {
        if response.early {
            let stopping = response.metadata.as_ref().and_then(|metadata| metadata.settings.early_stopping.as_ref());
            let watched = stopping.map_or("what is watched", |stopping| &stopping.monitor.name);
            eprintln!("stopped early, after epoch {}: {watched} became no better", response.history.epochs.len());
        }
        let epoch = response.history.epochs.iter().find(|epoch| epoch.epoch == best);
        let best_measures = epoch.map_or_else(String::new, |epoch| match &epoch.validation {
            Some(validation) => measures(validation, "val_"),
            None => measures(&epoch.training, ""),
        });
        eprintln!("kept epoch {best} in {}: {best_measures}", output.display());
        if let Some(report) = &response.report {
            eprintln!("the run on a page: {}", report.display());
        }
    }
    if !response.cancelled {
        return Ok(());
    }
    let mut said = match &response.output {
        Some(_) => "stopped before the last epoch; the best so far was kept".to_owned(),
        None => "stopped before the first epoch was done".to_owned(),
    };
    if response.checkpoint.is_some() {
        said += &format!("; `ndsl train --resume {}` goes on", run.display());
    }
    Err(Failure::Command(said))
}

/// What would run.
fn show(prepared: &Prepared, needs: Option<Needs>, output: &Path, format: Format) {
    let TrainPlan {
        name,
        model,
        graph,
        loss,
        metrics,
        optimizer,
        schedule,
        max_steps,
        epochs,
        batch_size,
        gradient_accumulation,
        validation,
        shuffle,
        weighting,
        ema,
        monitor,
        keeps_best,
        early_stopping,
        seed,
        ..
    } = &prepared.plan;
    let sample_weight = weighting.column.as_ref().map(|column| &column.name);
    let (parameters, trainable) = graph.parameter_counts();
    let held = match validation {
        Validation::Rows { .. } => prepared.data.rows - prepared.data.own_rows(),
        validation => (prepared.data.own_rows() as f64 * validation.share()).round() as usize,
    };
    let metrics = Metric::names(metrics);
    if format == Format::Json {
        println!(
            "{}",
            json!({
                "train": name, "model": model, "dataset": prepared.dataset.name, "rows": prepared.data.own_rows(),
                "parameters": parameters, "trainable_parameters": trainable, "loss": loss, "metrics": metrics,
                "optimizer": optimizer, "schedule": schedule, "epochs": epochs, "max_steps": max_steps, "batch_size": batch_size,
                "gradient_accumulation": gradient_accumulation, "validation": validation, "validation_split": validation.share(),
                "shuffle": shuffle, "class_weights": weighting.classes, "sample_weight": sample_weight, "ema": ema,
                "monitor": monitor, "keeps_best": keeps_best, "early_stopping": early_stopping, "seed": seed, "device": prepared.device, "output": output, "rewrites": prepared.rewrites, "memory": needs,
                "signature": prepared.signature, "source": prepared.source.main().text.as_ref(),
            })
        );
        return;
    }
    for sentence in prepared.rewrites.iter().chain(prepared.taken.iter().flat_map(|taken| &taken.report)) {
        println!("note        {sentence}");
    }
    let number = |count: usize| summary::grouped(count as u64);
    println!("train       {name}");
    println!("model       {model}: {} parameters ({} trainable)", number(parameters), number(trainable));
    println!(
        "dataset     {}: {} rows, about {} held out",
        prepared.dataset.name,
        number(prepared.data.own_rows()),
        number(held)
    );
    if !matches!(validation, Validation::None | Validation::Random { .. }) {
        println!("validation  {validation}");
    }
    println!("loss        {loss}");
    if !metrics.is_empty() {
        println!("metrics     {}", metrics.join(", "));
    }
    match (optimizer.clip_norm, optimizer.clip_value) {
        (Some(norm), _) => println!("optimizer   {optimizer}, gradients no longer than {norm}"),
        (_, Some(value)) => println!("optimizer   {optimizer}, gradients between -{value} and {value}"),
        _ => println!("optimizer   {optimizer}"),
    }
    if *schedule != Schedule::CONSTANT {
        println!("schedule    {schedule}");
    }
    let several = if *gradient_accumulation > 1 { format!(", {gradient_accumulation} a step") } else { String::new() };
    let order = if *shuffle { "shuffled" } else { "in order" };
    println!("epochs      {epochs}, batches of {batch_size}{several}, {order}");
    if let Some(steps) = max_steps {
        println!("steps       {} at most", number(*steps));
    }
    match (&weighting.classes, sample_weight) {
        (Some(classes), Some(column)) => println!("rows count  by their class, {classes}, and by `{column}`"),
        (Some(classes), None) => println!("rows count  by their class, {classes}"),
        (None, Some(column)) => println!("rows count  by `{column}`"),
        (None, None) => {}
    }
    if let Some(ema) = ema {
        println!(
            "mean        of the weights, {:?} of it kept every {} steps from step {}",
            ema.decay,
            ema.every,
            ema.start + 1
        );
    }
    if let Some(stopping) = early_stopping {
        println!("stops       after {} epochs without a better {}", stopping.patience.max(1), stopping.monitor.name);
    }
    match keeps_best {
        true => println!("keeps       the epoch with the best {}", monitor.name),
        false => println!("keeps       the last epoch"),
    }
    println!("seed        {seed}");
    println!("device      {}", prepared.device);
    if let Some(needs) = needs {
        println!(
            "memory      about {}: {} for the weights and what goes with them, {} for a batch",
            summary::bytes(needs.total()),
            summary::bytes(needs.weights),
            summary::bytes(needs.batch)
        );
    }
    println!("output      {}", output.display());
}
