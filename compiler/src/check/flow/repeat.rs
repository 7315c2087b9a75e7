//! `repeat … { … }`: its rounds are written out one after the other, each with layers of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Body, Expr, ExprKind, Ident};

use super::bounds::Unrolled;
use crate::check::context::Context;
use crate::check::index::SymbolKind;
use crate::check::scope::Binding;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::GroupKind;
use crate::suggest::either;

/// The most values that one name may collect over all rounds, those of inner rounds counted.
const MAX_COLLECTED: usize = 1 << 16;

/// What is gone through.
enum Rounds {
    Count(u64),
    From(i64, u64),
    Items(Vec<Value>),
}

impl Rounds {
    fn len(&self) -> u64 {
        match self {
            Self::Count(count) | Self::From(_, count) => *count,
            Self::Items(items) => items.len() as u64,
        }
    }

    fn item(&self, round: u64) -> Value {
        match self {
            Self::Count(_) => Value::Int(round as i64),
            Self::From(start, _) => Value::Int(start.saturating_add(round as i64)),
            Self::Items(items) => items.get(round as usize).cloned().unwrap_or(Value::Unknown),
        }
    }
}

/// The values of a name, one a round.
struct Collected {
    values: Vec<Value>,
    size: usize,
    definition: Span,
    docs: Option<Arc<str>>,
}

