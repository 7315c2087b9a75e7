//! The flow of a body: its statements in order, each moving the current value `it` or naming something.
//!
//! What stands between braces is unrolled while it is checked: [`apply`] uses blocks and models, [`repeat`] writes its rounds out,
//! [`branch`] runs bodies side by side, [`condition`] chooses one. [`share`] keeps weights for several uses; [`unit`] names
//! layers; [`bounds`] and [`calls`] see to it that a short text does not unroll to more than can be checked.

mod apply;
mod bounds;
mod branch;
mod calls;
mod checks;
mod condition;
mod field;
mod heads;
mod index;
mod inputs;
mod operator;
mod parameters;
mod repeat;
mod rows;
mod share;
mod unit;

use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Body, Expr, ExprKind, Ident, Statement, StatementKind};

pub use apply::{Call, Naming, Supply, Uses};
pub use bounds::{FAULT_STEPS, LAYER_STEPS, MAX_COLUMNS, Unrolled, most_steps};
pub use calls::Calls;
pub(super) use checks::shown;
pub use field::Part;
pub use heads::Predicted;
pub use inputs::is_input;
pub(super) use operator::Operation;
pub(super) use parameters::{GivenTo, input_named, output_named};
pub use rows::{Row, RowColumn, RowPlace};
pub use share::Shared;
pub use unit::Unit;

use super::context::Context;
use super::facts::FactKind;
use super::habits;
use super::index::SymbolKind;
use super::scope::Binding;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit};
use crate::ir::{Op, ValueId};
use crate::{activations, functions, layers};

/// What a body answered.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Its outputs, in order: those of its `output` lines or else the last value; nothing where a fault keeps one from being
    /// known.
    pub outputs: Vec<(String, Option<ValueId>)>,
    /// The first output's name.
    pub output_name: String,
    /// The first output; nothing where a fault keeps it from being known.
    pub output: Option<ValueId>,
    /// How a `Flatten()` would be written before the `Dense` that makes an output of several axes.
    pub flatten: Option<Edit>,
    /// Whether a statement could not be read, so that it may hold any name.
    pub unread: bool,
    /// Whether every input is what it would be wherever the body is used, so that checking it once is enough.
    pub settled: bool,
}

/// What the statements of a block or model did.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// What its `output` lines say.
    outputs: Vec<(Ident, Value)>,
    /// How many statements moved the flow.
    moves: usize,
    /// The name the last of them gave.
    last: Option<String>,
    /// How many inputs it has.
    inputs: usize,
    /// How many of them are what they would be wherever the body is used.
    settled: usize,
}

impl<'a> Context<'a> {
    /// Checks the statements of `model` with its parameters already in scope.
    pub fn body(&mut self, model: &'a ast::Model, supply: Supply<'_>) -> Built {
        let answers = self.run(model, supply);
        self.whole(model, &answers);
        let tensor = |value: &Value| match value {
            Value::Tensor(id) => Some(*id),
            _ => None,
        };
        let mut outputs: Vec<(String, Option<ValueId>)> =
            answers.outputs.iter().map(|(name, value)| (name.text.clone(), tensor(value))).collect();
        if outputs.is_empty() {
            let last = self.flow.as_ref().filter(|_| answers.moves > 0).cloned();
            match last {
                Some(Value::Record(values)) => {
                    outputs.extend(values.iter().map(|(name, value)| (name.to_string(), tensor(value))));
                }
                last => {
                    outputs.push((answers.last.unwrap_or_else(|| "output".into()), last.as_ref().and_then(tensor)));
                }
            }
        }
        let (output_name, output) = outputs.first().cloned().unwrap_or_else(|| ("output".into(), None));
        let flatten = output.and_then(|output| self.flatten_before(output));
        let lost = |statement: &Statement| matches!(statement.kind, StatementKind::Error);
        let unread = model.body.statements.iter().any(lost) || self.findings.lost_in(model.body.span);
        let settled = answers.settled == answers.inputs;
        Built { outputs, output_name, output, flatten, unread, settled }
    }

