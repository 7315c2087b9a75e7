//! Companies, which are named after the branch they work in, and products.

use super::choose::{Choose, Number};
use super::digits::{count_digits, push_number};
use super::form::{self, Form};
use super::group::{self, Subject};
use super::phrase::{Grammar, Phrase};
use super::{Impossible, TextMaker, Wanted};
use crate::random::{Draws, Stream};

/// Makes what tells of companies and products.
pub(super) fn maker(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let (own, length, unique) = (wanted.own(), wanted.length, wanted.unique);
    let grammar = Grammar::of(wanted.locale);
    match wanted.kind.signature.name {
        "product.name" => form::maker(Product { own, phrase: grammar.phrase("product") }, own, length, unique),
        "company.industry" => form::maker(Industry(Companies::new(wanted)), own, length, unique),
        _ => form::maker(Company(Companies::new(wanted)), own, length, unique),
    }
}

/// The companies of a table's rows.
struct Companies {
    stream: Stream,
    industry: Phrase,
    /// What companies of each branch call their trade.
    branches: Vec<Branch>,
    named: Phrase,
    plain: Phrase,
}

struct Branch {
    name: String,
    trades: Vec<String>,
}

impl Companies {
    fn new(wanted: &Wanted) -> Self {
        let grammar = Grammar::of(wanted.locale);
        let industry = grammar.phrase("industry");
        let branches = industry.all().map(|name| {
            let trades = grammar.phrase(&format!("trade {name}")).all().collect();
            Branch { name, trades }
        });
        Self {
            stream: group::stream(Subject::Company, wanted),
            industry,
            branches: branches.collect(),
            named: grammar.phrase("company"),
            plain: grammar.phrase("company.plain"),
        }
    }

    /// The branch of a row's company, and what its name follows from.
    #[inline(always)]
    fn branch(&self, row: u64, again: u64) -> (&Branch, Draws) {
        let mut draws = self.stream.lane(again).draws(row);
        (&self.branches[draws.pick(self.industry.shares())], draws)
    }
}

struct Industry(Companies);

impl Form for Industry {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        out.push_str(&self.0.branch(row, again).0.name);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        out.push_str(&self.0.branches[number as usize % self.0.branches.len()].name);
    }

    fn count(&self) -> Option<u64> {
        Some(self.0.branches.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        self.0.industry.lengths()
    }
}

struct Company(Companies);

impl Company {
    /// The trades of all branches.
    fn trades(&self) -> impl Iterator<Item = &String> {
        self.0.branches.iter().flat_map(|branch| &branch.trades)
    }

    /// How many names there are before they are numbered.
    fn names(&self) -> u64 {
        self.0.named.count() * self.trades().count() as u64
    }
}

impl Form for Company {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let (branch, mut draws) = self.0.branch(row, again);
        if draws.below(4) == 0 {
            return self.0.plain.write(&mut draws, out);
        }
        let trade = draws.below(branch.trades.len() as u64) as usize;
        self.0.named.write_around(&mut draws, &branch.trades[trade], out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let mut number = Number { rest: number };
        let count = self.trades().count() as u64;
        let trade = self.trades().nth(number.below(count) as usize);
        self.0.named.write_around(&mut number, trade.map_or("", String::as_str), out);
        write_round(number.rest, out);
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn lengths(&self, rows: u64) -> (u64, u64) {
        let trade = self.trades().map(|trade| trade.chars().count() as u64).max().unwrap_or_default();
        let (named, plain) = (self.0.named.lengths(), self.0.plain.lengths());
        (named.0.min(plain.0), (named.1 + trade).max(plain.1) + round_length(rows, self.names()))
    }

    fn numbers(&self, rows: u64) -> u64 {
        rows.max(self.names())
    }
}

/// Where there are more rows than names, each name comes again with a number: `Oak Desk 2`.
fn write_round(round: u64, out: &mut String) {
    if round > 0 {
        out.push(' ');
        push_number(out, round + 1);
    }
}

/// The most characters that [`write_round`] writes.
fn round_length(rows: u64, names: u64) -> u64 {
    if rows > names { 1 + count_digits(rows / names.max(1) + 1) } else { 0 }
}

struct Product {
    own: Stream,
    phrase: Phrase,
}

impl Form for Product {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        self.phrase.write(&mut self.own.lane(again).draws(row), out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let mut number = Number { rest: number };
        self.phrase.write(&mut number, out);
        write_round(number.rest, out);
    }

    fn count(&self) -> Option<u64> {
        None
    }

    fn lengths(&self, rows: u64) -> (u64, u64) {
        let (least, most) = self.phrase.lengths();
        (least, most + round_length(rows, self.phrase.count()))
    }

    fn numbers(&self, rows: u64) -> u64 {
        rows.max(self.phrase.count())
    }
}
