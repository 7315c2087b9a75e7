//! What expressions can be, and which rows can satisfy a condition, without making a row.
//!
//! Every answer is an over-approximation: where something is said to be impossible, no row does it. What cannot be followed
//! is taken to be possible.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};
use ndsl_grammar::ast::BinaryOperator;

use super::datum::DAY;
use super::domain::{Domain, Null, Range, Values};
use super::expression::{Aggregate, ColumnPath, Expression, ExpressionKind, Type, Within};
use super::form::{ColumnId, Schemas, TableId};
use super::functions::Function;
use super::limits::limits;
use super::transfer::{arithmetic, call, constant, may_be, negation, none, restrict, somehow};

/// What a condition is wanted to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// True.
    True,
    /// False.
    False,
    /// False or null.
    NotTrue,
    /// True or null: what a check asks for.
    NotFalse,
}

impl Goal {
    /// What `not x` being so asks of `x`.
    fn turned(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotTrue => Self::NotFalse,
            Self::NotFalse => Self::NotTrue,
        }
    }

    /// Whether it asks for a truth value rather than against one, so that null will not do.
    fn is_definite(self) -> bool {
        matches!(self, Self::True | Self::False)
    }

    /// Whether it goes the way of true.
    fn is_positive(self) -> bool {
        matches!(self, Self::True | Self::NotFalse)
    }
}

/// What is known of a row's columns beyond their declarations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    columns: BTreeMap<ColumnPath, Domain>,
}

impl Known {
    /// What either may be.
    fn join(self, other: Self, prover: &Prover<'_>) -> Self {
        let mut columns = BTreeMap::new();
        for (path, domain) in self.columns {
            let beside = other.columns.get(&path).cloned().unwrap_or_else(|| prover.declared(&path));
            columns.insert(path, domain.join(beside));
        }
        // What only the other knows is, here, what is declared: nothing is known of it together.
        Self { columns }
    }
}

/// Steps after which nothing more is followed.
pub(crate) const MAX_STEPS: usize = 400_000;

/// Derived columns that are followed into each other; only circles lead further.
const MAX_DEPTH: usize = 16;

/// How often conditions are gone through until nothing more follows from them.
const ROUNDS: usize = 6;

/// Answers questions about the rows of checked tables.
pub struct Prover<'s> {
    schemas: &'s Schemas,
    domains: RefCell<HashMap<(TableId, ColumnId), Domain>>,
    /// The derived columns being looked at, to stop at circles.
    open: RefCell<HashSet<(TableId, ColumnId)>>,
    steps: Cell<usize>,
}

impl<'s> Prover<'s> {
    /// One that knows these schemas.
    pub fn new(schemas: &'s Schemas) -> Self {
        let prover = Self { schemas, domains: RefCell::default(), open: RefCell::default(), steps: Cell::new(0) };
        // In the order in which columns can be made none leads far into others.
        for (table, column) in &schemas.order {
            prover.column(*table, *column);
        }
        prover
    }

    /// How many steps were taken.
    pub(super) fn steps(&self) -> usize {
        self.steps.get()
    }

    /// Whether the conditions were too large to be followed to the end.
    pub fn is_exhausted(&self) -> bool {
        self.steps.get() >= MAX_STEPS
    }

    fn step(&self) -> bool {
        self.steps.set(self.steps.get() + 1);
        !self.is_exhausted()
    }

    /// Counts a copy of what is known as so many steps as it has columns.
    fn copied(&self, known: &Known) -> Known {
        self.steps.set(self.steps.get() + known.columns.len());
        known.clone()
    }

    /// What a column may be, from its type and what is said of it; where it is derived, also from that.
    pub fn column(&self, table: TableId, id: ColumnId) -> Domain {
        if let Some(known) = self.domains.borrow().get(&(table, id)) {
            return known.clone();
        }
        let column = self.schemas.tables[table.0 as usize].at(id);
        let mut domain = limits(column);
        if let Some(derived) = &column.derived
            && self.open.borrow().len() < MAX_DEPTH
            && self.open.borrow_mut().insert((table, id))
        {
            let from = self.evaluate(derived, &Known::default());
            let both = from.values.meet(domain.values.clone());
            if !both.is_empty() {
                domain.values = both;
            }
            domain.null = domain.null.and(from.null);
            self.open.borrow_mut().remove(&(table, id));
        }
        self.domains.borrow_mut().insert((table, id), domain.clone());
        domain
    }

    /// What a column reached through references may be.
    fn declared(&self, path: &ColumnPath) -> Domain {
        let mut domain = self.column(path.table, path.column);
        domain.null = domain.null.or(self.null_on_the_way(path));
        domain
    }

