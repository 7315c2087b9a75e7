//! What a person is known by on the net: user names, e-mail addresses and web sites. All are at domains that belong to nobody: those
//! under `.example` and `example.com` are kept free (RFC 2606).

use ndsl_compiler::schema::Length;

use super::choose::{Choose, Number, Shares};
use super::digits::{count_digits, push_number};
use super::form::{self, Form, fits, number};
use super::group::{self, Subject};
use super::people::{Lane, Names, Person};
use super::phrase::{Grammar, Phrase};
use super::words::Words;
use super::{Impossible, TextMaker, Texts, Wanted};
use crate::permutation::Permutation;
use crate::random::{Draws, Stream};
use crate::rows::Rows;

/// Domains with how common each is, behind an `@`.
const DOMAINS: &str = include_str!("data/domains.txt");

/// The ways of making one word of a name, with how common each is. Which way it was can be told of the word, since the parts of a name
/// are letters alone, and two of them at least: what else would count as two texts might be the same one.
const STYLES: [(Style, u32); 6] = [
    (Style { first: Take::All, between: Some('.'), last: Take::All }, 40),
    (Style { first: Take::Initial, between: None, last: Take::All }, 20),
    (Style { first: Take::Initial, between: Some('.'), last: Take::All }, 14),
    (Style { first: Take::All, between: Some('_'), last: Take::All }, 10),
    (Style { first: Take::All, between: Some('.'), last: Take::Initial }, 10),
    (Style { first: Take::All, between: Some('-'), last: Take::All }, 6),
];

/// The style with room for the initial of a second name.
const WITH_INITIAL: usize = 0;

/// The initials that a second name may have.
const INITIALS: u64 = 26;

#[derive(Clone, Copy, Debug)]
struct Style {
    first: Take,
    between: Option<char>,
    last: Take,
}

#[derive(Clone, Copy, Debug)]
enum Take {
    All,
    Initial,
}

impl Take {
    #[inline(always)]
    fn write(self, latin: &Words, place: usize, out: &mut String) {
        match self {
            Self::All => latin.write(place, out),
            Self::Initial => out.push(char::from(latin.at(place).as_bytes()[0])),
        }
    }
}

/// What stands behind a name: nothing, or a domain.
struct Account {
    lane: Lane,
    own: Stream,
    styles: Shares,
    domains: Option<Domains>,
}

struct Domains {
    names: Words,
    shares: Shares,
}

impl Domains {
    /// Those whose names have at most so many characters.
    fn new(most: u64) -> Self {
        let lines = DOMAINS.lines().filter_map(|line| line.split_once('\t'));
        let kept = lines.filter(|(name, _)| name.len() as u64 <= most);
        let (names, weights): (Vec<_>, Vec<u32>) =
            kept.filter_map(|(name, weight)| Some((name, weight.parse::<u32>().ok()?))).unzip();
        Self { names: Words::new(names.iter().copied()), shares: Shares::new(&weights) }
    }

    fn lengths(&self) -> (u64, u64) {
        let lengths = || (0..self.shares.len()).map(|place| self.names.at(place).len() as u64);
        (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default())
    }
}

/// Makes user names, e-mail addresses and addresses of web sites.
pub(super) fn maker(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let own = wanted.own();
    let domains = match wanted.kind.signature.name {
        "url" => return form::maker(Site::new(wanted), own, wanted.length, wanted.unique),
        "email" => Some(Domains::new(u64::MAX)),
        _ => None,
    };
    let styles = Shares::new(&STYLES.map(|(_, weight)| weight));
    let account = Account { lane: Lane::new(wanted), own, styles, domains };
    match wanted.unique {
        None => form::maker(account, own, wanted.length, None),
        Some(rows) => Ok(Box::new(Numbered::new(account, rows, wanted.length)?)),
    }
}

impl Account {
    /// A name as one word.
    #[inline(always)]
    fn write(&self, person: Person, style: usize, initial: Option<u64>, out: &mut String) {
        let Style { first, between, last } = STYLES[style].0;
        first.write(&self.lane.people.first.latin, person.first, out);
        out.extend(between);
        if let Some(initial) = initial {
            out.push(char::from(b'a' + initial as u8));
            out.extend(between);
        }
        last.write(&self.lane.people.last.latin, person.last, out);
    }

    #[inline(always)]
    fn write_domain(&self, choose: &mut impl Choose, out: &mut String) {
        if let Some(domains) = &self.domains {
            domains.names.write(choose.pick(&domains.shares), out);
        }
    }

