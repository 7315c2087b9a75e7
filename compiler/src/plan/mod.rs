//! What a checked program asks the runtime to do, with every name resolved and every setting filled in.
//!
//! A plan is plain data. [`TrainPlan`] is made by [`crate::Analysis::plan_train`] once the data's [`DataSignature`] is
//! known, [`PredictPlan`] by [`crate::Analysis::plan_predict`].

mod augmentation;
mod device;
mod metric;
mod optimizer;
mod schedule;
mod search;
mod source;
mod upkeep;
mod validation;

pub use augmentation::Augmentation;
pub use device::{Device, DeviceChoice, UnknownDevice};
pub use metric::{Average, Averaged, Metric};
pub use optimizer::{Optimizer, Rule};
pub use schedule::{Course, Schedule};
pub use search::{Pruning, Search, SearchMethod};
pub use source::{
    DataSource, DatasetPlan, Dialect, Files, Fit, Format, ImageShape, Interpolation, Located, Place, TableColumn,
    TextShape, Tokens,
};
pub use upkeep::{Checkpoints, ClassWeights, EarlyStopping, Ema, Monitor, Origin, Weighting};
pub use validation::Validation;

use ndsl_grammar::Span;

use crate::ir::{ElementType, Graph, Shape};

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

/// The name under which a training graph hands back the loss of every row.
pub const LOSS_OUTPUT: &str = "loss";

/// The name under which a graph hands back what it predicts: probabilities for classification (over the last axis) and
/// for binary tasks, numbers for regression.
pub const PREDICTION_OUTPUT: &str = "prediction";

/// The name under which a training graph hands back what the prediction is compared with, where its loss says that.
pub const TARGET_OUTPUT: &str = "target";

/// The name under which a graph hands back the model's own output, before the loss decides what it means.
pub const MODEL_OUTPUT: &str = "output";

/// The name under which a training graph hands back the scores of pairs of which the last is right, where metrics of order are measured.
pub const PAIRS_OUTPUT: &str = "scores of pairs";

/// The name under which a training graph hands back the scores of each row with every row of its batch, of which its own is right, where
/// metrics of order are measured; there may be one more behind them.
pub const NEIGHBOURS_OUTPUT: &str = "scores of neighbours";

/// The name under which a training graph hands back of each row whether its own is right among its neighbours, where not in all.
pub const ALIKE_OUTPUT: &str = "alike";

/// Every output of a training graph that its steps and its measures read.
pub const TRAINING_OUTPUTS: [&str; 6] =
    [PREDICTION_OUTPUT, LOSS_OUTPUT, TARGET_OUTPUT, PAIRS_OUTPUT, NEIGHBOURS_OUTPUT, ALIKE_OUTPUT];

/// The name of the input by which a training graph multiplies the loss of every row: `f32[N]`. No field can be called so.
pub const ROW_WEIGHT_INPUT: &str = "row weight";

/// The name of the input that is the target of the row which each is mixed with, where `augment` mixes them. It is its own target where
/// nothing is mixed.
pub const PARTNER_TARGET_INPUT: &str = "partner target";

/// The name of the input by which the loss of that other target is multiplied: `f32[N]`. It is 0 where nothing is mixed.
pub const PARTNER_WEIGHT_INPUT: &str = "partner weight";

/// Whether an input of a training's graph is none of the dataset's fields.
pub fn is_made(input: &str) -> bool {
    [ROW_WEIGHT_INPUT, PARTNER_TARGET_INPUT, PARTNER_WEIGHT_INPUT].contains(&input)
}

/// One training run, ready to start.
#[derive(Clone, Debug)]
pub struct TrainPlan {
    /// The name of the `train` declaration.
    pub name: String,
    /// The model's name.
    pub model: String,
    /// From the dataset's fields to the model's output and the loss: its inputs are fields by name (and those of which [`is_made`] says so), its outputs are
    /// [`PREDICTION_OUTPUT`], [`LOSS_OUTPUT`], of shape `[N]`, whose mean over a batch is minimised, and, where there is one,
    /// [`TARGET_OUTPUT`]; and what metrics of order put in order.
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
    /// Which rows are held out of training.
    pub validation: Validation,
    /// Batches whose gradients are averaged for one step, each row counting the same.
    pub gradient_accumulation: usize,
    /// Whether the training rows are put in a new order every epoch.
    pub shuffle: bool,
    /// What is done to the images of a training batch, in this order.
    pub augment: Vec<Augmentation>,
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

/// The value of a setting, and where the program gives it; nowhere if it leaves it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting<T> {
    /// What it is.
    pub value: T,
    /// Where it stands.
    pub at: Option<Span>,
}

/// A training's whole graph, of which any part may be run: see [`Graph::between`].
#[derive(Clone, Debug)]
pub struct WholePlan {
    /// From the dataset's fields through the model to what is predicted, minimised and compared, under the names that a [`TrainPlan`] has
    /// for them; with what the program calls its values.
    pub graph: Graph,
    /// What the output means.
    pub task: Task,
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
