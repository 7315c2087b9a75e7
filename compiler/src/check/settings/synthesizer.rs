//! Checks a `synthesizer`: whose rows it learns, how, and what the drawn ones must be.

use ndsl_grammar::ast::{BinaryOperator, Expr, ExprKind, Record};

use super::super::arguments::{Given, Site};
use super::super::context::{Context, Findings};
use super::super::names::{Entry, Names};
use super::super::value::Value;
use super::{DeclaredInstance, Rows, Settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::settings::synthesizer::{BY_GRADIENTS, MEASURES, SYNTHESIZER};
use crate::signature::{Default, Kind, Parameter};

/// What `require` measures, as a parameter.
const MEASURE: Parameter = Parameter::new("require", Kind::Method(&MEASURES), Default::Required, "What is measured.");

/// Checks a `synthesizer` declaration.
pub fn check(names: Names<'_>, findings: &mut Findings, entry: Entry<'_>, record: &Record) -> DeclaredInstance {
    let mut cx = Context::new(names, findings, &entry.name.text);
    let site = Site { head: entry.name.span, end: record.span.after(), noun: "setting" };
    let (faulty, settings) = cx.without_tune("synthesizer", |cx| {
        let bound = cx.bind(&SYNTHESIZER, record.entries.iter().map(Given::from), site);
        let rows = bound.expr("dataset").and_then(|expr| cx.dataset_use(expr));
        if let Some(require) = bound.expr("require") {
            cx.requirements(require, rows.as_ref(), bound.float("holdout"));
        }
        if let (Some(conditions), Some(rows)) = (bound.expr("conditions"), &rows) {
            cx.conditions(conditions, rows);
        }
        let faulty = bound.faulty;
        (faulty, bound.settled(record.span))
    });
    cx.synthesis(&settings);
    DeclaredInstance { name: entry.name.text.clone(), span: entry.name.span, settings: (!faulty).then_some(settings) }
}

impl Context<'_> {
    fn synthesis(&mut self, settings: &Settings) {
        let Some(method) = settings.settings("method") else { return };
        let name = method.signature.name;
        if name == "ctgan"
            && let (Some(batch), Some(pac)) = (method.int("batch_size"), method.int("pac"))
            && batch % pac.max(1) != 0
        {
            let (at, other) = match method.given("pac") {
                Some((pac, _)) => (pac, method.at("batch_size")),
                None => (method.at("batch_size"), method.span),
            };
            let message = format!("a batch of {batch} rows does not split into packs of {pac}");
            self.conflict(at, &message, "`batch_size` must be a multiple of `pac`", (other, "in this method"));
        }
        let Some(privacy) = settings.settings("privacy") else { return };
        let by_gradients = BY_GRADIENTS.contains(&name);
        if let Some((span, Value::Text(mechanism))) = privacy.given("mechanism") {
            let fits = match &**mechanism {
                "dp_sgd" => by_gradients,
                "mst" | "aim" => !by_gradients,
                _ => true,
            };
            if !fits && name != "auto" {
                let how = if by_gradients {
                    "learns by gradients, which `dp_sgd` is for"
                } else {
                    "counts, which `mst` and `aim` are for"
                };
                self.conflict(span, &format!("`{name}` {how}"), "not for this method", (method.span, "the method"));
            }
        }
    }

    /// `[tstr(target=churned) > 0.8, dcr_share < 0.55]`
    fn requirements(&mut self, expr: &Expr, rows: Option<&Rows>, holdout: f64) {
        let items = match &expr.kind {
            ExprKind::List(items) => items.as_slice(),
            ExprKind::Error => return,
            ExprKind::Record(_) => {
                let fault = Diagnostic::new(Code::WrongType, expr.span, "`require` is a list of conditions");
                self.report(fault.label("expected `[ … ]`").help("such as `require: [dcr_share < 0.55]`"));
                return;
            }
            _ => std::slice::from_ref(expr),
        };
        for item in items {
            self.requirement(item, rows);
        }
        if holdout == 0.0 && !items.is_empty() {
            let fault = Diagnostic::new(
                Code::Conflict,
                expr.span,
                "what is required is measured on rows that are held out, and `holdout` is 0",
            );
            self.report(fault.label("cannot be measured"));
        }
    }

    fn requirement(&mut self, item: &Expr, rows: Option<&Rows>) {
        use BinaryOperator as Op;
        let ExprKind::Binary { operator, operator_span, left, right } = &item.kind else {
            if !matches!(item.kind, ExprKind::Error) {
                let fault =
                    Diagnostic::new(Code::WrongType, item.span, "a requirement compares a measure with a number");
                self.report(fault.label("expected a condition such as `dcr_share < 0.55`"));
            }
            return;
        };
        if !matches!(operator, Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual) {
            let fault = Diagnostic::new(
                Code::WrongType,
                *operator_span,
                format!("a measure is not compared by `{}`", operator.symbol()),
            );
            self.report(fault.label("expected `<`, `<=`, `>` or `>=`"));
            return;
        }
        // `0.8 < tstr(…)` is `tstr(…) > 0.8`.
        let turned = matches!(left.kind, ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Percent(_));
        let (measure, bound) = if turned { (right, left) } else { (left, right) };
        let above = matches!(operator, Op::Greater | Op::GreaterEqual) != turned;
        let Some(given) = self.method(&MEASURES, &MEASURE, measure) else { return };
        if let (Some(rows), Some(_)) = (rows, given.signature.parameter("target"))
            && let Some((span, Value::Text(column))) = given.given("target")
        {
            self.column_of(rows, column, span, "target");
        }
        let value = self.evaluate(bound);
        let Some(number) = value.number() else {
            if value != Value::Unknown {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    bound.span,
                    format!("a measure is compared with a number, not {}", value.describe()),
                );
                self.report(fault.label("expected a number from 0 to 1"));
            }
            return;
        };
        let strict = matches!(operator, Op::Greater | Op::Less);
        let never =
            if above { number > 1.0 || strict && number >= 1.0 } else { number < 0.0 || strict && number <= 0.0 };
        let always =
            if above { number < 0.0 || !strict && number <= 0.0 } else { number > 1.0 || !strict && number >= 1.0 };
        let name = given.signature.name;
        if never {
            let fault = Diagnostic::new(
                Code::OutOfRange,
                bound.span,
                format!("`{name}` is a share from 0 to 1, so this can never be met"),
            );
            self.report(fault.label("out of its range"));
        } else if always {
            let fault = Diagnostic::new(
                Code::NoEffectSetting,
                item.span,
                format!("`{name}` is a share from 0 to 1, so this always holds"),
            );
            self.report(fault.label("requires nothing"));
        }
    }

    /// `{ plan: free, age: 18..=30 }`
    fn conditions(&mut self, expr: &Expr, rows: &Rows) {
        let ExprKind::Record(record) = &expr.kind else {
            if !matches!(expr.kind, ExprKind::Error) {
                let fault = Diagnostic::new(Code::WrongType, expr.span, "`conditions` takes settings between braces");
                self.report(fault.label("expected `{ column: value }`"));
            }
            return;
        };
        for entry in &record.entries {
            self.column_of(rows, &entry.key.text, entry.key.span, "conditions");
        }
    }
}
