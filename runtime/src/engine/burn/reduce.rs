//! Several elements to one, and what goes along an axis.

use ndsl_compiler::ir::{ElementType, Reduction};

use ::burn::backend::TensorMetadata;
use ::burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};

use super::transfer::{Device, dims, read_wholes};
use super::value::{Activation, Value, float, last};
use super::{Backend, Primitive, composed, fused};
use crate::engine::EngineError;

/// `axes` are those of the graph's layout, `shape` is what the graph makes of it.
pub(super) fn reduce(
    x: Value,
    reduction: Reduction,
    axes: &[usize],
    shape: &[usize],
    device: &Device,
) -> Result<Value, EngineError> {
    let unsupported = |element| Err(EngineError::Unsupported { operation: reduction.name(), element });
    let shape = dims(if shape.is_empty() { &[1] } else { shape });
    match x {
        Value::Bool(x) if matches!(reduction, Reduction::Any | Reduction::All) => {
            let of_axis = |x, axis: &usize| match reduction {
                Reduction::Any => Backend::bool_any_dim(x, *axis),
                _ => Backend::bool_all_dim(x, *axis),
            };
            Ok(Value::Bool(Backend::bool_reshape(axes.iter().fold(x, of_axis), shape)))
        }
        Value::Bool(_) => unsupported(ElementType::Bool),
        Value::Int(x, element) => {
            let mut x = x;
            for axis in axes {
                x = match reduction {
                    Reduction::Sum => Backend::int_sum_dim(x, *axis),
                    Reduction::Max => Backend::int_max_dim(x, *axis),
                    Reduction::Min => Backend::int_min_dim(x, *axis),
                    Reduction::Product => Backend::int_prod_dim(x, *axis),
                    Reduction::Mean | Reduction::Any | Reduction::All => return unsupported(element),
                };
            }
            Ok(Value::Int(Backend::int_reshape(x, shape), element))
        }
        _ if matches!(reduction, Reduction::Any | Reduction::All) => unsupported(ElementType::F32),
        Value::Float(x) => Ok(last(Backend::float_reshape(floats(x, reduction, axes), shape))),
        Value::Number(number) => Ok(last(Backend::float_reshape(device.number(number), shape))),
    }
}

fn floats(x: Activation, reduction: Reduction, axes: &[usize]) -> Primitive {
    // The places of an image can be reduced in either layout with the same outcome.
    let rank = x.stored_shape().len();
    let places: Vec<usize> = (1..rank.saturating_sub(1)).collect();
    let (tensor, axes) = match x {
        Activation::First(tensor) if axes == places => (tensor, (2..rank).collect()),
        other => (other.last(), axes.to_vec()),
    };
    let mut sizes = tensor.shape().to_vec();
    let mut axes: Vec<usize> = axes;
    // Neighbouring axes are one, so that a whole image is one pass.
    while let Some(at) = axes.windows(2).position(|pair| pair[0] + 1 == pair[1]) {
        let axis = axes[at];
        sizes[axis] *= sizes.remove(axis + 1);
        axes.remove(at + 1);
        axes[at + 1..].iter_mut().for_each(|later| *later -= 1);
    }
    let mut tensor = Backend::float_reshape(tensor, dims(&sizes));
    for axis in axes {
        tensor = match reduction {
            Reduction::Mean => Backend::float_mean_dim(tensor, axis),
            Reduction::Max => Backend::float_max_dim(tensor, axis),
            Reduction::Min => Backend::float_min_dim(tensor, axis),
            Reduction::Product => product(tensor, axis),
            Reduction::Sum | Reduction::Any | Reduction::All => Backend::float_sum_dim(tensor, axis),
        };
    }
    tensor
}

/// The product along an axis, one element after the other: so its gradient is right where one of them is zero.
fn product(x: Primitive, axis: usize) -> Primitive {
    let count = x.shape()[axis];
    let element = |place: usize| {
        let mut slices: Vec<::burn::backend::Slice> =
            x.shape().to_vec().into_iter().map(|size| ::burn::backend::Slice::from(0..size)).collect();
        slices[axis] = ::burn::backend::Slice::from(place..place + 1);
        Backend::float_slice(x.clone(), &slices)
    };
    match count {
        0 => Backend::float_prod_dim(x, axis),
        _ => (1..count).map(element).fold(element(0), Backend::float_mul),
    }
}

pub(super) fn argmax(x: Value, axis: usize, shape: &[usize], device: &Device) -> Value {
    let places = match x {
        Value::Int(x, _) => Backend::int_argmax(x, axis),
        other => Backend::float_argmax(float(other, device), axis, device.stored(ElementType::I64)),
    };
    let shape = if shape.is_empty() { &[1] } else { shape };
    Value::Int(Backend::int_reshape(places, dims(shape)), ElementType::I64)
}

pub(super) fn cumsum(x: Value, axis: usize, exclusive: bool, reverse: bool, device: &Device) -> Value {
    match x {
        Value::Int(x, element) => {
            let turn = |x| if reverse { Backend::int_flip(x, &[axis]) } else { x };
            let sums = turn(Backend::int_cumsum(turn(x.clone()), axis));
            Value::Int(if exclusive { Backend::int_sub(sums, x) } else { sums }, element)
        }
        other => {
            let x = float(other, device);
            let turn = |x| if reverse { Backend::float_flip(x, &[axis]) } else { x };
            let sums = turn(Backend::float_cumsum(turn(x.clone()), axis));
            last(if exclusive { Backend::float_sub(sums, x) } else { sums })
        }
    }
}

/// `-log(softmax(logits))[label]`, averaged over all axes but the batch.
pub(super) fn cross_entropy(logits: Primitive, labels: Primitive, device: &Device) -> Result<Primitive, EngineError> {
    match device.has_kernels {
        true => Ok(fused::cross_entropy(logits, read_wholes(labels)?)),
        false => Ok(composed::cross_entropy(logits, labels)),
    }
}
