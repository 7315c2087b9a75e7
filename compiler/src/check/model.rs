//! Checks models: alone, with their parameters' defaults, and as a declaration uses them.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind, Ident, InputType, StatementKind};

use super::context::{Context, Findings};
use super::facts::FactKind;
use super::flow::{Built, GivenTo, Supply, Unit, Unrolled, Uses, is_input, shown};
use super::names::{Declared, Names};
use super::settings::Feeds;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit};
use crate::ir::Graph;
use crate::suggest::listed;

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
pub fn instantiate<'a>(
    names: Names<'a>,
    findings: &mut Findings,
    model: &'a ast::Model,
    uses: Uses<'_>,
) -> ModelInstance {
    instance(names, findings, model, uses, Supply::Outside)
}

/// Checks a block by itself, by the defaults of its parameters: where it is used, its symbols may be numbers.
pub fn check_block<'a>(names: Names<'a>, findings: &mut Findings, block: &'a ast::Model) -> ModelInstance {
    instance(names, findings, block, Uses::Alone, Supply::Open)
}

fn instance<'a>(
    names: Names<'a>,
    findings: &mut Findings,
    model: &'a ast::Model,
    uses: Uses<'_>,
    supply: Supply<'_>,
) -> ModelInstance {
    let errors = findings.errors;
    let mut cx = Context::new(names, findings, &model.name.text);
    // A training has noted what it knows of the model already.
    cx.unnoted = matches!(uses, Uses::Call { .. });
    cx.open = matches!(supply, Supply::Open);
    let (given, head) = cx.given(model, uses);
    cx.unit = Unit::new(None, &model.body);
    cx.bind_parameters(model, &given, head);
    cx.called = called(model, uses);
    let parameters = cx.parameters(model);
    cx.enter(model.name.span);
    let built = match names.calls().may_unroll(model.name.span) {
        true => cx.body(model, supply),
        false => Built::default(),
    };
    for (name, output) in built.outputs {
        if let Some(output) = output {
            cx.builder.output(name, output);
            if let Some(predicted) = cx.heads.get(&output) {
                cx.builder.predicts(predicted.head.clone());
            }
        } else {
            cx.incomplete = true;
        }
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

/// What a fault in a model's body is to name beside itself: the call, if it gives anything.
fn called(model: &ast::Model, uses: Uses<'_>) -> Option<Unrolled> {
    match uses {
        Uses::Call { arguments: [_, ..], call, .. } => {
            Some(Unrolled { at: call, body: model.name.span.to(model.body.span), round: None, given: true })
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
        match self.names.get(name).map(|entry| (entry, entry.declared())) {
            Some((entry, Declared::Model(model, _))) => {
                if self.notes() {
                    // Its docs stand with the fact of its declaration.
                    let kind = format!("model {}", model.name.text);
                    let definition = entry.name.span;
                    self.fact(span, FactKind::Value { name: name.clone(), kind, docs: None, definition });
                }
                Some(ModelUse { model, uses, span: expr.span })
            }
            Some((_, Declared::Broken)) => None,
            Some((entry, other)) => {
                self.findings.names(span, entry.name.span);
                self.report(
                    Diagnostic::new(Code::WrongType, span, format!("`{name}` is a {}, not a model", other.noun()))
                        .label("expected a model")
                        .related(entry.name.span, "declared here"),
                );
                None
            }
            None => {
                let fault = Diagnostic::new(Code::UnknownName, span, format!("there is no model `{name}`"));
                let names = self.names;
                self.unknown_declaration(fault, name, span, &names.models);
                None
            }
        }
    }

    /// Reports a name that no declaration of the wanted kind has.
    pub fn unknown_declaration(&mut self, fault: Diagnostic, name: &str, span: Span, known: &[&str]) {
        let (fault, elsewhere) = self.names.or_elsewhere(fault, name);
        if elsewhere {
            return self.report(fault);
        }
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
    pub fn model_body(&mut self, used: &ModelUse<'a, '_>, feeds: &Feeds) -> Built {
        // Arguments are read outside, where the call stands; the body sees its parameters alone.
        let (given, head) = self.given(used.model, used.uses);
        let flow = self.flow.take();
        let unit = std::mem::replace(&mut self.unit, Unit::new(None, &used.model.body));
        self.scope.enter_block();
        self.bind_parameters(used.model, &given, head);
        self.called = called(used.model, used.uses);
        let names = self.enter(used.model.name.span);
        let built = match self.names.calls().may_unroll(used.model.name.span) {
            true => self.body(used.model, Supply::Feeds(feeds)),
            false => Built::default(),
        };
        self.names = names;
        self.called = None;
        self.fed.clear();
        self.scope.leave();
        self.unit = unit;
        self.flow = flow;
        built
    }

    fn given(&mut self, model: &ast::Model, uses: Uses<'_>) -> (GivenTo, Option<Span>) {
        match uses {
            Uses::Alone => (GivenTo::default(), None),
            Uses::Call { arguments, head, .. } => (self.split_arguments(model, arguments, &[]), Some(head)),
        }
    }

    /// The parameters in scope as they are shown: `width = 32`; none where nobody is shown any.
    fn parameters(&self, model: &ast::Model) -> Vec<String> {
        if !self.findings.keeps_given && !self.findings.notes() {
            return Vec::new();
        }
        let value = |parameter: &ast::Parameter| {
            let name = &parameter.name.text;
            match self.scope.get(name).map(|binding| &binding.value) {
                Some(Value::Unknown) | None => format!("{name} = ?"),
                Some(value) => format!("{name} = {}", shown(value)),
            }
        };
        model.parameters.iter().map(value).collect()
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

/// The inputs a model declares that are rows of a table, with the table's name, without checking anything else of it.
pub fn declared_rows(model: &ast::Model) -> Vec<(&str, &ast::Path)> {
    let rows = model.body.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Input { name, kind: InputType::Table { table, .. } } => Some((name.text.as_str(), table)),
        _ => None,
    });
    rows.collect()
}

/// The column that the last value of a model predicts, if it says so, without checking anything else of it.
pub fn declared_head(model: &ast::Model) -> Option<&ast::Path> {
    let last = model.body.statements.iter().rev().find_map(|statement| match &statement.kind {
        StatementKind::Flow { column, .. } => Some(column.as_ref()),
        _ => None,
    });
    last.flatten()
}

/// The statement whose value is the output of a model, where it has no name.
pub fn unnamed_output(model: &ast::Model) -> Option<Span> {
    let statements = &model.body.statements;
    let declared = statements.iter().any(|statement| matches!(statement.kind, StatementKind::Output { .. }));
    let last = statements.iter().rev().find(|statement| matches!(statement.kind, StatementKind::Flow { .. }))?;
    (!declared && matches!(last.kind, StatementKind::Flow { name: None, .. })).then_some(last.span)
}

/// The name of the output a model declares, without checking anything else of it.
pub fn declared_output(model: &ast::Model) -> &str {
    let named = model.body.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Output { name, .. } => Some(name),
        _ => None,
    });
    if let Some(name) = named {
        return &name.text;
    }
    let last = model.body.statements.iter().rev().find_map(|statement| match &statement.kind {
        StatementKind::Flow { name, .. } => Some(name.as_ref()),
        _ => None,
    });
    last.flatten().map_or("output", |name| &name.text)
}
