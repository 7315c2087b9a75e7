//! Which columns are made together so that they differ together, and how.

use ndsl_compiler::schema::{ColumnId, Type};
use ndsl_grammar::Span;

use super::build::Builder;
use super::choices::Choices;
use super::tuple::{Telling, Tuple};
use super::{Fixed, How};
use crate::fault::{Fault, Result};
use crate::permutation::Permutation;
use crate::random::Stream;

impl Builder<'_> {
    /// The columns that have to be made together so that they differ together.
    pub(super) fn tuple(&self) -> Result<Option<Tuple>> {
        let mut found: Option<Tuple> = None;
        for together in &self.table.together {
            // What differs by itself differs together with anything.
            if together.columns.iter().any(|id| self.table.at(*id).is_distinct()) {
                continue;
            }
            if found.is_some() {
                return Err(Fault::new(
                    together.span,
                    "two groups of columns that differ together cannot both be made in one table",
                )
                .help("make one column of one of them `unique`"));
            }
            let mut counts = Vec::new();
            let mut columns = together.columns.clone();
            // The one whose rows follow from another table comes first: the others are told apart within it.
            columns.sort_by_key(|id| u8::from(self.table.at(*id).draw.is_none()));
            for id in &columns {
                counts.push(self.countable(*id, together.span)?);
            }
            let rows = self.rows();
            let names: Vec<&str> = columns.iter().map(|id| self.table.at(*id).name.as_str()).collect();
            let stream =
                Stream::new(self.request.seed, &[&[self.table.path.as_str(), "together"], &names[..]].concat());
            let all: u128 =
                counts.iter().map(|count| u128::from(*count)).try_fold(1u128, u128::checked_mul).unwrap_or(u128::MAX);
            let first = self.table.at(columns[0]);
            let per_parent = first.draw.is_some() && first.reference().is_some();
            if !per_parent && all < u128::from(rows) {
                let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
                return Err(Fault::new(
                    together.span,
                    format!("{names} have {all} combinations for {rows} rows, which must all differ"),
                ));
            }
            let weighted = |id: &ColumnId| match self.table.at(*id).kind.value() {
                Type::Enum(labels) if labels.labels.iter().any(|label| label.weighted) => {
                    Some(labels.labels.iter().map(|label| label.weight).collect::<Vec<_>>())
                }
                _ => None,
            };
            let how = if per_parent {
                Telling::Within { stream }
            } else if let Some(place) = columns.iter().position(|id| weighted(id).is_some()) {
                columns.swap(0, place);
                counts.swap(0, place);
                let rest: u128 = counts[1..]
                    .iter()
                    .map(|count| u128::from(*count))
                    .try_fold(1u128, u128::checked_mul)
                    .unwrap_or(u128::MAX);
                let weights = weighted(&columns[0]).unwrap_or_default();
                let starts = Tuple::starts(&weights, rows, rest).ok_or_else(|| {
                    Fault::new(
                        together.span,
                        format!("there are too few combinations for {rows} rows, which must all differ"),
                    )
                })?;
                Telling::Shares { order: Permutation::new(rows, stream), starts, stream: stream.lane(1) }
            } else {
                let end = all.min(1 << 62) as u64;
                Telling::Order {
                    order: Permutation::new(end, stream),
                    size: all / u128::from(end.max(1)),
                    stream: stream.lane(1),
                }
            };
            found = Some(Tuple { columns, counts, how });
        }
        Ok(found)
    }

    /// How many values a column has whose place is enough to know its value.
    fn countable(&self, id: ColumnId, span: Span) -> Result<u64> {
        let column = self.table.at(id);
        let cannot = |why: &str| {
            Err(Fault::new(
                span,
                format!("`{}` {why}, so it cannot be made to differ together with others", column.name),
            )
            .help("give it a range of whole numbers, days or labels, or make it `unique` by itself"))
        };
        if column.optional {
            return cannot("may be null");
        }
        if let Some(reference) = column.reference() {
            return Ok(self.request.rows.get(&reference.table).copied().unwrap_or(1 << 40));
        }
        if column.derived.is_some() {
            return cannot("is derived");
        }
        if let Some(choices) = Choices::of_type(&column.kind.value()) {
            return Ok(choices.values.len() as u64);
        }
        match self.how(id, column, self.stream(column), None, false)? {
            How::Number(plan) => match &plan.fixed {
                Some(Fixed::Even { count, .. }) => Ok(*count),
                _ => cannot("is not drawn evenly from a range"),
            },
            How::Choice { choices, .. } => Ok(choices.values.len() as u64),
            _ => cannot("has no values that could be counted"),
        }
    }
}
