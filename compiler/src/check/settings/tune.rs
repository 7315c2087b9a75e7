//! `tune(…)`: a constant that is searched for. Evaluated, it is one of its choices: the first, unless another was taken.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use foldhash::HashMap;
use ndsl_grammar::ast::{self, Argument, Expr, ExprKind, StatementKind, UnaryOperator};
use ndsl_grammar::{Piece, Span, word};

use super::super::arguments::{Given, Site};
use super::super::context::Context;
use super::super::facts::FactKind;
use super::super::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::settings::tune::TUNE;

/// The most choices a `tune` may have: a search never sees more of a range.
const MAX_CHOICES: u64 = 1 << 20;

/// Where a `tune` begins: its file, and the byte in it.
pub type Place = (u16, u32);

/// What a `tune` was taken to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// One of its choices, counted from 0.
    Nth(u64),
    /// Any number of its range.
    Number(f64),
}

/// What a `tune` may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Choices {
    /// `tune(16, 32, 64)`: each as it is written, where, and its value where that is a number, a truth value or a word.
    Listed(Vec<(String, Span, Option<Value>)>),
    /// `tune(16..=128, step=16)`
    Steps {
        /// The first.
        low: f64,
        /// From one to the next: a difference, or a factor where `log`.
        step: f64,
        /// How many there are.
        count: u64,
        /// Whether they grow by a factor.
        log: bool,
        /// Whether they are whole.
        whole: bool,
    },
    /// `tune(1e-4..1e-2, scale=log)`: any number between.
    Between {
        /// The least.
        low: f64,
        /// The largest.
        high: f64,
        /// Whether the largest itself may be taken.
        inclusive: bool,
        /// Whether small and large are as likely as each other by their logarithm.
        log: bool,
    },
}

/// One constant that is searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// What it is called: the parameter or setting it stands for, with its owner's name where that is not enough.
    pub name: String,
    /// The whole `tune(…)`.
    pub span: Span,
    /// What it may be.
    pub choices: Choices,
}

impl Variable {
    /// Where it stands.
    pub fn place(&self) -> Place {
        place_of(self.span)
    }
}

fn place_of(span: Span) -> Place {
    (span.file.0, span.start)
}

/// What `tune(…)` is, where it stands.
pub enum Chosen<'e> {
    /// This expression; what was asked about itself, where that is no `tune`.
    Expr(&'e Expr),
    /// This number.
    Value(Value),
}

/// The constants of a program that are searched for, and what each is taken to be.
#[derive(Default)]
pub struct Tunes {
    /// What the constant at a place is called: the innermost name first.
    labels: BTreeMap<Place, Vec<String>>,
    taken: RefCell<BTreeMap<Place, Choice>>,
    met: RefCell<BTreeMap<Place, Variable>>,
    /// What is being checked, where nothing is searched for.
    misplaced: Cell<Option<&'static str>>,
}

