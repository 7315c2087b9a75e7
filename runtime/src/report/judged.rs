//! What a model makes of rows whose answers are known: what it takes for what, and the rows it is most wrong about.

use std::collections::BTreeMap;

use ndsl_compiler::Weights;
use ndsl_compiler::plan::{LOSS_OUTPUT, PREDICTION_OUTPUT, Task, TrainPlan};

use crate::data::Dataset;
use crate::engine::{Device, Engine, EngineOptions};
use crate::train::{Cancel, TrainError, batch, largest};

/// Rows that are computed at once.
const ROWS: usize = 256;

/// How many of the rows it is most wrong about are kept.
const WORST: usize = 12;

/// How many points of a regression are kept.
const POINTS: usize = 2_000;

/// What is to be judged by what.
#[derive(Clone, Copy)]
pub struct Judgement<'a> {
    /// The graph with its loss.
    pub plan: &'a TrainPlan,
    /// The rows.
    pub data: &'a Dataset,
    /// Which of them.
    pub rows: &'a [usize],
    /// The parameters.
    pub weights: &'a Weights,
    /// What computes.
    pub engine: &'a dyn Engine,
    /// Where.
    pub device: Device,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// How many rows there were.
    pub rows: usize,
    /// For classes: what was taken for what.
    pub confusion: Option<Confusion>,
    /// For numbers: the right one and the answer, of rows evenly apart.
    pub points: Vec<(f64, f64)>,
    /// The rows with the largest loss, the worst first.
    pub worst: Vec<Wrong>,
}

/// What was taken for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confusion {
    /// The names of the classes.
    pub classes: Vec<String>,
    /// How often what was one class was taken for another, by their places: the right one first.
    pub counts: BTreeMap<(usize, usize), u64>,
}

/// A row, and what was made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// Its place in the dataset.
    pub row: usize,
    /// Its loss.
    pub loss: f64,
    /// Its answers, where it has few.
    pub answers: Vec<Answer>,
}

/// One answer of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is right.
    pub right: String,
    /// What was answered.
    pub answered: String,
    /// How likely what was answered seemed.
    pub probability: Option<f64>,
}

impl Confusion {
    /// How often it was this class.
    pub fn of(&self, class: usize) -> u64 {
        self.counts.range((class, 0)..=(class, usize::MAX)).map(|(_, count)| count).sum()
    }

    /// How often this class was answered.
    pub fn answered(&self, class: usize) -> u64 {
        self.counts.iter().filter(|((_, answered), _)| *answered == class).map(|(_, count)| count).sum()
    }

    /// How often it was answered and right.
    pub fn right(&self, class: usize) -> u64 {
        self.counts.get(&(class, class)).copied().unwrap_or(0)
    }
}

/// Judges rows, as in inference; nothing where there is none or it was cancelled.
///
/// # Errors
/// What the engine may say.
pub fn judge(judgement: Judgement<'_>, cancel: &Cancel) -> Result<Option<Judged>, TrainError> {
    let Judgement { plan, data, rows, weights, engine, device } = judgement;
    let place = |name: &'static str| {
        let found = plan.graph.outputs.iter().position(|output| output.name == name);
        found.ok_or(TrainError::NoOutput { name })
    };
    let (loss, prediction) = (place(LOSS_OUTPUT)?, place(PREDICTION_OUTPUT)?);
    let mut judged = Judged { rows: rows.len(), ..Judged::default() };
    let target = data.field(&data.target);
    let mut session = engine.load(&plan.graph, weights, EngineOptions { device, seed: plan.seed })?;
    let stride = rows.len().div_ceil(POINTS).max(1);
    for (number, rows) in rows.chunks(ROWS).enumerate() {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let outputs = session.forward(batch(&plan.graph, data, rows)?)?;
        let losses = outputs[loss].as_f32().unwrap_or_default();
        let answers = outputs[prediction].as_f32().unwrap_or_default();
        let (per_loss, per_answer) = (losses.len() / rows.len(), answers.len() / rows.len());
        let width = match plan.task {
            Task::Classification => outputs[prediction].shape.last().copied().unwrap_or(1).max(1),
            Task::Binary | Task::Regression => 1,
        };
        let Some(target) = target.filter(|_| per_answer > 0 && per_loss > 0) else { continue };
        let truth = data.batch(target, rows)?;
        let (count, per_truth) = (per_answer / width, truth.data.len() / rows.len());
        for (place, row) in rows.iter().enumerate() {
            let losses = &losses[place * per_loss..][..per_loss];
            let loss = losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / per_loss as f64;
            let answers = answers[place * per_answer..][..per_answer].chunks_exact(width);
            // A target that is no label for each answer is not compared with them.
            let truth = |index: usize| match per_truth == count {
                true => truth.data.number(place * per_truth + index),
                false => None,
            };
            let mut said = Vec::new();
            for (index, answer) in answers.enumerate() {
                let Some(right) = truth(index) else { continue };
                let one = judged.answer(plan.task, target.classes.as_deref(), answer, right);
                said.push(one);
                if plan.task == Task::Regression && (number * ROWS + place).is_multiple_of(stride) {
                    judged.points.push((right, f64::from(answer[0])));
                }
            }
            judged.keep(Wrong { row: *row, loss, answers: if count <= 4 { said } else { Vec::new() } });
        }
    }
    Ok(Some(judged).filter(|judged| judged.rows > 0))
}

impl Judged {
    /// Counts one answer in, and says it in words.
    fn answer(&mut self, task: Task, names: Option<&[String]>, answer: &[f32], right: f64) -> Answer {
        let (classes, answered, probability) = match task {
            Task::Regression => {
                return Answer { right: number(right), answered: number(f64::from(answer[0])), probability: None };
            }
            Task::Classification => (answer.len(), largest(answer), f64::from(answer[largest(answer)])),
            Task::Binary => {
                let yes = f64::from(answer[0]);
                (2, usize::from(yes > 0.5), if yes > 0.5 { yes } else { 1.0 - yes })
            }
        };
        let names = || match names.filter(|names| names.len() == classes) {
            Some(names) => names.to_vec(),
            None => (0..classes).map(|class| class.to_string()).collect(),
        };
        let confusion = self.confusion.get_or_insert_with(|| Confusion { classes: names(), ..Confusion::default() });
        // A label beyond the classes was refused before; one between them is none.
        let right = right.round().clamp(0.0, (classes - 1) as f64) as usize;
        *confusion.counts.entry((right, answered)).or_default() += 1;
        let name = |class: usize| confusion.classes[class].clone();
        Answer { right: name(right), answered: name(answered), probability: Some(probability) }
    }

    /// Keeps a row if it is among the worst; of equal ones, the first.
    fn keep(&mut self, wrong: Wrong) {
        if !wrong.loss.is_finite() {
            return;
        }
        let place = self.worst.partition_point(|other| other.loss >= wrong.loss);
        if place < WORST {
            self.worst.insert(place, wrong);
            self.worst.truncate(WORST);
        }
    }
}

/// A number as people read it.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size < 1e6 && value.fract() == 0.0 => format!("{}", value as i64),
        size if !(1e-3..1e6).contains(&size) => format!("{value:.3e}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}
