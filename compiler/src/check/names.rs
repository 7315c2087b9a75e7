//! The declarations of a program's files by name, and the values of its constants.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;
use ndsl_grammar::ast::{self, DeclarationKind, Expr, ExprKind, Ident};
use ndsl_grammar::{FileId, Piece, Span};

use super::context::{Context, Findings};
use super::flow::Calls;
use super::index::SymbolKind;
use super::memory::Plan;
use super::modules::{Module, Modules, uses};
use super::room::MAX_LEVELS;
use super::settings::{Budget, Tunes};
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::files::{folder_of, way};
use crate::schema::Schemas;
use crate::source::Source;
use crate::suggest::listed;
use crate::{activations, functions, layers};

/// What a name of the file is.
#[derive(Clone, Copy)]
pub enum Declared<'a> {
    /// `const`
    Const(&'a Expr),
    /// `block`
    Block(&'a ast::Model, Option<&'a str>),
    /// `model`
    Model(&'a ast::Model, Option<&'a str>),
    /// `dataset`, with the schema its rows obey
    Dataset(&'a Expr, Option<&'a ast::Path>),
    /// `schema`
    Schema,
    /// `train`
    Train(&'a ast::Record),
    /// `synthesizer`
    Synthesizer(&'a ast::Record),
    /// `deploy`
    Deploy(&'a ast::Record),
    /// `provider`
    Provider(&'a ast::Record),
    /// A declaration that could not be read: its name is known, and nothing else.
    Broken,
}

impl<'a> Declared<'a> {
    /// What a use of it unrolls: the body of a block or model.
    pub fn body(self) -> Option<&'a ast::Model> {
        match self {
            Self::Block(model, _) | Self::Model(model, _) => Some(model),
            _ => None,
        }
    }

    /// The word for it in messages.
    pub fn noun(self) -> &'static str {
        SymbolKind::of(self).noun()
    }
}

/// A named declaration.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Its name, where it is declared.
    pub name: &'a Ident,
    /// The whole declaration.
    pub span: Span,
    /// What kind of declaration it is.
    pub kind: SymbolKind,
    /// Itself; nothing where it could not be taken from another file.
    pub piece: Option<&'a Piece>,
}

impl<'a> Entry<'a> {
    /// What a piece of a file declares; nothing for those without a name of their own. A tree that has not been read is left so.
    fn of(piece: &'a Piece) -> Option<Self> {
        let kind = match piece.keyword().filter(|_| piece.is_sound()) {
            Some("const") => SymbolKind::Constant,
            Some("block") => SymbolKind::Block,
            Some("model" | "Model") => SymbolKind::Model,
            Some("dataset") => SymbolKind::Dataset,
            Some("schema") => SymbolKind::Schema,
            Some("train") => SymbolKind::Train,
            Some("synthesizer") => SymbolKind::Synthesizer,
            Some("deploy") => SymbolKind::Deploy,
            Some("provider") => SymbolKind::Provider,
            Some("use" | "assert") => return None,
            _ => SymbolKind::of(declared(piece)?),
        };
        Some(Self { name: piece.name.as_ref()?, span: piece.span, kind, piece: Some(piece) })
    }

    /// What is declared.
    pub fn declared(&self) -> Declared<'a> {
        self.piece.and_then(|piece| declared(piece)).unwrap_or(Declared::Broken)
    }

    /// Whether its body is unrolled where it is used.
    pub fn has_body(&self) -> bool {
        matches!(self.kind, SymbolKind::Block | SymbolKind::Model)
    }
}

enum Constant {
    Evaluating,
    Known(Value),
}

/// The names that one file knows: those it declares, those it takes from other files, and those of the standard library.
pub struct FileNames<'a> {
    /// The text the names were read from.
    pub source: &'a Source,
    /// Every named declaration of this file, in its order.
    pub entries: Vec<Entry<'a>>,
    /// The names of the constants known here.
    pub constants: Vec<&'a str>,
    /// The names of the models known here.
    pub models: Vec<&'a str>,
    /// The names of the blocks and models known here, those of the standard library left out.
    pub blocks: Vec<&'a str>,
    /// The names of the datasets known here.
    pub datasets: Vec<&'a str>,
    /// The names of the trainings known here.
    pub trains: Vec<&'a str>,
    /// What is declared here or taken from elsewhere, by its name here.
    index: HashMap<&'a str, Entry<'a>>,
    /// What is taken from other files, each by its name here.
    pub imported: Vec<(&'a Ident, Entry<'a>)>,
    /// Something in the file could not be read, and may declare any name.
    lost: bool,
}

