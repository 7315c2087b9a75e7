//! What a column is, by what was learnt of its values: its type, its limits and how it is drawn, each with a reason.

use ndsl_compiler::schema::convert::{ColumnOutline, words};

use super::column::{Frequent, Learnt};
use super::distinct::Different;
use super::fit::{self, Points, Unit, percentages};
use super::names;
use super::table::{TableLearnt, placed};
use super::value::truth;

/// The most labels of an enum.
const LABELS: usize = 64;

/// The longest of them, in characters.
const LABEL: usize = 80;

/// How often a label is there at least, on average.
const TIMES: u64 = 3;

/// Digits behind the point up to which numbers are decimals where all have the same.
const PLACES: u8 = 4;

/// The same where they have not.
const FEW_PLACES: u8 = 2;

/// Whole numbers up to this are exact as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The most characters of a `string` of which nothing is said.
const STRING: usize = 255;

/// What a column is.
#[derive(Clone, Debug)]
pub struct Decided {
    /// As it is written.
    pub outline: ColumnOutline,
    /// What its values are.
    pub kind: Kind,
    /// Whether no value comes twice; nothing where that is not known.
    pub unique: Option<bool>,
    /// Whether each whole number is larger than the one before.
    pub rising: bool,
    /// Between which points it lies, where it is measured.
    pub ends: (f64, f64),
    /// How many rows have a value.
    pub present: u64,
    /// Reasons.
    pub notes: Vec<String>,
}

/// What a column's values are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Numbers, or points in time.
    Measured(Unit),
    /// Truth values.
    Truth,
    /// Texts of a pattern.
    Code,
    /// Texts of a kind of which everybody has their own: UUIDs, e-mail addresses.
    Own,
    /// Texts of a few labels.
    Labels,
    /// Other texts.
    Text,
    /// Nothing that is compared.
    Other,
}

/// A number with commas, as comments have it.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Decides what each column of a table is.
pub fn decide(table: TableLearnt, name: &str) -> (Vec<Decided>, Vec<super::distinct::Distinct>) {
    let TableLearnt { names, columns, rows, lines } = table;
    let mut taken = words::Names::default();
    let mut decided = Vec::new();
    let mut hashes = Vec::new();
    for (outside, learnt) in names.iter().zip(columns) {
        let word = taken.word(outside, "column");
        let (one, distinct) = column(learnt, &word, outside, name, rows, lines);
        decided.push(one);
        hashes.push(distinct);
    }
    (decided, hashes)
}

