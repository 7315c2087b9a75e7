//! What no row can satisfy, said before one is made.

use std::collections::BTreeSet;

use ndsl_grammar::Span;

use super::Checker;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::count::{self, Count};
use crate::schema::datum::Datum;
use crate::schema::distributions::{Draw, DrawKind, Family, Given};
use crate::schema::domain::{Range, Values};
use crate::schema::expression::{Expression, ExpressionKind, Type};
use crate::schema::form::{ColumnId, Schemas, TableId};
use crate::schema::limits::limits;
use crate::schema::prove::{Known, Prover};
use crate::schema::support::{counted, support};
use crate::schema::types::Base;
use crate::signature::Kind;

/// A table of fewer rows than this is small enough to be worth a word.
const FEW_ROWS: u128 = 100;

/// Checks that contradict each other are looked for among so many.
const MAX_TOGETHER: usize = 48;

/// Columns whose limits are shown with a check.
const MAX_SHOWN: usize = 4;

impl<'a> Checker<'a> {
    /// Proves what can be proved of every table; answers how many steps that took.
    pub(super) fn proofs(&mut self) -> usize {
        let (faults, steps) = {
            let prover = Prover::new(&self.schemas);
            let mut proofs = Proofs { schemas: &self.schemas, prover: &prover, faults: Vec::new() };
            for (table, form) in self.schemas.tables() {
                for (id, _) in form.columns() {
                    proofs.derived(table, id);
                    proofs.drawn(table, id);
                }
                proofs.parents(table);
                proofs.counts(table);
                proofs.checks(table);
            }
            if prover.is_exhausted()
                && let Some(table) = self.schemas.tables.iter().find(|table| !table.checks.is_empty())
            {
                let message = "the checks of this file are too large to be proved before rows are made";
                let note =
                    Diagnostic::new(Code::NotProved, table.span, message).label("and of tables after it, perhaps");
                proofs.faults.push(note.help("they are still held to when rows are made"));
            }
            (proofs.faults, prover.steps())
        };
        faults.into_iter().for_each(|fault| self.report(fault));
        steps
    }
}

struct Proofs<'s> {
    schemas: &'s Schemas,
    prover: &'s Prover<'s>,
    faults: Vec<Diagnostic>,
}

