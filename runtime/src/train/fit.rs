//! What a model knows of its training rows before the first step: the mean and the variance of what it standardises.

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Graph, Output, Standardized, ValueId};

use super::batches::batch;
use super::{Cancel, TrainError};
use crate::data::Dataset;
use crate::engine::{Engine, EngineOptions};

/// Rows that are computed at once.
const ROWS: usize = 1024;

/// Fits everything of `graph` that is fitted to `rows` alone and writes it into `weights`; false if it was cancelled.
pub(super) fn fit(
    graph: &Graph,
    data: &Dataset,
    rows: &[usize],
    weights: &mut Weights,
    engine: &dyn Engine,
    options: &EngineOptions,
    cancel: &Cancel,
) -> Result<bool, TrainError> {
    for fitted in &graph.standardized {
        let before = before(graph, fitted);
        let mut session = engine.load(&before, weights, options.clone())?;
        let mut moments = vec![Moments::default(); fitted.present.len()];
        for rows in rows.chunks(ROWS) {
            if cancel.is_cancelled() {
                return Ok(false);
            }
            let outputs = session.forward(batch(&before, data, rows)?)?;
            let mut outputs = outputs.iter().map(|output| output.as_f32().unwrap_or_default());
            let numbers = outputs.next().unwrap_or_default();
            let masks: Vec<Option<&[f32]>> =
                fitted.present.iter().map(|present| present.and_then(|_| outputs.next())).collect();
            for (row, numbers) in numbers.chunks_exact(moments.len().max(1)).enumerate() {
                for ((moments, mask), number) in moments.iter_mut().zip(&masks).zip(numbers) {
                    if mask.is_none_or(|mask| mask.get(row).is_some_and(|present| *present > 0.0)) {
                        moments.add(f64::from(*number));
                    }
                }
            }
        }
        let mut write = |id: ValueId, number: &dyn Fn(&Moments) -> f64| {
            let name = graph.parameter(id).map(|parameter| parameter.name.as_str()).unwrap_or_default();
            if let Some(weight) = weights.0.get_mut(name) {
                weight.data = moments.iter().map(|moments| number(moments) as f32).collect();
            }
        };
        write(fitted.mean, &|moments| moments.mean);
        write(fitted.variance, &Moments::variance);
    }
    Ok(true)
}

/// The part of a graph that makes the numbers to be standardised, and says which of them are there.
fn before(graph: &Graph, fitted: &Standardized) -> Graph {
    let values = std::iter::once(fitted.numbers).chain(fitted.present.iter().flatten().copied());
    let mut whole = graph.clone();
    whole.outputs =
        values.enumerate().map(|(place, value)| Output { name: place.to_string(), value, head: None }).collect();
    let names: Vec<String> = whole.outputs.iter().map(|output| output.name.clone()).collect();
    whole.pruned(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The mean and the spread of numbers that come one by one, after Welford.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, number: f64) {
        self.count += 1.0;
        let before = number - self.mean;
        self.mean += before / self.count;
        self.squares += before * (number - self.mean);
    }

    /// The variance of all of them; 1 where they are all the same, so that they stay at 0 and others are not blown up.
    fn variance(&self) -> f64 {
        match self.squares > 0.0 {
            true => self.squares / self.count,
            false => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(numbers: &[f64]) -> (f64, f64) {
        let mut moments = Moments::default();
        numbers.iter().for_each(|number| moments.add(*number));
        (moments.mean, moments.variance())
    }

    #[test]
    fn the_variance_is_that_of_the_rows_themselves() {
        assert_eq!(moments(&[1.0, 2.0, 3.0, 6.0]), (3.0, 3.5));
        let (mean, variance) = moments(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!((mean, variance), (1e9 + 10.0, 22.5));
    }

    #[test]
    fn what_never_varies_is_divided_by_one() {
        assert_eq!(moments(&[0.1, 0.1, 0.1]).1, 1.0);
        assert_eq!(moments(&[]), (0.0, 1.0));
    }
}
