//! What rows are held to beyond their single cells: each is done as soon as what it needs of other tables is known.

use std::collections::BTreeSet;

use ndsl_compiler::schema::{ColumnId, ColumnPath, Expression, ExpressionKind, Schemas, TableId, Type};
use ndsl_generate::evaluate::{Context as _, Part, evaluate, fails};

use super::cells::told;
use super::keys::{Alike, Twice};
use super::known::{Batch, GatherId, Known, Rows};
use super::tally::{RuleId, Tally, Why};
use crate::data::Place;

/// Something to be done with all rows of a table.
pub(super) struct Task<'s> {
    pub(super) what: What<'s>,
    /// The columns it reads.
    pub(super) columns: BTreeSet<ColumnId>,
    /// What must be known before.
    pub(super) needs: BTreeSet<Need>,
}

/// What a task may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// All rows of a table.
    Rows(TableId),
    /// What is computed from the rows that refer to others.
    Gathered(GatherId),
}

pub(super) enum What<'s> {
    Reference {
        rule: RuleId,
        column: ColumnId,
        to: (TableId, ColumnId),
    },
    Check {
        rule: RuleId,
        condition: &'s Expression,
    },
    Derived {
        rule: RuleId,
        column: ColumnId,
        value: &'s Expression,
    },
    Gather(GatherId),
    /// Looks for rows whose values in some columns seem to be alike.
    Twice {
        rule: RuleId,
        columns: Vec<ColumnId>,
        twice: Twice,
    },
    /// Compares those that do.
    Alike {
        rule: RuleId,
        columns: Vec<ColumnId>,
        alike: Alike,
    },
}

/// The rows that a task is done with.
pub(super) struct Held<'b> {
    pub(super) table: TableId,
    pub(super) batch: &'b Batch,
    pub(super) places: &'b [Place],
    /// The names of all files so far; the rows are of the last.
    pub(super) files: &'b [String],
}

impl Held<'_> {
    fn file(&self) -> &str {
        self.files.last().map_or("", String::as_str)
    }
}

impl<'s> Task<'s> {
    /// The rule that rows are held to by it.
    pub(super) fn rule(&self) -> Option<RuleId> {
        match self.what {
            What::Reference { rule, .. }
            | What::Check { rule, .. }
            | What::Derived { rule, .. }
            | What::Twice { rule, .. }
            | What::Alike { rule, .. } => Some(rule),
            What::Gather(_) => None,
        }
    }

    /// Does it with some rows.
    pub(super) fn run(&mut self, held: &Held<'_>, known: &mut Known<'s>, tally: &mut Tally<'_>) {
        let Held { table, batch, places, .. } = *held;
        let schemas = known.schemas;
        match &mut self.what {
            What::Gather(id) => known.gather(*id, batch),
            What::Reference { rule, column, to } => {
                let Some(values) = batch.column(*column) else { return };
                for place in (0..batch.rows).filter(|place| !values.is_missing(*place)) {
                    if known.row(*to, values, place).is_none() {
                        tally.broken(*rule, held.file(), Some(places[place]), || {
                            let other = schemas.at(to.0);
                            let value = told(&values.datum(place), &schemas.at(table).at(*column).kind.value());
                            let reason = format!("{value} is no {} of `{}`", other.at(to.1).outside_name(), other.name);
                            (Some(value), reason)
                        });
                    }
                }
            }
            What::Check { rule, condition } => {
                let rows = Rows::new(known, table, batch);
                let broken = match fails(condition, &rows) {
                    Ok(broken) => broken,
                    // Where one row has no value, each is asked alone.
                    Err(_) => (0..batch.rows).map(|place| fails_alone(condition, &rows, place)).collect(),
                };
                for place in (0..batch.rows).filter(|place| broken[*place] && !rows.is_unknown(*place)) {
                    let why = || why(schemas, table, condition, &rows, place);
                    tally.broken(*rule, held.file(), Some(places[place]), why);
                }
            }
            What::Derived { rule, column, value } => {
                let rows = Rows::new(known, table, batch);
                let path = ColumnPath { from: table, through: Vec::new(), table, column: *column };
                let (Ok(found), Some(wanted)) = (rows.column(&path), derived(value, &rows)) else { return };
                let ty = schemas.at(table).at(*column).kind.value();
                for (place, at) in places.iter().enumerate() {
                    let (found, wanted) = (found.datum(place), wanted.datum(place));
                    if agrees(&found, &wanted, &ty) || rows.is_unknown(place) {
                        continue;
                    }
                    tally.broken(*rule, held.file(), Some(*at), || {
                        let found = told(&found, &ty);
                        let (_, of) = why(schemas, table, value, &rows, place);
                        let of = if of.is_empty() { of } else { format!(": {of}") };
                        let reason = format!("{found} should be {}{of}", told(&wanted, &value.ty));
                        (Some(found), reason)
                    });
                }
            }
            What::Twice { columns, twice, .. } => {
                let columns: Vec<_> = columns.iter().filter_map(|column| batch.column(*column)).map(|c| &**c).collect();
                for place in 0..batch.rows {
                    if let Some(number) = known.numbering.together(&columns, place) {
                        twice.add(number);
                    }
                }
            }
            What::Alike { rule, columns: ids, alike } => {
                let columns: Vec<_> = ids.iter().filter_map(|column| batch.column(*column)).map(|c| &**c).collect();
                for (place, at) in places.iter().enumerate() {
                    let Some(number) = known.numbering.together(&columns, place) else { continue };
                    let Some((file, before)) = alike.before(number, &columns, place, held.files.len() - 1, *at) else {
                        continue;
                    };
                    tally.broken(*rule, held.file(), Some(*at), || {
                        let value = |id: &ColumnId| {
                            let ty = schemas.at(table).at(*id).kind.value();
                            batch.column(*id).map_or_else(String::new, |column| told(&column.datum(place), &ty))
                        };
                        let value = ids.iter().map(value).collect::<Vec<_>>().join(", ");
                        let other = match file + 1 == held.files.len() {
                            true => String::new(),
                            false => format!(" of `{}`", held.files[file]),
                        };
                        let reason = format!("{value} is in {before}{other} already");
                        (Some(value), reason)
                    });
                }
            }
        }
    }

