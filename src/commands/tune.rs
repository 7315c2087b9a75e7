//! `ndsl tune`: searches for the values of `tune(…)`.

use std::path::PathBuf;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::runtime::operations::tune::{
    Ended, Existing, Observer, Prepared, Request, Response, Watched, prepare, run_prepared_search,
};
use ndsl::runtime::search::{End, Space, Trial};
use ndsl::runtime::train::{EpochProgress, RunStart, StepProgress, Watcher};
use serde_json::json;

use super::device::DeviceArgument;
use super::progress::{Progress, View, duration};
use super::train::setting;
use super::{Failure, Format, interrupt, report, summary};
use crate::terminal;

/// Search for the values of `tune(…)`, and keep the model of the best trial in a folder
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl tune examples/tuning/tuning.ndsl -o runs/search\n  ndsl tune model.ndsl --trials 50 --set epochs=3 --set width=32\n  ndsl tune model.ndsl --resume\n  ndsl tune model.ndsl --device wgpu\n  ndsl tune model.ndsl --dry-run\n\nEach trial is kept when it ends, and `best` in the folder is the model of the best one. Ctrl-C stops at the next step; `--resume` goes on there, as it does after a search that was killed."
)]
pub struct Arguments {
    /// The program
    file: PathBuf,
    /// Which `train` of the program
    #[arg(long)]
    train: Option<String>,
    /// The folder of the search; by default `runs/<train>-search` beside the program
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Go on with the search in that folder; `--trials` may make it longer
    #[arg(long, conflicts_with_all = ["overwrite", "dry_run"])]
    resume: bool,
    /// Remove the search in that folder and begin anew
    #[arg(long)]
    overwrite: bool,
    /// Combinations that are tried at most
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    trials: Option<u32>,
    /// Override a setting, or give one of the variables a value
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// The memory that the data may take, such as `2GB`; what is more is read from a file beside it [default: a quarter of what is free]
    #[arg(long, value_name = "SIZE", value_parser = super::train::size)]
    memory: Option<u64>,
    /// Show what would be searched, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    device: DeviceArgument,
    /// How faults and progress are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let format = self.message_format;
        let failed = |error| Failure::operation(error, format);
        let source = report::read_source(&self.file)?;
        let folder = report::folder(&self.file);
        let existing = match (self.resume, self.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        };
        let mut request = Request {
            name: source.name.clone(),
            text: source.text.to_string(),
            folder: folder.to_owned(),
            train: self.train,
            set: self.set,
            output: self.output.clone().unwrap_or_default(),
            trials: self.trials.map(|trials| trials as usize),
            existing,
            device: self.device.given(),
            memory: self.memory,
        };
        let prepared = prepare(&request).map_err(failed)?;
        report::diagnostics(&prepared.diagnostics, &prepared.given, format);
        if self.output.is_none() {
            request.output = folder.join("runs").join(format!("{}-search", prepared.train));
        }
        if self.dry_run {
            show(&prepared, &request, format);
            return Ok(());
        }
        let cancel = interrupt::cancel()?;
        let response = {
            let mut shown =
                Shown { format, trials: prepared.search.trials, progress: Progress::new(format, View::Bar, None) };
            run_prepared_search(&request, prepared, &mut shown, &cancel).map_err(failed)?
        };
        finish(&response, &request, format)
    }
}

/// What would be searched.
fn show(prepared: &Prepared, request: &Request, format: Format) {
    let search = &prepared.search;
    if format == Format::Json {
        let variables = prepared.space.variables.iter();
        let variables: Vec<_> = variables
            .map(|it| json!({"name": it.name, "choices": it.choices.describe(), "count": it.choices.count()}))
            .collect();
        println!(
            "{}",
            json!({"train": prepared.train, "search": search, "variables": variables, "output": request.output})
        );
        return;
    }
    println!("train       {}", prepared.train);
    for (index, variable) in prepared.space.variables.iter().enumerate() {
        let head = if index == 0 { "searches" } else { "" };
        println!("{head:<11} {}: {}", variable.name, variable.choices.describe());
    }
    println!("method      {}, {} trials at most", word(&search.method), search.trials);
    println!("prunes      {}", word(&search.prune));
    println!("seed        {}", search.seed);
    println!("output      {}", request.output.display());
}

/// The word of the language for what a program says by one.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Shows a search.
struct Shown {
    format: Format,
    trials: usize,
    progress: Progress,
}

