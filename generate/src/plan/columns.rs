//! How one column is made, by its type and by what is said of it.

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::distributions::{Draw, DrawKind, Family, Given};
use ndsl_compiler::schema::types::{Base, TypeDef};
use ndsl_compiler::schema::{
    Allowed, Column, ColumnId, ColumnPath, ColumnType, Detail, Expression, ExpressionKind, Type, pattern,
};

use super::bounds::rebased;
use super::build::Builder;
use super::choices::{self, Choices};
use super::clauses::Reads;
use super::laws::LawPlan;
use super::numbers::NumberPlan;
use super::references::{Children, ReferencePlan, Referring};
use super::unit::Unit;
use super::{ColumnPlan, How, MAX_ITEMS, Nulls};
use crate::fault::{Fault, Result};
use crate::permutation::Permutation;
use crate::random::Stream;
use crate::text::{self, Wanted};

/// Rows that one row of another table has at most.
const MOST_CHILDREN: f64 = 1e9;

/// Streams that follow from a column's own.
pub const NULLS: u64 = 1;
const DISTINCT: u64 = 2;
const ITEMS: u64 = 3;

impl Builder<'_> {
    /// How a column is made; what other columns ask of it is not known yet.
    pub(super) fn column(&self, id: ColumnId, column: &Column, in_tuple: bool) -> Result<ColumnPlan> {
        let stream = self.stream(column);
        let share = if column.derived.is_some() { 0.0 } else { column.null_share() };
        let distinct = column.is_distinct() && column.derived.is_none();
        let nulls = match share {
            0.0 => Nulls::Never,
            share if distinct => {
                let rows = self.rows();
                Nulls::Places {
                    order: Permutation::new(rows, stream.lane(NULLS)),
                    some: rows - (rows as f64 * share).round() as u64,
                }
            }
            share => Nulls::Share(share),
        };
        let needed = match &nulls {
            Nulls::Places { some, .. } => *some,
            _ => self.rows(),
        };
        let how = match &column.derived {
            Some(derived) => {
                self.distinct_by_derivation(column, derived)?;
                How::Derived(derived.clone())
            }
            None => self.how(id, column, stream, distinct.then_some(needed), in_tuple)?,
        };
        Ok(ColumnPlan { how, stream, nulls, bounds: Vec::new(), correlated: None, tuple: None })
    }

    /// A derived column differs in every row where it writes out one that does.
    fn distinct_by_derivation(&self, column: &Column, derived: &Expression) -> Result<()> {
        if !column.is_distinct() {
            return Ok(());
        }
        let told = match &derived.kind {
            ExpressionKind::Format(_) | ExpressionKind::Column(_) => {
                let own = |path: &&ColumnPath| path.through.is_empty();
                Reads::of(derived).paths.into_iter().filter(own).any(|path| self.table.at(path.column).is_distinct())
            }
            _ => false,
        };
        match told {
            true => Ok(()),
            false => Err(Fault::new(
                derived.span,
                format!("that `{}` differs in every row does not follow from this", column.name),
            )
            .help("write a unique column into it with `format`, or draw it")),
        }
    }

    pub(super) fn how(
        &self,
        id: ColumnId,
        column: &Column,
        stream: Stream,
        distinct: Option<u64>,
        in_tuple: bool,
    ) -> Result<How> {
        let listed = match &column.allowed {
            Some(allowed) => match &allowed.value {
                Allowed::Listed(values) => Some(values),
                Allowed::Between { .. } => None,
            },
            None => None,
        };
        if let Some(Draw { kind: DrawKind::From { def, .. }, span }) = &column.draw
            && def.family == Family::Llm
        {
            return Err(Fault::new(*span, "columns that a language model writes cannot be made here yet")
                .help("draw the column from the values it may have, or leave it out"));
        }
        if column.kind.def.base == Base::Reference {
            return Ok(How::Reference(self.reference(id, column, stream, distinct, in_tuple)?));
        }
        if let Detail::Item(item, optional) = &column.kind.detail {
            return self.list(id, column, item, *optional, stream);
        }
        let ty = column.kind.value();
        let Some(unit) = Unit::of(&ty) else {
            return self.unmeasured(column, &ty, stream, distinct, listed);
        };
        if column.draw.is_none()
            && let Some(coordinate) = text::coordinate(&Wanted { unique: None, ..self.wanted(column, None) })
            && column.allowed.is_none()
        {
            return Ok(How::Degrees(coordinate));
        }
        let domain = self.prover.column(self.id, id).values;
        let range = domain.points();
        let end = |end: f64, open: bool, up: bool| {
            end.is_finite().then(|| if up { unit.to(end, open) } else { unit.from(end, open) })
        };
        let (low, high) = (end(range.low, range.low_open, false), end(range.high, range.high_open, true));
        let sequence = |start: f64, step: f64, span| How::Sequence { start, step, unit, span };
        if let Some(draw) = &column.draw
            && let DrawKind::From { def, .. } = &draw.kind
            && def.family == Family::Sequence
        {
            let given = |name: &str| draw.value(name).and_then(|value| value.as_constant()?.point());
            let least = NumberPlan::new(unit, LawPlan::Natural, low, high).low;
            let start = given("start").or(least).unwrap_or(match unit {
                Unit::Day | Unit::Second => 16_436.0 * 86_400.0,
                Unit::Clock => 0.0,
                _ => 1.0,
            });
            let step = given("step").unwrap_or(match unit {
                Unit::Day => 86_400.0,
                _ => 1.0,
            });
            let last = start + step * self.rows().saturating_sub(1) as f64;
            let (least, largest) = (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
            if self.rows() > 0 && (last > largest || last < least) {
                let message = format!(
                    "counting up leads beyond what `{}` may be before {} rows are made",
                    column.name,
                    self.rows()
                );
                return Err(Fault::new(draw.span, message).help("widen its `in`, or make fewer rows"));
            }
            return Ok(sequence(start, step, draw.span));
        }
        // Keys that nothing is said of are counted.
        if column.key.is_some() && column.draw.is_none() && listed.is_none() && unit == Unit::Whole {
            let plan = NumberPlan::new(unit, LawPlan::Natural, low, high);
            if plan.high.is_none_or(|high| plan.low.unwrap_or(1.0) + self.rows() as f64 - 1.0 <= high) {
                return Ok(sequence(plan.low.unwrap_or(1.0), 1.0, column.span));
            }
        }
        let law = match &column.draw {
            Some(draw) => LawPlan::new(draw, unit, self.request.inputs)?,
            None => LawPlan::Natural,
        };
        let is_correlated = self.table.correlations.iter().any(|group| group.columns.contains(&id));
        let law = if is_correlated { law.rising() } else { law };
        let law = match listed {
            Some(values) => listed_law(law, unit, values).ok_or_else(|| self.nothing_left(column))?,
            None => law,
        };
        let mut plan = NumberPlan::new(unit, law, low, high);
        let known = matches!(plan.law, LawPlan::Natural | LawPlan::Known(_) | LawPlan::Truncated { .. });
        if plan.fixed.is_none() && known && column.draw.is_some() && !plan_is_computed(&plan.law) {
            return Err(self.nothing_left(column));
        }
        if let Some(rows) = distinct {
            let span = column.unique.or(column.key).unwrap_or(column.span);
            plan.make_distinct(rows, stream.lane(DISTINCT))
                .map_err(|why| Fault::new(span, format!("`{}`: {why}", column.name)))?;
        }
        Ok(How::Number(Box::new(plan)))
    }

    fn nothing_left(&self, column: &Column) -> Fault {
        let span = column.draw.as_ref().map_or(column.kind_span, |draw| draw.span);
        Fault::new(span, format!("next to nothing of what is drawn is a value that `{}` may have", column.name))
            .help("draw from what lies within its `in`")
    }

    /// Labels, truth values, texts and JSON.
    fn unmeasured(
        &self,
        column: &Column,
        ty: &Type,
        stream: Stream,
        distinct: Option<u64>,
        listed: Option<&Vec<Datum>>,
    ) -> Result<How> {
        if let Some(draw) = &column.draw {
            return self.drawn(column, draw, stream, distinct, listed);
        }
        let choices = match listed {
            Some(values) if Choices::of_type(ty).is_none() => Choices::new(values.clone(), vec![1.0; values.len()]),
            Some(values) => Choices::of_type(ty).and_then(|choices| choices.only(|datum| values.contains(datum))),
            None => Choices::of_type(ty),
        };
        if matches!(ty, Type::Enum(_) | Type::Bool) || listed.is_some() {
            let choices = choices.ok_or_else(|| self.nothing_left(column))?;
            return self.chosen(column, choices, stream, distinct);
        }
        if *ty == Type::Json {
            return Ok(How::Json);
        }
        let hir = match &column.pattern {
            Some(pattern) => {
                Some(pattern::read(&pattern.value.text).map_err(|fault| Fault::new(pattern.span, fault.message))?)
            }
            None => None,
        };
        let wanted = Wanted { unique: distinct, pattern: hir.as_ref(), ..self.wanted(column, None) };
        let maker = text::maker(&wanted).map_err(|why| {
            let span = match (&column.pattern, &column.length) {
                (Some(pattern), _) => pattern.span,
                (None, Some(length)) => length.span,
                (None, None) => column.unique.or(column.key).unwrap_or(column.kind_span),
            };
            Fault::new(span, format!("`{}`: {why}", column.name))
        })?;
        Ok(How::Text(maker))
    }

    fn wanted<'w>(&'w self, column: &'w Column, item: Option<&'static TypeDef>) -> Wanted<'w> {
        Wanted {
            kind: item.unwrap_or(column.kind.def),
            column: &column.name,
            table: &self.table.path,
            seed: self.request.seed,
            locale: self.request.locale,
            length: if item.is_some() { None } else { column.length.map(|length| length.value) },
            pattern: None,
            unique: None,
        }
    }

    fn chosen(&self, column: &Column, choices: Choices, stream: Stream, distinct: Option<u64>) -> Result<How> {
        let possible = choices.weights.iter().filter(|weight| **weight > 0.0).count() as u64;
        match distinct {
            Some(rows) if rows > possible => {
                let span = column.unique.or(column.key).unwrap_or(column.span);
                let message = format!("`{}` has {possible} values for {rows} rows, which must all differ", column.name);
                Err(Fault::new(span, message))
            }
            Some(_) => {
                let kept: Vec<Datum> = choices
                    .values
                    .iter()
                    .zip(&choices.weights)
                    .filter(|(_, weight)| **weight > 0.0)
                    .map(|(value, _)| value.clone())
                    .collect();
                let count = kept.len();
                let even = Choices::new(kept, vec![1.0; count]).ok_or_else(|| self.nothing_left(column))?;
                Ok(How::Choice { distinct: Some(Permutation::new(count as u64, stream.lane(DISTINCT))), choices: even })
            }
            None => Ok(How::Choice { choices, distinct: None }),
        }
    }

    /// A column of labels, truth values or texts that says how it is drawn.
    fn drawn(
        &self,
        column: &Column,
        draw: &Draw,
        stream: Stream,
        distinct: Option<u64>,
        listed: Option<&Vec<Datum>>,
    ) -> Result<How> {
        match &draw.kind {
            DrawKind::If { branches, otherwise } if distinct.is_none() => {
                let branches: Result<Vec<_>> = branches
                    .iter()
                    .map(|(condition, draw)| Ok((condition.clone(), self.drawn(column, draw, stream, None, listed)?)))
                    .collect();
                let otherwise = Box::new(self.drawn(column, otherwise, stream, None, listed)?);
                return Ok(How::If { branches: branches?, otherwise });
            }
            DrawKind::From { def, .. } if def.family == Family::Bernoulli && distinct.is_none() => {
                if let Some(chance) = draw.value("probability")
                    && chance.as_constant().is_none()
                {
                    return Ok(How::Chance(chance.clone()));
                }
            }
            DrawKind::From { def, .. } if def.family == Family::Constant => {
                if let Some(value) = draw.value("value")
                    && value.as_constant().is_none()
                {
                    return Ok(How::Derived(value.clone()));
                }
            }
            _ => {}
        }
        let values = choices::of_draw(draw, column, self.request.inputs)?;
        let allowed = |datum: &Datum| listed.is_none_or(|listed| listed.contains(datum));
        let (values, weights) = values.into_iter().filter(|(datum, _)| allowed(datum)).unzip();
        let choices = Choices::new(values, weights).ok_or_else(|| self.nothing_left(column))?;
        self.chosen(column, choices, stream, distinct)
    }

    fn list(&self, id: ColumnId, column: &Column, item: &ColumnType, optional: bool, stream: Stream) -> Result<How> {
        let length = column.length.map(|length| length.value);
        let min = length.map_or(0, |length| length.min);
        let max = length.map_or(5, |length| length.max.unwrap_or(length.min.saturating_add(5)));
        if min >= MAX_ITEMS {
            let span = column.length.map_or(column.span, |length| length.span);
            return Err(Fault::new(span, format!("a list of {min} items is more than can be made")));
        }
        if let Some(draw) = &column.draw {
            return Err(Fault::new(draw.span, "a list cannot be drawn this way"));
        }
        // An item is made as a column of its type would be of which nothing else is said.
        let alone = Column {
            kind: item.clone(),
            optional,
            key: None,
            unique: None,
            allowed: None,
            length: None,
            pattern: None,
            null: None,
            default: None,
            draw: None,
            derived: None,
            ..column.clone()
        };
        let stream = stream.lane(ITEMS);
        let how = match (item.def.base, Unit::of(&item.value())) {
            (Base::Reference, _) => How::Reference(self.reference(id, &alone, stream, None, false)?),
            (_, Some(unit)) => How::Number(Box::new(NumberPlan::new(unit, LawPlan::Natural, None, None))),
            _ => match &item.detail {
                Detail::Item(inner, optional) => self.list(id, &alone, inner, *optional, stream)?,
                _ => self.unmeasured(&alone, &item.value(), stream, None, None)?,
            },
        };
        let nulls = if optional { Nulls::Share(alone.null_share()) } else { Nulls::Never };
        let item = ColumnPlan { how, stream, nulls, bounds: Vec::new(), correlated: None, tuple: None };
        Ok(How::List { item: Box::new(item), min, max: max.clamp(min, min + MAX_ITEMS - 1) })
    }

    fn reference(
        &self,
        id: ColumnId,
        column: &Column,
        stream: Stream,
        distinct: Option<u64>,
        in_tuple: bool,
    ) -> Result<ReferencePlan> {
        let Some(reference) = column.reference() else {
            return Err(Fault::new(column.kind_span, "this refers to nothing"));
        };
        let (parent, target) = (reference.table, reference.column);
        let plan = |how| ReferencePlan { parent, column: target, how };
        if let Some(draw) = &column.draw {
            let Some(Given::Draw(count)) = draw.given("count") else {
                return Err(Fault::new(draw.span, "a reference is drawn from the rows there are, or by `per_parent`"));
            };
            if parent == self.id {
                return Err(Fault::new(draw.span, "the rows of a table cannot follow from its own rows"));
            }
            let mut law = LawPlan::new(count, Unit::Whole, self.request.inputs)?;
            let mut own = None;
            law.each_expression_mut(&mut |expression| {
                let through = |path: &ColumnPath| path.through.first() == Some(&id);
                match Reads::of(expression).paths.into_iter().all(through) {
                    true => rebased(expression, parent),
                    false => own = Some(expression.span),
                }
            });
            if let Some(span) = own {
                return Err(Fault::new(span, "how many rows there are cannot follow from one of them")
                    .help(format!("read a column of the row referred to: `{}.…`", column.name)));
            }
            let high = if distinct.is_some() { 1.0 } else { MOST_CHILDREN };
            return Ok(plan(Referring::PerParent(Children { law, stream, low: 0.0, high, before: Vec::new() })));
        }
        let rows = self.request.rows.get(&parent).copied();
        let some = rows.unwrap_or(u64::MAX);
        Ok(plan(match distinct {
            _ if in_tuple => Referring::Any(some),
            // How many rows the other table has may follow from a third; it is counted when all are planned.
            Some(_) => Referring::Distinct(Permutation::new(some, stream.lane(DISTINCT))),
            None if parent == self.id => Referring::Earlier,
            None => Referring::Any(some),
        }))
    }
}

fn plan_is_computed(law: &LawPlan) -> bool {
    match law {
        LawPlan::Computed { .. } | LawPlan::If { .. } => true,
        LawPlan::Mixture { parts, .. } => parts.iter().any(|(_, part)| plan_is_computed(part)),
        LawPlan::Truncated { inner, .. } => plan_is_computed(inner),
        LawPlan::Natural | LawPlan::Known(_) => false,
    }
}

/// A law of which only some values are allowed.
fn listed_law(law: LawPlan, unit: Unit, values: &[Datum]) -> Option<LawPlan> {
    let points = values.iter().filter_map(Datum::point);
    let chance = |point: f64| match &law {
        LawPlan::Known(law) => {
            let (from, to) = if LawPlan::is_discrete(law) { (point, point) } else { unit.widened(point, point) };
            (1.0 - law.above(to) - law.below(from)).max(0.0)
        }
        _ => 1.0,
    };
    let weighted: Vec<(f64, f64)> = points.map(|point| (point, chance(point))).collect();
    crate::law::Law::points(weighted).map(LawPlan::Known)
}
