//! How the texts of one type are written, and the makers that write them: drawn, or numbered so that all differ.

use ndsl_compiler::schema::Length;

use super::{Impossible, TextMaker, Texts};
use crate::permutation::Permutation;
use crate::random::Stream;
use crate::rows::Rows;

/// How the texts of one type are written.
pub(super) trait Form: Send + Sync + 'static {
    /// Writes the text of a row. Where that will not do, `again` counts from 1 on for others that the row might have.
    fn draw(&self, row: u64, again: u64, out: &mut String);

    /// Writes one of the texts, of which each number below [`Self::count`] has its own.
    fn numbered(&self, row: u64, number: u64, out: &mut String);

    /// How many texts there are that differ; none where there is no end.
    fn count(&self) -> Option<u64>;

    /// The least and the most characters of what is written for rows below some number.
    fn lengths(&self, rows: u64) -> (u64, u64);

    /// The numbers below this are what so many rows are given.
    fn numbers(&self, rows: u64) -> u64 {
        self.count().unwrap_or(rows).max(1)
    }
}

/// How often a text of the right length is drawn before one is taken that was found beforehand.
const ATTEMPTS: u64 = 32;

/// How many texts are looked at to find some of the right length.
const LOOKED_AT: u64 = 20_000;

/// As many of the right length are enough to take one from.
const KEPT: usize = 256;

/// So many numbers are looked at for each row to find as many as rows whose texts are of the right length, at least and at most.
const LOOKED_AT_EACH: u64 = 32;
const NUMBERS_LOOKED_AT: std::ops::RangeInclusive<u64> = 1 << 17..=1 << 26;

/// A maker of texts of a form: of any length or within one, any or all different.
pub(super) fn maker<F: Form>(
    form: F,
    stream: Stream,
    length: Option<Length>,
    unique: Option<u64>,
) -> Result<Box<dyn TextMaker>, Impossible> {
    let (shortest, longest) = form.lengths(unique.unwrap_or_default());
    if let Some(Length { min, max }) =
        length.filter(|length| length.min > longest || length.max.is_some_and(|max| max < shortest))
    {
        return Err(Impossible::Length { min, max });
    }
    let length = length.filter(|length| length.min > shortest || length.max.is_some_and(|max| max < longest));
    match (unique, length) {
        (None, None) => Ok(Box::new(Drawn(form))),
        (None, Some(length)) => Ok(Box::new(Fitted::new(form, length, stream)?)),
        (Some(rows), None) => {
            if let Some(count) = form.count().filter(|count| *count < rows) {
                return Err(Impossible::Few { rows, count: count.into() });
            }
            let order = Permutation::new(form.numbers(rows), stream);
            Ok(Box::new(Numbered { form, order }))
        }
        (Some(rows), Some(length)) => Ok(Box::new(FittedNumbers::new(form, length, rows, stream)?)),
    }
}

/// The number of a row. Those beyond the rows that were asked for have the numbers of others.
#[inline(always)]
pub(super) fn number(order: &Permutation, row: u64) -> u64 {
    order.at(if row < order.end() { row } else { row % order.end() })
}

/// Whether a text is as long as is wanted, in characters.
pub(super) fn fits(length: Length, text: &str) -> bool {
    let count = text.chars().count() as u64;
    length.min <= count && length.max.is_none_or(|max| count <= max)
}

/// Each row's own text.
struct Drawn<F>(F);

impl<F: Form> TextMaker for Drawn<F> {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        rows.each(|row| {
            self.0.draw(row, 0, out.open());
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        self.0.count().map(u128::from)
    }
}

/// Each row's own text, or another in its place where that is too short or too long.
struct Fitted<F> {
    form: F,
    length: Length,
    stream: Stream,
    /// What is taken where nothing that a row draws fits.
    kept: Vec<Box<str>>,
}

impl<F: Form> Fitted<F> {
    fn new(form: F, length: Length, stream: Stream) -> Result<Self, Impossible> {
        let mut kept: Vec<Box<str>> = Vec::new();
        let mut text = String::new();
        for row in 0..LOOKED_AT {
            text.clear();
            form.draw(row, 0, &mut text);
            if fits(length, &text) && !kept.iter().any(|other| **other == *text) {
                kept.push(text.as_str().into());
                if kept.len() == KEPT {
                    break;
                }
            }
        }
        if kept.is_empty() {
            return Err(Impossible::Length { min: length.min, max: length.max });
        }
        Ok(Self { form, length, stream, kept })
    }
}

impl<F: Form> TextMaker for Fitted<F> {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        let mut text = String::new();
        rows.each(|row| {
            let found = (0..ATTEMPTS).any(|again| {
                text.clear();
                self.form.draw(row, again, &mut text);
                fits(self.length, &text)
            });
            let place = self.stream.draws(row).below(self.kept.len() as u64) as usize;
            out.push(if found { &text } else { &self.kept[place] });
        });
    }

    fn count(&self) -> Option<u128> {
        self.form.count().map(u128::from)
    }
}

/// Each row's own number.
struct Numbered<F> {
    form: F,
    order: Permutation,
}

impl<F: Form> TextMaker for Numbered<F> {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        rows.each(|row| {
            self.form.numbered(row, number(&self.order, row), out.open());
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        self.form.count().map(u128::from)
    }
}

/// Each row's own number, of those whose texts are of the right length.
struct FittedNumbers<F> {
    form: F,
    numbers: Vec<u64>,
    order: Permutation,
    all: bool,
}

impl<F: Form> FittedNumbers<F> {
    fn new(form: F, length: Length, rows: u64, stream: Stream) -> Result<Self, Impossible> {
        let end = form.count().unwrap_or(u64::MAX);
        // Spread over all numbers, since neighbours are alike.
        let spread = Permutation::new(form.numbers(rows).min(end), stream.lane(1));
        let mut text = String::new();
        let mut numbers = Vec::new();
        let looked_at = rows.saturating_mul(LOOKED_AT_EACH).clamp(*NUMBERS_LOOKED_AT.start(), *NUMBERS_LOOKED_AT.end());
        let looked_at = looked_at.min(spread.end());
        // Some more than are needed, so that not the same ones come whatever the seed.
        let enough = rows.saturating_mul(2).max(4096);
        let mut place = 0;
        while place < looked_at && (numbers.len() as u64) < enough {
            let number = spread.at(place);
            text.clear();
            form.numbered(0, number, &mut text);
            if fits(length, &text) {
                numbers.push(number);
            }
            place += 1;
        }
        if numbers.is_empty() {
            return Err(Impossible::Length { min: length.min, max: length.max });
        }
        let count = numbers.len() as u64;
        if count < rows {
            let all = looked_at == spread.end();
            let few = Impossible::Few { rows, count: count.into() };
            return Err(if all { few } else { Impossible::Rare { rows, found: count, of: looked_at } });
        }
        Ok(Self { form, order: Permutation::new(count, stream), numbers, all: place == spread.end() })
    }
}

impl<F: Form> TextMaker for FittedNumbers<F> {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        rows.each(|row| {
            let place = number(&self.order, row) as usize;
            self.form.numbered(row, self.numbers[place], out.open());
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        if self.all { Some(self.numbers.len() as u128) } else { self.form.count().map(u128::from) }
    }
}
