//! The operations that everybody gets, through the server.

use serde_json::{Value, json};

use crate::running::Running;

const MY_MODEL: &str = "Model MyModel {
  Input(shape=[28, 28, 1])
  Conv2D(filters=32, kernel_size=3, activation=relu)
  Dense(units=10, activation=softmax)
}
";

fn program(text: &str) -> Value {
    json!({ "dsl_code": text, "backend": "onnx" })
}

#[test]
fn a_job_and_a_waiting_client_get_the_same_file() {
    let server = Running::start_real();
    let job = server.ended(&server.submit(MY_MODEL));
    assert_eq!(job["status"], "completed", "{job}");
    let result = &job["result"];
    assert_eq!((&result["name"], &result["file_name"]), (&json!("MyModel"), &json!("MyModel.onnx")));
    assert_eq!(result["signature"]["outputs"][0]["shape"], json!(["N", 26, 26, 10]));
    assert_eq!(result["diagnostics"][0]["code"], "W0601");
    assert_eq!(result["metadata"]["parameters"], 32 * 9 + 32 + 32 * 10 + 10);

    let compiled = server.post("/compile/sync", &program(MY_MODEL)).json();
    assert_eq!((&compiled["status"], &compiled["errors"]), (&json!("completed"), &json!([])));
    assert_eq!(compiled["result"]["sha256"], result["sha256"]);
    let file = server.get(compiled["result"]["download_url"].as_str().unwrap()).body;
    assert_eq!(file.len() as u64, result["size"].as_u64().unwrap());
    let held = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(held("Conv") && held("MyModel"), "an ONNX file with its names");
}

#[test]
fn a_flatten_that_was_asked_for_is_announced_and_shown() {
    let server = Running::start_real();
    let mut body = program(MY_MODEL);
    body["auto_flatten_output"] = json!(true);
    let result = &server.post("/compile/sync", &body).json()["result"];
    assert_eq!(result["signature"]["outputs"][0]["shape"], json!(["N", 10]));
    assert!(result["rewritten_source"].as_str().unwrap().contains("Flatten()"), "{result}");
    assert_eq!(result["metadata"]["rewrites"].as_array().unwrap().len(), 1);
}

#[test]
fn an_ellipsis_is_no_program() {
    let server = Running::start_real();
    for text in ["Model MyModel {...}", "", "hello world", "\0", "{\"model\": 1}"] {
        for path in ["/compile", "/compile/sync"] {
            let answer = server.post(path, &program(text));
            assert_eq!(answer.status, 422, "{text:?} to {path}: {}", answer.json());
        }
    }
    let problem = server.post("/compile/sync", &program("Model MyModel {...}")).problem(422, "invalid_program");
    let diagnostic = &problem["diagnostics"][0];
    assert_eq!(diagnostic["span"]["start"], json!({ "line": 1, "column": 16 }), "{problem}");
    assert!(diagnostic["code"].as_str().unwrap().starts_with("E01"), "{problem}");
    assert_eq!(server.get("/jobs").json()["total"], 0);
}

#[test]
fn every_fault_of_a_program_comes_back_at_once() {
    let server = Running::start_real();
    let text = "model M {\n    input x: f32[4]\n    Desne(2)\n    Dense(unit=3)\n}\n";
    let failed = server.post("/compile/sync", &program(text));
    let body = failed.json();
    assert_eq!((failed.status, &body["status"]), (200, &json!("failed")));
    assert!(body["errors"].as_array().unwrap().len() >= 2, "{body}");
    assert_eq!(body["diagnostics"][0]["span"]["start"], json!({ "line": 3, "column": 5 }));
    let problem = server.post("/compile", &program(text)).problem(422, "invalid_program");
    assert_eq!(problem["diagnostics"], body["diagnostics"]);
}

#[test]
fn a_program_of_several_models_needs_the_name_of_one() {
    let server = Running::start_real();
    let two = "model A {\n    input x: f32[4]\n    Dense(2)\n}\nmodel B {\n    input x: f32[4]\n    Dense(3)\n}\n";
    let problem = server.post("/compile/sync", &program(two)).problem(422, "invalid_request");
    assert!(problem["detail"].as_str().unwrap().contains("`A` or `B`"), "{problem}");
    let mut body = program(two);
    body["model"] = json!("B");
    assert_eq!(server.post("/compile/sync", &body).json()["result"]["name"], "B");
}

#[test]
fn a_program_built_to_exhaust_is_refused() {
    let server = Running::start_real();
    let nested =
        format!("model M {{\n    input x: f32[4]\n    Dense({}2{})\n}}\n", "(".repeat(10_000), ")".repeat(10_000));
    server.post("/compile/sync", &program(&nested)).problem(422, "invalid_program");
    let large = "model M {\n    input x: f32[40000]\n    Dense(40000)\n}\n";
    let refused = server.post("/compile/sync", &program(large));
    assert_eq!(refused.status, 422, "{}", refused.json());
    let long = "a".repeat(10 << 20);
    let problem = server.post("/compile/sync", &program(&long)).problem(422, "invalid_program");
    assert_eq!(problem["diagnostics"][0]["code"], "E0109");
    assert_eq!(server.get("/health").status, 200);
}
