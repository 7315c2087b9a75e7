//! Checks a whole file and answers what can be asked of it.

use std::collections::{BTreeMap, HashSet};

use ndsl_grammar::{Span, ast};

use super::asserts::{self, Measured};
use super::context::{Context, Findings};
use super::facts::{Fact, FactKind};
use super::flow::Uses;
use super::model::{ModelInstance, check_block, instantiate};
use super::names::{Declared, Names};
use super::room::with_room;
use super::settings::{
    Choice, DeclaredInstance, TrainInstance, check_deploy, check_provider, check_synthesizer, check_train,
};
use super::squashed;
use super::unused;
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::plan::{
    DataSignature, DatasetPlan, LOSS_OUTPUT, MODEL_OUTPUT, PREDICTION_OUTPUT, PredictPlan, TrainPlan, Wanted,
};
use crate::schema::Schemas;
use crate::source::Source;
use crate::suggest::{either, nearest};

/// A checked file.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The text.
    pub source: Source,
    /// The tree.
    pub file: ast::File,
    /// What is wrong with it, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What is known of places in it, in the order of the text.
    pub facts: Vec<Fact>,
    /// Its models, each with its parameters' defaults.
    pub models: Vec<ModelInstance>,
    /// Its datasets, those without faults.
    pub datasets: Vec<DatasetPlan>,
    /// Its schemas.
    pub schemas: Schemas,
    /// Its trainings.
    pub trains: Vec<TrainInstance>,
    /// Its synthesizers.
    pub synthesizers: Vec<DeclaredInstance>,
    /// Its deployments.
    pub deploys: Vec<DeclaredInstance>,
    /// Its providers.
    pub providers: Vec<DeclaredInstance>,
}

/// Why a name given from outside selects nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// One sentence.
    pub message: String,
}

impl std::fmt::Display for Selection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Selection {}

/// Parses and checks a file: every fault in it is found in this one run.
pub fn analyze(source: &Source) -> Analysis {
    let parse = ndsl_grammar::parse(&source.text, source.file);
    let file = parse.file;
    let mut findings = Findings::default();
    findings.unread = parse.errors.iter().map(|error| error.span.start).collect();
    for error in parse.errors {
        findings.report(Diagnostic::from(error));
    }
    let found = findings.diagnostics.clone();
    let Found { findings, models, datasets, schemas, trains, synthesizers, deploys, providers } =
        with_room(&file, || declarations(source, &file, findings)).unwrap_or_else(|| no_room(found));
    let Findings { mut diagnostics, mut facts, .. } = findings;
    // Where a flatten is inserted, the warning that one might be wanted is settled.
    let inserted: HashSet<_> =
        diagnostics.iter().filter(|d| d.code == Code::FlattenInserted).map(|d| d.label.span).collect();
    diagnostics.retain(|diagnostic| diagnostic.code != Code::LastAxis || !inserted.contains(&diagnostic.label.span));
    diagnostics.sort_by_key(|diagnostic| (diagnostic.label.span.start, diagnostic.severity, diagnostic.code));
    facts.sort_by_key(|fact| fact.span.start);
    Analysis {
        source: source.clone(),
        file,
        diagnostics,
        facts,
        models,
        datasets,
        schemas,
        trains,
        synthesizers,
        deploys,
        providers,
    }
}

/// What the declarations of a file are, and what is wrong with them.
#[derive(Default)]
struct Found {
    findings: Findings,
    models: Vec<ModelInstance>,
    datasets: Vec<DatasetPlan>,
    schemas: Schemas,
    trains: Vec<TrainInstance>,
    synthesizers: Vec<DeclaredInstance>,
    deploys: Vec<DeclaredInstance>,
    providers: Vec<DeclaredInstance>,
}

/// Nothing is known of a file that there is no memory to check, and that is said.
fn no_room(known: Vec<Diagnostic>) -> Found {
    let mut found = Found::default();
    known.into_iter().for_each(|diagnostic| found.findings.report(diagnostic));
    let message = "the file goes deeper than there is memory to check it";
    found.findings.report(Diagnostic::new(Code::TooDeep, Span::default(), message).label("not checked"));
    found
}

