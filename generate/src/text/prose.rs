//! Free texts: a few words on one line, and sentences. One that must have so many characters has just as many, and no word is cut.

use std::sync::LazyLock;

use ndsl_compiler::schema::Length;

use super::choose::{Choose, Number};
use super::digits::{count_digits, push_number};
use super::form::{self, Form, number};
use super::phrase::{Grammar, Phrase};
use super::{Impossible, Locale, TextMaker, Texts, Wanted, group, pattern};
use crate::permutation::Permutation;
use crate::random::{Draws, Stream};
use crate::rows::Rows;

/// Columns whose names end with one of these hold codes rather than words.
const CODES: &[&str] = &[
    "barcode",
    "code",
    "hash",
    "id",
    "key",
    "no",
    "number",
    "plate",
    "ref",
    "reference",
    "serial",
    "sku",
    "token",
    "tracking",
    "version",
];

/// What a code looks like where nothing is said of it.
const CODE: &str = "[A-Z]{3}-[0-9]{4}";

/// As long are strings at most if nobody says so.
const LONGEST_STRING: u64 = 24;

/// As long are texts at most if nobody says so.
const LONGEST_TEXT: u64 = 400;

/// Makes short texts on one line.
pub(super) fn string(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let words = group::words(wanted.column);
    if words.last().is_some_and(|word| CODES.contains(&word.as_str())) {
        return match wanted.length {
            None => code(CODE, wanted),
            Some(length) => codes(length, wanted),
        };
    }
    let line = Line { own: wanted.own(), phrase: Grammar::of(wanted.locale).phrase("string") };
    let (shortest, longest) = line.lengths(wanted.unique.unwrap_or_default());
    match wanted.length {
        Some(length) if length.min > shortest || length.max.is_some_and(|max| max < longest) => {
            fill(length, LONGEST_STRING, wanted)
        }
        _ => form::maker(line, wanted.own(), None, wanted.unique),
    }
}

/// Makes texts of sentences.
pub(super) fn text(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let sentences = Sentences::of(wanted.locale);
    let order = wanted.unique.map(|rows| sentences.order(rows, wanted.own()));
    // A text that must differ begins with sentences that no other does.
    let told_apart = order.as_ref().map_or(0, |order| sentences.count_for(order.end()));
    let room = (told_apart as u64 + 1) * (sentences.longest() + 1);
    let length = wanted.length.unwrap_or(Length { min: 0, max: None });
    if told_apart > 0 && length.max.is_some_and(|max| max < room) {
        return fill(length, LONGEST_TEXT, wanted);
    }
    Ok(Box::new(Prose {
        own: wanted.own(),
        sentences,
        words: Words::of(wanted.locale),
        length: wanted.length,
        order,
        told_apart,
    }))
}

/// Makes words of some length, and a number behind them where all must differ; or codes where there is no room for both.
fn fill(length: Length, longest: u64, wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let digits = wanted.unique.map_or(0, count_digits);
    if digits > 0 && length.max.is_some_and(|max| max < digits + 5) {
        return codes(length, wanted);
    }
    let order = wanted.unique.map(|rows| Permutation::new(rows.max(1), wanted.own()));
    let least = if digits > 0 { length.min.max(digits + 5) } else { length.min };
    let most = length.max.unwrap_or(u64::MAX).min(longest.max(least.saturating_mul(2)));
    Ok(Box::new(Filled { own: wanted.own(), words: Words::of(wanted.locale), span: (least, most.max(least)), order }))
}

/// Makes capital letters and digits, as many as are wanted.
fn codes(length: Length, wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let most = length.max.unwrap_or(u64::MAX).min(12.max(length.min));
    // Short ones only where they must be.
    let least = length.min.max(8.min(most));
    match code(&format!("[A-Z0-9]{{{least},{most}}}"), wanted) {
        Err(Impossible::Few { .. }) => code(&format!("[A-Za-z0-9]{{{},{most}}}", length.min), wanted),
        made => made,
    }
}

fn code(text: &str, wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let Ok(read) = ndsl_compiler::schema::pattern::read(text) else {
        return Err(Impossible::Unmatched);
    };
    pattern::maker(&read, &Wanted { length: None, ..*wanted })
}

/// A few words.
struct Line {
    own: Stream,
    phrase: Phrase,
}