    /// The least and the most characters of a name as one word.
    fn word_lengths(&self) -> (u64, u64) {
        let people = self.lane.people;
        let lengths = |names: &Names| (0..names.len()).map(|place| names.latin.at(place).len() as u64).collect();
        let (first, last): (Vec<u64>, Vec<u64>) = (lengths(&people.first), lengths(&people.last));
        let (first, last) = (|| first.iter().copied(), || last.iter().copied());
        let least = 1 + last().min().unwrap_or_default();
        (least, first().max().unwrap_or_default() + last().max().unwrap_or_default() + 3)
    }
}

/// The numbers behind the names of people who were not the first: the year of a birth, or any.
#[inline(always)]
fn suffix(draws: &mut Draws) -> Option<u64> {
    match draws.below(100) {
        0..64 => None,
        64..82 => Some(50 + draws.below(50)),
        82..90 => Some(1 + draws.below(9)),
        _ => Some(10 + draws.below(990)),
    }
}

impl Form for Account {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let own = if again == 0 { self.own } else { self.own.lane(again) };
        let mut draws = own.draws(row);
        let style = draws.pick(&self.styles);
        // The name stays the row's own as long as another style may do.
        self.write(self.lane.person(row, again / 8), style, None, out);
        if let Some(number) = suffix(&mut draws) {
            push_number(out, number);
        }
        self.write_domain(&mut draws, out);
    }

    fn numbered(&self, row: u64, number: u64, out: &mut String) {
        self.code(number).write(self, self.lane.person(row, 0), out);
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        let (word, domain) = (self.word_lengths(), self.domains.as_ref().map_or((0, 0), Domains::lengths));
        (word.0 + domain.0, word.1 + 3 + domain.1)
    }
}

/// What tells a row's address from all others, whatever the name in it.
#[derive(Clone, Copy, Debug)]
struct Code {
    style: usize,
    domain: Option<usize>,
    initial: Option<u64>,
    /// Not written where it is 0.
    suffix: u64,
}

impl Account {
    /// The code that a number stands for.
    #[inline(always)]
    fn code(&self, number: u64) -> Code {
        let mut number = Number { rest: number };
        let style = number.below(STYLES.len() as u64) as usize;
        let domain = self.domains.as_ref().map(|domains| number.pick(&domains.shares));
        // Most people have no initial, but where an initial would do, it is rather that than a number.
        let initial = if style == WITH_INITIAL { number.below(INITIALS + 1).checked_sub(1) } else { None };
        Code { style, domain, initial, suffix: number.rest }
    }
}

impl Code {
    #[inline(always)]
    fn write(self, account: &Account, person: Person, out: &mut String) {
        account.write(person, self.style, self.initial, out);
        if self.suffix > 0 {
            push_number(out, self.suffix);
        }
        if let (Some(domain), Some(domains)) = (self.domain, &account.domains) {
            domains.names.write(domain, out);
        }
    }
}

/// Accounts of which each row has its own, by its number; the name in it is free.
struct Numbered {
    account: Account,
    order: Permutation,
    length: Option<Length>,
    /// The places of the persons that make the shortest and the longest names of each style.
    ends: [(Person, Person); STYLES.len()],
}

/// How many persons are drawn before all are gone through.
const OTHERS: u64 = 16;

impl Numbered {
    fn new(mut account: Account, rows: u64, length: Option<Length>) -> Result<Self, Impossible> {
        let ends = ends(&account);
        let order = Permutation::new(rows.max(1), account.own);
        let (least, most) = account.lengths(0);
        let most_digits = digits(rows, account.domains.as_ref().map_or(1, |domains| domains.shares.len() as u64));
        let length =
            length.filter(|length| length.min > least || length.max.is_some_and(|max| max < most + most_digits));
        if let Some(Length { min, max }) = length {
            let impossible = Impossible::Length { min, max };
            // The longest code with the shortest name must fit, and the shortest code with the longest name.
            let length = |person, style| account.word(person, style);
            let short = (0..STYLES.len()).map(|style| length(ends[style].0, style)).max().unwrap_or_default() + 2;
            let long = (0..STYLES.len()).map(|style| length(ends[style].1, style)).min().unwrap_or_default();
            let room = max.unwrap_or(u64::MAX).checked_sub(short).ok_or(impossible.clone())?;
            match &mut account.domains {
                // The longer the domains may be, the more there are, and the fewer digits it takes beside them.
                Some(domains) => {
                    let kept = (0..=domains.lengths().1).rev().map(|most| (most, Domains::new(most)));
                    let mut fitting = kept.filter(|(most, kept)| most + digits(rows, kept.shares.len() as u64) <= room);
                    *domains = fitting.next().filter(|(_, kept)| kept.shares.len() > 0).ok_or(impossible.clone())?.1;
                }
                None if digits(rows, 1) > room => return Err(impossible),
                None => {}
            }
            let domain = account.domains.as_ref().map_or(0, |domains| domains.lengths().0);
            if long + domain < min {
                return Err(impossible);
            }
        }
        Ok(Self { account, order, length, ends })
    }
}

