//! What becomes of jobs that are cancelled, that kill their workers, that never end.

use std::time::Duration;

use serde_json::json;

use crate::running::Running;

#[test]
fn a_job_can_be_cancelled_while_it_waits_and_while_it_runs() {
    let server = Running::start();
    let running = server.submit("wait /nowhere/at/all");
    let waiting = server.submit("ok");
    server.job_when(&running, |job| job["status"] == "running");

    assert_eq!(server.delete(&format!("/jobs/{waiting}")).status, 204);
    let job = server.get(&format!("/jobs/{waiting}")).json();
    assert_eq!((&job["status"], &job["attempts"]), (&json!("cancelled"), &json!(0)));
    server.delete(&format!("/jobs/{waiting}")).problem(409, "job_ended");

    assert_eq!(server.delete(&format!("/jobs/{running}")).status, 204);
    assert_eq!(server.ended(&running)["status"], "cancelled");
    server.delete(&format!("/jobs/{running}")).problem(409, "job_ended");

    // The worker was rid of the operation that would never end.
    let after = server.submit("ok");
    assert_eq!(server.ended(&after)["status"], "completed");
    let problem = server.delete(&format!("/jobs/{after}")).problem(409, "job_ended");
    assert_eq!(problem["detail"], "the job has ended: it is completed");
    server.delete("/jobs/nothing").problem(404, "not_found");
}

#[test]
fn a_job_that_kills_its_worker_is_given_up_and_the_next_one_runs() {
    let server = Running::start();
    let (deadly, harmless) = (server.submit("die"), server.submit("ok"));
    assert_eq!(server.ended(&harmless)["status"], "completed");
    let job = server.ended(&deadly);
    assert_eq!((&job["status"], &job["attempts"]), (&json!("failed"), &json!(3)));
    assert_eq!(job["error"]["error_code"], "worker_died");
}

#[test]
fn a_job_whose_worker_died_by_accident_is_done_by_the_next() {
    let server = Running::start();
    let cured = server.data.join("cured");
    let id = server.submit(&format!("die_unless {}", cured.display()));
    server.job_when(&id, |job| job["attempts"] == 1);
    std::fs::write(&cured, "").unwrap();
    let job = server.ended(&id);
    assert_eq!(job["status"], "completed");
    assert!(job["attempts"].as_u64().unwrap() > 1, "{job}");
}

#[test]
fn a_job_that_never_ends_is_ended() {
    let server = Running::start_with(|config| config.job_timeout = Duration::from_millis(300));
    let (endless, next) = (server.submit("wait /nowhere/at/all"), server.submit("ok"));
    let job = server.ended(&endless);
    assert_eq!((&job["status"], &job["attempts"]), (&json!("failed"), &json!(1)));
    assert_eq!(job["error"]["detail"], "the job took longer than 300ms");
    assert_eq!(server.ended(&next)["status"], "completed");
}

#[test]
fn jobs_are_listed_by_status_in_pages() {
    let server = Running::start_with(|config| config.workers = 2);
    let ids: Vec<String> = (0..5).map(|number| server.submit(&format!("ok {number}"))).collect();
    ids.iter().for_each(|id| drop(server.ended(id)));
    let page = server.get("/jobs?status=completed&kind=compile&limit=2&offset=1").json();
    assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(5), &json!(2), &json!(1)));
    let listed: Vec<&str> = page["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap()).collect();
    assert_eq!(listed, [&ids[3], &ids[2]]);
    assert_eq!(server.get("/jobs?status=failed").json()["total"], 0);
}

#[test]
fn a_queue_that_is_full_takes_no_more() {
    let server = Running::start_with(|config| {
        config.workers = 0;
        config.most_waiting = 1;
    });
    server.submit("ok");
    let refused = server.post("/compile", &json!({ "dsl_code": "ok", "backend": "onnx" }));
    refused.problem(429, "queue_full");
    assert_eq!(refused.header("retry-after"), "10");
}

#[test]
fn a_server_that_stops_puts_its_jobs_back_and_the_next_does_them() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let server = Running::start_in(folder.path(), |_| {});
    let id = server.submit(&format!("wait {}", gate.display()));
    server.job_when(&id, |job| job["status"] == "running");
    drop(server);
    let server = Running::start_in(folder.path(), |config| config.workers = 0);
    let job = server.get(&format!("/jobs/{id}")).json();
    assert_eq!((&job["status"], &job["attempts"]), (&json!("queued"), &json!(0)));
    drop(server);
    std::fs::write(gate, "").unwrap();
    let server = Running::start_in(folder.path(), |_| {});
    assert_eq!(server.ended(&id)["status"], "completed");
}
