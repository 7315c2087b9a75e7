//! Goes through the declarations of a program, each unless it is known to be sound, and gathers what they are and what is wrong
//! with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;
use ndsl_grammar::{FileId, Piece, Span, ast};

use super::asserts::{self, Measured};
use super::context::{Context, Findings};
use super::facts::FactKind;
use super::flow::Uses;
use super::index::SymbolKind;
use super::memory::{Plan, Verdict, pieces, within};
use super::model::{ModelInstance, check_block, instantiate};
use super::modules::Modules;
use super::names::{Declarations, Declared, Entry, Names};
use super::room::with_room;
use super::settings::{DeclaredInstance, TrainInstance, check_deploy, check_provider, check_synthesizer, check_train};
use super::squashed;
use super::unused;
use super::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::ValueId;
use crate::plan::DatasetPlan;
use crate::schema::Schemas;

/// What of a check is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// What is wrong, and what is known of places where that is noted. A model is forgotten once it is checked, so the next
    /// is built in the same memory.
    #[default]
    Faults,
    /// What is declared, too.
    Declared,
}

/// Checks a program of which `findings` are known, on a stack with room for it.
pub fn check(modules: &Modules, findings: Findings, keep: Keep, plan: &Plan<'_>) -> Found {
    let known = findings.diagnostics.clone();
    with_room(modules, || declarations(modules, findings, keep, plan)).unwrap_or_else(|| no_room(known))
}

/// What the declarations of a file are, as far as that is kept, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Found {
    /// What is kept of it.
    pub keep: Keep,
    /// What is wrong, and what is known of places where that is noted.
    pub findings: Findings,
    /// How large every model is, where that is asked.
    pub measured: Option<Vec<Measured>>,
    /// The models of the main file.
    pub models: Vec<ModelInstance>,
    /// Its datasets, those without faults.
    pub datasets: Vec<DatasetPlan>,
    /// The schemas of all files.
    pub schemas: Arc<Schemas>,
    /// The trainings of the main file.
    pub trains: Vec<TrainInstance>,
    /// Its synthesizers.
    pub synthesizers: Vec<DeclaredInstance>,
    /// Its deployments.
    pub deploys: Vec<DeclaredInstance>,
    /// Its providers.
    pub providers: Vec<DeclaredInstance>,
    /// What was found to be sound, where that is remembered.
    pub verdicts: HashMap<u64, Verdict>,
    /// The names of blocks and models that are not unrolled, or use such.
    pub troubled: Vec<Span>,
    /// How many steps the proofs of schemas took.
    pub proved: usize,
}

/// Nothing is known of a file that there is no memory to check, and that is said.
pub fn no_room(known: Vec<Diagnostic>) -> Found {
    let mut found = Found::default();
    known.into_iter().for_each(|diagnostic| found.findings.report(diagnostic));
    let message = "the file goes deeper than there is memory to check it";
    found.findings.report(Diagnostic::new(Code::TooDeep, Span::default(), message).label("not checked"));
    found
}

fn declarations(modules: &Modules, mut findings: Findings, keep: Keep, plan: &Plan<'_>) -> Found {
    findings.keeps_given = keep == Keep::Declared;
    let mut found = Found { keep, findings, ..Found::default() };
    let all = Declarations::collect(modules, plan, &mut found.findings);
    all.follow_calls(&mut found.findings);
    found.troubled = all.main().calls().refused_or_cut().collect();
    let (schemas, proved) = crate::schema::check::check(all.main(), modules, &mut found.findings);
    found.proved = proved;
    found.schemas = all.schemas.get_or_init(|| Arc::new(schemas)).clone();
    // What the standard library declares is checked where it is used.
    let files = || all.files().filter(|names| !names.source.standard);
    // What is wrong with a block by itself, in whichever file, is said before its uses are followed; what is wrong with a
    // model, before it is said of a training or an assertion.
    files().for_each(|names| blocks(names, &mut found));
    // Only assertions ask how large a model is.
    let asks = |piece: &Piece| piece.keyword() == Some("assert") && plan.verdict(piece).is_none();
    found.measured = pieces(modules).any(asks).then(Vec::new);
    files().for_each(|names| parts(names, &mut found));
    files().for_each(|names| trains(names, &mut found));
    if found.findings.misfits() {
        fitted(modules, plan, &mut found.findings);
    }
    found.findings.settle_inputs();
    let models = found.measured.take().unwrap_or_default().into();
    for (names, module) in all.files().zip(&modules.all).filter(|(names, _)| !names.source.standard) {
        for piece in module.file.declarations.iter().filter(|piece| piece.keyword() == Some("assert")) {
            found.once(names, Some(piece), |found| {
                if let ast::DeclarationKind::Assert { condition } = &piece.kind {
                    asserts::check(names, &mut found.findings, &models, condition);
                }
                None
            });
        }
        unused::report(module, plan, &mut found.verdicts, &mut found.findings);
    }
    found
}

/// Says of the inputs that trainings of which nothing was wrong feed that these fit.
fn fitted(modules: &Modules, plan: &Plan<'_>, findings: &mut Findings) {
    let starts: HashMap<u64, Span> = pieces(modules).map(|piece| (piece.key(), piece.span)).collect();
    let fits = pieces(modules).filter_map(|piece| plan.verdict(piece)).flat_map(|verdict| &verdict.fits);
    for (key, place, length) in fits {
        if let Some(model) = starts.get(key) {
            let start = model.start + place;
            findings.fits(Span { start, end: start + length, ..*model });
        }
    }
}

