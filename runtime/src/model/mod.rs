//! The model folder: a trained model on disk.
//!
//! | file | holds |
//! |---|---|
//! | `model.ndsl` | the program it was trained from |
//! | `sources/…` | the files that program uses, each at its place in the project |
//! | `std/…` | what it needs of the standard library, as that was |
//! | `model.safetensors` | the weights, under PyTorch's names and in its layout, as f32 |
//! | `metadata.json` | what goes in, what comes out, how it was trained |
//! | `history.json` | what came of each epoch |

mod error;
mod folder;
mod metadata;
mod weights;

pub use error::ModelError;
pub use folder::{load, read_weights, refuse_foreign, save};
pub use metadata::{DatasetRecord, FieldRecord, Metadata, Settings, program_sha256, sha256};

use std::collections::BTreeMap;

use ndsl_compiler::{Source, Sources, Weights, bundle};

use crate::train::History;

/// The program.
pub const SOURCE_FILE: &str = bundle::MAIN;
/// The weights.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// What is known about the model.
pub const METADATA_FILE: &str = "metadata.json";
/// What came of each epoch.
pub const HISTORY_FILE: &str = "history.json";
/// The same as a table.
pub const TABLE_FILE: &str = "history.csv";

/// Everything a model folder holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The program it was trained from.
    pub source: String,
    /// The other texts of that program, by their paths in the folder.
    pub sources: BTreeMap<String, String>,
    /// Its weights.
    pub weights: Weights,
    /// What goes in, what comes out, how it was trained.
    pub metadata: Metadata,
    /// What came of each epoch.
    pub history: History,
}

impl Model {
    /// Its program; messages say that it stands at `path`.
    pub fn program(&self, path: &std::path::Path) -> Sources {
        let source = |file: &str, text: &str| Source::new(path.join(file).display().to_string(), text).at(file);
        let others = self.sources.iter().map(|(file, text)| match file.starts_with(bundle::STANDARD) {
            true => source(file, text).of_the_library(),
            false => source(file, text),
        });
        Sources::new(source(SOURCE_FILE, &self.source), others.collect::<Vec<_>>())
    }
}

/// A program as a model folder holds it: its text, and the others by their paths.
pub fn texts(program: &Sources) -> (String, BTreeMap<String, String>) {
    let others = program.others().iter().map(|source| (source.path.to_string(), source.text.to_string()));
    (program.main().text.to_string(), others.collect())
}