    fn null_on_the_way(&self, path: &ColumnPath) -> Option<Null> {
        let mut table = path.from;
        for step in &path.through {
            let column = self.schemas.tables[table.0 as usize].at(*step);
            if column.optional {
                return Some(Null { span: column.kind_span, reason: "the reference may be null" });
            }
            table = column.reference()?.table;
        }
        None
    }

    fn domain(&self, path: &ColumnPath, known: &Known) -> Domain {
        known.columns.get(path).cloned().unwrap_or_else(|| self.declared(path))
    }

    /// What an expression may be.
    pub fn evaluate(&self, expression: &Expression, known: &Known) -> Domain {
        let anything = || Domain { values: Values::all(&expression.ty), null: Some(somehow(expression)) };
        if !self.step() {
            return anything();
        }
        let truths = |yes: bool, no: bool, null: Option<Null>| {
            let labels = [(no, 0), (yes, 1)].into_iter().filter(|(may, _)| *may).map(|(_, label)| label);
            Domain { values: Values::Labels(labels.collect()), null }
        };
        match &expression.kind {
            ExpressionKind::Constant(datum) => constant(datum, expression),
            ExpressionKind::Column(path) => self.domain(path, known),
            ExpressionKind::Aggregate { what, table, via, column } => {
                self.aggregate(expression, *what, *table, *via, *column)
            }
            ExpressionKind::Source(_) | ExpressionKind::Unknown => anything(),
            ExpressionKind::Negate(value) => {
                let value = self.evaluate(value, known);
                Domain { values: Values::Points(value.values.points().negated()), null: value.null }
            }
            ExpressionKind::Not(value) => {
                let value = self.evaluate(value, known);
                truths(may_be(&value, false), may_be(&value, true), value.null)
            }
            ExpressionKind::Binary { operator, left, right } => {
                let (a, b) = (self.evaluate(left, known), self.evaluate(right, known));
                let null = a.null.or(b.null);
                match operator {
                    BinaryOperator::And => {
                        truths(may_be(&a, true) && may_be(&b, true), may_be(&a, false) || may_be(&b, false), null)
                    }
                    BinaryOperator::Or => {
                        truths(may_be(&a, true) || may_be(&b, true), may_be(&a, false) && may_be(&b, false), null)
                    }
                    _ => match negation(*operator) {
                        Some(against) => {
                            let yes = restrict(*operator, &a.values, &b.values).is_some();
                            let no = restrict(against, &a.values, &b.values).is_some();
                            truths(yes, no, null)
                        }
                        None => arithmetic(*operator, a, b, expression, right),
                    },
                }
            }
            ExpressionKind::IsNull { value, negated } => {
                let value = self.evaluate(value, known);
                let (null, some) = (value.null.is_some(), !value.values.is_empty());
                let (yes, no) = if *negated { (some, null) } else { (null, some) };
                truths(yes, no, None)
            }
            ExpressionKind::Within { value, set } => {
                let mut null = self.evaluate(value, known).null;
                let parts: Vec<&Expression> = match set {
                    Within::Range { low, high, .. } => low.iter().chain(high).map(|end| &**end).collect(),
                    Within::List(items) => items.iter().collect(),
                };
                for part in parts {
                    null = null.or_else(|| self.evaluate(part, known).null);
                }
                let yes = self.refine(self.copied(known), expression, Goal::True).is_some();
                let no = self.refine(self.copied(known), expression, Goal::False).is_some();
                truths(yes, no, null)
            }
            ExpressionKind::Function { function, arguments } => {
                let arguments: Vec<Domain> = arguments.iter().map(|value| self.evaluate(value, known)).collect();
                call(function.function, &arguments, expression)
            }
            ExpressionKind::Format(_) => Domain::of(Values::all(&Type::Text)),
            ExpressionKind::If { branches, otherwise } => {
                self.choice(expression, branches, otherwise.as_deref(), known)
            }
        }
    }

    fn choice(
        &self,
        expression: &Expression,
        branches: &[(Expression, Expression)],
        otherwise: Option<&Expression>,
        known: &Known,
    ) -> Domain {
        let mut rest = Some(self.copied(known));
        let mut out = Domain::of(none());
        for (condition, value) in branches {
            let Some(here) = rest else { return out };
            if let Some(inside) = self.refine(self.copied(&here), condition, Goal::True) {
                out = out.join(self.evaluate(value, &inside));
            }
            rest = self.refine(here, condition, Goal::NotTrue);
        }
        match (rest, otherwise) {
            (None, _) => out,
            (Some(rest), Some(otherwise)) => out.join(self.evaluate(otherwise, &rest)),
            (Some(_), None) => {
                let null = Null { span: expression.span, reason: "there is no `else`" };
                out.join(Domain { values: none(), null: Some(null) })
            }
        }
    }

