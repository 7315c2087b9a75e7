//! What a `train` minimises: one named loss, several weighted and added, or any expression over outputs and columns.

use std::collections::BTreeMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind};

use super::super::arguments::{Arguments, Given, Site};
use super::super::context::Context;
use super::super::facts::FactKind;
use super::super::value::Value;
use super::in_batch;
use super::kinds::has_prefix;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{ElementType, ValueId, ValueSource};
use crate::settings::losses::{self, Compared, LossDef, Losses, Teaches, per_row};
use crate::suggest::{either, nearest};
use crate::{activations, functions};

/// What a loss is checked against.
#[derive(Clone, Debug, Default)]
pub struct Objective {
    /// How many classes a field has, where the data told.
    pub classes: BTreeMap<ValueId, usize>,
    /// The first named loss that was computed: what predictions mean follows from it.
    first: Option<Losses>,
}

/// What a `train` teaches, as far as the text of its loss tells.
#[derive(Clone, Copy)]
pub enum Taught {
    /// One loss, by its name.
    Named(&'static LossDef),
    /// An expression.
    Expression,
}

impl Taught {
    /// What metrics have to measure; nothing where only the shapes tell.
    pub fn teaches(self) -> Option<Teaches> {
        match self {
            Self::Named(def) => Some(def.teaches),
            Self::Expression => None,
        }
    }
}

impl Context<'_> {
    /// How many classes a value has, if it is a field of labels.
    pub fn classes(&self, id: ValueId) -> Option<usize> {
        self.objective.as_ref()?.classes.get(&id).copied()
    }