fn written(values: &[(String, String)]) -> String {
    values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

impl Observer for Shown {
    fn on_begin(&mut self, space: &Space, trials: usize, done: &[Trial]) {
        if self.format == Format::Json {
            let names: Vec<&str> = space.variables.iter().map(|variable| variable.name.as_str()).collect();
            println!("{}", json!({"event": "search", "trials": trials, "variables": names, "done": done}));
        } else if !done.is_empty() {
            self.progress.line(&format!("goes on after {} of {trials} trials", done.len()));
        }
    }

    fn on_trial(&mut self, trial: usize, values: &[(String, String)]) {
        if self.format == Format::Json {
            println!("{}", json!({"event": "trial", "trial": trial, "trials": self.trials, "values": values}));
        }
        self.progress.of_trial(trial, self.trials);
    }

    fn on_end(&mut self, trial: &Trial, watched: &Watched, is_best: bool, remaining: f64) {
        if self.format == Format::Json {
            let watched = &watched.name;
            println!(
                "{}",
                json!({"event": "trial_end", "watched": watched, "best": is_best, "remaining": remaining, "result": trial})
            );
            return;
        }
        let width = self.trials.to_string().len();
        let value = trial.value.map_or_else(|| "no value".to_owned(), |value| format!("{} {value:.4}", watched.name));
        let ended = match &trial.end {
            End::Finished => String::new(),
            End::Pruned => format!("  ended early, after epoch {}", trial.epochs.len()),
            End::Failed { reason } => format!("  failed: {reason}"),
        };
        let best = if is_best { "  best" } else { "" };
        self.progress.line(&format!(
            "trial {:>width$}/{}  {value}  {}{ended}  {:.1} s  {} left{best}",
            trial.trial,
            self.trials,
            written(&trial.values),
            trial.seconds,
            duration(remaining)
        ));
    }

    fn training(&mut self) -> &mut dyn Watcher {
        self
    }
}

/// Of a trial's training the steps are shown on a terminal, and notes; scripts are told of its epochs too.
impl Watcher for Shown {
    fn on_start(&mut self, _start: &RunStart) {}

    fn on_step(&mut self, progress: &StepProgress) {
        if self.format != Format::Json {
            self.progress.on_step(progress);
        }
    }

    fn on_epoch(&mut self, progress: &EpochProgress) {
        if self.format == Format::Json {
            self.progress.on_epoch(progress);
        }
    }

    fn on_note(&mut self, note: &str) {
        self.progress.on_note(note);
    }
}

/// Says what came of a search.
fn finish(response: &Response, request: &Request, format: Format) -> Result<(), Failure> {
    let output = &request.output;
    if format == Format::Json {
        println!("{}", json!({"event": "end", "output": output, "result": response}));
    } else {
        if !response.trials.is_empty() {
            println!("{}", table(response));
        }
        if !response.importance.is_empty() {
            let parts: Vec<String> =
                response.importance.iter().map(|it| format!("{} {:.0}%", it.name, it.share * 100.0)).collect();
            println!("what mattered (PED-ANOVA over {} trials): {}", measured(response), parts.join(", "));
        }
        if let (Some(best), Some(trial)) = (&response.best, response.trials.first()) {
            println!("the model of trial {} is in {}", trial.trial, best.display());
            let sets: Vec<String> =
                trial.values.iter().map(|(name, value)| format!("--set '{name}={value}'")).collect();
            println!("the same again: ndsl train {} {}", request.name, sets.join(" "));
        }
        if let Some(picture) = &response.picture {
            println!("picture: {}", picture.display());
        }
    }
    match response.end {
        Ended::Cancelled => Err(Failure::Command(format!(
            "stopped after {} trials; `ndsl tune {} -o {} --resume` goes on",
            response.trials.len(),
            request.name,
            output.display()
        ))),
        Ended::Exhausted if format != Format::Json => {
            eprintln!("no combination is left that was not tried");
            Ok(())
        }
        Ended::Timeout if format != Format::Json => {
            eprintln!("the time is over: `--resume` with a longer `timeout` goes on");
            Ok(())
        }
        _ => Ok(()),
    }
}

fn measured(response: &Response) -> String {
    summary::grouped(response.trials.iter().filter(|trial| trial.value.is_some()).count() as u64)
}

/// Every trial, the best first.
fn table(response: &Response) -> Table {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in response.trials.iter().flat_map(|trial| &trial.values) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let watched = response.monitor.as_ref().map_or("value", |watched| watched.name.as_str());
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    let heading = |text: &str| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    };
    let heads = ["trial", watched].into_iter().chain(names.iter().copied()).chain(["epochs", "seconds", ""]);
    table.set_header(heads.map(heading));
    let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for trial in &response.trials {
        let value = trial.value.map_or_else(String::new, |value| format!("{value:.4}"));
        let of =
            |name: &&str| trial.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let ended = match &trial.end {
            End::Finished => "",
            End::Pruned => "ended early",
            End::Failed { reason } => reason,
        };
        let cells = [number(trial.trial.to_string()), number(value)].into_iter();
        let cells = cells.chain(names.iter().map(|name| number(of(name).to_owned())));
        let behind =
            [number(trial.epochs.len().to_string()), number(format!("{:.1}", trial.seconds)), Cell::new(ended)];
        table.add_row(cells.chain(behind));
    }
    table
}