    /// What is to be done after all rows: the same with what was left for later, or with what was found.
    pub(super) fn next(self) -> Vec<Self> {
        /// How many values that seem to be alike are compared at once.
        const AT_ONCE: usize = 1 << 19;
        let Self { what, columns: read, .. } = self;
        let task = |what| Self { what, columns: read.clone(), needs: BTreeSet::new() };
        let What::Twice { rule, columns, twice } = what else { return Vec::new() };
        let (found, later) = twice.finish();
        let alike = |found: &[u64]| What::Alike { rule, columns: columns.clone(), alike: Alike::new(found) };
        let mut next: Vec<Self> = found.chunks(AT_ONCE).map(|found| task(alike(found))).collect();
        next.extend(later.map(|twice| task(What::Twice { rule, columns: columns.clone(), twice })));
        next
    }
}

fn fails_alone(condition: &Expression, rows: &Rows<'_>, place: usize) -> bool {
    // What is too large to be held does not hold.
    fails(condition, &Part { rows, places: &[place] }).map_or(true, |broken| broken == [true])
}

/// The values that a derived column should have; where some are too large to be held, those are missing.
fn derived(value: &Expression, rows: &Rows<'_>) -> Option<ndsl_generate::column::Column> {
    use ndsl_compiler::schema::datum::Datum;
    if let Ok(found) = evaluate(value, rows) {
        return Some((*found.into_column(&value.ty, rows.len())).clone());
    }
    let alone = |place: usize| {
        let found = evaluate(value, &Part { rows, places: &[place] });
        found.map_or(Datum::Null, |found| found.datum(0))
    };
    let data: Vec<Datum> = (0..rows.len()).map(alone).collect();
    Some(ndsl_generate::column::Column::of(&value.ty, data.into_iter()))
}

/// Whether a derived value is what it should be, as far as its type holds it: a decimal is rounded, and numbers are not more exact than they can be.
fn agrees(
    found: &ndsl_compiler::schema::datum::Datum,
    wanted: &ndsl_compiler::schema::datum::Datum,
    ty: &Type,
) -> bool {
    match (found.point(), wanted.point(), ty) {
        (Some(found), Some(wanted), Type::Decimal(places)) => {
            let half = 0.5 * 10f64.powi(-i32::from(*places));
            (found - wanted).abs() <= half * 1.000_002 + 1e-12 * wanted.abs()
        }
        (Some(found), Some(wanted), Type::Float) => (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
        (Some(found), Some(wanted), _) => found == wanted,
        _ => found == wanted,
    }
}

/// The values that an expression reads of a row.
fn why(schemas: &Schemas, table: TableId, expression: &Expression, rows: &Rows<'_>, place: usize) -> Why {
    /// The most columns that are told.
    const MOST: usize = 6;
    let mut paths: Vec<&ColumnPath> = Vec::new();
    expression.each(&mut |part| {
        if let ExpressionKind::Column(path) = &part.kind
            && !paths.contains(&path)
            && paths.len() < MOST
        {
            paths.push(path);
        }
    });
    let each = paths.iter().filter_map(|path| {
        let mut name = String::new();
        let mut at = table;
        for step in &path.through {
            let column = schemas.at(at).at(*step);
            name += &format!("{}.", column.name);
            at = column.reference()?.table;
        }
        let column = schemas.at(path.table).at(path.column);
        let value = rows.column(path).ok()?.datum(place);
        Some(format!("{name}{} is {}", column.name, told(&value, &column.kind.value())))
    });
    (None, each.collect::<Vec<_>>().join(", "))
}
