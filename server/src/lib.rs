//! The REST server: routes over the runtime's operations, and a durable job queue.
//!
//! [`serve`] answers requests and looks after worker processes; [`worker::run`] is what such a process does. The two meet
//! in the data folder: a SQLite database of jobs and models, and the models' files. A job is on the disk before it is
//! accepted, and whichever process is killed, it goes on where another finds it.

mod app;
mod artifacts;
mod clock;
mod compilation;
mod compute;
mod config;
mod database;
mod http;
mod jobs;
mod models;
pub mod operations;
mod routes;
mod server;
mod supervisor;
pub mod worker;

pub use config::{Config, WorkerCommand};
pub use database::StoreError;
pub use server::{ServeError, Server, serve};
