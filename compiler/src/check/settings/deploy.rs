//! Checks a `deploy`: which model answers, with whose weights, and how.

use ndsl_grammar::ast::{Expr, ExprKind, Record};

use super::super::arguments::{Given, Site};
use super::super::context::{Context, Findings};
use super::super::flow::Uses;
use super::super::model::instantiate;
use super::super::names::{Entry, Names};
use super::super::value::Value;
use super::{DeclaredInstance, Settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::settings::deploy::DEPLOY;

/// Checks a `deploy` declaration.
pub fn check(names: Names<'_>, findings: &mut Findings, entry: Entry<'_>, record: &Record) -> DeclaredInstance {
    let mut cx = Context::new(names, findings, &entry.name.text);
    let site = Site { head: entry.name.span, end: record.span.after(), noun: "setting" };
    let bound = cx.without_tune("deployment", |cx| cx.bind(&DEPLOY, record.entries.iter().map(Given::from), site));
    let model = bound.expr("model").and_then(|expr| cx.without_tune("deployment", |cx| cx.deployed(expr)));
    if let Some(from) = bound.expr("from") {
        cx.without_tune("deployment", |cx| cx.origin_of_weights(from, None, model.as_deref()));
    }
    if let Some(environment) = bound.expr("environment") {
        cx.variables(environment);
    }
    let faulty = bound.faulty;
    let settings = bound.settled(record.span);
    cx.deployment(&settings);
    DeclaredInstance { name: entry.name.text.clone(), span: entry.name.span, settings: (!faulty).then_some(settings) }
}

impl Context<'_> {
    /// The name of the model that is deployed, or that has the part that is.
    fn deployed(&mut self, expr: &Expr) -> Option<String> {
        let mut whole = expr;
        let mut part = None;
        while let ExprKind::Field { base, name } = &whole.kind {
            (whole, part) = (base, Some(name));
        }
        let used = self.model_use(whole)?;
        let name = used.model.name.text.clone();
        let defaults = used.model.parameters.iter().all(|parameter| parameter.default.is_some());
        if part.is_none() && defaults && matches!(used.uses, Uses::Call { arguments: [], .. }) {
            // As it is declared it has been checked already.
            return Some(name);
        }
        let instance = instantiate(self.names, self.findings, used.model, used.uses);
        if let Some(part) = part {
            let graph = &instance.graph;
            let known: Vec<&str> = (graph.layers.iter().map(|layer| layer.name.as_str()))
                .chain(graph.outputs.iter().map(|output| output.name.as_str()))
                .collect();
            let inside = |known: &&str| {
                known.strip_prefix(&part.text).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            if instance.complete && !known.iter().any(inside) {
                let fault =
                    Diagnostic::new(Code::UnknownName, part.span, format!("`{name}` has no part `{}`", part.text));
                self.unknown_declaration(
                    fault.related(used.model.name.span, "declared here"),
                    &part.text,
                    part.span,
                    &known,
                );
            }
        }
        Some(name)
    }

    fn deployment(&mut self, settings: &Settings) {
        self.positive(settings, &["timeout", "max_body"]);
        if let (Some((replicas, _)), Some((scale, _))) = (settings.given("replicas"), settings.given("autoscale")) {
            self.conflict(
                scale,
                "`autoscale` decides how many replicas there are",
                "as many as are needed",
                (replicas, "and this many always"),
            );
        }
        if let Some(scale) = settings.settings("autoscale") {
            self.positive(scale, &["cooldown"]);
            if let (Some(min), Some(max)) = (scale.int("min"), scale.int("max"))
                && min > max
            {
                self.conflict(
                    scale.at("min"),
                    &format!("at least {min} replicas are more than at most {max}"),
                    "more than `max`",
                    (scale.at("max"), "the most"),
                );
            }
        }
        if let Some(resources) = settings.settings("resources") {
            self.positive(resources, &["memory"]);
        }
        if let Some(rate) = settings.settings("rate") {
            self.rate(rate);
            if let Some((span, _)) = rate.given("tokens") {
                let fault =
                    Diagnostic::new(Code::NoEffectSetting, span, "a deployment counts requests, and has no tokens");
                self.report(fault.label("changes nothing"));
            }
        }
        if let Some((span, Value::Text(path))) = settings.given("health")
            && !path.starts_with('/')
        {
            let fault = Diagnostic::new(Code::OutOfRange, span, "a path begins with `/`");
            self.report(fault.label("no path").fix(
                format!("write `/{path}`"),
                span,
                format!("\"/{path}\""),
                crate::diagnostics::Applicability::Safe,
            ));
        }
        if let Some(port) = settings.given("port").and(settings.int("port")).filter(|port| *port > 65_535) {
            let fault =
                Diagnostic::new(Code::OutOfRange, settings.at("port"), format!("a port is at most 65535, not {port}"));
            self.report(fault.label("no such port"));
        }
        let (backend, precision) = (settings.word("backend"), settings.word("precision"));
        let refused = matches!(settings.given("backend"), Some((_, Value::Unknown)));
        if precision == "int8" && backend != "onnx" && !refused {
            let at = settings.at("precision");
            let message = format!("`{backend}` does not compute with `int8`");
            let fault = Diagnostic::new(Code::Conflict, at, message).label("needs `backend: onnx`");
            let fault = match settings.given("backend") {
                Some((backend, _)) => fault.related(backend, "what computes"),
                None => fault,
            };
            self.report(fault);
        }
    }

    /// `environment: { LOG: "debug", TOKEN: env("TOKEN") }`
    fn variables(&mut self, expr: &Expr) {
        let ExprKind::Record(record) = &expr.kind else {
            if !matches!(expr.kind, ExprKind::Error) {
                let fault = Diagnostic::new(Code::WrongType, expr.span, "`environment` takes settings between braces");
                self.report(fault.label("expected `{ NAME: \"value\" }`"));
            }
            return;
        };
        for entry in &record.entries {
            let place = crate::signature::Parameter::new(
                "environment",
                crate::signature::Kind::Place,
                crate::signature::Default::Required,
                "A variable.",
            );
            self.without_tune("deployment", |cx| cx.setting(&place, &DEPLOY, &entry.value));
        }
    }
}