    /// What a loss is, before it is computed; `pair` is what a loss alone would be called with: `(logits, label)`.
    pub(super) fn taught(&mut self, expr: &Expr, pair: Option<&str>) -> Option<Taught> {
        let expr = self.choice_of(expr);
        let (name, span) = match &expr.kind {
            ExprKind::Name(name) if self.scope.contains_key(name) => return Some(Taught::Expression),
            ExprKind::Name(name) | ExprKind::Str(name) => (name, expr.span),
            ExprKind::Call { callee, .. } => match &callee.kind {
                ExprKind::Name(name) => (name, callee.span),
                ExprKind::Field { name, .. } => (&name.text, callee.span),
                _ => (&String::new(), callee.span),
            },
            ExprKind::Binary { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Pipe { .. }
            | ExprKind::If { .. }
            | ExprKind::Body(_) => return Some(Taught::Expression),
            ExprKind::Error => return None,
            _ => {
                self.evaluate_quietly(expr);
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "`loss` takes a loss")
                        .label("expected a loss such as `mse(output, price)`, or an expression of one"),
                );
                return None;
            }
        };
        if let Some(def) = losses::find(name).filter(|_| !has_prefix(expr)) {
            self.fact(span, FactKind::Signature(&def.signature));
            return Some(Taught::Named(def));
        }
        let call = matches!(expr.kind, ExprKind::Call { .. });
        if in_batch::is_whole(expr) {
            return Some(Taught::Expression);
        }
        let function = functions::find(name).is_some()
            || activations::find(name).is_some()
            || name.starts_with(|first: char| first.is_uppercase()) && crate::layers::find(name).is_some();
        if call && function && !has_prefix(expr) {
            return Some(Taught::Expression);
        }
        self.unknown_loss(name, span, if call { "" } else { pair.unwrap_or("") });
        None
    }

    fn unknown_loss(&mut self, name: &str, span: Span, pair: &str) {
        let names = losses::all().map(|loss| loss.signature.name);
        let shown = self.written(span).to_owned();
        let fault =
            Diagnostic::new(Code::UnknownFunction, span, format!("there is no loss `{shown}`")).label("not known");
        let alias = losses::find_alias(name).map(|loss| loss.signature.name);
        let fault = match alias.or_else(|| nearest(name, names.clone())) {
            Some(meant) => {
                let fault = fault.label(format!("did you mean `{meant}`?"));
                let meant = format!("{meant}{pair}");
                fault.fix(format!("replace `{shown}` with `{meant}`"), span, &meant, Applicability::Safe)
            }
            None => fault.help(format!("the losses are {}", either(names).replace(" or ", " and "))),
        };
        self.report(fault);
    }

    /// The loss of every row and what is predicted; `output` is the model's output, its name known to the program.
    pub(super) fn losses(
        &mut self,
        expr: &Expr,
        taught: Taught,
        pair: &str,
        output: Option<ValueId>,
    ) -> Option<Losses> {
        let expr = self.choice_of(expr);
        let found = match taught {
            Taught::Named(def) => {
                let ExprKind::Call { callee, arguments, brackets } = &expr.kind else {
                    let written = format!("{}{pair}", def.signature.name);
                    self.report(
                        Diagnostic::new(
                            Code::MissingArgument,
                            expr.span,
                            format!("`{}` needs what it compares: the output and the target", def.signature.name),
                        )
                        .label("nothing to compare")
                        .fix(
                            format!("write `{written}`"),
                            expr.span,
                            &written,
                            Applicability::Safe,
                        ),
                    );
                    return None;
                };
                self.named_loss(def, callee.span, arguments, *brackets, expr.span)
            }
            Taught::Expression => self.expressed_loss(expr, output),
        }?;
        self.must_learn(expr, &found, output).then_some(found)
    }

    /// The loss of an output that predicts a column, by that column's type.
    pub(super) fn loss_of_column(
        &mut self,
        name: &str,
        output: ValueId,
        target: ValueId,
        span: Span,
    ) -> Option<(&'static LossDef, Losses)> {
        let def = losses::find(name)?;
        let given = [("output", Value::Tensor(output)), ("target", Value::Tensor(target))];
        let arguments = Arguments::of_values(&def.signature, given);
        let compared = Compared { arguments: &arguments, name: def.signature.name, span };
        let losses = (def.build)(self, &compared)?;
        Some((def, losses))
    }

    fn named_loss(
        &mut self,
        def: &'static LossDef,
        head: Span,
        arguments: &[Argument],
        brackets: Span,
        span: Span,
    ) -> Option<Losses> {
        let site = Site { head, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        if bound.faulty {
            return None;
        }
        let compared = Compared { arguments: &bound, name: def.signature.name, span };
        let losses = (def.build)(self, &compared)?;
        if let Some(objective) = &mut self.objective {
            objective.first = objective.first.or(Some(losses));
        }
        Some(losses)
    }

    /// A loss inside an expression: the loss of every row, as a number a row. Nothing where no loss is being computed, or none
    /// is called so.
    pub fn part_of_loss(
        &mut self,
        span: Span,
        name: &str,
        name_span: Span,
        arguments: &[Argument],
        brackets: Span,
    ) -> Option<Value> {
        self.objective.as_ref()?;
        if let Some(def) = losses::find(name) {
            self.fact(name_span, FactKind::Signature(&def.signature));
            let losses = self.named_loss(def, name_span, arguments, brackets, span);
            return Some(losses.map_or(Value::Unknown, |losses| Value::Tensor(losses.rows)));
        }
        let meant = losses::find_alias(name).map(|loss| loss.signature.name);
        let near = || nearest(name, losses::all().map(|loss| loss.signature.name));
        let meant = meant.or_else(near)?;
        arguments.iter().for_each(|argument| self.evaluate_quietly(&argument.value));
        self.report(
            Diagnostic::new(Code::UnknownFunction, name_span, format!("there is no loss or function `{name}`"))
                .label(format!("did you mean `{meant}`?"))
                .fix(format!("replace `{name}` with `{meant}`"), name_span, meant, Applicability::Safe),
        );
        Some(Value::Unknown)
    }

    /// A loss has no weights of its own: they would be left behind with it.
    pub fn refuse_layer_in_loss(&mut self, name: &str, span: Span) -> bool {
        if self.objective.is_none() || crate::layers::find(name).is_none() {
            return false;
        }
        self.report(
            Diagnostic::new(Code::LossMismatch, span, format!("`{name}` is a layer, and a loss has none"))
                .label("a layer belongs to a model")
                .help("what a loss computes is left behind when training is over; its weights would be too"),
        );
        true
    }

    fn expressed_loss(&mut self, expr: &Expr, output: Option<ValueId>) -> Option<Losses> {
        let rows = match self.evaluate(expr) {
            Value::Tensor(id) => id,
            Value::Unknown => return None,
            other => {
                self.report(
                    Diagnostic::new(
                        Code::WrongType,
                        expr.span,
                        format!("a loss is a number for every row, not {}", other.describe()),
                    )
                    .label("depends on no row")
                    .help("it is computed from the model's outputs and the dataset's fields"),
                );
                return None;
            }
        };
        if self.builder.value(rows).element != ElementType::F32 {
            self.require_float(rows, "loss", expr.span)?;
        }
        let rows = per_row(self, rows, expr.span);
        let first = self.objective.as_ref().and_then(|objective| objective.first);
        Some(match first {
            Some(first) => Losses { rows, ..first },
            None => {
                let (prediction, teaches) = (output.unwrap_or(rows), Teaches::Numbers);
                Losses { rows, prediction, target: None, teaches, ranked: None }
            }
        })
    }

    /// Whether the loss depends on the model; one that does not could never be made smaller.
    fn must_learn(&mut self, expr: &Expr, found: &Losses, output: Option<ValueId>) -> bool {
        let graph = self.builder.graph();
        if output.is_none() || graph.parameters.is_empty() {
            return true;
        }
        let mut needed = vec![false; graph.values.len()];
        needed[found.rows.index()] = true;
        let mut learns = false;
        for node in graph.nodes.iter().rev() {
            if needed[node.output.index()] {
                for input in &node.inputs {
                    needed[input.index()] = true;
                    let source = graph.value(*input).source;
                    learns |= matches!(source, ValueSource::Parameter(_) | ValueSource::Unknown);
                }
            }
        }
        if learns {
            return true;
        }
        let fault = Diagnostic::new(
            Code::LossMismatch,
            expr.span,
            "this loss does not depend on the model, so there is nothing to learn",
        );
        self.report(fault.label("no output of the model is in it"));
        false
    }
}
