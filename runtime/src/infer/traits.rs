//! What all values of a column have in common: which types they may be, between which ends they lie, how long they are.

use super::counts::{hash, hash_number};
use super::distinct::Distinct;
use super::sample::Sample;
use super::texts::Texts;
use super::value::{MANY, Numeral, Time, Value, numeral, time};

/// The types that values may have, beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types {
    /// Whole numbers.
    pub whole: bool,
    /// Numbers.
    pub number: bool,
    /// Days.
    pub day: bool,
    /// Days or moments.
    pub moment: bool,
    /// Times of day.
    pub clock: bool,
}

impl Types {
    const ALL: Self = Self { whole: true, number: true, day: true, moment: true, clock: true };
    const NONE: Self = Self { whole: false, number: false, day: false, moment: false, clock: false };

    fn both(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            number: self.number && other.number,
            day: self.day && other.day,
            moment: self.moment && other.moment,
            clock: self.clock && other.clock,
        }
    }

    /// Whether a value is a point on a line.
    fn is_measured(self) -> bool {
        self.number || self.moment || self.clock
    }

    /// What the type is called, for messages.
    fn noun(self) -> &'static str {
        match self {
            Self { whole: true, .. } => "whole numbers",
            Self { number: true, .. } => "numbers",
            Self { day: true, .. } => "days",
            Self { moment: true, .. } => "moments",
            _ => "times of day",
        }
    }
}

/// The value with which a column ceased to be of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// What all before it were: `numbers`.
    pub before: &'static str,
    /// In which line or row it stands.
    pub at: u64,
    /// What it is.
    pub text: String,
}

/// Numbers, or points in time as seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// What a column's values have in common.
#[derive(Debug)]
pub struct Traits {
    /// How many values there are.
    pub present: u64,
    /// What they all may be.
    pub types: Types,
    /// Where that became less.
    pub broken: Option<Break>,
    /// Between which they lie, where they are measured.
    pub ends: Ends,
    /// Between which whole numbers lie, exactly.
    pub whole: (i64, i64),
    /// The fewest and the most digits behind a number's point.
    pub places: (u8, u8),
    /// Whether each whole number is larger than the one before, and by how much at least and at most.
    pub rising: bool,
    last: Option<i64>,
    /// How many are no single values.
    pub others: u64,
    /// The fewest and the most characters, as a text.
    pub length: (usize, usize),
    /// How many are truth values.
    pub truths: u64,
    /// How many different ones there are.
    pub distinct: Distinct,
    /// Some of them, where they are measured.
    pub sample: Sample,
    /// As texts; only where none of the types above is left.
    pub texts: Texts,
    /// Whether `texts` has every value.
    pub all_texts: bool,
}

impl Traits {
    /// Of a column of which at most so many different values are told apart.
    pub fn new(most: usize) -> Self {
        Self {
            present: 0,
            types: Types::ALL,
            broken: None,
            ends: Ends { min: f64::INFINITY, max: f64::NEG_INFINITY },
            whole: (i64::MAX, i64::MIN),
            places: (MANY, 0),
            rising: true,
            last: None,
            others: 0,
            length: (usize::MAX, 0),
            truths: 0,
            distinct: Distinct::new(most),
            sample: Sample::default(),
            texts: Texts::default(),
            all_texts: true,
        }
    }

    /// Finds what values may be before they are taken, so that all of them are taken as the same.
    pub fn foresee(&mut self, at: u64, value: Value<'_>) {
        self.narrow(types_of(value), at, value);
        self.present += 1;
    }

    /// Ends what was foreseen: from here on values are taken.
    pub fn foreseen(&mut self) {
        self.present = 0;
    }

    /// Takes a text that stands in line or row `at`; false where its bytes are no UTF-8.
    #[inline]
    pub fn add_text(&mut self, at: u64, bytes: &[u8]) -> bool {
        // Most cells of large tables are numbers, whose bytes need not be looked at twice.
        if self.types.number
            && let Some(found) = numeral(bytes)
            && (found.whole.is_some() || !self.types.whole)
        {
            self.present += 1;
            self.lengthen(bytes.len());
            self.number(found, 1);
            return true;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => self.add(at, Value::Text(text), 1),
            Err(_) => return false,
        }
        true
    }