    fn aggregate(
        &self,
        expression: &Expression,
        what: Aggregate,
        table: TableId,
        via: ColumnId,
        column: Option<ColumnId>,
    ) -> Domain {
        let values = column.map(|column| self.column(table, column).values);
        let null = Null { span: expression.span, reason: "null where no row refers to this one" };
        match (what, values) {
            (Aggregate::Count, _) => {
                let most =
                    if self.schemas.tables[table.0 as usize].at(via).is_distinct() { 1.0 } else { f64::INFINITY };
                Domain::of(Values::Points(Range::between(0.0, most, Some(1.0))))
            }
            (Aggregate::Sum, Some(values)) => {
                let one = values.points();
                let low = if one.low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
                let high = if one.high <= 0.0 { 0.0 } else { f64::INFINITY };
                Domain::of(Values::Points(Range::between(low, high, one.step)))
            }
            (Aggregate::Mean, Some(values)) => {
                let range = Range { step: None, ..values.points() };
                let range = Range {
                    low_open: false,
                    high_open: false,
                    low: range.low.next_down(),
                    high: range.high.next_up(),
                    ..range
                };
                Domain { values: Values::Points(range), null: Some(null) }
            }
            (Aggregate::Min | Aggregate::Max, Some(values)) => Domain { values, null: Some(null) },
            (_, None) => Domain { values: Values::all(&expression.ty), null: Some(null) },
        }
    }

    /// What is known of a row for which a condition is as wanted; nothing where there is no such row.
    pub fn refine(&self, known: Known, condition: &Expression, goal: Goal) -> Option<Known> {
        if !self.step() {
            return Some(known);
        }
        match &condition.kind {
            ExpressionKind::Not(value) => self.refine(known, value, goal.turned()),
            ExpressionKind::Binary { operator: BinaryOperator::And, left, right } => match goal.is_positive() {
                true => self.refine(self.refine(known, left, goal)?, right, goal),
                false => self.either(known, [left, right], goal),
            },
            ExpressionKind::Binary { operator: BinaryOperator::Or, left, right } => match goal.is_positive() {
                true => self.either(known, [left, right], goal),
                false => self.refine(self.refine(known, left, goal)?, right, goal),
            },
            ExpressionKind::Binary { operator, left, right } if negation(*operator).is_some() => {
                let operator = if goal.is_positive() { *operator } else { negation(*operator).unwrap_or(*operator) };
                self.compare(known, operator, left, right, goal.is_definite())
            }
            ExpressionKind::IsNull { value, negated } => {
                let wants_null = goal.is_positive() != *negated;
                let mut domain = self.evaluate(value, &known);
                match wants_null {
                    true => domain.values = none(),
                    false => domain.null = None,
                }
                if domain.is_empty() {
                    return None;
                }
                let mut known = known;
                if let ExpressionKind::Column(path) = &value.kind {
                    known.columns.insert(path.clone(), domain);
                }
                Some(known)
            }
            ExpressionKind::Within { value, set } => self.refine_within(known, value, set, goal),
            ExpressionKind::Column(path) => {
                let mut domain = self.domain(path, &known);
                domain.values = domain.values.meet(Values::truth(goal.is_positive()));
                if goal.is_definite() {
                    domain.null = None;
                }
                if domain.is_empty() {
                    return None;
                }
                let mut known = known;
                known.columns.insert(path.clone(), domain);
                Some(known)
            }
            _ => {
                let domain = self.evaluate(condition, &known);
                let possible = may_be(&domain, goal.is_positive()) || (domain.null.is_some() && !goal.is_definite());
                possible.then_some(known)
            }
        }
    }

    fn either(&self, known: Known, sides: [&Expression; 2], goal: Goal) -> Option<Known> {
        let [left, right] = sides;
        match (self.refine(self.copied(&known), left, goal), self.refine(known, right, goal)) {
            (Some(a), Some(b)) => Some(a.join(b, self)),
            (one, other) => one.or(other),
        }
    }

