//! What the language has, by what it is for, and what is said of each.

use ndsl_compiler::settings::augmentations::AUGMENTATIONS;
use ndsl_compiler::settings::optimizers::OPTIMIZERS;
use ndsl_compiler::settings::schedules::SCHEDULES;
use ndsl_compiler::settings::sources::SOURCES;
use ndsl_compiler::settings::train::VALIDATIONS;
use ndsl_compiler::settings::{deploy, losses, metrics, provider, synthesizer, train, tune};
use ndsl_compiler::signature::{Default, Kind as Takes, Methods, Parameter, Signature};
use ndsl_compiler::{activations, functions, initializers, layers, regularizers, schema};
use ndsl_grammar::KEYWORDS;

use super::{Docs, Item, Kind};

/// A part of what the language has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Layer,
    Function,
    Activation,
    Loss,
    Initializer,
    Regularizer,
    Distribution,
    ColumnFunction,
    ColumnType,
}

impl Part {
    const ALL: [Self; 9] = [
        Self::Layer,
        Self::Function,
        Self::Activation,
        Self::Loss,
        Self::Initializer,
        Self::Regularizer,
        Self::Distribution,
        Self::ColumnFunction,
        Self::ColumnType,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Function => "function",
            Self::Activation => "activation",
            Self::Loss => "loss",
            Self::Initializer => "initializer",
            Self::Regularizer => "regularizer",
            Self::Distribution => "distribution",
            Self::ColumnFunction => "function of columns",
            Self::ColumnType => "column type",
        }
    }

    /// All of it, in the order the docs list it.
    pub(super) fn signatures(self) -> Vec<&'static Signature> {
        match self {
            Self::Layer => layers::LAYERS.iter().map(|def| &def.signature).collect(),
            Self::Function => functions::FUNCTIONS.iter().map(|def| &def.signature).collect(),
            Self::Activation => activations::ACTIVATIONS.iter().map(|def| &def.signature).collect(),
            Self::Loss => losses::all().map(|def| &def.signature).collect(),
            Self::Initializer => initializers::INITIALIZERS.iter().map(|def| &def.signature).collect(),
            Self::Regularizer => regularizers::REGULARIZERS.iter().map(|def| &def.signature).collect(),
            Self::Distribution => schema::distributions::FAMILIES.iter().map(|def| &def.signature).collect(),
            Self::ColumnFunction => {
                let functions = schema::functions::FUNCTIONS.iter().map(|def| &def.signature);
                functions.chain([&schema::functions::FORMAT]).chain(schema::functions::AGGREGATES).collect()
            }
            // The first stands for what is not known.
            Self::ColumnType => schema::types::TYPES.iter().skip(1).map(|def| &def.signature).collect(),
        }
    }

    /// All of it as items that are called.
    pub(super) fn calls(self, has_bracket: bool) -> Vec<Item> {
        self.signatures().into_iter().map(|signature| called(signature, self.name(), has_bracket)).collect()
    }

    /// All of it as items that stand by their names alone.
    pub(super) fn words(self) -> Vec<Item> {
        let word = |signature: &'static Signature| {
            Item::new(signature.name, Kind::EnumMember).detail(self.name()).docs(Docs::Of(format!(
                "{}/{}",
                self.name(),
                signature.name
            )))
        };
        self.signatures().into_iter().map(word).collect()
    }
}

/// The methods of which one is chosen.
pub(super) fn methods(methods: &'static Methods, has_bracket: bool) -> Vec<Item> {
    let one = |method: &'static ndsl_compiler::signature::Method| {
        let item = called(&method.signature, methods.noun, has_bracket);
        match method.signature.parameters.is_empty() {
            // Without parameters it stands by its name alone.
            true => Item { insert: item.label.clone(), is_snippet: false, ..item },
            false => item,
        }
    };
    methods.all.iter().map(one).collect()
}

/// Something with its brackets and a place for each thing that must be given.
fn called(signature: &'static Signature, part: &str, has_bracket: bool) -> Item {
    let kind = if signature.name.starts_with(char::is_uppercase) { Kind::Class } else { Kind::Function };
    let item =
        Item::new(signature.name, kind).detail(short(signature)).docs(Docs::Of(format!("{part}/{}", signature.name)));
    if has_bracket {
        return item;
    }
    let required = signature.by_place().filter(|parameter| parameter.default == Default::Required);
    let written = required.enumerate().map(|(at, parameter)| match parameter.kind {
        Takes::Text | Takes::Paths | Takes::Place => format!("\"${{{}:{}}}\"", at + 1, parameter.name),
        _ => format!("${{{}:{}}}", at + 1, parameter.name),
    });
    let written: Vec<String> = written.collect();
    item.snippet(call(signature.name, &written, !signature.parameters.is_empty()))
}

