//! What an expression can be while a program is checked.

use std::sync::Arc;

use super::settings::Settings;
use crate::activations::Activation;
use crate::initializers::Start;
use crate::ir::{Dim, Regularizer, ValueId};
use crate::settings::units::Quantity;

use super::flow::{Row, Shared};

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
    /// How a weight starts.
    Initializer(Start),
    /// What a weight adds to the loss.
    Regularizer(Regularizer),
    /// A number with its unit.
    Quantity(Quantity),
    /// Settings between braces, or a method with its parameters.
    Settings(Arc<Settings>),
    /// A dimension that only a run knows, as a number to compute with.
    Dim(Dim),
    /// A tensor of the graph being built.
    Tensor(ValueId),
    /// Values by their names: the outputs of a model, the named arms of a `branch`.
    Record(Arc<[(Arc<str>, Value)]>),
    /// A row of a table.
    Row(Arc<Row>),
    /// A layer or block whose weights all its uses have in common.
    Shared(Arc<Shared>),
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
            Self::Initializer(_) => "an initializer".into(),
            Self::Regularizer(_) => "a regularizer".into(),
            Self::Quantity(quantity) => format!("{} of {quantity}", quantity.unit.measure.noun()),
            Self::Settings(settings) => format!("`{}`", settings.signature.name),
            Self::Dim(dim) => format!("the dimension {dim}"),
            Self::Tensor(_) => "a tensor".into(),
            Self::Record(values) => format!("{} named values", values.len()),
            Self::Row(row) => format!("a row of `{}`", row.path),
            Self::Shared(shared) => format!("the shared `{}`", shared.name.text),
            Self::Unknown => "unknown".into(),
        }
    }

    /// How many values it holds, itself counted.
    pub fn size(&self) -> usize {
        match self {
            Self::List(values) => values.iter().map(Self::size).fold(1, usize::saturating_add),
            Self::Record(values) => values.iter().map(|(_, value)| value.size()).fold(1, usize::saturating_add),
            _ => 1,
        }
    }

    /// The whole number of at least 0 it holds.
    pub fn whole(&self) -> Option<usize> {
        match self {
            Self::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A dimension as a number: whole where it is known.
    pub fn from_dim(dim: Dim) -> Self {
        match dim {
            Dim::Known(size) => i64::try_from(size).map_or(Self::Unknown, Self::Int),
            Dim::Symbolic(_) => Self::Dim(dim),
            Dim::Unknown => Self::Unknown,
        }
    }

    /// The dimension it is, if it can be one.
    pub fn dim(&self) -> Option<Dim> {
        match self {
            Self::Int(size) => usize::try_from(*size).ok().map(Dim::Known),
            Self::Dim(dim) => Some(dim.clone()),
            Self::Unknown => Some(Dim::Unknown),
            _ => None,
        }
    }

    /// The values of a list.
    pub fn list(&self) -> Option<&[Value]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    /// Whether it is not known, or a list in which something is not.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::List(values) => values.iter().any(Self::has_unknown),
            other => *other == Self::Unknown,
        }
    }

    /// Whether it is a tensor, several of them, or not known.
    pub fn holds_tensors(&self) -> bool {
        match self {
            Self::Tensor(_) | Self::Unknown => true,
            Self::List(values) => values.iter().all(Self::holds_tensors),
            Self::Record(values) => values.iter().all(|(_, value)| value.holds_tensors()),
            _ => false,
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
