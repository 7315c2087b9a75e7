//! Which trials end early.

use ndsl_compiler::plan::{Pruning, Search};

use super::trial::Trial;

/// Of three that came as far, one goes on.
const THIRD: usize = 3;

/// Whether a trial with these values so far, epoch by epoch, ends after the last of them; `others` are those that ended before.
///
/// By the median, as Vizier (Golovin and others, 2017) and Optuna do: where its best so far is worse than the median of what the others had
/// by then. By halving, as ASHA (Li and others, 2020) does: after 1, 3, 9, … epochs it must be in the best third of those that came as far.
pub fn ends_early(search: &Search, rises: bool, own: &[f64], others: &[Trial]) -> bool {
    let epoch = own.len();
    if others.len() < search.warmup.max(1) || epoch == 0 {
        return false;
    }
    let best = |values: &mut dyn Iterator<Item = f64>| {
        values
            .map(|value| if rises { -value } else { value })
            .filter(|value| !value.is_nan())
            .fold(f64::INFINITY, f64::min)
    };
    let mut theirs: Vec<f64> = others
        .iter()
        .filter(|trial| trial.epochs.len() >= epoch)
        .map(|trial| best(&mut trial.epochs[..epoch].iter().map(|value| value.unwrap_or(f64::NAN))))
        .collect();
    if theirs.is_empty() {
        return false;
    }
    theirs.sort_by(f64::total_cmp);
    let own = best(&mut own.iter().copied());
    match search.prune {
        Pruning::None => false,
        Pruning::Median => {
            let middle = theirs.len() / 2;
            let median =
                if theirs.len() % 2 == 1 { theirs[middle] } else { f64::midpoint(theirs[middle - 1], theirs[middle]) };
            own > median
        }
        Pruning::Halving => {
            let is_rung =
                (0..).map(|power| THIRD.pow(power)).take_while(|rung| *rung <= epoch).any(|rung| rung == epoch);
            let before = theirs.iter().filter(|other| **other < own).count();
            is_rung && before >= ((theirs.len() + 1) / THIRD).max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use ndsl_compiler::plan::SearchMethod;

    use super::super::trial::End;
    use super::*;

    fn search(prune: Pruning) -> Search {
        let method = SearchMethod::Random;
        Search { method, trials: 9, prune, warmup: 2, monitor: None, timeout: None, seed: 0 }
    }

    fn trials(epochs: &[&[f64]]) -> Vec<Trial> {
        let trial = |values: &&[f64]| Trial {
            trial: 1,
            values: Vec::new(),
            end: End::Finished,
            value: None,
            best_epoch: None,
            epochs: values.iter().map(|value| Some(*value)).collect(),
            measures: Default::default(),
            seconds: 1.0,
        };
        epochs.iter().map(trial).collect()
    }

    #[test]
    fn by_the_median_a_trial_ends_whose_best_is_worse_than_that_of_half_the_others() {
        let others = trials(&[&[5.0, 4.0, 3.0], &[5.0, 2.0, 6.0], &[9.0]]);
        let median = search(Pruning::Median);
        assert!(!ends_early(&median, false, &[5.0], &others) && ends_early(&median, false, &[5.5], &others));
        assert!(!ends_early(&median, false, &[5.0, 3.0], &others) && ends_early(&median, false, &[5.0, 3.5], &others));
        // Of more the better, and while there is nobody to compare with, none ends.
        assert!(!ends_early(&median, true, &[5.5], &others) && ends_early(&median, true, &[4.5], &others));
        assert!(!ends_early(&median, false, &[99.0], &others[..1]) && !ends_early(&median, false, &[9.0; 4], &others));
        assert!(!ends_early(&search(Pruning::None), false, &[99.0], &others));
    }

    #[test]
    fn by_halving_a_third_goes_on_from_every_rung() {
        let others = trials(&[&[1.0; 4], &[2.0; 4], &[3.0; 4], &[4.0; 4], &[5.0; 4]]);
        let halving = search(Pruning::Halving);
        assert!(!ends_early(&halving, false, &[1.5], &others) && ends_early(&halving, false, &[2.5], &others));
        assert!(!ends_early(&halving, false, &[2.5; 2], &others) && ends_early(&halving, false, &[2.5; 3], &others));
    }
}