    /// Takes a value that comes `count` times, first in line or row `at`.
    #[inline]
    pub fn add(&mut self, at: u64, value: Value<'_>, count: u64) {
        match value {
            Value::Text(text) if self.types.number => match numeral(text.as_bytes()) {
                Some(found) => {
                    self.lengthen(text.len());
                    return self.add(at, Value::Number(found), count);
                }
                None => self.narrow(types_of(value), at, value),
            },
            Value::Text(text) if self.types.moment || self.types.clock => match time(text) {
                Some(found) => {
                    self.lengthen(text.len());
                    return self.add(at, Value::Time(found), count);
                }
                None => self.narrow(types_of(value), at, value),
            },
            Value::Text(_) => {}
            Value::Number(found) if self.types.number && (found.whole.is_some() || !self.types.whole) => {}
            Value::Time(Time::Day(_)) if self.types.moment => {}
            Value::Time(Time::Moment(_)) if self.types.moment && !self.types.day => {}
            Value::Time(Time::Clock(_)) if self.types.clock => {}
            other => self.narrow(types_of(other), at, other),
        }
        self.present += count;
        match value {
            Value::Number(found) if self.types.number => self.number(found, count),
            Value::Time(Time::Day(second) | Time::Moment(second)) if self.types.moment => {
                self.point(second as f64, count);
            }
            Value::Time(Time::Clock(second)) if self.types.clock => self.point(second as f64, count),
            Value::Text(text) => {
                self.lengthen(if text.is_ascii() { text.len() } else { text.chars().count() });
                self.distinct.add(hash(text.as_bytes()), count);
                self.texts.add(text, count);
            }
            Value::Truth(truth) => {
                self.truths += count;
                self.lengthen(4);
                self.lengthen(5);
                self.distinct.add(u64::from(truth), count);
            }
            Value::Other => self.others += count,
            // Of another type than the values before it.
            Value::Number(found) => {
                self.lengthen(24);
                self.all_texts = false;
                self.distinct.add(hash_number(found.number.to_bits()), count);
            }
            Value::Time(Time::Day(second) | Time::Moment(second) | Time::Clock(second)) => {
                self.lengthen(19);
                self.all_texts = false;
                self.distinct.add(hash_number((second as f64).to_bits()), count);
            }
        }
    }

    #[inline]
    fn number(&mut self, found: Numeral, count: u64) {
        if let Some(whole) = found.whole {
            self.rising &= count == 1 && self.last.is_none_or(|last| last < whole);
            self.last = Some(whole);
            self.whole = (self.whole.0.min(whole), self.whole.1.max(whole));
        }
        self.places = (self.places.0.min(found.places), self.places.1.max(found.places));
        self.point(found.number, count);
    }

    #[inline]
    fn point(&mut self, point: f64, count: u64) {
        // Zero has two signs, and is one number.
        let point = point + 0.0;
        self.ends = Ends { min: self.ends.min.min(point), max: self.ends.max.max(point) };
        self.distinct.add(hash_number(point.to_bits()), count);
        self.sample.add(point, count);
    }

    #[inline]
    fn lengthen(&mut self, length: usize) {
        self.length = (self.length.0.min(length), self.length.1.max(length));
    }

    #[cold]
    fn narrow(&mut self, types: Types, at: u64, value: Value<'_>) {
        let left = self.types.both(types);
        if left == self.types {
            return;
        }
        if self.types.is_measured() && !left.is_measured() && self.present > 0 {
            self.broken = Some(Break { before: self.types.noun(), at, text: shown(value) });
            // The values before it were taken as what they no longer are.
            self.all_texts = false;
        }
        self.types = left;
    }
}

/// What a value may be.
fn types_of(value: Value<'_>) -> Types {
    match value {
        Value::Text(text) => match (numeral(text.as_bytes()), time(text)) {
            (Some(found), _) => types_of(Value::Number(found)),
            (None, Some(found)) => types_of(Value::Time(found)),
            (None, None) => Types::NONE,
        },
        Value::Number(found) => Types { number: found.number.is_finite(), whole: found.whole.is_some(), ..Types::NONE },
        Value::Time(Time::Day(_)) => Types { day: true, moment: true, ..Types::NONE },
        Value::Time(Time::Moment(_)) => Types { moment: true, ..Types::NONE },
        Value::Time(Time::Clock(_)) => Types { clock: true, ..Types::NONE },
        Value::Truth(_) | Value::Other => Types::NONE,
    }
}

/// A value in a comment.
fn shown(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => crate::data::shown(text),
        Value::Number(found) => format!("{}", found.number),
        Value::Time(_) => "a point in time".to_owned(),
        Value::Truth(truth) => truth.to_string(),
        Value::Other => "no single value".to_owned(),
    }
}
