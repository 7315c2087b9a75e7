//! What can be wrong with a model folder.

use std::path::PathBuf;

/// A fault in writing or reading a model folder.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Nothing is there.
    #[error("there is no model at `{}`", .0.display())]
    Missing(PathBuf),
    /// Something is there, but not a model.
    #[error("`{}` is not a model folder: it has no `metadata.json` of ndsl's", .0.display())]
    NotAModel(PathBuf),
    /// A run that was not finished.
    #[error(
        "`{}` is a run that has not finished an epoch or was not ended: `ndsl train --resume {}` goes on with it",
        .0.display(),
        .0.display()
    )]
    Unfinished(PathBuf),
    /// Writing would destroy something else.
    #[error(
        "`{}` is not empty and not a model folder, so it is not replaced; choose another place or remove it",
        .0.display()
    )]
    WouldDestroy(PathBuf),
    /// A file that cannot be read or written.
    #[error("cannot read or write `{}`: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The fault.
        error: std::io::Error,
    },
    /// A file that was damaged, or changed by hand.
    #[error("`{}` is damaged: {reason}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A model written by another version.
    #[error("`{}` is of format {found}, this version of ndsl reads format {expected}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What this version reads.
        expected: u32,
        /// What was found.
        found: u64,
    },
}
