//! The server as a process: an editor on standard input and output, the log elsewhere.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use tracing_subscriber::EnvFilter;

use super::serve::{Ending, serve};
use crate::ide::Examples;

/// How the process runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the log is appended; standard error without one.
    pub log_file: Option<PathBuf>,
    /// What is logged, as `tracing` writes it: `warn`, `ndsl_lsp=debug`.
    pub log_filter: String,
    /// What makes values of columns, to be shown; nothing is where there is none.
    pub examples: Option<Arc<dyn Examples>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { log_file: None, log_filter: "warn".to_owned(), examples: None }
    }
}

/// Serves the editor on standard input and output until it leaves: the code is 0 where it asked for a shutdown before, 1
/// where it did not.
///
/// # Errors
/// When the log cannot be opened or filtered so, a thread cannot be started, or standard input cannot be read.
pub fn run_stdio(options: &Options) -> io::Result<ExitCode> {
    log(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (input, output) = (tokio::io::stdin(), tokio::io::stdout());
    let ending = runtime.block_on(serve(input, output, Arc::default(), options.examples.clone()));
    // A read of standard input cannot be interrupted, and an editor need not close it after `exit`.
    runtime.shutdown_background();
    Ok(match ending? {
        Ending::Orderly => ExitCode::SUCCESS,
        Ending::Abrupt => ExitCode::FAILURE,
    })
}

/// Sends the log where `options` says, unless the process has set up its own.
fn log(options: &Options) -> io::Result<()> {
    let filter = EnvFilter::try_new(&options.log_filter)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("the log filter: {error}")))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    let set = match &options.log_file {
        Some(path) => {
            let file = File::options().create(true).append(true).open(path).map_err(|error| {
                io::Error::new(error.kind(), format!("the log `{}` cannot be opened: {error}", path.display()))
            })?;
            builder.with_writer(Mutex::new(file)).try_init()
        }
        None => builder.with_writer(io::stderr).try_init(),
    };
    if set.is_err() {
        tracing::debug!("a log is set up already");
    }
    Ok(())
}
