//! The rows that a trained model is measured on.

use std::path::{Path, PathBuf};

use ndsl_compiler::plan::{TrainPlan, Validation};

use super::Error;
use super::evaluate::Part;
use super::trained::Trained;
use crate::data::Dataset;
use crate::train::hold_out;

/// A trained model, what it was trained by, and rows with answers.
pub(super) struct Chosen {
    pub(super) trained: Trained,
    /// The graph with its loss.
    pub(super) plan: TrainPlan,
    pub(super) data: Dataset,
    /// Which rows of the data.
    pub(super) rows: Vec<usize>,
    /// What these are.
    pub(super) part: Part,
}

impl Chosen {
    /// Opens the model folder at `model` and reads `files`, or what it was trained on where there are none. By default the rows are
    /// those that were held out of the latter, and all of others.
    pub(super) fn open(model: &Path, files: &[PathBuf], part: Option<Part>) -> Result<Self, Error> {
        let trained = Trained::open(model)?;
        let validation = trained.model.metadata.validation();
        let own = files.is_empty();
        let signature = trained.model.metadata.data_signature();
        let plan = trained
            .analysis
            .plan_train(trained.train(), &signature)
            .map_err(|diagnostics| Error::Program { sources: trained.analysis.sources.clone(), diagnostics })?;
        trained.match_weights(&plan.graph)?;
        let files = if own { &trained.model.metadata.dataset.files } else { files };
        let any_held = validation != Validation::None;
        let part = part.unwrap_or(if own && any_held { Part::Held } else { Part::All });
        let others = own && part == Part::Held && matches!(validation, Validation::Rows { .. });
        let data = if others {
            trained.read_held_out(plan.weighting.column.as_ref())?
        } else {
            trained.read(files, true, &plan.graph, plan.weighting.column.as_ref())?
        };
        let rows = match part {
            Part::Held if others => (0..data.rows).collect(),
            Part::All => (0..data.rows).collect(),
            Part::Held | Part::Training => {
                let before = trained.model.metadata.dataset.rows;
                if data.rows != before {
                    return Err(Error::Request(format!(
                        "the data has {} rows and had {before} when the model was trained, so which were held out is not known",
                        data.rows
                    )));
                }
                let (training, held) = hold_out(&validation, &data, trained.model.metadata.settings.seed)?;
                if part == Part::Held { held } else { training }
            }
        };
        Ok(Self { trained, plan, data, rows, part })
    }
}