    /// Goes through the statements of a block or model.
    pub(super) fn run(&mut self, model: &'a ast::Model, supply: Supply<'_>) -> Answers {
        let mut answers = Answers::default();
        let inputs = self.inputs(model, &supply);
        answers.inputs = inputs.iter().flatten().count();
        answers.settled = inputs.iter().flatten().filter(|input| input.settled).count();
        self.flow = match &supply {
            Supply::Use { first, .. } if answers.inputs == 0 => first.clone(),
            Supply::Open if answers.inputs == 0 => Some(Value::Unknown),
            _ => None,
        };
        let block = matches!(supply, Supply::Use { block: true, .. } | Supply::Open);
        let mut first = true;
        for (statement, input) in model.body.statements.iter().zip(inputs) {
            if let Some(input) = input {
                // With several inputs there is no one value to go on with, unless the first is what a block is applied to.
                if answers.inputs == 1 || block && first {
                    self.flow = Some(input.value.clone());
                }
                first = false;
                self.findings.declares(input.name.span, SymbolKind::Input);
                self.bind_name(&input.name, input.value, statement.docs.as_deref());
                continue;
            }
            match &statement.kind {
                StatementKind::Output { name, value } => {
                    // `output z = z` gives a value out under the name it has.
                    let named = matches!(&value.kind, ExprKind::Name(word) if *word == name.text)
                        && self.scope.contains_key(&name.text);
                    let value = self.output_value(value, name);
                    self.note_flow(statement.span, &value);
                    match self.scope.get(&name.text).map(|binding| binding.definition).filter(|_| named) {
                        Some(definition) => self.findings.names(name.span, definition),
                        None => {
                            self.findings.declares(name.span, SymbolKind::Output);
                            self.bind_name(name, value.clone(), statement.docs.as_deref());
                        }
                    }
                    answers.outputs.push((name.clone(), value));
                }
                _ => {
                    if let Some(name) = self.statement(statement) {
                        answers.moves += 1;
                        answers.last = name;
                    }
                }
            }
        }
        answers
    }

    /// The value of a body between braces, which starts on the current value and leaves it where it was.
    ///
    /// With `numbers` its value may be one: that of an `if` is.
    pub(super) fn braces(&mut self, body: &Body, numbers: bool) -> Value {
        let before = self.flow.clone();
        let numbers = std::mem::replace(&mut self.numbers, numbers);
        self.scope.enter();
        self.statements(body);
        self.scope.leave();
        self.numbers = numbers;
        std::mem::replace(&mut self.flow, before).unwrap_or(Value::Unknown)
    }

    /// The statements of a body between braces.
    pub(super) fn statements(&mut self, body: &Body) {
        for statement in &body.statements {
            match &statement.kind {
                StatementKind::Output { name, .. } | StatementKind::Input { name, .. } => {
                    let word = if matches!(statement.kind, StatementKind::Input { .. }) { "input" } else { "output" };
                    let message = format!("`{word}` stands in the body of a model or block itself");
                    self.report(
                        Diagnostic::new(Code::NoEffect, statement.span, message).label("not inside other braces"),
                    );
                    self.bind_name(name, Value::Unknown, None);
                }
                _ => {
                    self.statement(statement);
                }
            }
        }
    }

    /// One statement; where it moved the flow, the name it gave to the new value.
    #[expect(clippy::option_option, reason = "whether the flow was moved, and whether that has a name")]
    fn statement(&mut self, statement: &Statement) -> Option<Option<String>> {
        match &statement.kind {
            StatementKind::Bind { name, value } => {
                if is_input(value) {
                    // Reported where the inputs are collected, or here where none may stand.
                    self.misplaced_input(value);
                    self.bind_name(name, Value::Unknown, statement.docs.as_deref());
                    return None;
                }
                if let (Some((layer, applied_to)), true) = (habits::behind(value), self.scope.contains_key(&name.text))
                {
                    // `x = Dense(64)(x)`: that `x` has its name already is a part of the same habit.
                    let fault = self.applied_behind(layer, applied_to, value.span, Some(statement.span));
                    self.report(fault);
                    self.flow = Some(self.given_up());
                    return Some(None);
                }
                if let Some(known) = self.scope.get(&name.text).cloned() {
                    self.evaluate(value);
                    self.findings.names(name.span, known.definition);
                    self.named_again(name, known.definition, value.span);
                    // What the name stands for from here on is not known, and nothing follows from that.
                    self.define(&name.text, Binding { value: Value::Unknown, ..known });
                    self.flow = Some(self.given_up());
                    return Some(None);
                }
                let value = self.evaluate(value);
                self.note_flow(statement.span, &value);
                self.bind_name(name, value, statement.docs.as_deref());
                None
            }
            StatementKind::Flow { value, name, column } => {
                if is_input(value) {
                    self.misplaced_input(value);
                    return None;
                }
                let result = self.flow(value, name.as_ref());
                self.note_flow(statement.span, &result);
                if let Some(path) = column {
                    self.predicts(&result, path, value);
                }
                if let Some(name) = name {
                    self.bind_name(name, result.clone(), statement.docs.as_deref());
                }
                self.flow = Some(result);
                Some(name.as_ref().map(|name| name.text.clone()))
            }
            StatementKind::Share { name, layer } => {
                self.share(name, layer, statement.docs.as_deref());
                None
            }
            StatementKind::Check { condition } => {
                self.check(condition);
                None
            }
            StatementKind::Input { .. } | StatementKind::Output { .. } => None,
            StatementKind::Error => {
                // What it would have made is not known, and nothing more is said of it.
                self.flow = Some(Value::Unknown);
                Some(None)
            }
        }
    }

