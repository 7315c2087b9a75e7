//! `ndsl worker`: a process that runs jobs; `ndsl serve` starts it.

use std::path::PathBuf;

use super::{Failure, serve};

/// Run the jobs of a server; `ndsl serve` starts this
#[derive(clap::Args)]
pub struct Arguments {
    /// The server's folder
    #[arg(long)]
    data: PathBuf,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        serve::logging();
        let runtime = serve::runtime()?;
        let ended = runtime.block_on(ndsl::server::worker::run(self.data));
        // An operation may still be running on another thread: its job is found by the next server.
        runtime.shutdown_background();
        ended.map_err(|error| Failure::Command(error.to_string()))
    }
}
