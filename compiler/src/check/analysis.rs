//! Checks a whole program and answers what can be asked of it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use foldhash::HashSet;
use ndsl_grammar::{FileId, Span, ast};

use super::asserts::{self, Measured};
use super::context::{Context, Findings};
use super::facts::{Fact, FactKind};
use super::flow::Uses;
use super::index::Index;
use super::model::{ModelInstance, check_block, instantiate};
use super::modules::Modules;
use super::names::{Declarations, Declared, Names};
use super::room::with_room;
use super::settings::{
    Choice, DeclaredInstance, Place, TrainInstance, check_deploy, check_provider, check_synthesizer, check_train,
};
use super::squashed;
use super::unused;
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::files::{Files, NoFiles};
use crate::ir::ValueId;
use crate::plan::{
    DataSignature, DatasetPlan, LOSS_OUTPUT, MODEL_OUTPUT, PREDICTION_OUTPUT, PredictPlan, TrainPlan, Wanted,
};
use crate::schema::Schemas;
use crate::source::Source;
use crate::sources::Sources;
use crate::suggest::{either, nearest};

/// A checked program.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The text it was given as.
    pub source: Source,
    /// The tree of that text.
    pub file: Arc<ast::File>,
    /// Every text it is made of: that one, those it uses, and what it needs of the standard library.
    pub sources: Sources,
    /// What is wrong with it, in the order of the texts and of the places in each.
    pub diagnostics: Vec<Diagnostic>,
    /// The models of the given text, each with its parameters' defaults.
    pub models: Vec<ModelInstance>,
    /// The datasets of the given text, those without faults.
    pub datasets: Vec<DatasetPlan>,
    /// The schemas of the given text and of those it uses.
    pub schemas: Schemas,
    /// The trainings of the given text.
    pub trains: Vec<TrainInstance>,
    /// The synthesizers of the given text.
    pub synthesizers: Vec<DeclaredInstance>,
    /// The deployments of the given text.
    pub deploys: Vec<DeclaredInstance>,
    /// The providers of the given text.
    pub providers: Vec<DeclaredInstance>,
    read: Arc<Read>,
}

/// A program as it was read, before anything of it was checked.
#[derive(Debug)]
struct Read {
    modules: Modules,
    /// What is wrong with its form.
    findings: Findings,
    /// What is known of places in it, once somebody has asked.
    known: OnceLock<Known>,
}

/// What is known of the places in a program.
#[derive(Debug)]
struct Known {
    facts: Vec<Fact>,
    index: Index,
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

/// Parses and checks a text that uses no other file: every fault in it is found in this one run.
pub fn analyze(source: &Source) -> Analysis {
    analyze_with(source, &NoFiles)
}

/// Parses and checks a program that was read before: its texts are the only files it may use.
pub fn analyze_sources(sources: &Sources) -> Analysis {
    analyze_with(sources.main(), sources)
}

/// Parses and checks a text and what it uses of `files`: every fault in any of them is found in this one run.
pub fn analyze_with(source: &Source, files: &dyn Files) -> Analysis {
    let mut findings = Findings::default();
    let modules = Modules::load(source, files, &mut findings);
    let Found { findings: found, models, datasets, schemas, trains, synthesizers, deploys, providers } =
        check(&modules, findings.clone());
    let Findings { mut diagnostics, .. } = found;
    // Where a flatten is inserted, the warning that one might be wanted is settled.
    let inserted: HashSet<_> =
        diagnostics.iter().filter(|d| d.code == Code::FlattenInserted).map(|d| d.label.span).collect();
    diagnostics.retain(|diagnostic| diagnostic.code != Code::LastAxis || !inserted.contains(&diagnostic.label.span));
    diagnostics.sort_by_key(|diagnostic| {
        let span = diagnostic.label.span;
        (span.file, span.start, diagnostic.severity, diagnostic.code)
    });
    let main = modules.main();
    Analysis {
        source: main.source.clone(),
        file: main.file.clone(),
        sources: modules.sources.clone(),
        diagnostics,
        models,
        datasets,
        schemas,
        trains,
        synthesizers,
        deploys,
        providers,
        read: Arc::new(Read { modules, findings, known: OnceLock::new() }),
    }
}

/// Checks a program of which `findings` are known, on a stack with room for it.
fn check(modules: &Modules, findings: Findings) -> Found {
    let known = findings.diagnostics.clone();
    with_room(modules, || declarations(modules, findings)).unwrap_or_else(|| no_room(known))
}

impl Read {
    /// What is known of places in the program. It is checked once more for that: most who check a program never ask, and
    /// the words would be most of what they wait for.
    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let Findings { facts, index, .. } = check(&self.modules, self.findings.clone().noting()).findings;
            let (mut facts, mut index) = (facts.unwrap_or_default(), index.map(|index| *index).unwrap_or_default());
            facts.sort_by_key(|fact| (fact.span.file, fact.span.start));
            index.settle();
            Known { facts, index }
        })
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

