//! What a training run needs in memory, said before it starts, so that one that cannot fit is refused with the batch that would.

use ndsl_compiler::ir::{Graph, bind};
use ndsl_compiler::plan::TrainPlan;
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::batches::{Fed, fed};
use crate::data::Dataset;
use crate::engine::{Device, Engine, EngineError, optimizer};
use crate::memory;

/// What a run takes of memory at its height, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// What the process has taken already, the data with it.
    pub taken: u64,
    /// The weights with their gradients, the optimizer's moments, a running mean and the best epoch's copy, and all of this once more while
    /// a checkpoint of it is written.
    pub weights: u64,
    /// What a batch's rows become on their way through the model, with what is kept for gradients.
    pub batch: u64,
}

impl Needs {
    /// What it takes more than it has.
    pub fn more(self) -> u64 {
        self.weights.saturating_add(self.batch)
    }

    /// All of it.
    pub fn total(self) -> u64 {
        self.taken.saturating_add(self.more())
    }
}

/// About what a run takes; within a third of what is measured, of models that are larger than the rest of the process.
///
/// # Errors
/// Where the data has not the shapes that the plan reads, or makes a dimension of the graph no size.
fn needs(plan: &TrainPlan, data: &Dataset, engine: &dyn Engine) -> Result<Needs, TrainError> {
    with_batches_of(plan.batch_size, plan, data, engine)
}

/// What a run takes, where there is so much; nothing where a GPU computes it, whose memory is not known.
///
/// # Errors
/// Where there is not, with the largest batch for which there would be; and where the data has not the shapes that the plan
/// reads.
pub fn fits(
    plan: &TrainPlan,
    data: &Dataset,
    engine: &dyn Engine,
    device: Device,
) -> Result<Option<Needs>, TrainError> {
    if device != Device::Cpu {
        return Ok(None);
    }
    let needs = needs(plan, data, engine)?;
    match memory::available() {
        Some(available) if needs.more() > available => {
            let largest_batch = largest_batch(plan, data, engine, available)?;
            Err(TrainError::TooLarge { needs, available, batch_size: plan.batch_size, largest_batch })
        }
        _ => Ok(Some(needs)),
    }
}

/// The largest batch with which a run takes no more than these bytes; none where not even one row would fit.
///
/// # Errors
/// What [`needs`] says.
fn largest_batch(
    plan: &TrainPlan,
    data: &Dataset,
    engine: &dyn Engine,
    available: u64,
) -> Result<Option<usize>, TrainError> {
    let fits = |batch: usize| Ok::<bool, TrainError>(with_batches_of(batch, plan, data, engine)?.more() <= available);
    // What fits is below what does not.
    let (mut fitting, mut beyond) = (0, plan.batch_size.min(data.rows) + 1);
    while beyond - fitting > 1 {
        let middle = fitting + (beyond - fitting) / 2;
        match fits(middle)? {
            true => fitting = middle,
            false => beyond = middle,
        }
    }
    Ok((fitting > 0).then_some(fitting))
}

/// The most rows of a batch in inference.
const MOST_ROWS: usize = 256;

/// What inference may take for a batch. Larger ones are no faster, and a bound that is of no machine gives the same numbers on all.
const INFERENCE: u64 = 256 << 20;

/// How many rows are computed at once where nothing is trained: as many as fit into what inference may take.
///
/// # Errors
/// What [`needs`] says.
pub(crate) fn rows_at_once(graph: &Graph, data: &Dataset, engine: &dyn Engine) -> Result<usize, TrainError> {
    let mut rows = MOST_ROWS;
    while rows > 1 && height(graph, data, engine, rows, false)? > INFERENCE {
        rows /= 2;
    }
    Ok(rows)
}

fn with_batches_of(rows: usize, plan: &TrainPlan, data: &Dataset, engine: &dyn Engine) -> Result<Needs, TrainError> {
    let graph = &plan.graph;
    let (all, trainable) = graph.parameter_counts();
    let (all, trainable) = (all as u64 * 4, trainable as u64 * 4);
    // What an optimizer and a mean remember.
    let remembered = optimizer::moments(&plan.optimizer.rule) as u64 + u64::from(plan.ema.is_some());
    let state = all.saturating_mul(2).saturating_add(trainable.saturating_mul(remembered));
    let weights = state.saturating_mul(2).saturating_add(trainable);
    let training = height(graph, data, engine, rows.clamp(1, data.rows.max(1)), true)?;
    let inference = height(graph, data, engine, rows_at_once(graph, data, engine)?, false)?;
    Ok(Needs { taken: memory::taken().unwrap_or(0), weights, batch: training.max(inference) })
}

/// What a batch of so many rows of the data takes, the data's own sizes in the place of the graph's symbols.
fn height(graph: &Graph, data: &Dataset, engine: &dyn Engine, rows: usize, training: bool) -> Result<u64, TrainError> {
    let shape = |fed: Fed<'_>| {
        let row = fed.field().map(|field| field.shape.as_slice()).unwrap_or_default();
        [&[rows], row].concat()
    };
    let shapes: Vec<Vec<usize>> = fed(graph, data)?.into_iter().map(shape).collect();
    let sizes = bind::bind(graph, shapes.iter().map(Vec::as_slice)).map_err(EngineError::from)?;
    Ok(engine.height(graph, &sizes, training)?)
}