impl Account {
    /// The characters of a person's name in a style.
    fn word(&self, person: Person, style: usize) -> u64 {
        let mut word = String::new();
        self.write(person, style, None, &mut word);
        word.len() as u64
    }
}

/// The most digits that are needed where so many rows share so many domains.
fn digits(rows: u64, domains: u64) -> u64 {
    match rows / (STYLES.len() as u64 * domains.max(1)) {
        0 => 0,
        most => count_digits(most),
    }
}

/// The persons that make the shortest and the longest names of each style.
fn ends(account: &Account) -> [(Person, Person); STYLES.len()] {
    let people = account.lane.people;
    std::array::from_fn(|style| {
        let first = (0..people.first.len()).map(|first| (account.word(Person { first, last: 0 }, style), first));
        let last = (0..people.last.len()).map(|last| (account.word(Person { first: 0, last }, style), last));
        let (first, last): (Vec<_>, Vec<_>) = (first.collect(), last.collect());
        let at = |least: bool| {
            let end = |names: &[(u64, usize)]| {
                if least { names.iter().min() } else { names.iter().max() }.map_or(0, |one| one.1)
            };
            Person { first: end(&first), last: end(&last) }
        };
        (at(true), at(false))
    })
}

impl Numbered {
    /// A person whose name makes the code as long as it must be: the row's own, or another.
    fn fitting(&self, row: u64, code: Code, length: Length) -> Person {
        let account = &self.account;
        let mut text = String::new();
        let mut fits = |person: &Person| {
            text.clear();
            code.write(account, *person, &mut text);
            fits(length, &text)
        };
        let people = account.lane.people;
        let (short, long) = self.ends[code.style];
        let every =
            (0..people.first.len()).flat_map(|first| (0..people.last.len()).map(move |last| Person { first, last }));
        let others = (0..OTHERS).map(|again| account.lane.person(row, again));
        others.chain([short, long]).chain(every).find(&mut fits).unwrap_or(short)
    }
}

impl TextMaker for Numbered {
    fn make(&self, rows: &Rows, out: &mut Texts) {
        let account = &self.account;
        let mut text = String::new();
        rows.each(|row| {
            let code = account.code(number(&self.order, row));
            let Some(length) = self.length else {
                code.write(account, account.lane.person(row, 0), out.open());
                return out.end();
            };
            text.clear();
            code.write(account, self.fitting(row, code, length), &mut text);
            out.push(&text);
        });
    }

    fn count(&self) -> Option<u128> {
        None
    }
}

/// Addresses of pages.
struct Site {
    stream: Stream,
    domains: Domains,
    paths: Phrase,
}

impl Site {
    fn new(wanted: &Wanted) -> Self {
        let paths = Grammar::of(wanted.locale).phrase("path");
        Self { stream: group::stream(Subject::Company, wanted).lane(1), domains: Domains::new(u64::MAX), paths }
    }

    #[inline(always)]
    fn write(&self, choose: &mut impl Choose, out: &mut String) {
        out.push_str(if choose.below(3) == 0 { "https://" } else { "https://www." });
        out.push_str(&self.domains.names.at(choose.pick(&self.domains.shares))[1..]);
        out.push('/');
    }
}

impl Form for Site {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let mut draws = self.stream.lane(again).draws(row);
        self.write(&mut draws, out);
        match draws.below(8) {
            0..3 => {}
            3..6 => self.paths.write(&mut draws, out),
            _ => {
                self.paths.write(&mut draws, out);
                out.push('/');
                push_number(out, 1 + draws.below(5000));
            }
        }
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let mut number = Number { rest: number };
        out.push_str(if number.below(2) == 0 { "https://" } else { "https://www." });
        out.push_str(&self.domains.names.at(number.pick(&self.domains.shares))[1..]);
        out.push('/');
        self.paths.write(&mut number, out);
        if number.rest > 0 {
            out.push('/');
            push_number(out, number.rest);
        }
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn lengths(&self, rows: u64) -> (u64, u64) {
        let (domain, path) = (self.domains.lengths(), self.paths.lengths());
        (8 + domain.0, 12 + domain.1 + path.1 + 1 + count_digits(rows.max(5000)))
    }
}