impl Choices {
    /// How many there are; nothing where any number between two will do.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Listed(all) => Some(all.len() as u64),
            Self::Steps { count, .. } => Some(*count),
            Self::Between { .. } => None,
        }
    }

    /// Those that are checked: all there are, or the ends and the middle of a range of which there is no telling how many.
    pub fn samples(&self) -> Vec<Choice> {
        match self {
            Self::Between { low, high, inclusive, log } => {
                let at = |share: f64| match log {
                    true => low * (high / low).powf(share),
                    false => low + (high - low) * share,
                };
                let last = if *inclusive { *high } else { at(0.999) };
                vec![Choice::Number(*low), Choice::Number(at(0.5)), Choice::Number(last)]
            }
            counted => (0..counted.count().unwrap_or(0)).map(Choice::Nth).collect(),
        }
    }

    /// What stands where nothing is chosen.
    pub fn first(&self) -> Choice {
        match self {
            Self::Between { low, .. } => Choice::Number(*low),
            _ => Choice::Nth(0),
        }
    }

    /// The number of a choice, where it is one.
    pub fn number(&self, choice: Choice) -> Option<Value> {
        match (self, choice) {
            (Self::Listed(all), Choice::Nth(index)) => all.get(index as usize).and_then(|(_, _, value)| value.clone()),
            (Self::Steps { low, step, log, whole, .. }, Choice::Nth(index)) => {
                let number = match log {
                    true => low * step.powf(index as f64),
                    false => low + step * index as f64,
                };
                Some(if *whole { Value::Int(number.round() as i64) } else { Value::Float(number) })
            }
            (_, Choice::Number(number)) => Some(Value::Float(number)),
            (Self::Between { .. }, Choice::Nth(_)) => None,
        }
    }

    /// A choice as it would be written in its place.
    pub fn written(&self, choice: Choice) -> String {
        match (self, choice) {
            (Self::Listed(all), Choice::Nth(index)) => {
                all.get(index as usize).map_or_else(String::new, |(text, _, _)| text.clone())
            }
            _ => match self.number(choice) {
                Some(Value::Int(number)) => number.to_string(),
                Some(Value::Float(number)) => format!("{number:?}"),
                _ => String::new(),
            },
        }
    }

    /// The choice that is written as `text`, or is the number it says.
    pub fn find(&self, text: &str) -> Option<Choice> {
        let number: Option<f64> = text.trim().replace('_', "").parse().ok();
        match self {
            Self::Listed(all) => {
                let same = |(written, _, value): &(String, Span, Option<Value>)| {
                    written == text.trim() || number.is_some() && value.as_ref().and_then(Value::number) == number
                };
                all.iter().position(same).map(|index| Choice::Nth(index as u64))
            }
            Self::Steps { low, step, count, log, .. } => {
                let number = number?;
                let index = if *log { (number / low).ln() / step.ln() } else { (number - low) / step };
                let near = (index - index.round()).abs() < 1e-6 && index > -0.5 && index < *count as f64 - 0.5;
                near.then(|| Choice::Nth(index.round() as u64))
            }
            Self::Between { low, high, inclusive, .. } => {
                let number = number?;
                let within = *low <= number && (number < *high || *inclusive && number == *high);
                within.then_some(Choice::Number(number))
            }
        }
    }

    /// In words: `16, 32 or 64`.
    pub fn describe(&self) -> String {
        const SHOWN: usize = 6;
        match self {
            Self::Listed(all) => {
                let shown: Vec<&str> = all.iter().take(SHOWN).map(|(text, _, _)| text.as_str()).collect();
                let more = if all.len() > SHOWN { ", …" } else { "" };
                format!("one of {}: {}{more}", all.len(), shown.join(", "))
            }
            Self::Steps { count, .. } => {
                let last = self.written(Choice::Nth(count.saturating_sub(1)));
                format!("one of {count}: {} to {last}", self.written(Choice::Nth(0)))
            }
            Self::Between { low, high, log, .. } => {
                format!("any number from {low:?} to {high:?}{}", if *log { ", by its logarithm" } else { "" })
            }
        }
    }
}

impl Tunes {
    /// What the constants that are searched for in these files are called.
    pub fn collect<'f>(files: impl Iterator<Item = &'f ast::File>) -> Self {
        let mut tunes = Self::default();
        // Most files search for nothing, and are not gone through.
        let tune = word(TUNE.name);
        for file in files {
            let mut searching = file.declarations.iter().filter(|piece| piece.words().contains(&tune)).peekable();
            if searching.peek().is_none() {
                continue;
            }
            let bodies = file
                .declarations
                .iter()
                .filter(|piece| !piece.is_sound() || matches!(piece.keyword(), Some("model" | "Model" | "block")));
            let models = bodies.filter_map(|piece| Some((piece.name.as_ref()?.text.as_str(), piece))).collect();
            let mut labels = Labels { models, labels: &mut tunes.labels };
            searching.for_each(|piece| labels.declaration(piece));
        }
        tunes
    }

    /// Whether the program searches for anything.
    pub fn any(&self) -> bool {
        !self.labels.is_empty()
    }

    /// Checks with these choices, the first of all others; answers what was searched for on the way.
    pub fn with<T>(&self, choices: &BTreeMap<Place, Choice>, work: impl FnOnce() -> T) -> (T, Vec<Variable>) {
        let before = self.taken.replace(choices.clone());
        let met = self.met.take();
        let done = work();
        self.taken.replace(before);
        (done, self.named(self.met.replace(met).into_values().collect()))
    }

    /// Checks what nothing searches for: a `tune` in it is an error.
    pub fn without<T>(&self, noun: &'static str, work: impl FnOnce() -> T) -> T {
        let before = self.misplaced.replace(Some(noun));
        let done = work();
        self.misplaced.set(before);
        done
    }

    /// Gives every variable the shortest name that no other has.
    pub fn named(&self, mut variables: Vec<Variable>) -> Vec<Variable> {
        let starts: Vec<Place> = variables.iter().map(Variable::place).collect();
        let name = |start: &Place, parts: usize| {
            let labels = self.labels.get(start).map_or(&[][..], Vec::as_slice);
            let kept: Vec<&str> = labels.iter().take(parts).rev().map(String::as_str).collect();
            if kept.is_empty() { "value".to_owned() } else { kept.join(".") }
        };
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let mut counts: [BTreeMap<String, usize>; 3] = Default::default();
        for (parts, counts) in counts.iter_mut().enumerate() {
            starts.iter().for_each(|start| *counts.entry(name(start, parts + 1)).or_default() += 1);
        }
        for variable in &mut variables {
            let unique = |parts: &usize| counts[*parts - 1].get(&name(&variable.place(), *parts)) == Some(&1);
            let called = name(&variable.place(), (1..=3).find(unique).unwrap_or(3));
            let same = taken.entry(called.clone()).or_default();
            *same += 1;
            variable.name = if *same > 1 { format!("{called}_{same}") } else { called };
        }
        variables
    }
}

