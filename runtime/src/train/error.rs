//! What keeps a training from starting or going on.

use super::Needs;
use crate::data::DataError;
use crate::engine::EngineError;

/// A fault found before the first step, or in one.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A plan that reads what the dataset does not have.
    #[error("the dataset has no field `{name}`")]
    NoField {
        /// The field.
        name: String,
    },
    /// Rows that are read batch by batch, and cannot be.
    #[error("{0}")]
    Data(Box<DataError>),
    /// No rows at all.
    #[error("the dataset has no rows to train on")]
    NoRows,
    /// A run that would take more memory than there is.
    #[error(
        "training with batches of {batch_size} would take about {} of memory, {} of it for the weights and what goes with them, and {} are free{}",
        size(needs.more()),
        size(needs.weights),
        size(*available),
        fitting(*largest_batch)
    )]
    TooLarge {
        /// The bytes it would take.
        needs: Needs,
        /// The bytes there are.
        available: u64,
        /// The plan's.
        batch_size: usize,
        /// The largest that would fit, if any would.
        largest_batch: Option<usize>,
    },
    /// No passes over the rows.
    #[error("there are no epochs to train for")]
    NoEpochs,
    /// A batch larger than what it is drawn from.
    #[error("the batch size {batch_size} is larger than the {rows} rows to train on; make it at most {rows}")]
    BatchTooLarge {
        /// The plan's.
        batch_size: usize,
        /// The rows left to train on.
        rows: usize,
    },
    /// A split that leaves one side empty.
    #[error("a validation split of {share} of {rows} rows leaves {side}")]
    EmptySplit {
        /// The plan's share.
        share: f64,
        /// All rows.
        rows: usize,
        /// Which side is empty.
        side: &'static str,
    },
    /// A share of each value is wanted of what has no values that come again.
    #[error(
        "`{name}` is numbers and not one label a row, so no share of each can be held out; `by` names a column of labels"
    )]
    NotLabels {
        /// The field.
        name: String,
    },
    /// Groups are wanted, and there is one.
    #[error("`{by}` has one value in all rows, so no group of them can be held out")]
    OneGroup {
        /// The column.
        by: String,
    },
    /// The last rows are wanted by what does not say what comes first.
    #[error(
        "`{by}` says no order of the rows: they are neither all numbers nor all days or moments such as 2019-01-31T08:30:00"
    )]
    NoOrder {
        /// The column.
        by: String,
    },
    /// A label outside the classes the model tells apart.
    #[error(
        "`{field}` is {label} in {place}, but the model tells {classes} classes apart: labels go from 0 to {}",
        .classes - 1
    )]
    LabelOutOfRange {
        /// The field of labels.
        field: String,
        /// The label.
        label: i64,
        /// Where it stands.
        place: String,
        /// How many classes there are.
        classes: usize,
    },
    /// A target that is not yes or no.
    #[error("`{field}` is {value} in {place}, but a binary target is 0 or 1")]
    NotBinary {
        /// The field.
        field: String,
        /// The value.
        value: f64,
        /// Where it stands.
        place: String,
    },
    /// A number that says how much a row counts and cannot.
    #[error("`{field}` is {value} in {place}, but how much a row counts is a number of at least 0")]
    RowWeight {
        /// The column.
        field: String,
        /// The value; none where the cell has none.
        value: f64,
        /// Where it stands.
        place: String,
    },
    /// A state that no run of this plan is in.
    #[error("this state is of another run: {0}")]
    State(String),
    /// An output the plan promises and the graph does not have.
    #[error("the graph has no output `{name}`")]
    NoOutput {
        /// The output.
        name: &'static str,
    },
    /// A fault of the engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn fitting(largest_batch: Option<usize>) -> String {
    match largest_batch {
        Some(rows) => format!(
            ": batches of at most {rows} would fit (`--set batch_size={rows}`; `gradient_accumulation` takes several a step)"
        ),
        None => ": not even batches of one row would fit, so the model must be smaller".to_owned(),
    }
}

impl From<DataError> for TrainError {
    fn from(error: DataError) -> Self {
        Self::Data(Box::new(error))
    }
}
