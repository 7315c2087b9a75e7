//! All combinations, one after the other, the last variable changing fastest.

use ndsl_compiler::check::Choice;

use super::space::{Point, Space};

/// A place in the order of all combinations.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    next: Option<Vec<u64>>,
}

impl Grid {
    /// At the first combination.
    pub(super) fn new(space: &Space) -> Self {
        Self { next: Some(vec![0; space.variables.len()]) }
    }

    /// The next combination that is one of its own: those that differ only in what means nothing are one.
    pub(super) fn next(&mut self, space: &Space) -> Option<Point> {
        loop {
            let places = self.next.clone()?;
            self.next = after(places.clone(), space);
            let point: Point = places.iter().map(|place| Choice::Nth(*place)).collect();
            if space.settled(point.clone()) == point {
                return Some(point);
            }
        }
    }
}

fn after(mut places: Vec<u64>, space: &Space) -> Option<Vec<u64>> {
    for variable in (0..places.len()).rev() {
        places[variable] += 1;
        if places[variable] < space.count(variable).unwrap_or(1) {
            return Some(places);
        }
        places[variable] = 0;
    }
    None
}
