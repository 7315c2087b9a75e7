//! Checks a `train` declaration against its model and its dataset, and makes the plan the runtime follows.

use std::collections::BTreeMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind, Record};

use super::super::arguments::{Arguments, Given, Site, cannot_run};
use super::super::context::{Context, Findings};
use super::super::facts::FactKind;
use super::super::flow::{Built, output_named};
use super::super::model::{ModelUse, declared_inputs, declared_output, instantiate, unnamed_output};
use super::super::names::{Entry, Names};
use super::super::value::Value;
use super::objective::{Objective, Taught};
use super::space::{self, SearchSpace};
use super::tune::{Choice, Place, Variable};
use super::{Rows, Settings};
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::ir::{Graph, ValueId};
use crate::plan::{
    DataSignature, DatasetPlan, LOSS_OUTPUT, MODEL_OUTPUT, Metric, Optimizer, PREDICTION_OUTPUT, TrainPlan,
};
use crate::settings::losses::Losses;
use crate::settings::train::TRAIN;
use crate::settings::{metrics, optimizers};

/// What checking a `train` declaration found.
#[derive(Clone, Debug)]
pub struct TrainInstance {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// The model's name.
    pub model: Option<String>,
    /// Where its rows come from; nothing where this version cannot read them.
    pub dataset: Option<DatasetPlan>,
    /// The model as it is used here, its input fed from outside.
    pub graph: Option<Graph>,
    /// Whether that graph can be run or exported.
    pub complete: bool,
    /// The change of the text that the data asks for: `Flatten()` before the last `Dense`.
    pub rewrite: Option<Fix>,
    /// What it searches for; nothing where everything in it is settled.
    pub space: Option<SearchSpace>,
    /// What it asks for that this version checks and cannot carry out.
    pub refusals: Vec<Diagnostic>,
    /// What the runtime is asked for; there only when the data's signature was given and nothing was wrong.
    pub plan: Option<TrainPlan>,
}

/// One training to check: its declaration, and the data's signature where that is known.
#[derive(Clone, Copy)]
pub struct Training<'n> {
    /// The declarations around it.
    pub names: Names<'n>,
    /// Itself.
    pub entry: Entry<'n>,
    /// Its settings.
    pub settings: &'n Record,
    /// What the data is.
    pub data: Option<&'n DataSignature>,
}

/// Checks a `train` declaration; with the data's signature it is checked to the last shape, with choices by them.
pub fn check<'n>(
    names: Names<'n>,
    findings: &mut Findings,
    entry: Entry<'n>,
    settings: &'n Record,
    data: Option<&'n DataSignature>,
    choices: &BTreeMap<Place, Choice>,
) -> TrainInstance {
    let training = Training { names, entry, settings, data };
    if !names.all.tunes.any() {
        return training.once(findings);
    }
    let (mut instance, variables, mut found) = training.at(choices, findings);
    if let Some(first) = variables.first() {
        let refusal = cannot_run(first.span, "a search")
            .help(format!("`--set` gives one value in place of a `tune`; this one is called `{}`", first.name));
        if data.is_none() {
            let steps = found.unrolled.saturating_sub(findings.unrolled);
            let space = space::explore(&training, &instance, variables, &mut found, steps);
            let kind = format!("training, a search of {space}");
            let (name, definition) = (entry.name.text.clone(), entry.name.span);
            found.note(definition, FactKind::Value { name, kind, docs: None, definition });
            instance.space = Some(space);
            instance.refusals.push(refusal);
        } else if choices.is_empty() {
            found.report(refusal);
            instance.plan = None;
        }
    }
    findings.absorb(found);
    instance
}

/// Bytes of models that may be checked again for the trainings of a file, beside as many as the file has: otherwise a large
/// model and many trainings would take the product of both.
const MAX_REREAD: usize = 1 << 20;

