//! How a training run is shown: a bar and live curves on a terminal, plain lines elsewhere, JSON lines for scripts.

mod curves;

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ndsl::compiler::Sources;
use ndsl::compiler::diagnostics::{Diagnostic, json};
use ndsl::runtime::train::{EpochProgress, EventFiles, Measures, RunStart, StepProgress, Watcher};
use serde_json::json;

use self::curves::{Curves, HEIGHT};
use super::{Format, report, summary};
use crate::terminal;

/// How much of a run is shown on a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum View {
    /// Curves where there is room for them
    #[default]
    Curves,
    /// A bar, and a line for each epoch
    Bar,
    /// Lines alone, as where nobody watches
    Lines,
}

/// Shows a run.
pub struct Progress {
    format: Format,
    bar: ProgressBar,
    /// What is drawn below the bar, where there is room.
    curves: Option<Curves>,
    /// When that was last drawn, and how.
    drawn: Option<(Instant, String)>,
    /// The program that runs.
    program: Option<Sources>,
    /// What stands before the epoch.
    before: String,
    /// When the last step was told of.
    told: Option<Instant>,
    /// What is written for TensorBoard.
    events: Option<EventFiles>,
}

/// The shortest time from one drawing of the curves to the next.
const FRAME: Duration = Duration::from_millis(200);

/// Lines of the terminal that curves leave for others.
const LEFT: u16 = 8;

/// The shortest time from one step that scripts are told of to the next.
const PAUSE: Duration = Duration::from_millis(500);

