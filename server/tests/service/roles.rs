//! The other processes: this executable started again to be a worker or a server, so that they can be killed.

use std::path::PathBuf;
use std::sync::Arc;

use ndsl_server::{Config, Server, WorkerCommand, worker};

use crate::fake::Fake;

/// Starts this executable again in the role of a worker: `as_worker` or `as_real_worker`.
pub(crate) fn worker_command(role: &str) -> WorkerCommand {
    // What the server adds stands after `--`: to the test harness they are more names of tests, which nothing has.
    let arguments = [&format!("roles::{role}"), "--exact", "--ignored", "--nocapture", "--"];
    WorkerCommand { program: std::env::current_exe().unwrap(), arguments: arguments.map(Into::into).to_vec() }
}

/// The settings of all servers here: a free port, small limits, quick to notice.
pub(crate) fn config(data: PathBuf) -> Config {
    let mut config = Config::new(data);
    config.listen.set_port(0);
    config.worker_command = Some(worker_command("as_worker"));
    config
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
#[ignore = "a process that the other tests start"]
fn as_worker() {
    runtime().block_on(worker::run_with(data_argument(), Arc::new(Fake))).unwrap();
    // The operation may still run.
    std::process::exit(0);
}

#[test]
#[ignore = "a process that the other tests start"]
fn as_real_worker() {
    runtime().block_on(worker::run(data_argument())).unwrap();
    std::process::exit(0);
}

fn data_argument() -> PathBuf {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--data");
    PathBuf::from(arguments.nth(1).expect("--data FOLDER"))
}

#[test]
#[ignore = "a process that the other tests start"]
fn as_server() {
    let data = PathBuf::from(std::env::var_os("NDSL_TEST_DATA").expect("a folder"));
    runtime().block_on(async {
        let server = Server::bind_with(config(data.clone()), Arc::new(Fake)).await.unwrap();
        let beside = data.join("address.new");
        std::fs::write(&beside, server.address().to_string()).unwrap();
        std::fs::rename(beside, data.join("address")).unwrap();
        server.run(std::future::pending()).await;
    });
}
