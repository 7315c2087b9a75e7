//! Checks models: alone, with their parameters' defaults, and as a declaration uses them.

use std::collections::BTreeMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind, Ident, StatementKind};

use super::arguments::Given;
use super::body::{Built, is_input};
use super::context::{Binding, Called, Context, Findings};
use super::facts::FactKind;
use super::names::{Declared, Names};
use super::settings::Feeds;
use super::unused::find_name;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit};
use crate::ir::Graph;
use crate::suggest::{either, listed, nearest};

/// A model with values for its parameters.
#[derive(Clone, Debug)]
pub struct ModelInstance {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// Its parameters and their values: `width = 32`.
    pub parameters: Vec<String>,
    /// What it computes.
    pub graph: Graph,
    /// Whether the graph can be run or exported.
    pub complete: bool,
    /// How a `Flatten()` would be written before the `Dense` that makes an output of several axes.
    pub flatten: Option<Edit>,
}

/// Checks a model with the given arguments, its input fed from outside.
pub fn instantiate(
    names: &Names<'_>,
    findings: &mut Findings,
    model: &ast::Model,
    arguments: Uses<'_>,
) -> ModelInstance {
    let errors = findings.errors;
    let mut cx = Context::new(names, findings, &model.name.text);
    // A training has noted what it knows of the model already.
    cx.unnoted = matches!(arguments, Uses::Call { .. });
    let parameters = cx.parameters(model, arguments);
    cx.called = called(model, arguments);
    let built = cx.body(model, None);
    if let Some(output) = built.output {
        cx.builder.output(built.output_name, output);
    }
    let incomplete = cx.incomplete;
    let graph = cx.builder.finish();
    let faulty = findings.errors > errors;
    let complete = !faulty && !incomplete && graph.is_complete() && !graph.outputs.is_empty();
    ModelInstance {
        name: model.name.text.clone(),
        span: model.name.span,
        parameters,
        graph,
        complete,
        flatten: built.flatten,
    }
}

/// How a model is used.
#[derive(Clone, Copy)]
pub enum Uses<'e> {
    /// Alone, by its defaults.
    Alone,
    /// By a call.
    Call {
        /// The arguments.
        arguments: &'e [ast::Argument],
        /// Where a missing argument is reported.
        head: Span,
        /// The call.
        call: Span,
    },
}

/// What a fault in a model's body is to name beside itself: the call, if it gives anything.
fn called(model: &ast::Model, uses: Uses<'_>) -> Option<Called> {
    match uses {
        Uses::Call { arguments: [_, ..], call, .. } => {
            Some(Called { call, model: model.name.span.to(model.body.span) })
        }
        _ => None,
    }
}

/// A model as an expression names it: `Digits` or `Digits(width=64)`.
pub struct ModelUse<'a, 'e> {
    /// The model.
    pub model: &'a ast::Model,
    /// With what.
    pub uses: Uses<'e>,
    /// Where.
    pub span: Span,
}

