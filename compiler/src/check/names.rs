//! The declarations of a file by name, and the values of its constants.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, DeclarationKind, Expr, Ident};

use super::context::{Context, Findings};
use super::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Source;
use crate::{activations, functions, layers};

/// What a name of the file is.
#[derive(Clone, Copy)]
pub enum Declared<'a> {
    /// `const`
    Const(&'a Expr),
    /// `model`
    Model(&'a ast::Model, Option<&'a str>),
    /// `dataset`
    Dataset(&'a Expr),
    /// `train`
    Train(&'a ast::Record),
    /// A declaration that could not be read: its name is known, and nothing else.
    Broken,
}

impl Declared<'_> {
    /// The word for it in messages.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Const(_) => "constant",
            Self::Model(..) => "model",
            Self::Dataset(_) => "dataset",
            Self::Train(_) => "training",
            Self::Broken => "declaration",
        }
    }
}

/// A named declaration.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a Ident,
    /// The whole declaration.
    pub span: Span,
    /// What it is.
    pub declared: Declared<'a>,
}

enum Constant {
    Evaluating,
    Known(Value),
}

/// The names a file declares.
pub struct Names<'a> {
    /// The text the names were read from.
    pub source: &'a Source,
    /// Every named declaration, in the order of the file.
    pub entries: Vec<Entry<'a>>,
    index: BTreeMap<&'a str, usize>,
    constants: RefCell<BTreeMap<String, Constant>>,
    depth: Cell<usize>,
}

/// How many constants may lead to one another before it is refused: what follows them recurses.
const MAX_CHAIN: usize = 128;

impl<'a> Names<'a> {
    /// Collects the names of a file and reports those declared twice or taken from the language itself.
    pub fn collect(source: &'a Source, file: &'a ast::File, findings: &mut Findings) -> Self {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        let mut index: BTreeMap<&'a str, usize> = BTreeMap::new();
        for declaration in &file.declarations {
            let (name, declared) = match &declaration.kind {
                DeclarationKind::Const { name, value } => (name, Declared::Const(value)),
                DeclarationKind::Model(model) => (&model.name, Declared::Model(model, declaration.docs.as_deref())),
                DeclarationKind::Dataset { name, source } => (name, Declared::Dataset(source)),
                DeclarationKind::Train { name, settings } => (name, Declared::Train(settings)),
                DeclarationKind::Error { name: Some(name) } => (name, Declared::Broken),
                DeclarationKind::Reserved { keyword } => {
                    findings.report(reserved(keyword));
                    continue;
                }
                DeclarationKind::Error { name: None } => continue,
            };
            if let Some(what) = built_in(&name.text) {
                findings.report(
                    Diagnostic::new(
                        Code::Shadowing,
                        name.span,
                        format!("`{}` is the name of {what} of the language", name.text),
                    )
                    .label("choose another name"),
                );
            }
            if let Some(first) = index.get(name.text.as_str()).map(|first| entries[*first]) {
                findings.report(
                    Diagnostic::new(Code::Duplicate, name.span, format!("`{}` is declared twice", name.text))
                        .label("declared again here")
                        .related(first.name.span, format!("the {} `{}` is here", first.declared.noun(), name.text)),
                );
                continue;
            }
            index.insert(&name.text, entries.len());
            entries.push(Entry { name, span: declaration.span, declared });
        }
        Self { source, entries, index, constants: RefCell::default(), depth: Cell::new(0) }
    }

    /// The declaration called `name`.
    pub fn get(&self, name: &str) -> Option<Entry<'a>> {
        self.index.get(name).map(|index| self.entries[*index])
    }

    /// The names of every declaration of which `wanted` holds.
    pub fn of_kind(&self, wanted: fn(&Declared<'_>) -> bool) -> impl Iterator<Item = &'a str> {
        let entries = self.entries.iter().filter(move |entry| wanted(&entry.declared));
        entries.map(|entry| entry.name.text.as_str())
    }

    /// The value of a constant, evaluated once.
    pub fn constant(&self, entry: Entry<'a>, findings: &mut Findings) -> Value {
        let Declared::Const(expr) = entry.declared else { return Value::Unknown };
        let name = &entry.name.text;
        match self.constants.borrow().get(name) {
            Some(Constant::Known(value)) => return value.clone(),
            Some(Constant::Evaluating) => {
                findings.report(
                    Diagnostic::new(Code::Cycle, entry.name.span, format!("the constant `{name}` depends on itself"))
                        .label("its value leads back to it"),
                );
                return Value::Unknown;
            }
            None => {}
        }
        if self.depth.get() >= MAX_CHAIN {
            findings.report(
                Diagnostic::new(
                    Code::TooDeep,
                    expr.span,
                    format!("more than {MAX_CHAIN} constants lead to one another"),
                )
                .label("this one is not followed further"),
            );
            return Value::Unknown;
        }
        self.depth.set(self.depth.get() + 1);
        self.constants.borrow_mut().insert(name.clone(), Constant::Evaluating);
        let value = Context::new(self, findings, name).evaluate(expr);
        self.depth.set(self.depth.get() - 1);
        self.constants.borrow_mut().insert(name.clone(), Constant::Known(value.clone()));
        value
    }
}

/// The fault of using a word that is kept for later.
pub fn reserved(keyword: &Ident) -> Diagnostic {
    Diagnostic::new(Code::Reserved, keyword.span, format!("`{}` is not in this version of ndsl", keyword.text))
        .label("reserved for a later version")
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