    fn refine_within(&self, known: Known, value: &Expression, set: &Within, goal: Goal) -> Option<Known> {
        let parts: Vec<&Expression> = match set {
            Within::Range { low, high, .. } => low.iter().chain(high).map(|end| &**end).collect(),
            Within::List(items) => items.iter().collect(),
        };
        let domains: Vec<Domain> = parts.iter().map(|part| self.evaluate(part, &known)).collect();
        let looked_for = self.evaluate(value, &known);
        if !goal.is_definite() && (looked_for.null.is_some() || domains.iter().any(|domain| domain.null.is_some())) {
            return Some(known);
        }
        match set {
            Within::Range { low, high, inclusive } => {
                let upper = if *inclusive { BinaryOperator::LessEqual } else { BinaryOperator::Less };
                let ends = [(BinaryOperator::GreaterEqual, low), (upper, high)];
                let ends = ends.into_iter().filter_map(|(operator, end)| Some((operator, end.as_deref()?)));
                if goal.is_positive() {
                    let mut known = known;
                    for (operator, end) in ends {
                        known = self.compare(known, operator, value, end, true)?;
                    }
                    return Some(known);
                }
                let outside = ends
                    .filter_map(|(operator, end)| self.compare(known.clone(), negation(operator)?, value, end, true));
                outside.reduce(|a, b| a.join(b, self))
            }
            Within::List(items) if goal.is_positive() => {
                let all = domains.into_iter().map(|domain| domain.values).reduce(Values::join)?;
                let some = items.iter().zip(parts).any(|(item, _)| {
                    let item = self.evaluate(item, &known);
                    restrict(BinaryOperator::Equal, &looked_for.values, &item.values).is_some()
                });
                some.then_some(())?;
                self.narrow(known, value, all)
            }
            Within::List(items) => {
                let mut known = known;
                for item in items {
                    known = self.compare(known, BinaryOperator::NotEqual, value, item, true)?;
                }
                Some(known)
            }
        }
    }

    /// What is known of a row for which `left operator right` is true; null will do unless it must be `definite`.
    fn compare(
        &self,
        known: Known,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        definite: bool,
    ) -> Option<Known> {
        let (a, b) = (self.evaluate(left, &known), self.evaluate(right, &known));
        if !definite && (a.null.is_some() || b.null.is_some()) {
            return Some(known);
        }
        let (to_left, to_right) = restrict(operator, &a.values, &b.values)?;
        let known = self.narrow(known, left, to_left)?;
        self.narrow(known, right, to_right)
    }

    /// What is known of a row for which an expression is not null, and one of `values`.
    fn narrow(&self, known: Known, expression: &Expression, values: Values) -> Option<Known> {
        if !self.step() {
            return Some(known);
        }
        let mut known = known;
        match &expression.kind {
            ExpressionKind::Column(path) => {
                let domain = Domain::of(self.domain(path, &known).values.meet(values));
                if domain.is_empty() {
                    return None;
                }
                known.columns.insert(path.clone(), domain);
                Some(known)
            }
            ExpressionKind::Negate(value) => {
                let Values::Points(range) = values else { return Some(known) };
                self.narrow(known, value, Values::Points(range.negated()))
            }
            ExpressionKind::Binary { operator, left, right }
                if matches!(operator, BinaryOperator::Add | BinaryOperator::Subtract) =>
            {
                let Values::Points(mut range) = values else { return Some(known) };
                let (a, b) = (self.evaluate(left, &known).values, self.evaluate(right, &known).values);
                let (Values::Points(a), Values::Points(b)) = (a, b) else { return Some(known) };
                if range.step.is_none() || a.step.is_none() || b.step.is_none() {
                    // Sums that are rounded say too little about what was summed.
                    return Some(known);
                }
                // A date moved by hours is cut to its day: the sum itself may lie anywhere in it.
                range.high += match expression.ty {
                    Type::Date => DAY as f64,
                    Type::DateTime | Type::Time => 1.0,
                    _ => 0.0,
                };
                range.step = Some(1.0);
                let (to_left, to_right) = match operator {
                    BinaryOperator::Add => (range.minus(b), range.minus(a)),
                    _ => (range.plus(b), a.minus(range)),
                };
                let known = self.narrow(known, left, Values::Points(to_left))?;
                self.narrow(known, right, Values::Points(to_right))
            }
            ExpressionKind::Function { function, arguments } if function.function == Function::Len => {
                let (Values::Points(length), [value]) = (values, &arguments[..]) else { return Some(known) };
                let values = match value.ty {
                    Type::Text => Values::Texts { known: None, length },
                    _ => Values::Items { length },
                };
                self.narrow(known, value, values)
            }
            _ => {
                let here = self.evaluate(expression, &known).values.meet(values);
                (!here.is_empty()).then_some(known)
            }
        }
    }

    /// What is known of a row that makes none of these conditions false; nothing where there is no such row.
    pub fn satisfy(&self, conditions: &[&Expression]) -> Option<Known> {
        let mut known = Known::default();
        for _ in 0..ROUNDS {
            let before = self.copied(&known);
            for condition in conditions {
                known = self.refine(known, condition, Goal::NotFalse)?;
            }
            if known == before {
                break;
            }
        }
        super::order::consistent(self, conditions, &known).then_some(known)
    }

    /// Whether every row makes a condition true, or null.
    pub fn always_holds(&self, condition: &Expression) -> bool {
        self.refine(Known::default(), condition, Goal::False).is_none() && !self.is_exhausted()
    }
}
