//! What a file's columns are like: types, what is missing, how values are spread. Each cell is looked at once, and what is kept of a
//! column does not grow with its rows.

mod relations;
mod sampling;
mod spread;

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};
use serde::Serialize;

use super::cell::Cell;
use super::moment::{clock, day, moment};
use super::typed::is_null;
pub(crate) use relations::relations;
pub use relations::{Measure, Relation};
pub(crate) use sampling::sample;
use spread::Spreading;
pub use spread::{Quantile, Spread, readable};

/// The most different values that are counted; of a column of more, that is all that is said.
const MOST_DISTINCT: usize = 10_000;

/// The most bytes that these may have.
const MOST_BYTES: usize = 1 << 20;

/// How many of the most frequent values are answered.
const FREQUENT: usize = 100;

/// How many of the first values are answered.
const FIRST: usize = 5;

/// The most bytes of a value that are answered.
const SHOWN_BYTES: usize = 200;

/// What a column's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// Whole numbers.
    Int,
    /// Numbers.
    Float,
    /// `true` and `false`.
    Bool,
    /// Days.
    Date,
    /// Moments.
    Datetime,
    /// Times of day.
    Time,
    /// Anything else.
    Text,
    /// Nothing: every value is missing.
    Empty,
}

/// What a column is like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// Its name in the file.
    pub name: String,
    /// What its values are.
    pub kind: ValueKind,
    /// How many values there are.
    pub present: u64,
    /// How many rows have none.
    pub missing: u64,
    /// How many cells are no single value, such as lists.
    pub unreadable: u64,
    /// How many different values there are; nothing where these are more than are counted.
    pub distinct: Option<usize>,
    /// Of numbers: how they are spread.
    pub spread: Option<Spread>,
    /// Of days and moments: how they are spread, in seconds from 1970; of times of day, in seconds from midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Spread>,
    /// Of days, moments and times of day: the first and the last.
    pub between: Option<(String, String)>,
    /// How long the values are as texts; nothing where there are none.
    pub lengths: Option<Lengths>,
    /// The most frequent values with how often they are there, the most frequent first; of equally frequent ones in their order. None
    /// where there are more different ones than are counted.
    pub frequent: Vec<(String, u64)>,
    /// The first values; nothing in place of one that is missing.
    pub first: Vec<Option<String>>,
}

/// How long texts are, in characters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lengths {
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
    /// Their mean.
    pub mean: f64,
}

impl ColumnProfile {
    /// The values of a column of labels, as a training would have them, with how often each is there; nothing where it is one of numbers
    /// that are not whole, or of more different values than are answered.
    pub fn classes(&self) -> Option<Vec<(String, u64)>> {
        let whole = self.distinct == Some(self.frequent.len());
        (whole && self.kind != ValueKind::Float).then(|| self.frequent.clone())
    }
}

/// Learns what a column is like from its cells.
pub(super) struct Profiler {
    /// The kinds that all values so far may be.
    kinds: Vec<ValueKind>,
    present: u64,
    missing: u64,
    unreadable: u64,
    /// Nothing where there are too many.
    counts: Option<HashMap<Box<str>, u64>>,
    bytes: usize,
    spreading: Option<Spreading>,
    /// Of days, moments and times of day, as long as all values are.
    times: Option<Spreading>,
    /// The fewest and the most characters of a value, and those of all.
    characters: Option<(u64, u64, u64)>,
    /// The first and the last in the order of texts, which is that of days and times.
    between: Option<(String, String)>,
    first: Vec<Option<String>>,
    /// The texts that mean that there is no value, where the program says which.
    nulls: Option<Vec<String>>,
}

impl Profiler {
    /// Of one of so many columns.
    pub(super) fn new(columns: usize, nulls: Option<&[String]>) -> Self {
        use ValueKind::{Bool, Date, Datetime, Float, Int, Time};
        Self {
            kinds: vec![Int, Float, Bool, Date, Datetime, Time],
            present: 0,
            missing: 0,
            unreadable: 0,
            counts: Some(HashMap::new()),
            bytes: 0,
            spreading: Some(Spreading::new(columns)),
            times: Some(Spreading::new(columns)),
            characters: None,
            between: None,
            first: Vec::new(),
            nulls: nulls.map(<[String]>::to_vec),
        }
    }

    /// Looks at a cell.
    pub(super) fn add(&mut self, cell: Cell<'_>) {
        let text = match cell {
            Cell::Number(number) if number.is_nan() => Ok(None),
            cell => cell.text(),
        };
        match text {
            Err(_) => self.unreadable += 1,
            Ok(text) => match text.filter(|text| !is_null(text, None, self.nulls.as_deref())) {
                None => {
                    self.missing += 1;
                    self.keep_first(None);
                }
                Some(text) => self.value(text),
            },
        }
    }

    fn keep_first(&mut self, text: Option<&str>) {
        if self.first.len() < FIRST {
            self.first.push(text.map(shortened));
        }
    }