impl Proofs<'_> {
    /// A derived column is null only where it may be, and can be what it is limited to.
    fn derived(&mut self, table: TableId, id: ColumnId) {
        let column = self.schemas.at(table).at(id);
        let Some(derived) = &column.derived else { return };
        let domain = self.prover.evaluate(derived, &Known::default());
        if let (Some(null), false, false) = (domain.null, column.optional, self.prover.is_exhausted()) {
            let message = format!("`{}` is never null, but what it is derived from may be", column.name);
            let mut fault = Diagnostic::new(Code::Nullability, derived.span, message).label("may be null");
            if null.span != derived.span {
                fault = fault.related(null.span, null.reason);
            } else {
                fault = fault.help(null.reason);
            }
            fault = fault.help("`coalesce(value, otherwise)` puts something in the place of a null").fix(
                format!("let `{}` be null", column.name),
                column.kind_span.after(),
                "?",
                Applicability::Guess,
            );
            self.faults.push(fault);
        }
        let allowed = limits(column).values;
        if !domain.values.is_empty() && allowed.clone().meet(domain.values.clone()).is_empty() {
            let span = column.allowed.as_ref().map(|part| part.span).or(column.length.map(|part| part.span));
            let message = format!("what `{}` is derived from never gives a value it may have", column.name);
            let mut fault = Diagnostic::new(Code::OutsideRange, derived.span, message);
            fault = match described(&domain.values, &derived.ty) {
                Some(described) => fault.label(format!("always {described}")),
                None => fault.label("always outside"),
            };
            fault = fault.related(span.unwrap_or(column.kind_span), "its values");
            self.faults.push(fault);
        }
    }

    /// A distribution has parameters it can work with, and gives what the column may hold.
    fn drawn(&mut self, table: TableId, id: ColumnId) {
        let column = self.schemas.at(table).at(id);
        let Some(draw) = &column.draw else { return };
        self.parameters(draw);
        if column.kind.def.base == Base::Reference {
            return;
        }
        let allowed = limits(column).values;
        let Values::Points(allowed) = allowed else { return self.listed(table, id, draw) };
        let Some(drawn) = support(self.prover, draw, column) else { return };
        if allowed.meet(drawn).is_empty() && !drawn.is_empty() {
            let limit = column.allowed.as_ref().map_or(column.kind_span, |part| part.span);
            let message = format!("what is drawn for `{}` is never a value it may have", column.name);
            let mut fault = Diagnostic::new(Code::OutsideRange, draw.span, message);
            fault = match described(&Values::Points(drawn), &Type::Float).filter(|_| column.kind.value().is_number()) {
                Some(described) => fault.label(format!("{described}, as good as always")),
                None => fault.label("always outside"),
            };
            self.faults.push(fault.related(limit, "its values"));
        }
    }

    /// Values that are drawn one by one, each of which the column must allow.
    fn listed(&mut self, table: TableId, id: ColumnId, draw: &Draw) {
        let column = self.schemas.at(table).at(id);
        let allowed = limits(column).values;
        let values: Vec<Datum> = match (draw.given("values"), draw.value("value").and_then(Expression::as_constant)) {
            (Some(Given::Values(values)), _) => values.clone(),
            (_, Some(value)) => vec![value.clone()],
            _ => return,
        };
        let outside = |value: &Datum| allowed.clone().meet(crate::schema::limits::of_datum(value)).is_empty();
        if values.iter().any(outside) {
            let limit = column.allowed.as_ref().map(|part| part.span).or(column.length.map(|part| part.span));
            let message = format!("a value that is drawn for `{}` is none it may have", column.name);
            let fault = Diagnostic::new(Code::OutsideRange, draw.span, message).label("holds one that is outside");
            self.faults.push(fault.related(limit.unwrap_or(column.kind_span), "its values"));
        }
    }

    fn parameters(&mut self, draw: &Draw) {
        match &draw.kind {
            DrawKind::From { def, given } => {
                for (name, given) in given {
                    match given {
                        Given::Value(value) => self.parameter(
                            def.signature.name,
                            name,
                            value,
                            def.signature.parameter(name).map(|p| p.kind),
                        ),
                        Given::Draw(inner) => self.parameters(inner),
                        Given::Draws(draws) => draws.iter().for_each(|draw| self.parameters(draw)),
                        _ => {}
                    }
                }
            }
            DrawKind::If { branches, otherwise } => {
                branches.iter().for_each(|(_, draw)| self.parameters(draw));
                self.parameters(otherwise);
            }
            DrawKind::Unknown => {}
        }
    }

    fn parameter(&mut self, of: &str, name: &str, value: &Expression, kind: Option<Kind>) {
        let Some(kind) = kind else { return };
        let bounds = match kind {
            Kind::Computed(bounds) => bounds,
            kind if kind == crate::schema::distributions::SPREAD => crate::signature::Bounds::POSITIVE,
            _ => return,
        };
        let range = self.prover.evaluate(value, &Known::default()).values.points();
        let allowed = Range {
            low: bounds.min,
            high: bounds.max,
            low_open: !bounds.min_included && bounds.min.is_finite(),
            high_open: !bounds.max_included && bounds.max.is_finite(),
            step: None,
        };
        // A sequence may count down, but not stand still.
        let still = of == "sequence" && range.single() == Some(0.0);
        let outside = range.meet(allowed).is_empty() && of != "sequence";
        if !outside && !still {
            return;
        }
        let message = match still {
            true => "a `step` of 0 gives the same value to every row".to_owned(),
            false => format!("`{name}` of `{of}` is a number{bounds}"),
        };
        let mut fault = Diagnostic::new(Code::OutOfRange, value.span, message);
        fault = match (value.as_constant(), described(&Values::Points(range), &value.ty)) {
            (Some(datum), _) => fault.label(format!("this is {datum}")),
            (None, Some(described)) => fault.label(format!("this is always {described}")),
            (None, None) => fault.label("never in this range"),
        };
        self.faults.push(fault);
    }

    /// `per_parent` counts rows for one table at most, with what is known of a row of it.
    fn parents(&mut self, table: TableId) {
        let form = self.schemas.at(table);
        let mut first: Option<(Span, &str)> = None;
        for (id, column) in form.columns() {
            let Some(draw) = &column.draw else { continue };
            let DrawKind::From { def, .. } = &draw.kind else { continue };
            if def.family != Family::PerParent {
                continue;
            }
            if let Some((known, name)) = first {
                let message = format!("how many rows `{}` has follows from `{name}` already", form.name);
                let fault = Diagnostic::new(Code::Distribution, draw.span, message).label("a second time");
                let fault = fault.related(known, "the first");
                self.faults.push(fault.help("the other reference is drawn from the rows there are, without `~`"));
                continue;
            }
            first = Some((draw.span, &column.name));
            let Some(Given::Draw(counts)) = draw.given("count") else { continue };
            let mut foreign = None;
            counts.each_expression(&mut |expression| {
                expression.each(&mut |part| {
                    if let ExpressionKind::Column(path) = &part.kind
                        && path.through.first() != Some(&id)
                    {
                        foreign = foreign.or(Some(part.span));
                    }
                });
            });
            if let Some(span) = foreign {
                let message = format!(
                    "how many rows there are is drawn for each row of the other table, before any of `{}`",
                    form.name
                );
                let fault = Diagnostic::new(Code::Distribution, span, message).label("not known then");
                self.faults.push(fault.help(format!("a column of the other table can be read: `{}.…`", column.name)));
            }
            if let Some(most) = counted(self.prover, counts)
                && most.high < 0.0
            {
                let fault = Diagnostic::new(Code::OutsideRange, counts.span, "there cannot be fewer than 0 rows");
                self.faults.push(fault.label("always below 0"));
            }
            let distinct = column.key.or(column.unique);
            if let (Some(unique), Some(counted)) = (distinct, counted(self.prover, counts))
                && counted.high > 1.0
            {
                let message =
                    format!("at most one row refers to each row through `{}`, and several are drawn", column.name);
                let fault = Diagnostic::new(Code::TooFewValues, unique, message).label("must differ in every row");
                let fault = fault.related(counts.span, "how many rows refer to one");
                self.faults.push(fault.help("`per_parent(binomial(1, 80%))` draws one or none"));
            }
        }
    }

    /// Unique columns have values enough.
    fn counts(&mut self, table: TableId) {
        let form = self.schemas.at(table);
        for limit in count::limits(self.schemas, self.prover, table) {
            let Count::AtMost(most) = limit.count else { continue };
            let lookup = limit.columns.iter().all(|id| form.at(*id).kind.def.base == Base::Enum);
            if most <= 1 {
                self.faults.push(count::too_few(form, &limit, most, "a table has more than one row"));
            } else if most < FEW_ROWS && !lookup {
                let names: Vec<String> = limit.columns.iter().map(|id| format!("`{}`", form.at(*id).name)).collect();
                let verb = if names.len() == 1 { "has" } else { "together have" };
                let message = format!(
                    "{} {verb} at most {most} values, so `{}` has at most as many rows",
                    names.join(" and "),
                    form.name
                );
                self.faults.push(Diagnostic::new(Code::FewRows, limit.span, message).label("must differ in every row"));
            }
        }
    }

    /// Checks that no row can meet, alone or together, and those that every row does.
    fn checks(&mut self, table: TableId) {
        let form = self.schemas.at(table);
        let mut possible: Vec<(usize, &Expression)> = Vec::new();
        for (index, check) in form.checks.iter().enumerate() {
            if self.prover.satisfy(&[&check.condition]).is_none() {
                let part = check.condition.conjuncts().into_iter().find(|part| self.prover.satisfy(&[part]).is_none());
                let part = part.unwrap_or(&check.condition);
                let fault = Diagnostic::new(
                    Code::ImpossibleCheck,
                    part.span,
                    format!("no row of `{}` can meet this check", form.name),
                );
                let fault = self.with_limits(fault.label("false for every row"), [part]);
                self.faults.push(fault);
                continue;
            }
            if self.prover.always_holds(&check.condition) {
                let fault =
                    Diagnostic::new(Code::AlwaysHolds, check.span, "this check is never false, so it checks nothing");
                let fault = self.with_limits(fault.label("holds for every row"), [&check.condition]);
                self.faults.push(fault);
            }
            possible.push((index, &check.condition));
        }
        possible.truncate(MAX_TOGETHER);
        let mut together: Vec<&Expression> = Vec::new();
        for (_, condition) in possible {
            together.push(condition);
            if self.prover.satisfy(&together).is_some() {
                continue;
            }
            together.pop();
            // Those that are not needed for the contradiction are left out, one after another.
            let mut core = together.clone();
            let mut at = 0;
            while at < core.len() {
                let mut without = core.clone();
                without.remove(at);
                without.push(condition);
                if self.prover.satisfy(&without).is_none() {
                    core.remove(at);
                } else {
                    at += 1;
                }
            }
            let message = match core.len() {
                1 => format!("no row of `{}` can meet this check and another", form.name),
                count => format!("no row of `{}` can meet this check and {count} others", form.name),
            };
            let mut fault = Diagnostic::new(Code::ImpossibleCheck, condition.span, message)
                .label("contradicts what is asked already");
            for other in core.iter().take(MAX_SHOWN) {
                fault = fault.related(other.span, "together with this");
            }
            let fault = self.with_limits(fault, core.iter().copied().chain([condition]));
            self.faults.push(fault);
        }
    }

    /// Adds the limits of the columns that expressions read.
    fn with_limits<'e>(
        &self,
        mut fault: Diagnostic,
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) -> Diagnostic {
        let mut seen = BTreeSet::new();
        let mut shown = 0;
        for expression in expressions {
            let mut paths = Vec::new();
            expression.each(&mut |part| {
                if let ExpressionKind::Column(path) = &part.kind {
                    paths.push(path.clone());
                }
            });
            for path in paths {
                let column = self.schemas.at(path.table).at(path.column);
                let limited = column.allowed.as_ref().map(|part| part.span);
                let limited = limited.or(column.length.map(|part| part.span));
                let limited = limited.or(column.derived.as_ref().map(|derived| derived.span));
                let limited = limited.or(column.labels().map(|_| column.kind_span));
                let (Some(span), true) = (limited, seen.insert((path.table, path.column))) else { continue };
                let values = self.prover.column(path.table, path.column).values;
                if let Some(described) = described(&values, &column.kind.value())
                    && shown < MAX_SHOWN
                {
                    shown += 1;
                    fault = fault.related(span, format!("`{}` is {described}", column.name));
                }
            }
        }
        fault
    }
}

