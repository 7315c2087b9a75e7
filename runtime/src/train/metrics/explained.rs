//! How much of the target's variance is explained.

use serde::{Deserialize, Serialize};

use super::answers::Answers;

/// The target's spread and what is left of it, for every number of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Explained {
    rows: f64,
    each: Vec<Spread>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spread {
    mean: f64,
    /// The sum of squares of the target's distances from its mean, after Welford.
    squares: f64,
    /// The sum of squares of the target's distances from the prediction.
    left: f64,
}

impl Explained {
    /// Counts a batch in.
    pub(super) fn add(&mut self, answers: &Answers<'_>) {
        let numbers = (answers.prediction.len() / answers.rows.max(1)).max(1);
        if self.each.len() < numbers {
            self.each.resize(numbers, Spread::default());
        }
        for (index, (prediction, target)) in answers.numbers().enumerate() {
            if index % numbers == 0 {
                self.rows += 1.0;
            }
            let spread = &mut self.each[index % numbers];
            let before = target - spread.mean;
            spread.mean += before / self.rows;
            spread.squares += before * (target - spread.mean);
            spread.left += (target - prediction).powi(2);
        }
    }

    /// The mean of what each number explains.
    pub(super) fn value(&self) -> f64 {
        let one = |spread: &Spread| match (spread.squares > 0.0, spread.left > 0.0) {
            (true, _) => 1.0 - spread.left / spread.squares,
            (false, varies) => f64::from(u8::from(!varies)),
        };
        self.each.iter().map(one).sum::<f64>() / self.each.len().max(1) as f64
    }
}
