//! A few values with their chances, found in one or two steps.

/// A table of whole places with their chances.
#[derive(Clone, Debug)]
pub struct Guide {
    /// The chance of a place or one before it; the last is 1.
    up_to: Vec<f64>,
    /// For each equal part of the chances, the first place that can be meant: Chen and Asau, "On generating random variates
    /// from an empirical distribution", AIIE Transactions 6 (1974).
    first: Vec<u32>,
}

impl Guide {
    /// A table of places with these weights; nothing where they sum to nothing.
    pub fn new(weights: &[f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        if weights.is_empty() || total.is_nan() || total <= 0.0 || total.is_infinite() {
            return None;
        }
        let mut sum = 0.0;
        let mut up_to: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum / total
            })
            .collect();
        // From the last place that has a chance on, all is there: no chance may lead beyond it.
        let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or_default();
        up_to[last..].fill(1.0);
        let parts = weights.len();
        let mut place = 0;
        let first = (0..parts)
            .map(|part| {
                while up_to[place] <= part as f64 / parts as f64 {
                    place += 1;
                }
                place as u32
            })
            .collect();
        Some(Self { up_to, first })
    }

    /// How many places; never none.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.up_to.len()
    }

    /// The place below which, or at which, a chance of `p` lies; `p` is from 0 to 1.
    #[inline]
    pub fn place(&self, p: f64) -> usize {
        let parts = self.first.len();
        let part = ((p * parts as f64) as usize).min(parts - 1);
        let mut place = self.first[part] as usize;
        while place + 1 < self.up_to.len() && self.up_to[place] < p {
            place += 1;
        }
        place
    }

    /// The chance of a place or one before it.
    pub fn up_to(&self, place: usize) -> f64 {
        self.up_to[place.min(self.up_to.len() - 1)]
    }

    /// The chance of a place before this one.
    pub fn before(&self, place: usize) -> f64 {
        if place == 0 { 0.0 } else { self.up_to(place - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_no_chance_never_comes() {
        let guide = Guide::new(&[0.0, 1.0, 0.0, 3.0, 0.0]).unwrap();
        let places: Vec<usize> = [1e-300, 0.2, 0.2501, 0.6, 1.0].iter().map(|p| guide.place(*p)).collect();
        assert_eq!(places, [1, 1, 3, 3, 3]);
        assert!(Guide::new(&[0.0, 0.0]).is_none() && Guide::new(&[]).is_none());
    }

    proptest! {
        #[test]
        fn it_finds_what_a_search_finds(weights in prop::collection::vec(0.0..1.0f64, 1..50), p in 0.0..1.0f64) {
            if let Some(guide) = Guide::new(&weights) {
                let place = guide.place(p);
                prop_assert!(guide.before(place) <= p && p <= guide.up_to(place));
            }
        }
    }
}