/// A synopsis that fits beside a name.
fn short(signature: &Signature) -> String {
    const LONGEST: usize = 72;
    let whole = signature.synopsis();
    match whole.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}, …)", &whole[..whole[..at].rfind(", ").unwrap_or(at)]),
        None => whole,
    }
}

/// A call as a snippet: `Dense(${1:units})`.
pub(super) fn call(name: &str, required: &[String], takes_more: bool) -> String {
    match (required, takes_more) {
        ([], false) => format!("{name}()"),
        ([], true) => format!("{name}($1)$0"),
        (required, _) => format!("{name}({})$0", required.join(", ")),
    }
}

/// What is said of something of the language, in Markdown: of `layer/Dense`, `setting/train.loss`, `keyword/repeat`.
pub fn docs(of: &str) -> Option<String> {
    let (part, name) = of.split_once('/')?;
    match part {
        "keyword" => {
            let keyword = KEYWORDS.iter().find(|keyword| keyword.word == name)?;
            Some(keyword.docs.to_owned())
        }
        "setting" => {
            let (owner, name) = name.split_once('.')?;
            let signature = owners().into_iter().find(|signature| signature.name == owner)?;
            Some(of_parameter(signature.parameter(name)?))
        }
        _ => {
            let known = Part::ALL.into_iter().find(|known| known.name() == part);
            let all = known.map(Part::signatures).or_else(|| of_methods(part))?;
            all.into_iter().find(|signature| signature.name == name).map(of_signature)
        }
    }
}

const METHODS: [&Methods; 9] = [
    &OPTIMIZERS,
    &SCHEDULES,
    &AUGMENTATIONS,
    &SOURCES,
    &VALIDATIONS,
    &metrics::METRICS,
    &synthesizer::METHODS,
    &synthesizer::MEASURES,
    &ndsl_compiler::settings::sources::TOKENS,
];

fn of_methods(noun: &str) -> Option<Vec<&'static Signature>> {
    let methods = METHODS.into_iter().find(|methods| methods.noun == noun)?;
    Some(methods.all.iter().map(|method| &method.signature).collect())
}

/// Everything whose parameters or settings are offered by their names.
fn owners() -> Vec<&'static Signature> {
    let declared: [&'static Signature; 16] = [
        &train::TRAIN,
        &train::EARLY_STOPPING,
        &train::CHECKPOINTS,
        &train::EMA,
        &train::SEARCH,
        &train::STEP,
        &deploy::DEPLOY,
        &deploy::BATCHING,
        &deploy::AUTOSCALE,
        &deploy::RESOURCES,
        &provider::PROVIDER,
        &provider::RATE,
        &synthesizer::SYNTHESIZER,
        &synthesizer::PRIVACY,
        &tune::TUNE,
        &ndsl_compiler::settings::ENV,
    ];
    let methods = METHODS.into_iter().flat_map(|methods| methods.all.iter().map(|method| &method.signature));
    let parts = Part::ALL.into_iter().flat_map(Part::signatures);
    declared.into_iter().chain(methods).chain(parts).collect()
}

fn of_signature(signature: &'static Signature) -> String {
    let mut out = format!("{}\n\n```ndsl\n{}\n```", signature.summary, signature.example);
    if !signature.details.is_empty() {
        out = format!("{out}\n\n{}", signature.details);
    }
    out
}

fn of_parameter(parameter: &Parameter) -> String {
    let default = match parameter.default {
        Default::Required => "It must be given.".to_owned(),
        Default::RequiredWithout(other) => format!("It must be given where `{other}` is not."),
        Default::Absent(meaning) => format!("Without it: {meaning}."),
        default => format!("Without it: `{}`.", parameter.written(&default)),
    };
    let later = if parameter.later { "\n\nThis version checks it and cannot carry it out yet." } else { "" };
    format!("{}\n\nTakes {}. {default}{later}", parameter.summary, parameter.kind)
}

/// Whether a parameter takes settings between braces.
pub(super) fn takes_braces(parameter: &Parameter) -> bool {
    match parameter.kind {
        Takes::Record(_) => true,
        Takes::Special(what) => what.starts_with("settings between braces"),
        _ => false,
    }
}
