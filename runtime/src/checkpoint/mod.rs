//! States of a run on disk: written while it goes on, so that a run that was killed, cancelled or cut off goes on as if it had
//! not been.
//!
//! They lie in the folder `checkpoints` of the run's folder, one file each, named by their step. A file is whole or not there: it
//! is written beside, made durable and renamed; and it holds a hash of all that is in it, so that one that was damaged later
//! is not taken for a state, and the one before it is used.

mod exact;
mod file;
mod folder;
mod identity;
mod keeper;

use std::path::PathBuf;

pub use file::{About, Checkpoint};
pub use folder::{Newest, clear, is_checkpoint, newest, remove};
pub use identity::{Identity, environment, hash_of_data};
pub use keeper::Checkpoints;

/// The folder of a run's checkpoints, within the run's.
pub const FOLDER: &str = "checkpoints";

/// A fault in writing or reading checkpoints.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A run that was never kept.
    #[error("there is no checkpoint in `{}`, so there is nothing to go on from", .0.display())]
    Missing(PathBuf),
    /// Files there are, and none of them is whole.
    #[error("no checkpoint in `{}` is whole: {}", .folder.display(), .faults.join("; "))]
    Damaged {
        /// The run's folder.
        folder: PathBuf,
        /// What is wrong with each.
        faults: Vec<String>,
    },
    /// A file or a folder that cannot be written or read.
    #[error("cannot write or read `{}`: {error}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The fault.
        error: std::io::Error,
    },
    /// A run of something else.
    #[error("`{}` is not this run: {}", .folder.display(), .differences.join("; "))]
    Differs {
        /// The run's folder.
        folder: PathBuf,
        /// What differs, a sentence each.
        differences: Vec<String>,
    },
    /// A run with nothing left to do.
    #[error("the run in `{}` is over: {reason}", .folder.display())]
    Over {
        /// The run's folder.
        folder: PathBuf,
        /// Why.
        reason: String,
    },
}
