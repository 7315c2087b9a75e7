//! Checks datasets: where their rows come from.

use std::collections::HashMap;

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
            "csv" => {
                let columns = bound.expr("columns").and_then(columns);
                let target = located(&bound, "target", expr.span)?;
                if !self.distinct(columns.as_deref().unwrap_or(&[]), &target) {
                    return None;
                }
                DataSource::Csv { path: located(&bound, "path", expr.span)?, columns, target }
            }
            _ => DataSource::Idx {
                images: located(&bound, "images", expr.span)?,
                labels: located(&bound, "labels", expr.span)?,
            },
        };
        Some(DatasetPlan { name: name.to_owned(), span, folder: self.names.folder_of(span), source })
    }

    /// Whether no column is chosen twice and the target is none of them; reported where not.
    fn distinct(&mut self, columns: &[Located], target: &Located) -> bool {
        let mut first: HashMap<&str, Span> = HashMap::new();
        let mut distinct = true;
        for column in columns {
            if let Some(known) = first.get(column.text.as_str()) {
                distinct = false;
                let message = format!("the column `{}` is chosen twice", column.text);
                let fault = Diagnostic::new(Code::Duplicate, column.span, message).label("chosen again here");
                self.report(fault.related(*known, "first chosen here"));
            } else {
                first.insert(&column.text, column.span);
            }
        }
        if let Some(column) = first.get(target.text.as_str()) {
            distinct = false;
            let message = format!("the target `{}` is one of the columns that go into the model", target.text);
            let fault = Diagnostic::new(Code::Duplicate, target.span, message).label("the column to learn");
            self.report(fault.related(*column, "and a column to learn it from"));
        } else if target.text == "columns" {
            distinct = false;
            let fault = Diagnostic::new(Code::Duplicate, target.span, "two fields of the dataset are called `columns`")
                .label("the target")
                .help("the chosen columns are the field `columns`: give this column another name in the file");
            self.report(fault);
        }
        distinct
    }
}

fn located(bound: &Arguments<'_>, name: &str, otherwise: Span) -> Option<Located> {
    let Some(Value::Text(text)) = bound.value(name) else { return None };
    Some(Located { text: text.to_string(), span: bound.span(name, otherwise) })
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
