//! What was found as an outline of a schema, with the reasons as comments.

use std::collections::BTreeSet;

use ndsl_compiler::schema::convert::{ColumnOutline, Outline, Rule, TableOutline, words};

use super::between::{Between, Known, Reference, at};
use super::decide::{Decided, Kind, grouped};
use super::fit::{self, Points, Unit};

/// The part of a column's range within which a moment follows soon after another.
const SOON: f64 = 0.1;

/// Writes down what was found.
pub fn outline(name: &str, mut tables: Vec<Known>, between: Vec<Between>, origins: &[&str]) -> Outline {
    let mut taken = words::Names::default();
    let names: Vec<String> = tables.iter().map(|table| taken.word(&table.name, "table")).collect();
    refer(&mut tables, &between, &names);
    follow(&mut tables, &between);
    let mut outline = Outline { name: words::word_of(name, "Schema"), ..Outline::default() };
    outline.is_table = tables.len() == 1;
    for (place, table) in tables.into_iter().enumerate() {
        let Between { ordered, together, .. } = &between[place];
        let name = |column: usize| table.columns[column].outline.name.clone();
        let mut rules: Vec<Rule> = Vec::new();
        if let Some(columns) =
            together.as_ref().filter(|columns| columns.iter().all(|column| is_needed(&table, *column)))
        {
            let names: Vec<String> = columns.iter().map(|column| name(*column)).collect();
            rules.push(Rule { text: format!("key ({})", names.join(", ")), ..Rule::default() });
        }
        for order in ordered {
            let (less, more) = (name(order.less), name(order.more));
            let mut note = format!("holds in all {} rows that have both", grouped(order.rows));
            if let Kind::Measured(unit) = table.columns[order.more].kind
                && !unit.is_number()
            {
                note.push_str(&format!(", which in half of them are at most {} apart", unit.spread(order.apart)));
            }
            rules.push(Rule { notes: vec![note], text: format!("check {less} <= {more}"), ..Rule::default() });
        }
        let rows = if table.rows == 1 { "row" } else { "rows" };
        outline.tables.push(TableOutline {
            name: names[place].clone(),
            notes: vec![format!("{}: {} {rows}", origins[place], grouped(table.rows))],
            columns: table.columns.into_iter().map(written).collect(),
            rules,
            ..TableOutline::default()
        });
    }
    if outline.is_table
        && let Some(only) = outline.tables.first_mut()
    {
        only.name = outline.name.clone();
    }
    outline
}

/// Whether a column is in every row.
fn is_needed(table: &Known, column: usize) -> bool {
    !table.columns[column].outline.optional
}

fn written(column: Decided) -> ColumnOutline {
    let Decided { mut outline, notes, .. } = column;
    outline.notes = vec![notes.join("; ")];
    outline
}

/// Turns columns into references, those of each table in order, as long as every table has a first row.
fn refer(tables: &mut [Known], between: &[Between], names: &[String]) {
    let mut needs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (place, found) in between.iter().enumerate() {
        let mut drawn = false;
        for reference in &found.references {
            let key = tables[reference.table].columns[reference.key].outline.clone();
            let to = names[reference.table].clone();
            let target = if key.key { to.clone() } else { format!("{to}.{}", key.name) };
            let table = &mut tables[place];
            let column = &mut table.columns[reference.column];
            if let Some((lost, first)) = reference.lost {
                column.notes.push(format!(
                    "nearly `ref {target}`: {} of {} values are none of its, the first in {}",
                    grouped(lost),
                    grouped(reference.present),
                    at(first, table.lines)
                ));
                continue;
            }
            let optional = column.outline.optional;
            if !optional && (reference.table == place || reaches(&needs, reference.table, place)) {
                column.notes.push(format!("all are among those of `{target}`, which refers to this table itself"));
                continue;
            }
            if !optional {
                needs.insert((place, reference.table));
            }
            let outline = &mut column.outline;
            outline.kind = format!("ref {target}");
            (outline.allowed, outline.length, outline.pattern, outline.draw) = (None, None, None, None);
            let count = column.notes.first().cloned();
            column.notes = count.into_iter().collect();
            column.notes.push(format!("all are among those of `{to}.{}`", key.name));
            let tells = column.outline.key || column.outline.unique;
            if !drawn && !optional && !tells && reference.table != place {
                let (draw, why) = children(reference);
                column.outline.draw = Some(draw);
                column.notes.push(why);
                drawn = true;
            }
        }
    }
}

/// Leaves the limits of a moment away that follows soon after another: with nothing but the check, it is drawn near that one.
fn follow(tables: &mut [Known], between: &[Between]) {
    for (table, found) in tables.iter_mut().zip(between) {
        for order in &found.ordered {
            let before = table.columns[order.less].outline.name.clone();
            let column = &mut table.columns[order.more];
            let is_moment = matches!(column.kind, Kind::Measured(Unit::Day | Unit::Second));
            if is_moment && order.apart < SOON * (column.ends.1 - column.ends.0) {
                let limits = column.outline.allowed.take().unwrap_or_default().replace("..=", " to ");
                column.outline.draw = None;
                column.notes.truncate(1);
                column.notes.push(format!("from {limits}, soon after `{before}`"));
            }
        }
    }
}

/// Whether a table needs rows of another one first, directly or through others.
fn reaches(needs: &BTreeSet<(usize, usize)>, from: usize, to: usize) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(table) = open.pop() {
        if table == to {
            return true;
        }
        if seen.insert(table) {
            open.extend(needs.iter().filter(|(one, _)| *one == table).map(|(_, other)| *other));
        }
    }
    false
}

/// How many rows refer to each row of the other table, as it is drawn.
fn children(reference: &Reference) -> (String, String) {
    let (low, high) = match (reference.children.first(), reference.children.last()) {
        (Some(first), Some(last)) => (first.0, last.0),
        _ => (0.0, 0.0),
    };
    let points = Points::new(Unit::Whole, (low, high), reference.children.clone());
    let even = format!("uniform({low:.0}, {high:.0})");
    let (draw, why) = match fit::drawn(&points) {
        Some(found) => (found.draw.unwrap_or_else(|| even.clone()), found.why),
        None => (even, "too few to tell how".to_owned()),
    };
    // What a law says beyond the ends is no count.
    let ended = match draw.split('(').next() {
        Some("uniform" | "categorical" | "mixture") => draw,
        _ => format!("truncated({draw}, {low:.0}..={high:.0})"),
    };
    (format!("per_parent({ended})"), format!("{low:.0} to {high:.0} rows refer to each; {why}"))
}
