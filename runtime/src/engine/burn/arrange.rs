//! Operations that move elements of any kind.

use ndsl_compiler::ir::ElementType;

use ::burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use ::burn::backend::{Slice, TensorMetadata};

use super::transfer::{Device, dims};
use super::value::{Activation, Value, float, last};
use super::{Backend, Primitive};
use crate::engine::EngineError;

/// The same move of floats, integers or booleans.
macro_rules! each {
    ($value:expr, $device:expr, |$x:ident| $float:expr, $int:expr, $bool:expr $(,)?) => {
        match $value {
            Value::Int($x, element) => Value::Int($int, element),
            Value::Bool($x) => Value::Bool($bool),
            other => {
                let $x = float(other, $device);
                last($float)
            }
        }
    };
}

/// The shape of a value as the graph has it.
fn shape_of(value: &Value) -> Vec<usize> {
    match value {
        Value::Number(_) => vec![1],
        Value::Float(Activation::Last(x)) | Value::Int(x, _) | Value::Bool(x) => x.shape().to_vec(),
        Value::Float(x) => x.clone().last().shape().to_vec(),
    }
}

/// One number has one axis here.
pub(super) fn reshape(value: Value, shape: &[usize], device: &Device) -> Value {
    let shape = dims(if shape.is_empty() { &[1] } else { shape });
    each!(
        value,
        device,
        |x| Backend::float_reshape(x, shape),
        Backend::int_reshape(x, shape),
        Backend::bool_reshape(x, shape),
    )
}

pub(super) fn transpose(value: Value, permutation: &[usize], device: &Device) -> Value {
    each!(
        value,
        device,
        |x| Backend::float_permute(x, permutation),
        Backend::int_permute(x, permutation),
        Backend::bool_permute(x, permutation),
    )
}

/// With axes of 1 in front, so that there are so many.
pub(super) fn with_rank(value: Value, rank: usize, device: &Device) -> Value {
    let own = shape_of(&value);
    let missing = rank.saturating_sub(own.len());
    let aligned: Vec<usize> = std::iter::repeat_n(1, missing).chain(own).collect();
    if missing == 0 { value } else { reshape(value, &aligned, device) }
}

/// Broadcasts to `shape`, which has at least as many axes.
pub(super) fn expand(value: Value, shape: &[usize], device: &Device) -> Value {
    let own = shape_of(&value);
    if own == shape || shape.is_empty() {
        return value;
    }
    let value = with_rank(value, shape.len(), device);
    let shape = dims(if shape.is_empty() { &[1] } else { shape });
    each!(
        value,
        device,
        |x| Backend::float_expand(x, shape),
        Backend::int_expand(x, shape),
        Backend::bool_expand(x, shape),
    )
}

/// The elements `start..end` of an axis; with a step, every so many-th of them, from the end if it is below zero.
pub(super) fn slice(
    value: Value,
    axis: usize,
    [start, end]: [usize; 2],
    step: isize,
    device: &Device,
) -> Result<Value, EngineError> {
    if step != 1 {
        let stride = step.unsigned_abs().max(1);
        let places = (start..end).step_by(stride).map(|place| if step > 0 { place } else { end - 1 - (place - start) });
        return Ok(select(value, axis, device.indices(places.map(|place| place as i64).collect())?, device));
    }
    let mut slices: Vec<Slice> = shape_of(&value).into_iter().map(|size| Slice::from(0..size)).collect();
    slices[axis] = Slice::from(start..end);
    Ok(each!(
        value,
        device,
        |x| Backend::float_slice(x, &slices),
        Backend::int_slice(x, &slices),
        Backend::bool_slice(x, &slices),
    ))
}

/// The elements of these numbers along an axis.
pub(super) fn select(value: Value, axis: usize, indices: Primitive, device: &Device) -> Value {
    each!(
        value,
        device,
        |x| Backend::float_select(x, axis, indices),
        Backend::int_select(x, axis, indices),
        Backend::bool_select(x, axis, indices),
    )
}

/// The rows of these numbers along an axis: `indices` may have any shape, `shape` is that of the answer.
pub(super) fn gather(
    value: Value,
    axis: usize,
    indices: Value,
    shape: &[usize],
    device: &Device,
) -> Result<Value, EngineError> {
    let indices = whole(indices, "gather", device)?;
    let flat = Backend::int_reshape(indices.clone(), dims(&[indices.shape().num_elements()]));
    Ok(reshape(select(value, axis, flat, device), shape, device))
}

