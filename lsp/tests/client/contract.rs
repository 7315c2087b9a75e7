//! What a server may say to an editor: nothing that the editor has not said it can take, one answer to every request, and
//! nothing after the shutdown.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// What was said so far, as far as it says what may be said next.
#[derive(Debug, Default)]
pub struct Contract {
    capabilities: Value,
    /// The methods of the requests without an answer, by id.
    unanswered: HashMap<String, String>,
    /// The tokens that the editor gave for progress.
    tokens: HashSet<String>,
    /// The requests of the server's.
    asked: HashSet<String>,
    shut_down: bool,
}

impl Contract {
    /// The editor says something.
    pub fn said(&mut self, message: &Value) {
        let method = message["method"].as_str().unwrap_or_default();
        if method == "initialize" {
            self.capabilities = message["params"]["capabilities"].clone();
        }
        for token in ["workDoneToken", "partialResultToken"] {
            if let Some(token) = message["params"].get(token) {
                self.tokens.insert(token.to_string());
            }
        }
        if let (Some(id), true) = (message.get("id"), message.get("method").is_some()) {
            let before = self.unanswered.insert(id.to_string(), method.to_owned());
            assert!(before.is_none(), "the test asks twice with one id: {message}");
        }
    }

    /// The server says something.
    pub fn heard(&mut self, message: &Value) {
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        match (message["method"].as_str(), message.get("id")) {
            (Some(method), Some(id)) => {
                assert!(!self.shut_down, "asked after the shutdown: {message}");
                assert!(self.asked.insert(id.to_string()), "asked twice with one id: {message}");
                self.question(method, &message["params"]);
            }
            (Some(method), None) => {
                assert!(!self.shut_down, "told after the shutdown: {message}");
                self.notification(method, &message["params"]);
            }
            (None, Some(id)) => self.answer(id, message),
            (None, None) => panic!("no message: {message}"),
        }
    }

    /// That nothing was left without an answer.
    pub fn is_settled(&self) {
        assert!(self.unanswered.is_empty(), "without an answer: {:?}", self.unanswered);
    }

    fn can(&self, path: &[&str]) -> bool {
        path.iter().fold(&self.capabilities, |value, key| &value[key]) == &Value::Bool(true)
    }

    fn question(&self, method: &str, params: &Value) {
        let can = match method {
            "workspace/configuration" => self.can(&["workspace", "configuration"]),
            "workspace/diagnostic/refresh" => self.can(&["workspace", "diagnostics", "refreshSupport"]),
            "workspace/inlayHint/refresh" => self.can(&["workspace", "inlayHint", "refreshSupport"]),
            "workspace/codeLens/refresh" => self.can(&["workspace", "codeLens", "refreshSupport"]),
            "client/registerCapability" => {
                let all = params["registrations"].as_array().unwrap().iter();
                all.map(|it| it["method"].as_str().unwrap()).all(|method| match method {
                    "workspace/didChangeWatchedFiles" => {
                        self.can(&["workspace", "didChangeWatchedFiles", "dynamicRegistration"])
                    }
                    _ => false,
                })
            }
            _ => false,
        };
        assert!(can, "an editor of these capabilities cannot be asked {method}: {params}");
    }

    fn notification(&self, method: &str, params: &Value) {
        match method {
            "textDocument/publishDiagnostics" => {
                // An editor may say null for what it leaves out, as Neovim does.
                let pulls = !self.capabilities["textDocument"]["diagnostic"].is_null();
                assert!(!pulls, "an editor that asks for diagnostics is told of them: {params}");
                assert!(params["uri"].is_string() && params["diagnostics"].is_array(), "{params}");
            }
            "$/progress" => {
                assert!(self.tokens.contains(&params["token"].to_string()), "a token nobody gave: {params}");
            }
            _ => panic!("an editor is not told {method}: {params}"),
        }
    }

    fn answer(&mut self, id: &Value, message: &Value) {
        let kinds = [message.get("result"), message.get("error")];
        assert_eq!(kinds.iter().flatten().count(), 1, "neither a result nor an error alone: {message}");
        if let Some(error) = message.get("error") {
            assert!(error["code"].is_i64() && error["message"].is_string(), "{message}");
        }
        // What is no message has no id to answer to.
        if id.is_null() {
            assert!(message.get("error").is_some(), "{message}");
            return;
        }
        let method = self.unanswered.remove(&id.to_string());
        let method = method.unwrap_or_else(|| panic!("an answer to nothing, or a second one: {message}"));
        self.shut_down |= method == "shutdown" && message.get("result").is_some();
    }
}