fn declarations(source: &Source, file: &ast::File, findings: Findings) -> Found {
    let mut found = Found { findings, ..Found::default() };
    let names = Names::collect(source, file, &mut found.findings);
    names.follow_calls(&mut found.findings);
    // What is wrong with a block by itself is said before its uses are followed.
    for entry in names.entries.clone() {
        if let Declared::Block(block, docs) = entry.declared {
            let instance = check_block(&names, &mut found.findings, block);
            found.findings.facts.push(declared(&instance, entry.name.span, "block", docs));
        }
    }
    let schemas = crate::schema::check::check(&names, file, &mut found.findings);
    let schemas = names.schemas.get_or_init(|| schemas);
    for entry in names.entries.clone() {
        match entry.declared {
            Declared::Const(_) => {
                names.constant(entry, None, &mut found.findings);
            }
            Declared::Model(model, docs) => {
                let instance = instantiate(&names, &mut found.findings, model, Uses::Alone);
                found.findings.facts.push(declared(&instance, entry.name.span, "model", docs));
                squashed::report(&instance.graph, source, &mut found.findings);
                found.models.push(instance);
            }
            Declared::Dataset(expr, schema) => {
                let mut cx = Context::new(&names, &mut found.findings, &entry.name.text);
                let rows = cx.dataset(&entry.name.text, entry.name.span, expr, schema);
                found.datasets.extend(rows.and_then(|rows| rows.plan));
            }
            Declared::Synthesizer(settings) => {
                found.synthesizers.push(check_synthesizer(&names, &mut found.findings, entry, settings));
            }
            Declared::Provider(settings) => {
                found.providers.push(check_provider(&names, &mut found.findings, entry, settings));
            }
            Declared::Block(..) | Declared::Schema | Declared::Train(_) | Declared::Deploy(_) | Declared::Broken => {}
        }
    }
    for entry in names.entries.clone() {
        match entry.declared {
            Declared::Train(settings) => {
                let train = check_train(&names, &mut found.findings, entry, settings, None, &BTreeMap::new());
                found.trains.push(train);
            }
            Declared::Deploy(settings) => {
                found.deploys.push(check_deploy(&names, &mut found.findings, entry, settings));
            }
            _ => {}
        }
    }
    let asserted: Vec<_> = file
        .declarations
        .iter()
        .filter_map(|declaration| match &declaration.kind {
            ast::DeclarationKind::Assert { condition } => Some(condition),
            _ => None,
        })
        .collect();
    if !asserted.is_empty() {
        let models = found.models.iter().map(Measured::of).collect();
        asserted.into_iter().for_each(|condition| asserts::check(&names, &mut found.findings, &models, condition));
    }
    unused::report(file, &mut found.findings);
    found.schemas = schemas.clone();
    found
}

/// What an editor shows of a declaration.
fn declared(instance: &ModelInstance, span: Span, noun: &'static str, docs: Option<&str>) -> Fact {
    let kind = FactKind::Model {
        noun,
        name: instance.name.clone(),
        parameters: instance.parameters.join(", "),
        docs: docs.map(str::to_owned),
        summary: instance.complete.then(|| summary(instance)),
    };
    Fact { span, kind }
}

/// What goes into a model, what comes out and how large it is, for hover.
fn summary(instance: &ModelInstance) -> String {
    let graph = &instance.graph;
    let kind = |id| {
        let value = graph.value(id);
        format!("{}{}", value.element, value.shape.row())
    };
    let inputs: Vec<String> = graph.inputs.iter().map(|id| kind(*id)).collect();
    let outputs: Vec<String> = graph.outputs.iter().map(|output| kind(output.value)).collect();
    let (parameters, _) = graph.parameter_counts();
    format!("{} -> {}, {parameters} parameters", inputs.join(", "), outputs.join(", "))
}

impl Analysis {
    /// Whether anything keeps the program from being used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// How many errors and warnings there are.
    pub fn counts(&self) -> (usize, usize) {
        let count = |severity| self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        (count(Severity::Error), count(Severity::Warning))
    }

    /// The model called `name`, or the only one.
    ///
    /// # Errors
    /// When there is none of that name, or several and no name.
    pub fn model(&self, name: Option<&str>) -> Result<&ModelInstance, Selection> {
        select(&self.models, |model| &model.name, name, "model")
    }

    /// The training called `name`, or the only one.
    ///
    /// # Errors
    /// When there is none of that name, or several and no name.
    pub fn train(&self, name: Option<&str>) -> Result<&TrainInstance, Selection> {
        select(&self.trains, |train| &train.name, name, "train")
    }