/// Everything the files of a program declare.
pub struct Declarations<'a> {
    /// The files.
    pub modules: &'a Modules,
    /// What need not be checked.
    pub plan: &'a Plan<'a>,
    files: Vec<FileNames<'a>>,
    /// What the standard library declares, as far as it was read.
    standard: BTreeMap<&'a str, Entry<'a>>,
    /// The values of the constants, by where their names stand.
    values: RefCell<HashMap<Span, Constant>>,
    /// The names of the constants being evaluated, each with the place in the one before that names it.
    path: RefCell<Vec<(Span, Option<Span>)>>,
    /// How many expressions are being evaluated inside one another.
    pub levels: Cell<usize>,
    /// The schemas, once they are checked.
    pub schemas: OnceCell<Arc<Schemas>>,
    /// What is left to go through what the constants that are searched for may be.
    pub budget: Budget,
    /// The constants that are searched for.
    pub tunes: Tunes,
    calls: OnceCell<Calls>,
    /// How many bytes all the files have.
    pub bytes: usize,
}

/// The names as one file of a program sees them: its [`FileNames`], and through [`Names::home`] those of the others.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Everything the program declares.
    pub all: &'a Declarations<'a>,
    own: &'a FileNames<'a>,
}

impl<'a> std::ops::Deref for Names<'a> {
    type Target = FileNames<'a>;

    fn deref(&self) -> &FileNames<'a> {
        self.own
    }
}

/// How many links of a circle of constants are shown.
const MAX_LINKS: usize = 6;

/// How many constants may lead to one another before it is refused: what follows them recurses.
const MAX_CHAIN: usize = 128;

/// What a declaration names and is; nothing for those without a name of their own.
fn declared(declaration: &ast::Declaration) -> Option<Declared<'_>> {
    Some(match &declaration.kind {
        DeclarationKind::Const { value, .. } => Declared::Const(value),
        DeclarationKind::Block(model) => Declared::Block(model, declaration.docs.as_deref()),
        DeclarationKind::Model(model) => Declared::Model(model, declaration.docs.as_deref()),
        DeclarationKind::Dataset { source, schema, .. } => Declared::Dataset(source, schema.as_ref()),
        DeclarationKind::Train { settings, .. } => Declared::Train(settings),
        DeclarationKind::Synthesizer { settings, .. } => Declared::Synthesizer(settings),
        DeclarationKind::Deploy { settings, .. } => Declared::Deploy(settings),
        DeclarationKind::Provider { settings, .. } => Declared::Provider(settings),
        DeclarationKind::Schema(_) => Declared::Schema,
        DeclarationKind::Error { name: Some(_) } => Declared::Broken,
        _ => return None,
    })
}

impl<'a> Declarations<'a> {
    /// Collects the names of every file of a program, and reports those declared twice, taken from the language itself, or
    /// looked for in a file that does not have them.
    pub fn collect(modules: &'a Modules, plan: &'a Plan<'a>, findings: &mut Findings) -> Self {
        let mut all = Self {
            modules,
            plan,
            files: Vec::new(),
            standard: BTreeMap::new(),
            values: RefCell::default(),
            path: RefCell::default(),
            levels: Cell::new(0),
            schemas: OnceCell::new(),
            budget: Budget::default(),
            tunes: Tunes::collect(modules.all.iter().map(|module| &*module.file)),
            calls: OnceCell::new(),
            bytes: modules.all.iter().map(|module| module.source.text.len()).sum(),
        };
        for module in modules.all.iter().filter(|module| module.source.standard) {
            for entry in module.file.declarations.iter().filter_map(Entry::of) {
                findings.declares(entry.name.span, entry.kind);
                all.standard.insert(&entry.name.text, entry);
            }
        }
        all.files = modules.all.iter().map(|module| FileNames::own(module, &all.standard, plan, findings)).collect();
        for (file, module) in modules.all.iter().enumerate() {
            let taken = all.taken(module, findings);
            let names = &mut all.files[file];
            for (local, entry) in taken {
                names.take(local, entry, &all.standard, findings);
            }
            names.list();
        }
        all
    }