impl Form for Line {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        self.phrase.write(&mut self.own.lane(again).draws(row), out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let mut number = Number { rest: number };
        self.phrase.write(&mut number, out);
        if number.rest > 0 {
            out.push(' ');
            push_number(out, number.rest + 1);
        }
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn lengths(&self, rows: u64) -> (u64, u64) {
        let (least, most) = self.phrase.lengths();
        (least, most + if rows > self.phrase.count() { 1 + count_digits(rows) } else { 0 })
    }

    fn numbers(&self, rows: u64) -> u64 {
        rows.max(self.phrase.count())
    }
}

/// Words by which any number of characters is filled.
struct Words {
    all: Vec<(String, usize)>,
    /// What stands between two words.
    between: &'static str,
    /// By the characters that are left: the words after which the rest can be filled too.
    next: Vec<Vec<u16>>,
}

/// As many characters before the end, words are chosen by what is left after them.
const NEAR_END: usize = 48;

impl Words {
    fn of(locale: Locale) -> &'static Self {
        static ALL: [LazyLock<Words>; 4] = [
            LazyLock::new(|| Words::new(Locale::En)),
            LazyLock::new(|| Words::new(Locale::De)),
            LazyLock::new(|| Words::new(Locale::Fr)),
            LazyLock::new(|| Words::new(Locale::Ja)),
        ];
        &ALL[locale as usize]
    }

    fn new(locale: Locale) -> Self {
        let mut all: Vec<String> = Grammar::of(locale).phrase("word").all().collect();
        all.sort_unstable();
        all.dedup();
        let all: Vec<_> =
            all.into_iter().map(|word| (word.chars().count(), word)).map(|(count, word)| (word, count)).collect();
        let between = if locale == Locale::Ja { "" } else { " " };
        let mut next: Vec<Vec<u16>> = vec![Vec::new(); NEAR_END + 1];
        for left in 1..=NEAR_END {
            let fits = |(at, (_, count)): (usize, &(String, usize))| {
                let after = left.checked_sub(*count)?;
                let rest = after.checked_sub(between.len());
                (after == 0 || rest.is_some_and(|rest| rest > 0 && !next[rest].is_empty())).then_some(at as u16)
            };
            next[left] = all.iter().enumerate().filter_map(fits).collect();
        }
        Self { all, between, next }
    }

    /// Writes words of so many characters in all.
    fn fill(&self, mut left: usize, draws: &mut Draws, out: &mut String) {
        loop {
            let choices = &self.next[left.min(NEAR_END)];
            if choices.is_empty() {
                // Too few for any word.
                let (word, _) = &self.all[draws.below(self.all.len() as u64) as usize];
                return out.extend(word.chars().cycle().take(left));
            }
            let (word, count) = &self.all[usize::from(choices[draws.below(choices.len() as u64) as usize])];
            out.push_str(word);
            left -= count;
            if left == 0 {
                return;
            }
            out.push_str(self.between);
            left -= self.between.len();
        }
    }
}

/// Words of a length, with a number behind them or without.
struct Filled {
    own: Stream,
    words: &'static Words,
    span: (u64, u64),
    order: Option<Permutation>,
}

/// A length between two, both of which may come. Where they lie far apart, it is a short one more often.
#[inline(always)]
fn length(draws: &mut Draws, (least, most): (u64, u64)) -> u64 {
    let span = most - least;
    let share = draws.unit();
    let share = if span > 1000 { share * share * share } else { share };
    least + ((share * (span as f64 + 1.0)) as u64).min(span)
}

impl TextMaker for Filled {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        rows.each(|row| {
            let mut draws = self.own.draws(row);
            let length = length(&mut draws, self.span);
            match &self.order {
                None => self.words.fill(length as usize, &mut draws, out.open()),
                Some(order) => {
                    // No word has a digit, so the numbers tell the texts apart.
                    let number = number(order, row);
                    let left = length - count_digits(number) - 1;
                    self.words.fill(left as usize, &mut draws, out.open());
                    out.open().push(' ');
                    push_number(out.open(), number);
                }
            }
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        None
    }
}

/// Sentences, and which of them have how many characters.
struct Sentences {
    all: Vec<(String, u64)>,
    by_length: Vec<Vec<u16>>,
    between: &'static str,
    /// There is a sentence of every length between these.
    every: (u64, u64),
}

/// How many sentences are made, of which the same are left out.
const SENTENCES: u64 = 6000;

impl Sentences {
    fn of(locale: Locale) -> &'static Self {
        static ALL: [LazyLock<Sentences>; 4] = [
            LazyLock::new(|| Sentences::new(Locale::En)),
            LazyLock::new(|| Sentences::new(Locale::De)),
            LazyLock::new(|| Sentences::new(Locale::Fr)),
            LazyLock::new(|| Sentences::new(Locale::Ja)),
        ];
        &ALL[locale as usize]
    }