fn column(
    learnt: Learnt,
    word: &str,
    outside: &str,
    table: &str,
    rows: u64,
    lines: bool,
) -> (Decided, super::distinct::Distinct) {
    let Learnt { missing, mut traits, frequent, .. } = learnt;
    let present = traits.present;
    let (unique, different) = (traits.distinct.is_unique(), traits.distinct.different());
    let mut decided = Decided {
        outline: ColumnOutline {
            name: word.to_owned(),
            outside: (word != outside).then(|| outside.to_owned()),
            optional: missing.count() > 0,
            ..ColumnOutline::default()
        },
        kind: Kind::Other,
        unique: unique.filter(|_| present > 1),
        rising: traits.rising && traits.types.whole,
        ends: (traits.ends.min, traits.ends.max),
        present,
        notes: Vec::new(),
    };
    if missing.count() > 0 {
        decided.outline.null = Some(percentages(&[missing.count(), rows - missing.count()])[0].clone());
    }
    let said: Vec<String> =
        missing.said().map(|(word, count)| format!("{} `{word}`, read as no value", times(count))).collect();
    if present > 0 {
        decided.notes.push(match different {
            Different::Exactly(1) => "always the same".to_owned(),
            Different::Exactly(count) if count == present => format!("{} values, all different", grouped(count)),
            Different::Exactly(count) => format!("{} different of {} values", grouped(count), grouped(present)),
            Different::About(count) => format!("about {} different of {} values", significant(count), grouped(present)),
        });
    }
    decided.notes.extend(said);
    if let Some(broken) = &traits.broken {
        let at = placed(broken.at, lines);
        decided.notes.push(format!("all are {} before {at}, which has {}", broken.before, broken.text));
    }
    let types = traits.types;
    let truths = || frequent.as_deref().filter(|all| all.len() == 2).and_then(truths);
    match () {
        () if present == 0 => {
            decided.outline.kind = "text".to_owned();
            decided.outline.null = Some("100%".to_owned());
            decided.notes.push("no row has a value, so nothing is known of its type".to_owned());
        }
        () if traits.others > 0 => {
            decided.outline.kind = "json".to_owned();
            decided.notes = vec!["lists or objects".to_owned()];
        }
        () if traits.truths == present || truths().is_some() => {
            let yes = truths().map_or(traits.truths, |(yes, _)| yes);
            decided.kind = Kind::Truth;
            decided.outline.kind = "bool".to_owned();
            if let Some((_, written)) = truths() {
                decided.notes = vec![format!("{written} of {} values", grouped(present))];
                let share = fit::rounded(yes as f64 / present as f64);
                decided.outline.draw = Some(format!("bernoulli({share})"));
            } else if let Some([only]) = frequent.as_deref() {
                decided.outline.allowed = Some(format!("[{}]", only.text));
            } else if let Some(all) = &frequent {
                let yes = all.iter().find(|one| one.text == "true").map_or(0, |one| one.count);
                decided.outline.draw = Some(format!("bernoulli({})", fit::rounded(yes as f64 / present as f64)));
            }
        }
        () if types.number => number(&mut decided, &traits, frequent.as_deref(), word),
        () if types.moment || types.clock => {
            let unit = match types {
                _ if types.day => Unit::Day,
                _ if types.moment => Unit::Second,
                _ => Unit::Clock,
            };
            decided.outline.kind = match unit {
                Unit::Day => "date",
                Unit::Second => "datetime",
                _ => "time",
            }
            .to_owned();
            decided.kind = Kind::Measured(unit);
            decided.outline.allowed = Some(between(unit, decided.ends));
        }
        () => text(&mut decided, &traits, frequent.as_deref(), outside, table),
    }
    if let Kind::Measured(unit) = decided.kind
        && decided.ends.1.abs().max(decided.ends.0.abs()) < EXACT
    {
        draw(&mut decided, unit, frequent.as_deref(), traits.sample);
    }
    (decided, traits.distinct)
}

/// `once`, `1,836 times`
fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}

/// `49,000` of what is only known about.
fn significant(count: u64) -> String {
    let power = 10u64.pow(count.max(1).ilog10().saturating_sub(1));
    grouped((count + power / 2) / power * power)
}

/// How often two values that mean `true` and `false` are the first, and what they are.
fn truths(all: &[Frequent]) -> Option<(u64, String)> {
    let meant = |one: &Frequent| match one.point {
        Some(1.0) => Some(true),
        Some(0.0) => Some(false),
        Some(_) => None,
        None => truth(&one.text),
    };
    let (first, second) = (meant(&all[0])?, meant(&all[1])?);
    let same = all[0].point.is_some() == all[1].point.is_some() && first != second;
    let (yes, no) = if first { (&all[0], &all[1]) } else { (&all[1], &all[0]) };
    same.then(|| {
        (yes.count, format!("`{}` and `{}`, {} and {}", yes.text, no.text, grouped(yes.count), grouped(no.count)))
    })
}

fn number(decided: &mut Decided, traits: &super::traits::Traits, frequent: Option<&[Frequent]>, name: &str) {
    let (fewest, most) = traits.places;
    let largest = traits.ends.min.abs().max(traits.ends.max.abs());
    let unit = if traits.types.whole {
        Unit::Whole
    } else if (most <= FEW_PLACES || (most <= PLACES && fewest == most)) && largest * 10f64.powi(most.into()) < EXACT {
        Unit::Places(most)
    } else {
        Unit::Real
    };
    decided.kind = Kind::Measured(unit);
    if unit == Unit::Real && decided.ends.0 < decided.ends.1 {
        decided.ends = fit::around(decided.ends);
    }
    decided.outline.kind = match unit {
        Unit::Whole => "int".to_owned(),
        Unit::Places(places) => format!("decimal({places})"),
        _ => "float".to_owned(),
    };
    if unit == Unit::Whole && most > 0 {
        decided.notes.push("written as 39.0".to_owned());
    }
    decided.outline.allowed = Some(match (unit, frequent) {
        // Few values, far apart, are a list.
        (Unit::Whole, Some(all))
            if all.len() <= 12 && traits.whole.1.abs_diff(traits.whole.0) >= 3 * all.len() as u64 =>
        {
            let mut points: Vec<f64> = all.iter().filter_map(|one| one.point).collect();
            points.sort_by(f64::total_cmp);
            let written: Vec<String> = points.iter().map(|point| unit.written(*point)).collect();
            format!("[{}]", written.join(", "))
        }
        (Unit::Whole, _) => format!("{}..={}", traits.whole.0, traits.whole.1),
        (unit, _) => between(unit, decided.ends),
    });
    if unit == Unit::Whole && names::is_moment(name) && traits.ends.min > 5e8 && traits.ends.max < 4e9 {
        let at = |point: f64| Unit::Second.written(point);
        decided.notes.push(format!("as seconds from 1970: {} to {}", at(traits.ends.min), at(traits.ends.max)));
    }
}

