//! A folder of its own for each test, and the command run in it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A temporary folder.
pub struct Project(tempfile::TempDir);

impl Project {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

/// How a command ended and what it said.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The command, about to be run.
pub struct Ndsl(Command, Option<String>);

pub fn ndsl() -> Ndsl {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ndsl"));
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    Ndsl(command, None)
}

impl Ndsl {
    /// Gives it no more than so many kilobytes of addresses.
    pub fn limited_to(mut self, kilobytes: u64) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {kilobytes} && exec \"$0\" \"$@\"")]).arg(self.0.get_program());
        command.env_remove("RUST_LOG").stdin(Stdio::null());
        self.0 = command;
        self
    }

    pub fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.args(arguments);
        self
    }

    pub fn within(mut self, project: &Project) -> Self {
        self.0.current_dir(project.0.path());
        self
    }

    /// Keeps what is fetched in the project.
    pub fn with_cache(mut self, project: &Project) -> Self {
        self.0.env("XDG_CACHE_HOME", project.path("cache"));
        self
    }

    /// Gives it a text on stdin.
    pub fn reads(mut self, text: &str) -> Self {
        self.1 = Some(text.to_owned());
        self
    }

    fn ends(mut self) -> Ended {
        let output = match self.1 {
            None => self.0.output().unwrap(),
            Some(text) => {
                let piped = self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
                let mut child = piped.spawn().unwrap();
                child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
                child.wait_with_output().unwrap()
            }
        };
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn ends_with(self, code: i32) -> Ended {
        let ended = self.ends();
        assert_eq!(ended.code, Some(code), "stdout: {}\nstderr: {}", ended.stdout, ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    pub fn succeeds(self) -> Ended {
        self.ends_with(0)
    }

    /// However it ends, so long as that is no panic.
    pub fn ends_either(self) -> Ended {
        let ended = self.ends();
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    pub fn fails(self) -> Ended {
        let ended = self.ends();
        assert!(matches!(ended.code, Some(1 | 2)), "stdout: {}\nstderr: {}", ended.stdout, ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    pub fn starts(mut self) -> Running {
        let mut child = self.0.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stderr = child.stderr.take().unwrap();
        let written = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                written.lock().unwrap().push(line.unwrap());
            }
        });
        Running { child, lines, reader }
    }
}

/// A command that is running.
pub struct Running {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: JoinHandle<()>,
}

impl Running {
    /// Waits until a line on stderr contains `words`.
    pub fn wait_for_line(&mut self, words: &str) {
        for _ in 0..3000 {
            if self.lines.lock().unwrap().iter().any(|line| line.contains(words)) {
                return;
            }
            if self.child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("no line with {words:?} in {:?}", self.lines.lock().unwrap());
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it at once, as a machine that loses its power does; whether it was still running.
    #[cfg(unix)]
    pub fn killed(mut self) -> bool {
        let running = self.child.try_wait().unwrap().is_none();
        let _ = self.child.kill();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        running
    }

    /// Waits for its end.
    pub fn ends(mut self) -> Ended {
        let status = self.child.wait().unwrap();
        self.reader.join().unwrap();
        let stderr = self.lines.lock().unwrap().join("\n");
        Ended { code: status.code(), stdout: String::new(), stderr }
    }
}
