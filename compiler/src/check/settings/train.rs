//! Checks a `train` declaration against its model and its dataset, and makes the plan the runtime follows.

use std::collections::BTreeMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind, Record};

use super::super::arguments::{Arguments, Given, Site, cannot_run};
use super::super::context::{Context, Findings};
use super::super::facts::FactKind;
use super::super::flow::{Built, Predicted, output_named};
use super::super::model::{ModelUse, declared_head, declared_output, instantiate, unnamed_output};
use super::super::names::{Entry, Names};
use super::super::value::Value;
use super::augment::{self, Refused};
use super::objective::{Objective, Taught};
use super::space::{self, SearchSpace};
use super::tune::{Choice, Place, Variable};
use super::upkeep::monitor_of;
use super::{Rows, Settings};
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::ir::{Graph, Shape, ValueId};
use crate::plan::{
    Checkpoints, DataSignature, DataSource, DatasetPlan, DeviceChoice, EarlyStopping, Ema, LOSS_OUTPUT, Located,
    MODEL_OUTPUT, Metric, Monitor, Optimizer, PREDICTION_OUTPUT, Schedule, Search, SearchMethod, Setting,
    TARGET_OUTPUT, TrainPlan, Validation, Weighting,
};
use crate::schema::Found;
use crate::settings::losses::Losses;
use crate::settings::train::TRAIN;
use crate::settings::{metrics, optimizers, schedules};

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
    /// Where the rows come from that are held out, if they are those of another dataset.
    pub held_out: Option<DatasetPlan>,
    /// The model as it is used here, its input fed from outside.
    pub graph: Option<Graph>,
    /// Whether that graph can be run or exported.
    pub complete: bool,
    /// The change of the text that the data asks for: `Flatten()` before the last `Dense`.
    pub rewrite: Option<Fix>,
    /// What it searches for; nothing where everything in it is settled.
    pub space: Option<SearchSpace>,
    /// How it searches.
    pub search: Option<Search>,
    /// What is to compute it.
    pub device: Setting<DeviceChoice>,
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
    if !variables.is_empty() {
        found.remember_nothing();
        if data.is_none() {
            let steps = found.unrolled.saturating_sub(findings.unrolled);
            let space = space::explore(&training, &instance, variables, &mut found, steps);
            let kind = format!("training, a search of {space}");
            let (name, definition) = (entry.name.text.clone(), entry.name.span);
            found.note(definition, FactKind::Value { name, kind, docs: None, definition });
            let grid = instance.search.as_ref().is_some_and(|search| search.method == SearchMethod::Grid);
            let endless = space.variables.iter().filter(|variable| variable.choices.count().is_none());
            for variable in endless.filter(|_| grid) {
                let fault = Diagnostic::new(
                    Code::Conflict,
                    variable.span,
                    format!("a grid goes through every choice, and `{}` is any number of a range", variable.name),
                );
                found.report(fault.label("without end").help("`step` makes steps of it; other methods draw from it"));
            }
            instance.space = Some(space);
        }
    }
    findings.absorb(found);
    instance
}