fn between(unit: Unit, ends: (f64, f64)) -> String {
    format!("{}..={}", unit.written(ends.0), unit.written(ends.1))
}

/// How measured values are drawn.
fn draw(decided: &mut Decided, unit: Unit, frequent: Option<&[Frequent]>, sample: super::sample::Sample) {
    // One value, and values that all differ by themselves, are drawn by their limits.
    if decided.unique == Some(true) && unit == Unit::Whole {
        return;
    }
    let points = match frequent {
        Some(all) => {
            let mut points: Vec<(f64, u64)> = all.iter().filter_map(|one| Some((one.point?, one.count))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points
        }
        None => sample.points(),
    };
    if let Some(found) = fit::drawn(&Points::new(unit, decided.ends, points)) {
        decided.outline.draw = found.draw;
        decided.notes.push(found.why);
    }
}

fn text(
    decided: &mut Decided,
    traits: &super::traits::Traits,
    frequent: Option<&[Frequent]>,
    outside: &str,
    table: &str,
) {
    let texts = &traits.texts;
    let (shortest, longest) = traits.length;
    let whole = traits.all_texts;
    if let Some(labels) = frequent.filter(|all| are_labels(all, decided)) {
        decided.kind = Kind::Labels;
        let counts: Vec<u64> = labels.iter().map(|one| one.count).collect();
        let written: Vec<String> = labels
            .iter()
            .zip(percentages(&counts))
            .map(|(one, share)| match labels.len() {
                1 => label(&one.text),
                _ => format!("{}: {share}", label(&one.text)),
            })
            .collect();
        decided.outline.kind = format!("enum {{ {} }}", written.join(", "));
        return;
    }
    let length = match shortest == longest {
        true => shortest.to_string(),
        false => format!("{shortest}..={longest}"),
    };
    if let Some(kind) = texts.kind().filter(|_| whole) {
        decided.kind = if kind.is_own() { Kind::Own } else { Kind::Text };
        decided.outline.kind = kind.name().to_owned();
        decided.notes.push(format!("each is {}", kind.said()));
        return;
    }
    let pattern = texts.pattern().filter(|_| whole);
    if let Some(kind) = names::kind_of(outside, table, texts, pattern.as_deref()) {
        decided.kind = if kind == "person.username" { Kind::Own } else { Kind::Text };
        decided.outline.kind = kind.to_owned();
        if !matches!(kind, "country" | "currency_code") {
            decided.outline.length = Some(length);
        }
        decided.notes.push(format!("taken for {kind} by its name"));
        return;
    }
    decided.kind = Kind::Text;
    decided.outline.kind = if longest > STRING || texts.lines { "text" } else { "string" }.to_owned();
    match pattern {
        Some(pattern) => {
            decided.kind = Kind::Code;
            decided.notes.push("all match the pattern".to_owned());
            decided.outline.pattern = Some(words::pattern(&pattern));
        }
        None => decided.outline.length = Some(length),
    }
}

/// Whether texts are labels: few, short, and each there several times.
fn are_labels(all: &[Frequent], decided: &Decided) -> bool {
    let count = all.len() as u64;
    let often = count * TIMES <= decided.present || (count <= 3 && count < decided.present);
    let short = |one: &Frequent| one.text.chars().count() <= LABEL && !one.text.contains(char::is_control);
    all.len() <= LABELS && often && all.iter().all(short)
}

fn label(name: &str) -> String {
    if words::is_name(name) { name.to_owned() } else { words::quoted(name) }
}