    /// Reports a block or model without an input, or one that does nothing with it.
    fn whole(&mut self, model: &ast::Model, answers: &Answers) {
        if answers.moves > 0 || !answers.outputs.is_empty() {
            return;
        }
        let name = &model.name;
        let noun = self.names.get(&name.text).map_or("model", |entry| entry.kind.noun());
        let fault = match (answers.inputs, noun) {
            (0, "block") => Diagnostic::new(Code::NoValue, name.span, format!("the block `{}` is empty", name.text))
                .label("no layers"),
            (0, _) => Diagnostic::new(Code::NoValue, name.span, format!("the model `{}` is empty", name.text))
                .label("no input and no layers")
                .help("begin with an input, such as `input image: f32[28, 28, 1]`"),
            (1, _) => Diagnostic::new(
                Code::NoValue,
                name.span,
                format!("the {noun} `{}` does nothing with its input", name.text),
            )
            .label("no layers"),
            _ => Diagnostic::new(
                Code::NoValue,
                name.span,
                format!("the {noun} `{}` does nothing with its inputs", name.text),
            )
            .label("no layers"),
        };
        self.report(fault);
    }

    fn output_value(&mut self, expr: &Expr, name: &Ident) -> Value {
        match self.applied(expr, Some(name)) {
            value @ (Value::Tensor(_) | Value::Unknown) => value,
            other => {
                let message = format!("an output is a tensor, not {}", other.describe());
                self.report(Diagnostic::new(Code::WrongType, expr.span, message).label("expected a tensor"));
                Value::Unknown
            }
        }
    }

    fn flow(&mut self, value: &Expr, name: Option<&Ident>) -> Value {
        if let Some(value) = self.bare_word(value) {
            return value;
        }
        let result = self.applied(value, name);
        self.report_oversized();
        match result {
            Value::Tensor(id) => {
                if let Some(name) = name {
                    self.builder.name(id, name.text.clone());
                }
                result
            }
            // A body of numbers is the value of the `if` it stands in, which is checked where that is used.
            number if self.numbers => number,
            result if result.holds_tensors() && result != Value::List([].into()) => result,
            other => {
                self.report(
                    Diagnostic::new(Code::NoEffect, value.span, format!("{} is not a tensor", other.describe()))
                        .label("a statement's value becomes the current value")
                        .help("`name = value` gives a number a name"),
                );
                Value::Unknown
            }
        }
    }

    /// The value of a statement's expression, its call named by what stands after `as`.
    fn applied(&mut self, value: &Expr, name: Option<&Ident>) -> Value {
        match &value.kind {
            ExprKind::Call { callee, arguments, brackets } => {
                self.spend(1);
                self.statement_call = Some(value.span);
                let result = self.call(value, callee, arguments, *brackets, None, name);
                self.statement_call = None;
                result
            }
            ExprKind::Pipe { value: piped, call } => {
                let piped = self.evaluate(piped);
                self.pipe(piped, call, name)
            }
            _ => self.evaluate(value),
        }
    }

