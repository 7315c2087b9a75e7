//! What a compilation made, as jobs and answers show it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::models::NewModel;

/// What a compilation made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Outcome {
    /// The model, for `/models/{id}`.
    pub(crate) model_id: String,
    /// The model's name in the program.
    pub(crate) name: String,
    /// What it was compiled to.
    #[schema(example = "onnx")]
    pub(crate) backend: &'static str,
    /// What its file is called.
    pub(crate) file_name: String,
    /// The bytes of the file.
    pub(crate) size: u64,
    /// Their SHA-256, in hexadecimal.
    pub(crate) sha256: String,
    /// Where the file can be fetched.
    pub(crate) download_url: String,
    /// What goes in and what comes out.
    #[schema(value_type = Object)]
    pub(crate) signature: Value,
    /// What else is known of the model.
    #[schema(value_type = Object)]
    pub(crate) metadata: Value,
    /// Warnings and notes.
    #[schema(value_type = Vec<Object>)]
    pub(crate) diagnostics: Vec<Value>,
    /// The program as the compiler changed it, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rewritten_source: Option<String>,
}

impl Outcome {
    /// The outcome that `model` is.
    pub(crate) fn of(model: &NewModel) -> Self {
        let compiled = &model.compiled;
        Self {
            model_id: model.id.clone(),
            name: compiled.model.clone(),
            backend: compiled.backend.name(),
            file_name: compiled.file_name.clone(),
            size: compiled.bytes.len() as u64,
            sha256: model.sha256.clone(),
            download_url: format!("/models/{}/download", model.id),
            signature: compiled.signature.clone(),
            metadata: compiled.metadata.clone(),
            diagnostics: compiled.diagnostics.clone(),
            rewritten_source: compiled.rewritten_source.clone(),
        }
    }
}
