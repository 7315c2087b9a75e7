//! Checks the declarations that are made of settings: datasets, trainings, synthesizers, deployments and providers.
//!
//! `kinds` says what each kind of setting takes; `dataset` (with `files` and `tables`), `train`, `synthesizer`, `deploy` and `provider` check one
//! declaration each; `augment`, `fields`, `feeds`, `objective`, `in_batch`, `metrics`, `weighting` and `upkeep` read parts of a `train`; `tune` is the constant that is
//! searched for, and `space` goes through all that a search could choose.

mod augment;
mod dataset;
mod deploy;
mod feeds;
mod fields;
mod files;
mod in_batch;
mod kinds;
mod metrics;
mod objective;
mod provider;
mod space;
mod synthesizer;
mod tables;
mod train;
mod tune;
mod upkeep;
mod weighting;

use ndsl_grammar::Span;

use super::value::Value;
use crate::settings::units::Quantity;
use crate::signature::{Default, Signature};

pub use dataset::Rows;
pub use deploy::check as check_deploy;
pub use feeds::{Feed, Feeds};
pub use objective::Objective;
pub use provider::check as check_provider;
pub use space::{Budget, SearchSpace, allows};
pub use synthesizer::check as check_synthesizer;
pub use train::{MAX_REREAD, TrainInstance, Training, check as check_train};
pub use tune::{Choice, Choices, Chosen, Place, Tunes, Variable};

/// What was given between the braces of a setting, or the brackets of a method, with its defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What takes it.
    pub signature: &'static Signature,
    /// Where it stands.
    pub span: Span,
    /// Each parameter's place and value, where one was given.
    pub(super) values: Vec<Option<(Span, Value)>>,
}

impl Settings {
    fn index(&self, name: &str) -> usize {
        let index = self.signature.parameters.iter().position(|parameter| parameter.name == name);
        debug_assert!(index.is_some(), "`{}` has no parameter `{name}`", self.signature.name);
        index.unwrap_or(0)
    }

    /// Where `name` was given, and what.
    pub fn given(&self, name: &str) -> Option<(Span, &Value)> {
        self.values[self.index(name)].as_ref().map(|(span, value)| (*span, value))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.given(name).map(|(_, value)| value)
    }

    fn default(&self, name: &str) -> Default {
        self.signature.parameters[self.index(name)].default
    }

    /// Where `name` was given, or the whole.
    pub fn at(&self, name: &str) -> Span {
        self.given(name).map_or(self.span, |(span, _)| span)
    }

    /// The number of `name`; its default while it is not known.
    pub fn float(&self, name: &str) -> f64 {
        self.value(name).and_then(Value::number).unwrap_or(match self.default(name) {
            Default::Float(number) => number,
            Default::Int(number) => number as f64,
            _ => 0.0,
        })
    }

    /// The whole number of `name`; nothing while it is not known.
    pub fn int(&self, name: &str) -> Option<i64> {
        match (self.value(name), self.default(name)) {
            (Some(Value::Int(number)), _) => Some(*number),
            (None, Default::Int(number)) => Some(number),
            _ => None,
        }
    }

    /// The truth value of `name`; its default while it is not known.
    pub fn bool(&self, name: &str) -> bool {
        match (self.value(name), self.default(name)) {
            (Some(Value::Bool(truth)), _) => *truth,
            (_, Default::Bool(truth)) => truth,
            _ => false,
        }
    }

    /// The word or text of `name`; its default while it is not known.
    pub fn word(&self, name: &str) -> &str {
        match (self.value(name), self.default(name)) {
            (Some(Value::Text(word)), _) => word,
            (_, Default::Word(word)) => word,
            _ => "",
        }
    }

    /// The quantity of `name`, where one was given.
    pub fn quantity(&self, name: &str) -> Option<Quantity> {
        match self.value(name) {
            Some(Value::Quantity(quantity)) => Some(*quantity),
            _ => None,
        }
    }

    /// The height and the width of `name`; nothing while they are not known.
    fn sizes(&self, name: &str) -> Option<[usize; 2]> {
        let size = |value: &Value| match value {
            Value::Int(size) => usize::try_from(*size).ok(),
            _ => None,
        };
        match self.value(name)? {
            Value::List(sizes) => match sizes.as_ref() {
                [height, width] => Some([size(height)?, size(width)?]),
                _ => None,
            },
            one => size(one).map(|size| [size, size]),
        }
    }

    /// The settings given for `name`.
    pub fn settings(&self, name: &str) -> Option<&Settings> {
        match self.value(name) {
            Some(Value::Settings(settings)) => Some(settings),
            _ => None,
        }
    }
}

/// A checked `synthesizer`, `deploy` or `provider`.
#[derive(Clone, Debug)]
pub struct DeclaredInstance {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// Its settings; nothing where one was refused.
    pub settings: Option<Settings>,
}

impl Settings {
    /// Whether the same was given, wherever it stands.
    fn values_equal(&self, other: &Self) -> bool {
        let values = |settings: &Self| {
            settings.values.iter().map(|slot| slot.as_ref().map(|(_, value)| value.clone())).collect::<Vec<_>>()
        };
        values(self) == values(other)
    }
}