impl Found {
    /// Checks one declaration, unless it is known to be sound; `work` answers how large a model is, where that is asked.
    fn once(&mut self, names: Names<'_>, piece: Option<&Piece>, work: impl FnOnce(&mut Self) -> Option<Measured>) {
        let plan = names.all.plan;
        let verdict = piece.and_then(|piece| plan.verdict(piece));
        if let Some(verdict) = verdict.filter(|verdict| self.findings.has_room_for(names, verdict))
            && (self.measured.is_none() || verdict.measured.is_some() || !piece.is_some_and(is_model))
        {
            self.findings.take_over(verdict);
            if let (Some(all), Some(one), Some(name)) =
                (&mut self.measured, &verdict.measured, piece.and_then(|piece| piece.name.as_ref()))
            {
                all.push(one.at(name.span));
            }
            return;
        }
        let mark = self.findings.mark();
        let measured = work(self);
        self.measured.iter_mut().for_each(|all| all.extend(measured.clone()));
        let Some(piece) = piece.filter(|piece| plan.remembers() && piece.is_sound()) else { return };
        if let Some((verdict, fitting)) = self.findings.silent_since(&mark) {
            let fits = fitting.iter().filter_map(|span| {
                let (key, place) = within(names.all.modules, *span)?;
                Some((key, place, span.end - span.start))
            });
            let fits = fits.collect();
            self.verdicts.insert(piece.key(), Verdict { fits, measured, ..verdict });
        }
    }
}

fn is_model(piece: &Piece) -> bool {
    matches!(piece.keyword(), Some("model" | "Model"))
}

/// Checks the blocks of one file.
fn blocks(names: Names<'_>, found: &mut Found) {
    for entry in names.entries.iter().filter(|entry| entry.kind == SymbolKind::Block) {
        found.once(names, entry.piece, |found| {
            if let Declared::Block(block, docs) = entry.declared() {
                let instance = check_block(names, &mut found.findings, block);
                note_declared(&mut found.findings, &instance, entry.name.span, "block", docs);
            }
            None
        });
    }
}

/// Checks what the trainings of one file are made of; what the main file declares is kept, and of every model how large it
/// is, where that is asked for.
fn parts(names: Names<'_>, found: &mut Found) {
    let kept = found.keep == Keep::Declared && names.source.file == FileId::default();
    let wanted = |entry: &&Entry<'_>| {
        use SymbolKind as Kind;
        matches!(entry.kind, Kind::Constant | Kind::Model | Kind::Dataset | Kind::Synthesizer | Kind::Provider)
    };
    for entry in names.entries.iter().filter(wanted) {
        found.once(names, entry.piece, |found| part(names, entry, kept, found));
    }
}

/// Checks one of them; answers how large a model is, where that is asked.
fn part<'a>(names: Names<'a>, entry: &Entry<'a>, kept: bool, found: &mut Found) -> Option<Measured> {
    match entry.declared() {
        Declared::Const(expr) => {
            let value = names.constant(*entry, None, &mut found.findings);
            if found.findings.notes() && !matches!(expr.kind, ast::ExprKind::Error) {
                let docs = entry.piece.and_then(|piece| piece.docs.as_deref()).map(Arc::from);
                let kind = match &value {
                    // What only columns can be, such as a date.
                    Value::Unknown => format!("const = {}", names.text(expr.span)),
                    value => Context::new(names, &mut found.findings, &entry.name.text).describe(value),
                };
                let (name, definition) = (entry.name.text.clone(), entry.name.span);
                found.findings.note(definition, FactKind::Value { name, kind, docs, definition });
            }
        }
        Declared::Model(model, docs) => {
            let instance = instantiate(names, &mut found.findings, model, Uses::Alone);
            note_declared(&mut found.findings, &instance, entry.name.span, "model", docs);
            squashed::report(&instance.graph, names, &mut found.findings);
            let measured = found.measured.is_some().then(|| Measured::of(&instance));
            found.models.extend(kept.then_some(instance));
            return measured;
        }
        Declared::Dataset(expr, schema) => {
            let mut cx = Context::new(names, &mut found.findings, &entry.name.text);
            let rows = cx.dataset(&entry.name.text, entry.name.span, expr, schema);
            found.datasets.extend(rows.and_then(|rows| rows.plan).filter(|_| kept));
        }
        Declared::Synthesizer(settings) => {
            let synthesizer = check_synthesizer(names, &mut found.findings, *entry, settings);
            found.synthesizers.extend(kept.then_some(synthesizer));
        }
        Declared::Provider(settings) => {
            let provider = check_provider(names, &mut found.findings, *entry, settings);
            found.providers.extend(kept.then_some(provider));
        }
        Declared::Block(..) | Declared::Schema | Declared::Train(_) | Declared::Deploy(_) | Declared::Broken => {}
    }
    None
}

/// Checks the trainings of one file and the deployments, which name them; those of the main one are kept.
fn trains(names: Names<'_>, found: &mut Found) {
    let kept = found.keep == Keep::Declared && names.source.file == FileId::default();
    let wanted = |entry: &&Entry<'_>| matches!(entry.kind, SymbolKind::Train | SymbolKind::Deploy);
    for entry in names.entries.iter().filter(wanted) {
        found.once(names, entry.piece, |found| {
            match entry.declared() {
                Declared::Train(settings) => {
                    let train = check_train(names, &mut found.findings, *entry, settings, None, &BTreeMap::new());
                    found.trains.extend(kept.then_some(train));
                }
                Declared::Deploy(settings) => {
                    let deploy = check_deploy(names, &mut found.findings, *entry, settings);
                    found.deploys.extend(kept.then_some(deploy));
                }
                _ => {}
            }
            None
        });
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
