//! What is measured beside the loss, and which measures there are to watch.

use ndsl_grammar::ast::{Expr, ExprKind};

use super::super::context::Context;
use super::super::value::Value;
use super::Settings;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::ValueId;
use crate::plan::{ALIKE_OUTPUT, Metric, Monitor, NEIGHBOURS_OUTPUT, PAIRS_OUTPUT};
use crate::settings::losses::{Lists, Losses, Ranked, Teaches};
use crate::settings::metrics::{METRICS, falls, measures, orders, plan};
use crate::signature::{Default, Kind, Parameter};
use crate::suggest::{either, nearest, phrase};

/// Where metrics are named, as a parameter.
const METRIC: Parameter = Parameter::new("metrics", Kind::Method(&METRICS), Default::Required, "What is measured.");

impl Context<'_> {
    /// The metrics that are named, and whether none was refused.
    pub(super) fn metrics(&mut self, expr: Option<&Expr>) -> (Vec<Settings>, bool) {
        let Some(expr) = expr else { return (Vec::new(), true) };
        let expr = self.choice_of(expr);
        let items = match &expr.kind {
            ExprKind::List(items) => items.as_slice(),
            ExprKind::Error => return (Vec::new(), false),
            _ => std::slice::from_ref(expr),
        };
        let mut metrics: Vec<Settings> = Vec::new();
        let mut whole = true;
        for item in items {
            let item = self.choice_of(item);
            // A metric without parameters is a word, bare or quoted.
            let bare;
            let item = match &item.kind {
                ExprKind::Str(name) => {
                    bare = Expr { span: item.span, kind: ExprKind::Name(name.clone()) };
                    &bare
                }
                _ => item,
            };
            match self.method(&METRICS, &METRIC, item) {
                Some(metric)
                    if metrics
                        .iter()
                        .any(|known| known.signature == metric.signature && known.values_equal(&metric)) => {}
                Some(metric) => metrics.push(metric),
                None => whole = false,
            }
        }
        (metrics, whole)
    }

    /// Whether every metric can measure what the loss teaches; reported where one cannot.
    pub(super) fn metrics_fit(&mut self, metrics: &[Settings], teaches: Teaches, loss: &str) -> bool {
        let mut fit = true;
        for metric in metrics {
            let name = metric.signature.name;
            if measures(name).contains(&teaches) {
                continue;
            }
            fit = false;
            let fitting = METRICS.all.iter().map(|metric| metric.signature.name);
            let fitting: Vec<&str> = fitting.filter(|name| measures(name).contains(&teaches)).collect();
            let verb = if fitting.len() == 1 { "goes" } else { "go" };
            let fitting = either(fitting).replace(" or ", " and ");
            self.report(
                Diagnostic::new(
                    Code::LossMismatch,
                    metric.span,
                    format!("`{name}` cannot measure what {loss} teaches"),
                )
                .label(phrase(metric.signature.summary))
                .help(format!("with {loss} {verb} {fitting}")),
            );
        }
        fit
    }

    /// Whether every metric can measure these losses; reported where one cannot.
    pub(super) fn metrics_of_losses(&mut self, metrics: &[Settings], losses: &Losses, loss: &str) -> bool {
        let ordered: Vec<&Settings> = metrics.iter().filter(|metric| orders(metric.signature.name)).collect();
        let mut fit = self.metrics_fit(metrics, losses.teaches, loss);
        for metric in ordered {
            let name = metric.signature.name;
            if let Some(ranked) = losses.ranked {
                if !self.put_in_order(ranked, metric) {
                    fit = false;
                    let message = format!("`{name}` of vectors is of one a row, and here a row has several");
                    self.report(
                        Diagnostic::new(Code::LossMismatch, metric.span, message).label("which are near to which?"),
                    );
                }
            } else if losses.teaches == Teaches::Numbers && self.is_one_number(losses.prediction) {
                fit = false;
                self.report(
                    Diagnostic::new(
                        Code::LossMismatch,
                        metric.span,
                        format!("`{name}` is of the order of several numbers, and the output is one a row"),
                    )
                    .label("nothing to put in order"),
                );
            }
        }
        fit
    }

    /// Has the graph hand back what metrics of order put in order; whether that can be told.
    fn put_in_order(&mut self, ranked: Ranked, metric: &Settings) -> bool {
        let has = |cx: &Self, name: &str| cx.builder.graph().outputs.iter().any(|output| output.name == name);
        if has(self, PAIRS_OUTPUT) || has(self, NEIGHBOURS_OUTPUT) {
            return true;
        }
        match ranked.lists(self, metric.span) {
            Some(Lists::Pairs(scores)) => self.builder.output(PAIRS_OUTPUT, scores),
            Some(Lists::Neighbours { scores, alike }) => {
                self.builder.output(NEIGHBOURS_OUTPUT, scores);
                alike.into_iter().for_each(|alike| self.builder.output(ALIKE_OUTPUT, alike));
            }
            None => return false,
        }
        true
    }

    fn is_one_number(&self, value: ValueId) -> bool {
        self.builder.shape(value).row().rank() == 0
    }

    /// What `monitor` names: a measure there is in this training.
    pub(super) fn monitor(&mut self, expr: &Expr, metrics: &[Settings], held_out: bool) {
        let expr = self.choice_of(expr);
        let (ExprKind::Name(word) | ExprKind::Str(word)) = &expr.kind else {
            if !matches!(expr.kind, ExprKind::Error) {
                self.evaluate_quietly(expr);
                let fault = Diagnostic::new(Code::WrongType, expr.span, "`monitor` takes the name of a measure");
                self.report(fault.label("expected a word such as `val_loss`"));
            }
            return;
        };
        let names = Metric::names(&metrics.iter().filter_map(plan).collect::<Vec<_>>());
        let plain: Vec<&str> = std::iter::once("loss").chain(names.iter().map(String::as_str)).collect();
        let measure = word.strip_prefix("val_").unwrap_or(word);
        if !plain.contains(&measure) {
            let known: Vec<String> = plain
                .iter()
                .map(|name| (*name).to_owned())
                .chain(plain.iter().map(|name| format!("val_{name}")))
                .collect();
            let fault =
                Diagnostic::new(Code::UnknownName, expr.span, format!("there is no measure `{word}` in this training"));
            let known = || known.iter().map(String::as_str);
            let fault = match nearest(word, known()) {
                Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                    format!("replace `{word}` with `{meant}`"),
                    expr.span,
                    meant,
                    Applicability::Safe,
                ),
                None if METRICS.find(measure).is_some() && !metrics.iter().any(|it| it.signature.name == measure) => {
                    fault.label("not measured").help(format!("`metrics: [{measure}]` would measure it"))
                }
                None => fault.label(format!("expected {}", either(known()))),
            };
            self.report(fault);
        } else if word.starts_with("val_") && !held_out {
            self.report(
                Diagnostic::new(
                    Code::Conflict,
                    expr.span,
                    format!("`{word}` is measured on rows that are held out, and none are"),
                )
                .label("never measured")
                .help("`validation_split: 0.1` holds a tenth of the rows out"),
            );
        }
    }

    /// What `settings` watch, named by `expr` or by default: the loss, of the rows held out where there are some.
    pub(super) fn watched(&mut self, settings: &Settings, expr: Option<&Expr>, held_out: bool) -> Monitor {
        let loss = Monitor::loss(held_out);
        let name = match expr.map(|expr| &self.choice_of(expr).kind) {
            Some(ExprKind::Name(word) | ExprKind::Str(word)) => word.clone(),
            _ => loss.name,
        };
        let rises = match settings.word("mode") {
            "max" => true,
            "min" => false,
            _ => !less_is_better(&name),
        };
        Monitor { name, rises }
    }

    /// A mode that says of a measure the opposite of what it is.
    pub(super) fn mode(&mut self, settings: &Settings, watched: Option<&Expr>) {
        let Some((span, Value::Text(mode))) = settings.given("mode") else { return };
        let Some(Expr { kind: ExprKind::Name(word) | ExprKind::Str(word), .. }) = watched else { return };
        let measure = word.strip_prefix("val_").unwrap_or(word);
        let less_is_better = less_is_better(word);
        let known = measure == "loss" || METRICS.find(measure).is_some();
        if known && (&**mode == "max") == less_is_better && &**mode != "auto" {
            let better = if less_is_better { "less" } else { "more" };
            self.report(
                Diagnostic::new(Code::Conflict, span, format!("of `{word}`, {better} is better"))
                    .label("would keep the worst")
                    .help("without `mode`, this is known of every measure"),
            );
        }
    }
}

/// Whether less of a measure is better.
fn less_is_better(name: &str) -> bool {
    let measure = name.strip_prefix("val_").unwrap_or(name);
    measure == "loss" || falls(measure)
}
