//! Checks a `train` declaration against its model and its dataset, and makes the plan the runtime follows.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind, Record};

use super::arguments::{Arguments, Given, Site};
use super::context::{Context, Findings};
use super::facts::FactKind;
use super::flow::Built;
use super::model::{ModelUse, declared_inputs, declared_output, instantiate};
use super::names::{Declared, Entry, Names};
use super::scope::Binding;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::ir::{Dim, ElementType, Graph, Shape};
use crate::losses::{LossDef, Losses, Pair};
use crate::plan::{
    DataField, DataSignature, DataSource, DatasetPlan, LOSS_OUTPUT, MODEL_OUTPUT, Optimizer, PREDICTION_OUTPUT,
    TrainPlan,
};
use crate::train::{LATER, TRAIN};

/// What checking a `train` declaration found.
#[derive(Clone, Debug)]
pub struct TrainInstance {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// The model's name.
    pub model: Option<String>,
    /// Where its rows come from.
    pub dataset: Option<DatasetPlan>,
    /// The model as it is used here, its input fed from outside.
    pub graph: Option<Graph>,
    /// Whether that graph can be run or exported.
    pub complete: bool,
    /// The change of the text that the data asks for: `Flatten()` before the last `Dense`.
    pub rewrite: Option<Fix>,
    /// What the runtime is asked for; there only when the data's signature was given and nothing was wrong.
    pub plan: Option<TrainPlan>,
}

/// Checks a `train` declaration; with the data's signature it is checked to the last shape.
pub fn check<'n>(
    names: Names<'n>,
    findings: &mut Findings,
    entry: Entry<'n>,
    settings: &Record,
    data: Option<&DataSignature>,
) -> TrainInstance {
    let mut instance = TrainInstance {
        name: entry.name.text.clone(),
        span: entry.name.span,
        model: None,
        dataset: None,
        graph: None,
        complete: false,
        rewrite: None,
        plan: None,
    };
    let mut cx = Context::new(names, findings, &entry.name.text);
    let known = |given: &Given<'_>| given.name.is_none_or(|name| !LATER.contains(&name.text.as_str()));
    let (given, later): (Vec<_>, Vec<_>) = settings.entries.iter().map(Given::from).partition(known);
    for name in later.into_iter().filter_map(|given| given.name) {
        cx.report(
            Diagnostic::new(
                Code::Reserved,
                name.span,
                format!("the setting `{}` is not in this version of ndsl", name.text),
            )
            .label("will come later"),
        );
    }
    let site = Site { head: entry.name.span, end: settings.span.after(), noun: "setting" };
    let bound = cx.bind(&TRAIN, given, site);

    let optimizer = bound.expr("optimizer").map_or_else(|| Some(default_optimizer()), |expr| cx.optimizer(expr));
    instance.dataset = bound.expr("dataset").and_then(|expr| cx.dataset_use(expr));
    let used = bound.expr("model").and_then(|expr| cx.model_use(expr));
    instance.model = used.as_ref().map(|used| used.model.name.text.clone());
    let target = instance.dataset.as_ref().map(|dataset| dataset.source.target());
    let pair = used.as_ref().zip(target).map(|(used, target)| format!("({}, {target})", declared_output(used.model)));
    let loss_def = bound.expr("loss").and_then(|expr| cx.loss_def(expr, pair.as_deref()));
    let metrics = cx.metrics(bound.expr("metrics"), loss_def);
    let (Some(dataset), Some(used)) = (instance.dataset.clone(), used.as_ref()) else {
        // The one that is there is checked all the same.
        if let Some(dataset) = &instance.dataset {
            cx.fields(dataset, data);
            let given = bound.expr("inputs").filter(|expr| matches!(expr.kind, ExprKind::Record(_)));
            given.into_iter().for_each(|expr| cx.evaluate_parts(expr));
        }
        if let Some(used) = used.filter(|used| cx.may_reread(used)) {
            instance.graph = Some(instantiate(names, cx.findings, used.model, used.uses).graph);
        }
        return instance;
    };
    if !cx.may_reread(used) {
        return instance;
    }

    cx.fields(&dataset, data);
    let feeds = cx.feeds(&bound, settings, &declared_inputs(used.model), &dataset, data.is_some());
    let built = cx.model_body(used, &feeds);
    let losses = match cx.flatten_rewrite(&built, &dataset) {
        Some(rewrite) => {
            instance.rewrite = Some(rewrite);
            None
        }
        None => {
            // A statement that could not be read may be the one that names the output.
            let quiet = std::mem::replace(&mut cx.quiet, built.unread);
            let losses = cx.losses(&bound, loss_def, &built, &dataset, data);
            cx.quiet = quiet;
            losses
        }
    };
    if let Some(losses) = losses {
        cx.builder.output(PREDICTION_OUTPUT, losses.prediction);
        let rows = cx.regularized(losses.rows);
        cx.builder.output(LOSS_OUTPUT, rows);
        cx.builder.output(MODEL_OUTPUT, built.output.unwrap_or(losses.prediction));
    }
    let graph = std::mem::take(&mut cx.builder).finish();

    let alone = instantiate(names, cx.findings, used.model, used.uses);
    instance.complete = alone.complete;
    instance.graph = Some(alone.graph);
    let sound = losses.is_some() && !bound.faulty && data.is_some() && graph.is_complete();
    if let (true, Some(loss), Some(metrics), Some(optimizer)) = (sound, loss_def, metrics, optimizer) {
        instance.plan = Some(TrainPlan {
            name: instance.name.clone(),
            model: used.model.name.text.clone(),
            graph,
            task: loss.task,
            loss: loss.signature.name.to_owned(),
            metrics,
            optimizer,
            epochs: bound.int("epochs").unwrap_or(1),
            batch_size: bound.int("batch_size").unwrap_or(1),
            validation_split: bound.float("validation_split"),
            shuffle: bound.bool("shuffle"),
            seed: bound.unsigned("seed"),
        });
    }
    instance
}

