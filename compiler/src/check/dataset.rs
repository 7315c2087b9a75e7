//! Checks datasets: where their rows come from.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::arguments::{Arguments, Given, Site};
use super::context::Context;
use super::facts::FactKind;
use super::value::Value;
use crate::datasets;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::plan::{DataSource, DatasetPlan, Located};
use crate::suggest::{either, nearest};

impl Context<'_> {
    /// The dataset an expression describes.
    pub fn dataset(&mut self, name: &str, span: Span, expr: &Expr) -> Option<DatasetPlan> {
        let sources = datasets::SOURCES.iter().map(|source| source.name);
        let (callee, arguments, brackets) = match &expr.kind {
            ExprKind::Call { callee, arguments, brackets } => (callee, arguments, *brackets),
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::new(
                        Code::WrongType,
                        expr.span,
                        "a dataset is a call that says where its rows come from",
                    )
                    .label(format!(
                        "expected {}",
                        either(sources.map(|name| if name == "csv" { "csv(…)" } else { "idx(…)" }))
                    )),
                );
                return None;
            }
        };
        let ExprKind::Name(source) = &callee.kind else {
            self.report(
                Diagnostic::new(Code::UnknownFunction, callee.span, "not a source of data")
                    .label(format!("expected {}", either(sources))),
            );
            return None;
        };
        let Some(signature) = datasets::SOURCES.iter().find(|signature| signature.name == source) else {
            let mut fault =
                Diagnostic::new(Code::UnknownFunction, callee.span, format!("there is no source of data `{source}`"))
                    .label(format!("expected {}", either(sources.clone())));
            if let Some(meant) = nearest(source, sources) {
                fault =
                    fault.fix(format!("replace `{source}` with `{meant}`"), callee.span, meant, Applicability::Safe);
            }
            self.report(fault);
            return None;
        };
        self.fact(callee.span, FactKind::Signature(signature));
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(signature, arguments.iter().map(Given::from), site);
        if bound.faulty {
            return None;
        }
        let source = match signature.name {
            "csv" => DataSource::Csv {
                path: located(&bound, "path", expr.span)?,
                columns: bound.expr("columns").and_then(columns),
                target: located(&bound, "target", expr.span)?,
            },
            _ => DataSource::Idx {
                images: located(&bound, "images", expr.span)?,
                labels: located(&bound, "labels", expr.span)?,
            },
        };
        Some(DatasetPlan { name: name.to_owned(), span, source })
    }
}

fn located(bound: &Arguments<'_>, name: &str, otherwise: Span) -> Option<Located> {
    let Some(Value::Text(text)) = bound.value(name) else { return None };
    Some(Located { text: text.clone(), span: bound.span(name, otherwise) })
}

fn columns(expr: &Expr) -> Option<Vec<Located>> {
    let one = |expr: &Expr| match &expr.kind {
        ExprKind::Name(text) | ExprKind::Str(text) => Some(Located { text: text.clone(), span: expr.span }),
        _ => None,
    };
    match &expr.kind {
        ExprKind::List(items) => items.iter().map(one).collect(),
        _ => one(expr).map(|column| vec![column]),
    }
}
