//! What is between columns: which refer to the rows of which table, which are never larger than another, which differ together. The
//! columns in question are read once more, and what is found holds of every row.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use foldhash::{HashMap, HashMapExt};

use super::counts::{hash, hash_number};
use super::decide::{Decided, Kind};
use super::distinct::Distinct;
use super::fit::Unit;
use super::names;
use super::sample::Sample;
use super::table::{Source, Watch, placed};
use super::value::{Raw, TEXT, Time, Value, is_null, numeral, time, value};
use crate::data::{Cell, DataError, Fault, Place, Reader as _, Sink};

/// Columns of points in time that are compared with each other, at most.
const COMPARED: usize = 12;

/// Rows in which both of two columns have a value, at least, for it to be no chance that one is never larger.
const ROWS: u64 = 10;

/// Different values that refer to another table without being called after it, at least.
const VALUES: u64 = 10;

/// The share of rows whose values may lead nowhere for a column to be said nearly to refer to a table.
const NEARLY: f64 = 0.01;

/// The same of different values.
const NEARLY_DIFFERENT: f64 = 0.1;

/// Rows of a pair that are told apart.
const TOLD_APART: usize = 1 << 22;

/// A table of which is known what its columns are.
#[derive(Debug)]
pub struct Known {
    /// Its name as a program has it.
    pub name: String,
    /// What its columns are.
    pub columns: Vec<Decided>,
    /// The hashes of their values.
    pub hashes: Vec<Distinct>,
    /// How many rows there are.
    pub rows: u64,
    /// Whether places are lines of a text.
    pub lines: bool,
}

/// A column that refers to another table.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The column.
    pub column: usize,
    /// The other table.
    pub table: usize,
    /// Its column.
    pub key: usize,
    /// How many rows refer to each of its rows, with how many of them are referred to so often.
    pub children: Vec<(f64, u64)>,
    /// How many values lead nowhere, and the first of their places.
    pub lost: Option<(u64, Place)>,
    /// How many have a value.
    pub present: u64,
}

/// A column that is never larger than another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// The column.
    pub less: usize,
    /// The other.
    pub more: usize,
    /// In how many rows both have a value.
    pub rows: u64,
    /// How far they are apart in half of these.
    pub apart: f64,
}

/// What was found between the columns of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Between {
    /// The columns that refer to other tables, nearly so included.
    pub references: Vec<Reference>,
    /// Columns of which the first is never larger than the second.
    pub ordered: Vec<Order>,
    /// The columns that tell rows apart together.
    pub together: Option<Vec<usize>>,
}

/// What is to be found of a table.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// Column, table, key.
    references: Vec<(usize, usize, usize)>,
    pairs: Vec<(usize, usize)>,
}

impl Questions {
    /// Whether nothing is to be found.
    pub fn is_empty(&self) -> bool {
        self.references.is_empty() && self.pairs.is_empty()
    }
}

/// What each table must be read once more for.
pub fn questions(tables: &mut [Known]) -> Vec<Questions> {
    let mut all: Vec<Questions> =
        tables.iter().map(|table| Questions { references: Vec::new(), pairs: pairs(table) }).collect();
    for (place, questions) in all.iter_mut().enumerate() {
        for column in 0..tables[place].columns.len() {
            if let Some((table, key)) = target(tables, place, column) {
                questions.references.push((column, table, key));
            }
        }
    }
    all
}

/// Whether two kinds of values can be the same.
fn alike(one: Kind, other: Kind) -> bool {
    match (one, other) {
        (Kind::Measured(one), Kind::Measured(other)) => one == Unit::Whole && other == Unit::Whole,
        (Kind::Code | Kind::Own | Kind::Text | Kind::Labels, Kind::Code | Kind::Own | Kind::Text) => true,
        _ => false,
    }
}

