//! One of those that are compared: a process that makes steps when it is asked to.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};

use super::models::Model;
use super::worker::WORKER;

/// The variable that names a Python with PyTorch.
pub(crate) const PYTHON: &str = "NDSL_BENCH_PYTHON";

/// Steps whose losses are compared: rounding grows from step to step, as it does between two runs of PyTorch with other threads.
pub(crate) const COMPARED: usize = 20;

/// What a process answers to `run` and a number of steps.
#[derive(Serialize, Deserialize)]
pub(crate) struct Steps {
    /// The processor time of all of them, in seconds.
    pub(crate) seconds: f64,
    /// The loss of each, before it.
    pub(crate) losses: Vec<f64>,
}

/// A process, ready to make steps.
pub(crate) struct Side {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Milliseconds a step, of each round that counts.
    times: Vec<f64>,
    /// The loss of every step, those of the round that does not count too.
    pub(crate) losses: Vec<f64>,
}

fn python() -> String {
    std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned())
}

fn script() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/benches/training/peer.py")
}

/// What PyTorch says it is; nothing where there is none.
pub(crate) fn version() -> Option<String> {
    let output = Command::new(python()).args([script(), "version"]).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Side {
    /// A process of this program.
    pub(crate) fn ours(model: &Model, threads: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        command.args([WORKER, model.name]).env("RAYON_NUM_THREADS", threads.to_string());
        Self::start(command)
    }

    /// A process of PyTorch on what [`super::models::write`] wrote into `folder`.
    pub(crate) fn pytorch(model: &Model, threads: usize, folder: &Path, compiled: bool) -> Self {
        let mut command = Command::new(python());
        command.arg(script()).arg(if compiled { "compiled" } else { "eager" }).arg(model.name).arg(folder);
        // Its threads wait for each other by turning in circles, which on a machine that does other things takes more than the work.
        command.arg(threads.to_string()).env("OMP_NUM_THREADS", threads.to_string()).env("OMP_WAIT_POLICY", "PASSIVE");
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the process starts");
        let input = process.stdin.take().expect("a pipe was asked for");
        let output = BufReader::new(process.stdout.take().expect("a pipe was asked for"));
        Self { process, input, output, times: Vec::new(), losses: Vec::new() }
    }

    fn ask(&mut self, what: &str) -> String {
        writeln!(self.input, "{what}").expect("the process listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the process answers");
        assert!(!line.is_empty(), "the process ended; what it said stands above");
        line
    }

    /// Has it make so many steps more.
    pub(crate) fn run(&mut self, steps: usize, counts: bool) {
        let answer: Steps = serde_json::from_str(&self.ask(&format!("run {steps}"))).expect("an answer in JSON");
        if counts {
            self.times.push(answer.seconds * 1e3 / steps as f64);
        }
        self.losses.extend(answer.losses);
    }

    /// The median of the milliseconds a step.
    pub(crate) fn median(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }

    /// The most memory it has had, in bytes.
    pub(crate) fn memory(&mut self) -> u64 {
        self.ask("memory").trim().parse().expect("a number of bytes")
    }

    /// The largest difference of a loss here and there in the first steps, as a share of the loss before the first.
    pub(crate) fn apart(&self, other: &Self) -> f64 {
        let first = self.losses.first().copied().unwrap_or(1.0);
        let apart = |(here, there): (&f64, &f64)| (here - there).abs() / first;
        self.losses.iter().zip(&other.losses).take(COMPARED).map(apart).fold(0.0, f64::max)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // Only a process that has gone by itself cannot be ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
