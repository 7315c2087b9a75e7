//! How many different values there are, and whether any comes twice: by their hashes, in bounded memory.
//!
//! All hashes are kept as long as there are few. Where they become too many, only those below a limit are, which falls by half each time
//! (Wegman's adaptive sampling): their number over the limit's share is how many there are. Which values are kept follows from
//! their hashes alone, so neither the order of rows nor how often one comes counts. Different hashes are different values, so what was told
//! apart completely differs for certain.

/// The hashes that are kept once a value came twice; how many there are is then told to about one part in a hundred.
const ENOUGH: usize = 1 << 14;

/// The hashes that are gathered, at least, before they are sorted.
const GATHERED: usize = 1 << 13;

/// The hashes of a column's values.
#[derive(Debug)]
pub struct Distinct {
    /// The largest hash that is kept.
    limit: u64,
    /// Sorted, each once.
    kept: Vec<u64>,
    gathered: Vec<u64>,
    /// Whether a value came twice, for certain or nearly so.
    repeated: bool,
    /// The hashes that are kept as long as no value came twice.
    most: usize,
}

/// How many different values there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Different {
    /// So many.
    Exactly(u64),
    /// About so many.
    About(u64),
}

impl Distinct {
    /// Of a column of which at most so many different values are told apart.
    pub fn new(most: usize) -> Self {
        Self { limit: u64::MAX, kept: Vec::new(), gathered: Vec::new(), repeated: false, most: most.max(ENOUGH) }
    }

    /// Takes a value that comes `count` times.
    #[inline]
    pub fn add(&mut self, hash: u64, count: u64) {
        self.repeated |= count > 1;
        if hash <= self.limit {
            self.gathered.push(hash);
            if self.gathered.len() >= GATHERED && self.gathered.len() >= self.kept.len() {
                self.settle();
            }
        }
    }

    /// Sorts what was gathered among what is kept.
    #[cold]
    fn settle(&mut self) {
        let mut gathered = std::mem::take(&mut self.gathered);
        gathered.sort_unstable();
        let before = gathered.len();
        gathered.dedup();
        self.repeated |= gathered.len() < before;
        let mut all = Vec::with_capacity(self.kept.len() + gathered.len());
        let mut kept = self.kept.iter().copied().peekable();
        for hash in &gathered {
            while let Some(smaller) = kept.next_if(|kept| kept < hash) {
                all.push(smaller);
            }
            self.repeated |= kept.next_if_eq(hash).is_some();
            all.push(*hash);
        }
        all.extend(kept);
        self.kept = all;
        gathered.clear();
        self.gathered = gathered;
        let most = if self.repeated { ENOUGH } else { self.most };
        while self.kept.len() > most {
            self.limit /= 2;
            self.kept.truncate(self.kept.partition_point(|hash| *hash <= self.limit));
        }
        if self.gathered.capacity() > 2 * GATHERED.max(self.kept.len()) {
            self.gathered = Vec::new();
        }
    }

    /// How many different values there are.
    pub fn different(&mut self) -> Different {
        self.settle();
        match self.limit {
            u64::MAX => Different::Exactly(self.kept.len() as u64),
            limit => {
                let share = (limit as f64 + 1.0) / 2f64.powi(64);
                Different::About((self.kept.len() as f64 / share) as u64)
            }
        }
    }

    /// Whether no value came twice: certain where it says so, and nothing where they are too many to know.
    pub fn is_unique(&mut self) -> Option<bool> {
        self.settle();
        match (self.repeated, self.limit) {
            (true, _) => Some(false),
            (false, u64::MAX) => Some(true),
            (false, _) => None,
        }
    }

    /// The hashes that are kept, sorted, with the largest that could have been.
    pub fn hashes(&mut self) -> (&[u64], u64) {
        self.settle();
        (&self.kept, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::hash_number;
    use super::*;

    fn of(values: impl Iterator<Item = u64>) -> Distinct {
        let mut distinct = Distinct::new(100_000);
        values.for_each(|value| distinct.add(hash_number(value), 1));
        distinct
    }

    #[test]
    fn few_are_counted_exactly() {
        assert_eq!(of(0..50_000).different(), Different::Exactly(50_000));
        assert_eq!(of((0..5000).chain(0..5000)).different(), Different::Exactly(5000));
    }

    #[test]
    fn whether_one_comes_twice_is_known_or_not_said() {
        assert_eq!(of(0..100_000).is_unique(), Some(true));
        assert_eq!(of((0..90_000).chain(std::iter::once(17))).is_unique(), Some(false));
        assert_eq!(of(0..100_001).is_unique(), None);
    }

    #[test]
    fn many_are_told_to_a_few_in_a_hundred() {
        let mut distinct = of((0..3_000_000).map(|number| number % 1_000_000));
        let Different::About(count) = distinct.different() else { panic!("a million is more than is kept") };
        assert!((950_000..1_050_000).contains(&count), "{count}");
        assert!(distinct.kept.capacity() <= 2 * 100_000);
    }

    #[test]
    fn the_order_of_rows_does_not_count() {
        let (mut one, mut other) = (of(0..300_000), of((0..300_000).rev()));
        assert_eq!(one.hashes(), other.hashes());
    }
}
