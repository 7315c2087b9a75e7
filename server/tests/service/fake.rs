//! Operations that do what the first word of the program says, so that a test decides how they go.

use std::path::Path;
use std::time::Duration;

use ndsl_server::operations::{Backend, CompileRequest, Compiled, Failure, Operations, Program};
use serde_json::{Value, json};

/// `ok`, `slow MILLISECONDS`, `wait FILE` (until it exists), `die`, `die_unless FILE`, `panic`, `ill_formed`, `wrong`,
/// `large PARAMETERS`.
pub(crate) struct Fake;

impl Operations for Fake {
    fn check(&self, request: &CompileRequest) -> Result<usize, Failure> {
        let mut words = text(request).split_whitespace();
        match words.next() {
            Some("ill_formed") => Err(Failure::Program(vec![diagnostic("E0101", "error")])),
            Some("wrong") => Err(Failure::Program(vec![diagnostic("E0301", "error"), diagnostic("W0604", "warning")])),
            Some("large") => Ok(words.next().unwrap_or("").parse().unwrap()),
            _ => Ok(0),
        }
    }

    fn compile(&self, request: &CompileRequest) -> Result<Compiled, Failure> {
        self.check(request)?;
        let mut words = text(request).split_whitespace();
        let (verb, object) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        match verb {
            "slow" => std::thread::sleep(Duration::from_millis(object.parse().unwrap())),
            "wait" => {
                while !Path::new(object).exists() {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            "die" => std::process::abort(),
            "die_unless" if !Path::new(object).exists() => std::process::abort(),
            "panic" => panic!("as the program says"),
            _ => {}
        }
        Ok(Compiled {
            model: "Fake".to_owned(),
            backend: Backend::Onnx,
            file_name: "Fake.onnx".to_owned(),
            bytes: text(request).as_bytes().to_vec(),
            signature: json!({ "inputs": [] }),
            metadata: json!({ "flattened": request.auto_flatten_output }),
            diagnostics: vec![diagnostic("W0604", "warning")],
            rewritten_source: None,
        })
    }
}

fn text(request: &CompileRequest) -> &str {
    let Program::Text { text, .. } = &request.program else { panic!("the server compiles texts") };
    text
}

fn diagnostic(code: &str, severity: &str) -> Value {
    json!({ "code": code, "severity": severity, "message": format!("what {code} is about"), "span": { "line": 1, "column": 1 } })
}