/// Finds what each `tune` of a file stands for.
struct Labels<'a, 't> {
    models: BTreeMap<&'a str, &'a Piece>,
    labels: &'t mut BTreeMap<Place, Vec<String>>,
}

impl<'a> Labels<'a, '_> {
    fn model(&self, name: &str) -> Option<&'a ast::Model> {
        match &self.models.get(name)?.kind {
            ast::DeclarationKind::Model(model) | ast::DeclarationKind::Block(model) => Some(model),
            _ => None,
        }
    }

    fn declaration(&mut self, declaration: &'a ast::Declaration) {
        use ast::DeclarationKind as Kind;
        match &declaration.kind {
            Kind::Const { name, value } => self.expr(value, &[&name.text]),
            Kind::Model(model) | Kind::Block(model) => {
                let owner = model.name.text.as_str();
                for parameter in &model.parameters {
                    if let Some(default) = &parameter.default {
                        self.expr(default, &[&parameter.name.text, owner]);
                    }
                }
                self.body(&model.body, owner);
            }
            Kind::Train { name, settings } => {
                for entry in &settings.entries {
                    self.expr(&entry.value, &[&entry.key.text, &name.text]);
                }
            }
            _ => declaration.each_expr(&mut |expr| self.expr(expr, &[])),
        }
    }

    fn body(&mut self, body: &'a ast::Body, owner: &str) {
        for statement in &body.statements {
            match &statement.kind {
                StatementKind::Bind { name, value } => self.expr(value, &[&name.text, owner]),
                _ => statement.each_expr(&mut |expr| self.expr(expr, &[owner])),
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr, path: &[&str]) {
        match &expr.kind {
            ExprKind::Call { callee, arguments, .. } => {
                let ExprKind::Name(name) = &callee.kind else {
                    return expr.each_child(&mut |child| self.expr(child, path));
                };
                if name == TUNE.name {
                    self.labels.insert(place_of(expr.span), path.iter().map(|part| (*part).to_owned()).collect());
                }
                for (place, argument) in arguments.iter().enumerate() {
                    let parameter = match (&argument.name, self.model(name)) {
                        (Some(name), _) => Some(name.text.as_str()),
                        (None, Some(model)) => {
                            model.parameters.get(place).map(|parameter| parameter.name.text.as_str())
                        }
                        (None, None) => placed(name, place),
                    };
                    match parameter.filter(|_| name != TUNE.name) {
                        Some(parameter) => self.expr(&argument.value, &[parameter, name]),
                        None => self.expr(&argument.value, path),
                    }
                }
            }
            ExprKind::Record(record) => {
                for entry in &record.entries {
                    let mut inner = vec![entry.key.text.as_str()];
                    inner.extend_from_slice(path);
                    self.expr(&entry.value, &inner);
                }
            }
            _ => expr.each_child(&mut |child| self.expr(child, path)),
        }
    }
}

/// The parameter that an argument without a name is given to.
fn placed(callee: &str, place: usize) -> Option<&'static str> {
    let optimizer = || crate::settings::optimizers::OPTIMIZERS.find(callee).map(|method| &method.signature);
    let schedule = || crate::settings::schedules::SCHEDULES.find(callee).map(|method| &method.signature);
    let loss = || crate::settings::losses::find(callee).map(|loss| &loss.signature);
    let layer = crate::layers::find(callee).map(|layer| &layer.signature);
    let signature = layer.or_else(optimizer).or_else(schedule).or_else(loss)?;
    signature.parameters.get(place).map(|parameter| parameter.name)
}

