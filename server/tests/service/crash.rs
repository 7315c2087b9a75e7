//! Processes killed with SIGKILL: nothing accepted is lost, nothing is done twice, nobody is left behind.
#![cfg(target_os = "linux")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::send;
use crate::running::{Running, has_ended, job_when, submit};

/// The processes whose parent is `parent`.
fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which is in brackets and can hold anything: the state, then the parent.
        let mut fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
        fields.next() != Some("Z") && fields.next().and_then(|field| field.parse().ok()) == Some(parent)
    })
    .collect()
}

fn kill(pid: u32) {
    // It may have ended by itself.
    let _ = Command::new("kill").arg("-9").arg(pid.to_string()).stderr(Stdio::null()).status();
}

fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !is() {
        assert!(Instant::now() < patience, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A server in a process of its own.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start(data: &Path) -> Self {
        let found = data.join("address");
        let _ = std::fs::remove_file(&found);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["roles::as_server", "--exact", "--ignored", "--nocapture"])
            .env("NDSL_TEST_DATA", data)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the server starts", || found.exists());
        Self { child, address: std::fs::read_to_string(found).unwrap().parse().unwrap() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_killed_in_the_middle_of_a_job_goes_on_with_it_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let mut server = Process::start(folder.path());
    let running = submit(server.address, &format!("wait {}", gate.display()));
    let waiting: Vec<String> = (0..20).map(|number| submit(server.address, &format!("ok {number}"))).collect();
    job_when(server.address, &running, |job| job["status"] == "running");
    let workers = children(server.child.id());
    assert_eq!(workers.len(), 1);

    server.child.kill().unwrap();
    server.child.wait().unwrap();
    wait_until("the worker ends with its server", || !Path::new(&format!("/proc/{}", workers[0])).exists());
    std::fs::write(&gate, "").unwrap();

    let server = Process::start(folder.path());
    let job = job_when(server.address, &running, has_ended);
    assert_eq!((job["status"].as_str(), job["attempts"].as_u64()), (Some("completed"), Some(2)), "{job}");
    for id in &waiting {
        assert_eq!(job_when(server.address, id, has_ended)["status"], "completed");
    }
    let models = send(server.address, "GET", "/models?limit=1", &[], b"").json();
    assert_eq!(models["total"], 21);
}

#[test]
fn a_thousand_jobs_survive_workers_that_are_killed_at_random() {
    let server = Running::start_with(|config| {
        config.workers = 3;
        config.max_attempts = 50;
    });
    let this = std::process::id();
    let address = server.address;
    let submission = std::thread::spawn(move || {
        (0..1000).map(|number| submit(address, &format!("slow 10 {number}"))).collect::<Vec<String>>()
    });
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut kills = 0u64;
    let patience = Instant::now() + Duration::from_secs(240);
    loop {
        let page = server.get("/jobs?status=completed&limit=1").json();
        if page["total"] == 1000 {
            break;
        }
        assert!(Instant::now() < patience, "after {kills} kills: {}", page["total"]);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_millis(50 + random % 300));
        // Tests share this process: only workers of this server's folder are this test's to kill.
        let ours: Vec<u32> = children(this).into_iter().filter(|pid| works_in(*pid, &server.data)).collect();
        if let Some(victim) = ours.get(random as usize % ours.len().max(1)) {
            kill(*victim);
            kills += 1;
        }
    }
    let ids = submission.join().unwrap();
    assert!(kills >= 5, "only {kills} kills: that proves nothing");
    let mut attempts = 0;
    for id in &ids {
        let job = server.get(&format!("/jobs/{id}")).json();
        assert_eq!(job["status"], "completed", "{job}");
        attempts += job["attempts"].as_u64().unwrap();
    }
    assert!(attempts > 1000, "no worker was killed at work: that proves nothing");
    assert!(attempts <= 1000 + kills, "a job is begun again only when its worker died");
    let models = server.get("/models?limit=1000").json();
    assert_eq!(models["total"], 1000, "each job made one model, none two");
}

/// Whether the process is a worker in the folder `data`.
fn works_in(pid: u32, data: &Path) -> bool {
    let data = data.canonicalize().unwrap();
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_encoded_bytes())
}
