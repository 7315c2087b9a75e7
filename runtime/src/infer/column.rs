//! A column as it is read: exact counts as long as few values are different, from there on what they have in common.

use ndsl_compiler::schema::datum::{DAY, Datum};

use super::counts::Counts;
use super::traits::Traits;
use super::value::{NULLS, Raw, TEXT, Time, Value, is_null, numeral, time, value};
use crate::data::{Cell, MAX_BAD_CELLS};

/// The longest value that is counted.
const LONGEST: usize = 512;

/// What was missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Cells that are empty, or null.
    pub empty: u64,
    /// Cells with each of the words that mean it.
    pub words: [u64; NULLS.len()],
}

impl Missing {
    /// All of them.
    pub fn count(&self) -> u64 {
        self.empty + self.words.iter().sum::<u64>()
    }

    /// The words that stand for it, with how often.
    pub fn said(&self) -> impl Iterator<Item = (&'static str, u64)> {
        NULLS.into_iter().zip(self.words).filter(|(_, count)| *count > 0)
    }

    #[cold]
    fn add(&mut self, bytes: &[u8], count: u64) {
        match NULLS.iter().position(|null| bytes.eq_ignore_ascii_case(null.as_bytes())) {
            Some(place) => self.words[place] += count,
            None => self.empty += count,
        }
    }
}

/// A value with how often it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequent {
    /// As a text.
    pub text: String,
    /// As a number or a point in time, where the column is one of those.
    pub point: Option<f64>,
    /// How often.
    pub count: u64,
}

/// What was learnt of a column.
#[derive(Debug)]
pub struct Learnt {
    /// What was missing.
    pub missing: Missing,
    /// What all values have in common.
    pub traits: Traits,
    /// All values where few are different, the most frequent first.
    pub frequent: Option<Vec<Frequent>>,
    /// The lines or rows of texts that are no UTF-8, some of them.
    pub unreadable: Vec<u64>,
}

/// What is learnt of a column while it is read.
#[derive(Debug)]
pub struct Column {
    missing: Missing,
    /// None where too many values are different.
    counts: Option<Counts>,
    traits: Traits,
    /// The lines or rows of texts that are no UTF-8, each once.
    unreadable: Vec<u64>,
}

impl Column {
    /// One of which at most so many different values are told apart.
    pub fn new(most: usize) -> Self {
        Self {
            missing: Missing::default(),
            counts: Some(Counts::default()),
            traits: Traits::new(most),
            unreadable: Vec::new(),
        }
    }

    /// Takes the cell that stands in line or row `at`.
    #[inline]
    pub fn add(&mut self, at: u64, cell: Cell<'_>) {
        let held;
        let (kind, bytes) = match Raw::of(cell) {
            Raw::Bytes([]) | Raw::Missing => {
                self.missing.empty += 1;
                return;
            }
            Raw::Bytes(bytes) => (TEXT, bytes),
            Raw::Number(kind, bits) => {
                held = bits.to_le_bytes();
                (kind, &held[..])
            }
        };
        if let Some(counts) = &mut self.counts {
            if bytes.len() <= LONGEST && counts.add(kind, bytes, at) {
                return;
            }
            self.settle();
            self.counts = None;
        }
        self.take(at, kind, bytes);
    }

    /// Takes a value that is not counted.
    #[inline]
    fn take(&mut self, at: u64, kind: u8, bytes: &[u8]) {
        if kind == TEXT && is_null(bytes) {
            self.missing.add(bytes, 1);
            return;
        }
        let is_read = match kind {
            TEXT => self.traits.add_text(at, bytes),
            _ => value(kind, bytes).is_some_and(|value| {
                self.traits.add(at, value, 1);
                true
            }),
        };
        if !is_read && self.unreadable.len() < MAX_BAD_CELLS {
            self.unreadable.push(at);
        }
    }

    /// Takes the values that were counted.
    fn settle(&mut self) {
        let Some(counts) = &self.counts else { return };
        let values = || {
            let present = counts.iter().filter(|one| one.kind != TEXT || !is_null(one.bytes));
            present.filter_map(|one| Some((one, value(one.kind, one.bytes)?)))
        };
        values().for_each(|(one, value)| self.traits.foresee(one.first, value));
        self.traits.foreseen();
        // What was found of the types holds of all values from the first on.
        self.traits.all_texts = true;
        values().for_each(|(one, value)| self.traits.add(one.first, value, one.count));
        for one in counts.iter().filter(|one| one.kind == TEXT && is_null(one.bytes)) {
            self.missing.add(one.bytes, one.count);
        }
        let unreadable = counts.iter().filter(|one| value(one.kind, one.bytes).is_none());
        self.unreadable.extend(unreadable.map(|one| one.first).take(MAX_BAD_CELLS));
    }

    /// What was learnt.
    pub fn finish(mut self) -> Learnt {
        self.settle();
        let frequent = self.counts.as_ref().map(|counts| {
            let present = counts.iter().filter(|one| one.kind != TEXT || !is_null(one.bytes));
            let mut all: Vec<Frequent> = present.filter_map(|one| frequent(one.kind, one.bytes, one.count)).collect();
            // `39` and `39.0` are one number.
            if self.traits.types.number || self.traits.types.moment || self.traits.types.clock {
                all.sort_by(|a, b| a.point.unwrap_or_default().total_cmp(&b.point.unwrap_or_default()));
                all.dedup_by(|next, kept| {
                    let same = next.point == kept.point;
                    kept.count += if same { next.count } else { 0 };
                    same
                });
            }
            all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
            all
        });
        Learnt { missing: self.missing, traits: self.traits, frequent, unreadable: self.unreadable }
    }
}

fn frequent(kind: u8, bytes: &[u8], count: u64) -> Option<Frequent> {
    let point = |value: Value<'_>| match value {
        Value::Number(found) => Some(found.number + 0.0),
        Value::Time(Time::Day(second) | Time::Moment(second) | Time::Clock(second)) => Some(second as f64),
        _ => None,
    };
    let (text, point) = match value(kind, bytes)? {
        Value::Text(text) => {
            let found = numeral(text.as_bytes()).map(Value::Number).or_else(|| time(text).map(Value::Time));
            (text.to_owned(), found.and_then(point))
        }
        Value::Truth(truth) => (truth.to_string(), None),
        Value::Number(found) => {
            (found.whole.map_or(found.number.to_string(), |whole| whole.to_string()), Some(found.number))
        }
        Value::Time(Time::Day(second)) => (Datum::Date((second / DAY) as i32).to_string(), Some(second as f64)),
        Value::Time(Time::Moment(second)) => (Datum::DateTime(second).to_string(), Some(second as f64)),
        Value::Time(Time::Clock(second)) => (Datum::Time(second as u32).to_string(), Some(second as f64)),
        Value::Other => (String::new(), None),
    };
    Some(Frequent { text, point, count })
}
