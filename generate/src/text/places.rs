//! Places: cities by how many live there, with their states, postal codes, telephones and coordinates.

use std::sync::LazyLock;

use super::choose::{Choose, Number, Shares};
use super::digits::{push_number, push_padded};
use super::form::{self, Form};
use super::group::{self, Subject};
use super::mask::Mask;
use super::phrase::{Grammar, Phrase};
use super::{Impossible, Locale, TextMaker, Wanted};
use crate::random::{Draws, Stream};
use crate::rows::Rows;

/// The places of a locale.
#[derive(Debug)]
struct Places {
    locale: Locale,
    all: Vec<Place>,
    shares: Shares,
    /// The telephone numbers that are taken where those of a place would run out.
    spare: Mask,
}

/// One city.
#[derive(Debug)]
struct Place {
    /// Its country, by its place among [`COUNTRIES`].
    country: usize,
    state: &'static str,
    city: &'static str,
    latitude: f64,
    longitude: f64,
    quarters: Vec<Quarter>,
    quarter_shares: Shares,
    /// Numbers that are kept for films and books, where the country keeps any.
    phones: Vec<Mask>,
    /// All numbers that there may be, alike many of each.
    all_phones: Vec<Mask>,
}

/// What has postal codes of its own.
#[derive(Debug)]
struct Quarter {
    codes: Codes,
    /// What it is called, where addresses say so.
    name: &'static str,
}

#[derive(Debug)]
enum Codes {
    Range { from: u64, count: u64, width: usize },
    Mask(Mask),
}

/// A country by its code, and what it is called in each locale.
#[derive(Debug)]
struct Country {
    code: &'static str,
    names: [&'static str; 4],
}

/// Every country of ISO 3166-1.
static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines = include_str!("data/countries.tsv").lines();
    lines
        .map(|line| {
            let mut cells = line.split('\t');
            let code = cells.next().unwrap_or_default();
            Country { code, names: std::array::from_fn(|_| cells.next().unwrap_or_default()) }
        })
        .collect()
});

impl Codes {
    /// `10115..10119`, `SW# #@@`, or a single code.
    fn read(text: &'static str) -> Self {
        let range = text.split_once("..").map(|(from, to)| (from, from.parse(), to.parse::<u64>()));
        match range {
            Some((text, Ok(from), Ok(to))) => Self::Range { from, count: to - from + 1, width: text.len() },
            _ => Self::Mask(Mask::new(text)),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Range { count, .. } => *count,
            Self::Mask(mask) => mask.count(),
        }
    }

    #[inline(always)]
    fn write(&self, choose: &mut impl Choose, out: &mut String) {
        match self {
            Self::Range { from, count, width } => push_padded(out, from + choose.below(*count), *width),
            Self::Mask(mask) => mask.write(choose, out),
        }
    }
}

impl Place {
    fn read(line: &'static str) -> Option<(Self, u32)> {
        let mut cells = line.split('\t');
        let weight = cells.next()?.parse().ok()?;
        let country = cells.next()?;
        let country = COUNTRIES.iter().position(|one| one.code == country)?;
        let (state, city) = (cells.next()?, cells.next()?);
        let (latitude, longitude) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
        let quarters = cells.next()?.split('|').map(|quarter| {
            let (codes, name) = quarter.split_once('=').unwrap_or((quarter, ""));
            Quarter { codes: Codes::read(codes), name }
        });
        let quarters: Vec<_> = quarters.collect();
        let weights: Vec<_> = quarters.iter().map(|quarter| quarter.codes.count().min(1000) as u32).collect();
        let mut masks = || Some(cells.next()?.split('|').map(Mask::new).collect());
        let (phones, all_phones) = (masks()?, masks()?);
        let quarter_shares = Shares::new(&weights);
        Some((Self { country, state, city, latitude, longitude, quarters, quarter_shares, phones, all_phones }, weight))
    }
}

impl Places {
    fn read(locale: Locale, list: &'static str, spare: &'static str) -> Self {
        let (all, weights): (Vec<_>, Vec<_>) = list.lines().filter_map(Place::read).unzip();
        Self { locale, all, shares: Shares::new(&weights), spare: Mask::new(spare) }
    }