    fn value(&mut self, text: Cow<'_, str>) {
        self.keep_first(Some(&text));
        self.present += 1;
        let number = match self.spreading {
            Some(_) => text.parse::<f64>().ok().filter(|number| number.is_finite()),
            None => None,
        };
        match (&mut self.spreading, number) {
            (Some(spreading), Some(number)) => spreading.add(number),
            _ => self.spreading = None,
        }
        let length = text.chars().count() as u64;
        let (min, max, all) = self.characters.get_or_insert((length, length, 0));
        (*min, *max, *all) = (length.min(*min), length.max(*max), *all + length);
        let time = match self.times {
            Some(_) => moment(&text).or_else(|| clock(&text)),
            None => None,
        };
        match (&mut self.times, time) {
            (Some(times), Some(second)) => times.add(second as f64),
            _ => self.times = None,
        }
        self.kinds.retain(|kind| match kind {
            ValueKind::Int => text.parse::<i64>().is_ok(),
            ValueKind::Float => number.is_some(),
            ValueKind::Bool => ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)),
            ValueKind::Date => day(&text).is_some(),
            ValueKind::Datetime => moment(&text).is_some(),
            ValueKind::Time => clock(&text).is_some(),
            ValueKind::Text | ValueKind::Empty => false,
        });
        match (&mut self.between, self.kinds.first()) {
            (_, None) => {}
            (Some((first, _)), Some(_)) if *text < **first => *first = text.clone().into_owned(),
            (Some((_, last)), Some(_)) if *text > **last => *last = text.clone().into_owned(),
            (Some(_), Some(_)) => {}
            (between, Some(_)) => *between = Some((text.clone().into_owned(), text.clone().into_owned())),
        }
        if let Some(counts) = &mut self.counts {
            match counts.get_mut(&*text) {
                Some(count) => *count += 1,
                None => {
                    self.bytes += text.len();
                    counts.insert(Box::from(&*text), 1);
                }
            }
            if counts.len() > MOST_DISTINCT || self.bytes > MOST_BYTES {
                self.counts = None;
            }
        }
    }

    /// What was found.
    pub(super) fn finish(self, name: String) -> ColumnProfile {
        let kind = match (self.present, self.kinds.first()) {
            (0, _) => ValueKind::Empty,
            (_, Some(kind)) => *kind,
            (_, None) => ValueKind::Text,
        };
        let distinct = self.counts.as_ref().map(HashMap::len);
        let mut frequent: Vec<(String, u64)> =
            self.counts.into_iter().flatten().map(|(text, count)| (text.into(), count)).collect();
        frequent.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        frequent.truncate(FREQUENT);
        frequent.iter_mut().for_each(|(text, _)| *text = shortened(text));
        let lengths = self.characters.map(|(min, max, all)| {
            let mean = all as f64 / self.present.max(1) as f64;
            Lengths { min, max, mean }
        });
        let is_number = matches!(kind, ValueKind::Int | ValueKind::Float);
        let is_time = matches!(kind, ValueKind::Date | ValueKind::Datetime | ValueKind::Time);
        ColumnProfile {
            name,
            kind,
            present: self.present,
            missing: self.missing,
            unreadable: self.unreadable,
            distinct,
            spread: self.spreading.filter(|_| is_number).map(Spreading::finish),
            times: self.times.filter(|_| is_time).map(Spreading::finish),
            between: self.between.filter(|_| is_time),
            lengths,
            frequent,
            first: self.first,
        }
    }
}

/// A value, cut where it is long.
fn shortened(text: &str) -> String {
    match text.char_indices().find(|(place, letter)| place + letter.len_utf8() > SHOWN_BYTES) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// How numbers that are held are spread; nothing where there are none.
pub fn spread(numbers: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut spreading = Spreading::new(1);
    let mut any = false;
    for number in numbers.filter(|number| number.is_finite()) {
        spreading.add(number);
        any = true;
    }
    any.then(|| spreading.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(cells: &[&str]) -> ColumnProfile {
        let mut profiler = Profiler::new(1, None);
        cells.iter().for_each(|cell| profiler.add(Cell::Bytes(cell.as_bytes())));
        profiler.finish("x".into())
    }

    #[test]
    fn a_column_is_the_narrowest_kind_that_all_values_are() {
        let kind = |cells: &[&str]| profile(cells).kind;
        assert_eq!(kind(&["1", "", "-3"]), ValueKind::Int);
        assert_eq!(kind(&["1", "2.5", "NaN"]), ValueKind::Float);
        assert_eq!(kind(&["true", "False"]), ValueKind::Bool);
        assert_eq!(kind(&["2019-01-31", "2020-02-29"]), ValueKind::Date);
        assert_eq!(kind(&["2019-01-31", "2020-02-29 08:30"]), ValueKind::Datetime);
        assert_eq!(kind(&["08:30", "17:05:01"]), ValueKind::Time);
        assert_eq!(kind(&["1", "one"]), ValueKind::Text);
        assert_eq!(kind(&["", "n/a"]), ValueKind::Empty);
        let days = profile(&["2020-02-29", "2019-01-31", "2021-01-01"]).between;
        assert_eq!(days, Some(("2019-01-31".to_owned(), "2021-01-01".to_owned())));
        assert_eq!(profile(&["2", "1"]).between, None);
    }

    #[test]
    fn values_are_counted_and_the_commonest_come_first() {
        let found = profile(&["b", "a", "", "b", "c", "?"]);
        assert_eq!((found.present, found.missing, found.distinct), (4, 2, Some(3)));
        let frequent: Vec<(&str, u64)> = found.frequent.iter().map(|(text, count)| (text.as_str(), *count)).collect();
        assert_eq!(frequent, [("b", 2), ("a", 1), ("c", 1)]);
        assert_eq!(found.first, [Some("b".into()), Some("a".into()), None, Some("b".into()), Some("c".into())]);
        assert_eq!(found.spread, None);
        let many: Vec<String> = (0..=MOST_DISTINCT).map(|number| format!("v{number}")).collect();
        let found = profile(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((found.distinct, found.frequent.len()), (None, 0));
    }
}
