//! What a call calls, and what it takes: something of the language itself, or a block or model.

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Meaning, SymbolKind};
use ndsl_compiler::signature::{Default, Kind, Parameter, Signature};
use ndsl_compiler::{activations, functions, layers, standard};
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Declaration, DeclarationKind, InputType, Model, StatementKind};

use super::nodes::{self, Node};

/// What is called.
#[derive(Clone, Debug)]
pub enum Callee<'a> {
    /// Something of the language itself.
    BuiltIn(&'static Signature),
    /// A block or model, and the doc comment above it.
    Declared(&'a Declaration, &'a Model),
    /// A block of the standard library that the text does not use yet.
    Library(Box<Declaration>),
}

/// A parameter as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// As a signature lists it: `units`, `activation=linear`, `width: int = 32`.
    pub written: String,
    /// What is to be said of it.
    pub docs: String,
    /// Whether a call has to give it.
    pub required: bool,
    /// Whether it is given by its name alone.
    pub by_name: bool,
}

impl<'a> Callee<'a> {
    /// What stands at the place of a call's name.
    pub fn at(analysis: &'a Analysis, name: Span) -> Option<Self> {
        let occurrence = analysis.index().at(name.file, name.start as usize).filter(|it| it.span == name)?;
        match occurrence.meaning {
            Meaning::BuiltIn(signature) | Meaning::ColumnType(signature) => Some(Self::BuiltIn(signature)),
            Meaning::Symbol { kind: SymbolKind::Block | SymbolKind::Model, definition } => {
                Self::declared_at(analysis, definition)
            }
            _ => None,
        }
    }

    /// What the given text calls `name`, where it cannot be told from the place: a text that is being written.
    pub fn named(analysis: &'a Analysis, name: &str) -> Option<Self> {
        if let Some(signature) = built_in(name) {
            return Some(Self::BuiltIn(signature));
        }
        if let Some(declaration) = analysis.declaration(name) {
            return Self::of(declaration);
        }
        let file = standard::find(name)?;
        let parsed = ndsl_grammar::parse(file.text, ndsl_grammar::FileId::default());
        let found =
            parsed.file.declarations.into_iter().find(|declaration| {
                ndsl_compiler::check::declared_name(declaration).is_some_and(|own| own.text == name)
            });
        found.map(|declaration| Self::Library(Box::new((*declaration).clone())))
    }

    /// What a declaration declares, where it is a block or a model.
    pub fn of(declaration: &'a Declaration) -> Option<Self> {
        model(declaration).map(|model| Self::Declared(declaration, model))
    }

    fn declared_at(analysis: &'a Analysis, name: Span) -> Option<Self> {
        let around = nodes::around(analysis.tree(name.file), name.start as usize);
        match around.first()? {
            Node::Declaration(declaration) => Self::of(declaration),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::BuiltIn(signature) => signature.name,
            Self::Declared(_, model) => &model.name.text,
            Self::Library(declaration) => model(declaration).map_or("", |model| &model.name.text),
        }
    }

    /// What is to be said of it, in Markdown.
    pub fn docs(&self) -> String {
        match self {
            Self::BuiltIn(signature) if signature.details.is_empty() => signature.summary.to_owned(),
            Self::BuiltIn(signature) => format!("{}\n\n{}", signature.summary, signature.details),
            Self::Declared(declaration, _) => declaration.docs.clone().unwrap_or_default(),
            Self::Library(declaration) => declaration.docs.clone().unwrap_or_default(),
        }
    }

    /// What it takes, in the order in which it is given by place; then the inputs of a block beyond the first.
    pub fn parameters(&self) -> Vec<Shown> {
        match self {
            Self::BuiltIn(signature) => signature.parameters.iter().map(of_signature).collect(),
            Self::Declared(_, model) => of_model(model),
            Self::Library(declaration) => model(declaration).map(of_model).unwrap_or_default(),
        }
    }

    /// The names of what it takes by place, in their order.
    pub fn by_place(&self) -> Vec<String> {
        self.parameters().into_iter().filter(|parameter| !parameter.by_name).map(|parameter| parameter.name).collect()
    }

    /// Whether the first thing it takes is the tensor it works on.
    pub fn takes_tensor(&self) -> bool {
        match self {
            Self::BuiltIn(signature) => {
                let of_tensors = |kind| matches!(kind, Kind::Tensor | Kind::Tensors | Kind::Operand | Kind::Operands);
                signature.parameters.first().is_some_and(|first| of_tensors(first.kind))
                    || activations::find(signature.name).is_some()
            }
            Self::Declared(..) | Self::Library(_) => false,
        }
    }
}

/// The layer, function or activation of that name.
pub fn built_in(name: &str) -> Option<&'static Signature> {
    layers::find(name)
        .map(|def| &def.signature)
        .or_else(|| functions::find(name).map(|def| &def.signature))
        .or_else(|| activations::find(name).map(|def| &def.signature))
}

/// The body of a block or model.
pub fn model(declaration: &Declaration) -> Option<&Model> {
    match &declaration.kind {
        DeclarationKind::Block(model) | DeclarationKind::Model(model) => Some(model),
        _ => None,
    }
}

fn of_signature(parameter: &'static Parameter) -> Shown {
    let written = match parameter.default {
        Default::Required | Default::RequiredWithout(_) => parameter.name.to_owned(),
        Default::Absent(_) => format!("{}=…", parameter.name),
        default => format!("{}={}", parameter.name, parameter.written(&default)),
    };
    Shown {
        name: parameter.name.to_owned(),
        written,
        docs: format!("{}: {}", parameter.kind, parameter.summary),
        required: parameter.default == Default::Required,
        by_name: parameter.by_name,
    }
}

fn of_model(model: &Model) -> Vec<Shown> {
    let parameter = |parameter: &ast::Parameter| {
        let (name, kind) = (&parameter.name.text, &parameter.kind.text);
        let default = parameter.default.as_ref().map(value);
        let written = match &default {
            Some(default) => format!("{name}: {kind} = {default}"),
            None => format!("{name}: {kind}"),
        };
        Shown { name: name.clone(), written, docs: String::new(), required: default.is_none(), by_name: false }
    };
    let mut shown: Vec<Shown> = model.parameters.iter().map(parameter).collect();
    let inputs = model.body.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Input { name, kind } => Some((name, kind, statement.docs.as_deref())),
        _ => None,
    });
    for (name, kind, docs) in inputs.skip(1) {
        let written = match kind {
            InputType::Tensor(kind) => {
                let dims: Vec<String> = kind.dims.iter().map(value).collect();
                format!("{}: {}[{}]", name.text, kind.element.text, dims.join(", "))
            }
            InputType::Table { .. } => name.text.clone(),
        };
        let docs = docs.unwrap_or("an input, given by its name").to_owned();
        shown.push(Shown { name: name.text.clone(), written, docs, required: true, by_name: true });
    }
    shown
}

/// A simple value as it is written; `…` for the others.
fn value(value: &ast::Expr) -> String {
    use ast::ExprKind as Kind;
    match &value.kind {
        Kind::Int(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Str(text) => format!("{text:?}"),
        Kind::Name(name) => name.clone(),
        Kind::List(items) if items.len() <= 4 => {
            format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", "))
        }
        _ => "…".to_owned(),
    }
}
