//! Checks a whole program and answers what can be asked of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use foldhash::{HashMap, HashSet};
use ndsl_grammar::{FileId, ast};

use super::context::Findings;
use super::declarations::{Found, Keep, check, no_room};
use super::facts::Fact;
use super::index::Index;
use super::memory::{Memory, Plan, beside};
use super::model::ModelInstance;
use super::modules::Modules;
use super::names::{Declarations, Declared};
use super::room::with_room;
use super::settings::{Choice, DeclaredInstance, Place, TrainInstance, Training, Variable, allows, check_train};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::files::{Files, NoFiles};
use crate::plan::{
    DataSignature, DatasetPlan, MODEL_OUTPUT, PREDICTION_OUTPUT, PredictPlan, TRAINING_OUTPUTS, TrainPlan, Wanted,
    WholePlan,
};
use crate::schema::{MAX_STEPS, Schemas};
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
    read: Arc<Read>,
}

/// A program as it was read, before anything of it was checked.
#[derive(Debug)]
pub struct Read {
    /// Its files.
    pub modules: Modules,
    /// What is wrong with its form.
    findings: Findings,
    /// What it declares, once somebody has asked.
    declared: OnceLock<Found>,
    /// What is known of places in it, once somebody has asked.
    known: OnceLock<Known>,
}

/// What is known of the places in a program.
#[derive(Debug)]
struct Known {
    facts: Vec<Fact>,
    index: Index,
}

impl Known {
    /// What was noted of the places in a program.
    fn of(findings: &mut Findings) -> Self {
        let mut facts = findings.facts.take().unwrap_or_default();
        let mut index = findings.index.take().map(|index| *index).unwrap_or_default();
        facts.sort_by_key(|fact| (fact.span.file, fact.span.start));
        index.settle();
        Self { facts, index }
    }
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
    let modules = Modules::load(source, files, None, &mut findings);
    let found = check(&modules, findings.clone(), Keep::Faults, &Plan::default());
    answer(modules, findings, found.findings.diagnostics)
}

/// The same, with what is known of the program as it was before; answers also what is known of it now.
pub fn analyze_again(source: &Source, files: &dyn Files, known: Option<Memory>) -> (Analysis, Memory) {
    let mut findings = Findings::default();
    let before = known.as_ref().map(|memory| &memory.read.modules);
    let modules = Modules::load(source, files, before, &mut findings);
    let (mut verdicts, mut proved) = (HashMap::default(), 0);
    if let Some(mut memory) = known {
        memory.forget(&modules);
        (verdicts, proved) = (memory.verdicts, memory.proved);
    }
    let mut found = None;
    if !verdicts.is_empty() {
        let plan = Plan::new(&modules, &verdicts);
        let partly = check(&modules, findings.clone(), Keep::Faults, &plan);
        proved += partly.proved;
        // What is said of a name that no schema has speaks of all schemas, and all share what may be spent on proofs.
        found = (!partly.schemas.lacked() && proved < MAX_STEPS).then_some(partly);
    }
    let found = found.unwrap_or_else(|| {
        verdicts.clear();
        let found = check(&modules, findings.clone(), Keep::Faults, &Plan::all(&verdicts));
        proved = found.proved;
        found
    });
    let Found { findings: Findings { diagnostics, .. }, verdicts: new, troubled, .. } = found;
    let read = Arc::new(Read { modules, findings, declared: OnceLock::new(), known: OnceLock::new() });
    let mut memory = Memory { read: read.clone(), verdicts, proved };
    memory.learn(&read.modules, &diagnostics, &troubled, new);
    (answer_of(read, diagnostics), memory)
}

fn answer(modules: Modules, findings: Findings, diagnostics: Vec<Diagnostic>) -> Analysis {
    let read = Read { modules, findings, declared: OnceLock::new(), known: OnceLock::new() };
    answer_of(Arc::new(read), diagnostics)
}

/// What was found, in its order.
fn answer_of(read: Arc<Read>, mut diagnostics: Vec<Diagnostic>) -> Analysis {
    // Where a flatten is inserted, the warning that one might be wanted is settled.
    let inserted: HashSet<_> =
        diagnostics.iter().filter(|d| d.code == Code::FlattenInserted).map(|d| d.label.span).collect();
    diagnostics.retain(|diagnostic| diagnostic.code != Code::LastAxis || !inserted.contains(&diagnostic.label.span));
    diagnostics.sort_by_key(|diagnostic| {
        let span = diagnostic.label.span;
        (span.file, span.start, diagnostic.severity, diagnostic.code)
    });
    let main = read.modules.main();
    let (source, file, sources) = (main.source.clone(), main.file.clone(), read.modules.sources.clone());
    Analysis { source, file, sources, diagnostics, read }
}

impl Read {
    /// What the program declares. It is checked once more for that: most who check a program ask for its faults alone, and
    /// to keep every graph would be most of what they wait for.
    fn declared(&self) -> &Found {
        self.declared.get_or_init(|| check(&self.modules, self.findings.clone(), Keep::Declared, &Plan::default()))
    }

