//! From a program to a file, as a job and at once.

use serde_json::{Value, json};

use crate::client::send;
use crate::running::Running;

fn program(text: &str) -> Value {
    json!({ "dsl_code": text, "backend": "onnx" })
}

#[test]
fn a_job_goes_from_the_program_to_the_downloaded_file() {
    let server = Running::start();
    let accepted = server.post("/compile", &program("ok first"));
    let body = accepted.json();
    assert_eq!((accepted.status, &body["status"]), (202, &json!("queued")));
    let id = body["job_id"].as_str().unwrap();
    assert_eq!(accepted.header("location"), format!("/jobs/{id}"));

    let job = server.ended(id);
    assert_eq!((&job["status"], &job["progress"], &job["attempts"]), (&json!("completed"), &json!(100), &json!(1)));
    assert_eq!((&job["id"], &job["kind"], &job["error"]), (&json!(id), &json!("compile"), &Value::Null));
    for time in ["created_at", "started_at", "completed_at"] {
        assert!(job[time].as_str().unwrap().ends_with('Z'), "{job}");
    }
    let result = &job["result"];
    assert_eq!((&result["name"], &result["size"]), (&json!("Fake"), &json!(8)));
    assert_eq!(result["diagnostics"][0]["code"], "W0604");

    let model_id = result["model_id"].as_str().unwrap();
    let model = server.get(&format!("/models/{model_id}")).json();
    assert_eq!((&model["sha256"], &model["backend"]), (&result["sha256"], &json!("onnx")));
    assert_eq!(model["signature"], json!({ "inputs": [] }));

    let path = result["download_url"].as_str().unwrap();
    let file = server.get(path);
    assert_eq!((file.status, file.body.as_slice()), (200, b"ok first".as_slice()));
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(file.header("content-length"), "8");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"Fake.onnx\""));
    let etag = file.header("etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", result["sha256"].as_str().unwrap()));
    assert_eq!(send(server.address, "GET", path, &[("if-none-match", &etag)], b"").status, 304);
    let part = send(server.address, "GET", path, &[("range", "bytes=3-4")], b"");
    assert_eq!((part.status, part.body.as_slice()), (206, b"fi".as_slice()));
    send(server.address, "GET", path, &[("range", "bytes=90-")], b"").problem(416, "range_not_satisfiable");
    let head = send(server.address, "HEAD", path, &[], b"");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "8", 0));

    assert_eq!(server.delete(&format!("/models/{model_id}")).status, 204);
    server.delete(&format!("/models/{model_id}")).problem(404, "not_found");
    server.get(path).problem(404, "not_found");
    server.get(&format!("/models/{model_id}")).problem(404, "not_found");
}

#[test]
fn a_program_compiled_at_once_is_kept_like_any_other() {
    let server = Running::start();
    let mut body = program("ok now");
    body["auto_flatten_output"] = json!(true);
    let answer = server.post("/compile/sync", &body);
    let compiled = answer.json();
    assert_eq!((answer.status, &compiled["job_id"]), (200, &json!("sync")));
    assert_eq!((&compiled["status"], &compiled["errors"]), (&json!("completed"), &json!([])));
    assert_eq!(compiled["result"]["metadata"]["flattened"], true);
    let id = compiled["model_id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/models/{id}/download")).body, b"ok now");
    let models = server.get("/models?backend=onnx").json();
    assert_eq!((&models["total"], &models["models"][0]["model_id"]), (&json!(1), &json!(id)));
    assert_eq!(server.get("/models?skip=1").json()["models"], json!([]));
    assert_eq!(server.get("/jobs").json()["total"], 0);
    assert_eq!(server.get("/health").json()["models_loaded"], 1);
}

#[test]
fn a_text_that_is_no_program_is_refused_with_its_diagnostics() {
    let server = Running::start();
    for path in ["/compile", "/compile/sync"] {
        let problem = server.post(path, &program("ill_formed")).problem(422, "invalid_program");
        assert_eq!(problem["diagnostics"][0]["code"], "E0101");
        assert_eq!(problem["detail"], "the program has a fault: what E0101 is about");
    }
    assert_eq!(server.get("/jobs").json()["total"], 0, "it was never queued");
}