impl Progress {
    pub fn new(format: Format, view: View, events: Option<EventFiles>) -> Self {
        let watched = terminal::watched() && format != Format::Json && view != View::Lines;
        let target = if watched { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = match terminal::style().colour {
            true => "{prefix} {bar:24.cyan/dim} {pos}/{len}  {msg}",
            false => "{prefix} {bar:24} {pos}/{len}  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let curves = (watched && view == View::Curves).then(Curves::default);
        Self { format, bar, curves, drawn: None, program: None, before: String::new(), told: None, events }
    }

    /// Shows the places of what is warned of in the program that runs.
    pub fn of_program(mut self, program: Sources) -> Self {
        self.program = Some(program);
        self
    }

    /// The curves as they are now, or were a moment ago; nothing where there is no room.
    fn picture(&mut self, anew: bool) -> String {
        let Some(curves) = &self.curves else { return String::new() };
        if let Some((at, picture)) = &self.drawn
            && at.elapsed() < FRAME
            && !anew
        {
            return picture.clone();
        }
        let (rows, columns) = console::Term::stderr().size();
        let lines = if rows >= HEIGHT + LEFT { curves.lines(columns, terminal::colours()) } else { Vec::new() };
        let picture = lines.join("\n");
        self.drawn = Some((Instant::now(), picture.clone()));
        picture
    }

    /// Has what is written for TensorBoard follow; says once where that fails.
    fn record(&mut self, follow: impl FnOnce(&mut EventFiles)) {
        let Some(events) = &mut self.events else { return };
        follow(events);
        if let Some(failure) = events.failure() {
            self.events = None;
            self.on_note(&failure);
        }
    }

    /// Goes on to a trial of a search.
    pub fn of_trial(&mut self, trial: usize, trials: usize) {
        self.before = format!("trial {trial}/{trials}  ");
    }

    /// Writes a line above the bar.
    pub fn line(&self, text: &str) {
        match self.bar.is_hidden() {
            true => eprintln!("{text}"),
            false => self.bar.suspend(|| eprintln!("{text}")),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        // What was watched stays to be looked at.
        let picture = self.picture(true);
        if !picture.is_empty() {
            eprintln!("{picture}");
        }
    }
}

impl Watcher for Progress {
    fn on_start(&mut self, start: &RunStart) {
        if self.format == Format::Json {
            println!(
                "{}",
                json!({
                    "event": "start", "epochs": start.epochs, "steps": start.steps, "total_steps": start.total,
                    "training_rows": start.training_rows, "validation_rows": start.validation_rows,
                    "trainable_parameters": start.trainable_parameters, "device": start.device, "memory": start.needs,
                    "resumed": start.done.map(|(epoch, step)| json!({"epoch": epoch, "step": step})),
                })
            );
            return;
        }
        let held = match start.validation_rows {
            0 => String::new(),
            rows => format!(", {} held out", summary::grouped(rows as u64)),
        };
        let number = |count: usize, noun: &str| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{} {noun}{plural}", summary::grouped(count as u64))
        };
        let steps = match start.total < start.epochs * start.steps {
            true => format!(", {} in all", summary::grouped(start.total as u64)),
            false => String::new(),
        };
        let takes = match (start.needs, &start.device_name) {
            (Some(needs), _) => format!("about {} of memory", summary::bytes(needs.total())),
            (None, Some(name)) => format!("on {}, {name}", start.device),
            (None, None) => format!("on {}", start.device),
        };
        self.line(&format!(
            "{} rows{held}; {} of {}{steps}; {} trainable parameters; {takes}",
            summary::grouped(start.training_rows as u64),
            number(start.epochs, "epoch"),
            number(start.steps, "step"),
            summary::grouped(start.trainable_parameters as u64),
        ));
        match start.done {
            Some((epoch, 0)) => self.line(&format!("goes on with epoch {epoch}")),
            Some((epoch, step)) => self.line(&format!("goes on after step {step} of epoch {epoch}")),
            None => {}
        }
    }

    fn on_step(&mut self, progress: &StepProgress) {
        self.record(|events| events.on_step(progress));
        if let Some(curves) = &mut self.curves {
            curves.step(progress);
        }
        if self.format == Format::Json && self.told.is_none_or(|told| told.elapsed() >= PAUSE) {
            self.told = Some(Instant::now());
            println!(
                "{}",
                json!({
                    "event": "step", "epoch": progress.epoch, "epochs": progress.epochs, "step": progress.step,
                    "steps": progress.steps, "loss": progress.loss, "measures": progress.measures, "rows_per_second": progress.rate,
                    "elapsed": progress.elapsed, "remaining": progress.remaining,
                })
            );
        }
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_length(progress.steps as u64);
        self.bar.set_prefix(format!("{}epoch {}/{}", self.before, progress.epoch, progress.epochs));
        let mut message = format!(
            "{}  {} rows/s  {} left",
            measures(&progress.measures, ""),
            rate(progress.rate),
            duration(progress.remaining),
        );
        let picture = self.picture(false);
        if !picture.is_empty() {
            message += "\n\n";
            message += &picture;
        }
        self.bar.set_message(message);
        self.bar.set_position(progress.step as u64);
    }

    fn on_epoch(&mut self, progress: &EpochProgress) {
        self.record(|events| events.on_epoch(progress));
        if let Some(curves) = &mut self.curves {
            curves.epoch(progress);
        }
        let epoch = &progress.epoch;
        if self.format == Format::Json {
            println!(
                "{}",
                json!({"event": "epoch", "epochs": progress.epochs, "history": epoch, "best": progress.is_best})
            );
            return;
        }
        let width = progress.epochs.to_string().len();
        let mut text = format!("epoch {:>width$}/{}  {}", epoch.epoch, progress.epochs, measures(&epoch.training, ""));
        if let Some(validation) = &epoch.validation {
            text += "  ";
            text += &measures(validation, "val_");
        }
        text += &format!("  {:.1} s  {} rows/s", epoch.seconds, rate(epoch.rows_per_second));
        if progress.is_best {
            text += "  best";
        }
        self.line(&text);
    }

    fn on_warning(&mut self, warning: &Diagnostic) {
        let Some(program) = &self.program else {
            return self.on_note(&format!("{}: {}", warning.message, warning.label.text));
        };
        if self.format == Format::Json {
            println!("{}", json!({"event": "warning", "diagnostic": json::json(warning, program)}));
            return;
        }
        let show = || report::diagnostics(std::slice::from_ref(warning), program, self.format);
        match self.bar.is_hidden() {
            true => show(),
            false => self.bar.suspend(show),
        }
    }

    fn on_note(&mut self, note: &str) {
        match self.format {
            Format::Json => println!("{}", json!({"event": "note", "message": note})),
            _ => self.line(&format!("note: {note}")),
        }
    }
}

/// `loss 0.1234  accuracy 0.9600`, each name after `prefix`.
pub fn measures(measures: &Measures, prefix: &str) -> String {
    let mut text = format!("{prefix}loss {:.4}", measures.loss);
    for (name, value) in &measures.metrics {
        text += &format!("  {prefix}{name} {value:.4}");
    }
    text
}

/// `12.3k`, `4.5M`: how many a second.
pub fn rate(rows: f64) -> String {
    match rows {
        rows if rows >= 10_000_000.0 => format!("{:.0}M", rows / 1e6),
        rows if rows >= 1_000_000.0 => format!("{:.1}M", rows / 1e6),
        rows if rows >= 100_000.0 => format!("{:.0}k", rows / 1000.0),
        rows if rows >= 1000.0 => format!("{:.1}k", rows / 1000.0),
        rows => format!("{rows:.0}"),
    }
}

/// `3:05`, `1:03:05`
pub fn duration(seconds: f64) -> String {
    let whole = Duration::try_from_secs_f64(seconds.max(0.0)).map_or(0, |left| left.as_secs());
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
