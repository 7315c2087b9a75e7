//! A trained model, opened: its program checked, its weights matched to it.

use std::path::{Path, PathBuf};

use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::{DataField, DataSource, DatasetPlan, TableColumn};
use ndsl_compiler::{Analysis, analyze_sources};

use super::{Error, row_weights, sound};
use crate::data::{self, Dataset, Reading, Target};
use crate::model::{self, Model, ModelError, SOURCE_FILE, WEIGHTS_FILE};

/// A model folder that was read and checked.
pub(super) struct Trained {
    pub(super) path: PathBuf,
    pub(super) model: Model,
    pub(super) analysis: Analysis,
    dataset: DatasetPlan,
}

impl Trained {
    /// Opens the model folder at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let model = model::load(path)?;
        let analysis = sound(analyze_sources(&model.program(path)))?;
        let dataset = analysis.train(Some(&model.metadata.train))?.dataset.clone();
        let dataset = dataset.ok_or_else(|| {
            let reason = format!("its `train {}` has no dataset", model.metadata.train);
            ModelError::Damaged { path: path.join(SOURCE_FILE), reason }
        })?;
        Ok(Self { path: path.to_path_buf(), model, analysis, dataset })
    }

    /// The name of its `train` declaration.
    pub(super) fn train(&self) -> &str {
        &self.model.metadata.train
    }

    /// Fails unless the weights are those of `graph`.
    pub(super) fn match_weights(&self, graph: &Graph) -> Result<(), Error> {
        match self.model.weights.mismatch(graph) {
            None => Ok(()),
            Some(reason) => Err(ModelError::Damaged { path: self.path.join(WEIGHTS_FILE), reason }.into()),
        }
    }

    /// Reads other files as the dataset the model was trained on: a CSV file, or IDX images with or without labels.
    ///
    /// Of a table only the columns that `graph` reads are looked for, and the target where it is wanted.
    /// `weight` is the column that says how much a row counts; where a file has none, its rows count the same.
    pub(super) fn read(
        &self,
        files: &[PathBuf],
        with_target: bool,
        graph: &Graph,
        weight: Option<&TableColumn>,
    ) -> Result<Dataset, Error> {
        let metadata = &self.model.metadata;
        let mut plan = self.dataset.clone();
        plan.folder.clear();
        let texts: Vec<String> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        match (&mut plan.source, texts.as_slice()) {
            (DataSource::Csv { path, .. }, [file]) => path.text.clone_from(file),
            (DataSource::Table { path, columns, target }, [file]) => {
                path.text.clone_from(file);
                let learnt = target.as_ref().map(|target| target.text.as_str()).filter(|_| with_target);
                let read = |name: &str| graph.inputs.iter().any(|input| graph.value(*input).name == name);
                columns.retain(|column| learnt == Some(column.name.as_str()) || read(&column.name));
            }
            (DataSource::Idx { images, .. }, [file]) if !with_target => images.text.clone_from(file),
            (DataSource::Idx { images, labels }, [pixels, classes]) => {
                images.text.clone_from(pixels);
                labels.text.clone_from(classes);
            }
            (DataSource::Csv { .. } | DataSource::Table { .. }, _) => {
                return Err(Error::Request(format!("the model reads one CSV file, {} were given", files.len())));
            }
            (DataSource::Idx { .. }, _) => {
                let wanted = if with_target { "a file of images and one of labels" } else { "a file of images" };
                return Err(Error::Request(format!("the model reads {wanted}, {} files were given", files.len())));
            }
        }
        let signature = metadata.data_signature();
        let target = signature.fields.iter().find(|field| field.name == metadata.dataset.target);
        let target = match (with_target, target) {
            (true, Some(field)) => Target::As(field),
            (true, None) => Target::Find,
            (false, _) => Target::Leave,
        };
        let reading = Reading { target, columns: metadata.dataset.columns.as_deref() };
        let at_fault = |error| Error::GivenData(Box::new(error));
        let mut data = data::read(&plan, Path::new(""), reading).map_err(at_fault)?;
        if let Some(column) = weight {
            match row_weights::add(&plan, Path::new(""), column, &mut data) {
                Err(error) if !row_weights::is_missing(&error) => return Err(at_fault(error)),
                _ => {}
            }
        }
        for field in &data.fields {
            if let Some(trained) = signature.fields.iter().find(|trained| trained.name == field.name) {
                fits(field, trained)?;
            }
        }
        Ok(data)
    }
}

/// Fails unless a field is of the shape and type the model was trained on.
fn fits(field: &data::Field, trained: &DataField) -> Result<(), Error> {
    let found = ndsl_compiler::ir::Shape::known(field.shape.iter().copied());
    if trained.shape == found && trained.element == field.data.element() {
        return Ok(());
    }
    Err(Error::Request(format!(
        "`{}` is {}{found} in this data, the model was trained on {}{}",
        field.name,
        field.data.element(),
        trained.element,
        trained.shape
    )))
}