/// What a column may refer to: the key, or a unique column, that has its values, by the names and as far as is known of the values.
fn target(tables: &mut [Known], place: usize, column: usize) -> Option<(usize, usize)> {
    let mut found: Vec<((bool, bool, bool), usize, usize)> = Vec::new();
    for other in 0..tables.len() {
        for key in 0..tables[other].columns.len() {
            let (from, to) = (&tables[place].columns[column], &tables[other].columns[key]);
            let is_target = to.outline.key || to.outline.unique;
            if (place, column) == (other, key) || !is_target || !alike(from.kind, to.kind) || to.outline.optional {
                continue;
            }
            let (name, table) = (from.outline.outside_name(), tables[other].name.as_str());
            let said = match place == other {
                true => names::refers_within(name),
                false => names::refers(name, table, to.outline.outside_name()),
            };
            // Few whole numbers are among others by chance, codes are not.
            let code = |kind| matches!(kind, Kind::Code | Kind::Own);
            let is_code = code(from.kind) && code(to.kind) && place != other;
            let by_value = is_code && !from.outline.key && from.present >= VALUES;
            let key_to_key = from.outline.key && !said;
            let (said_or_known, is_key) = (said || by_value, to.outline.key);
            if said_or_known && !key_to_key && within(tables, (place, column), (other, key)) {
                found.push(((said, is_key, other < place), other, key));
            }
        }
    }
    found
        .into_iter()
        .max_by_key(|(merits, other, _)| (*merits, std::cmp::Reverse(*other)))
        .map(|(_, other, key)| (other, key))
}

/// Whether nearly all hashes that are known of a column are among all of another's.
fn within(tables: &mut [Known], from: (usize, usize), to: (usize, usize)) -> bool {
    let of = |tables: &mut [Known], (table, column): (usize, usize)| {
        let (hashes, limit) = tables[table].hashes[column].hashes();
        (hashes.to_vec(), limit)
    };
    let ((some, _), (all, limit)) = (of(tables, from), of(tables, to));
    if limit != u64::MAX || some.is_empty() {
        return false;
    }
    let lost = some.iter().filter(|hash| all.binary_search(hash).is_err()).count();
    lost as f64 <= NEARLY_DIFFERENT * some.len() as f64
}

/// Columns that may be two ends.
fn pairs(table: &Known) -> Vec<(usize, usize)> {
    let unit = |place: usize| match table.columns[place].kind {
        Kind::Measured(unit) => Some(unit),
        _ => None,
    };
    let times: Vec<usize> = (0..table.columns.len())
        .filter(|place| unit(*place).is_some_and(|unit| !unit.is_number()))
        .take(COMPARED)
        .collect();
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (at, one) in times.iter().enumerate() {
        all.extend(times[at + 1..].iter().filter(|other| unit(**other) == unit(*one)).map(|other| (*one, *other)));
    }
    for one in 0..table.columns.len() {
        for other in 0..table.columns.len() {
            let name = |place: usize| table.columns[place].outline.outside_name();
            let numbers = unit(one).is_some_and(Unit::is_number) && unit(one) == unit(other);
            if one != other && numbers && names::are_ends(name(one), name(other)) {
                all.push((one, other));
            }
        }
    }
    // What their limits say already need not be said.
    all.retain(|(one, other)| {
        let (one, other) = (&table.columns[*one], &table.columns[*other]);
        one.ends.1 > other.ends.0 && other.ends.1 > one.ends.0
    });
    all
}

/// The rows of a key by the hashes of its values.
type Places = HashMap<u64, u32>;