fn default_optimizer() -> Optimizer {
    Optimizer::Adam { learning_rate: 1e-3, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
}

/// Bytes of models that may be checked again for the trainings of a file, beside as many as the file has: otherwise a large
/// model and many trainings would take the product of both.
const MAX_REREAD: usize = 1 << 20;

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

    fn dataset_use(&mut self, expr: &Expr) -> Option<DatasetPlan> {
        let ExprKind::Name(name) = &expr.kind else {
            if !matches!(expr.kind, ExprKind::Error) {
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, "`dataset` takes the name of a dataset")
                        .label("expected a name")
                        .help("declare it: `dataset Digits = csv(\"digits.csv\", target=label)`"),
                );
            }
            return None;
        };
        match self.names.get(name) {
            Some(entry) => match entry.declared {
                Declared::Dataset(source) => {
                    let fact = FactKind::Value {
                        name: name.clone(),
                        kind: "dataset".into(),
                        docs: None,
                        definition: entry.name.span,
                    };
                    self.fact(expr.span, fact);
                    // Its own faults are reported where it is declared.
                    let quiet = std::mem::replace(&mut self.quiet, true);
                    let names = self.enter(entry.name.span);
                    let dataset = self.dataset(name, entry.name.span, source);
                    (self.quiet, self.names) = (quiet, names);
                    dataset
                }
                Declared::Broken => None,
                other => {
                    self.report(
                        Diagnostic::new(
                            Code::WrongType,
                            expr.span,
                            format!("`{name}` is a {}, not a dataset", other.noun()),
                        )
                        .label("expected a dataset")
                        .related(entry.name.span, "declared here"),
                    );
                    None
                }
            },
            None => {
                let fault = Diagnostic::new(Code::UnknownName, expr.span, format!("there is no dataset `{name}`"));
                let names = self.names;
                self.unknown_declaration(fault, name, expr.span, &names.datasets);
                None
            }
        }
    }

    /// Puts the fields of the dataset in scope: as the files have them, or as far as the declaration tells.
    fn fields(&mut self, dataset: &DatasetPlan, data: Option<&DataSignature>) {
        self.dataset = Some(dataset.span);
        let declared;
        let fields = match data {
            Some(data) => &data.fields,
            None => {
                declared = declared_fields(&dataset.source);
                &declared
            }
        };
        for field in fields {
            let shape = Shape::batched(field.shape.0.iter().cloned());
            let value = self.builder.input(field.name.clone(), field.element, shape, dataset.span);
            self.field(&field.name, Value::Tensor(value), dataset.span);
        }
        if let (DataSource::Idx { .. }, None) = (&dataset.source, data) {
            // The files alone say how many axes an image has.
            self.field("image", Value::Unknown, dataset.span);
        }
        let target = dataset.source.target();
        if !self.scope.contains_key(target) {
            // Predicting from rows without labels: the loss is built all the same, and pruned.
            let value = self.builder.input(target, ElementType::I64, Shape::batched([]), dataset.span);
            self.field(target, Value::Tensor(value), dataset.span);
        }
    }

    fn field(&mut self, name: &str, value: Value, definition: Span) {
        self.define(name, Binding { value, definition, docs: None });
    }

    /// The `Flatten()` that one label a row asks for, when the output has several axes.
    fn flatten_rewrite(&mut self, built: &Built, dataset: &DatasetPlan) -> Option<Fix> {
        let output = built.output?;
        let row = self.builder.shape(output).row();
        let edit = built.flatten.clone().filter(|_| row.rank() > 1)?;
        let title = format!("`Flatten()` before the last `Dense`, since `{}` has one label a row", dataset.name);
        let rewrite = Fix { title, edits: vec![edit.clone()], applicability: Applicability::Safe };
        let mut note = Diagnostic::new(
            Code::FlattenInserted,
            self.builder.value(output).span,
            format!(
                "`Flatten()` is inserted here when compiling and training, since `{}` has one label a row",
                dataset.name
            ),
        )
        .label(format!("without it, this makes {row}"))
        .related(dataset.span, "one label a row");
        note.fixes.push(Fix { title: "insert `Flatten()`".into(), ..rewrite.clone() });
        self.report(note);
        Some(rewrite)
    }

    fn losses(
        &mut self,
        bound: &Arguments<'_>,
        def: Option<&'static LossDef>,
        built: &Built,
        dataset: &DatasetPlan,
        data: Option<&DataSignature>,
    ) -> Option<Losses> {
        let expr = bound.expr("loss")?;
        let def = def?;
        let output = built.output.map_or(Value::Unknown, Value::Tensor);
        let definition = built.output.map_or(expr.span, |output| self.builder.value(output).span);
        if self.scope.contains_key(&built.output_name) {
            self.report(
                Diagnostic::new(
                    Code::Duplicate,
                    definition,
                    format!("`{}` is both the model's output and a field of `{}`", built.output_name, dataset.name),
                )
                .label("give the output another name with `as`")
                .related(dataset.span, "the field"),
            );
            return None;
        }
        self.field(&built.output_name, output, definition);
        let ExprKind::Call { callee, arguments, brackets } = &expr.kind else {
            let written = format!("{}({}, {})", def.signature.name, built.output_name, dataset.source.target());
            self.report(
                Diagnostic::new(
                    Code::MissingArgument,
                    expr.span,
                    format!("`{}` needs what it compares: the output and the target", def.signature.name),
                )
                .label("nothing to compare")
                .fix(format!("write `{written}`"), expr.span, &written, Applicability::Safe),
            );
            return None;
        };
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let compared = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        if compared.faulty {
            return None;
        }
        let target_span = compared.span("target", expr.span);
        let target_name = compared.expr("target").and_then(|expr| match &expr.kind {
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        });
        let classes = data.and_then(|data| {
            let field = data.fields.iter().find(|field| Some(&field.name) == target_name.as_ref())?;
            field.classes.as_ref().map(Vec::len)
        });
        let pair = Pair {
            output: compared.tensor("output")?,
            output_span: compared.span("output", expr.span),
            target: compared.tensor("target")?,
            target_span,
            classes,
            span: expr.span,
        };
        (def.build)(self, pair)
    }
}

/// The fields of a dataset as far as its declaration tells.
fn declared_fields(source: &DataSource) -> Vec<DataField> {
    let target = DataField {
        name: source.target().to_owned(),
        element: ElementType::I64,
        shape: Shape(Vec::new()),
        classes: None,
    };
    match source {
        DataSource::Csv { columns, .. } => {
            let plain = columns.as_ref().filter(|columns| columns.iter().all(|column| !column.text.contains('*')));
            let count = plain.map_or(Dim::Unknown, |columns| Dim::Known(columns.len()));
            let columns = DataField {
                name: "columns".into(),
                element: ElementType::F32,
                shape: Shape(vec![count]),
                classes: None,
            };
            vec![columns, target]
        }
        DataSource::Idx { .. } => vec![target],
    }
}
