//! Sessions of real editors, recorded as `editors/record` says, and played again to the server in this process.

mod client;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use client::Client;
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded");

/// What the protocol answers where a request was taken back, and where its text changed meanwhile: a matter of time.
const CANCELLED: i64 = -32_800;
const CONTENT_MODIFIED: i64 = -32_801;

/// One line of a recording.
enum Line {
    Client(Value),
    Server(Value),
}

/// What editor and server said to each other.
struct Recording {
    editor: String,
    lines: Vec<Line>,
}

impl Recording {
    /// Reads a recording; what it says of the project and the home folder is said of these.
    fn read(path: &Path, project: &Path, home: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let text =
            text.replace("${PROJECT}", &project.display().to_string()).replace("${HOME}", &home.display().to_string());
        let mut values = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let editor = values.next().unwrap()["editor"].as_str().expect("the first line names the editor").to_owned();
        let line = |mut value: Value| match (value["client"].take(), value["server"].take()) {
            (client, Value::Null) => Line::Client(client),
            (_, server) => Line::Server(server),
        };
        Self { editor, lines: values.map(line).collect() }
    }

    fn of_client(&self) -> impl Iterator<Item = &Value> {
        self.lines.iter().filter_map(|line| match line {
            Line::Client(message) => Some(message),
            Line::Server(_) => None,
        })
    }

    /// What the editor answered to the server's requests of each method, in their order.
    fn answers(&self) -> HashMap<String, VecDeque<Value>> {
        let mut asked: HashMap<String, String> = HashMap::new();
        let mut answers: HashMap<String, VecDeque<Value>> = HashMap::new();
        for line in &self.lines {
            match line {
                Line::Server(message) if is_request(message) => {
                    asked.insert(message["id"].to_string(), method(message).to_owned());
                }
                Line::Client(message) if message.get("method").is_none() => {
                    let method = &asked[&message["id"].to_string()];
                    answers.entry(method.clone()).or_default().push_back(message.clone());
                }
                _ => {}
            }
        }
        answers
    }
}

fn method(message: &Value) -> &str {
    message["method"].as_str().unwrap_or_default()
}

fn is_request(message: &Value) -> bool {
    message.get("method").is_some() && message.get("id").is_some()
}

/// An editor that says again what one has said.
struct Replay {
    client: Client,
    answers: HashMap<String, VecDeque<Value>>,
    /// The requests that are not answered, each with its method.
    open: HashMap<String, String>,
    /// Those whose text changed, or that were taken back, before they were answered.
    disturbed: HashSet<String>,
    /// The errors that the recording has.
    expected: HashMap<String, i64>,
    unexpected: Vec<String>,
}

impl Replay {
    fn new(recording: &Recording) -> Self {
        let errors = recording.lines.iter().filter_map(|line| match line {
            Line::Server(message) => Some((message["id"].to_string(), message["error"]["code"].as_i64()?)),
            Line::Client(_) => None,
        });
        Self {
            client: Client::connect().0,
            answers: recording.answers(),
            open: HashMap::new(),
            disturbed: HashSet::new(),
            expected: errors.collect(),
            unexpected: Vec::new(),
        }
    }

    fn play(mut self, recording: &Recording) -> Vec<String> {
        for line in &recording.lines {
            match line {
                // The server's requests are answered when it asks, which may be at another moment than it was then.
                Line::Client(message) if message.get("method").is_none() => {}
                Line::Client(message) => self.say(message),
                Line::Server(message) if message.get("method").is_some() => {}
                Line::Server(message) => {
                    let id = message["id"].to_string();
                    // This one waits until something changes: it may have, before it was asked.
                    if self.open.get(&id).is_some_and(|method| method != "workspace/diagnostic") {
                        self.hear_until(|replay| !replay.open.contains_key(&id));
                    }
                }
            }
        }
        self.unexpected
    }

