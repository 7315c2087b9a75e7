//! What keeps a server from starting, and how it says so.

use std::path::Path;
use std::sync::Arc;

use ndsl_server::{Config, ServeError, Server, StoreError};

use crate::fake::Fake;
use crate::roles::config;
use crate::running::Running;

fn refusal(config: Config) -> ServeError {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { Server::bind_with(config, Arc::new(Fake)).await.err().expect("a refusal") })
}

fn in_folder(folder: &Path) -> Config {
    config(folder.to_owned())
}

#[test]
fn it_serves_loopback_only() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let error = refusal(Config { listen: address.parse().unwrap(), ..in_folder(folder.path()) });
        assert!(matches!(error, ServeError::NotLoopback { .. }), "{error}");
        assert!(error.to_string().contains("no authentication"), "{error}");
    }
}

#[test]
fn a_data_folder_has_one_server() {
    let server = Running::start();
    let error = refusal(in_folder(&server.data));
    assert!(matches!(error, ServeError::InUse { .. }), "{error}");
}

#[test]
fn an_address_in_use_is_named() {
    let (server, folder) = (Running::start(), tempfile::tempdir().unwrap());
    let error = refusal(Config { listen: server.address, ..in_folder(folder.path()) });
    assert!(error.to_string().starts_with(&format!("cannot listen on {}", server.address)), "{error}");
}

#[test]
fn a_database_that_is_none_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ndsl.sqlite");
    let text = "these are my notes, not a database\n".repeat(500);
    std::fs::write(&path, &text).unwrap();
    let error = refusal(in_folder(folder.path()));
    assert!(matches!(error, ServeError::Store(StoreError::Corrupt { .. })), "{error:?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = refusal(in_folder(&file));
    assert!(matches!(error, ServeError::Folder { .. }), "{error:?}");
}

#[test]
fn a_worker_that_cannot_be_started_keeps_the_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = in_folder(folder.path());
    config.worker_command =
        Some(ndsl_server::WorkerCommand { program: "/no/such/program".into(), arguments: Vec::new() });
    let error = refusal(config);
    assert!(matches!(error, ServeError::Worker { .. }), "{error:?}");
}
