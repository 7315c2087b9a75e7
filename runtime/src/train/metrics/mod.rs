//! Loss and metrics, summed up batch by batch: what is kept does not grow with the rows.

mod answers;
mod classes;
mod curves;
mod explained;
mod lists;
mod order;

use std::collections::BTreeMap;

use ndsl_compiler::plan::{Metric, Task};
use serde::{Deserialize, Serialize};

use self::answers::Answers;
use self::classes::Classes;
pub use self::classes::Confusion;
use self::curves::Curves;
use self::explained::Explained;
pub use self::lists::Lists;
use self::order::List;
use crate::tensor::Tensor;

/// Means over the rows seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// The loss.
    pub loss: f64,
    /// The metrics, by name; one that is no number, as of rows of a single class, is written `null`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "with_nulls")]
    pub metrics: BTreeMap<String, f64>,
}

fn with_nulls<'de, D: serde::Deserializer<'de>>(given: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let given = BTreeMap::<String, Option<f64>>::deserialize(given)?;
    Ok(given.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect())
}

/// What becomes [`Measures`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    task: Task,
    metrics: Vec<Kept>,
    loss: Mean,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confusion: Option<Confusion>,
}

/// One metric and what is kept for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    name: String,
    metric: Metric,
    part: Part,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Mean(Mean),
    Classes(Classes),
    Curves(Curves),
    Explained(Explained),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Mean {
    total: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.total += value;
        self.count += 1;
    }

    fn value(self) -> f64 {
        if self.count == 0 { 0.0 } else { self.total / self.count as f64 }
    }
}

impl Tally {
    /// Nothing seen yet.
    pub fn new(task: Task, metrics: &[Metric]) -> Self {
        let kept = |(metric, name): (&Metric, String)| Kept { name, metric: *metric, part: part(*metric) };
        let metrics = metrics.iter().zip(Metric::names(metrics)).map(kept).collect();
        Self { task, metrics, loss: Mean::default(), confusion: None }
    }

    /// Nothing seen yet, and what was taken for what is counted too.
    pub fn with_confusion(task: Task, metrics: &[Metric]) -> Self {
        Self { confusion: Some(Confusion::default()), ..Self::new(task, metrics) }
    }

    /// Adds a batch: the loss of each row, the predictions, and the target.
    pub fn add(&mut self, losses: &Tensor, prediction: &Tensor, target: Option<&Tensor>) {
        self.add_ranked(losses, prediction, target, None);
    }

    /// The same, with what metrics of order put in order where that is not the prediction.
    pub fn add_ranked(
        &mut self,
        losses: &Tensor,
        prediction: &Tensor,
        target: Option<&Tensor>,
        lists: Option<Lists<'_>>,
    ) {
        losses.as_f32().unwrap_or_default().iter().for_each(|loss| self.loss.add(f64::from(*loss)));
        let (ordered, others): (Vec<&mut Kept>, Vec<&mut Kept>) =
            self.metrics.iter_mut().partition(|kept| lists.is_some() && orders(kept.metric));
        for Kept { metric, part, .. } in ordered {
            if let Part::Mean(mean) = part {
                let lists = lists.iter().flat_map(|lists| lists.each());
                lists.filter_map(|list| of_order(*metric, &list)).for_each(|value| mean.add(value));
            }
        }
        let Some(answers) = target.and_then(|target| Answers::new(self.task, prediction, target)) else { return };
        for Kept { metric, part, .. } in others {
            match part {
                Part::Mean(mean) => add(*metric, mean, &answers),
                Part::Classes(classes) => classes.add(&answers, threshold(*metric)),
                Part::Curves(curves) => curves.add(&answers),
                Part::Explained(explained) => explained.add(&answers),
            }
        }
        if let Some(confusion) = &mut self.confusion {
            confusion.add(&answers);
        }
    }

    /// The measures so far.
    pub fn measures(&self) -> Measures {
        self.of(|_| true)
    }

    /// The measures so far without those that take longer than a step should: the areas under curves.
    pub fn glance(&self) -> Measures {
        self.of(|part| !matches!(part, Part::Curves(_)))
    }

