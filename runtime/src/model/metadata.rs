//! What is known about a trained model, as `metadata.json` says it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndsl_compiler::ir::{ElementType, Shape};
use ndsl_compiler::plan::{
    Augmentation, ClassWeights, DataField, DataSignature, DatasetPlan, EarlyStopping, Ema, Located, Metric, Optimizer,
    Place, Schedule, Task, TrainPlan, Validation,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data::{Dataset, folder_of};
use crate::signature::Signature;

/// The format of a model folder: raised when an older reader would misread it.
pub const FORMAT: u32 = 1;

/// What is known about a trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The folder's format.
    pub format: u32,
    /// The version of ndsl that wrote it.
    pub ndsl: String,
    /// The model's name.
    pub model: String,
    /// The name of the `train` declaration.
    pub train: String,
    /// What the output means.
    pub task: Task,
    /// What goes into the model and what comes out, as its declaration says.
    pub signature: Signature,
    /// For labels written as text: the classes, in the order of their indices.
    pub classes: Option<Vec<String>>,
    /// The dataset it was trained on.
    pub dataset: DatasetRecord,
    /// How it was trained.
    pub settings: Settings,
    /// How many numbers its parameters hold.
    pub parameters: usize,
    /// The epoch whose weights these are, counted from 1.
    pub best_epoch: usize,
    /// What it was trained on: the version, the system, the device and the threads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// The other texts of the program: those it uses, and what it needs of the standard library.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The hash of the whole program: see [`program_sha256`].
    pub source_sha256: String,
    /// The hash of `model.safetensors`.
    pub weights_sha256: String,
}

/// The dataset a model was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Its name in the program.
    pub name: String,
    /// Where its files were: what evaluating reads where it is given nothing else.
    pub files: Vec<PathBuf>,
    /// Where the files of the dataset were whose rows were held out, if it was another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_out: Vec<PathBuf>,
    /// How many rows it had.
    pub rows: usize,
    /// The hash of its rows, as they were read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// For a table: the columns that go in, in order.
    pub columns: Option<Vec<String>>,
    /// The field to learn.
    pub target: String,
    /// Its fields, the target included.
    pub fields: Vec<FieldRecord>,
}

/// One field of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldRecord {
    /// Its name.
    pub name: String,
    /// Its kind of numbers.
    pub element: ElementType,
    /// The shape of one row.
    pub shape: Vec<usize>,
}

/// How a model was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The loss's name.
    pub loss: String,
    /// The measures beside it.
    pub metrics: Vec<Metric>,
    /// How gradients moved the weights.
    pub optimizer: Optimizer,
    /// How the learning rate went on.
    pub schedule: Schedule,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Steps after which it ended, the epochs done or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<usize>,
    /// Rows a batch.
    pub batch_size: usize,
    /// Batches a step.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub gradient_accumulation: usize,
    /// The share of rows held out.
    pub validation_split: f64,
    /// How these were chosen, where not by chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
    /// Whether rows were put in a new order every epoch.
    pub shuffle: bool,
    /// What was done to the images of a training batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub augment: Vec<Augmentation>,
    /// How much the rows of a class counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// The column that said how much a row counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_weight: Option<String>,
    /// The running mean that was kept in place of the weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ema: Option<Ema>,
    /// When it would stop before the last epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// What every draw came from.
    pub seed: u64,
}

fn one() -> usize {
    1
}

fn is_one(number: &usize) -> bool {
    *number == 1
}

impl Metadata {
    /// What is known about a model after training; `hash` is that of the data, and the others are filled in when it is saved.
    #[allow(clippy::too_many_arguments, reason = "each is one thing that a model is known by")]
    pub fn new(
        plan: &TrainPlan,
        signature: Signature,
        dataset: &DatasetPlan,
        held_out: Option<&DatasetPlan>,
        folder: &Path,
        data: &Dataset,
        hash: &str,
        best_epoch: usize,
    ) -> Self {
        let field = |field: &crate::data::Field| FieldRecord {
            name: field.name.clone(),
            element: field.data.element(),
            shape: field.shape.clone(),
        };
        Self {
            format: FORMAT,
            ndsl: env!("CARGO_PKG_VERSION").to_owned(),
            model: plan.model.clone(),
            train: plan.name.clone(),
            task: plan.task,
            signature,
            classes: data.field(&data.target).and_then(|field| field.classes.clone()),
            dataset: DatasetRecord {
                name: dataset.name.clone(),
                files: files(dataset, folder),
                held_out: held_out.map(|others| files(others, folder)).unwrap_or_default(),
                rows: data.own_rows(),
                sha256: hash.to_owned(),
                columns: data.columns.clone(),
                target: data.target.clone(),
                fields: data.fields.iter().map(field).collect(),
            },
            settings: Settings {
                loss: plan.loss.clone(),
                metrics: plan.metrics.clone(),
                optimizer: plan.optimizer,
                schedule: plan.schedule.clone(),
                epochs: plan.epochs,
                max_steps: plan.max_steps,
                batch_size: plan.batch_size,
                validation_split: plan.validation.share(),
                validation: match &plan.validation {
                    Validation::None | Validation::Random { .. } => None,
                    other => Some(other.clone()),
                },
                gradient_accumulation: plan.gradient_accumulation,
                shuffle: plan.shuffle,
                augment: plan.augment.clone(),
                class_weights: plan.weighting.classes.clone(),
                sample_weight: plan.weighting.column.as_ref().map(|column| column.name.clone()),
                ema: plan.ema,
                early_stopping: plan.early_stopping.clone(),
                seed: plan.seed,
            },
            parameters: plan.graph.parameter_counts().0,
            best_epoch,
            environment: BTreeMap::new(),
            sources: Vec::new(),
            source_sha256: String::new(),
            weights_sha256: String::new(),
        }
    }

    /// Which rows were held out.
    pub fn validation(&self) -> Validation {
        match (&self.settings.validation, self.settings.validation_split) {
            (Some(validation), _) => validation.clone(),
            (None, share) if share > 0.0 => Validation::Random { share },
            (None, _) => Validation::None,
        }
    }

    /// The data it was trained on, as the checker needs to know it.
    pub fn data_signature(&self) -> DataSignature {
        let field = |field: &FieldRecord| DataField {
            name: field.name.clone(),
            element: field.element,
            shape: Shape::known(field.shape.iter().copied()),
            classes: self.classes.clone().filter(|_| field.name == self.dataset.target),
        };
        DataSignature { fields: self.dataset.fields.iter().map(field).collect() }
    }
}

/// The hash of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a program: of its text if that is all of it; otherwise of all its texts, each after its path and its length.
pub fn program_sha256(main: &str, others: &BTreeMap<String, String>) -> String {
    if others.is_empty() {
        return sha256(main.as_bytes());
    }
    let mut hash = Sha256::new();
    let others = others.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    for (path, text) in std::iter::once((super::SOURCE_FILE, main)).chain(others) {
        hash.update(format!("{path}\0{}\0", text.len()));
        hash.update(text);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the files of a dataset are.
fn files(dataset: &DatasetPlan, folder: &Path) -> Vec<PathBuf> {
    let path = |file: &Located| match file.place() {
        Place::Here(path) => absolute(&folder_of(dataset, folder).join(path)),
        // What has an address has it from everywhere.
        _ => PathBuf::from(&file.text),
    };
    dataset.source.files().into_iter().map(path).collect()
}

/// A path that means the same from every folder; as it is where the current folder is not known.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