    fn new(locale: Locale) -> Self {
        let phrase = Grammar::of(locale).phrase("sentence");
        let stream = Stream::new(0, &["sentences", locale.name()]);
        let sentence = |row| {
            let mut text = String::new();
            phrase.write(&mut stream.draws(row), &mut text);
            text
        };
        let mut texts: Vec<String> = (0..SENTENCES).map(sentence).collect();
        texts.sort_unstable();
        texts.dedup();
        let all: Vec<_> = texts
            .into_iter()
            .map(|text| (text.chars().count() as u64, text))
            .map(|(count, text)| (text, count))
            .collect();
        let longest = all.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let mut by_length = vec![Vec::new(); longest as usize + 1];
        for (at, (_, count)) in all.iter().enumerate() {
            by_length[*count as usize].push(at as u16);
        }
        let middle = longest as usize / 2;
        let least = (0..middle).rev().take_while(|count| !by_length[*count].is_empty()).last().unwrap_or(middle);
        let most =
            (middle..=longest as usize).take_while(|count| !by_length[*count].is_empty()).last().unwrap_or(middle);
        let between = if locale == Locale::Ja { "" } else { " " };
        Self { all, by_length, between, every: (least as u64, most as u64) }
    }

    fn longest(&self) -> u64 {
        self.by_length.len() as u64 - 1
    }

    /// How many sentences tell so many texts apart.
    fn count_for(&self, texts: u64) -> u32 {
        let each = self.all.len() as u64;
        (1..).find(|count| each.saturating_pow(*count) >= texts).unwrap_or(1)
    }

    /// An order of as many numbers as so many sentences have.
    fn order(&self, rows: u64, stream: Stream) -> Permutation {
        let each = self.all.len() as u64;
        Permutation::new(each.saturating_pow(self.count_for(rows)), stream)
    }

    #[inline(always)]
    fn draw(&self, draws: &mut Draws) -> &(String, u64) {
        &self.all[draws.below(self.all.len() as u64) as usize]
    }

    /// What stands between two sentences: a line break now and then.
    #[inline(always)]
    fn push_between(&self, draws: &mut Draws, out: &mut String) -> u64 {
        let line = !self.between.is_empty() && draws.below(6) == 0;
        out.push_str(if line { "\n" } else { self.between });
        self.between.len() as u64
    }

    /// Writes sentences of so many characters in all.
    fn fill(&self, words: &Words, mut left: u64, draws: &mut Draws, out: &mut String) {
        let (least, most) = self.every;
        let between = self.between.len() as u64;
        loop {
            let exact = self.by_length.get(left as usize).filter(|sentences| !sentences.is_empty());
            let more = left.checked_sub(least + between).filter(|room| *room >= least);
            let close = left <= most && (more.is_none() || draws.below(3) == 0);
            match (exact, more) {
                (Some(exact), more) if close || more.is_none() => {
                    let chosen = exact[draws.below(exact.len() as u64) as usize];
                    return out.push_str(&self.all[usize::from(chosen)].0);
                }
                (_, Some(room)) => {
                    let mut sentence = self.draw(draws);
                    if sentence.1 > room {
                        let length = least + draws.below(room.min(most) - least + 1);
                        let choices = &self.by_length[length as usize];
                        let chosen = choices[draws.below(choices.len() as u64) as usize];
                        sentence = &self.all[usize::from(chosen)];
                    }
                    out.push_str(&sentence.0);
                    left -= sentence.1 + self.push_between(draws, out);
                }
                _ => return words.fill(left as usize, draws, out),
            }
        }
    }
}

/// Texts of sentences.
struct Prose {
    own: Stream,
    sentences: &'static Sentences,
    words: &'static Words,
    length: Option<Length>,
    order: Option<Permutation>,
    /// How many sentences at the beginning tell a text from every other.
    told_apart: u32,
}

impl TextMaker for Prose {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        let sentences = self.sentences;
        let between = sentences.between.len() as u64;
        rows.each(|row| {
            let mut draws = self.own.draws(row);
            let mut written = 0;
            if let Some(order) = &self.order {
                let mut number = Number { rest: number(order, row) };
                for place in 0..self.told_apart {
                    let (sentence, count) = &sentences.all[number.below(sentences.all.len() as u64) as usize];
                    written += if place > 0 { sentences.push_between(&mut draws, out.open()) } else { 0 } + count;
                    out.open().push_str(sentence);
                }
            }
            match self.length {
                None => {
                    for place in self.told_apart..1 + draws.below(5) as u32 {
                        if place > 0 {
                            sentences.push_between(&mut draws, out.open());
                        }
                        out.open().push_str(&sentences.draw(&mut draws).0);
                    }
                }
                Some(Length { min, max }) => {
                    let most = max.unwrap_or_else(|| min.saturating_mul(2).max(LONGEST_TEXT));
                    let length = length(&mut draws, (min, most));
                    if written == 0 {
                        sentences.fill(self.words, length, &mut draws, out.open());
                    } else if written < min || length > written + between + sentences.every.0 {
                        sentences.push_between(&mut draws, out.open());
                        let left = length.max(written + between + sentences.every.0) - written - between;
                        sentences.fill(self.words, left, &mut draws, out.open());
                    }
                }
            }
            out.end();
        });
    }

    fn count(&self) -> Option<u128> {
        None
    }
}
