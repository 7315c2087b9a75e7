//! What a checked program asks the runtime to do, with every name resolved and every setting filled in.
//!
//! A plan is plain data. [`TrainPlan`] is made by [`crate::Analysis::plan_train`] once the data's [`DataSignature`] is
//! known, [`PredictPlan`] by [`crate::Analysis::plan_predict`].

mod optimizer;
mod schedule;
mod upkeep;

use ndsl_grammar::Span;

pub use optimizer::{Optimizer, Rule};
pub use schedule::{Course, Schedule};
pub use upkeep::{Checkpoints, ClassWeights, EarlyStopping, Ema, Monitor, Origin, Weighting};

use crate::ir::{ElementType, Encoding, Graph, Shape};

/// Where a dataset's rows come from, as its declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetPlan {
    /// The name it was declared under.
    pub name: String,
    /// The declaration.
    pub span: Span,
    /// The way from the program's folder to that of the file that declares it; empty where they are one.
    pub folder: String,
    /// Its files.
    pub source: DataSource,
}

/// A text of the program and where it stands, so that a fault found in the data can point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The text, e.g. a path.
    pub text: String,
    /// Where the program says it.
    pub span: Span,
}

/// The files of a dataset. Paths are relative to the folder of the file that declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// `csv("file.csv", columns=["pixel_*"], target=label)`: a header line, one row a line.
    ///
    /// Offers two fields: `columns`, the chosen columns as one `f32[k]` in the file's order of each pattern, and the
    /// target under its own name.
    Csv {
        /// The file.
        path: Located,
        /// Names of columns, in which `*` stands for any characters; none means all but the target.
        columns: Option<Vec<Located>>,
        /// The column to learn.
        target: Located,
    },
    /// `csv("file.csv")` of a table of a schema: a header line, one row a line.
    ///
    /// Offers each of the columns as a field of its own name, one number a row.
    Table {
        /// The file.
        path: Located,
        /// The columns that are read; others of the file are passed over.
        columns: Vec<TableColumn>,
        /// The column to learn; nothing before it is known.
        target: Option<Located>,
    },
    /// `idx(images="…", labels="…")`: MNIST's format, gzip or not.
    ///
    /// Offers `image`, a `u8[height, width, 1]` (the channel axis is added to files of three dimensions; other ranks stay as they
    /// are), and `label`, an `i64[]`.
    Idx {
        /// The file of images.
        images: Located,
        /// The file of labels.
        labels: Located,
    },
}

impl DataSource {
    /// Its files, in the order a command takes them.
    pub fn files(&self) -> Vec<&Located> {
        match self {
            Self::Csv { path, .. } | Self::Table { path, .. } => vec![path],
            Self::Idx { images, labels } => vec![images, labels],
        }
    }

    /// The name of the field to learn; of a table it may not be known.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Csv { target, .. } => Some(&target.text),
            Self::Table { target, .. } => target.as_ref().map(|target| target.text.as_str()),
            Self::Idx { .. } => Some("label"),
        }
    }
}

/// A column of a table, as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name in the program.
    pub name: String,
    /// Its name in the file.
    pub outside: String,
    /// How its values are numbers.
    pub encoding: Encoding,
    /// Whether a cell may be empty.
    pub optional: bool,
    /// Where it is declared.
    pub span: Span,
}

/// What a dataset offers, known once its files were opened.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSignature {
    /// The fields, the target included.
    pub fields: Vec<DataField>,
}

/// One field of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct DataField {
    /// Its name.
    pub name: String,
    /// Its kind of numbers.
    pub element: ElementType,
    /// The shape of one row; the batch is not in it.
    pub shape: Shape,
    /// For a target of labels: the classes, in the order of their indices.
    pub classes: Option<Vec<String>>,
}

/// What a loss makes of a model's output, which decides how predictions are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of several classes: the output is a distribution over its last axis.
    Classification,
    /// Yes or no: the output is one probability.
    Binary,
    /// Numbers.
    Regression,
}

/// A measure shown beside the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of rows whose label was found: by the largest output, or by a probability above one half.
    Accuracy,
    /// The mean absolute difference between output and target.
    Mae,
}

impl Metric {
    /// The name in the language and in histories.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Mae => "mae",
        }
    }
}

/// The name under which a training graph hands back the loss of every row.
pub const LOSS_OUTPUT: &str = "loss";

/// The name under which a graph hands back what it predicts: probabilities for classification (over the last axis) and
/// for binary tasks, numbers for regression.
pub const PREDICTION_OUTPUT: &str = "prediction";

/// The name under which a graph hands back the model's own output, before the loss decides what it means.
pub const MODEL_OUTPUT: &str = "output";

/// The name of the input by which a training graph multiplies the loss of every row: `f32[N]`. No field can be called so.
pub const ROW_WEIGHT_INPUT: &str = "row weight";

/// One training run, ready to start.
#[derive(Clone, Debug)]
pub struct TrainPlan {
    /// The name of the `train` declaration.
    pub name: String,
    /// The model's name.
    pub model: String,
    /// From the dataset's fields to the model's output and the loss: its inputs are fields by name (and [`ROW_WEIGHT_INPUT`]), its outputs are
    /// [`PREDICTION_OUTPUT`] and [`LOSS_OUTPUT`], of shape `[N]`, whose mean over a batch is minimised.
    pub graph: Graph,
    /// What the loss makes of the output.
    pub task: Task,
    /// The loss's name.
    pub loss: String,
    /// The measures beside the loss.
    pub metrics: Vec<Metric>,
    /// How gradients move the weights.
    pub optimizer: Optimizer,
    /// How the learning rate goes on from step to step.
    pub schedule: Schedule,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Steps after which training ends, if the epochs are not done before.
    pub max_steps: Option<usize>,
    /// Rows a batch.
    pub batch_size: usize,
    /// Batches whose gradients are averaged for one step, each row counting the same.
    pub gradient_accumulation: usize,
    /// The share of rows, drawn by the seed, that is held out of training: 0 to below 1.
    pub validation_split: f64,
    /// Whether the training rows are put in a new order every epoch.
    pub shuffle: bool,
    /// How much each row counts in the loss; where not all count the same, the graph has the input [`ROW_WEIGHT_INPUT`].
    pub weighting: Weighting,
    /// The running mean of the weights.
    pub ema: Option<Ema>,
    /// What the best epoch is judged by.
    pub monitor: Monitor,
    /// Whether the model is that of the best epoch; that of the last otherwise.
    pub keeps_best: bool,
    /// When it stops before the last epoch.
    pub early_stopping: Option<EarlyStopping>,
    /// What is kept of the run while it goes on and after it; nothing where the program leaves that to the runtime.
    pub checkpoints: Option<Checkpoints>,
    /// Where the first weights come from; from the seed where nothing is said.
    pub origin: Option<Origin>,
    /// What every draw of the run comes from.
    pub seed: u64,
}

/// What inference hands back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// [`PREDICTION_OUTPUT`]: probabilities or numbers.
    #[default]
    Prediction,
    /// [`MODEL_OUTPUT`]: the model's own output, such as logits.
    ModelOutput,
}

/// A model on the fields of a dataset, for inference.
#[derive(Clone, Debug)]
pub struct PredictPlan {
    /// From the dataset's fields (the target not among them) to the one output that was wanted.
    pub graph: Graph,
    /// What the output means.
    pub task: Task,
}
