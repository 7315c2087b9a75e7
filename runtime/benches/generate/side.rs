//! One of those that are compared: a process that makes rows when it is asked to.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::clock;

/// The words that make this program one of them.
pub(crate) const OURS: &str = "--ours";
pub(crate) const FAKE: &str = "--fake";

/// The variable that names a Python with the others.
pub(crate) const PYTHON: &str = "NDSL_BENCH_PYTHON";

/// What a process answers to work, a number of rows and a folder.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Rows that were made.
    pub(crate) rows: u64,
    /// The processor time of all its threads, in seconds.
    pub(crate) processor: f64,
    /// The time of the clock.
    pub(crate) clock: f64,
}

/// A process, ready to make rows.
pub(crate) struct Side {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

fn python() -> String {
    std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned())
}

fn script() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/benches/generate/peers.py")
}

/// Whether there is a Python with the others.
pub(crate) fn has_python() -> bool {
    let asked = Command::new(python()).args([script(), "--has"]).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Answers what is asked on the standard input until it ends; `make` answers how many rows it made.
pub(crate) fn serve(make: fn(&str, u64, &Path) -> u64) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split('\t').collect();
        let [work, rows, folder] = words[..] else { continue };
        let (before, began) = (clock::now(), Instant::now());
        let rows = make(work, rows.parse().expect("a number of rows"), Path::new(folder));
        let processor = clock::now().saturating_sub(before).as_secs_f64();
        let answer = Answer { rows, processor, clock: began.elapsed().as_secs_f64() };
        println!("{}", serde_json::to_string(&answer).expect("numbers are JSON"));
    }
}

impl Side {
    /// This program, as ours.
    pub(crate) fn ours() -> Self {
        Self::this(OURS)
    }

    /// This program, as `fake` and `csv`.
    pub(crate) fn fake() -> Self {
        Self::this(FAKE)
    }

    fn this(word: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        command.arg(word);
        Self::start(command)
    }

    /// One of those in Python.
    pub(crate) fn python(name: &str) -> Self {
        let mut command = Command::new(python());
        command.args([script(), name]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the process starts");
        let input = process.stdin.take().expect("a pipe was asked for");
        let output = BufReader::new(process.stdout.take().expect("a pipe was asked for"));
        Self { process, input, output }
    }

    /// Has it make rows.
    pub(crate) fn make(&mut self, work: &str, rows: u64, folder: &Path) -> Answer {
        writeln!(self.input, "{work}\t{rows}\t{}", folder.display()).expect("the process listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the process answers");
        assert!(!line.is_empty(), "the process ended; what it said stands above");
        serde_json::from_str(&line).expect("an answer in JSON")
    }

    /// The most memory it has had at a time, in bytes; 0 where the system does not tell.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() * 1024
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // Only a process that has gone by itself cannot be ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
