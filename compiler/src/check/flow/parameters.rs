//! The parameters of blocks and models: what a use gives meets what is declared.

use std::collections::BTreeMap;

use foldhash::HashMap;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Argument, Expr, ExprKind, StatementKind};

use super::apply::Call;
use super::inputs::is_input;
use crate::check::arguments::Given;
use crate::check::context::Context;
use crate::check::facts::FactKind;
use crate::check::index::SymbolKind;
use crate::check::scope::Binding;
use crate::check::settings::Chosen;
use crate::check::unused::find_name;
use crate::check::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::suggest::{either, nearest};

/// The kinds of parameters.
const KINDS: [&str; 6] = ["int", "float", "bool", "string", "activation", "list"];

/// Where a model declares the input called `name`.
pub(in crate::check) fn input_named(model: &ast::Model, name: &str) -> Option<Span> {
    model.body.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Input { name: declared, .. } if declared.text == name => Some(declared.span),
        StatementKind::Flow { value, name: Some(declared), .. } if is_input(value) && declared.text == name => {
            Some(declared.span)
        }
        StatementKind::Flow { value, name: None, .. } if is_input(value) && name == "input" => match &value.kind {
            ExprKind::Call { callee, .. } => Some(callee.span),
            _ => None,
        },
        _ => None,
    })
}

/// Where a model names the output called `name`.
pub(in crate::check) fn output_named(model: &ast::Model, name: &str) -> Option<Span> {
    model.body.statements.iter().rev().find_map(|statement| match &statement.kind {
        StatementKind::Output { name: declared, .. } | StatementKind::Flow { name: Some(declared), .. }
            if declared.text == name =>
        {
            Some(declared.span)
        }
        _ => None,
    })
}

/// What a use gives, evaluated where the use stands.
#[derive(Debug, Default)]
pub(in crate::check) struct GivenTo {
    /// For parameters, by their names.
    pub parameters: BTreeMap<String, (Value, Span)>,
    /// For inputs, by their names.
    pub inputs: BTreeMap<String, (Value, Span)>,
    /// Whether something given was refused.
    pub faulty: bool,
}