/// Bytes of models that may be checked again for the trainings of a file, beside as many as the file has: otherwise a large
/// model and many trainings would take the product of both.
pub const MAX_REREAD: usize = 1 << 20;

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
            held_out: None,
            graph: None,
            complete: false,
            rewrite: None,
            space: None,
            search: None,
            device: Setting::default(),
            refusals: Vec::new(),
            plan: None,
        };
        let mut cx = Context::new(names, findings, &entry.name.text);
        cx.keeps_names = data.is_some();
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
        }
        let used = bound.expr("model").and_then(|expr| {
            let expr = cx.choice_of(expr);
            cx.model_use(expr)
        });
        instance.model = used.as_ref().map(|used| used.model.name.text.clone());
        let (metrics, all_metrics) = cx.metrics(bound.expr("metrics"));
        instance.search = Some(cx.how_to_search(bound));
        let at = |name: &str| bound.expr(name).map(|expr| expr.span);
        instance.device = Setting { value: bound.word("device").parse().unwrap_or_default(), at: at("device") };
        if let (word @ ("bf16" | "f16"), Some(at)) = (bound.word("precision"), at("precision")) {
            let refusal = cannot_run(at, &format!("a training in `{word}`"));
            cx.refusals.push(refusal.help("`auto` and `f32` compute with 32 bits, on every device"));
        }
        let others = cx.upkeep(bound, rows.as_ref(), &metrics, self.entry);
        let mut augments = rows.as_ref().is_none_or(|rows| cx.augmented(bound, rows, data));
        if let Some(others) = others {
            cx.refusals.extend(others.refusals.iter().cloned());
            instance.held_out = others.plan;
        }
        let target = rows.as_ref().map(|rows| rows.compared().unwrap_or("…"));
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
        let feeds = cx.feeds(bound, settings, used.model, &cx.learning(bound, used, rows), data.is_some());
        let frozen = cx.frozen(bound.expr("freeze"));
        let errors = cx.findings.errors;
        let built = cx.model_body(used, &feeds);
        if cx.keeps_names {
            for (name, output) in &built.outputs {
                output.iter().for_each(|output| cx.builder.called(name.clone(), *output, true));
            }
        }
        let predicted = built.output.and_then(|output| cx.heads.get(&output).cloned());
        let rows = &match &predicted {
            Some(predicted) if rows.target.is_none() && rows.table == Some(predicted.table) => {
                Rows { target: Some(predicted.column.clone()), ..rows.clone() }
            }
            _ => rows.clone(),
        };
        let pair = format!("({}, {})", built.output_name, rows.compared().unwrap_or("…"));
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
                let losses = match bound.expr("loss") {
                    Some(_) => self.losses(cx, bound, taught, &pair, &built, rows),
                    None => cx.losses_by_column(bound, &built, predicted.as_ref(), rows, self.entry.name.span),
                };
                cx.unnamed_output = None;
                cx.quiet = quiet;
                losses
            }
        };
        let by_column = predicted.as_ref().filter(|_| bound.expr("loss").is_none()).map(Predicted::loss);
        let name = taught.map(name_of).or_else(|| by_column.map(|name| format!("`{name}`")));
        let fit = match losses {
            Some(losses) => cx.metrics_of_losses(&metrics, &losses, &name.unwrap_or_default()),
            None => cx.metrics_of_text(&metrics, taught),
        };
        if let Some(losses) = losses {
            cx.builder.output(PREDICTION_OUTPUT, losses.prediction);
            let weighted = bound.given("class_weights") || bound.given("sample_weight");
            let again = |cx: &mut Context<'_>| self.losses(cx, bound, taught, &pair, &built, rows);
            let counted = match cx.mixed(bound, &losses, rows, again) {
                Ok(Some(mixed)) => mixed,
                Ok(None) => cx.counted(weighted, losses.rows),
                Err(Refused) => {
                    augments = false;
                    losses.rows
                }
            };
            let rows = cx.regularized(counted);
            cx.builder.output(LOSS_OUTPUT, rows);
            if let Some(target) = losses.target {
                cx.builder.output(TARGET_OUTPUT, target);
            }
            cx.builder.output(MODEL_OUTPUT, built.output.unwrap_or(losses.prediction));
        }
        cx.freezes_something(frozen);
        let weighting = cx.weighting(bound, losses, rows, data);
        let graph = std::mem::take(&mut cx.builder).finish();
        if losses.is_some() {
            let at = bound.span("dataset", rows.span);
            cx.read_only(&mut instance.dataset, &graph, predicted.as_ref(), at);
            if instance.held_out.is_some() {
                cx.read_only(&mut instance.held_out, &graph, predicted.as_ref(), at);
            }
        }

        // Where it is fed what anyone would feed it, and nothing was wrong, there is nothing more to be found.
        if cx.findings.keeps_given || !built.settled || cx.findings.errors > errors {
            let alone = instantiate(names, cx.findings, used.model, used.uses);
            instance.complete = alone.complete;
            instance.graph = Some(alone.graph);
        }
        let sound = fit && all_metrics && augments && !bound.faulty && data.is_some() && graph.is_complete();
        if let (true, Some(losses), Some(weighting)) = (sound, losses, weighting) {
            let loss = bound.expr("loss").map_or_else(
                || by_column.unwrap_or_default().to_owned(),
                |expr| match taught {
                    Some(Taught::Named(def)) => def.signature.name.to_owned(),
                    _ => cx.written(expr.span).to_owned(),
                },
            );
            instance.plan = plan(cx, bound, &metrics, losses, Learnt { loss, weighting, graph }, &instance.name, used);
        }
        if let Some(Value::Settings(validation)) = bound.value("validation") {
            cx.keep_key(&mut instance.dataset, rows, validation);
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

/// What a training minimises.
struct Learnt {
    /// What the loss is called.
    loss: String,
    weighting: Weighting,
    graph: Graph,
}

fn plan(
    cx: &mut Context<'_>,
    bound: &Arguments<'_>,
    metrics: &[Settings],
    losses: Losses,
    Learnt { loss, weighting, graph }: Learnt,
    name: &str,
    used: &ModelUse<'_, '_>,
) -> Option<TrainPlan> {
    let mut optimizer: Optimizer = match bound.value("optimizer") {
        None => optimizers::DEFAULT,
        Some(Value::Settings(given)) => optimizers::plan(given)?,
        Some(_) => return None,
    };
    optimizer.clip_norm = bound.given("clip_norm").then(|| bound.float("clip_norm"));
    optimizer.clip_value = bound.given("clip_value").then(|| bound.float("clip_value"));
    let held_out = bound.float("validation_split") > 0.0 || bound.given("validation");
    let settings = |name: &str| match bound.value(name) {
        Some(Value::Settings(settings)) => Some(settings),
        _ => None,
    };
    let whole = |settings: &Settings, name: &str| settings.int(name).and_then(|number| usize::try_from(number).ok());
    let mut watched = |name: &str, settings: &Settings| cx.watched(settings, monitor_of(bound, name), held_out);
    let schedule = match bound.value("schedule") {
        None => Schedule::CONSTANT,
        Some(Value::Settings(given)) => schedules::plan(given, || watched("schedule", given))?,
        Some(_) => return None,
    };
    let early_stopping = settings("early_stopping").map(|given| EarlyStopping {
        monitor: watched("early_stopping", given),
        patience: whole(given, "patience").unwrap_or_default(),
        min_delta: given.float("min_delta"),
        baseline: given.given("baseline").map(|_| given.float("baseline")),
        start: whole(given, "start").unwrap_or_default(),
    });
    let kept = settings("checkpoints");
    let monitor = match (kept, &early_stopping) {
        (Some(given), _) if monitor_of(bound, "checkpoints").is_some() => watched("checkpoints", given),
        (_, Some(stopping)) => stopping.monitor.clone(),
        (_, None) => Monitor::loss(held_out),
    };
    let ema = settings("ema").map(|given| Ema {
        decay: given.float("decay"),
        every: whole(given, "every").unwrap_or(1),
        start: whole(given, "start").unwrap_or_default(),
    });
    let metrics: Option<Vec<Metric>> = metrics.iter().map(metrics::plan).collect();
    Some(TrainPlan {
        name: name.to_owned(),
        model: used.model.name.text.clone(),
        graph,
        task: losses.teaches.task(),
        loss,
        metrics: metrics?,
        optimizer,
        schedule,
        epochs: bound.int("epochs").unwrap_or(1),
        max_steps: bound.int("max_steps"),
        batch_size: bound.int("batch_size").unwrap_or(1),
        gradient_accumulation: bound.int("gradient_accumulation").unwrap_or(1),
        validation: validation(bound)?,
        shuffle: bound.bool("shuffle"),
        augment: augment::plan(bound)?,
        weighting,
        ema,
        monitor,
        keeps_best: kept.is_none_or(|given| given.bool("best")),
        early_stopping,
        checkpoints: kept.map(|given| Checkpoints {
            every: whole(given, "every").unwrap_or(1),
            every_steps: given.given("every_steps").and_then(|_| whole(given, "every_steps")),
            every_time: given.quantity("every_time").map(|quantity| quantity.amount()),
            keep: whole(given, "keep").unwrap_or(1),
        }),
        origin: bound.expr("from").and_then(|from| cx.first_weights(from)),
        seed: bound.unsigned("seed"),
    })
}

/// Which rows are held out; nothing where that cannot be told.
fn validation(bound: &Arguments<'_>) -> Option<Validation> {
    let given = match bound.value("validation") {
        None => {
            let share = bound.float("validation_split");
            return Some(if share > 0.0 { Validation::Random { share } } else { Validation::None });
        }
        Some(Value::Settings(given)) => given,
        Some(_) => return None,
    };
    let by = || match given.given("by") {
        Some((_, Value::Text(by))) => Some(by.to_string()),
        _ => None,
    };
    Some(match given.signature.name {
        "random" => Validation::Random { share: given.float("share") },
        "stratified" => Validation::Stratified { share: given.float("share"), by: by() },
        "group" => Validation::Group { share: given.float("share"), by: by()? },
        "time" => Validation::Time { share: given.float("share"), by: by()? },
        "rows" => Validation::Rows { dataset: other_rows(bound)? },
        _ => return None,
    })
}

/// The name of the dataset whose rows are held out.
fn other_rows(bound: &Arguments<'_>) -> Option<String> {
    let ExprKind::Call { arguments, .. } = &bound.expr("validation")?.kind else { return None };
    fn name(expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Field { base, name: table } => Some(format!("{}.{}", name(base)?, table.text)),
            _ => None,
        }
    }
    name(&arguments.first()?.value)
}

