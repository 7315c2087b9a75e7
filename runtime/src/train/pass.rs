//! Going through rows batch by batch.

use ndsl_compiler::Weights;
use ndsl_compiler::plan::{
    ALIKE_OUTPUT, LOSS_OUTPUT, NEIGHBOURS_OUTPUT, PAIRS_OUTPUT, PREDICTION_OUTPUT, TARGET_OUTPUT, TrainPlan,
};

use super::augment::{augment, is_image};
use super::batches::{Fed, fed};
use super::memory::rows_at_once;
use super::mix::{Mix, drawn};
use super::weighting::RowWeights;
use super::{Cancel, Confusion, Lists, Measures, Tally, TrainError, labels};
use crate::data::{Dataset, Field};
use crate::engine::{Device, Engine, EngineOptions, Session};
use crate::tensor::{Tensor, TensorData};

/// What a model's answers to rows were measured to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Loss and metrics.
    pub measures: Measures,
    /// What was taken for what, where there are classes and not too many.
    pub confusion: Option<Confusion>,
}

/// Weights, and the rows that they are looked at by.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The graph with its loss.
    pub plan: &'a TrainPlan,
    /// The dataset.
    pub data: &'a Dataset,
    /// Which of its rows.
    pub rows: &'a [usize],
    /// The parameters.
    pub weights: &'a Weights,
    /// What computes.
    pub engine: &'a dyn Engine,
    /// Where.
    pub device: Device,
}

/// A batch of rows, and what the graph made of it.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The rows.
    pub rows: &'a [usize],
    /// The loss of each.
    pub losses: &'a Tensor,
    /// What was predicted.
    pub prediction: &'a Tensor,
    /// What the loss compares that with, if with anything.
    pub target: Option<&'a Tensor>,
    /// What metrics of order put in order, where that is not the prediction.
    pub lists: Option<Lists<'a>>,
}

impl Seen<'_> {
    /// Counts it in.
    pub fn count(&self, tally: &mut Tally) {
        tally.add_ranked(self.losses, self.prediction, self.target, self.lists);
    }
}

/// Hands over every batch of rows with what the graph makes of it, as in inference; whether all were, and it was not cancelled.
///
/// # Errors
/// Where there are no rows, or they do not fit; and faults of the engine.
pub fn examine(subject: Subject<'_>, cancel: &Cancel, see: &mut dyn FnMut(Seen<'_>)) -> Result<bool, TrainError> {
    let Subject { plan, data, rows, weights, engine, device } = subject;
    if rows.is_empty() {
        return Err(TrainError::NoRows);
    }
    labels::check(plan, data)?;
    let mut session = engine.load(&plan.graph, weights, EngineOptions { device, seed: plan.seed })?;
    Pass::new(plan, data, rows, engine)?.through(session.as_mut(), rows, cancel, see)
}

/// The loss and metrics of given weights over rows of a dataset, as in inference; nothing if it was cancelled.
///
/// # Errors
/// What [`examine`] says.
pub fn assess(subject: Subject<'_>, cancel: &Cancel) -> Result<Option<Assessment>, TrainError> {
    let mut tally = Tally::with_confusion(subject.plan.task, &subject.plan.metrics);
    let whole = examine(subject, cancel, &mut |seen| seen.count(&mut tally))?;
    Ok(whole.then(|| Assessment { measures: tally.measures(), confusion: tally.confusion().cloned() }))
}

/// What every pass over the rows needs.
pub(super) struct Pass<'a> {
    plan: &'a TrainPlan,
    data: &'a Dataset,
    fed: Vec<Fed<'a>>,
    weights: Option<RowWeights>,
    target: Option<&'a Field>,
    prediction: usize,
    loss: usize,
    /// How many rows are computed at once in inference.
    pub(super) inference_rows: usize,
    /// The output that predictions are compared with; the dataset's target where the loss names none.
    compared: Option<usize>,
    /// The outputs that metrics of order put in order: pairs, neighbours, and which of these are alike.
    ranked: [Option<usize>; 3],
}

impl<'a> Pass<'a> {
    /// Of a dataset, of which `trained` are the rows to train on.
    pub(super) fn new(
        plan: &'a TrainPlan,
        data: &'a Dataset,
        trained: &[usize],
        engine: &dyn Engine,
    ) -> Result<Self, TrainError> {
        let place = |name: &str| plan.graph.outputs.iter().position(|output| output.name == name);
        let output = |name: &'static str| place(name).ok_or(TrainError::NoOutput { name });
        Ok(Self {
            plan,
            data,
            fed: fed(&plan.graph, data)?,
            weights: RowWeights::new(plan, data, trained)?,
            // Where what is learnt are the images themselves, they are read once a step.
            target: data.field(&data.target).filter(|field| field.pictures.is_none()),
            inference_rows: rows_at_once(&plan.graph, data, engine)?,
            prediction: output(PREDICTION_OUTPUT)?,
            loss: output(LOSS_OUTPUT)?,
            compared: place(TARGET_OUTPUT),
            ranked: [PAIRS_OUTPUT, NEIGHBOURS_OUTPUT, ALIKE_OUTPUT].map(place),
        })
    }

    /// Whether making a batch takes long enough to be done beside a step.
    pub(super) fn takes_time(&self) -> bool {
        !self.plan.augment.is_empty() || self.fed.iter().any(|fed| fed.field().is_some_and(Field::is_read_by_batch))
    }