#[test]
fn a_wrong_program_is_refused_as_a_job_and_fails_at_once() {
    let server = Running::start();
    let problem = server.post("/compile", &program("wrong")).problem(422, "invalid_program");
    assert_eq!(problem["diagnostics"].as_array().unwrap().len(), 2);
    assert_eq!(server.get("/jobs").json()["total"], 0, "it was never queued");
    let answer = server.post("/compile/sync", &program("wrong"));
    let failed = answer.json();
    assert_eq!((answer.status, &failed["status"]), (200, &json!("failed")));
    assert_eq!(failed["errors"], json!(["what E0301 is about"]));
    assert_eq!(failed["diagnostics"][1]["code"], "W0604");
    assert_eq!(failed.get("model_id"), None);
}

#[test]
fn what_a_body_says_is_never_ignored() {
    let server = Running::start();
    let refuse = |body: Value, status, code: &str| {
        let problem = server.post("/compile", &body).problem(status, code);
        assert_eq!(server.post("/compile/sync", &body).problem(status, code)["detail"], problem["detail"]);
        problem["detail"].as_str().unwrap().to_owned()
    };
    let with = |name: &str, value: Value| {
        let mut body = program("ok");
        body[name] = value;
        body
    };
    assert_eq!(
        refuse(with("auto_flaten_output", json!(true)), 422, "unknown_field"),
        "there is no field `auto_flaten_output`; did you mean `auto_flatten_output`?"
    );
    assert!(refuse(json!({ "dsl_code": "ok" }), 422, "invalid_field").starts_with("missing field `backend`"));
    assert_eq!(
        refuse(with("backend", json!("PyTorch")), 422, "unsupported_backend"),
        "the backend `libtorch` is not in this version; it supports `onnx`"
    );
    assert_eq!(
        refuse(with("backend", json!("onx")), 422, "unsupported_backend"),
        "there is no backend `onx`; did you mean `onnx`?"
    );
    assert!(refuse(with("dataset", json!("MNIST")), 400, "unknown_dataset").contains("`MNIST`"));
    assert!(refuse(with("enable_hpo", json!(true)), 422, "unsupported_field").contains("enable_hpo"));
    assert!(refuse(with("webhook_url", json!("http://x")), 422, "unsupported_field").contains("webhook_url"));
    assert!(refuse(with("dsl_code", json!(1)), 422, "invalid_field").contains("line 1 column"));
    for (name, value) in [("enable_hpo", json!(false)), ("webhook_url", Value::Null), ("backend", json!("ONNX"))] {
        assert_eq!(server.post("/compile/sync", &with(name, value)).json()["status"], "completed", "{name}");
    }
}

#[test]
fn a_program_that_takes_too_long_neither_blocks_the_server_nor_piles_up() {
    let server = Running::start_with(|config| {
        config.compilations = 1;
        config.compile_timeout = std::time::Duration::from_millis(300);
    });
    server.post("/compile/sync", &program("slow 1500")).problem(504, "timeout");
    let busy = server.post("/compile/sync", &program("ok"));
    busy.problem(503, "busy");
    assert_eq!(busy.header("retry-after"), "5");
    assert_eq!(server.get("/health").status, 200);
    std::thread::sleep(std::time::Duration::from_millis(1300));
    assert_eq!(server.post("/compile/sync", &program("ok")).json()["status"], "completed");
}

#[test]
fn a_model_that_could_exhaust_the_server_is_left_to_a_job() {
    let server = Running::start_with(|config| config.most_parameters = 1000);
    let problem = server.post("/compile/sync", &program("large 1001")).problem(422, "model_too_large");
    assert!(problem["detail"].as_str().unwrap().contains("POST /compile"), "{problem}");
    assert_eq!(server.post("/compile/sync", &program("large 1000")).status, 200);
    assert_eq!(server.ended(&server.submit("large 1001"))["status"], "completed");
}

#[test]
fn a_panic_is_answered_and_the_server_goes_on() {
    let server = Running::start();
    let problem = server.post("/compile/sync", &program("panic")).problem(500, "internal");
    assert!(!problem["detail"].as_str().unwrap().contains("as the program says"), "its words are for the log");
    assert_eq!(server.post("/compile/sync", &program("ok")).json()["status"], "completed");
    let job = server.ended(&server.submit("panic"));
    assert_eq!((&job["status"], &job["error"]["error_code"]), (&json!("failed"), &json!("internal")));
    assert_eq!(job["attempts"], 1, "it would panic again");
}
