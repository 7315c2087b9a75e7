//! Which column tells the rows of a table apart, and which others have no value twice.

use super::decide::{Decided, Kind};
use super::fit::Unit;
use super::names;

/// What a column must reach to be taken for the key.
const ENOUGH: u32 = 30;

/// Chooses the key of a table and marks it, and marks the columns that are unique by more than chance.
pub fn mark(columns: &mut [Decided], table: &str) -> Option<usize> {
    let score = |place: usize, column: &Decided| {
        let said = names::is_of(&outside(column), table);
        let points = [
            (said, 100),
            (names::is_identifying(&outside(column)), 40),
            (place == 0, 20),
            (column.rising, 15),
            (matches!(column.kind, Kind::Code | Kind::Own), 15),
        ];
        points.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum::<u32>()
    };
    let found = columns.iter().enumerate().filter(|(_, column)| can_tell(column) && !column.outline.optional);
    let best = found.map(|(place, column)| (score(place, column), place)).filter(|(score, _)| *score >= ENOUGH);
    let key = best.max_by_key(|(score, place)| (*score, std::cmp::Reverse(*place))).map(|(_, place)| place);
    for (place, column) in columns.iter_mut().enumerate() {
        if Some(place) == key {
            column.outline.key = true;
            counted(column);
        } else if can_tell(column) && (column.kind == Kind::Own || names::is_identifying(&outside(column))) {
            column.outline.unique = true;
            counted(column);
        }
    }
    key
}

fn outside(column: &Decided) -> String {
    column.outline.outside_name().to_owned()
}

/// Whether its values could tell rows apart: none comes twice, and they are not measured.
fn can_tell(column: &Decided) -> bool {
    let kind = matches!(column.kind, Kind::Measured(Unit::Whole) | Kind::Code | Kind::Own | Kind::Text);
    column.unique == Some(true) && kind && column.present > 1
}

/// Whole numbers that count are drawn by counting, however many rows are made.
fn counted(column: &mut Decided) {
    if column.kind != Kind::Measured(Unit::Whole) {
        return;
    }
    let (min, max) = column.ends;
    if column.rising && max - min < 1.5 * column.present as f64 {
        column.outline.allowed = None;
        let counted = column.outline.key && min == 1.0;
        column.outline.draw = (!counted).then(|| format!("sequence(start={min:.0})"));
        column.notes.push(format!("they rise from {min:.0} to {max:.0}"));
    }
}
