//! An editor for tests: it speaks JSON-RPC to a server, in a process of its own or in this one, and holds it to what an
//! editor may expect of any ([`contract`]).
#![allow(dead_code, reason = "each test file uses a part")]

mod contract;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use contract::Contract;
use ndsl_lsp::Statistics;
use serde_json::{Value, json};

/// How long anything may take; a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

pub const URI: &str = "file:///models/digits.ndsl";

pub struct Client {
    output: Box<dyn Write + Send>,
    input: Receiver<Value>,
    process: Option<Child>,
    notifications: VecDeque<Value>,
    contract: Contract,
    last_id: i64,
}

impl Client {
    /// An editor of a server process.
    pub fn spawn() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ndsl-lsp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (output, input) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut client = Self::on(output, input);
        client.process = Some(process);
        client
    }

    /// An editor of a server in this process, and what the server counts.
    pub fn connect() -> (Self, Arc<Statistics>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nodelay(true).unwrap();
        let (served, _) = listener.accept().unwrap();
        let statistics = Arc::new(Statistics::default());
        let counted = statistics.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                served.set_nonblocking(true).unwrap();
                let (input, output) = tokio::net::TcpStream::from_std(served).unwrap().into_split();
                ndsl_lsp::serve(input, output, counted, None).await.unwrap();
            });
        });
        (Self::on(stream.try_clone().unwrap(), stream), statistics)
    }

    fn on(output: impl Write + Send + 'static, input: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut input = BufReader::new(input);
            while let Some(message) = read(&mut input) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            output: Box::new(output),
            input: receiver,
            process: None,
            notifications: VecDeque::new(),
            contract: Contract::default(),
            last_id: 0,
        }
    }

    /// Says hello; answers what the server offers.
    pub fn initialize(&mut self, capabilities: Value) -> Value {
        let answer =
            self.request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        self.notify("initialized", json!({}));
        answer["result"]["capabilities"].clone()
    }

    /// Says hello as an editor that counts so.
    pub fn initialize_with_encoding(&mut self, encoding: &str) {
        let offered = self.initialize(json!({ "general": { "positionEncodings": [encoding] } }));
        assert_eq!(offered["positionEncoding"], encoding);
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.answer(json!(id))
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub fn send(&mut self, message: &Value) {
        self.contract.said(message);
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.output.write_all(bytes).unwrap();
        self.output.flush().unwrap();
    }

    /// The answer to the request `id`; notifications that come before are kept.
    pub fn answer(&mut self, id: Value) -> Value {
        let message = self.any_answer();
        assert_eq!(message["id"], id, "{message}");
        message
    }

    /// The next answer, whatever it is to; notifications that come before are kept.
    pub fn any_answer(&mut self) -> Value {
        loop {
            let message = self.next();
            if message.get("method").is_none() {
                return message;
            }
            self.notifications.push_back(message);
        }
    }

    /// The next message, whatever it is.
    pub fn next(&mut self) -> Value {
        let message = self.input.recv_timeout(PATIENCE).expect("the server says something");
        self.contract.heard(&message);
        message
    }

    /// Hears everything to the end of the connection; every request must have had its answer.
    fn settle(&mut self) {
        while let Ok(message) = self.input.recv_timeout(PATIENCE) {
            self.contract.heard(&message);
        }
        self.contract.is_settled();
    }

    /// The next request of the server's of that method; others of its are passed over.
    pub fn question(&mut self, method: &str) -> Value {
        let is_it = |message: &Value| message["method"] == method && message.get("id").is_some();
        if let Some(at) = self.notifications.iter().position(is_it) {
            return self.notifications.remove(at).unwrap();
        }
        loop {
            let message = self.next();
            if is_it(&message) {
                return message;
            }
            self.notifications.push_back(message);
        }
    }

    /// The next diagnostics: of which document and version, and what.
    pub fn published(&mut self) -> (String, Value, Vec<Value>) {
        let message = self.notifications.pop_front().unwrap_or_else(|| self.next());
        assert_eq!(message["method"], "textDocument/publishDiagnostics", "{message}");
        let params = &message["params"];
        let diagnostics = params["diagnostics"].as_array().unwrap().clone();
        (params["uri"].as_str().unwrap().to_owned(), params["version"].clone(), diagnostics)
    }

    /// The diagnostics of that version of the document; those of earlier ones are passed over.
    pub fn diagnostics(&mut self, version: i32) -> Vec<Value> {
        loop {
            let (uri, seen, diagnostics) = self.published();
            assert_eq!(uri, URI);
            if seen == version {
                return diagnostics;
            }
        }
    }

    pub fn open(&mut self, text: &str) -> Vec<Value> {
        let document = json!({ "uri": URI, "languageId": "ndsl", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.diagnostics(1)
    }

    /// Replaces what stands on `line` from `start` to `end`.
    pub fn edit(&mut self, version: i32, line: u32, [start, end]: [u32; 2], text: &str) {
        let range = range(line, [start, end]);
        self.change(version, json!([{ "range": range, "text": text }]));
    }

    pub fn change(&mut self, version: i32, changes: Value) {
        let document = json!({ "uri": URI, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// What the server says of a place, if anything.
    pub fn hover(&mut self, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        let answer =
            self.request("textDocument/hover", json!({ "textDocument": { "uri": URI }, "position": position }));
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// Asks for a shutdown and leaves; the server must end although its input stays open.
    pub fn shut_down(mut self) -> ExitStatus {
        assert_eq!(self.request("shutdown", Value::Null)["result"], Value::Null);
        self.notify("exit", Value::Null);
        self.settle();
        self.ended()
    }

    /// The same of a server in this process.
    pub fn leave(mut self) {
        assert_eq!(self.request("shutdown", Value::Null)["result"], Value::Null);
        self.notify("exit", Value::Null);
        self.settle();
    }

    /// Waits for the process to end.
    pub fn ended(mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = process.try_wait().unwrap() {
                return status;
            }
            if begun.elapsed() > PATIENCE {
                process.kill().unwrap();
                panic!("the server does not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes the server's input and waits for the process to end.
    pub fn hang_up(mut self) -> ExitStatus {
        self.output = Box::new(std::io::sink());
        self.ended()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// One message; anything else on the stream is a fault of the server's.
fn read(input: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => length = Some(line.strip_prefix("Content-Length: ").expect("a header").parse().unwrap()),
        }
    }
    let mut body = vec![0; length.expect("a length")];
    input.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("JSON"))
}

/// Some characters of a line.
pub fn range(line: u32, [start, end]: [u32; 2]) -> Value {
    json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": end } })
}
