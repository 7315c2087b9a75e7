//! People: their names by how common they are, titles and occupations.

use std::sync::LazyLock;

use super::choose::{Choose, Number, Shares};
use super::form::{self, Form};
use super::group::{self, Subject};
use super::phrase::{Grammar, Phrase};
use super::words::Words;
use super::{Impossible, Locale, TextMaker, Wanted};
use crate::random::{Draws, Stream};

/// The names of a locale's people.
#[derive(Debug)]
pub(super) struct People {
    locale: Locale,
    /// First names, those of women before those of men.
    pub first: Names,
    women: usize,
    /// The places of the first names, of each once that both women and men have.
    distinct: Box<[u32]>,
    /// Family names.
    pub last: Names,
}

/// Names with their shares.
#[derive(Debug)]
pub(super) struct Names {
    /// As they are written.
    pub text: Words,
    /// In small Latin letters, as addresses have them.
    pub latin: Words,
    shares: Shares,
}

/// A person, by the places of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub first: usize,
    pub last: usize,
}

impl Names {
    fn read(lists: &[&'static str], kinds: &[&str]) -> Self {
        let (mut texts, mut latins): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
        let mut weights = Vec::new();
        for kind in kinds {
            for line in lists.iter().flat_map(|list| list.lines()) {
                let mut cells = line.split('\t');
                if cells.next() != Some(kind) {
                    continue;
                }
                let text = cells.next().unwrap_or_default();
                weights.push(cells.next().and_then(|weight| weight.parse().ok()).unwrap_or(1));
                texts.push(text);
                latins.push(cells.next().map_or_else(|| text.to_lowercase(), str::to_owned));
            }
        }
        let text = Words::new(texts.iter().copied());
        Self { text, latin: Words::new(latins.iter().map(String::as_str)), shares: Shares::new(&weights) }
    }

    #[inline(always)]
    fn pick(&self, choose: &mut impl Choose) -> usize {
        choose.pick(&self.shares)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shares.len()
    }

    /// How common each is.
    pub fn shares(&self) -> &Shares {
        &self.shares
    }

    /// The least and the most characters of one.
    pub fn lengths(&self) -> (u64, u64) {
        let lengths = || (0..self.len()).map(|place| self.text.at(place).chars().count() as u64);
        (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default())
    }
}

impl People {
    fn read(locale: Locale, list: &'static str) -> Self {
        let first = Names::read(&[list], &["f", "m"]);
        let women = list.lines().filter(|line| line.starts_with("f\t")).count();
        let mut places: Vec<u32> = (0..first.len() as u32).collect();
        places.sort_by_key(|place| (first.text.at(*place as usize), *place));
        places.dedup_by(|one, other| first.text.at(*one as usize) == first.text.at(*other as usize));
        Self { locale, first, women, distinct: places.into(), last: Names::read(&[list], &["l"]) }
    }

    /// Those of a locale.
    pub fn of(locale: Locale) -> &'static Self {
        static ALL: [LazyLock<People>; 4] = [
            LazyLock::new(|| People::read(Locale::En, include_str!("data/en/people.tsv"))),
            LazyLock::new(|| People::read(Locale::De, include_str!("data/de/people.tsv"))),
            LazyLock::new(|| People::read(Locale::Fr, include_str!("data/fr/people.tsv"))),
            LazyLock::new(|| People::read(Locale::Ja, include_str!("data/ja/people.tsv"))),
        ];
        &ALL[locale as usize]
    }

    /// The next person that is drawn.
    #[inline(always)]
    pub fn person(&self, draws: &mut Draws) -> Person {
        Person { first: self.first.pick(draws), last: self.last.pick(draws) }
    }

    /// Whether a first name is a woman's.
    #[inline(always)]
    fn is_woman(&self, person: Person) -> bool {
        person.first < self.women
    }
}

/// The persons of a table's rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub people: &'static People,
    stream: Stream,
}

impl Lane {
    pub fn new(wanted: &Wanted) -> Self {
        Self { people: People::of(wanted.locale), stream: group::stream(Subject::Person, wanted) }
    }

    /// The person of a row; from `again` 1 on, another.
    #[inline(always)]
    pub fn person(&self, row: u64, again: u64) -> Person {
        let stream = if again == 0 { self.stream } else { self.stream.lane(again) };
        self.people.person(&mut stream.draws(row))
    }
}