impl<'n> Training<'n> {
    /// Checks with these choices; what it finds is kept apart. Answers what is searched for.
    pub fn at(&self, choices: &BTreeMap<Place, Choice>, known: &Findings) -> (TrainInstance, Vec<Variable>, Findings) {
        let mut findings = known.apart();
        // Constants may hold what is searched for.
        self.names.forget();
        let (instance, variables) = self.names.all.tunes.with(choices, || self.once(&mut findings));
        self.names.forget();
        (instance, variables, findings)
    }

    fn once(&self, findings: &mut Findings) -> TrainInstance {
        let Self { names, entry, settings, data } = *self;
        let mut instance = TrainInstance {
            name: entry.name.text.clone(),
            span: entry.name.span,
            model: None,
            dataset: None,
            graph: None,
            complete: false,
            rewrite: None,
            space: None,
            refusals: Vec::new(),
            plan: None,
        };
        let mut cx = Context::new(names, findings, &entry.name.text);
        let site = Site { head: entry.name.span, end: settings.span.after(), noun: "setting" };
        let bound = cx.bind(&TRAIN, settings.entries.iter().map(Given::from), site);
        self.check(&mut cx, &bound, &mut instance);
        instance.refusals = std::mem::take(&mut cx.refusals);
        instance.refusals.sort_by_key(|refusal| (refusal.label.span.file, refusal.label.span.start));
        if data.is_some() && !instance.refusals.is_empty() {
            instance.plan = None;
            instance.refusals.iter().for_each(|refusal| cx.report(refusal.clone()));
        }
        instance
    }

    fn check(&self, cx: &mut Context<'_>, bound: &Arguments<'_>, instance: &mut TrainInstance) {
        let Self { names, settings, data, .. } = *self;
        let rows = bound.expr("dataset").and_then(|expr| cx.dataset_use(expr));
        if let Some(rows) = &rows {
            cx.refusals.extend(rows.refusals.iter().cloned());
            instance.dataset = rows.plan.clone();
            let file = rows.plan.is_none() && rows.refusals.is_empty();
            let at = bound.span("dataset", rows.span);
            cx.refusals.extend(file.then(|| cannot_run(at, "a training on a dataset without a `target`")));
        }
        let used = bound.expr("model").and_then(|expr| {
            let expr = cx.choice_of(expr);
            cx.model_use(expr)
        });
        instance.model = used.as_ref().map(|used| used.model.name.text.clone());
        let (metrics, all_metrics) = cx.metrics(bound.expr("metrics"));
        cx.upkeep(bound, rows.as_ref(), &metrics, self.entry);
        let target = rows.as_ref().map(|rows| rows.target.as_deref().unwrap_or("…"));
        let pair =
            used.as_ref().zip(target).map(|(used, target)| format!("({}, {target})", declared_output(used.model)));
        let (Some(rows), Some(used)) = (rows.as_ref(), used.as_ref()) else {
            // The one that is there is checked all the same.
            if let Some(rows) = &rows {
                cx.fields(rows, data, &readers(bound));
                let given = bound.expr("inputs").filter(|expr| matches!(expr.kind, ExprKind::Record(_)));
                given.into_iter().for_each(|expr| cx.evaluate_parts(expr));
            }
            let taught = bound.expr("loss").and_then(|expr| cx.taught(expr, pair.as_deref()));
            cx.metrics_of_text(&metrics, taught);
            if let Some(used) = used.filter(|used| cx.may_reread(used)) {
                instance.graph = Some(instantiate(names, cx.findings, used.model, used.uses).graph);
            }
            return;
        };
        if !cx.may_reread(used) {
            return;
        }
        cx.fields(rows, data, &readers(bound));
        let feeds = cx.feeds(bound, settings, Some(used.model), &declared_inputs(used.model), rows, data.is_some());
        let built = cx.model_body(used, &feeds);
        let pair = format!("({}, {})", built.output_name, rows.target.as_deref().unwrap_or("…"));
        let named = bound.expr("loss").is_none_or(|expr| cx.outputs(expr, used.model, &built, rows));
        let taught = bound.expr("loss").filter(|_| named).and_then(|expr| cx.taught(expr, Some(&pair)));
        let losses = match cx.flatten_rewrite(&built, rows) {
            Some(rewrite) => {
                instance.rewrite = Some(rewrite);
                None
            }
            None => {
                // A statement that could not be read may be the one that names the output.
                let quiet = std::mem::replace(&mut cx.quiet, built.unread);
                cx.unnamed_output = unnamed_output(used.model);
                let losses = self.losses(cx, bound, taught, &pair, &built, rows);
                cx.unnamed_output = None;
                cx.quiet = quiet;
                losses
            }
        };
        let fit = match losses {
            Some(losses) => cx.metrics_fit(&metrics, losses.teaches, &taught.map_or_else(String::new, name_of)),
            None => cx.metrics_of_text(&metrics, taught),
        };
        if let Some(losses) = losses {
            cx.builder.output(PREDICTION_OUTPUT, losses.prediction);
            let rows = cx.regularized(losses.rows);
            cx.builder.output(LOSS_OUTPUT, rows);
            cx.builder.output(MODEL_OUTPUT, built.output.unwrap_or(losses.prediction));
        }
        cx.frozen(bound.expr("freeze"));
        cx.weighted(bound.expr("class_weights"), losses.map(|losses| losses.teaches));
        let graph = std::mem::take(&mut cx.builder).finish();

        let alone = instantiate(names, cx.findings, used.model, used.uses);
        instance.complete = alone.complete;
        instance.graph = Some(alone.graph);
        let sound = fit && all_metrics && !bound.faulty && data.is_some() && graph.is_complete();
        if let (true, Some(losses)) = (sound, losses) {
            let loss = bound.expr("loss").map_or_else(String::new, |expr| match taught {
                Some(Taught::Named(def)) => def.signature.name.to_owned(),
                _ => cx.written(expr.span).to_owned(),
            });
            instance.plan = plan(bound, &metrics, losses, loss, &instance.name, used, graph);
        }
    }