    /// What training `name` asks of the runtime, checked against the data to the last shape.
    ///
    /// # Errors
    /// Everything that does not fit, as diagnostics on the program.
    pub fn plan_train(&self, name: &str, data: &DataSignature) -> Result<TrainPlan, Vec<Diagnostic>> {
        self.plan_train_at(name, data, &BTreeMap::new())
    }

    /// The same, with a choice for constants that are searched for, by their names in [`TrainInstance::space`]; the others are
    /// their first choice.
    ///
    /// # Errors
    /// Everything that does not fit, as diagnostics on the program; names that are not searched for are passed over.
    pub fn plan_train_at(
        &self,
        name: &str,
        data: &DataSignature,
        choices: &BTreeMap<String, Choice>,
    ) -> Result<TrainPlan, Vec<Diagnostic>> {
        let space = self.trains.iter().find(|train| train.name == name).and_then(|train| train.space.as_ref());
        let variables = space.iter().flat_map(|space| &space.variables);
        let choices = variables
            .filter_map(|variable| choices.get(&variable.name).map(|choice| (variable.span.start, *choice)))
            .collect();
        let mut plan = self.plan_whole(name, data, &choices)?;
        plan.graph = plan.graph.pruned(&[PREDICTION_OUTPUT, LOSS_OUTPUT]);
        Ok(plan)
    }

    /// The plan with every output there is.
    fn plan_whole(
        &self,
        name: &str,
        data: &DataSignature,
        choices: &BTreeMap<u32, Choice>,
    ) -> Result<TrainPlan, Vec<Diagnostic>> {
        let (plan, findings) = with_room(&self.file, || {
            let mut findings = Findings::default();
            let names = Names::collect(&self.source, &self.file, &mut findings);
            names.schemas.get_or_init(|| self.schemas.clone());
            let plan = names.get(name).and_then(|entry| match entry.declared {
                Declared::Train(settings) => {
                    check_train(&names, &mut findings, entry, settings, Some(data), choices).plan
                }
                _ => None,
            });
            (plan, findings)
        })
        .unwrap_or_else(|| (None, no_room(Vec::new()).findings));
        plan.ok_or_else(|| {
            let mut faults = findings.diagnostics;
            faults.retain(Diagnostic::is_error);
            if faults.is_empty() {
                let span =
                    self.trains.iter().find(|train| train.name == name).map_or_else(Default::default, |t| t.span);
                let message = format!("`{name}` cannot be run as it is written");
                faults.push(Diagnostic::new(Code::DataMismatch, span, message).label("not everything in it is known"));
            }
            faults
        })
    }

    /// What predicting with the model of training `name` asks of the runtime; the data need not have the target.
    ///
    /// # Errors
    /// Everything that does not fit, as diagnostics on the program.
    pub fn plan_predict(
        &self,
        name: &str,
        data: &DataSignature,
        wanted: Wanted,
    ) -> Result<PredictPlan, Vec<Diagnostic>> {
        let plan = self.plan_whole(name, data, &BTreeMap::new())?;
        let output = match wanted {
            Wanted::Prediction => PREDICTION_OUTPUT,
            Wanted::ModelOutput => MODEL_OUTPUT,
        };
        Ok(PredictPlan { graph: plan.graph.pruned(&[output]), task: plan.task })
    }
}

fn select<'t, T>(all: &'t [T], key: fn(&T) -> &String, name: Option<&str>, noun: &str) -> Result<&'t T, Selection> {
    let names = || all.iter().map(|item| key(item).as_str());
    let message = match (name, all) {
        (None, [only]) => return Ok(only),
        (None, []) => format!("the file declares no `{noun}`"),
        (None, _) => format!("the file declares several of `{noun}`, name one: {}", either(names())),
        (Some(name), _) => match all.iter().find(|item| key(item) == name) {
            Some(found) => return Ok(found),
            None if all.is_empty() => format!("the file declares no `{noun}`"),
            None => match nearest(name, names()) {
                Some(meant) => format!("there is no `{noun}` called `{name}`; did you mean `{meant}`?"),
                None => format!("there is no `{noun}` called `{name}`; there is {}", either(names())),
            },
        },
    };
    Err(Selection { message })
}
