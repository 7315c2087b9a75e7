//! What an expression can be while a program is checked.

use crate::activations::Activation;
use crate::ir::ValueId;

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Value>),
    /// A function of one tensor.
    Activation(Activation),
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
            Self::Tensor(_) => "a tensor".into(),
            Self::Unknown => "unknown".into(),
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