    fn say(&mut self, message: &Value) {
        match method(message) {
            "textDocument/didChange"
            | "textDocument/didOpen"
            | "textDocument/didClose"
            | "textDocument/didSave"
            | "workspace/didChangeConfiguration"
            | "workspace/didChangeWatchedFiles" => {
                self.disturbed.extend(self.open.keys().cloned());
            }
            "$/cancelRequest" => {
                self.disturbed.insert(message["params"]["id"].to_string());
            }
            "shutdown" => {
                for id in self.open.keys().cloned().collect::<Vec<_>>() {
                    let id: Value = serde_json::from_str(&id).unwrap();
                    self.disturbed.insert(id.to_string());
                    self.client.notify("$/cancelRequest", json!({ "id": id }));
                }
                self.hear_until(|replay| replay.open.is_empty());
            }
            _ => {}
        }
        if is_request(message) {
            self.open.insert(message["id"].to_string(), method(message).to_owned());
        }
        self.client.send(message);
        if method(message) == "shutdown" {
            self.hear_until(|replay| replay.open.is_empty());
        }
    }

    fn hear_until(&mut self, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            let message = self.client.next();
            if is_request(&message) {
                let method = method(&message);
                let recorded = self.answers.get_mut(method).and_then(VecDeque::pop_front);
                let mut answer = recorded.unwrap_or_else(|| json!({ "jsonrpc": "2.0", "result": null }));
                answer["id"] = message["id"].clone();
                self.client.send(&answer);
            } else if message.get("method").is_none() {
                self.answered(&message);
            }
        }
    }

    fn answered(&mut self, message: &Value) {
        let id = message["id"].to_string();
        let Some(method) = self.open.remove(&id) else {
            self.unexpected.push(format!("an answer to nothing: {message}"));
            return;
        };
        let Some(code) = message["error"]["code"].as_i64() else { return };
        let in_time = matches!(code, CANCELLED | CONTENT_MODIFIED) && self.disturbed.contains(&id);
        if !in_time && self.expected.get(&id) != Some(&code) {
            self.unexpected.push(format!("{method} ({id}): {}", message["error"]));
        }
    }
}

/// What the server logs, of all sessions of this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn what_editors_send_is_answered_as_it_was() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().with_ansi(false).with_env_filter("warn").with_writer(move || writer.clone()).init();
    let mut recordings: Vec<_> = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    recordings.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    assert!(!recordings.is_empty());
    for path in recordings {
        let folder = tempfile::tempdir().unwrap();
        let (project, home) = (folder.path().join("garden"), folder.path().join("home"));
        copy(&Path::new(FOLDER).join("project"), &project);
        let recording = Recording::read(&path, &project, &home);
        let unexpected = Replay::new(&recording).play(&recording);
        assert_eq!(unexpected, Vec::<String>::new(), "{}", recording.editor);
        let logged = String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();
        assert_eq!(logged, "", "what the server logged of {}", recording.editor);
    }
}

/// A recording of another project, or of a session in which little was done, would show little.
#[test]
fn recordings_are_of_this_project_and_of_what_an_editor_does() {
    let project = Path::new(FOLDER).join("project");
    let main = fs::read_to_string(project.join("main.ndsl")).unwrap();
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "jsonl") {
            continue;
        }
        let recording = Recording::read(&path, Path::new("/project"), Path::new("/home"));
        let said: Vec<&Value> = recording.of_client().collect();
        let opened = said.iter().find(|message| {
            method(message) == "textDocument/didOpen"
                && message["params"]["textDocument"]["uri"] == "file:///project/main.ndsl"
        });
        let opened = opened.unwrap_or_else(|| panic!("{} opens main.ndsl", recording.editor));
        assert_eq!(opened["params"]["textDocument"]["text"], main, "{}: recorded anew?", recording.editor);
        let methods: HashSet<&str> = said.iter().map(|message| method(message)).collect();
        for wanted in [
            "initialize",
            "textDocument/didChange",
            "textDocument/hover",
            "textDocument/completion",
            "textDocument/definition",
            "textDocument/rename",
            "textDocument/formatting",
            "textDocument/codeAction",
            "shutdown",
            "exit",
        ] {
            assert!(methods.contains(wanted), "{} has no {wanted}", recording.editor);
        }
    }
}
