//! Goes through what a search could choose: a combination that cannot be built is an error before any trial starts.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ndsl_grammar::ast::Expr;

use super::super::context::{Context, Findings};
use super::super::scope::Binding;
use super::super::value::Value;
use super::train::{TrainInstance, Training};
use super::tune::{Choice, Choices, Place, Variable};
use super::upkeep::{entry_of, words};
use crate::diagnostics::{Code, Diagnostic};

/// Combinations of one training that are checked at most.
const MAX_POINTS: usize = 256;

/// Steps that are taken at most for all combinations of a file.
const MAX_WORK: usize = 1 << 19;

/// Faulty combinations that are reported of one training.
const MAX_REPORTED: usize = 16;

/// Of a variable with more choices than this, some are checked where not all combinations can be.
const SHORT: u64 = 16;

/// What checking a training costs without its model, in steps.
const OVERHEAD: usize = 256;

/// What a training searches for.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSpace {
    /// The constants, in the order of the text.
    pub variables: Vec<Variable>,
    /// How many combinations there are before any is excluded; nothing where a variable may be any number of a range, or
    /// there are more than can be counted.
    pub combinations: Option<u64>,
    /// How many were checked.
    pub checked: usize,
    /// How many of the checked ones `search.where` excludes.
    pub excluded: usize,
    /// Whether every combination was checked.
    pub whole: bool,
}

impl fmt::Display for SearchSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.combinations {
            Some(count) => write!(f, "{count} combinations of ")?,
            None => f.write_str("any combination of ")?,
        }
        for (index, variable) in self.variables.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}`{}`, {}", variable.name, variable.choices.describe())?;
        }
        Ok(())
    }
}

/// The work that is left for combinations; shared by the trainings of a file.
pub struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(MAX_WORK))
    }
}

/// Choices other than the first, by where their `tune` begins.
type Point = BTreeMap<Place, Choice>;

/// An error and where it is: the same error at the same place is one mistake.
type Fault = (Code, u16, u32, u32);

/// Checks the combinations and reports those that are impossible in `found`, which holds what the first one has; that one took
/// so many steps.
pub fn explore(
    training: &Training<'_>,
    first: &TrainInstance,
    variables: Vec<Variable>,
    found: &mut Findings,
    steps: u64,
) -> SearchSpace {
    let nodes = first.graph.as_ref().map_or(0, |graph| graph.nodes.len() + graph.parameters.len());
    let mut walk = Walk {
        training,
        variables,
        cost: (nodes + OVERHEAD).max(steps as usize),
        checked: 1,
        excluded: 0,
        faulty: Vec::new(),
    };
    let base: BTreeSet<Fault> = errors(found).map(fault_of).collect();
    let condition = walk.condition();
    if !walk.condition_is_sound(condition, found) {
        return walk.answer(true);
    }
    walk.nested();
    let mut points = walk.points();
    let all = points.is_some();
    let limit = walk.limit();
    let mut rest = points.take().unwrap_or_else(|| walk.singles_and_pairs(limit));
    let whole = all && rest.len() <= limit;
    let every_pair = !all && rest.len() < limit && walk.variables.iter().all(is_short);
    rest.truncate(limit);
    let mut own: BTreeMap<Fault, BTreeSet<Place>> = BTreeMap::new();
    for point in rest {
        walk.check(point, condition, &base, found, &mut own);
    }
    walk.first_choices(&own, &base, found);
    if !whole && found.errors == 0 {
        walk.note(limit, every_pair, found);
    }
    let continuous = walk.variables.iter().any(|variable| variable.choices.count().is_none());
    walk.answer(whole && !continuous)
}

/// Whether `search.where` allows a combination; what it names no choice of is its first.
pub fn allows(training: &Training<'_>, variables: &[Variable], point: &BTreeMap<Place, Choice>) -> bool {
    let (variables, faulty) = (variables.to_vec(), Vec::new());
    let walk = Walk { training, variables, cost: 0, checked: 0, excluded: 0, faulty };
    walk.condition().is_none_or(|condition| walk.holds(condition, point, None) != Value::Bool(false))
}

