//! The declarations of a file by name, and the values of its constants.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, DeclarationKind, Expr, Ident};

use super::context::{Context, Findings};
use super::flow::Calls;
use super::room::MAX_LEVELS;
use super::value::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Source;
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
    /// `dataset`
    Dataset(&'a Expr),
    /// `train`
    Train(&'a ast::Record),
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
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Const(_) => "constant",
            Self::Block(..) => "block",
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
    /// The names of the constants.
    pub constants: Vec<&'a str>,
    /// The names of the models.
    pub models: Vec<&'a str>,
    /// The names of the datasets.
    pub datasets: Vec<&'a str>,
    index: BTreeMap<&'a str, usize>,
    /// The values of the constants, by where their names stand.
    values: RefCell<HashMap<Span, Constant>>,
    /// The names of the constants being evaluated, each with the place in the one before that names it.
    path: RefCell<Vec<(Span, Option<Span>)>>,
    /// How many expressions are being evaluated inside one another.
    pub levels: Cell<usize>,
    calls: OnceCell<Calls>,
}

/// How many links of a circle of constants are shown.
const MAX_LINKS: usize = 6;

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
                DeclarationKind::Block(model) => (&model.name, Declared::Block(model, declaration.docs.as_deref())),
                DeclarationKind::Model(model) => (&model.name, Declared::Model(model, declaration.docs.as_deref())),
                DeclarationKind::Dataset { name, source, .. } => (name, Declared::Dataset(source)),
                DeclarationKind::Train { name, settings } => (name, Declared::Train(settings)),
                DeclarationKind::Error { name: Some(name) } => (name, Declared::Broken),
                kind => {
                    let keyword = match kind {
                        DeclarationKind::Use(_) => "use",
                        DeclarationKind::Schema(_) => "schema",
                        DeclarationKind::Synthesizer { .. } => "synthesizer",
                        DeclarationKind::Deploy { .. } => "deploy",
                        DeclarationKind::Provider { .. } => "provider",
                        _ => continue,
                    };
                    findings.report(reserved(&keyword_at(declaration.span, keyword)));
                    continue;
                }
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
        let of_kind = |wanted: fn(&Declared<'_>) -> bool| {
            entries.iter().filter(|entry| wanted(&entry.declared)).map(|entry| entry.name.text.as_str()).collect()
        };
        Self {
            source,
            constants: of_kind(|declared| matches!(declared, Declared::Const(_))),
            models: of_kind(|declared| matches!(declared, Declared::Model(..))),
            datasets: of_kind(|declared| matches!(declared, Declared::Dataset(_))),
            entries,
            index,
            values: RefCell::default(),
            path: RefCell::default(),
            levels: Cell::new(0),
            calls: OnceCell::new(),
        }
    }

    /// Which blocks may be unrolled; what is wrong with the others is said once, by [`Calls::collect`].
    pub fn calls(&self) -> &Calls {
        self.calls.get_or_init(|| Calls::collect(self, &mut Findings::default()))
    }

    /// Follows the uses of blocks and reports those that never end or are too many.
    pub fn follow_calls(&self, findings: &mut Findings) {
        self.calls.get_or_init(|| Calls::collect(self, findings));
    }

    /// The declaration called `name`.
    pub fn get(&self, name: &str) -> Option<Entry<'a>> {
        self.index.get(name).map(|index| self.entries[*index])
    }

    /// The value of a constant, evaluated once; `at` is where it is named.
    pub fn constant(&self, entry: Entry<'a>, at: Option<Span>, findings: &mut Findings) -> Value {
        let Declared::Const(expr) = entry.declared else { return Value::Unknown };
        let name = entry.name.span;
        match self.values.borrow().get(&name) {
            Some(Constant::Known(value)) => return value.clone(),
            Some(Constant::Evaluating) => {
                findings.report(self.cycle(entry, at));
                return Value::Unknown;
            }
            None => {}
        }
        let too_deep = match (self.path.borrow().len(), self.levels.get()) {
            (MAX_CHAIN.., _) => Some(format!("more than {MAX_CHAIN} constants lead to one another")),
            (_, MAX_LEVELS..) => Some(format!("constants lead to one another through more than {MAX_LEVELS} levels")),
            _ => None,
        };
        if let Some(message) = too_deep {
            let fault = Diagnostic::new(Code::TooDeep, expr.span, message);
            findings.report(fault.label("this one is not followed further"));
            return Value::Unknown;
        }
        self.path.borrow_mut().push((name, at));
        self.values.borrow_mut().insert(name, Constant::Evaluating);
        let value = Context::new(self, findings, &entry.name.text).evaluate(expr);
        self.path.borrow_mut().pop();
        self.values.borrow_mut().insert(name, Constant::Known(value.clone()));
        value
    }

    /// The fault of a constant that is named at `at` on the way to its own value, with that way.
    fn cycle(&self, entry: Entry<'a>, at: Option<Span>) -> Diagnostic {
        let name = entry.name.span;
        let message = format!("the constant `{}` depends on itself", entry.name.text);
        let fault = Diagnostic::new(Code::Cycle, name, message);
        let path = self.path.borrow();
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
                let [from, to] = [from, to].map(|name| self.source.text.get(name.range()).unwrap_or("…"));
                let to = if from == to { "itself".to_owned() } else { format!("`{to}`") };
                fault = fault.related(*at, format!("`{from}` needs {to}"));
            }
        }
        fault
    }
}

/// The keyword that stands at the start of `span`.
pub fn keyword_at(span: Span, keyword: &str) -> Ident {
    let end = (span.start + keyword.len() as u32).min(span.end);
    Ident { text: keyword.to_owned(), span: Span { end, ..span } }
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