impl Context<'_> {
    /// Has the column read by which rows are held out, under the name that the files have for it.
    fn keep_key(&self, plan: &mut Option<DatasetPlan>, rows: &Rows, validation: &Settings) {
        let Some(DatasetPlan {
            source:
                DataSource::Columns { files, .. } | DataSource::Table { files, .. } | DataSource::Pictures { files, .. },
            ..
        }) = plan
        else {
            return;
        };
        let by = validation.signature.parameter("by").and_then(|_| validation.given("by"));
        if let Some((span, Value::Text(by))) = by {
            let table = rows.table.zip(self.names.all.schemas.get()).map(|(id, schemas)| schemas.at(id));
            let column = table.and_then(|table| table.column(by)).map(|(_, column)| column.outside_name());
            files.key = Some(Located { text: column.unwrap_or(by).to_owned(), span });
        }
    }

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
                let message = format!("`{name}` is both the model's output and a field of `{}`", rows.name);
                let fault = Diagnostic::new(Code::Duplicate, definition, message)
                    .label("give the output another name with `as`")
                    .related(rows.span, "the field");
                let own = output.and_then(|output| self.heads.get(&output)).is_some_and(|head| head.column == *name);
                self.report(match own {
                    true => {
                        fault.help("or leave out `loss`: what is minimised follows from the column that is predicted")
                    }
                    false => fault,
                });
                continue;
            }
            self.field(name, value, output_named(model, name).unwrap_or(definition));
        }
        distinct
    }

    /// The rows with what is learnt of them: without a `loss` that is the column the model predicts.
    fn learning(&self, bound: &Arguments<'_>, used: &ModelUse<'_, '_>, rows: &Rows) -> Rows {
        let schemas = self.names.all.schemas.get().filter(|_| !bound.given("loss"));
        let found = schemas.zip(declared_head(used.model)).map(|(schemas, path)| (schemas, schemas.find(path, None)));
        match found {
            Some((schemas, Ok(Found::Column(table, column)))) if rows.table == Some(table) => {
                Rows { target: Some(schemas.at(table).at(column).name.clone()), ..rows.clone() }
            }
            _ => rows.clone(),
        }
    }

    /// The loss that the column asks for which the model's output predicts.
    fn losses_by_column(
        &mut self,
        bound: &Arguments<'_>,
        built: &Built,
        predicted: Option<&Predicted>,
        rows: &Rows,
        head: Span,
    ) -> Option<Losses> {
        let output = built.output?;
        let Some(predicted) = predicted else {
            if !bound.given("steps") {
                let fault =
                    Diagnostic::new(Code::MissingArgument, head, "`train` needs `loss`").label("`loss` not given");
                let fault = fault.help("`loss` is what is minimised: a loss, such as `cross_entropy(logits, label)`, or an expression of one");
                self.report(fault.help("of an output that predicts a column it need not be given: `Dense(1) as churned: Shop.Customer.churned`"));
            }
            return None;
        };
        let at = bound.span("dataset", rows.span);
        if rows.table != Some(predicted.table) {
            if !rows.open {
                let message =
                    format!("the model predicts `{}`, and `{}` has no such column", predicted.head.path, rows.name);
                let fault = Diagnostic::new(Code::DataMismatch, at, message).label("rows of something else");
                self.report(fault.related(predicted.span, "predicted here").related(rows.span, "declared here"));
            }
            return None;
        }
        if rows.target.as_ref().is_some_and(|target| *target != predicted.column) {
            let target = rows.target.as_deref().unwrap_or_default();
            let message =
                format!("the model predicts `{}`, and the target of `{}` is `{target}`", predicted.column, rows.name);
            let fault = Diagnostic::new(Code::Conflict, at, message).label("which is to be learnt?");
            let fault = fault.related(predicted.span, "predicted here").related(rows.span, "declared here");
            self.report(fault.help("leave out the `target`, or say what is minimised with `loss`"));
            return None;
        }
        let target = match self.scope.get(&predicted.column).map(|binding| &binding.value) {
            Some(Value::Tensor(id)) => *id,
            // Predicting from rows without labels: the loss is built all the same, and pruned.
            _ => {
                let (name, element) = (predicted.column.clone(), predicted.head.encoding.element());
                self.builder.input(name, element, Shape::batched([]), rows.span)
            }
        };
        let (_, losses) = self.loss_of_column(predicted.loss(), output, target, predicted.span)?;
        Some(losses)
    }

    /// Leaves of a table's columns those that a training reads, and says which it learns.
    fn read_only(&mut self, plan: &mut Option<DatasetPlan>, graph: &Graph, predicted: Option<&Predicted>, at: Span) {
        let Some(DatasetPlan { source: DataSource::Table { columns, target, .. }, .. }) = plan else { return };
        if let (None, Some(predicted)) = (&target, predicted) {
            *target = Some(Located { text: predicted.column.clone(), span: predicted.span });
        }
        let read_by = |outputs: &[&str]| -> Vec<String> {
            let graph = graph.pruned(outputs);
            graph.inputs.iter().map(|input| graph.value(*input).name.to_string()).collect()
        };
        let read = read_by(&[PREDICTION_OUTPUT, LOSS_OUTPUT]);
        if target.is_none() {
            // Of what the loss reads and the model does not: where it is one column, that is what is learnt.
            let fed = read_by(&[PREDICTION_OUTPUT]);
            let mut others = columns.iter().filter(|column| read.contains(&column.name) && !fed.contains(&column.name));
            *target = match (others.next(), others.next()) {
                (Some(one), None) => Some(Located { text: one.name.clone(), span: at }),
                _ => None,
            };
        }
        let learnt = target.as_ref().map(|target| &target.text);
        columns.retain(|column| learnt == Some(&column.name) || read.contains(&column.name));
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