/// A set of values in words; nothing where it is everything.
fn described(values: &Values, ty: &Type) -> Option<String> {
    match values {
        Values::Points(range) => {
            let whole = Values::all(ty).points();
            let point = |at: f64| match ty {
                Type::Int => format!("{at}"),
                Type::Date => Datum::Date((at / crate::schema::datum::DAY as f64) as i32).to_string(),
                Type::DateTime => Datum::DateTime(at as i64).to_string(),
                Type::Time => Datum::Time(at as u32).to_string(),
                Type::Duration => Datum::Duration(at).to_string(),
                _ => format!("{}", (at * 1e6).round() / 1e6),
            };
            let low = range.low.is_finite() && range.low > whole.low;
            let high = range.high.is_finite() && range.high < whole.high;
            match (low, high) {
                (true, true) if range.low == range.high => Some(point(range.low)),
                (true, true) if range.high_open => {
                    Some(format!("from {} to below {}", point(range.low), point(range.high)))
                }
                (true, true) => Some(format!("from {} to {}", point(range.low), point(range.high))),
                (true, false) => Some(format!("at least {}", point(range.low))),
                (false, true) if range.high_open => Some(format!("below {}", point(range.high))),
                (false, true) => Some(format!("at most {}", point(range.high))),
                (false, false) => None,
            }
        }
        Values::Labels(labels) => {
            let name = |index: &u32| match ty {
                Type::Enum(all) => all.labels.get(*index as usize).map(|label| label.name.clone()),
                _ => Some((*index == 1).to_string()),
            };
            let names: Option<Vec<String>> = labels.iter().map(name).collect();
            let names = names?;
            (!names.is_empty() && names.len() <= 8).then(|| crate::suggest::either(names.iter().map(String::as_str)))
        }
        Values::Texts { length, .. } | Values::Items { length } => {
            let low = length.low > 0.0;
            match (low, length.high.is_finite()) {
                (_, true) => Some(format!("from {} to {} long", length.low, length.high)),
                (true, false) => Some(format!("at least {} long", length.low)),
                (false, false) => None,
            }
        }
        Values::Anything => None,
    }
}
