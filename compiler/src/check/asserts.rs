//! `assert Digits.parameters < 1_000_000`: what must hold of the models of a file.

use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind, Ident};

use super::context::{Context, Findings};
use super::flow::{Uses, shown};
use super::index::SymbolKind;
use super::model::{ModelInstance, instantiate};
use super::names::Names;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::cost::total_flops;
use crate::ir::{Dim, Graph};
use crate::suggest::{listed, nearest, quoted};

/// What an assertion can ask of a model.
#[derive(Clone, Debug)]
pub struct Measured {
    name: String,
    /// Where that stands.
    span: Span,
    /// Whether everything is known: nothing is judged otherwise.
    complete: bool,
    parameters: usize,
    trainable: usize,
    flops: Option<u64>,
    /// The rows of its inputs and outputs, by their names.
    rows: Vec<(String, Vec<Dim>)>,
}

impl Measured {
    /// The same of the model whose name stands at `span` now.
    pub fn at(&self, span: Span) -> Self {
        Self { span, ..self.clone() }
    }

    /// What there is to say of a model.
    pub fn of(instance: &ModelInstance) -> Self {
        let graph: &Graph = &instance.graph;
        let (parameters, trainable) = graph.parameter_counts();
        let row = |id| graph.value(id).shape.row().0;
        let inputs = graph.inputs.iter().map(|id| (graph.value(*id).name.to_string(), row(*id)));
        let outputs = graph.outputs.iter().map(|output| (output.name.clone(), row(output.value)));
        Self {
            name: instance.name.clone(),
            span: instance.span,
            complete: instance.complete,
            parameters,
            trainable,
            flops: total_flops(graph),
            rows: outputs.chain(inputs).collect(),
        }
    }
}

/// Checks one assertion; `models` are those of all files, each by its defaults.
pub fn check(names: Names<'_>, findings: &mut Findings, models: &Arc<[Measured]>, condition: &Expr) {
    let mut cx = Context::new(names, findings, "assert");
    cx.asserting = Some(models.clone());
    let value = cx.evaluate(condition);
    let fault = match value {
        Value::Bool(true) | Value::Unknown => return,
        Value::Bool(false) => {
            let source = quoted(names.text(condition.span));
            let fault = Diagnostic::new(Code::Unmet, condition.span, format!("`{source}` does not hold"));
            fault.label(cx.compared(condition).unwrap_or_else(|| "false".to_owned()))
        }
        other => {
            let message = format!("an assertion is `true` or `false`, not {}", other.describe());
            Diagnostic::new(Code::WrongType, condition.span, message)
                .label("neither of them")
                .help("compare it: `assert Digits.parameters < 1_000_000`")
        }
    };
    cx.report(fault);
}

impl Context<'_> {
    /// The two sides of a comparison with their values in place of their names.
    fn compared(&mut self, condition: &Expr) -> Option<String> {
        let ExprKind::Binary { operator, left, right, .. } = &condition.kind else { return None };
        self.unnoted = true;
        let [left, right] = [left, right].map(|side| shown(&self.evaluate(side)));
        Some(format!("{left} {} {right}", operator.symbol()))
    }

    /// What an assertion asks of a model: `Digits.parameters`, `Digits(width=64).logits`; nothing where it asks nothing of one.
    pub(super) fn of_a_model(&mut self, base: &Expr, name: &Ident) -> Option<Value> {
        let models = self.asserting.clone()?;
        let word = match &base.kind {
            ExprKind::Name(word) => word,
            ExprKind::Call { callee, .. } => match &callee.kind {
                ExprKind::Name(word) => word,
                _ => return None,
            },
            _ => return None,
        };
        if self.names.get(word)?.kind != SymbolKind::Model {
            return None;
        }
        let used = self.model_use(base)?;
        let measured = match &base.kind {
            ExprKind::Name(_) => models.iter().find(|model| model.span == used.model.name.span).cloned()?,
            _ => Measured::of(&instantiate(self.names, self.findings, used.model, Uses::clone(&used.uses))),
        };
        let count = |count: usize| i64::try_from(count).map_or(Value::Unknown, Value::Int);
        Some(match name.text.as_str() {
            _ if !measured.complete => Value::Unknown,
            "parameters" => count(measured.parameters),
            "trainable_parameters" => count(measured.trainable),
            "flops" => match measured.flops {
                Some(flops) => i64::try_from(flops).map_or(Value::Int(i64::MAX), Value::Int),
                None => {
                    let message =
                        format!("the FLOPs of `{}` depend on sizes that are known in a run only", measured.name);
                    self.report(Diagnostic::new(Code::OnlyInARun, name.span, message).label("not a number yet"));
                    Value::Unknown
                }
            },
            name if measured.rows.iter().any(|(known, _)| known == name) => {
                let row = measured.rows.iter().find(|(known, _)| known == name);
                let dims = row.iter().flat_map(|(_, dims)| dims).cloned().map(Value::from_dim).collect();
                Value::Record([("shape".into(), Value::List(dims))].into())
            }
            _ => {
                self.unknown_of_a_model(&measured, name);
                Value::Unknown
            }
        })
    }

    fn unknown_of_a_model(&mut self, model: &Measured, name: &Ident) {
        let rows = model.rows.iter().map(|(name, _)| name.as_str());
        let known = ["parameters", "trainable_parameters", "flops"].into_iter().chain(rows);
        let message = format!("`{}` has no `{}`", model.name, name.text);
        let fault = Diagnostic::new(Code::UnknownField, name.span, message);
        let meant = match name.text.as_str() {
            "params" | "count_params" | "size" => Some("parameters"),
            "trainable" | "trainable_params" => Some("trainable_parameters"),
            other => nearest(other, known.clone()),
        };
        let fault = match meant {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{}` with `{meant}`", name.text),
                name.span,
                meant,
                Applicability::Guess,
            ),
            None => fault.label("no such field"),
        };
        let names = listed(known).unwrap_or_default();
        self.report(fault.help(format!("an assertion can ask for {names}")));
    }
}