fn declarations(modules: &Modules, findings: Findings) -> Found {
    let mut found = Found { findings, ..Found::default() };
    let all = Declarations::collect(modules, &mut found.findings);
    all.follow_calls(&mut found.findings);
    let schemas = crate::schema::check::check(all.main(), modules, &mut found.findings);
    found.schemas = all.schemas.get_or_init(|| schemas).clone();
    // What the standard library declares is checked where it is used.
    let files = || all.files().filter(|names| !names.source.standard);
    // What is wrong with a block by itself, in whichever file, is said before its uses are followed; what is wrong with a
    // model, before it is said of a training or an assertion.
    files().for_each(|names| blocks(names, &mut found));
    let is_assertion = |item: &ast::Declaration| matches!(item.kind, ast::DeclarationKind::Assert { .. });
    let asserts = modules.all.iter().any(|module| module.file.declarations.iter().any(is_assertion));
    // Only assertions ask how large a model is.
    let mut models = asserts.then(Vec::new);
    files().for_each(|names| parts(names, &mut found, models.as_mut()));
    files().for_each(|names| trains(names, &mut found));
    found.findings.settle_inputs();
    let models = models.unwrap_or_default().into();
    for (names, module) in all.files().zip(&modules.all).filter(|(names, _)| !names.source.standard) {
        for declaration in &module.file.declarations {
            if let ast::DeclarationKind::Assert { condition } = &declaration.kind {
                asserts::check(names, &mut found.findings, &models, condition);
            }
        }
        unused::report(module, &mut found.findings);
    }
    found
}

/// Checks the blocks of one file.
fn blocks(names: Names<'_>, found: &mut Found) {
    for entry in &names.entries {
        if let Declared::Block(block, docs) = entry.declared {
            let instance = check_block(names, &mut found.findings, block);
            note_declared(&mut found.findings, &instance, entry.name.span, "block", docs);
        }
    }
}

/// Checks what the trainings of one file are made of; what the main file declares is kept, and of every model how large it
/// is, where that is asked for.
fn parts(names: Names<'_>, found: &mut Found, mut models: Option<&mut Vec<Measured>>) {
    let main = names.source.file == FileId::default();
    for entry in &names.entries {
        match entry.declared {
            Declared::Const(_) => {
                names.constant(*entry, None, &mut found.findings);
            }
            Declared::Model(model, docs) => {
                let instance = instantiate(names, &mut found.findings, model, Uses::Alone);
                note_declared(&mut found.findings, &instance, entry.name.span, "model", docs);
                squashed::report(&instance.graph, names, &mut found.findings);
                if let Some(models) = &mut models {
                    models.push(Measured::of(&instance));
                }
                found.models.extend(main.then_some(instance));
            }
            Declared::Dataset(expr, schema) => {
                let mut cx = Context::new(names, &mut found.findings, &entry.name.text);
                let rows = cx.dataset(&entry.name.text, entry.name.span, expr, schema);
                found.datasets.extend(rows.and_then(|rows| rows.plan).filter(|_| main));
            }
            Declared::Synthesizer(settings) => {
                let synthesizer = check_synthesizer(names, &mut found.findings, *entry, settings);
                found.synthesizers.extend(main.then_some(synthesizer));
            }
            Declared::Provider(settings) => {
                let provider = check_provider(names, &mut found.findings, *entry, settings);
                found.providers.extend(main.then_some(provider));
            }
            Declared::Block(..) | Declared::Schema | Declared::Train(_) | Declared::Deploy(_) | Declared::Broken => {}
        }
    }
}