pub(super) fn gather_elements(
    value: Value,
    axis: usize,
    indices: Value,
    device: &Device,
) -> Result<Value, EngineError> {
    let indices = whole(indices, "gather_elements", device)?;
    Ok(each!(
        value,
        device,
        |x| Backend::float_gather(axis, x, indices),
        Backend::int_gather(axis, x, indices),
        Backend::bool_gather(axis, x, indices),
    ))
}

/// One after the other along an axis, in Burn's layout of images where all are in it.
pub(super) fn concat(values: Vec<Value>, axis: usize, device: &Device) -> Value {
    if values.iter().all(|value| matches!(value, Value::Float(Activation::First(_)))) {
        let stored: Vec<Primitive> = values.into_iter().filter_map(Value::stored).collect();
        let rank = stored.first().map_or(0, TensorMetadata::rank);
        return Value::Float(Activation::First(Backend::float_cat(stored, Activation::first_axis(axis, rank))));
    }
    let is_bool = matches!(values.first(), Some(Value::Bool(_)));
    let element = match values.first() {
        Some(Value::Int(_, element)) => Some(*element),
        _ => None,
    };
    match (is_bool, element) {
        (true, _) => Value::Bool(Backend::bool_cat(values.into_iter().filter_map(Value::stored).collect(), axis)),
        (_, Some(element)) => {
            Value::Int(Backend::int_cat(values.into_iter().filter_map(Value::stored).collect(), axis), element)
        }
        _ => last(Backend::float_cat(values.into_iter().map(|value| float(value, device)).collect(), axis)),
    }
}

/// With `number` around; `x` may be in either layout, `padding` is in that layout.
pub(super) fn pad(x: Primitive, padding: &[(usize, usize)], number: f64, device: &Device) -> Primitive {
    let shape = x.shape().to_vec();
    let sizes: Vec<usize> = shape.iter().zip(padding).map(|(size, (before, after))| before + size + after).collect();
    let place: Vec<Slice> =
        shape.iter().zip(padding).map(|(size, (before, _))| Slice::from(*before..before + size)).collect();
    Backend::float_slice_assign(device.full(&sizes, number), &place, x)
}

pub(super) fn pad_value(
    value: Value,
    padding: &[(usize, usize)],
    number: f64,
    device: &Device,
) -> Result<Value, EngineError> {
    match value {
        Value::Int(x, element) => {
            let shape = x.shape().to_vec();
            let around = shape.iter().zip(padding).map(|(size, (before, after))| before + size + after);
            let sizes: Vec<usize> = around.collect();
            let place: Vec<Slice> =
                shape.iter().zip(padding).map(|(size, (before, _))| Slice::from(*before..before + size)).collect();
            let frame = device.full_of_whole(&sizes, number as i64, element);
            Ok(Value::Int(Backend::int_slice_assign(frame, &place, x), element))
        }
        Value::Bool(_) => Err(EngineError::Unsupported { operation: "pad", element: ElementType::Bool }),
        other => Ok(last(pad(float(other, device), padding, number, device))),
    }
}

/// Integers as places are stored, or an error that names `operation`.
pub(super) fn whole(value: Value, operation: &'static str, device: &Device) -> Result<Primitive, EngineError> {
    match value {
        Value::Int(x, ElementType::U8) => Ok(Backend::int_cast(x, device.stored(ElementType::I64))),
        Value::Int(x, _) => Ok(x),
        Value::Bool(_) => Err(EngineError::Unsupported { operation, element: ElementType::Bool }),
        _ => Err(EngineError::Unsupported { operation, element: ElementType::F32 }),
    }
}

/// A last axis that is 1 at the index and 0 elsewhere; `shape` is that of the answer.
pub(super) fn one_hot(indices: Value, shape: &[usize], device: &Device) -> Result<Value, EngineError> {
    let indices = whole(indices, "one_hot", device)?;
    let Some((depth, rows)) = shape.split_last() else {
        return Err(EngineError::Internal("`one_hot` makes no axis".to_owned()));
    };
    let count: usize = rows.iter().product();
    let column = Backend::int_expand(Backend::int_reshape(indices, dims(&[count, 1])), dims(&[count, *depth]));
    let classes = device.indices((0..*depth as i64).collect())?;
    let classes = Backend::int_expand(Backend::int_reshape(classes, dims(&[1, *depth])), dims(&[count, *depth]));
    let equal = Backend::int_equal(column, classes, device.truth);
    let hot = Backend::bool_into_float(equal, ::burn::backend::FloatDType::F32);
    Ok(last(Backend::float_reshape(hot, dims(shape))))
}