struct Walk<'t, 'n> {
    training: &'t Training<'n>,
    variables: Vec<Variable>,
    /// What one combination costs, in steps.
    cost: usize,
    checked: usize,
    excluded: usize,
    /// Combinations known to be impossible: what holds one of them is too.
    faulty: Vec<Point>,
}

impl<'n> Walk<'_, 'n> {
    /// How many combinations may still be checked.
    fn limit(&self) -> usize {
        (self.training.names.all.budget.0.get() / self.cost).min(MAX_POINTS)
    }

    /// Takes what a combination cost: more than the first, where it unrolls to more.
    fn spend(&self, there: &Findings) {
        let budget = &self.training.names.all.budget.0;
        budget.set(budget.get().saturating_sub(self.cost.max(there.unrolled as usize)));
    }

    fn answer(self, whole: bool) -> SearchSpace {
        let counts = self.variables.iter().map(|variable| variable.choices.count());
        let combinations = counts.into_iter().try_fold(1u64, |all, count| all.checked_mul(count?));
        SearchSpace { variables: self.variables, combinations, checked: self.checked, excluded: self.excluded, whole }
    }

    /// `search.where`
    fn condition(&self) -> Option<&'n Expr> {
        let search = self.training.settings.entries.iter().find(|entry| entry.key.text == "search")?;
        entry_of(Some(&search.value), "where")
    }

    /// Whether every word of the condition is one of the variables; reported where not.
    fn condition_is_sound(&self, condition: Option<&Expr>, found: &mut Findings) -> bool {
        let Some(condition) = condition else { return true };
        let errors = found.errors;
        match self.holds(condition, &Point::new(), Some(found)) {
            Value::Bool(_) | Value::Unknown => {}
            other => {
                let message = format!("`where` takes a condition on the variables, not {}", other.describe());
                found.report(Diagnostic::new(Code::WrongType, condition.span, message).label("neither true nor false"));
            }
        }
        found.errors == errors
    }

    /// What the condition is at a combination.
    fn holds(&self, condition: &Expr, point: &Point, found: Option<&mut Findings>) -> Value {
        let mut quiet = Findings::default();
        let mut cx = Context::new(self.training.names, found.unwrap_or(&mut quiet), "search");
        for variable in &self.variables {
            let choice = point.get(&variable.place()).copied().unwrap_or_else(|| variable.choices.first());
            let value = variable.choices.number(choice).unwrap_or(Value::Unknown);
            cx.define(&variable.name, Binding { value, definition: variable.span, docs: None });
        }
        // The words that are choices stand for themselves.
        for word in words(condition) {
            let listed = self.variables.iter().any(|variable| match &variable.choices {
                Choices::Listed(all) => all.iter().any(|(text, _, _)| *text == word),
                _ => false,
            });
            if listed && !cx.scope.contains_key(&word) {
                let value = Value::Text(word.as_str().into());
                cx.define(&word, Binding { value, definition: condition.span, docs: None });
            }
        }
        cx.evaluate(condition)
    }

    /// Looks for variables inside the choices of others, which the first choices do not meet.
    fn nested(&mut self) {
        let names = self.training.names;
        let mut at = 0;
        while at < self.variables.len() && self.variables.len() < MAX_POINTS {
            let variable = self.variables[at].clone();
            at += 1;
            let Choices::Listed(all) = &variable.choices else { continue };
            for (index, (text, _, _)) in
                all.iter().enumerate().skip(1).filter(|(_, (text, _, _))| text.contains("tune"))
            {
                if self.limit() == 0 {
                    return;
                }
                let point = Point::from([(variable.place(), Choice::Nth(index as u64))]);
                let (_, met, there) = self.training.at(&point, &Findings::default());
                self.spend(&there);
                for new in met.into_iter().filter(|_| text.contains("tune") && names.all.tunes.any()) {
                    if !self.variables.iter().any(|known| known.span == new.span) {
                        self.variables.push(new);
                    }
                }
            }
        }
        self.variables.sort_by_key(|variable| variable.place());
        self.variables = names.all.tunes.named(std::mem::take(&mut self.variables));
    }

    /// Every combination but the first, those with the fewest other choices first; nothing where there are too many.
    fn points(&self) -> Option<Vec<Point>> {
        let mut points = vec![Point::new()];
        for variable in &self.variables {
            let count = match variable.choices.count() {
                Some(count) => usize::try_from(count).ok()?,
                None => variable.choices.samples().len(),
            };
            if points.len().checked_mul(count)? > MAX_POINTS {
                return None;
            }
            let others = variable.choices.samples().into_iter().skip(1);
            let more: Vec<Point> = others
                .flat_map(|choice| points.iter().map(move |point| (point.clone(), choice)))
                .map(|(mut point, choice)| {
                    point.insert(variable.place(), choice);
                    point
                })
                .collect();
            points.extend(more);
        }
        points.remove(0);
        points.sort_by_key(BTreeMap::len);
        Some(points)
    }

    /// Each variable alone, then each two together.
    fn singles_and_pairs(&self, limit: usize) -> Vec<Point> {
        let others = |variable: &Variable| match variable.choices.count() {
            // Of a long range its ends and some between.
            Some(count) if count > SHORT => {
                let shown = limit.clamp(2, SHORT as usize) as u64;
                (1..=shown).map(|part| Choice::Nth((count - 1) * part / shown)).collect()
            }
            _ => variable.choices.samples().into_iter().skip(1).collect::<Vec<_>>(),
        };
        let single: Vec<(Place, Choice)> = (self.variables.iter())
            .flat_map(|variable| others(variable).into_iter().map(|choice| (variable.place(), choice)))
            .take(limit + 1)
            .collect();
        let mut points: Vec<Point> = single.iter().take(limit).map(|choice| Point::from([*choice])).collect();
        'pairs: for (at, a) in single.iter().enumerate() {
            for b in single.iter().skip(at + 1).filter(|b| b.0 != a.0) {
                if points.len() > limit {
                    break 'pairs;
                }
                points.push(Point::from([*a, *b]));
            }
        }
        points
    }

    fn check(
        &mut self,
        point: Point,
        condition: Option<&Expr>,
        base: &BTreeSet<Fault>,
        found: &mut Findings,
        missing: &mut BTreeMap<Fault, BTreeSet<Place>>,
    ) {
        let holds = |faulty: &Point| faulty.iter().all(|(start, choice)| point.get(start) == Some(choice));
        if self.faulty.iter().any(holds) || self.faulty.len() >= MAX_REPORTED {
            return;
        }
        // Where the first choices are at fault, what else is wrong shows once those are mended.
        if !base.is_empty() && point.len() > 1 {
            return;
        }
        self.checked += 1;
        if condition.is_some_and(|condition| self.holds(condition, &point, None) == Value::Bool(false)) {
            self.excluded += 1;
            return;
        }
        if self.training.names.all.budget.0.get() == 0 {
            return;
        }
        let (_, _, there) = self.training.at(&point, &Findings::default());
        self.spend(&there);
        let faults: BTreeSet<Fault> = errors(&there).map(fault_of).collect();
        if let ([(start, _)], false) = (point.iter().collect::<Vec<_>>().as_slice(), base.is_empty()) {
            for fault in base.difference(&faults) {
                missing.entry(*fault).or_default().insert(**start);
            }
        }
        // One fault is enough to tell that a combination is impossible.
        let new = errors(&there).find(|fault| !base.contains(&fault_of(fault))).cloned();
        if let Some(fault) = new {
            found.report(self.impossible(&point, &fault));
            self.faulty.push(point);
        }
    }

    /// Errors that another choice would mend are errors of the first choice.
    fn first_choices(&self, mended: &BTreeMap<Fault, BTreeSet<Place>>, base: &BTreeSet<Fault>, found: &mut Findings) {
        for fault in base {
            let Some(starts) = mended.get(fault) else { continue };
            let Some(diagnostic) = found.take(|found| fault_of(found) == *fault) else { continue };
            let point: Point = self
                .variables
                .iter()
                .filter(|variable| starts.contains(&variable.place()))
                .map(|variable| (variable.place(), variable.choices.first()))
                .collect();
            found.report(self.impossible(&point, &diagnostic));
        }
    }

    /// The fault of a combination, on the choice that makes it so.
    fn impossible(&self, point: &Point, fault: &Diagnostic) -> Diagnostic {
        let chosen: Vec<(&Variable, Choice)> = (self.variables.iter())
            .filter_map(|variable| point.get(&variable.place()).map(|choice| (variable, *choice)))
            .collect();
        let place = |(variable, choice): &(&Variable, Choice)| match (&variable.choices, choice) {
            (Choices::Listed(all), Choice::Nth(index)) => {
                all.get(*index as usize).map_or(variable.span, |(_, span, _)| *span)
            }
            _ => variable.span,
        };
        let says: Vec<String> = chosen
            .iter()
            .map(|(variable, choice)| format!("`{} = {}`", variable.name, shown(&variable.choices.written(*choice))))
            .collect();
        let with = says.join(" and ");
        let at = chosen.last().map_or(fault.label.span, place);
        let label = match chosen.len() {
            0 | 1 => "this choice cannot be trained",
            _ => "this choice cannot be trained together with the other",
        };
        let mut impossible =
            Diagnostic::new(Code::ImpossibleChoice, at, format!("with {with}: {}", fault.message)).label(label);
        for other in chosen.iter().rev().skip(1) {
            impossible =
                impossible.related(place(other), format!("with `{}` here", shown(&other.0.choices.written(other.1))));
        }
        if fault.label.span == at {
            impossible = impossible.label(fault.label.text.clone());
        } else {
            impossible = impossible.related(fault.label.span, fault.label.text.clone());
        }
        for related in fault.related.iter().take(2) {
            impossible = impossible.related(related.span, related.text.clone());
        }
        let names: Vec<&str> = chosen.iter().map(|(variable, _)| variable.name.as_str()).collect();
        match names.as_slice() {
            [_, _, ..] => impossible.help(format!(
                "leave the choice out, or exclude the combination: `search: {{ where: … }}`, a condition on {}",
                crate::suggest::either(names).replace(" or ", " and ")
            )),
            _ => impossible,
        }
    }

    fn note(&self, limit: usize, every_pair: bool, found: &mut Findings) {
        let counts = self.variables.iter().map(|variable| variable.choices.count().unwrap_or(3));
        let all = counts.fold(1u64, u64::saturating_mul);
        let checked = self.checked;
        let how = match limit {
            0 => "none but the first was checked, since other trainings took the time there is".to_owned(),
            _ if every_pair => format!("{checked} of them were checked: each variable alone and every two together"),
            _ => format!("{checked} of them were checked"),
        };
        let name = self.training.entry.name;
        found.report(
            Diagnostic::new(
                Code::SpaceNotWhole,
                name.span,
                format!("`{}` has about {all} combinations to search, and {how}", name.text),
            )
            .label(format!("searches for {} variables", self.variables.len()))
            .help("a combination that was not checked and cannot be built fails as a trial, when it is tried"),
        );
    }
}

/// Whether every choice of a variable is looked at where not all combinations are.
fn is_short(variable: &Variable) -> bool {
    variable.choices.count().is_none_or(|count| count <= SHORT)
}

/// A choice as a message repeats it: of a long call its name.
fn shown(choice: &str) -> String {
    const LONGEST: usize = 32;
    match choice.split_once('(') {
        Some((name, _)) if choice.len() > LONGEST => format!("{name}(…)"),
        _ if choice.chars().count() > LONGEST => choice.chars().take(LONGEST).chain(['…']).collect(),
        _ => choice.to_owned(),
    }
}

fn errors(findings: &Findings) -> impl Iterator<Item = &Diagnostic> {
    findings.diagnostics.iter().filter(|diagnostic| diagnostic.is_error())
}

fn fault_of(diagnostic: &Diagnostic) -> Fault {
    {
        let span = diagnostic.label.span;
        (diagnostic.code, span.file.0, span.start, span.end)
    }
}
