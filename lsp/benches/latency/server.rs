//! The server as an editor starts it: a process that speaks over its standard input and output.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const URI: &str = "untitled:bench.ndsl";

/// A server that runs, and what goes to it and comes from it.
pub(crate) struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    version: i32,
}

impl Server {
    /// Starts one and introduces an editor.
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ndsl-lsp"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let (input, output) = (process.stdin.take().expect("piped"), process.stdout.take().expect("piped"));
        let mut server = Self { process, input, output: BufReader::new(output), version: 0 };
        server.send(&json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
        while server.receive().get("id").is_none() {}
        server.send(&json!({ "method": "initialized", "params": {} }));
        server
    }

    /// Opens a text and waits for what is wrong with it: how many faults there are.
    pub(crate) fn open(&mut self, text: &str) -> usize {
        let document = json!({ "uri": URI, "languageId": "ndsl", "version": 0, "text": text });
        self.send(&json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }));
        self.diagnostics()
    }

    /// Types something at the start of a line and waits for what is wrong then.
    pub(crate) fn type_at(&mut self, line: usize, typed: &str, replaced: usize) -> usize {
        self.version += 1;
        let position = |character: usize| json!({ "line": line, "character": character });
        let change = json!({ "range": { "start": position(0), "end": position(replaced) }, "text": typed });
        let document = json!({ "uri": URI, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.send(&json!({ "method": "textDocument/didChange", "params": params }));
        self.diagnostics()
    }

    /// The memory that it holds, in megabytes, where the system tells.
    pub(crate) fn resident(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1e3)
    }

    fn diagnostics(&mut self) -> usize {
        loop {
            let message = self.receive();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"] == self.version {
                return message["params"]["diagnostics"].as_array().map_or(0, Vec::len);
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server listens");
        self.input.flush().expect("the server listens");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).expect("the server speaks") > 0, "the server has stopped");
            match line.trim() {
                "" => break,
                header => {
                    if let Some(value) = header.strip_prefix("Content-Length: ") {
                        length = value.parse().expect("a length is a number");
                    }
                }
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("the server speaks");
        serde_json::from_slice(&body).expect("the server speaks JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already is no fault.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