impl Context<'_> {
    /// The flow after the last round.
    pub(in crate::check) fn repeat(&mut self, over: &Expr, names: &[Ident], destructured: bool, body: &Body) -> Value {
        let rounds = self.rounds(over);
        names.iter().for_each(|name| self.findings.declares(name.span, SymbolKind::Round));
        let steps = body.statements.len().max(1) as u64;
        let rounds = rounds.filter(|rounds| self.may_repeat(rounds.len(), steps, over.span));
        let Some(rounds) = rounds.filter(|_| !self.dry) else {
            // Its names are lists of a length nobody knows.
            self.once(names, body, &Value::Unknown);
            return self.given_up();
        };
        if rounds.len() == 0 {
            self.once(names, body, &Value::List([].into()));
            return self.flow.clone().unwrap_or(Value::Unknown);
        }
        let before = self.flow.clone();
        let numbers = std::mem::replace(&mut self.numbers, false);
        let unnoted = self.unnoted;
        let mut collected: BTreeMap<String, Collected> = BTreeMap::new();
        let mut whole = true;
        let tensor = |value: &Option<Value>| match value {
            Some(Value::Tensor(id)) => Some(*id),
            _ => None,
        };
        let (start, input) = (self.builder.begin_group(), tensor(&self.flow));
        self.unit.enter_rounds();
        for round in 0..rounds.len() {
            if !self.spend(1) {
                whole = false;
                break;
            }
            self.unit.round(round as usize);
            self.unrolled.push(Unrolled { at: over.span, body: body.span, round: Some(round as usize), given: false });
            self.scope.enter();
            self.name_item(names, destructured, rounds.item(round), over.span);
            let (start, input) = (self.builder.begin_group(), tensor(&self.flow));
            let items = self.given_to_round(names);
            self.statements(body);
            let kind = || GroupKind::Round { number: round as usize, items };
            self.builder.end_group(start, kind, over.span, [input, tensor(&self.flow)]);
            let inner = self.scope.leave();
            self.unrolled.pop();
            self.collect(&mut collected, inner, names);
            // The first round says what there is to say of the body.
            self.unnoted = true;
        }
        self.unit.leave_rounds();
        self.builder.end_group(start, || GroupKind::Repeat, over.span, [input, tensor(&self.flow)]);
        self.unnoted = unnoted;
        self.numbers = numbers;
        for (name, Collected { values, size, definition, docs }) in collected {
            let value = match whole && size <= MAX_COLLECTED {
                true => Value::List(values.into()),
                false => self.given_up(),
            };
            self.define(&name, Binding { value, definition, docs });
        }
        let after = std::mem::replace(&mut self.flow, before);
        if whole { after.unwrap_or(Value::Unknown) } else { self.given_up() }
    }

    /// What the rounds go through; nothing while it is not known.
    fn rounds(&mut self, over: &Expr) -> Option<Rounds> {
        let ExprKind::Range { start, end, inclusive } = &over.kind else {
            return match self.evaluate(over) {
                Value::Int(count @ 0..) => Some(Rounds::Count(count as u64)),
                Value::List(items) => Some(Rounds::Items(items.to_vec())),
                Value::Record(values) => Some(Rounds::Items(values.iter().map(|(_, value)| value.clone()).collect())),
                Value::Unknown => None,
                Value::Dim(dim) => {
                    self.only_a_run_knows(&dim, "how often `repeat` goes", over.span);
                    None
                }
                Value::Int(count) => {
                    let message = format!("`repeat` goes a number of times, and {count} is none");
                    self.report(Diagnostic::new(Code::OutOfRange, over.span, message).label("below 0"));
                    None
                }
                other => {
                    let message = format!("`repeat` takes a count or a list, not {}", other.describe());
                    let fault =
                        Diagnostic::new(Code::WrongType, over.span, message).label("expected a count or a list");
                    let fault = self.whole_number_hint(over, fault);
                    self.report(fault);
                    None
                }
            };
        };
        let mut bound = |bound: &Option<Box<Expr>>, otherwise: Option<i64>| match bound {
            Some(expr) => match self.evaluate(expr) {
                Value::Int(number) => Some(number),
                Value::Unknown => None,
                other => {
                    let message = format!("a range of rounds is of whole numbers, not {}", other.describe());
                    self.report(Diagnostic::new(Code::WrongType, expr.span, message).label("expected a whole number"));
                    None
                }
            },
            None => otherwise,
        };
        let start = bound(start, Some(0))?;
        let Some(end) = bound(end, None) else {
            if end.is_none() {
                let message = "a range of rounds has an end";
                self.report(Diagnostic::new(Code::WrongType, over.span, message).label("goes on for ever"));
            }
            return None;
        };
        let count = i128::from(end) - i128::from(start) + i128::from(u8::from(*inclusive));
        Some(Rounds::From(start, u64::try_from(count.max(0)).unwrap_or(u64::MAX)))
    }

    /// Reads a body that is not run, and names what it names with `value`.
    fn once(&mut self, names: &[Ident], body: &Body, value: &Value) {
        let inner = self.dry(|cx| {
            cx.scope.enter();
            names.iter().for_each(|name| cx.bind_name(name, Value::Unknown, None));
            cx.statements(body);
            cx.scope.leave()
        });
        for (name, binding) in inner.into_iter().filter(|(name, _)| !names.iter().any(|own| own.text == *name)) {
            self.define(&name, Binding { value: value.clone(), ..binding });
        }
    }

    /// Names the item of a round, or its parts.
    fn name_item(&mut self, names: &[Ident], destructured: bool, item: Value, over: Span) {
        if !destructured {
            for name in names.iter().take(1) {
                self.bind_name(name, item.clone(), None);
            }
            return;
        }
        let parts = match &item {
            Value::List(parts) if parts.len() == names.len() => parts.to_vec(),
            Value::Record(parts) if parts.len() == names.len() => parts.iter().map(|(_, part)| part.clone()).collect(),
            Value::Unknown => vec![Value::Unknown; names.len()],
            other => {
                let given = either(names.iter().map(|name| name.text.as_str())).replace(" or ", " and ");
                let message = format!("an item of this is {}, and is taken apart into {given}", other.describe());
                let at = names.first().map_or(over, |name| name.span);
                let at = names.last().map_or(at, |name| at.to(name.span));
                self.report(
                    Diagnostic::new(Code::WrongType, at, message)
                        .label(format!("{} names", names.len()))
                        .related(over, "what is gone through"),
                );
                vec![Value::Unknown; names.len()]
            }
        };
        for (name, part) in names.iter().zip(parts) {
            self.bind_name(name, part, None);
        }
    }

    fn collect(
        &mut self,
        collected: &mut BTreeMap<String, Collected>,
        inner: BTreeMap<String, Binding>,
        names: &[Ident],
    ) {
        for (name, Binding { value, definition, docs }) in inner {
            if names.iter().any(|own| own.text == name) {
                continue;
            }
            let of = collected.entry(name).or_insert(Collected { values: Vec::new(), size: 0, definition, docs });
            if of.size <= MAX_COLLECTED {
                of.size = of.size.saturating_add(value.size());
                of.values.push(value);
            }
        }
    }
}
