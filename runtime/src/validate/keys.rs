//! What tells rows apart: values as numbers of 64 bits, and sets of these.
//!
//! What is a number itself has one of its own; a text has one that another may have too, so wherever two rows seem alike their values are compared.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::Arc;

use ndsl_generate::column::{Column, Values};
use sha2::{Digest, Sha256};

use crate::data::Place;

/// The longest value that is kept as it is; of a longer one its SHA-256 is.
const KEPT_BYTES: usize = 64;

/// Numbers of values.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbering {
    texts: foldhash::quality::RandomState,
}

/// A number that is as random as any, and another for each other one (the finish of splitmix64).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The bits of a number; the two zeros are one.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

impl Numbering {
    /// The number of a value; nothing for what is missing, or a list.
    pub(super) fn of(&self, column: &Column, place: usize) -> Option<u64> {
        if column.is_missing(place) {
            return None;
        }
        Some(match &column.values {
            Values::Int(values) | Values::DateTime(values) => mixed(values[place] as u64),
            Values::Float(values) | Values::Duration(values) => mixed(bits(values[place])),
            Values::Bool(values) => mixed(u64::from(values[place])),
            Values::Date(values) => mixed(values[place] as u64),
            Values::Time(values) | Values::Label(values) => mixed(u64::from(values[place])),
            Values::Text(values) => self.texts.hash_one(values.get(place)),
            Values::List(..) => return None,
        })
    }

    /// The number of a row's values in some columns together; nothing where one is missing.
    pub(super) fn together(&self, columns: &[&Column], place: usize) -> Option<u64> {
        match columns {
            [column] => self.of(column, place),
            _ => columns.iter().try_fold(0u64, |number, column| {
                Some(mixed(number.rotate_left(23).wrapping_add(self.of(column, place)?)))
            }),
        }
    }
}

/// The values of a row in some columns, so that two are the same only where the rows are alike.
fn written(columns: &[&Column], place: usize) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    for column in columns {
        match &column.values {
            Values::Int(values) | Values::DateTime(values) => bytes.extend(values[place].to_le_bytes()),
            Values::Float(values) | Values::Duration(values) => bytes.extend(self::bits(values[place]).to_le_bytes()),
            Values::Bool(values) => bytes.push(u8::from(values[place])),
            Values::Date(values) => bytes.extend(values[place].to_le_bytes()),
            Values::Time(values) | Values::Label(values) => bytes.extend(values[place].to_le_bytes()),
            Values::Text(values) => {
                let text = values.get(place);
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
            Values::List(..) => {}
        }
    }
    match bytes.len() {
        0..=KEPT_BYTES => bytes.into(),
        _ => Sha256::digest(&bytes).as_slice().into(),
    }
}

/// Hashes what is a random number already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// By numbers.
pub(super) type ByNumber<T> = HashMap<u64, T, BuildHasherDefault<AsItIs>>;

/// Finds numbers that come more than once, within a bound of memory: where there are more than it holds, only the lower ones are
/// looked at, and the others when the rows are gone through again.
pub(super) struct Twice {
    numbers: Vec<u64>,
    most: usize,
    low: u64,
    /// The first number that is left for later.
    high: Option<u64>,
    found: Vec<u64>,
}

impl Twice {
    /// Holds at most so many numbers.
    pub(super) fn new(most: usize) -> Self {
        Self { numbers: Vec::new(), most: most.max(16), low: 0, high: None, found: Vec::new() }
    }

    #[inline]
    pub(super) fn add(&mut self, number: u64) {
        if number < self.low || self.high.is_some_and(|high| number >= high) {
            return;
        }
        if self.numbers.len() == self.most {
            self.make_room();
            if self.high.is_some_and(|high| number >= high) {
                return;
            }
        }
        self.numbers.push(number);
    }

    /// Forgets all but one of the same number, and where that does not help, the upper half.
    #[cold]
    fn make_room(&mut self) {
        self.settle();
        if self.numbers.len() > self.most / 2 {
            let high = self.numbers[self.most / 2];
            self.numbers.truncate(self.most / 2);
            self.found.retain(|number| *number < high);
            self.high = Some(high);
        }
    }

    /// Notes what came more than once, and leaves each number once.
    fn settle(&mut self) {
        self.numbers.sort_unstable();
        for pair in self.numbers.windows(2) {
            if pair[0] == pair[1] && self.found.last() != Some(&pair[0]) {
                self.found.push(pair[0]);
            }
        }
        self.numbers.dedup();
        self.found.sort_unstable();
        self.found.dedup();
    }

    /// Ends going through the rows: the numbers that came more than once, and what looks at those that were left for later.
    pub(super) fn finish(mut self) -> (Vec<u64>, Option<Self>) {
        self.settle();
        let most = self.most;
        let next = self.high.map(|low| Self { low, ..Self::new(most) });
        (self.found, next)
    }
}

/// A value, the file it came in first by its place, and where.
type Seen = (Arc<[u8]>, usize, Place);

/// Tells rows apart whose numbers are the same.
pub(super) struct Alike {
    /// By number: each value that has it, with where it came first.
    seen: ByNumber<Vec<Seen>>,
}

impl Alike {
    /// Of rows of these numbers.
    pub(super) fn new(numbers: &[u64]) -> Self {
        Self { seen: numbers.iter().map(|number| (*number, Vec::new())).collect() }
    }

    /// Where the values of a row were before, if they were.
    pub(super) fn before(
        &mut self,
        number: u64,
        columns: &[&Column],
        place: usize,
        file: usize,
        at: Place,
    ) -> Option<(usize, Place)> {
        let known = self.seen.get_mut(&number)?;
        let value = written(columns, place);
        match known.iter().find(|(other, ..)| *other == value) {
            Some((_, file, at)) => Some((*file, *at)),
            None => {
                known.push((value, file, at));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_number_that_comes_twice_is_found_in_any_room(numbers in prop::collection::vec(0u64..60, 0..200), most in 16usize..80) {
            let mut expected: Vec<u64> = numbers.clone();
            expected.sort_unstable();
            let mut expected: Vec<u64> = expected.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
            expected.dedup();
            let (mut found, mut left) = (Vec::new(), Some(Twice::new(most)));
            while let Some(mut twice) = left {
                numbers.iter().for_each(|number| twice.add(*number));
                prop_assert!(twice.numbers.len() <= most);
                let (more, next) = twice.finish();
                found.extend(more);
                left = next;
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_clash_of_numbers_makes_no_two_rows_alike() {
        let column = Column::whole(Values::Text(["ada", "bob", "ada"].into_iter().collect()));
        let mut alike = Alike::new(&[7]);
        assert_eq!(alike.before(7, &[&column], 0, 0, Place::Line(2)), None);
        assert_eq!(alike.before(7, &[&column], 1, 0, Place::Line(3)), None);
        assert_eq!(alike.before(7, &[&column], 2, 1, Place::Line(9)), Some((0, Place::Line(2))));
        assert_eq!(alike.before(8, &[&column], 2, 1, Place::Line(9)), None);
    }
}
