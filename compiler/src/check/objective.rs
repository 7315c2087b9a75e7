//! The settings of a `train` that say what is learnt and how: the loss, the metrics and the optimizer.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::arguments::{Given, Site};
use super::context::Context;
use super::facts::FactKind;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::losses::{self, LossDef};
use crate::metrics::METRICS;
use crate::optimizers::{self, OPTIMIZERS};
use crate::plan::{Metric, Optimizer};
use crate::suggest::{either, nearest, phrase};

impl Context<'_> {
    /// What stands at `span`, without the quotes of a text.
    fn written(&self, span: Span) -> &str {
        self.names.text(span).trim_matches('"')
    }

    /// The loss that is named, whatever it compares; `pair` is what it would be called with: `(logits, label)`.
    pub(super) fn loss_def(&mut self, expr: &Expr, pair: Option<&str>) -> Option<&'static LossDef> {
        let names = losses::LOSSES.iter().map(|loss| loss.signature.name);
        let (name, span) = match &expr.kind {
            ExprKind::Name(name) | ExprKind::Str(name) => (name, expr.span),
            ExprKind::Call { callee, .. } => match &callee.kind {
                ExprKind::Name(name) => (name, callee.span),
                ExprKind::Field { name, .. } => (&name.text, callee.span),
                _ => (&String::new(), callee.span),
            },
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "`loss` takes a loss")
                        .label(format!("expected {}", either(names))),
                );
                return None;
            }
        };
        let Some(def) = losses::find(name).filter(|_| !is_field(expr)) else {
            let shown = self.written(span).to_owned();
            let mut fault =
                Diagnostic::new(Code::UnknownFunction, span, format!("there is no loss `{shown}`")).label("not known");
            let meant = match name.as_str() {
                "sparse_categorical_crossentropy" | "categorical_crossentropy" | "CrossEntropyLoss" | "nll_loss" => {
                    Some("cross_entropy")
                }
                "binary_crossentropy" | "BCELoss" | "BCEWithLogitsLoss" | "bce" => Some("binary_cross_entropy"),
                "mean_squared_error" | "MSELoss" | "l2" => Some("mse"),
                "mean_absolute_error" | "L1Loss" | "l1" => Some("mae"),
                other => nearest(other, names.clone()),
            };
            fault = match meant {
                Some(meant) => {
                    let call = if matches!(expr.kind, ExprKind::Call { .. }) { "" } else { pair.unwrap_or("") };
                    let meant = format!("{meant}{call}");
                    fault.fix(format!("replace `{shown}` with `{meant}`"), span, &meant, Applicability::Safe)
                }
                None => fault.help(format!("the losses are {}", either(names).replace(" or ", " and "))),
            };
            self.report(fault);
            return None;
        };
        self.fact(span, FactKind::Signature(&def.signature));
        Some(def)
    }

    /// The metrics that are named, each fitting what `loss` teaches.
    pub(super) fn metrics(&mut self, expr: Option<&Expr>, loss: Option<&'static LossDef>) -> Option<Vec<Metric>> {
        let Some(expr) = expr else { return Some(Vec::new()) };
        let items = match &expr.kind {
            ExprKind::List(items) => items.as_slice(),
            ExprKind::Error => return None,
            _ => std::slice::from_ref(expr),
        };
        let names = METRICS.iter().map(|metric| metric.signature.name);
        let mut metrics = Vec::new();
        let mut whole = true;
        for item in items {
            let def = match &item.kind {
                ExprKind::Name(name) | ExprKind::Str(name) => {
                    METRICS.iter().find(|metric| metric.signature.name == name)
                }
                _ => None,
            };
            let Some(def) = def else {
                whole = false;
                let (ExprKind::Name(name) | ExprKind::Str(name)) = &item.kind else {
                    if matches!(item.kind, ExprKind::Error) {
                        continue;
                    }
                    self.report(
                        Diagnostic::new(Code::WrongType, item.span, "a metric is named by a bare word")
                            .label(format!("expected {}", either(names.clone()))),
                    );
                    continue;
                };
                let mut fault =
                    Diagnostic::new(Code::UnknownFunction, item.span, format!("there is no metric `{name}`"))
                        .label("not known");
                let meant = match name.as_str() {
                    "acc" | "categorical_accuracy" | "sparse_categorical_accuracy" | "binary_accuracy" => {
                        Some("accuracy")
                    }
                    "mean_absolute_error" | "l1" => Some("mae"),
                    other => nearest(other, names.clone()),
                };
                fault = match meant {
                    Some(meant) => {
                        fault.fix(format!("replace `{name}` with `{meant}`"), item.span, meant, Applicability::Safe)
                    }
                    None => fault.help(format!("the metrics are {}", either(names.clone()).replace(" or ", " and "))),
                };
                self.report(fault);
                continue;
            };
            self.fact(item.span, FactKind::Signature(&def.signature));
            if let Some(loss) = loss.filter(|loss| !def.tasks.contains(&loss.task)) {
                whole = false;
                let fitting = METRICS.iter().filter(|metric| metric.tasks.contains(&loss.task));
                let fitting = either(fitting.map(|metric| metric.signature.name));
                self.report(
                    Diagnostic::new(
                        Code::LossMismatch,
                        item.span,
                        format!("`{}` cannot measure what `{}` teaches", def.signature.name, loss.signature.name),
                    )
                    .label(phrase(def.signature.summary))
                    .help(format!("with `{}` goes {fitting}", loss.signature.name)),
                );
                continue;
            }
            if !metrics.contains(&def.metric) {
                metrics.push(def.metric);
            }
        }
        whole.then_some(metrics)
    }

    /// The optimizer that is named or called.
    pub(super) fn optimizer(&mut self, expr: &Expr) -> Option<Optimizer> {
        let names = OPTIMIZERS.iter().map(|optimizer| optimizer.signature.name);
        let (name, span, arguments, brackets) = match &expr.kind {
            ExprKind::Str(name) => {
                let fault = Diagnostic::new(Code::WrongType, expr.span, "`optimizer` takes an optimizer, not a text");
                let spelled = names.clone().find(|known| known.eq_ignore_ascii_case(name));
                self.report(match spelled.or_else(|| nearest(name, names.clone())) {
                    Some(meant) => fault.label(format!("called `{meant}()` here")).fix(
                        format!("write `{meant}()`"),
                        expr.span,
                        format!("{meant}()"),
                        Applicability::Safe,
                    ),
                    None => fault.label(format!("expected {}", either(names))),
                });
                return None;
            }
            ExprKind::Name(name) => (name, expr.span, &[][..], expr.span.after()),
            ExprKind::Call { callee, arguments, brackets } => match &callee.kind {
                ExprKind::Name(name) => (name, callee.span, arguments.as_slice(), *brackets),
                ExprKind::Field { name, .. } => (&name.text, callee.span, arguments.as_slice(), *brackets),
                _ => (&String::new(), callee.span, &[][..], *brackets),
            },
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "`optimizer` takes an optimizer")
                        .label(format!("expected {}", either(names))),
                );
                return None;
            }
        };
        let Some(def) = optimizers::find(name).filter(|_| !is_field(expr)) else {
            let shown = self.written(span).to_owned();
            let mut fault = Diagnostic::new(Code::UnknownFunction, span, format!("there is no optimizer `{shown}`"))
                .label("not known");
            let spelled = names.clone().find(|known| known.eq_ignore_ascii_case(name));
            fault = match spelled.or_else(|| nearest(name, names.clone())) {
                Some(meant) => fault.fix(format!("replace `{shown}` with `{meant}`"), span, meant, Applicability::Safe),
                None => fault.help(format!("the optimizers are {}", either(names).replace(" or ", " and "))),
            };
            self.report(fault);
            return None;
        };
        self.fact(span, FactKind::Signature(&def.signature));
        let site = Site { head: span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        (!bound.faulty).then(|| (def.make)(&bound))
    }
}

/// Whether an expression calls something with a prefix, as in `optim.Adam()`: names here have none.
fn is_field(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call { callee, .. } if matches!(callee.kind, ExprKind::Field { .. }))
}