/// Checks the trainings of one file and the deployments, which name them; those of the main one are kept.
fn trains(names: Names<'_>, found: &mut Found) {
    let main = names.source.file == FileId::default();
    for entry in &names.entries {
        match entry.declared {
            Declared::Train(settings) => {
                let train = check_train(names, &mut found.findings, *entry, settings, None, &BTreeMap::new());
                found.trains.extend(main.then_some(train));
            }
            Declared::Deploy(settings) => {
                let deploy = check_deploy(names, &mut found.findings, *entry, settings);
                found.deploys.extend(main.then_some(deploy));
            }
            _ => {}
        }
    }
}

/// Notes what an editor shows of a declaration.
fn note_declared(
    findings: &mut Findings,
    instance: &ModelInstance,
    span: Span,
    noun: &'static str,
    docs: Option<&str>,
) {
    if !findings.notes() {
        return;
    }
    let kind = FactKind::Model {
        noun,
        name: instance.name.clone(),
        parameters: instance.parameters.join(", "),
        docs: docs.map(str::to_owned),
        summary: instance.complete.then(|| summary(instance)),
    };
    findings.note(span, kind);
}

/// What goes into a model, what comes out and how large it is, for hover.
fn summary(instance: &ModelInstance) -> String {
    let graph = &instance.graph;
    let kind = |id| {
        let value = graph.value(id);
        format!("{}{}", value.element, value.shape.row())
    };
    // The columns of one row stand beside each other, and go in as one.
    let rows = graph.columns.chunk_by(|a, b| a.table() == b.table());
    let rows: BTreeMap<ValueId, String> = rows
        .map(|columns| {
            let plural = if columns.len() == 1 { "" } else { "s" };
            (columns[0].input, format!("{} ({} column{plural})", columns[0].table(), columns.len()))
        })
        .collect();
    let inputs = graph.inputs.iter().filter_map(|id| match graph.column(*id) {
        None => Some(kind(*id)),
        Some(_) => rows.get(id).cloned(),
    });
    let inputs: Vec<String> = inputs.collect();
    let outputs: Vec<String> = graph.outputs.iter().map(|output| kind(output.value)).collect();
    let (parameters, _) = graph.parameter_counts();
    format!("{} -> {}, {parameters} parameters", inputs.join(", "), outputs.join(", "))
}

impl Analysis {
    /// The file that each `use` of the given text names, in their order; nothing where that could not be found out.
    pub fn used_files(&self) -> impl Iterator<Item = Option<FileId>> {
        self.read.modules.main().uses.iter().copied()
    }

    /// What is known of places in the program, in the order of the texts and of the places in each; it is found out when it
    /// is first asked for.
    pub fn facts(&self) -> &[Fact] {
        &self.read.known().facts
    }

    /// What every name in the program means and what every statement leaves; it is found out when it is first asked for.
    pub fn index(&self) -> &Index {
        &self.read.known().index
    }

    /// The tree of one of its texts; the given one's where there is no such.
    pub fn tree(&self, file: FileId) -> &Arc<ast::File> {
        let modules = &self.read.modules;
        &modules.all.get(usize::from(file.0)).unwrap_or(modules.main()).file
    }

    /// What is known of places in the given text.
    pub fn own_facts(&self) -> &[Fact] {
        let facts = self.facts();
        &facts[..facts.partition_point(|fact| fact.span.file == FileId::default())]
    }

    /// What is wrong with the given text itself.
    pub fn own_diagnostics(&self) -> &[Diagnostic] {
        let own = |diagnostic: &Diagnostic| diagnostic.label.span.file == FileId::default();
        &self.diagnostics[..self.diagnostics.partition_point(own)]
    }

    /// The declaration that the given text calls `name`, in whichever file it stands.
    pub fn declaration(&self, name: &str) -> Option<&ast::Declaration> {
        self.read.modules.declaration(self.read.modules.main(), name)
    }

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
            .filter_map(|variable| choices.get(&variable.name).map(|choice| (variable.place(), *choice)))
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
        choices: &BTreeMap<Place, Choice>,
    ) -> Result<TrainPlan, Vec<Diagnostic>> {
        let (plan, findings) = with_room(&self.read.modules, || {
            let mut findings = Findings::default();
            let all = Declarations::collect(&self.read.modules, &mut findings);
            all.schemas.get_or_init(|| self.schemas.clone());
            let names = all.main();
            let plan = names.get(name).and_then(|entry| match entry.declared {
                Declared::Train(settings) => {
                    check_train(names, &mut findings, entry, settings, Some(data), choices).plan
                }
                _ => None,
            });
            findings.settle_inputs();
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