    fn of(&self, which: impl Fn(&Part) -> bool) -> Measures {
        let wanted = self.metrics.iter().filter(|kept| which(&kept.part));
        let metrics = wanted.map(|kept| (kept.name.clone(), kept.value())).collect();
        Measures { loss: self.loss.value(), metrics }
    }

    /// What was taken for what, where that was to be counted and there are not too many classes.
    pub fn confusion(&self) -> Option<&Confusion> {
        self.confusion.as_ref().filter(|confusion| !confusion.is_empty())
    }
}

impl Kept {
    fn value(&self) -> f64 {
        match &self.part {
            Part::Mean(mean) => match self.metric {
                Metric::Rmse => mean.value().sqrt(),
                Metric::Perplexity => mean.value().exp(),
                _ => mean.value(),
            },
            Part::Classes(classes) => classes.value(self.metric),
            Part::Curves(curves) => curves.value(self.metric),
            Part::Explained(explained) => explained.value(),
        }
    }
}

fn part(metric: Metric) -> Part {
    match metric {
        Metric::Precision(_)
        | Metric::Recall(_)
        | Metric::F1(_)
        | Metric::Specificity(_)
        | Metric::BalancedAccuracy { .. }
        | Metric::Matthews { .. }
        | Metric::Kappa { .. }
        | Metric::Iou { .. } => Part::Classes(Classes::default()),
        Metric::Auc | Metric::AveragePrecision => Part::Curves(Curves::default()),
        Metric::R2 => Part::Explained(Explained::default()),
        _ => Part::Mean(Mean::default()),
    }
}

/// The probability above which it is a yes.
fn threshold(metric: Metric) -> f64 {
    match metric {
        Metric::Precision(averaged)
        | Metric::Recall(averaged)
        | Metric::F1(averaged)
        | Metric::Specificity(averaged) => averaged.threshold,
        Metric::BalancedAccuracy { threshold }
        | Metric::Matthews { threshold }
        | Metric::Kappa { threshold }
        | Metric::Iou { threshold } => threshold,
        _ => 0.5,
    }
}

/// Whether a metric is of what is put in order.
fn orders(metric: Metric) -> bool {
    matches!(metric, Metric::HitRate { .. } | Metric::Mrr { .. } | Metric::Ndcg { .. })
}

/// What a metric of order is of one list; nothing for the others.
fn of_order(metric: Metric, list: &List<'_>) -> Option<f64> {
    Some(match metric {
        Metric::TopKAccuracy { k } | Metric::HitRate { k } => f64::from(u8::from(list.first_right() <= k)),
        Metric::Mrr { k } => match list.first_right() {
            place if place <= k => 1.0 / place as f64,
            _ => 0.0,
        },
        Metric::Ndcg { k } => list.gain(k),
        _ => return None,
    })
}

/// Adds to a metric that is a mean.
fn add(metric: Metric, mean: &mut Mean, answers: &Answers<'_>) {
    let yes = |truth: bool| f64::from(u8::from(truth));
    let mut of_numbers = |of: &dyn Fn(f64, f64) -> f64| {
        answers.numbers().for_each(|(prediction, target)| mean.add(of(prediction, target)));
    };
    match metric {
        Metric::Accuracy => answers.right().for_each(|right| mean.add(yes(right))),
        Metric::ExactMatch => {
            let right: Vec<bool> = answers.right().collect();
            right
                .chunks((right.len() / answers.rows.max(1)).max(1))
                .for_each(|row| mean.add(yes(row.iter().all(|it| *it))));
        }
        Metric::TopKAccuracy { .. } | Metric::HitRate { .. } | Metric::Mrr { .. } | Metric::Ndcg { .. } => {
            answers.lists().filter_map(|list| of_order(metric, &list)).for_each(|value| mean.add(value));
        }
        // A probability that is rounded to 0 is not infinitely unlikely.
        Metric::Perplexity => answers.labelled().for_each(|(row, label)| {
            mean.add(-f64::from(row.get(label).copied().unwrap_or(0.0).max(f32::MIN_POSITIVE)).ln());
        }),
        Metric::Mae => of_numbers(&|prediction, target| (target - prediction).abs()),
        Metric::Mse | Metric::Rmse => of_numbers(&|prediction, target| (target - prediction).powi(2)),
        Metric::Mape => of_numbers(&|prediction, target| (target - prediction).abs() / target.abs().max(1e-7)),
        Metric::Msle => {
            of_numbers(&|prediction, target| (target.max(0.0).ln_1p() - prediction.max(0.0).ln_1p()).powi(2));
        }
        Metric::CosineSimilarity => answers.cosines().for_each(|cosine| mean.add(cosine)),
        _ => {}
    }
}