/// Reads a table once more for what was asked.
///
/// # Errors
/// What is wrong with the source.
pub fn answer<S: Source>(
    source: &S,
    table: &Known,
    questions: &Questions,
    keys: &HashMap<(usize, usize), Places>,
    watch: Watch<'_>,
) -> Result<Between, DataError> {
    let columns = questions.references.iter().map(|(column, ..)| *column);
    let pairs = questions.pairs.iter().flat_map(|(one, other)| [*one, *other]);
    let wanted: Vec<usize> = columns.chain(pairs).collect::<BTreeSet<_>>().into_iter().collect();
    let slot = |column: usize| wanted.binary_search(&column).unwrap_or_default();
    let following: Vec<Following<'_>> = questions
        .references
        .iter()
        .filter_map(|(column, table, key)| {
            let places = keys.get(&(*table, *key))?;
            let children = vec![0; places.len()];
            Some(Following { slot: slot(*column), places, children, lost: 0, first: None, present: 0 })
        })
        .collect();
    let ordering = |(one, other): &(usize, usize)| Ordered {
        slots: (slot(*one), slot(*other)),
        less: true,
        more: true,
        rows: 0,
        apart: Sample::default(),
    };
    let has_key = table.columns.iter().any(|column| column.outline.key);
    let tells = !has_key && questions.references.len() > 1;
    let mut looking = Looking {
        texts: wanted.iter().map(|column| !matches!(table.columns[*column].kind, Kind::Measured(_))).collect(),
        seen: vec![None; wanted.len()],
        following,
        ordered: questions.pairs.iter().map(ordering).collect(),
        together: tells.then(|| Distinct::new(TOLD_APART)),
        place: Place::Row(0),
        rows: 0,
        watch,
    };
    let mut rows = source.open()?;
    let read = rows.rows(&wanted, &mut looking);
    source.unchanged()?;
    read.map_err(|fault| source.fail(fault))?;
    let Looking { following, ordered, together, .. } = looking;
    let references = questions.references.iter().zip(following).map(|((column, other, key), found)| {
        let mut children: HashMap<u32, u64> = HashMap::new();
        found.children.iter().for_each(|count| *children.entry(*count).or_default() += 1);
        let mut children: Vec<(f64, u64)> =
            children.into_iter().map(|(count, rows)| (f64::from(count), rows)).collect();
        children.sort_by(|a, b| a.0.total_cmp(&b.0));
        Reference {
            column: *column,
            table: *other,
            key: *key,
            children,
            lost: found.first.map(|first| (found.lost, first)),
            present: found.present,
        }
    });
    let is_near =
        |reference: &Reference| reference.lost.is_none_or(|(lost, _)| lost as f64 <= NEARLY * reference.present as f64);
    let references: Vec<Reference> = references.filter(is_near).collect();
    let found = questions.pairs.iter().zip(ordered).filter(|(_, found)| found.rows >= ROWS);
    let ordered = found.filter_map(|((one, other), found)| {
        let (less, more) = match (found.less, found.more) {
            (true, _) => (*one, *other),
            (false, true) => (*other, *one),
            _ => return None,
        };
        Some(Order { less, more, rows: found.rows, apart: found.apart.middle() })
    });
    let ordered = without_what_follows(&ordered.collect::<Vec<_>>());
    let together = together.filter(|_| references.len() > 1).and_then(|mut rows| rows.is_unique());
    let together = (together == Some(true)).then(|| references.iter().map(|reference| reference.column).collect());
    Ok(Between { references, ordered, together })
}

/// Pairs that do not follow from others: of `a <= b`, `b <= c` and `a <= c` the first two.
fn without_what_follows(all: &[Order]) -> Vec<Order> {
    let holds = |less: usize, more: usize| all.iter().any(|order| (order.less, order.more) == (less, more));
    let follows = |order: &Order| {
        let through = |first: &Order| first.less == order.less && first.more != order.more;
        all.iter().any(|first| through(first) && holds(first.more, order.more))
    };
    all.iter().copied().filter(|order| !follows(order)).collect()
}

struct Following<'k> {
    slot: usize,
    places: &'k Places,
    /// How many rows refer to each.
    children: Vec<u32>,
    lost: u64,
    first: Option<Place>,
    present: u64,
}

struct Ordered {
    slots: (usize, usize),
    less: bool,
    more: bool,
    rows: u64,
    /// How far the two are apart.
    apart: Sample,
}