impl Context<'_> {
    /// What an expression is: itself, or the choice that a `tune(…)` is taken to be.
    pub fn chosen<'e>(&mut self, expr: &'e Expr) -> Chosen<'e> {
        let mut expr = expr;
        // A choice may be a search of its own.
        loop {
            let ExprKind::Call { callee, arguments, brackets } = &expr.kind else { return Chosen::Expr(expr) };
            if !matches!(&callee.kind, ExprKind::Name(name) if name == TUNE.name) {
                return Chosen::Expr(expr);
            }
            match self.tune(expr, callee.span, arguments, *brackets) {
                Chosen::Expr(choice) => expr = choice,
                value => return value,
            }
        }
    }

    fn tune<'e>(&mut self, expr: &'e Expr, head: Span, arguments: &'e [Argument], brackets: Span) -> Chosen<'e> {
        self.fact(head, FactKind::Signature(&TUNE));
        if let Some(noun) = self.names.all.tunes.misplaced.get() {
            self.report(
                Diagnostic::new(Code::TuneMisplaced, expr.span, format!("nothing searches for a value in a {noun}"))
                    .label("a `tune` belongs to what a `train` trains")
                    .help("a `train` tries the choices; here, write the value itself"),
            );
            let first = arguments.iter().find(|argument| argument.name.is_none());
            return match first.filter(|first| !matches!(first.value.kind, ExprKind::Range { .. })) {
                Some(first) => Chosen::Expr(&first.value),
                None => Chosen::Value(Value::Unknown),
            };
        }
        let (listed, named): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.name.is_none());
        let site = Site { head, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&TUNE, named.into_iter().map(Given::from), site);
        if bound.faulty {
            return Chosen::Value(Value::Unknown);
        }
        let choices = match listed.as_slice() {
            [] => {
                self.report(
                    Diagnostic::new(Code::MissingArgument, head, "`tune` needs something to choose from")
                        .label("no choices")
                        .help("list them, `tune(16, 32, 64)`, or give a range, `tune(1e-4..1e-2, scale=log)`"),
                );
                None
            }
            [Argument { value, .. }] if matches!(value.kind, ExprKind::Range { .. }) => {
                let step = bound.value("step").and_then(Value::number);
                let log = bound.word("scale") == "log";
                self.range_choices(value, step.zip(bound.expr("step").map(|expr| expr.span)), log)
            }
            several => {
                let given = ["step", "scale"].into_iter().find_map(|name| bound.expr(name).map(|expr| (name, expr)));
                if let Some((name, at)) = given {
                    let fault = Diagnostic::new(
                        Code::Conflict,
                        at.span,
                        format!("`{name}` is for a range, and the choices are listed"),
                    );
                    self.report(fault.label("means nothing here").help("a range is written `tune(16..=128, step=16)`"));
                    return Chosen::Value(Value::Unknown);
                }
                self.listed_choices(several)
            }
        };
        let Some(choices) = choices else { return Chosen::Value(Value::Unknown) };
        let start = place_of(expr.span);
        let taken = self.names.all.tunes.taken.borrow().get(&start).copied();
        let fact = format!("tune: {}", choices.describe());
        let name = self.names.all.tunes.labels.get(&start).and_then(|labels| labels.first().cloned());
        self.fact(
            expr.span,
            FactKind::Value {
                name: name.unwrap_or_else(|| "value".into()),
                kind: fact,
                docs: None,
                definition: expr.span,
            },
        );
        let choice = taken.unwrap_or_else(|| choices.first());
        let chosen = match (&choices, choice) {
            (Choices::Listed(_), Choice::Nth(index)) => match listed.get(index as usize) {
                Some(argument) => Chosen::Expr(&argument.value),
                None => Chosen::Value(Value::Unknown),
            },
            _ => Chosen::Value(choices.number(choice).unwrap_or(Value::Unknown)),
        };
        let variable = Variable { name: String::new(), span: expr.span, choices };
        self.names.all.tunes.met.borrow_mut().insert(start, variable);
        chosen
    }

    fn listed_choices(&mut self, listed: &[&Argument]) -> Option<Choices> {
        if let [Argument { value: Expr { kind: ExprKind::List(items), span }, .. }] = listed
            && items.len() > 1
        {
            let inner = self
                .names
                .source
                .text
                .get(span.start as usize + 1..(span.end as usize).saturating_sub(1))
                .unwrap_or("");
            self.report(
                Diagnostic::new(Code::WrongType, *span, "`tune` takes its choices one by one, and this is one list")
                    .label("a single choice")
                    .fix(
                        "write them without `[` and `]`",
                        *span,
                        inner.trim(),
                        crate::diagnostics::Applicability::Safe,
                    ),
            );
            return None;
        }
        let mut all: Vec<(String, Span, Option<Value>)> = Vec::new();
        let mut given: HashMap<&str, Span> = HashMap::default();
        for argument in listed {
            let span = argument.value.span;
            if matches!(argument.value.kind, ExprKind::Error) {
                return None;
            }
            if matches!(argument.value.kind, ExprKind::Range { .. }) {
                let fault = Diagnostic::new(Code::ExtraArgument, span, "a range stands alone in a `tune`");
                self.report(fault.label("beside other choices"));
                return None;
            }
            let text = self.names.text(span);
            if let Some(first) = given.insert(text, span) {
                let fault = Diagnostic::new(Code::Duplicate, span, format!("the choice `{text}` is given twice"));
                self.report(fault.label("given again here").related(first, "first given here"));
                return None;
            }
            all.push((text.to_owned(), span, plain(&argument.value)));
        }
        Some(Choices::Listed(all))
    }

    fn range_choices(&mut self, range: &Expr, step: Option<(f64, Span)>, log: bool) -> Option<Choices> {
        let ExprKind::Range { start, end, inclusive } = &range.kind else { return None };
        let (Some(start), Some(end)) = (start, end) else {
            let fault = Diagnostic::new(Code::OutOfRange, range.span, "a search needs both ends of its range");
            self.report(fault.label("open").help("such as `tune(16..=128, step=16)`"));
            return None;
        };
        let (low, high) = (self.evaluate(start), self.evaluate(end));
        if low == Value::Unknown || high == Value::Unknown {
            return None;
        }
        let whole =
            matches!((&low, &high), (Value::Int(_), Value::Int(_))) && step.is_none_or(|(step, _)| step.fract() == 0.0);
        let (Some(low), Some(high)) = (low.number(), high.number()) else {
            let fault = Diagnostic::new(Code::WrongType, range.span, "the ends of a range are numbers");
            self.report(fault.label("expected numbers"));
            return None;
        };
        let least = if *inclusive { high < low } else { high <= low };
        let fault = if least {
            Some((range.span, format!("no number is in the range from {low} to {high}"), "empty"))
        } else if log && low <= 0.0 {
            Some((start.span, "a range on a logarithmic scale begins above 0".to_owned(), "not above 0"))
        } else if let Some((_, at)) = step.filter(|(step, _)| log && *step <= 1.0) {
            Some((at, "on a logarithmic scale a step is a factor above 1".to_owned(), "not above 1"))
        } else {
            None
        };
        if let Some((span, message, label)) = fault {
            self.report(Diagnostic::new(Code::OutOfRange, span, message).label(label));
            return None;
        }
        let step = match (step, whole && !log) {
            (Some((step, _)), _) => step,
            (None, true) => 1.0,
            (None, false) => return Some(Choices::Between { low, high, inclusive: *inclusive, log }),
        };
        let steps = if log { (high / low).ln() / step.ln() } else { (high - low) / step };
        // An end that is met but for rounding counts as met.
        let whole_steps = (steps + 1e-9).floor();
        let met = (steps - whole_steps).abs() < 1e-9;
        let count = if met && !*inclusive { whole_steps } else { whole_steps + 1.0 };
        if count > MAX_CHOICES as f64 {
            let fault = Diagnostic::new(
                Code::OutOfRange,
                range.span,
                format!("a search goes through at most {MAX_CHOICES} steps"),
            );
            self.report(fault.label("a larger step would do").help(format!("this has about {count:.0}")));
            return None;
        }
        Some(Choices::Steps { low, step, count: count.max(1.0) as u64, log, whole })
    }

    /// Refuses every `tune` in what nothing searches for.
    pub fn without_tune<T>(&mut self, noun: &'static str, work: impl FnOnce(&mut Self) -> T) -> T {
        let names = self.names;
        names.all.tunes.without(noun, || work(self))
    }

    /// The expression of a setting that is read as it stands.
    pub fn choice_of<'e>(&mut self, expr: &'e Expr) -> &'e Expr {
        match self.chosen(expr) {
            Chosen::Expr(expr) => expr,
            Chosen::Value(_) => expr,
        }
    }
}

/// The value of a choice that is written out.
fn plain(expr: &Expr) -> Option<Value> {
    Some(match &expr.kind {
        ExprKind::Int(number) => Value::Int(*number),
        ExprKind::Float(number) | ExprKind::Percent(number) => Value::Float(*number),
        ExprKind::Bool(truth) => Value::Bool(*truth),
        ExprKind::Str(text) | ExprKind::Name(text) => Value::Text(text.as_str().into()),
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => match plain(operand)? {
            Value::Int(number) => Value::Int(number.checked_neg()?),
            Value::Float(number) => Value::Float(-number),
            _ => return None,
        },
        _ => return None,
    })
}
