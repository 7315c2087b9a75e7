//! How a server is set up.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How a server is set up. [`Config::new`] has a sensible value for everything but the data folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on: a loopback address, since there is no authentication. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names, beside the loopback ones, that requests may give as their `Host`: those of a proxy on this machine.
    pub hosts: Vec<String>,
    /// The folder that holds the jobs and the models; made if it does not exist.
    pub data: PathBuf,
    /// How many worker processes run jobs.
    pub workers: usize,
    /// What starts a worker; `worker --data <folder>` is added. `None` for this program itself.
    pub worker_command: Option<WorkerCommand>,
    /// The most bytes of a request's body.
    pub body_limit: usize,
    /// The time a body has to arrive.
    pub body_timeout: Duration,
    /// The time the headers of a request have to arrive.
    pub header_timeout: Duration,
    /// The most connections at a time.
    pub connections: usize,
    /// How many programs are checked or compiled at a time for requests that wait for it.
    pub compilations: usize,
    /// The time such a request has.
    pub compile_timeout: Duration,
    /// The most numbers in the parameters of a model that is compiled for such a request. Larger ones are left to jobs,
    /// since a worker may run out of memory and the server may not.
    pub most_parameters: usize,
    /// The most jobs that wait; more are refused.
    pub most_waiting: u32,
    /// How often a job is tried when its worker dies.
    pub max_attempts: u32,
    /// The time one attempt of a job has.
    pub job_timeout: Duration,
    /// The time after which a worker that shows no life loses its job.
    pub lease: Duration,
    /// The time that open requests have to end when the server stops.
    pub farewell: Duration,
}

/// A program and its first arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// The arguments before `worker --data <folder>`.
    pub arguments: Vec<OsString>,
}

impl Config {
    /// A server on `127.0.0.1:8000` that keeps its things in `data`.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            hosts: Vec::new(),
            data: data.into(),
            workers: 1,
            worker_command: None,
            body_limit: 12 << 20,
            body_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(15),
            connections: 512,
            compilations: std::thread::available_parallelism().map_or(2, usize::from),
            compile_timeout: Duration::from_secs(30),
            most_parameters: 20_000_000,
            most_waiting: 100_000,
            max_attempts: 3,
            job_timeout: Duration::from_secs(15 * 60),
            lease: Duration::from_secs(30),
            farewell: Duration::from_secs(10),
        }
    }
}
