//! Metrics of every threshold at once: rows are counted by their scores, and what is kept is bounded however many rows there are.

use std::collections::BTreeMap;

use ndsl_compiler::plan::{Metric, Task};
use serde::{Deserialize, Serialize};

use super::answers::Answers;

/// The most different scores that are kept of all classes together.
const SCORES: usize = 1 << 16;

/// The least that is kept of one class, however many there are.
const LEAST: usize = 64;

/// Rows by their scores, for every class or label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Curves(Vec<Curve>);

/// Rows by their scores.
///
/// Scores are told apart by their bits but for the last few: as few are left out as keeps the number of different ones within
/// its bound. So what is kept does not depend on the order of the rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Curve {
    /// Bits that are left out.
    blurred: u32,
    /// Rows without the class and rows of it, by their scores.
    rows: BTreeMap<u32, (u64, u64)>,
}

impl Curves {
    /// Counts a batch in.
    pub(super) fn add(&mut self, answers: &Answers<'_>) {
        if self.0.len() < answers.width {
            self.0.resize(answers.width, Curve::default());
        }
        let most = (SCORES / self.0.len()).max(LEAST);
        match answers.task {
            Task::Classification => {
                for (row, label) in answers.labelled() {
                    for (class, score) in row.iter().enumerate() {
                        self.0[class].add(*score, class == label, most);
                    }
                }
            }
            _ => {
                for (index, score) in answers.prediction.iter().enumerate() {
                    self.0[index % answers.width].add(*score, answers.target(index) > 0.5, most);
                }
            }
        }
    }

    /// The mean area of the classes that have one.
    pub(super) fn value(&self, metric: Metric) -> f64 {
        let area = |curve: &Curve| match metric {
            Metric::Auc => curve.area(),
            _ => curve.average_precision(),
        };
        let areas: Vec<f64> = self.0.iter().filter_map(area).collect();
        match areas.is_empty() {
            true => f64::NAN,
            false => areas.iter().sum::<f64>() / areas.len() as f64,
        }
    }
}

/// A number whose order is that of the score.
fn key(score: f32) -> u32 {
    let bits = (score + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

impl Curve {
    fn add(&mut self, score: f32, truth: bool, most: usize) {
        let (without, with) = self.rows.entry(key(score) >> self.blurred).or_default();
        *(if truth { with } else { without }) += 1;
        while self.rows.len() > most {
            self.blurred += 1;
            let mut fewer: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
            for (key, (without, with)) in std::mem::take(&mut self.rows) {
                let count = fewer.entry(key >> 1).or_default();
                *count = (count.0 + without, count.1 + with);
            }
            self.rows = fewer;
        }
    }

    fn counts(&self) -> (f64, f64) {
        let (without, with) = self.rows.values().fold((0, 0), |(a, b), (without, with)| (a + without, b + with));
        (without as f64, with as f64)
    }

    /// The share of pairs of a row without and a row with the class in which the latter scores higher, equal scores counting half.
    fn area(&self) -> Option<f64> {
        let (without, with) = self.counts();
        let (mut below, mut area) = (0.0, 0.0);
        for (fewer, more) in self.rows.values() {
            area += *more as f64 * (below + *fewer as f64 / 2.0);
            below += *fewer as f64;
        }
        (without > 0.0 && with > 0.0).then(|| area / with / without)
    }

    /// The precision at every threshold, by how much more is found at it than at the one above.
    fn average_precision(&self) -> Option<f64> {
        let (_, with) = self.counts();
        let (mut found, mut taken, mut sum) = (0.0, 0.0, 0.0);
        for (fewer, more) in self.rows.values().rev() {
            found += *more as f64;
            taken += (*fewer + *more) as f64;
            sum += *more as f64 * found / taken;
        }
        (with > 0.0).then(|| sum / with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_scores() {
        let scores = [f32::NEG_INFINITY, -2.0, -1e-20, 0.0, 1e-20, 0.5, 1.0, f32::INFINITY];
        assert!(scores.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn of_more_scores_than_are_kept_the_area_is_almost_the_same_in_any_order() {
        let score = |index: u64| ((index * 2_654_435_761) % 1_000_003) as f32 / 1_000_003.0;
        let truth = |index: u64| score(index) + score(index + 7) > 1.0;
        let fill = |indices: &mut dyn Iterator<Item = u64>, most| {
            let mut curve = Curve::default();
            indices.for_each(|index| curve.add(score(index), truth(index), most));
            curve
        };
        let exact = fill(&mut (0..20_000), usize::MAX);
        let bounded = fill(&mut (0..20_000), 1000);
        assert_eq!((exact.rows.len() > 15_000, bounded.rows.len() <= 1000), (true, true));
        assert!((exact.area().unwrap() - bounded.area().unwrap()).abs() < 1e-3);
        assert_eq!(bounded, fill(&mut (0..20_000).rev(), 1000));
    }
}
