//! The model folder: a trained model on disk.
//!
//! | file | holds |
//! |---|---|
//! | `model.ndsl` | the program it was trained from |
//! | `model.safetensors` | the weights, under PyTorch's names and in its layout, as f32 |
//! | `metadata.json` | what goes in, what comes out, how it was trained |
//! | `history.json` | what came of each epoch |

mod error;
mod folder;
mod metadata;
mod weights;

pub use error::ModelError;
pub use folder::{load, refuse_foreign, save};
pub use metadata::{DatasetRecord, FieldRecord, Metadata, Settings, sha256};

use ndsl_compiler::Weights;

use crate::train::History;

/// The program.
pub const SOURCE_FILE: &str = "model.ndsl";
/// The weights.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// What is known about the model.
pub const METADATA_FILE: &str = "metadata.json";
/// What came of each epoch.
pub const HISTORY_FILE: &str = "history.json";

/// Everything a model folder holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The program it was trained from.
    pub source: String,
    /// Its weights.
    pub weights: Weights,
    /// What goes in, what comes out, how it was trained.
    pub metadata: Metadata,
    /// What came of each epoch.
    pub history: History,
}