    /// A batch to learn from, its images changed as is said for that.
    pub(super) fn to_train(&self, rows: &[usize], epoch: usize) -> Result<Vec<Tensor>, TrainError> {
        let weights = self.weights.as_ref().map(|weights| &weights.training[..]);
        let mut batch = self.inputs(rows, weights)?;
        let (changes, seed) = (&self.plan.augment, self.plan.seed);
        if changes.is_empty() {
            return Ok(batch);
        }
        let mixes = drawn(changes, (seed, epoch), rows);
        let mut size = None;
        for (fed, tensor) in self.fed.iter().zip(&mut batch) {
            if let (Some(field), TensorData::U8(pixels)) = (fed.field(), &mut tensor.data)
                && is_image(&field.shape)
            {
                augment(changes, (seed, epoch), rows, &mixes, &field.shape, pixels);
                size.get_or_insert([field.shape[0], field.shape[1]]);
            }
        }
        if let (Some(size), false) = (size, mixes.is_empty()) {
            self.teach_both(&mut batch, rows, &mixes, size, weights)?;
        }
        Ok(batch)
    }

    /// Gives rows that are mixed the targets of both, that of the larger share as their own, and counts each by its share. `weights` are
    /// those of all rows.
    fn teach_both(
        &self,
        batch: &mut [Tensor],
        rows: &[usize],
        mixes: &[Mix],
        size: [usize; 2],
        weights: Option<&[f32]>,
    ) -> Result<(), TrainError> {
        if !self.fed.iter().any(|fed| matches!(fed, Fed::PartnerTarget(_))) {
            return Ok(());
        }
        let (mut own, mut others, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for (row, mix) in rows.iter().zip(mixes) {
            let (other, share) = (rows[mix.partner], mix.share(size));
            let is_larger = share >= 0.5;
            own.push(if is_larger { *row } else { other });
            others.push(if is_larger { other } else { *row });
            shares.push(if is_larger { share } else { 1.0 - share });
        }
        for (fed, tensor) in self.fed.iter().zip(batch) {
            let (rows, count): (_, fn(f32) -> f32) = match fed {
                Fed::Field(field) if field.name == self.data.target => (&own, |share| share),
                Fed::RowWeight => (&own, |share| share),
                Fed::PartnerTarget(_) | Fed::PartnerWeight => (&others, |share| 1.0 - share),
                Fed::Field(_) => continue,
            };
            *tensor = match fed {
                Fed::Field(_) | Fed::PartnerTarget(_) => fed.batch(self.data, rows, None)?,
                Fed::RowWeight | Fed::PartnerWeight => {
                    let mut counts = Fed::RowWeight.batch(self.data, rows, weights)?;
                    if let TensorData::F32(counts) = &mut counts.data {
                        counts.iter_mut().zip(&shares).for_each(|(weight, share)| *weight *= count(*share));
                    }
                    counts
                }
            };
        }
        Ok(())
    }

    fn inputs(&self, rows: &[usize], weights: Option<&[f32]>) -> Result<Vec<Tensor>, TrainError> {
        self.fed.iter().map(|fed| fed.batch(self.data, rows, weights)).collect()
    }

    /// Counts a batch's outputs in.
    ///
    /// # Errors
    /// Where what is learnt is itself read for it.
    pub(super) fn count(&self, tally: &mut Tally, outputs: &[Tensor], rows: &[usize]) -> Result<(), TrainError> {
        self.seen(outputs, rows, &mut |seen| seen.count(tally))
    }

    /// Hands over what a batch's outputs are.
    fn seen(&self, outputs: &[Tensor], rows: &[usize], see: &mut dyn FnMut(Seen<'_>)) -> Result<(), TrainError> {
        let (losses, prediction) = (&outputs[self.loss], &outputs[self.prediction]);
        let read = match (self.compared, self.target) {
            (None, Some(field)) => Some(Fed::Field(field).batch(self.data, rows, None)?),
            _ => None,
        };
        let target = self.compared.map(|compared| &outputs[compared]).or(read.as_ref());
        let [pairs, neighbours, alike] = self.ranked.map(|place| place.map(|place| &outputs[place]));
        let neighbours = neighbours.map(|scores| Lists::Neighbours { scores, alike });
        let lists = pairs.map(Lists::Pairs).or(neighbours);
        see(Seen { rows, losses, prediction, target, lists });
        Ok(())
    }

    /// Loss and metrics over rows, as in inference; nothing if it was cancelled.
    pub(super) fn assess(
        &self,
        session: &mut dyn Session,
        rows: &[usize],
        cancel: &Cancel,
    ) -> Result<Option<Measures>, TrainError> {
        let mut tally = Tally::new(self.plan.task, &self.plan.metrics);
        let whole = self.through(session, rows, cancel, &mut |seen| seen.count(&mut tally))?;
        Ok(whole.then(|| tally.measures()))
    }

    /// Hands over rows, batch by batch, as in inference; whether all were, and it was not cancelled.
    fn through(
        &self,
        session: &mut dyn Session,
        rows: &[usize],
        cancel: &Cancel,
        see: &mut dyn FnMut(Seen<'_>),
    ) -> Result<bool, TrainError> {
        let weights = self.weights.as_ref().map(|weights| &weights.measuring[..]);
        for rows in rows.chunks(self.inference_rows) {
            if cancel.is_cancelled() {
                return Ok(false);
            }
            let outputs = session.forward(self.inputs(rows, weights)?)?;
            self.seen(&outputs, rows, see)?;
        }
        Ok(true)
    }
}