    /// The names of the file the program was given as.
    pub fn main(&'a self) -> Names<'a> {
        Names { all: self, own: &self.files[0] }
    }

    /// The names of every file, in the order of the files.
    pub fn files(&'a self) -> impl Iterator<Item = Names<'a>> {
        self.files.iter().map(|own| Names { all: self, own })
    }

    /// Follows the uses of blocks and reports those that never end or are too many.
    pub fn follow_calls(&self, findings: &mut Findings) {
        self.calls.get_or_init(|| Calls::collect(self, findings));
    }

    /// What a file takes from others: each with its name there. What cannot be taken is [`Declared::Broken`].
    ///
    /// Only what the other file itself declares counts, so the order of the files does not matter.
    fn taken(&self, module: &'a Module, findings: &mut Findings) -> Vec<(&'a Ident, Entry<'a>)> {
        let mut taken = Vec::new();
        for ((import, span), target) in uses(&module.file).zip(&module.uses) {
            let target = target.map(|target| &self.files[usize::from(target.0)]);
            for one in &import.imports {
                let broken = Entry { name: one.local(), span, kind: SymbolKind::Declaration, piece: None };
                let entry = match target {
                    None => broken,
                    Some(target) => target.declares(&one.name.text).unwrap_or_else(|| {
                        self.not_there(one, import, target, findings);
                        broken
                    }),
                };
                if entry.name.span != one.local().span {
                    findings.names(one.name.span, entry.name.span);
                    findings.names(one.local().span, entry.name.span);
                }
                taken.push((one.local(), entry));
            }
        }
        taken
    }

    /// Reports a name that the other file does not declare.
    fn not_there(&self, one: &ast::Import, import: &ast::Use, target: &FileNames<'a>, findings: &mut Findings) {
        let name = &one.name;
        let file = &self.modules.all[usize::from(target.source.file.0)].file;
        if target.lost {
            return;
        }
        let message = format!("`{}` declares no `{}`", import.path, name.text);
        let fault = Diagnostic::new(Code::NotInFile, name.span, message);
        let elsewhere = uses(file).find_map(|(other, _)| {
            other.imports.iter().find(|other| other.local().text == name.text).map(|found| (other, found))
        });
        if let Some((other, found)) = elsewhere {
            findings.report(
                fault
                    .label("taken from another file itself")
                    .related(found.local().span, format!("`{}` comes from `{}`", name.text, other.path))
                    .help("a file hands on what it declares, not what it uses: name the file that declares it"),
            );
            return;
        }
        let known = target.entries.iter().map(|entry| entry.name.text.as_str());
        let fault = match findings.nearest(&name.text, known.clone()) {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{}` with `{meant}`", name.text),
                name.span,
                match one.alias {
                    Some(_) => meant.to_owned(),
                    // What the rest of this file calls it stays.
                    None => format!("{meant} as {}", name.text),
                },
                Applicability::Safe,
            ),
            None => match listed(known) {
                Some(names) => fault.label("not there").help(format!("it declares {names}")),
                None => fault.label("not there"),
            },
        };
        findings.report(fault);
    }
}

impl<'a> FileNames<'a> {
    /// The names a file declares; those declared twice or taken from the language or its library are reported.
    fn own(
        module: &'a Module,
        standard: &BTreeMap<&'a str, Entry<'a>>,
        plan: &Plan<'_>,
        findings: &mut Findings,
    ) -> Self {
        let mut names = Self {
            source: &module.source,
            entries: Vec::new(),
            constants: Vec::new(),
            models: Vec::new(),
            blocks: Vec::new(),
            datasets: Vec::new(),
            trains: Vec::new(),
            index: HashMap::default(),
            imported: Vec::new(),
            lost: false,
        };
        for piece in &module.file.declarations {
            names.lost |= !piece.is_sound() && matches!(piece.kind, DeclarationKind::Error { name: None });
            let Some(entry) = Entry::of(piece) else { continue };
            let name = entry.name;
            findings.declares(name.span, entry.kind);
            if !module.source.standard && plan.verdict(piece).is_none() {
                report_shadowing(name, standard, findings);
            }
            if let Some(first) = names.index.get(name.text.as_str()) {
                findings.report(
                    Diagnostic::new(Code::Duplicate, name.span, format!("`{}` is declared twice", name.text))
                        .label("declared again here")
                        .related(first.name.span, format!("the {} `{}` is here", first.kind.noun(), name.text)),
                );
                continue;
            }
            names.index.insert(&name.text, entry);
            names.entries.push(entry);
        }
        names
    }

    /// What this file itself declares as `name`.
    fn declares(&self, name: &str) -> Option<Entry<'a>> {
        self.index.get(name).filter(|entry| entry.span.file == self.source.file).copied()
    }

    /// Takes in a name of another file.
    fn take(
        &mut self,
        local: &'a Ident,
        entry: Entry<'a>,
        standard: &BTreeMap<&'a str, Entry<'a>>,
        findings: &mut Findings,
    ) {
        report_shadowing(local, standard, findings);
        let Some(first) = self.index.get(local.text.as_str()) else {
            self.index.insert(&local.text, entry);
            self.imported.push((local, entry));
            return;
        };
        if entry.kind == SymbolKind::Declaration {
            // Why it cannot be taken has been said.
            return;
        }
        let (place, text) = match self.imported.iter().find(|(known, _)| known.text == local.text) {
            Some((known, _)) => (known.span, "first taken from here".to_owned()),
            None => (first.name.span, format!("the {} `{}` is here", first.kind.noun(), local.text)),
        };
        findings.report(
            Diagnostic::new(Code::Duplicate, local.span, format!("`{}` is already a name of this file", local.text))
                .label("taken from another file")
                .related(place, text)
                .help(format!("another name keeps both: `{} as …`", entry.name.text)),
        );
    }

    /// Lists the names of each kind.
    fn list(&mut self) {
        let own = self.entries.iter().map(|entry| (entry.name.text.as_str(), *entry));
        let taken = self.imported.iter().map(|(local, entry)| (local.text.as_str(), *entry));
        for (name, entry) in own.chain(taken) {
            if entry.has_body() {
                self.blocks.push(name);
            }
            match entry.kind {
                SymbolKind::Constant => self.constants.push(name),
                SymbolKind::Model => self.models.push(name),
                SymbolKind::Dataset => self.datasets.push(name),
                SymbolKind::Train => self.trains.push(name),
                _ => {}
            }
        }
    }
}

impl<'a> Names<'a> {
    /// What `name` is in this file.
    pub fn get(&self, name: &str) -> Option<Entry<'a>> {
        self.own.index.get(name).or_else(|| self.all.standard.get(name)).copied()
    }

    /// Which blocks may be unrolled; what is wrong with the others is said once, by [`Calls::collect`].
    pub fn calls(&self) -> &'a Calls {
        self.all.calls.get_or_init(|| Calls::collect(self.all, &mut Findings::default()))
    }

    /// The `use` of a file that declares `name`, where this file uses that file for other names.
    pub fn elsewhere(&self, name: &str) -> Option<&'a ast::Use> {
        let module = &self.all.modules.all[usize::from(self.own.source.file.0)];
        let uses = uses(&module.file).map(|(import, _)| import);
        let declares = |target: FileId| self.all.files[usize::from(target.0)].declares(name).is_some();
        uses.zip(&module.uses).find_map(|(import, target)| target.is_some_and(declares).then_some(import))
    }

    /// Says of the fault of an unknown name where it is declared, if in a file that is used for other names; whether it is.
    pub fn or_elsewhere(&self, fault: Diagnostic, name: &str) -> (Diagnostic, bool) {
        let Some(import) = self.elsewhere(name) else { return (fault, false) };
        let fault = fault.label(format!("declared in `{}`", import.path));
        match import.imports.last().map(|last| last.local().span.after()) {
            Some(end) => {
                let title = format!("take `{name}` from there too");
                (fault.fix(title, end, format!(", {name}"), Applicability::Safe), true)
            }
            None => (fault, true),
        }
    }

    /// The names of the file that `span` stands in: what a declaration taken from another file was written with.
    pub fn home(self, span: Span) -> Self {
        Self { own: &self.all.files[usize::from(span.file.0)], ..self }
    }

    /// The way from the program's folder to that of the file that `span` stands in.
    pub fn folder_of(&self, span: Span) -> String {
        let path = |file: FileId| folder_of(&self.all.modules.all[usize::from(file.0)].source.path);
        way(path(FileId::default()), path(span.file))
    }

    /// What stands at `span`, in whichever file.
    pub fn text(&self, span: Span) -> &'a str {
        self.all.modules.all[usize::from(span.file.0)].source.text.get(span.range()).unwrap_or_default()
    }

    /// Forgets the values of the constants: with other choices they are others.
    pub fn forget(&self) {
        self.all.values.borrow_mut().clear();
    }

    /// The value of a constant, evaluated once; `at` is where it is named.
    pub fn constant(self, entry: Entry<'a>, at: Option<Span>, findings: &mut Findings) -> Value {
        let Declared::Const(expr) = entry.declared() else { return Value::Unknown };
        let name = entry.name.span;
        // A date is a value of columns: only where something else names it is that a fault.
        if at.is_none() && matches!(expr.kind, ExprKind::Date(_) | ExprKind::DateTime(..) | ExprKind::Time(_)) {
            return Value::Unknown;
        }
        match self.all.values.borrow().get(&name) {
            Some(Constant::Known(value)) => return value.clone(),
            Some(Constant::Evaluating) => {
                findings.report(self.cycle(entry, at));
                return Value::Unknown;
            }
            None => {}
        }
        let too_deep = match (self.all.path.borrow().len(), self.all.levels.get()) {
            (MAX_CHAIN.., _) => Some(format!("more than {MAX_CHAIN} constants lead to one another")),
            (_, MAX_LEVELS..) => Some(format!("constants lead to one another through more than {MAX_LEVELS} levels")),
            _ => None,
        };
        if let Some(message) = too_deep {
            let fault = Diagnostic::new(Code::TooDeep, expr.span, message);
            findings.report(fault.label("this one is not followed further"));
            return Value::Unknown;
        }
        self.all.path.borrow_mut().push((name, at));
        self.all.values.borrow_mut().insert(name, Constant::Evaluating);
        let value = Context::new(self.home(name), findings, &entry.name.text).evaluate(expr);
        self.all.path.borrow_mut().pop();
        self.all.values.borrow_mut().insert(name, Constant::Known(value.clone()));
        value
    }

    /// The fault of a constant that is named at `at` on the way to its own value, with that way.
    fn cycle(self, entry: Entry<'a>, at: Option<Span>) -> Diagnostic {
        let name = entry.name.span;
        let message = format!("the constant `{}` depends on itself", entry.name.text);
        let fault = Diagnostic::new(Code::Cycle, name, message);
        let path = self.all.path.borrow();
        let first = path.iter().position(|(known, _)| *known == name).unwrap_or(0);
        let way = &path[first..];
        // Each constant of the circle, with the name in its value that leads on.
        let next = way.iter().skip(1).copied().chain([(name, at)]);
        let links: Vec<_> = way.iter().zip(next).collect();
        let shown = |link: usize| link < MAX_LINKS - 1 || link + 1 == links.len();
        let mut fault = fault.label(match links.len() {
            ..=MAX_LINKS => "its value leads back to it".to_owned(),
            count => format!("its value leads back to it, through {count} constants"),
        });
        for (link, ((from, _), (to, at))) in links.iter().enumerate() {
            if let (true, Some(at)) = (shown(link), at) {
                let [from, to] = [from, to].map(|name| self.text(*name));
                let to = if from == to { "itself".to_owned() } else { format!("`{to}`") };
                fault = fault.related(*at, format!("`{from}` needs {to}"));
            }
        }
        fault
    }
}

/// Reports a name that the language itself or its library has.
fn report_shadowing(name: &Ident, standard: &BTreeMap<&str, Entry<'_>>, findings: &mut Findings) {
    let new = |message: String| Diagnostic::new(Code::Shadowing, name.span, message).label("choose another name");
    if let Some(what) = built_in(&name.text) {
        findings.report(new(format!("`{}` is the name of {what} of the language", name.text)));
    } else if let Some(first) = standard.get(name.text.as_str()) {
        let what = first.kind.noun();
        findings.report(
            new(format!("`{}` is the name of a {what} of the standard library", name.text))
                .related(first.name.span, "declared here"),
        );
    }
}

/// What a name is in the language itself.
fn built_in(name: &str) -> Option<&'static str> {
    if layers::find(name).is_some() {
        Some("a layer")
    } else if functions::find(name).is_some() || activations::find(name).is_some() {
        Some("a function")
    } else if name == "it" {
        Some("the current value")
    } else {
        None
    }
}