    /// Reports the name of a layer or an activation that is not called.
    fn bare_word(&mut self, value: &Expr) -> Option<Value> {
        let ExprKind::Name(word) = &value.kind else { return None };
        if self.names_a_value(word, value) || word == "it" {
            return None;
        }
        if activations::find(word).is_some() {
            self.report(
                Diagnostic::new(Code::NoEffect, value.span, format!("`{word}` alone does nothing"))
                    .label("a function that is not called")
                    .fix("apply it to the current value", value.span, format!("{word}(it)"), Applicability::Safe),
            );
            return Some(self.flow.clone().unwrap_or(Value::Unknown));
        }
        let block = self.names.get(word).filter(|entry| entry.has_body());
        if layers::find(word).is_some() || block.is_some() {
            let what = if block.is_some() { "block" } else { "layer" };
            self.report(
                Diagnostic::new(Code::NoEffect, value.span, format!("`{word}` is not applied"))
                    .label(format!("a {what} needs its brackets"))
                    .fix("add the brackets", value.span.after(), "()", Applicability::Guess),
            );
            return Some(Value::Unknown);
        }
        None
    }

    /// Puts a name in scope and reports one that is taken.
    pub(super) fn bind_name(&mut self, name: &Ident, value: Value, docs: Option<&str>) {
        let kind = if matches!(value, Value::Shared(_)) { SymbolKind::Shared } else { SymbolKind::Local };
        self.findings.declares(name.span, kind);
        let taken = match self.scope.get(&name.text) {
            Some(binding) => Some((binding.definition, "first named here".to_owned())),
            None => self
                .names
                .get(&name.text)
                .map(|entry| (entry.name.span, format!("the {} `{}` is declared here", entry.kind.noun(), name.text))),
        };
        if let Some((span, text)) = taken {
            self.report(taken_name(name, span, text));
            return;
        }
        // A function is never named without its brackets, so a value may have its name: `output mean = …`. A shared layer may
        // not, as it is called too.
        let called = matches!(value, Value::Shared(_)) && functions::find(&name.text).is_some();
        if name.text == "it" || activations::find(&name.text).is_some() || called {
            self.report(
                Diagnostic::new(Code::Shadowing, name.span, format!("`{}` is a word of the language", name.text))
                    .label("choose another name"),
            );
            return;
        }
        let docs: Option<Arc<str>> = docs.map(Arc::from);
        if self.notes() {
            let kind = self.describe(&value);
            let fact = FactKind::Value { name: name.text.clone(), kind, docs: docs.clone(), definition: name.span };
            self.fact(name.span, fact);
        }
        if let (true, Value::Tensor(id)) = (self.keeps_names, &value) {
            self.builder.called(self.unit.path(&name.text), *id, false);
        }
        self.define(&name.text, Binding { value, definition: name.span, docs });
    }

    /// Reports `x = relu(x)`, where `x` has its value already.
    fn named_again(&mut self, name: &Ident, definition: Span, value: Span) {
        let fault = taken_name(name, definition, "first named here".to_owned());
        let mark = Span { end: value.start, ..name.span };
        self.report(fault.fix(
            format!("leave out `{} =`, for a new current value", name.text),
            mark,
            "",
            Applicability::Guess,
        ));
    }

    /// How a `Flatten()` would be written before the `Dense` that makes `output`, where that has several axes.
    fn flatten_before(&self, output: ValueId) -> Option<Edit> {
        let graph = self.builder.graph();
        let mut id = output;
        loop {
            let node = graph.producer(id)?;
            match node.op {
                Op::Unary(_) | Op::Softmax { .. } | Op::LogSoftmax { .. } | Op::Dropout { .. } => {
                    id = *node.inputs.first()?;
                }
                Op::Linear => {
                    let layer = &graph.layers[node.layer?.0 as usize];
                    return self.flatten_edits.get(&(layer.span.file, layer.span.start)).cloned();
                }
                _ => return None,
            }
        }
    }
}

/// The fault of naming something as what `text` says of `span` is named.
fn taken_name(name: &Ident, span: Span, text: String) -> Diagnostic {
    Diagnostic::new(Code::Duplicate, name.span, format!("`{}` is already a name here", name.text))
        .label("choose another name")
        .related(span, text)
        .help("a name keeps its value; a statement without `name =` makes a new current value, `it`")
}
