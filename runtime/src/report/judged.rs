//! What a model makes of rows whose answers are known: what it takes for what, and the rows it is most wrong about.

use ndsl_compiler::plan::Task;

use crate::tensor::Tensor;
use crate::train::{Cancel, Confusion, Seen, Subject, Tally, TrainError, examine, largest};

/// How many of the rows it is most wrong about are kept.
const WORST: usize = 12;

/// Of a row with more answers, such as a text, none is said.
const FEW: usize = 4;

/// How many points of a regression are kept.
const POINTS: usize = 2_000;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// How many rows there were.
    pub rows: usize,
    /// For classes that exclude each other, and not too many: what was taken for what.
    pub confusion: Option<Confusion>,
    /// For numbers: the right one and the answer, of rows evenly apart.
    pub points: Vec<(f64, f64)>,
    /// The rows with the largest loss, the worst first.
    pub worst: Vec<Wrong>,
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
pub enum Answer {
    /// A class, or yes or no.
    Class {
        /// The right one.
        right: usize,
        /// The one that was answered.
        answered: usize,
        /// How likely that seemed.
        probability: f64,
    },
    /// A number.
    Number {
        /// The right one.
        right: f64,
        /// The one that was answered.
        answered: f64,
    },
}

/// Judges rows, as in inference, by what the loss compares; nothing where it was cancelled.
///
/// # Errors
/// What [`examine`] says.
pub fn judge(subject: Subject<'_>, cancel: &Cancel) -> Result<Option<Judged>, TrainError> {
    let task = subject.plan.task;
    let mut judged = Judged { rows: subject.rows.len(), ..Judged::default() };
    let mut tally = Tally::with_confusion(task, &[]);
    let (mut before, stride) = (0, subject.rows.len().div_ceil(POINTS).max(1));
    let whole = examine(subject, cancel, &mut |seen| {
        tally.add(seen.losses, seen.prediction, seen.target);
        for place in 0..seen.rows.len() {
            judged.keep(task, seen, place);
            if task == Task::Regression && (before + place).is_multiple_of(stride) {
                judged.points.extend(answers(task, seen, place).iter().filter_map(|answer| match *answer {
                    Answer::Number { right, answered } => Some((right, answered)),
                    Answer::Class { .. } => None,
                }));
            }
        }
        before += seen.rows.len();
    })?;
    judged.confusion = tally.confusion().cloned();
    Ok(whole.then_some(judged))
}

impl Judged {
    /// Keeps a row of a batch if it is among the worst; of equal ones, the first.
    fn keep(&mut self, task: Task, seen: Seen<'_>, place: usize) {
        let losses = row(seen.losses, seen, place);
        let loss = losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / losses.len().max(1) as f64;
        let rank = self.worst.partition_point(|other| other.loss >= loss);
        if loss.is_finite() && rank < WORST {
            let answers = answers(task, seen, place);
            let answers = if answers.len() <= FEW { answers } else { Vec::new() };
            self.worst.insert(rank, Wrong { row: seen.rows[place], loss, answers });
            self.worst.truncate(WORST);
        }
    }
}

/// The numbers of one row of a batch.
fn row<'a>(tensor: &'a Tensor, seen: Seen<'_>, place: usize) -> &'a [f32] {
    let numbers = tensor.as_f32().unwrap_or_default();
    let width = numbers.len() / seen.rows.len();
    &numbers[place * width..][..width]
}

/// What was answered to one row, beside what is right; nothing where the two are not of one size.
fn answers(task: Task, seen: Seen<'_>, place: usize) -> Vec<Answer> {
    let Some(target) = seen.target.map(|target| &target.data) else { return Vec::new() };
    let numbers = row(seen.prediction, seen, place);
    let width = match task {
        Task::Classification => seen.prediction.shape.last().copied().unwrap_or(1).max(1),
        Task::Binary | Task::Regression => 1,
    };
    let count = numbers.len() / width;
    if target.len() != count * seen.rows.len() {
        return Vec::new();
    }
    let answer = |(index, numbers): (usize, &[f32])| {
        let right = target.number(place * count + index)?;
        let first = f64::from(numbers[0]);
        Some(match task {
            Task::Classification => {
                let answered = largest(numbers);
                Answer::Class { right: right as usize, answered, probability: f64::from(numbers[answered]) }
            }
            Task::Binary => {
                let probability = if first > 0.5 { first } else { 1.0 - first };
                Answer::Class { right: usize::from(right > 0.5), answered: usize::from(first > 0.5), probability }
            }
            Task::Regression => Answer::Number { right, answered: first },
        })
    };
    numbers.chunks_exact(width).enumerate().filter_map(answer).collect()
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