struct Looking<'w, 'k> {
    /// Whether each column is one of texts.
    texts: Vec<bool>,
    /// The hash and the point of each cell of the row.
    seen: Vec<Option<(u64, f64)>>,
    following: Vec<Following<'k>>,
    ordered: Vec<Ordered>,
    together: Option<Distinct>,
    place: Place,
    rows: u64,
    watch: Watch<'w>,
}

/// The hash by which a value is known, and its point.
fn known(raw: Raw<'_>, is_text: bool) -> Option<(u64, f64)> {
    let held;
    let (kind, bytes) = match raw {
        Raw::Missing => return None,
        Raw::Bytes(bytes) if is_null(bytes) => return None,
        Raw::Bytes(bytes) => (TEXT, bytes),
        Raw::Number(kind, bits) => {
            held = bits.to_le_bytes();
            (kind, &held[..])
        }
    };
    let value = value(kind, bytes)?;
    let value = match value {
        Value::Text(text) if is_text => return Some((hash(text.as_bytes()), f64::NAN)),
        Value::Text(text) => numeral(bytes).map(Value::Number).or_else(|| time(text).map(Value::Time))?,
        other => other,
    };
    let point = match value {
        Value::Number(found) => found.number + 0.0,
        Value::Time(Time::Day(second) | Time::Moment(second) | Time::Clock(second)) => second as f64,
        _ => return None,
    };
    Some((hash_number(point.to_bits()), point))
}

impl Sink for Looking<'_, '_> {
    fn goes_on(&self) -> bool {
        true
    }

    #[inline]
    fn begin_row(&mut self, place: Place) {
        self.place = place;
    }

    #[inline]
    fn cell(&mut self, slot: usize, cell: Cell<'_>) {
        self.seen[slot] = known(Raw::of(cell), self.texts[slot]);
    }

    fn bad_row(&mut self, _: String) {}

    fn end_row(&mut self) -> Result<ControlFlow<()>, Fault> {
        for reference in &mut self.following {
            let Some((hash, _)) = self.seen[reference.slot] else { continue };
            reference.present += 1;
            match reference.places.get(&hash).and_then(|place| reference.children.get_mut(*place as usize)) {
                Some(count) => *count += 1,
                None => {
                    reference.lost += 1;
                    reference.first.get_or_insert(self.place);
                }
            }
        }
        for pair in &mut self.ordered {
            if let (Some((_, one)), Some((_, other))) = (self.seen[pair.slots.0], self.seen[pair.slots.1]) {
                pair.rows += 1;
                pair.apart.add((other - one).abs(), 1);
                pair.less &= one <= other;
                pair.more &= one >= other;
            }
        }
        if let Some(together) = &mut self.together {
            let mut all = 0u64;
            for reference in &self.following {
                let hash = self.seen[reference.slot].map_or(0, |(hash, _)| hash);
                all = hash_number(all.rotate_left(17) ^ hash);
            }
            together.add(all, 1);
        }
        self.rows += 1;
        let stop = self.rows.is_multiple_of(1 << 12) && self.watch.cancel.is_cancelled();
        if self.rows.is_multiple_of(1 << 12) {
            self.watch.rows.fetch_add(1 << 12, Ordering::Relaxed);
        }
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

/// The places of the values of every column that is referred to.
pub fn places(tables: &mut [Known], questions: &[Questions]) -> HashMap<(usize, usize), Places> {
    let mut all = HashMap::new();
    for (_, table, key) in questions.iter().flat_map(|questions| &questions.references) {
        all.entry((*table, *key)).or_insert_with(|| {
            let (hashes, _) = tables[*table].hashes[*key].hashes();
            hashes.iter().enumerate().map(|(place, hash)| (*hash, place as u32)).collect()
        });
    }
    all
}

/// A place in words.
pub fn at(place: Place, lines: bool) -> String {
    match place {
        Place::Line(line) | Place::Row(line) => placed(line, lines).to_string(),
    }
}