    fn of(locale: Locale) -> &'static Self {
        static ALL: [LazyLock<Places>; 4] = [
            LazyLock::new(|| Places::read(Locale::En, include_str!("data/en/places.tsv"), "+44 7N## ######")),
            LazyLock::new(|| Places::read(Locale::De, include_str!("data/de/places.tsv"), "+49 15# ########")),
            LazyLock::new(|| Places::read(Locale::Fr, include_str!("data/fr/places.tsv"), "+33 6 ## ## ## ##")),
            LazyLock::new(|| Places::read(Locale::Ja, include_str!("data/ja/places.tsv"), "+81 70-####-####")),
        ];
        &ALL[locale as usize]
    }

    /// Each of some texts once.
    fn distinct(&self, text: impl Fn(&Place) -> &'static str) -> Vec<&'static str> {
        let mut all: Vec<_> = self.all.iter().map(text).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The places of a table's rows.
#[derive(Clone, Copy, Debug)]
struct Lane {
    places: &'static Places,
    stream: Stream,
}

impl Lane {
    fn new(wanted: &Wanted) -> Self {
        Self { places: Places::of(wanted.locale), stream: group::stream(Subject::Place, wanted) }
    }

    /// The place of a row and what else is drawn of it; from `again` 1 on, another.
    #[inline(always)]
    fn place(&self, row: u64, again: u64) -> (&'static Place, Draws) {
        let stream = if again == 0 { self.stream } else { self.stream.lane(again) };
        let mut draws = stream.draws(row);
        (&self.places.all[draws.pick(&self.places.shares)], draws)
    }
}

/// Makes what tells of places.
pub(super) fn maker(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    let lane = Lane::new(wanted);
    let (own, length, unique) = (wanted.own(), wanted.length, wanted.unique);
    let places = lane.places;
    let locale = wanted.locale as usize;
    let lines = Lines { phrase: Grammar::of(wanted.locale).phrase("line"), places };
    match wanted.kind.signature.name {
        "country" => {
            let distinct = COUNTRIES.iter().map(|country| country.code).collect();
            form::maker(Part { lane, of: |place: &Place| COUNTRIES[place.country].code, distinct }, own, length, unique)
        }
        "address.country" => {
            let distinct = COUNTRIES.iter().map(|country| country.names[locale]).collect();
            form::maker(
                Part { lane, of: move |place: &Place| COUNTRIES[place.country].names[locale], distinct },
                own,
                length,
                unique,
            )
        }
        "address.city" => {
            let distinct = places.distinct(|place| place.city);
            form::maker(Part { lane, of: |place: &Place| place.city, distinct }, own, length, unique)
        }
        "address.state" => {
            let distinct = places.distinct(|place| place.state);
            form::maker(Part { lane, of: |place: &Place| place.state, distinct }, own, length, unique)
        }
        "address.postal_code" => form::maker(PostalCode { lane, home: home_codes(places) }, own, length, unique),
        "phone" => form::maker(Phone { lane, own }, own, length, unique),
        "address.street" => form::maker(Street { lane, lines, names: quarter_names(places) }, own, length, unique),
        _ => form::maker(Full { lane, lines, quarters: quarters(places) }, own, length, unique),
    }
}

/// A text that a place has once.
struct Part<F> {
    lane: Lane,
    of: F,
    distinct: Vec<&'static str>,
}

impl<F: Fn(&Place) -> &'static str + Send + Sync + 'static> Form for Part<F> {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        out.push_str((self.of)(self.lane.place(row, again).0));
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        out.push_str(self.distinct[number as usize % self.distinct.len()]);
    }

    fn count(&self) -> Option<u64> {
        Some(self.distinct.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        let lengths = || self.distinct.iter().map(|text| text.chars().count() as u64);
        (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default())
    }
}

struct PostalCode {
    lane: Lane,
    /// Every code of the country that comes first.
    home: Vec<String>,
}

/// The postal codes of the country that a locale's list begins with, each once; other countries may have the same.
fn home_codes(places: &Places) -> Vec<String> {
    let home = places.all.first().map(|place| place.country);
    let quarters = places.all.iter().filter(|place| Some(place.country) == home).flat_map(|place| &place.quarters);
    let codes = quarters.flat_map(|quarter| {
        (0..quarter.codes.count()).map(|rest| {
            let mut code = String::new();
            quarter.codes.write(&mut Number { rest }, &mut code);
            code
        })
    });
    let mut codes: Vec<_> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

impl Form for PostalCode {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let (place, mut draws) = self.lane.place(row, again);
        place.quarters[draws.pick(&place.quarter_shares)].codes.write(&mut draws, out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        out.push_str(&self.home[number as usize % self.home.len()]);
    }

    fn count(&self) -> Option<u64> {
        Some(self.home.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        (4, 8)
    }
}

struct Phone {
    lane: Lane,
    own: Stream,
}

/// Where numbers must differ, so many are spread over, that those of few rows are not all alike. Every place has as many.
const SPREAD: u64 = 8_000_000;

impl Form for Phone {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let (place, _) = self.lane.place(row, again);
        let mut draws = self.own.lane(again).draws(row);
        let mask = draws.below(place.phones.len() as u64) as usize;
        place.phones[mask].write(&mut draws, out);
    }

    fn numbered(&self, row: u64, number: u64, out: &mut String) {
        // No number comes twice, so no telephone does, whichever place's they are.
        let (place, _) = self.lane.place(row, 0);
        let kinds = place.all_phones.len() as u64;
        let mask = &place.all_phones[(number % kinds) as usize];
        if number / kinds < mask.count() {
            mask.write(&mut Number { rest: number / kinds }, out);
        } else {
            self.lane.places.spare.write(&mut Number { rest: number }, out);
        }
    }

    fn count(&self) -> Option<u64> {
        Some(self.lane.places.spare.count())
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        (12, 20)
    }

    fn numbers(&self, rows: u64) -> u64 {
        rows.max(SPREAD)
    }
}

/// Streets with the numbers of houses.
#[derive(Clone, Copy)]
struct Lines {
    phrase: Phrase,
    places: &'static Places,
}

impl Lines {
    /// The numbers of houses in a street.
    fn houses(self) -> u64 {
        match self.places.locale {
            Locale::En => 2400,
            Locale::De | Locale::Fr => 160,
            Locale::Ja => 9 * 20 * 30,
        }
    }

    fn count(self) -> u64 {
        self.phrase.count() * self.houses()
    }

    #[inline(always)]
    fn write(self, choose: &mut impl Choose, quarter: &str, out: &mut String) {
        let house = choose.below(self.houses());
        if self.places.locale == Locale::Ja {
            // Quarter, block, building: streets have no names.
            out.push_str(quarter);
            push_number(out, house % 9 + 1);
            out.push('-');
            push_number(out, house / 9 % 20 + 1);
            out.push('-');
            push_number(out, house / 180 + 1);
        } else {
            let mut digits = Digits::default();
            self.phrase.write_around(choose, digits.of(house + 1), out);
        }
    }

    fn lengths(self) -> (u64, u64) {
        let (least, most) = self.phrase.lengths();
        (least + 1, most + 16)
    }
}

/// A small number as text, without memory of its own.
#[derive(Default)]
struct Digits([u8; 4]);

impl Digits {
    fn of(&mut self, mut number: u64) -> &str {
        let mut at = self.0.len();
        while number > 0 && at > 0 {
            at -= 1;
            self.0[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        str::from_utf8(&self.0[at..]).unwrap_or_default()
    }
}

struct Street {
    lane: Lane,
    lines: Lines,
    /// The names of quarters, each once.
    names: Vec<&'static str>,
}

fn quarter_names(places: &Places) -> Vec<&'static str> {
    let mut names: Vec<_> = places.all.iter().flat_map(|place| &place.quarters).map(|quarter| quarter.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl Lane {
    /// What a row's house and street follow from: nothing else follows from it.
    #[inline(always)]
    fn street(&self, row: u64, again: u64) -> Draws {
        self.stream.lane(u64::MAX - again).draws(row)
    }
}

impl Form for Street {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let (place, mut draws) = self.lane.place(row, 0);
        let quarter = place.quarters[draws.pick(&place.quarter_shares)].name;
        self.lines.write(&mut self.lane.street(row, again), quarter, out);
    }

    fn numbered(&self, _: u64, number: u64, out: &mut String) {
        let mut number = Number { rest: number };
        let name = self.names[number.below(self.names.len() as u64) as usize];
        self.lines.write(&mut number, name, out);
    }

    fn count(&self) -> Option<u64> {
        Some(self.lines.count() * self.names.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        self.lines.lengths()
    }
}

/// Whole addresses.
struct Full {
    lane: Lane,
    lines: Lines,
    /// Every quarter of every place.
    quarters: Vec<(&'static Place, &'static Quarter)>,
}

fn quarters(places: &'static Places) -> Vec<(&'static Place, &'static Quarter)> {
    places.all.iter().flat_map(|place| place.quarters.iter().map(move |quarter| (place, quarter))).collect()
}

impl Full {
    #[inline(always)]
    fn write(
        &self,
        (place, quarter): (&Place, &Quarter),
        code: &mut Draws,
        street: &mut impl Choose,
        out: &mut String,
    ) {
        if self.lines.places.locale == Locale::Ja {
            out.push('〒');
            quarter.codes.write(code, out);
            out.push(' ');
            out.push_str(place.state);
            out.push_str(place.city);
            return self.lines.write(street, quarter.name, out);
        }
        self.lines.write(street, quarter.name, out);
        out.push_str(", ");
        match COUNTRIES[place.country].code {
            "US" | "CA" | "AU" => {
                out.push_str(place.city);
                out.push_str(", ");
                out.push_str(place.state);
                out.push(' ');
                quarter.codes.write(code, out);
            }
            "GB" | "IE" | "NZ" => {
                out.push_str(place.city);
                out.push(' ');
                quarter.codes.write(code, out);
            }
            _ => {
                quarter.codes.write(code, out);
                out.push(' ');
                out.push_str(place.city);
            }
        }
    }
}

impl Form for Full {
    #[inline(always)]
    fn draw(&self, row: u64, again: u64, out: &mut String) {
        let (place, mut draws) = self.lane.place(row, again);
        let quarter = &place.quarters[draws.pick(&place.quarter_shares)];
        self.write((place, quarter), &mut draws, &mut self.lane.street(row, again), out);
    }

    fn numbered(&self, row: u64, number: u64, out: &mut String) {
        let mut number = Number { rest: number };
        let spot = self.quarters[number.below(self.quarters.len() as u64) as usize];
        self.write(spot, &mut self.lane.place(row, 0).1, &mut number, out);
    }

    fn count(&self) -> Option<u64> {
        self.lines.count().checked_mul(self.quarters.len() as u64)
    }

    fn lengths(&self, _: u64) -> (u64, u64) {
        let (least, most) = self.lines.lengths();
        let longest = |text: fn(&Place) -> &'static str| {
            self.quarters.iter().map(|(place, _)| text(place).chars().count() as u64).max().unwrap_or_default()
        };
        (least + 8, most + longest(|place| place.city) + longest(|place| place.state) + 14)
    }
}

/// Makes the degrees of latitude or longitude of a table's places.
#[derive(Clone, Debug)]
pub struct Coordinate {
    lane: Lane,
    north: bool,
}

/// What makes a column of `address.latitude` or `address.longitude`, near the city of each row; nothing for other types.
pub fn coordinate(wanted: &Wanted) -> Option<Coordinate> {
    let north = match wanted.kind.signature.name {
        "address.latitude" => true,
        "address.longitude" => false,
        _ => return None,
    };
    Some(Coordinate { lane: Lane::new(wanted), north })
}

/// How far from its middle a city reaches, in degrees.
const REACH: f64 = 0.06;

impl Coordinate {
    /// The degrees of each row, behind those that are there.
    pub fn make(&self, rows: &Rows, out: &mut Vec<f64>) {
        rows.each(|row| {
            let (place, _) = self.lane.place(row, 0);
            // The mean of two draws lies near the middle more often than not.
            let mut draws = self.lane.stream.lane(if self.north { 1 << 32 } else { 1 << 33 }).draws(row);
            let away = (draws.unit() + draws.unit() - 1.0) * REACH;
            let middle = if self.north { place.latitude } else { place.longitude };
            out.push(((middle + away) * 1e5).round() / 1e5);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        for (locale, list) in [
            (Locale::En, include_str!("data/en/places.tsv")),
            (Locale::De, include_str!("data/de/places.tsv")),
            (Locale::Fr, include_str!("data/fr/places.tsv")),
            (Locale::Ja, include_str!("data/ja/places.tsv")),
        ] {
            let places = Places::of(locale);
            assert_eq!(places.all.len(), list.lines().count());
            for place in &places.all {
                assert!((-90.0..=90.0).contains(&place.latitude) && (-180.0..=180.0).contains(&place.longitude));
                let count = place.all_phones.iter().map(Mask::count).min().unwrap() * place.all_phones.len() as u64;
                assert!(count >= SPREAD, "{}: {count}", place.city);
            }
        }
        assert_eq!(COUNTRIES.len(), 249);
    }
}