/// The index of the largest number; of several, the first.
pub(crate) fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_rows_whatever_the_batches() {
        let mut tally = Tally::new(Task::Classification, &[Metric::Accuracy]);
        let scores = Tensor::f32([2, 3], vec![0.1, 0.7, 0.2, 0.9, 0.0, 0.1]);
        tally.add(&Tensor::f32([2], vec![1.0, 2.0]), &scores, Some(&Tensor::i64([2], vec![1, 2])));
        let scores = Tensor::f32([1, 3], vec![0.0, 0.0, 1.0]);
        tally.add(&Tensor::f32([1], vec![6.0]), &scores, Some(&Tensor::i64([1], vec![2])));
        let measures = tally.measures();
        assert_eq!(measures.loss, 3.0);
        assert_eq!(measures.metrics["accuracy"], 2.0 / 3.0);
    }

    #[test]
    fn a_binary_answer_is_right_on_its_side_of_one_half() {
        let mut tally = Tally::new(Task::Binary, &[Metric::Accuracy]);
        let probabilities = Tensor::f32([4, 1], vec![0.9, 0.1, 0.5, 0.6]);
        tally.add(&Tensor::f32([4], vec![0.0; 4]), &probabilities, Some(&Tensor::i64([4], vec![1, 0, 1, 0])));
        assert_eq!(tally.measures().metrics["accuracy"], 0.5);
    }

    #[test]
    fn the_mean_absolute_error_is_over_every_number() {
        let mut tally = Tally::new(Task::Regression, &[Metric::Mae]);
        let target = Tensor::f32([2], vec![1.0, 1.0]);
        tally.add(&Tensor::f32([2], vec![0.0; 2]), &Tensor::f32([2], vec![0.0, 4.0]), Some(&target));
        assert_eq!(tally.measures().metrics["mae"], 2.0);
    }

    #[test]
    fn what_was_taken_for_what_is_counted_where_it_was_asked_for() {
        let mut tally = Tally::with_confusion(Task::Binary, &[]);
        let probabilities = Tensor::f32([4], vec![0.9, 0.1, 0.5, 0.6]);
        tally.add(&Tensor::f32([4], vec![0.0; 4]), &probabilities, Some(&Tensor::f32([4], vec![1.0, 0.0, 1.0, 0.0])));
        assert_eq!(tally.confusion().unwrap().counts(), [[1, 1], [1, 1]]);
        assert_eq!(Tally::new(Task::Binary, &[]).confusion(), None);
    }

    #[test]
    fn a_tally_that_was_kept_goes_on_to_the_last_bit() {
        let all = [Metric::Auc, Metric::R2, Metric::Accuracy, Metric::Kappa { threshold: 0.3 }];
        let mut tally = Tally::new(Task::Binary, &all);
        let add = |tally: &mut Tally, from: usize| {
            let score = |index: usize| ((index * 37 % 101) as f32) / 101.0;
            let scores = (from..from + 50).map(score).collect();
            let labels = (from..from + 50).map(|index| ((index * 7) % 3 == 0) as u8 as f32).collect();
            tally.add(&Tensor::f32([50], vec![0.1; 50]), &Tensor::f32([50], scores), Some(&Tensor::f32([50], labels)));
        };
        add(&mut tally, 0);
        let text = serde_json::to_string(&tally).unwrap();
        let mut again: Tally = serde_json::from_str(&text).unwrap();
        add(&mut tally, 50);
        add(&mut again, 50);
        assert_eq!(tally, again);
    }
}
