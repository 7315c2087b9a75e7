//! Makes something new with a trained model: a text that goes on, or values drawn in the place of one that it computes.

mod conditions;
mod gallery;
pub mod text;
pub mod values;

use std::path::Path;

use ndsl_compiler::plan::WholePlan;

use super::Error;
use super::trained::Trained;
use text::Language;

/// A trained model, opened to draw from it.
pub struct Sampler {
    trained: Trained,
    /// Everything that it computes of a row as it was trained on.
    whole: WholePlan,
    /// What makes it a language model, or why it is none.
    language: Result<Language, String>,
}

impl Sampler {
    /// Opens the model folder at `path`.
    ///
    /// # Errors
    /// What reading the model may say.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let trained = Trained::open(path)?;
        let whole = trained.parts(&trained.model.metadata.data_signature())?;
        trained.match_weights(&whole.graph)?;
        let language = Language::of(&trained, &whole);
        Ok(Self { trained, whole, language })
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.trained.model.metadata.model
    }

    /// Whether it goes on with a text.
    pub fn is_language_model(&self) -> bool {
        self.language.is_ok()
    }
}