impl Context<'_> {
    /// What a call gives, by the names of the parameters and of the `inputs` of `model`; what fits none is reported.
    pub(in crate::check) fn split_arguments(
        &mut self,
        model: &ast::Model,
        arguments: &[Argument],
        inputs: &[&str],
    ) -> GivenTo {
        let mut given = GivenTo::default();
        let whose = format!("`{}` is declared here", model.name.text);
        let mut named: HashMap<&str, &ast::Parameter> = HashMap::default();
        for parameter in &model.parameters {
            named.entry(&parameter.name.text).or_insert(parameter);
        }
        for (place, argument) in arguments.iter().enumerate() {
            let Given { name, value, span } = Given::from(argument);
            let parameter = match name {
                Some(name) => named.get(name.text.as_str()).copied(),
                None => model.parameters.get(place),
            };
            let input = name.filter(|name| parameter.is_none() && inputs.contains(&name.text.as_str()));
            if let Some(name) = name {
                let declared = parameter.map(|parameter| parameter.name.span);
                let declared = declared.or_else(|| input.and_then(|input| input_named(model, &input.text)));
                if let Some(declared) = declared {
                    self.findings.names(name.span, declared);
                }
            }
            let evaluated = match parameter {
                Some(parameter) => self.argument_value(parameter, value),
                None => self.evaluate(value),
            };
            let (key, slots) = match (parameter, input, name) {
                (Some(parameter), ..) => (&parameter.name.text, &mut given.parameters),
                (None, Some(input), _) => (&input.text, &mut given.inputs),
                (None, None, Some(name)) => {
                    given.faulty = true;
                    let parameters = model.parameters.iter().map(|parameter| parameter.name.text.as_str());
                    let known: Vec<&str> = parameters.chain(inputs.iter().copied()).collect();
                    let message = format!("`{}` has no parameter `{}`", model.name.text, name.text);
                    let fault = Diagnostic::new(Code::UnknownParameter, name.span, message)
                        .related(model.name.span, whose.clone());
                    self.unknown_declaration(fault, &name.text, name.span, &known);
                    continue;
                }
                (None, None, None) => {
                    given.faulty = true;
                    let takes = match model.parameters.len() {
                        0 => "takes no parameters".to_owned(),
                        1 => "takes one parameter".to_owned(),
                        count => format!("takes {count} parameters"),
                    };
                    let mut fault =
                        Diagnostic::new(Code::ExtraArgument, span, format!("`{}` {takes}", model.name.text))
                            .label("one too many")
                            .related(model.name.span, whose.clone());
                    if let ([_, second, ..], Value::Tensor(_)) = (inputs, &evaluated) {
                        fault = fault.help(format!("an input is given by its name: `{second}=…`"));
                    }
                    self.report(fault);
                    continue;
                }
            };
            if let Some((_, first)) = slots.get(key) {
                let message = format!("the parameter `{key}` is given twice");
                let first = *first;
                given.faulty = true;
                self.report(
                    Diagnostic::new(Code::ExtraArgument, span, message)
                        .label("given again here")
                        .related(first, "first given here"),
                );
                continue;
            }
            if input.is_some() && !matches!(evaluated, Value::Tensor(_) | Value::Unknown) {
                let message = format!("the input `{key}` takes a tensor, not {}", evaluated.describe());
                given.inputs.insert(key.clone(), (Value::Unknown, value.span));
                self.report(Diagnostic::new(Code::WrongType, value.span, message).label("expected a tensor"));
                continue;
            }
            slots.insert(key.clone(), (evaluated, value.span));
        }
        given
    }

    /// The value of an argument or default, where the kind of the parameter decides what a bare word is.
    fn argument_value(&mut self, parameter: &ast::Parameter, expr: &Expr) -> Value {
        // Words are read by the kind of the parameter, those that a search chooses among too.
        let expr = match parameter.kind.text.as_str() {
            "activation" | "string" => match self.chosen(expr) {
                Chosen::Expr(chosen) => chosen,
                Chosen::Value(value) => return value,
            },
            _ => expr,
        };
        match (parameter.kind.text.as_str(), &expr.kind) {
            ("activation", ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                self.activation_named(word, expr).unwrap_or(Value::Unknown)
            }
            ("activation", ExprKind::Call { callee, arguments, brackets }) => {
                self.activation_called(callee, arguments, *brackets).unwrap_or(Value::Unknown)
            }
            ("string", ExprKind::Name(word)) if !self.names_a_value(word, expr) && self.names.get(word).is_none() => {
                Value::Text(word.as_str().into())
            }
            _ => self.evaluate(expr),
        }
    }

    /// Makes names of the parameters, in the braces just entered. `head` is where a call that gives too little is reported.
    pub(in crate::check) fn bind_parameters(&mut self, model: &ast::Model, given: &GivenTo, head: Option<Span>) {
        // A default means what it means where it is written.
        let names = self.enter(model.name.span);
        let mut missing = Vec::new();
        let mut declared: HashMap<&str, Span> = HashMap::default();
        for (place, parameter) in model.parameters.iter().enumerate() {
            let name = &parameter.name;
            self.findings.declares(name.span, SymbolKind::Parameter);
            if let Some(&first) = declared.get(name.text.as_str()) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("the parameter `{}` is declared twice", name.text),
                    )
                    .label("declared again here")
                    .related(first, "first declared here"),
                );
                continue;
            }
            declared.insert(&name.text, name.span);
            let value = match (given.parameters.get(&name.text), &parameter.default) {
                (Some((value, span)), _) => self.parameter_value(parameter, value.clone(), *span),
                (None, Some(default)) => {
                    let value = self.default_value(&model.parameters[place..], parameter, default);
                    self.parameter_value(parameter, value, default.span)
                }
                (None, None) => {
                    self.parameter_kind(parameter);
                    missing.push(name);
                    self.incomplete = true;
                    None
                }
            };
            let value = value.unwrap_or(Value::Unknown);
            if self.notes() {
                let kind = self.describe(&value);
                let fact = FactKind::Value { name: name.text.clone(), kind, docs: None, definition: name.span };
                self.fact(name.span, fact);
            }
            self.define(&name.text, Binding { value, definition: name.span, docs: None });
        }
        if let (Some(head), Some(first), false) = (head, missing.first(), given.faulty) {
            let names = either(missing.iter().map(|name| name.text.as_str())).replace(" or ", " and ");
            self.report(
                Diagnostic::new(Code::MissingArgument, head, format!("`{}` needs {names}", model.name.text))
                    .label(format!("{names} not given"))
                    .related(first.span, "declared without a default"),
            );
        }
        self.names = names;
    }

    /// Checks what a use gives without unrolling the body.
    pub(super) fn bind_apart(&mut self, model: &ast::Model, given: &GivenTo, call: Call<'_>) {
        let unnoted = std::mem::replace(&mut self.unnoted, true);
        let incomplete = self.incomplete;
        self.scope.enter_block();
        self.bind_parameters(model, given, Some(call.head));
        self.scope.leave();
        self.incomplete = incomplete;
        self.unnoted = unnoted;
    }

    /// The value of a default, which sees the constants and the parameters before its own.
    fn default_value(&mut self, others: &[ast::Parameter], own: &ast::Parameter, expr: &Expr) -> Value {
        let later = |name: &str| others.iter().find(|other| other.name.text == name);
        let unseen = |name: &str| later(name).is_some() && self.names.get(name).is_none();
        let Some((name, span)) = find_name(expr, &unseen) else {
            let flow = self.flow.take();
            let value = self.argument_value(own, expr);
            self.flow = flow;
            return value;
        };
        let mut fault =
            Diagnostic::new(Code::UnknownName, span, "a default can use only the parameters before its own")
                .label(if name == own.name.text { "its own parameter" } else { "a parameter after it" });
        if let Some(parameter) = later(name) {
            fault = fault.related(parameter.name.span, format!("`{name}` is declared here"));
        }
        self.report(fault);
        Value::Unknown
    }

    /// `value` if it is of the parameter's kind; a whole number will do for a float.
    fn parameter_value(&mut self, parameter: &ast::Parameter, value: Value, span: Span) -> Option<Value> {
        self.parameter_kind(parameter)?;
        let kind = parameter.kind.text.as_str();
        match (kind, value) {
            (_, Value::Unknown) => {
                self.incomplete |= !self.dry;
                None
            }
            ("int", value @ Value::Int(_))
            | ("float", value @ Value::Float(_))
            | ("bool", value @ Value::Bool(_))
            | ("string", value @ Value::Text(_))
            | ("activation", value @ Value::Activation(_))
            | ("list", value @ Value::List(_)) => Some(value),
            ("float", Value::Int(number)) => Some(Value::Float(number as f64)),
            ("int" | "float", Value::Dim(dim)) => {
                self.only_a_run_knows(&dim, &format!("the parameter `{}`", parameter.name.text), span);
                None
            }
            (_, value) => {
                let message = format!("the parameter `{}` is {kind}, not {}", parameter.name.text, value.describe());
                let fault = Diagnostic::new(Code::WrongType, span, message)
                    .label(format!("expected {kind}"))
                    .related(parameter.kind.span, "declared here");
                let number = match &value {
                    Value::Text(text) if kind == "int" => text.parse::<i64>().ok().map(|number| number.to_string()),
                    _ => None,
                };
                self.report(match number.filter(|_| self.names.text(span).starts_with('"')) {
                    Some(number) => {
                        fault.fix(format!("write `{number}`, without quotes"), span, number, Applicability::Safe)
                    }
                    None => fault,
                });
                None
            }
        }
    }

    /// Reports a kind that parameters do not have.
    fn parameter_kind(&mut self, parameter: &ast::Parameter) -> Option<()> {
        let kind = parameter.kind.text.as_str();
        if KINDS.contains(&kind) {
            return Some(());
        }
        let mut fault =
            Diagnostic::new(Code::WrongType, parameter.kind.span, format!("a parameter cannot be `{kind}`"))
                .label(format!("expected {}", either(KINDS)));
        let meant = match kind {
            "integer" | "i64" | "i32" => Some("int"),
            "f32" | "f64" | "double" | "number" => Some("float"),
            "boolean" => Some("bool"),
            "str" | "text" => Some("string"),
            "function" | "fn" => Some("activation"),
            "array" | "tuple" | "ints" => Some("list"),
            _ => nearest(kind, KINDS),
        };
        if let Some(meant) = meant {
            fault =
                fault.fix(format!("replace `{kind}` with `{meant}`"), parameter.kind.span, meant, Applicability::Safe);
        }
        self.report(fault);
        None
    }
}
