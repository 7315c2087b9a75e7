//! What is tried next.

use ndsl_compiler::check::Choice;
use ndsl_compiler::plan::{Search, SearchMethod};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::grid::Grid;
use super::parzen;
use super::space::{Point, Space};

/// The share of what was tried that counts as good (Bergstra and others, 2011).
const GOOD: f64 = 0.15;

/// Draws that are made at most until one is new and allowed.
const DRAWS: usize = 500;

/// Combinations of a grid that are looked at for one that is new and allowed.
const STEPS: usize = 20_000;

/// Chooses trials one after the other.
pub struct Next<'s> {
    space: &'s Space,
    search: &'s Search,
    grid: Grid,
}

impl<'s> Next<'s> {
    /// Of a search that has tried nothing.
    pub fn new(space: &'s Space, search: &'s Search) -> Self {
        Self { space, search, grid: Grid::new(space) }
    }

    /// The combination of trial `number`, counted from 0; nothing where none is left that `allowed` has. `tried` are those before it, the
    /// best first.
    pub fn propose(&mut self, number: usize, tried: &[Point], allowed: &dyn Fn(&Point) -> bool) -> Option<Point> {
        let wanted = |point: &Point| !tried.contains(point) && allowed(point);
        if self.search.method == SearchMethod::Grid {
            return (0..STEPS).map_while(|_| self.grid.next(self.space)).find(wanted);
        }
        let mut random = Random::new(self.search.seed, number as u64);
        let judged = self.search.method == SearchMethod::Bayesian && number >= self.search.warmup.max(1);
        for draw in 0..DRAWS {
            // Where what was good leads only to what was tried already, chance goes on.
            let by_chance = !judged || draw >= DRAWS / 2;
            let point = if by_chance { self.by_chance(&mut random) } else { self.by_what_was_good(tried, &mut random) };
            if wanted(&point) {
                return Some(point);
            }
        }
        if !self.space.is_finite() {
            return None;
        }
        let mut grid = Grid::new(self.space);
        (0..STEPS).map_while(|_| grid.next(self.space)).find(wanted)
    }

    fn by_chance(&self, random: &mut Random) -> Point {
        let draw = |variable: usize| self.space.at(variable, random.unit());
        self.space.settled((0..self.space.variables.len()).map(draw).collect())
    }

    fn by_what_was_good(&self, tried: &[Point], random: &mut Random) -> Point {
        let good = ((tried.len() as f64 * GOOD).ceil() as usize).min(tried.len());
        let (good, rest) = tried.split_at(good);
        let space = self.space;
        let draw = |variable: usize| {
            // A value that meant nothing tells nothing.
            let taken = |points: &[Point]| -> Vec<Choice> {
                points.iter().filter(|point| space.is_active(variable, point)).map(|point| point[variable]).collect()
            };
            let (good, rest) = (taken(good), taken(rest));
            if space.is_listed(variable) {
                let index = |choices: &[Choice]| -> Vec<u64> {
                    choices.iter().map(|choice| if let Choice::Nth(index) = choice { *index } else { 0 }).collect()
                };
                let count = space.count(variable).unwrap_or(1);
                return Choice::Nth(parzen::listed(&index(&good), &index(&rest), count, random));
            }
            let unit =
                |choices: &[Choice]| -> Vec<f64> { choices.iter().map(|it| space.unit(variable, *it)).collect() };
            let meant = |x: f64| space.unit(variable, space.at(variable, x));
            space.at(variable, parzen::number(&unit(&good), &unit(&rest), random, meant))
        };
        space.settled((0..space.variables.len()).map(draw).collect())
    }
}

/// What is drawn for one trial: the same for the same seed and number.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&number.to_le_bytes());
        key[16..20].copy_from_slice(b"tune");
        Self(ChaCha8Rng::from_seed(key))
    }

    /// From 0 up to 1, which is left out.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `count`.
    pub(super) fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(count)) >> 64) as u64
    }

    /// One of several, each as likely as its share.
    pub(super) fn by_shares(&mut self, shares: &[f64]) -> u64 {
        let mut left = self.unit();
        for (index, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return index as u64;
            }
        }
        shares.len() as u64 - 1
    }
}

#[cfg(test)]
mod tests {
    use ndsl_compiler::check::{Choices, Variable};
    use ndsl_compiler::plan::Pruning;
    use ndsl_grammar::Span;

    use super::*;

    fn space() -> Space {
        let range = |name: &str, start, low, high, log| Variable {
            name: name.to_owned(),
            span: Span { start, end: start + 1, ..Span::default() },
            choices: Choices::Between { low, high, inclusive: true, log },
        };
        let list = ["a", "b", "c", "d"].map(|text| (text.to_owned(), Span::default(), None));
        let span = Span { start: 20, end: 21, ..Span::default() };
        let listed = Variable { name: "kind".into(), span, choices: Choices::Listed(list.to_vec()) };
        Space::new(vec![range("rate", 0, 1e-5, 1e-1, true), range("width", 10, 0.0, 1.0, false), listed])
    }

    fn search(method: SearchMethod, seed: u64) -> Search {
        Search { method, trials: 40, prune: Pruning::None, warmup: 5, monitor: None, timeout: None, seed }
    }

    /// How far the best of forty trials is from the best there is.
    fn best(method: SearchMethod, seed: u64) -> f64 {
        let (space, search) = (space(), search(method, seed));
        let far = |point: &Point| {
            let kind = if point[2] == Choice::Nth(1) { 0.0 } else { 0.2 };
            (space.unit(0, point[0]) - 0.3).powi(2) + (space.unit(1, point[1]) - 0.8).powi(2) + kind
        };
        let mut next = Next::new(&space, &search);
        let mut tried: Vec<Point> = Vec::new();
        for number in 0..search.trials {
            tried.push(next.propose(number, &tried, &|_| true).unwrap());
            tried.sort_by(|a, b| far(a).total_cmp(&far(b)));
        }
        far(&tried[0])
    }

    #[test]
    fn what_was_good_leads_nearer_to_the_best_than_chance() {
        let mean = |method| (0..20).map(|seed| best(method, seed)).sum::<f64>() / 20.0;
        let (bayesian, random) = (mean(SearchMethod::Bayesian), mean(SearchMethod::Random));
        assert!(bayesian < 0.5 * random, "{bayesian} against {random}");
        assert_eq!(best(SearchMethod::Bayesian, 3), best(SearchMethod::Bayesian, 3));
    }

    #[test]
    fn what_is_not_allowed_is_never_tried() {
        let (space, search) = (space(), search(SearchMethod::Bayesian, 1));
        let mut next = Next::new(&space, &search);
        let allowed = |point: &Point| point[2] == Choice::Nth(3);
        let mut tried = Vec::new();
        for number in 0..20 {
            tried.push(next.propose(number, &tried, &allowed).unwrap());
        }
        assert!(tried.iter().all(allowed));
        assert_eq!(next.propose(20, &tried, &|_| false), None);
    }
}
