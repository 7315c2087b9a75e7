//! What an expression can be while a program is checked.

use std::sync::Arc;

use super::settings::Settings;
use crate::activations::Activation;
use crate::ir::ValueId;
use crate::settings::units::Quantity;

/// How many values a list may hold, those of the lists in it counted: constants may use each other in lists.
pub const MAX_LIST: usize = 4096;

/// The value of an expression; copying one costs nothing, whatever it holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(Arc<str>),
    /// Several values.
    List(Arc<[Value]>),
    /// A function of one tensor.
    Activation(Activation),
    /// A number with its unit.
    Quantity(Quantity),
    /// Settings between braces, or a method with its parameters.
    Settings(Arc<Settings>),
    /// A tensor of the graph being built.
    Tensor(ValueId),
    /// Not known: a fault was reported, or it depends on a parameter without a value. Nothing is reported of it again.
    Unknown,
}

impl Value {
    /// What kind of thing it is, for messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Int(number) => format!("the whole number {number}"),
            Self::Float(number) => format!("the number {number:?}"),
            Self::Bool(truth) => format!("`{truth}`"),
            Self::Text(_) => "a text".into(),
            Self::List(values) => format!("a list of {}", values.len()),
            Self::Activation(_) => "an activation".into(),
            Self::Quantity(quantity) => format!("{} of {quantity}", quantity.unit.measure.noun()),
            Self::Settings(settings) => format!("`{}`", settings.signature.name),
            Self::Tensor(_) => "a tensor".into(),
            Self::Unknown => "unknown".into(),
        }
    }

    /// How many values it holds, itself counted.
    pub fn size(&self) -> usize {
        match self {
            Self::List(values) => values.iter().map(Self::size).fold(1, usize::saturating_add),
            _ => 1,
        }
    }

    /// The number it holds, whole or not.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }
}
