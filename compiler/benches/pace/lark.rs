//! Lark beside us: a Python process that parses a text whenever it is asked to and answers what that took.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The variable that names a Python with the package `lark`.
pub(crate) const PYTHON: &str = "NDSL_BENCH_PYTHON";

/// The process, with its rules read and its tables built.
pub(crate) struct Lark {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// What it says it is: `lark 1.3.1, Python 3.11.7`.
    pub(crate) version: String,
}

impl Lark {
    /// Starts the process for `text`; nothing where there is no Python with Lark.
    pub(crate) fn start(text: &Path) -> Option<Self> {
        let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/pace/lark/serve.py");
        let mut command = Command::new(python);
        command.arg(program).arg(text).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let (input, output) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        let mut lark = Self { process, input, output, version: String::new() };
        lark.version = lark.line()?;
        Some(lark)
    }

    /// Parses the text once; answers the processor time of it.
    pub(crate) fn parse(&mut self) -> Duration {
        writeln!(self.input, "parse").expect("Lark listens");
        let seconds = self.line().and_then(|line| line.parse().ok()).expect("Lark parses the text");
        Duration::from_secs_f64(seconds)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.output.read_line(&mut line).ok()?;
        (!line.is_empty()).then(|| line.trim_end().to_owned())
    }
}

impl Drop for Lark {
    fn drop(&mut self) {
        // Only a process that has gone by itself cannot be ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
