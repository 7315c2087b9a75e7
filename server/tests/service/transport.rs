//! HTTP itself: paths, methods, bodies, connections.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{connect, raw, read, send};
use crate::running::Running;

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn paths_answer_with_and_without_a_trailing_slash() {
    let server = Running::start();
    for path in ["/health", "/health/live", "/health/ready", "/api/v1/health", "/jobs", "/models", "/openapi.json"] {
        let answers = [server.get(path), server.get(&format!("{path}/")), server.get(&format!("{path}/?"))];
        assert_eq!(answers.map(|answer| answer.status), [200; 3], "{path}");
    }
    assert_eq!(server.get("/").json()["name"], "ndsl");
    let body = json!({ "dsl_code": "ok", "backend": "onnx" });
    assert_eq!(server.post("/compile/", &body).status, 202);
    assert_eq!(server.post("/compile/sync/", &body).status, 200);
    let id = server.submit("ok");
    assert_eq!(server.get(&format!("/jobs/{id}/")).status, 200);
}

#[test]
fn health_says_how_each_part_is() {
    let server = Running::start();
    let health = server.get("/health").json();
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["services"], json!({ "api": "healthy", "worker": "healthy" }));
    assert_eq!(health["database"], json!({ "status": "healthy", "name": "sqlite" }));
    assert!(health["uptime"].as_f64().unwrap() >= 0.0 && health["timestamp"].as_str().unwrap().ends_with('Z'));
    let ready = server.get("/health/ready").json();
    assert_eq!(ready, json!({ "status": "ok", "checks": { "database": "ok", "worker": "ok" } }));
}

#[test]
fn a_server_whose_workers_cannot_live_says_that_it_is_degraded() {
    let server = Running::start_with(|config| {
        config.worker_command =
            Some(ndsl_server::WorkerCommand { program: "/bin/false".into(), arguments: Vec::new() });
    });
    let patience = Instant::now() + Duration::from_secs(20);
    while server.get("/health").status != 503 {
        assert!(Instant::now() < patience);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.get("/health/live").status, 200);
    let job = server.get(&format!("/jobs/{}", server.submit("ok"))).json();
    assert_eq!(job["status"], "queued", "what was accepted waits for better times");
}

#[test]
fn nothing_is_there_and_nothing_takes_that_method() {
    let server = Running::start();
    server.get("/nowhere").problem(404, "not_found");
    server.get("/jobs/no-such-job").problem(404, "not_found");
    server.get("/models/%00%ff").problem(400, "bad_request");
    server.get("/models/..%2f..%2fserver.lock/download").problem(404, "not_found");
    let answer = server.delete("/compile");
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    let answer = server.post("/jobs/x", &json!({}));
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD,DELETE");
    server.get("/jobs?limit=0").problem(422, "invalid_query");
    server.get("/jobs?limit=x").problem(422, "invalid_query");
    let problem = server.get("/jobs?state=running").problem(422, "unknown_field");
    assert!(problem["detail"].as_str().unwrap().contains("`status`"), "{problem}");
    let problem = server.get("/jobs?status=done").problem(422, "invalid_query");
    assert!(problem["detail"].as_str().unwrap().contains("`completed`"), "{problem}");
}

#[test]
fn a_body_that_cannot_be_read_is_refused_at_its_fault() {
    let server = Running::start();
    let post = |headers: &[(&str, &str)], body: &[u8]| send(server.address, "POST", "/compile", headers, body);
    let problem = post(&[JSON], b"{\"dsl_code\":\n oops}").problem(400, "malformed_json");
    assert!(problem["detail"].as_str().unwrap().contains("line 2 column 2"), "{problem}");
    post(&[JSON], b"").problem(400, "malformed_json");
    post(&[JSON], b"\xff\xfe{}").problem(400, "malformed_json");
    post(&[JSON], b"{\"dsl_code\": \"\xff\", \"backend\": \"onnx\"}").problem(400, "malformed_json");
    post(&[JSON], "[".repeat(50_000).as_bytes()).problem(400, "malformed_json");
    post(&[JSON], b"[]").problem(422, "invalid_field");
    post(&[], b"{}").problem(415, "unsupported_media_type");
    post(&[("content-type", "text/plain")], b"{}").problem(415, "unsupported_media_type");
    let fine = json!({ "dsl_code": "ok", "backend": "onnx" }).to_string();
    assert_eq!(post(&[("content-type", "Application/JSON; charset=utf-8")], fine.as_bytes()).status, 202);
}

#[test]
fn a_body_over_the_limit_is_refused_however_it_comes() {
    let server = Running::start_with(|config| config.body_limit = 10_000);
    let large = json!({ "dsl_code": "x".repeat(10_000), "backend": "onnx" }).to_string();
    send(server.address, "POST", "/compile", &[JSON], large.as_bytes()).problem(413, "body_too_large");

    let chunked = format!(
        "POST /compile HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    raw(server.address, chunked.as_bytes()).problem(413, "body_too_large");

    let asked = "POST /compile HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: 99999999999\r\nexpect: 100-continue\r\n\r\n";
    raw(server.address, asked.as_bytes()).problem(413, "body_too_large");
    let fits = json!({ "dsl_code": format!("ok {}", "x".repeat(9_900)), "backend": "onnx" }).to_string();
    assert_eq!(send(server.address, "POST", "/compile", &[JSON], fits.as_bytes()).status, 202);
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Running::start_with(|config| config.body_timeout = Duration::from_millis(200));
    let mut stream = connect(server.address);
    let head = "POST /compile HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n\
                content-length: 100\r\n\r\n{\"dsl";
    stream.write_all(head.as_bytes()).unwrap();
    read(&mut stream).problem(408, "body_timeout");
}

#[test]
fn connections_that_dribble_their_headers_are_dropped() {
    let server = Running::start_with(|config| {
        config.header_timeout = Duration::from_millis(300);
        config.connections = 20;
    });
    let mut slow: Vec<_> = (0..20).map(|_| connect(server.address)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: loc").unwrap();
    }
    // Every place is taken, so this waits until the slow ones are gone.
    let asked = Instant::now();
    assert_eq!(server.get("/health/live").status, 200);
    assert!(asked.elapsed() < Duration::from_secs(10));
    for mut stream in slow {
        let _ = stream.write_all(b"a");
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&rest));
    }
}

#[test]
fn requests_keep_the_identifier_they_come_with() {
    let server = Running::start();
    let answer = send(server.address, "GET", "/nowhere", &[("x-request-id", "mine-1")], b"");
    assert_eq!(answer.problem(404, "not_found")["request_id"], "mine-1");
    let answer = send(server.address, "GET", "/", &[("x-request-id", "not \" fine")], b"");
    assert!(answer.header("x-request-id").len() == 36, "{answer:?}");
    assert_ne!(server.get("/").header("x-request-id"), server.get("/").header("x-request-id"));
}

#[test]
fn requests_meant_for_another_host_are_refused() {
    let server = Running::start_with(|config| config.hosts.push("models.example".to_owned()));
    let get = |host: &str| {
        raw(server.address, format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
    };
    get("evil.example").problem(421, "wrong_host");
    get("evil.example:80").problem(421, "wrong_host");
    get("a b").problem(421, "wrong_host");
    for host in ["localhost", "127.0.0.1:1", "[::1]:80", "models.example"] {
        assert_eq!(get(host).status, 200, "{host}");
    }
}
