//! Uses of blocks and models: their bodies are unrolled where they are applied, each use with layers and weights of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Argument, Ident};

use super::bounds::{LAYER_STEPS, Unrolled};
use super::field::Part;
use super::unit::Unit;
use crate::check::context::Context;
use crate::check::facts::FactKind;
use crate::check::model::declared_inputs;
use crate::check::names::Entry;
use crate::check::scope::Binding;
use crate::check::settings::Feeds;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{GroupKind, ValueId};

/// How a block or model is used, as far as its parameters go.
#[derive(Clone, Copy)]
pub enum Uses<'e> {
    /// Alone, by its defaults.
    Alone,
    /// By a call.
    Call {
        /// The arguments.
        arguments: &'e [Argument],
        /// Where a missing argument is reported.
        head: Span,
        /// The call.
        call: Span,
    },
}

/// Where the inputs of a block or model come from.
pub enum Supply<'s> {
    /// From outside: a model that is checked alone.
    Outside,
    /// From a use that is not known yet: a block that is checked alone.
    Open,
    /// From the fields of a dataset.
    Feeds(&'s Feeds),
    /// From the body that uses it.
    Use {
        /// The name of the block or model.
        name: &'s str,
        /// What it is applied to.
        first: Option<Value>,
        /// What the call gives for inputs by their names.
        named: &'s BTreeMap<String, (Value, Span)>,
        /// Where the call names it.
        head: Span,
        /// Whether it is a block, whose first input is the flow.
        block: bool,
    },
}

/// A call as it is written.
#[derive(Clone, Copy)]
pub struct Call<'e> {
    /// The whole of it.
    pub span: Span,
    /// What is called.
    pub name: &'e str,
    /// Where that stands.
    pub head: Span,
    /// The arguments.
    pub arguments: &'e [Argument],
    /// From the opening bracket to the closing one.
    pub brackets: Span,
}

