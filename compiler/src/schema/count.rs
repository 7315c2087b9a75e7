//! How many rows a table can have, from how many values its unique columns can.

use std::collections::BTreeMap;

use super::distributions::{Draw, DrawKind, Family, Given};
use super::domain::Values;
use super::expression::Type;
use super::form::{Column, ColumnId, Schemas, Table, TableId};
use super::prove::Prover;
use crate::diagnostics::{Code, Diagnostic};

/// How many different values there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// At most so many.
    AtMost(u128),
    /// As many as there are rows in another table.
    RowsOf(TableId),
    /// More than will ever be needed.
    Endless,
}

/// How many rows each table is to have.
pub type Demand = BTreeMap<TableId, u64>;

/// How many different values a column can have, null left out.
pub fn values(schemas: &Schemas, prover: &Prover<'_>, table: TableId, id: ColumnId) -> Count {
    let column = schemas.at(table).at(id);
    if let Some(reference) = column.reference() {
        return Count::RowsOf(reference.table);
    }
    let values = prover.column(table, id).values;
    let mut least: Option<u128> = match (&values, column.kind.value()) {
        (Values::Points(range), Type::Decimal(places)) => {
            let steps = (range.high - range.low) * 10f64.powi(i32::from(places));
            (steps.is_finite() && steps < 1e15).then(|| steps.max(0.0).round() as u128 + 1)
        }
        (Values::Points(range), _) => range.count(),
        (Values::Labels(labels), _) => Some(labels.len() as u128),
        (Values::Texts { known: Some(known), .. }, _) => Some(known.len() as u128),
        _ => None,
    };
    let listed = match &column.allowed {
        Some(super::form::Located { value: super::form::Allowed::Listed(values), .. }) => Some(values.len() as u128),
        _ => None,
    };
    let matched = column.pattern.as_ref().and_then(|pattern| pattern.value.count);
    let drawn = column.draw.as_ref().and_then(drawn);
    for other in [listed, matched, column.kind.def.count(), drawn].into_iter().flatten() {
        least = Some(least.map_or(other, |least| least.min(other)));
    }
    least.map_or(Count::Endless, Count::AtMost)
}

/// How many different values are drawn, where that is few.
fn drawn(draw: &Draw) -> Option<u128> {
    let DrawKind::From { def, .. } = &draw.kind else { return None };
    match def.family {
        Family::Constant => draw.value("value")?.as_constant().map(|_| 1),
        Family::Categorical => match draw.given("values") {
            Some(Given::Values(values)) => Some(values.len() as u128),
            _ => None,
        },
        _ => None,
    }
}

/// What limits the number of a table's rows: a column or several, where they are declared, and by how many values.
pub struct Limit {
    /// The columns.
    pub columns: Vec<ColumnId>,
    /// Where they are declared to differ in every row.
    pub span: ndsl_grammar::Span,
    /// How many values there are.
    pub count: Count,
    /// The share of rows that has a value.
    pub share: f64,
}

/// Everything that limits a table's rows.
pub fn limits(schemas: &Schemas, prover: &Prover<'_>, id: TableId) -> Vec<Limit> {
    let table = schemas.at(id);
    let single = table.columns().filter_map(|(column_id, column)| {
        let span = column.key.or(column.unique)?;
        let count = values(schemas, prover, id, column_id);
        Some(Limit { columns: vec![column_id], span, count, share: 1.0 - column.null_share() })
    });
    let together = table.together.iter().filter_map(|together| {
        let counts = together.columns.iter().map(|column| values(schemas, prover, id, *column));
        let mut product = counts.map(|count| match count {
            Count::AtMost(count) => Some(count),
            _ => None,
        });
        let product = product.try_fold(1u128, |all, one| all.checked_mul(one?))?;
        // A row with a null in any of them differs from all others.
        let share = together.columns.iter().map(|column| 1.0 - table.at(*column).null_share()).product();
        let count = Count::AtMost(product);
        Some(Limit { columns: together.columns.clone(), span: together.span, count, share })
    });
    single.chain(together).collect()
}

impl Schemas {
    /// What keeps tables from having as many rows as are wanted, as errors on the schema. Tables that are not named have
    /// no limit of their own.
    pub fn short_of(&self, demand: &Demand) -> Vec<Diagnostic> {
        let prover = Prover::new(self);
        let mut faults = Vec::new();
        for (id, rows) in demand {
            if id.0 as usize >= self.tables.len() {
                continue;
            }
            let table = self.at(*id);
            for limit in limits(self, &prover, *id) {
                let most = match limit.count {
                    Count::AtMost(most) => most,
                    Count::RowsOf(other) => match demand.get(&other) {
                        Some(rows) => u128::from(*rows),
                        None => continue,
                    },
                    Count::Endless => continue,
                };
                let needed = (*rows as f64 * limit.share).floor() as u128;
                if needed > most {
                    faults.push(too_few(table, &limit, most, &format!("{rows} rows are wanted")));
                }
            }
        }
        faults
    }
}

/// That a table has fewer different values than it needs.
pub fn too_few(table: &Table, limit: &Limit, most: u128, needed: &str) -> Diagnostic {
    let names: Vec<String> = limit.columns.iter().map(|column| format!("`{}`", table.at(*column).name)).collect();
    let names = names.join(" and ");
    let have = if limit.columns.len() == 1 { "has" } else { "together have" };
    let values = if most == 1 { "one value".to_owned() } else { format!("{most} values") };
    let message = format!("{names} {have} at most {values}, and {needed}");
    let mut fault = Diagnostic::new(Code::TooFewValues, limit.span, message).label("must differ in every row");
    for column in &limit.columns {
        let column = table.at(*column);
        if let Some((span, text)) = reason(column) {
            fault = fault.related(span, text);
        }
    }
    fault
}

/// What makes a column's values few.
fn reason(column: &Column) -> Option<(ndsl_grammar::Span, String)> {
    let name = &column.name;
    if let Some(allowed) = &column.allowed {
        return Some((allowed.span, format!("the values of `{name}`")));
    }
    if let Some(pattern) = &column.pattern {
        return Some((pattern.span, format!("what `{name}` matches")));
    }
    if let Some(draw) = &column.draw {
        return Some((draw.span, format!("how `{name}` is drawn")));
    }
    Some((column.kind_span, format!("the type of `{name}`")))
}