    fn losses(
        &self,
        cx: &mut Context<'_>,
        bound: &Arguments<'_>,
        taught: Option<Taught>,
        pair: &str,
        built: &Built,
        rows: &Rows,
    ) -> Option<Losses> {
        let mut objective = Objective::default();
        let fields = self.data.map_or(&rows.fields, |data| &data.fields);
        for field in fields {
            if let (Some(classes), Some(Value::Tensor(id))) =
                (&field.classes, cx.scope.get(&field.name).map(|binding| &binding.value))
            {
                objective.classes.insert(*id, classes.len());
            }
        }
        cx.objective = Some(objective);
        let losses =
            bound.expr("loss").zip(taught).and_then(|(expr, taught)| cx.losses(expr, taught, pair, built.output));
        cx.objective = None;
        losses
    }
}

/// What a loss is called in messages.
fn name_of(taught: Taught) -> String {
    match taught {
        Taught::Named(def) => format!("`{}`", def.signature.name),
        Taught::Expression => "this loss".to_owned(),
    }
}

/// The settings that name columns.
fn readers<'e>(bound: &Arguments<'e>) -> Vec<&'e Expr> {
    ["inputs", "loss"].into_iter().filter_map(|setting| bound.expr(setting)).collect()
}

fn plan(
    bound: &Arguments<'_>,
    metrics: &[Settings],
    losses: Losses,
    loss: String,
    name: &str,
    used: &ModelUse<'_, '_>,
    graph: Graph,
) -> Option<TrainPlan> {
    let optimizer: Optimizer = match bound.value("optimizer") {
        None => optimizers::DEFAULT,
        Some(Value::Settings(given)) => optimizers::plan(given)?,
        Some(_) => return None,
    };
    let metrics: Option<Vec<Metric>> = metrics.iter().map(|metric| metrics::plan(metric.signature.name)).collect();
    Some(TrainPlan {
        name: name.to_owned(),
        model: used.model.name.text.clone(),
        graph,
        task: losses.teaches.task(),
        loss,
        metrics: metrics?,
        optimizer,
        epochs: bound.int("epochs").unwrap_or(1),
        batch_size: bound.int("batch_size").unwrap_or(1),
        validation_split: bound.float("validation_split"),
        shuffle: bound.bool("shuffle"),
        seed: bound.unsigned("seed"),
    })
}