/// Makes what `person.` types hold, but for user names.
pub(super) fn maker(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let lane = Lane::new(wanted);
    let own = wanted.own();
    let (length, unique) = (wanted.length, wanted.unique);
    let by_sex = |women, men| {
        let grammar = Grammar::of(wanted.locale);
        let lists = [women, men].map(|name| grammar.phrase(name));
        form::maker(BySex::new(lane, own, lists), own, length, unique)
    };
    match wanted.kind.signature.name {
        "person.first_name" => form::maker(First(lane), own, length, unique),
        "person.last_name" => form::maker(Last(lane), own, length, unique),
        "person.title" => by_sex("title.women", "title.men"),
        "person.job" => by_sex("job.women", "job.men"),
        _ => form::maker(Full(lane), own, length, unique),
    }
}

/// First names.
struct First(Lane);

impl Form for First {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        self.0.people.first.text.write(self.0.person(row, again).first, out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let place = self.0.people.distinct[number as usize % self.0.people.distinct.len()];
        self.0.people.first.text.write(place as usize, out);
    }

    fn count(&self) -> Option<u64> {
        Some(self.0.people.distinct.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        self.0.people.first.lengths()
    }
}

/// Family names.
struct Last(Lane);

impl Form for Last {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        self.0.people.last.text.write(self.0.person(row, again).last, out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let names = &self.0.people.last;
        names.text.write(number as usize % names.len(), out);
    }

    fn count(&self) -> Option<u64> {
        Some(self.0.people.last.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        self.0.people.last.lengths()
    }
}

/// Whole names.
struct Full(Lane);

impl Full {
    /// The first name and the last, as the language has them.
    #[inline(always)]
    fn write(&self, first: usize, last: usize, out: &mut String) {
        let people = self.0.people;
        let (first, last) = ((&people.first.text, first), (&people.last.text, last));
        let (before, after) = if people.locale == Locale::Ja { (last, first) } else { (first, last) };
        before.0.write(before.1, out);
        out.push(' ');
        after.0.write(after.1, out);
    }

    /// The names of which nobody has a second one.
    fn plain(&self) -> u64 {
        (self.0.people.distinct.len() * self.0.people.last.len()) as u64
    }

    /// With how many second family names each name comes.
    fn seconds(&self) -> u64 {
        if self.0.people.locale == Locale::Ja { 0 } else { self.0.people.last.len() as u64 }
    }
}

impl Form for Full {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let person = self.0.person(row, again);
        self.write(person.first, person.last, out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let people = self.0.people;
        let mut number = Number { rest: number };
        let first = people.distinct[number.below(people.distinct.len() as u64) as usize] as usize;
        self.write(first, number.below(people.last.len() as u64) as usize, out);
        if number.rest > 0 {
            out.push('-');
            people.last.text.write((number.rest - 1) as usize % people.last.len(), out);
        }
    }

    fn count(&self) -> Option<u64> {
        Some(self.plain() * (1 + self.seconds()))
    }

    fn lengths(&self, rows: u64) -> (u64, u64) {
        let (first, last) = (self.0.people.first.lengths(), self.0.people.last.lengths());
        let second = if rows > self.plain() { last.1 + 1 } else { 0 };
        (first.0 + last.0 + 1, first.1 + last.1 + 1 + second)
    }

    fn numbers(&self, rows: u64) -> u64 {
        // Second names only where there are more rows than names.
        rows.max(self.plain())
    }
}

/// What is said of women and men in different words.
struct BySex {
    lane: Lane,
    own: Stream,
    lists: [Phrase; 2],
    /// What is said of either, each once.
    distinct: Vec<String>,
}

impl BySex {
    fn new(lane: Lane, own: Stream, lists: [Phrase; 2]) -> Self {
        let mut distinct: Vec<_> = lists.iter().flat_map(|list| list.all()).collect();
        distinct.sort_unstable();
        distinct.dedup();
        Self { lane, own, lists, distinct }
    }
}

impl Form for BySex {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let person = self.lane.person(row, again);
        let list = self.lists[usize::from(!self.lane.people.is_woman(person))];
        list.write(&mut self.own.lane(again).draws(row), out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        out.push_str(&self.distinct[number as usize % self.distinct.len()]);
    }

    fn count(&self) -> Option<u64> {
        Some(self.distinct.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        let lengths = || self.distinct.iter().map(|text| text.chars().count() as u64);
        (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default())
    }
}