impl<'a> Context<'a> {
    /// The model an expression names.
    pub fn model_use<'e>(&mut self, expr: &'e Expr) -> Option<ModelUse<'a, 'e>> {
        let (name, span, uses) = match &expr.kind {
            ExprKind::Name(name) => (name, expr.span, Uses::Call { arguments: &[], head: expr.span, call: expr.span }),
            ExprKind::Call { callee, arguments, .. } => match &callee.kind {
                ExprKind::Name(name) => {
                    (name, callee.span, Uses::Call { arguments, head: callee.span, call: expr.span })
                }
                _ => return self.not_a_model(expr),
            },
            ExprKind::Error => return None,
            _ => return self.not_a_model(expr),
        };
        match self.names.get(name).map(|entry| (entry, entry.declared)) {
            Some((entry, Declared::Model(model, _))) => {
                // Its docs stand with the fact of its declaration.
                let fact = FactKind::Value {
                    name: name.clone(),
                    kind: format!("model {}", model.name.text),
                    docs: None,
                    definition: entry.name.span,
                };
                self.fact(span, fact);
                Some(ModelUse { model, uses, span: expr.span })
            }
            Some((_, Declared::Broken)) => None,
            Some((entry, other)) => {
                self.report(
                    Diagnostic::new(Code::WrongType, span, format!("`{name}` is a {}, not a model", other.noun()))
                        .label("expected a model")
                        .related(entry.name.span, "declared here"),
                );
                None
            }
            None => {
                let fault = Diagnostic::new(Code::UnknownName, span, format!("there is no model `{name}`"));
                self.unknown_declaration(fault, name, span, &self.names.models);
                None
            }
        }
    }

    /// Reports a name that no declaration of the wanted kind has.
    pub fn unknown_declaration(&mut self, fault: Diagnostic, name: &str, span: Span, known: &[&str]) {
        let fault = match self.findings.nearest(name, known.iter().copied()) {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{name}` with `{meant}`"),
                span,
                meant,
                Applicability::Safe,
            ),
            None => match listed(known.iter().copied()) {
                Some(names) => {
                    let verb = if known.len() == 1 { "is" } else { "are" };
                    fault.label("not declared").help(format!("there {verb} {names}"))
                }
                None => fault.label("not declared"),
            },
        };
        self.report(fault);
    }

    fn not_a_model<T>(&mut self, expr: &Expr) -> Option<T> {
        self.report(
            Diagnostic::new(Code::WrongType, expr.span, "a model is named, or called with its parameters")
                .label("expected a model such as `Digits(width=32)`"),
        );
        None
    }

    /// Checks the body of a model inside another declaration, whose names it does not see.
    pub fn model_body(&mut self, used: &ModelUse<'_, '_>, feeds: &Feeds) -> Built {
        // Arguments are read outside, where the call stands; the body sees its parameters alone.
        let outside = std::mem::take(&mut self.scope);
        let bindings = self.parameter_bindings(used.model, used.uses, &outside);
        self.scope = bindings;
        let flow = self.flow.take();
        self.called = called(used.model, used.uses);
        let built = self.body(used.model, Some(feeds));
        (self.called, self.fed) = (None, None);
        self.scope = outside;
        self.flow = flow;
        built
    }

    fn parameters(&mut self, model: &ast::Model, uses: Uses<'_>) -> Vec<String> {
        self.scope = self.parameter_bindings(model, uses, &BTreeMap::new());
        let value = |parameter: &ast::Parameter| match self.scope.get(&parameter.name.text).map(|b| &b.value) {
            Some(Value::Int(number)) => format!("{} = {number}", parameter.name.text),
            Some(Value::Float(number)) => format!("{} = {number}", parameter.name.text),
            Some(Value::Bool(truth)) => format!("{} = {truth}", parameter.name.text),
            Some(Value::Text(text)) => format!("{} = {text:?}", parameter.name.text),
            _ => format!("{} = ?", parameter.name.text),
        };
        model.parameters.iter().map(value).collect()
    }

    /// The parameters of a model as names of its body, from what the call gives and from their defaults.
    fn parameter_bindings(
        &mut self,
        model: &ast::Model,
        uses: Uses<'_>,
        outside: &BTreeMap<String, Binding>,
    ) -> BTreeMap<String, Binding> {
        let given = self.given(model, uses, outside);
        let mut bindings: BTreeMap<String, Binding> = BTreeMap::new();
        let mut missing = Vec::new();
        for parameter in &model.parameters {
            let name = &parameter.name;
            if let Some(first) = bindings.get(&name.text) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("the parameter `{}` is declared twice", name.text),
                    )
                    .label("declared again here")
                    .related(first.definition, "first declared here"),
                );
                continue;
            }
            let default = parameter.default.as_ref().map(|expr| (self.default_value(model, expr), expr.span));
            let default = default.and_then(|(value, span)| self.parameter_value(parameter, value, span));
            let value = match given.get(name.text.as_str()) {
                Some((value, span)) => self.parameter_value(parameter, value.clone(), *span),
                None => {
                    if parameter.default.is_none() {
                        missing.push(name);
                        self.incomplete = true;
                    }
                    default
                }
            };
            let value = value.unwrap_or(Value::Unknown);
            let fact = FactKind::Value {
                name: name.text.clone(),
                kind: self.describe(&value),
                docs: None,
                definition: name.span,
            };
            self.fact(name.span, fact);
            let binding = Binding { value, definition: name.span, docs: None };
            bindings.insert(name.text.clone(), binding);
        }
        if let (Uses::Call { head, .. }, Some(first)) = (uses, missing.first()) {
            let names = either(missing.iter().map(|name| name.text.as_str())).replace(" or ", " and ");
            self.report(
                Diagnostic::new(Code::MissingArgument, head, format!("`{}` needs {names}", model.name.text))
                    .label(format!("{names} not given"))
                    .related(first.span, "declared without a default"),
            );
        }
        bindings
    }

    /// The value of a parameter's default, which sees the constants and nothing else.
    fn default_value(&mut self, model: &ast::Model, expr: &Expr) -> Value {
        let parameter = |name: &str| model.parameters.iter().find(|parameter| parameter.name.text == name);
        let other = |name: &str| parameter(name).is_some() && self.names.get(name).is_none();
        let Some((name, span)) = find_name(expr, &other) else { return self.evaluate(expr) };
        let mut fault = Diagnostic::new(Code::UnknownName, span, "a default cannot use another parameter")
            .label("a parameter")
            .help("a constant can be used in several defaults");
        if let Some(parameter) = parameter(name) {
            fault = fault.related(parameter.name.span, format!("`{name}` is declared here"));
        }
        self.report(fault);
        Value::Unknown
    }

    /// What a call gives, by the names of the model's parameters; what fits none is reported.
    fn given<'m>(
        &mut self,
        model: &'m ast::Model,
        uses: Uses<'_>,
        outside: &BTreeMap<String, Binding>,
    ) -> BTreeMap<&'m str, (Value, Span)> {
        let Uses::Call { arguments, .. } = uses else { return BTreeMap::new() };
        let inside = std::mem::replace(&mut self.scope, outside.clone());
        let mut given: BTreeMap<&str, (Value, Span)> = BTreeMap::new();
        for (place, argument) in arguments.iter().enumerate() {
            let Given { name, value, span } = Given::from(argument);
            let parameter = match name {
                Some(name) => model.parameters.iter().find(|parameter| parameter.name.text == name.text),
                None => model.parameters.get(place),
            };
            let evaluated = self.evaluate(value);
            match (parameter, name) {
                (Some(parameter), _) => {
                    if let Some((_, first)) = given.get(parameter.name.text.as_str()) {
                        self.report(
                            Diagnostic::new(
                                Code::ExtraArgument,
                                span,
                                format!("the parameter `{}` is given twice", parameter.name.text),
                            )
                            .label("given again here")
                            .related(*first, "first given here"),
                        );
                        continue;
                    }
                    given.insert(&parameter.name.text, (evaluated, value.span));
                }
                (None, Some(name)) => {
                    let known: Vec<&str> = model.parameters.iter().map(|p| p.name.text.as_str()).collect();
                    let message = format!("`{}` has no parameter `{}`", model.name.text, name.text);
                    let fault = Diagnostic::new(Code::UnknownParameter, name.span, message)
                        .related(model.name.span, format!("`{}` is declared here", model.name.text));
                    self.unknown_declaration(fault, &name.text, name.span, &known);
                }
                (None, None) => self.report(
                    Diagnostic::new(
                        Code::ExtraArgument,
                        span,
                        format!("`{}` takes {} parameters", model.name.text, model.parameters.len()),
                    )
                    .label("one too many")
                    .related(model.name.span, format!("`{}` is declared here", model.name.text)),
                ),
            }
        }
        self.scope = inside;
        given
    }

    /// `value` if it is of the parameter's kind; a whole number will do for a float.
    fn parameter_value(&mut self, parameter: &ast::Parameter, value: Value, span: Span) -> Option<Value> {
        let kind = parameter.kind.text.as_str();
        match (kind, value) {
            (_, Value::Unknown) => None,
            ("int", value @ Value::Int(_))
            | ("float", value @ Value::Float(_))
            | ("bool", value @ Value::Bool(_))
            | ("string", value @ Value::Text(_)) => Some(value),
            ("float", Value::Int(number)) => Some(Value::Float(number as f64)),
            ("int" | "float" | "bool" | "string", value) => {
                self.report(
                    Diagnostic::new(
                        Code::WrongType,
                        span,
                        format!("the parameter `{}` is {kind}, not {}", parameter.name.text, value.describe()),
                    )
                    .label(format!("expected {kind}"))
                    .related(parameter.kind.span, "declared here"),
                );
                None
            }
            _ => {
                let names = ["int", "float", "bool", "string"];
                let mut fault =
                    Diagnostic::new(Code::WrongType, parameter.kind.span, format!("a parameter cannot be `{kind}`"))
                        .label(format!("expected {}", either(names)));
                let meant = match kind {
                    "integer" | "i64" | "i32" => Some("int"),
                    "f32" | "f64" | "double" | "number" => Some("float"),
                    "boolean" => Some("bool"),
                    "str" | "text" => Some("string"),
                    _ => nearest(kind, names),
                };
                if let Some(meant) = meant {
                    fault = fault.fix(
                        format!("replace `{kind}` with `{meant}`"),
                        parameter.kind.span,
                        meant,
                        Applicability::Safe,
                    );
                }
                self.report(fault);
                None
            }
        }
    }
}

/// The inputs a model declares, by name, without checking anything else of it.
pub fn declared_inputs(model: &ast::Model) -> Vec<&str> {
    let inputs = model.body.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Input { name, .. } => Some(name.text.as_str()),
        StatementKind::Flow { value, name, .. } => {
            let ExprKind::Call { arguments, .. } = &value.kind else { return None };
            let named = |argument: &ast::Argument| argument.name.as_ref().is_some_and(|name| name.text == "name");
            let text = arguments.iter().find(|argument| named(argument)).map(|argument| &argument.value.kind);
            is_input(value).then_some(match (name, text) {
                (Some(Ident { text, .. }), _) => text.as_str(),
                (None, Some(ExprKind::Str(text))) => text.as_str(),
                _ => "input",
            })
        }
        _ => None,
    });
    inputs.collect()
}

/// The name of the output a model declares, without checking anything else of it.
pub fn declared_output(model: &ast::Model) -> &str {
    let last = model.body.statements.iter().rev().find_map(|statement| match &statement.kind {
        StatementKind::Flow { name, .. } => Some(name.as_ref()),
        _ => None,
    });
    last.flatten().map_or("output", |name| &name.text)
}