impl Context<'_> {
    /// Whether a model may be checked once more; where not, that is reported.
    fn may_reread(&mut self, used: &ModelUse<'_, '_>) -> bool {
        let limit = MAX_REREAD + self.names.source.text.len();
        let before = self.findings.reread;
        self.findings.reread = before.saturating_add(used.model.body.span.range().len());
        let may = self.findings.reread <= limit;
        if !may && before <= limit {
            let message = "the trainings of this file take too many large models to be checked together";
            self.report(
                Diagnostic::new(Code::ModelTooLarge, used.span, message)
                    .label(format!("with this one, models of more than {limit} bytes"))
                    .help("put some of the trainings into a file of their own"),
            );
        }
        may
    }

    /// Checks the values of settings between braces whose keys cannot be judged.
    fn evaluate_parts(&mut self, expr: &Expr) {
        if let ExprKind::Record(record) = &expr.kind {
            for entry in &record.entries {
                self.evaluate(&entry.value);
            }
        }
    }

    /// The metrics against a loss that was not computed, as far as its name tells.
    fn metrics_of_text(&mut self, metrics: &[Settings], taught: Option<Taught>) -> bool {
        match (taught, taught.and_then(Taught::teaches)) {
            (Some(taught), Some(teaches)) => self.metrics_fit(metrics, teaches, &name_of(taught)),
            (taught, _) => taught.is_some(),
        }
    }

    /// Puts the model's outputs in scope by their names; an output and a field of one name are reported.
    fn outputs(&mut self, loss: &Expr, model: &ast::Model, built: &Built, rows: &Rows) -> bool {
        let mut distinct = true;
        for (name, output) in &built.outputs {
            let value = output.map_or(Value::Unknown, Value::Tensor);
            let definition = output.map_or(loss.span, |output| self.builder.value(output).span);
            if self.scope.contains_key(name) && !rows.open {
                distinct = false;
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        definition,
                        format!("`{name}` is both the model's output and a field of `{}`", rows.name),
                    )
                    .label("give the output another name with `as`")
                    .related(rows.span, "the field"),
                );
                continue;
            }
            self.field(name, value, output_named(model, name).unwrap_or(definition));
        }
        distinct
    }

    /// The `Flatten()` that one label a row asks for, when the output has several axes.
    fn flatten_rewrite(&mut self, built: &Built, rows: &Rows) -> Option<Fix> {
        let output: ValueId = built.output?;
        let target = rows.target.as_ref().and_then(|target| self.scope.get(target)).map(|binding| &binding.value);
        let one_label = matches!(target, Some(Value::Tensor(id)) if self.builder.shape(*id).row().rank() == 0);
        let row = self.builder.shape(output).row();
        let edit = built.flatten.clone().filter(|_| one_label && row.rank() > 1)?;
        let title = format!("`Flatten()` before the last `Dense`, since `{}` has one label a row", rows.name);
        let rewrite = Fix { title, edits: vec![edit.clone()], applicability: Applicability::Safe };
        let mut note = Diagnostic::new(
            Code::FlattenInserted,
            self.builder.value(output).span,
            format!(
                "`Flatten()` is inserted here when compiling and training, since `{}` has one label a row",
                rows.name
            ),
        )
        .label(format!("without it, this makes {row}"))
        .related(rows.span, "one label a row");
        note.fixes.push(Fix { title: "insert `Flatten()`".into(), ..rewrite.clone() });
        self.report(note);
        Some(rewrite)
    }
}
