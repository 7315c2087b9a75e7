//! The values of a running graph.

use ndsl_compiler::ir::ElementType;

use ::burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use ::burn::backend::{AutodiffBackend, DispatchAutodiffContext, FloatDType, TensorMetadata};

use super::{Backend, Primitive};
use crate::engine::EngineError;

/// A value of the graph while it runs.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// One number that is written in the program: never a tensor where an operation takes a scalar.
    Number(f64),
    /// Floats.
    Float(Activation),
    /// Integers of either kind.
    Int(Primitive, ElementType),
    /// True or false.
    Bool(Primitive),
}

/// Floats, of an image in either of two layouts.
///
/// The graph's layout is channels-last, Burn's convolutions and pools are channels-first. A value made in one is turned into
/// the other only when something asks for it, so a chain of convolutions and pools turns once at each end.
#[derive(Clone, Debug)]
pub(super) enum Activation {
    /// As the graph has it.
    Last(Primitive),
    /// `[N, c, …]` for the graph's `[N, …, c]`.
    First(Primitive),
}

impl Activation {
    /// The tensor as the graph has it.
    pub(super) fn last(self) -> Primitive {
        match self {
            Self::Last(tensor) => tensor,
            Self::First(tensor) => {
                let rank = tensor.shape().num_dims();
                let axes: Vec<usize> = [0].into_iter().chain(2..rank).chain([1]).collect();
                Backend::float_permute(tensor, &axes)
            }
        }
    }

    /// The tensor with its channels second; only of sequences, images and volumes.
    pub(super) fn first(self) -> Primitive {
        match self {
            Self::First(tensor) => tensor,
            Self::Last(tensor) => {
                let rank = tensor.shape().num_dims();
                let axes: Vec<usize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
                Backend::float_permute(tensor, &axes)
            }
        }
    }

    /// Where an axis of the graph's value of that rank is with the channels second.
    pub(super) fn first_axis(axis: usize, rank: usize) -> usize {
        match axis {
            0 => 0,
            axis if axis + 1 == rank => 1,
            axis => axis + 1,
        }
    }

    /// Applies `f`, which works element by element, in the layout there is.
    pub(super) fn map(self, f: impl FnOnce(Primitive) -> Primitive) -> Self {
        match self {
            Self::Last(tensor) => Self::Last(f(tensor)),
            Self::First(tensor) => Self::First(f(tensor)),
        }
    }

    /// The dimensions of the tensor in the layout there is.
    pub(super) fn stored_shape(&self) -> Vec<usize> {
        match self {
            Self::Last(tensor) | Self::First(tensor) => tensor.shape().to_vec(),
        }
    }
}

/// The floats of a value that holds nothing else, as the graph has them.
pub(super) fn float(value: Value, device: &super::transfer::Device) -> Primitive {
    match value {
        Value::Number(number) => device.number(number),
        Value::Float(activation) => activation.last(),
        Value::Int(tensor, _) => Backend::int_into_float(tensor, FloatDType::F32),
        Value::Bool(tensor) => Backend::bool_into_float(tensor, FloatDType::F32),
    }
}

/// Floats as the graph has them.
pub(super) fn last(tensor: Primitive) -> Value {
    Value::Float(Activation::Last(tensor))
}

impl Value {
    /// The tensor as it is stored; nothing of a number.
    pub(super) fn stored(self) -> Option<Primitive> {
        match self {
            Self::Number(_) => None,
            Self::Float(Activation::Last(tensor) | Activation::First(tensor)) => Some(tensor),
            Self::Int(tensor, _) | Self::Bool(tensor) => Some(tensor),
        }
    }

    /// The value, through which no gradient flows back.
    pub(super) fn detached(self) -> Self {
        match self {
            Self::Float(activation) => Self::Float(activation.map(Backend::float_detach)),
            other => other,
        }
    }

    /// The value without what is recorded for differentiation.
    pub(super) fn untracked(self) -> Self {
        match self {
            Self::Float(activation) => Self::Float(activation.map(untracked)),
            // What was uploaded was never recorded.
            Self::Int(tensor, element) => match tensor.autodiff {
                DispatchAutodiffContext::Disabled => Self::Int(tensor, element),
                DispatchAutodiffContext::Enabled(_) => Self::Int(Backend::int_inner(tensor), element),
            },
            Self::Bool(tensor) => match tensor.autodiff {
                DispatchAutodiffContext::Disabled => Self::Bool(tensor),
                DispatchAutodiffContext::Enabled(_) => Self::Bool(Backend::bool_inner(tensor)),
            },
            Self::Number(number) => Self::Number(number),
        }
    }

    /// The floats, or an error that names `operation`.
    pub(super) fn float(
        self,
        operation: &'static str,
        device: &super::transfer::Device,
    ) -> Result<Activation, EngineError> {
        match self {
            Self::Float(activation) => Ok(activation),
            Self::Number(number) => Ok(Activation::Last(device.number(number))),
            Self::Int(_, element) => Err(EngineError::Unsupported { operation, element }),
            Self::Bool(_) => Err(EngineError::Unsupported { operation, element: ElementType::Bool }),
        }
    }
}

/// The tensor without what is recorded for differentiation.
pub(super) fn untracked(tensor: Primitive) -> Primitive {
    match tensor.autodiff {
        DispatchAutodiffContext::Disabled => tensor,
        DispatchAutodiffContext::Enabled(_) => Backend::inner(tensor),
    }
}