    /// What is known of places in the program. It is checked once more for that: most who check a program never ask, and
    /// the words would be most of what they wait for.
    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            Known::of(
                &mut check(&self.modules, self.findings.clone().noting(), Keep::Faults, &Plan::default()).findings,
            )
        })
    }
}

impl Analysis {
    /// The file that each `use` of the given text names, in their order; nothing where that could not be found out.
    pub fn used_files(&self) -> impl Iterator<Item = Option<FileId>> {
        self.read.modules.main().uses.iter().copied()
    }

    /// The models of the given text, each with its parameters' defaults. What is declared is found out when the first of these
    /// is asked for.
    pub fn models(&self) -> &[ModelInstance] {
        &self.read.declared().models
    }

    /// The datasets of the given text, those without faults.
    pub fn datasets(&self) -> &[DatasetPlan] {
        &self.read.declared().datasets
    }

    /// The schemas of the given text and of those it uses.
    pub fn schemas(&self) -> &Schemas {
        &self.read.declared().schemas
    }

    /// The trainings of the given text.
    pub fn trains(&self) -> &[TrainInstance] {
        &self.read.declared().trains
    }

    /// The synthesizers of the given text.
    pub fn synthesizers(&self) -> &[DeclaredInstance] {
        &self.read.declared().synthesizers
    }

    /// The deployments of the given text.
    pub fn deploys(&self) -> &[DeclaredInstance] {
        &self.read.declared().deploys
    }

    /// The providers of the given text.
    pub fn providers(&self) -> &[DeclaredInstance] {
        &self.read.declared().providers
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

    /// The same program, of which only that is known, and only that declared, which has to do with `range` of the given text:
    /// what is answered about places there is what is answered of the whole program, in the time that a declaration takes.
    /// Where everything is known already, that is what is answered.
    pub fn near(&self, range: &Range<usize>) -> Self {
        let read = &self.read;
        if read.known.get().is_some() && read.declared.get().is_some() {
            return self.clone();
        }
        let verdicts = beside(&read.modules, range);
        if verdicts.is_empty() {
            return self.clone();
        }
        let plan = Plan::all(&verdicts);
        let mut found = check(&read.modules, read.findings.clone().noting(), Keep::Declared, &plan);
        let known = Known::of(&mut found.findings);
        let (modules, findings) = (read.modules.clone(), read.findings.clone());
        let read = Read { modules, findings, declared: found.into(), known: known.into() };
        Self { read: Arc::new(read), ..self.clone() }
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
        select(self.models(), |model| &model.name, name, "model")
    }

    /// The training called `name`, or the only one.
    ///
    /// # Errors
    /// When there is none of that name, or several and no name.
    pub fn train(&self, name: Option<&str>) -> Result<&TrainInstance, Selection> {
        select(self.trains(), |train| &train.name, name, "train")
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
        let space = self.trains().iter().find(|train| train.name == name).and_then(|train| train.space.as_ref());
        let variables = space.iter().flat_map(|space| &space.variables);
        let choices = variables
            .filter_map(|variable| choices.get(&variable.name).map(|choice| (variable.place(), *choice)))
            .collect();
        let mut plan = self.plan_whole(name, data, &choices)?;
        plan.graph = plan.graph.pruned(&TRAINING_OUTPUTS);
        Ok(plan)
    }

    /// Whether `search.where` of training `train` allows a combination of choices, by the names of its variables; where one is not named,
    /// it is its first choice.
    pub fn allows(&self, train: &str, choices: &BTreeMap<String, Choice>) -> bool {
        let space = self.trains().iter().find(|instance| instance.name == train).and_then(|it| it.space.as_ref());
        let Some(space) = space else { return true };
        let named = |variable: &Variable| choices.get(&variable.name).map(|choice| (variable.place(), *choice));
        let point = space.variables.iter().filter_map(named).collect();
        let allowed = with_room(&self.read.modules, || {
            let mut findings = Findings::default();
            let plan = Plan::default();
            let all = Declarations::collect(&self.read.modules, &plan, &mut findings);
            all.schemas.get_or_init(|| self.read.declared().schemas.clone());
            let names = all.main();
            names.get(train).is_none_or(|entry| match entry.declared() {
                Declared::Train(settings) => {
                    allows(&Training { names, entry, settings, data: None }, &space.variables, &point)
                }
                _ => true,
            })
        });
        allowed.unwrap_or(true)
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
            let plan = Plan::default();
            let all = Declarations::collect(&self.read.modules, &plan, &mut findings);
            all.schemas.get_or_init(|| self.read.declared().schemas.clone());
            let names = all.main();
            let plan = names.get(name).and_then(|entry| match entry.declared() {
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
                    self.trains().iter().find(|train| train.name == name).map_or_else(Default::default, |t| t.span);
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

    /// Everything that training `name` computes, for whoever runs a part of it. A field may have dimensions that are symbols, where only a run
    /// knows them.
    ///
    /// # Errors
    /// Everything that does not fit, as diagnostics on the program.
    pub fn plan_parts(&self, name: &str, data: &DataSignature) -> Result<WholePlan, Vec<Diagnostic>> {
        let TrainPlan { graph, task, .. } = self.plan_whole(name, data, &BTreeMap::new())?;
        Ok(WholePlan { graph, task })
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