/// Where the name of a layer or of a use of a block comes from.
#[derive(Clone, Copy)]
pub enum Naming<'e> {
    /// From what stands after `as`, or from its kind.
    Hint(Option<&'e Ident>),
    /// It is that of a shared layer.
    Fixed(&'e str),
}

impl Naming<'_> {
    /// Whether it is an application of a shared layer.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

/// What several outputs are known by.
pub(super) fn tensors(values: &[(Arc<str>, Value)]) -> Vec<ValueId> {
    let tensor = |(_, value): &(Arc<str>, Value)| match value {
        Value::Tensor(id) => Some(*id),
        _ => None,
    };
    values.iter().filter_map(tensor).collect()
}

impl<'a> Context<'a> {
    /// The name of the layer or block of `kind` that is called.
    pub(in crate::check) fn layer_name(&mut self, kind: &str, naming: Naming<'_>, site: Span) -> String {
        match naming {
            Naming::Fixed(name) => name.to_owned(),
            Naming::Hint(hint) => self.unit.name(kind, hint.map(|hint| hint.text.as_str()), site),
        }
    }

    /// Applies the block or model `model` to `piped`, or else to the flow.
    pub(in crate::check) fn apply(
        &mut self,
        entry: Entry<'a>,
        model: &'a ast::Model,
        call: Call<'_>,
        piped: Option<Value>,
        naming: Naming<'_>,
    ) -> Value {
        let noun = entry.kind.noun();
        if self.notes() {
            let kind = format!("{noun} {}", model.name.text);
            let fact = FactKind::Value { name: call.name.to_owned(), kind, docs: None, definition: entry.name.span };
            self.fact(call.head, fact);
        }
        let inputs = declared_inputs(model);
        let given = self.split_arguments(model, call.arguments, &inputs);
        let flow_wanted = inputs.first().is_none_or(|first| !given.inputs.contains_key(*first));
        let first = match piped.or_else(|| self.flow.clone()) {
            Some(value @ (Value::Tensor(_) | Value::Row(_))) => value,
            Some(value) if inputs.is_empty() && value.holds_tensors() && value != Value::Unknown => value,
            _ if !flow_wanted => Value::Unknown,
            Some(Value::Unknown) => {
                self.bind_apart(model, &given, call);
                return self.given_up();
            }
            Some(other) => {
                let message = format!("`{}` works on a tensor, not on {}", call.name, other.describe());
                self.report(Diagnostic::new(Code::WrongType, call.span, message).label("expected a tensor before it"));
                return self.given_up();
            }
            None => {
                self.nothing_before(call.name, call.head);
                return self.given_up();
            }
        };
        for input in inputs.iter().skip(1).filter(|input| !given.inputs.contains_key(**input)) {
            self.report(
                Diagnostic::new(Code::MissingArgument, call.head, format!("`{}` needs `{input}`", call.name))
                    .label(format!("`{input}` not given"))
                    .related(model.name.span, format!("an input of `{}`, after the first", call.name))
                    .help(format!("an input is given by its name: `{}(…, {input}=…)`", call.name)),
            );
        }
        let named = given.inputs.values().any(|(value, _)| *value == Value::Unknown);
        if self.dry || named || given.faulty || !self.names.calls().may_unroll(entry.name.span) {
            self.bind_apart(model, &given, call);
            return self.given_up();
        }
        if !self.spend(LAYER_STEPS) {
            return self.given_up();
        }
        let name = self.layer_name(&model.name.text, naming, call.span);
        let start = self.builder.begin_group();
        let so_far = self.graph_so_far();

        let unit = std::mem::replace(&mut self.unit, Unit::new(Some(&name), &model.body));
        let flow = self.flow.take();
        let sharing = self.sharing;
        self.sharing |= naming.is_shared();
        let numbers = std::mem::replace(&mut self.numbers, false);
        let statement = self.statement_call.take();
        // The first use says most of a body; the others say the same again.
        let noted = self.open || !self.findings.noted.insert(entry.name.span);
        let unnoted = std::mem::replace(&mut self.unnoted, noted);
        self.scope.enter_block();
        self.unrolled.push(Unrolled {
            at: call.span,
            body: model.name.span.to(model.body.span),
            round: None,
            given: !call.arguments.is_empty(),
        });
        self.bind_parameters(model, &given, Some(call.head));
        let supply = Supply::Use {
            name: call.name,
            first: Some(first.clone()),
            named: &given.inputs,
            head: call.head,
            block: noun == "block",
        };
        let names = self.enter(model.name.span);
        let answers = self.run(model, supply);
        self.names = names;
        let value = match answers.outputs.as_slice() {
            [] if answers.moves > 0 => self.flow.take().unwrap_or(Value::Unknown),
            // That it does nothing is said of the block itself.
            [] => Value::Unknown,
            [(_, value)] => value.clone(),
            several => {
                let values: Vec<(Arc<str>, Value)> =
                    several.iter().map(|(name, value)| (name.text.as_str().into(), value.clone())).collect();
                Value::Record(values.into())
            }
        };
        self.unrolled.pop();
        let inner = self.scope.leave();
        self.unnoted = unnoted;
        self.statement_call = statement;
        self.numbers = numbers;
        self.sharing = sharing;
        self.flow = flow;
        self.unit = unit;

        if self.notes() && value != Value::Unknown {
            let report = self.use_report(name.clone(), so_far, &first, &value);
            self.fact(call.head, FactKind::Used(report));
        }
        let tensor = |value: &Value| match value {
            Value::Tensor(id) => Some(*id),
            _ => None,
        };
        let of = model.name.text.clone();
        let arguments = self.given_to_block(&model.parameters, &given, call.arguments);
        let kind = || GroupKind::Use { name: name.clone(), of, given: arguments };
        self.builder.end_group(start, kind, call.span, [tensor(&first), tensor(&value)]);
        let outside = |name: &String| !model.parameters.iter().any(|parameter| parameter.name.text == *name);
        let inner = inner.into_iter().filter(|(name, _)| outside(name)).map(|(name, binding)| (name, binding.value));
        let part = Arc::new(Part {
            name,
            kind: model.name.text.clone(),
            inner: inner.collect(),
            block: true,
            made: Vec::new(),
        });
        match &value {
            Value::Tensor(id) => _ = self.parts.insert(*id, part),
            Value::Record(values) => _ = self.wholes.insert(tensors(values), part),
            _ => {}
        }
        if value == Value::Unknown { self.given_up() } else { value }
    }

    /// Reports a layer or block that stands before any value.
    pub(in crate::check) fn nothing_before(&mut self, name: &str, head: Span) {
        let message = format!("there is nothing yet that `{name}` could be applied to");
        let fault = Diagnostic::new(Code::NoValue, head, message).label("no value before it");
        let fault = fault.help(self.how_to_begin(&format!("{name}(…)")));
        self.report(fault);
    }

    /// How a body gets its first value: from an input, or from the one of several that is meant.
    pub(in crate::check) fn how_to_begin(&self, call: &str) -> String {
        let tensor = |name: &&String| matches!(self.scope.get(name), Some(Binding { value: Value::Tensor(_), .. }));
        match self.scope.keys().find(tensor) {
            Some(first) => format!("of several inputs one has to be named: `{first} |> {call}`"),
            None => "begin the model with an input, such as `input image: f32[28, 28, 1]`".to_owned(),
        }
    }
}
