//! Metrics that follow from how often each class was answered, was right, and was there to be found.

use ndsl_compiler::plan::{Average, Metric, Task};
use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::largest;

/// The most classes of which it is counted what was taken for what.
const MOST_CONFUSED: usize = 256;

/// Counts of every class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Classes {
    /// Whether each row has exactly one of the classes; otherwise each class is a yes or no of its own.
    exclusive: bool,
    /// Answers there were for each class.
    seen: u64,
    each: Vec<Count>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    /// Rows of the class that were found.
    right: u64,
    /// Rows that were taken for it.
    answered: u64,
    /// Rows of it.
    actual: u64,
}

impl Classes {
    /// Counts a batch in.
    pub(super) fn add(&mut self, answers: &Answers<'_>, threshold: f64) {
        self.exclusive = answers.task == Task::Classification;
        if self.each.len() < answers.width {
            self.each.resize(answers.width, Count::default());
        }
        if self.exclusive {
            for (row, label) in answers.labelled() {
                let answer = largest(row);
                self.seen += 1;
                self.each[answer].answered += 1;
                if let Some(count) = self.each.get_mut(label) {
                    count.actual += 1;
                    count.right += u64::from(answer == label);
                }
            }
            return;
        }
        for (index, (prediction, target)) in answers.numbers().enumerate() {
            let (answer, truth) = (prediction > threshold, target > 0.5);
            let count = &mut self.each[index % answers.width];
            count.answered += u64::from(answer);
            count.actual += u64::from(truth);
            count.right += u64::from(answer && truth);
        }
        self.seen += (answers.prediction.len() / answers.width) as u64;
    }

    /// What a metric makes of the counts.
    pub(super) fn value(&self, metric: Metric) -> f64 {
        let seen = self.seen;
        match metric {
            Metric::Precision(averaged) => self.average(averaged.average, |count| (count.right, count.answered)),
            Metric::Recall(averaged) => self.average(averaged.average, |count| (count.right, count.actual)),
            Metric::F1(averaged) => {
                self.average(averaged.average, |count| (2 * count.right, count.answered + count.actual))
            }
            Metric::Specificity(averaged) => self.average(averaged.average, |count| {
                let without = seen - count.actual;
                (without - (count.answered - count.right), without)
            }),
            Metric::Iou { .. } => {
                self.average(Average::Macro, |count| (count.right, count.answered + count.actual - count.right))
            }
            Metric::BalancedAccuracy { .. } => {
                let both = self.with_the_other();
                let present: Vec<&Count> = both.iter().filter(|count| count.actual > 0).collect();
                let sum: f64 = present.iter().map(|count| count.right as f64 / count.actual as f64).sum();
                sum / present.len().max(1) as f64
            }
            Metric::Matthews { .. } => self.matthews(),
            Metric::Kappa { .. } => self.kappa(),
            _ => f64::NAN,
        }
    }

    /// One number of all classes; `of` is the two sides of the division of one of them.
    fn average(&self, average: Average, of: impl Fn(&Count) -> (u64, u64)) -> f64 {
        let share = |(above, below): (u64, u64)| if below == 0 { 0.0 } else { above as f64 / below as f64 };
        if let [only] = self.each.as_slice() {
            return share(of(only));
        }
        let occurs = |count: &&Count| count.actual + count.answered > 0;
        let classes = || self.each.iter().filter(occurs);
        match average {
            Average::Micro => {
                let sides = classes().map(&of);
                share(sides.fold((0, 0), |(above, below), (more, most)| (above + more, below + most)))
            }
            Average::Macro => classes().map(|count| share(of(count))).sum::<f64>() / classes().count().max(1) as f64,
            Average::Weighted => {
                let all: u64 = classes().map(|count| count.actual).sum();
                let sum: f64 = classes().map(|count| share(of(count)) * count.actual as f64).sum();
                if all == 0 { 0.0 } else { sum / all as f64 }
            }
        }
    }

    /// The classes of which each row has one: of yes or no, both of them.
    fn with_the_other(&self) -> Vec<Count> {
        match (self.exclusive, self.each.as_slice()) {
            (false, [yes]) => {
                let (answered, actual) = (self.seen - yes.answered, self.seen - yes.actual);
                // Found are those without it that were not taken for it.
                let right = actual - (yes.answered - yes.right);
                vec![Count { right, answered, actual }, *yes]
            }
            (_, each) => each.to_vec(),
        }
    }

    /// The rows, those that are right, and the sums over classes of products: answered by actual, answered and actual by themselves.
    fn sums(&self) -> (f64, f64, f64, f64, f64) {
        let classes = self.with_the_other();
        let sum = |of: &dyn Fn(&Count) -> f64| classes.iter().map(of).sum::<f64>();
        let (answered, actual) = (|count: &Count| count.answered as f64, |count: &Count| count.actual as f64);
        (
            self.seen as f64,
            sum(&|count| count.right as f64),
            sum(&|count| answered(count) * actual(count)),
            sum(&|count| answered(count).powi(2)),
            sum(&|count| actual(count).powi(2)),
        )
    }

    fn matthews(&self) -> f64 {
        let (seen, right, both, answered, actual) = self.sums();
        let spread = ((seen * seen - answered) * (seen * seen - actual)).sqrt();
        if spread > 0.0 { (right * seen - both) / spread } else { 0.0 }
    }

    fn kappa(&self) -> f64 {
        let (seen, right, both, ..) = self.sums();
        let left = seen * seen - both;
        if left > 0.0 { (right * seen - both) / left } else { 0.0 }
    }
}

/// How often rows of each class were taken for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confusion {
    /// A row for what is right, in it a number for each answer.
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// A row for each class that is right, in it how often each was answered.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// What the classes are called, where that is known; by their numbers otherwise.
    pub fn names(&self, known: Option<&[String]>) -> Vec<String> {
        let name =
            |class: usize| known.and_then(|known| known.get(class)).cloned().unwrap_or_else(|| class.to_string());
        (0..self.counts.len()).map(name).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Counts a batch in; of labels that do not exclude each other, and of very many classes, there is nothing to be counted.
    pub(super) fn add(&mut self, answers: &Answers<'_>) {
        let classes = match answers.task {
            Task::Classification => answers.width,
            Task::Binary if answers.width == 1 => 2,
            _ => return,
        };
        if classes > MOST_CONFUSED {
            return;
        }
        if self.counts.len() < classes {
            self.counts.resize(classes, Vec::new());
            self.counts.iter_mut().for_each(|row| row.resize(classes, 0));
        }
        let mut count = |truth: usize, answer: usize| {
            if let Some(count) = self.counts.get_mut(truth).and_then(|row| row.get_mut(answer)) {
                *count += 1;
            }
        };
        match answers.task {
            Task::Classification => answers.labelled().for_each(|(row, label)| count(label, largest(row))),
            _ => {
                answers
                    .numbers()
                    .for_each(|(value, target)| count(usize::from(target > 0.5), usize::from(value > 0.5)));
            }
        }
    }
}
