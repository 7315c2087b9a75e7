//! Between host memory and the device.

use ndsl_compiler::ir::ElementType;

use ::burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use ::burn::backend::{
    BoolStore, DType, DispatchDevice, ExecutionError, FloatDType, IntDType, Shape, TensorData as BurnData,
    TensorMetadata, read_sync,
};

use super::value::{Activation, Value};
use super::{Backend, Primitive};
use crate::engine::EngineError;
use crate::tensor::{Tensor, TensorData};

/// Where the tensors of a session are.
#[derive(Clone, Debug)]
pub(super) struct Device(pub(super) DispatchDevice);

impl Device {
    /// A tensor of one number.
    pub(super) fn number(&self, number: f64) -> Primitive {
        Backend::float_full(Shape::new([1]), number.into(), &self.0, FloatDType::F32)
    }

    /// Every element of a tensor of that shape the same.
    pub(super) fn full(&self, shape: &[usize], number: f64) -> Primitive {
        Backend::float_full(dims(shape), number.into(), &self.0, FloatDType::F32)
    }

    /// Moves floats to the device.
    pub(super) fn floats(&self, data: Vec<f32>, shape: &[usize]) -> Primitive {
        Backend::float_from_data(BurnData::new(data, dims(shape)), &self.0)
    }

    /// Moves numbers that are written in the program to the device; a single one without axes has one here.
    pub(super) fn constant(&self, element: ElementType, shape: &[usize], data: &[f64]) -> Value {
        let shape = if shape.is_empty() { vec![1] } else { shape.to_vec() };
        let data = match element {
            ElementType::F32 => TensorData::F32(data.iter().map(|number| *number as f32).collect()),
            ElementType::I64 => TensorData::I64(data.iter().map(|number| *number as i64).collect()),
            ElementType::U8 => TensorData::U8(data.iter().map(|number| *number as u8).collect()),
            ElementType::Bool => TensorData::Bool(data.iter().map(|number| *number != 0.0).collect()),
        };
        self.upload(Tensor { shape, data })
    }

    /// Moves whole numbers of one axis to the device.
    pub(super) fn indices(&self, data: Vec<i64>) -> Primitive {
        let shape = dims(&[data.len()]);
        Backend::int_from_data(BurnData::new(data, shape), &self.0)
    }

    /// Moves truth values to the device.
    pub(super) fn truths(&self, data: Vec<bool>, shape: &[usize]) -> Primitive {
        Backend::bool_from_data(BurnData::new(data, dims(shape)), &self.0)
    }

    /// Moves a tensor to the device.
    pub(super) fn upload(&self, tensor: Tensor) -> Value {
        let shape = dims(&tensor.shape);
        match tensor.data {
            TensorData::F32(data) => {
                Value::Float(Activation::Last(Backend::float_from_data(BurnData::new(data, shape), &self.0)))
            }
            TensorData::I64(data) => {
                Value::Int(Backend::int_from_data(BurnData::new(data, shape), &self.0), ElementType::I64)
            }
            TensorData::U8(data) => {
                Value::Int(Backend::int_from_data(BurnData::new(data, shape), &self.0), ElementType::U8)
            }
            TensorData::Bool(data) => Value::Bool(Backend::bool_from_data(BurnData::new(data, shape), &self.0)),
        }
    }

    /// Moves a value to the host, under the shape that the graph gives it.
    pub(super) fn download(&self, value: Value, shape: Vec<usize>) -> Result<Tensor, EngineError> {
        let data = match value {
            Value::Number(number) => TensorData::F32(vec![number as f32]),
            Value::Float(activation) => TensorData::F32(read_floats(activation.last())?),
            Value::Int(tensor, ElementType::U8) => TensorData::U8(read(Backend::int_into_data(tensor), "integers")?),
            Value::Int(tensor, _) => TensorData::I64(read(Backend::int_into_data(tensor), "integers")?),
            Value::Bool(tensor) => {
                let data = read_sync(Backend::bool_into_data(tensor)).map_err(failed)?;
                TensorData::Bool(match data.dtype() {
                    DType::Bool(BoolStore::Native) => data.try_into_vec::<bool>().map_err(failed)?,
                    _ => data.iter::<u8>().map(|byte| byte != 0).collect(),
                })
            }
        };
        let tensor = Tensor { shape, data };
        match tensor.is_consistent() {
            true => Ok(tensor),
            false => {
                Err(EngineError::Internal(format!("{} numbers came out for {:?}", tensor.data.len(), tensor.shape)))
            }
        }
    }
}

/// The floats of an untracked tensor; moved, not copied, where it is the only one that holds them.
pub(super) fn read_floats(tensor: Primitive) -> Result<Vec<f32>, EngineError> {
    read(Backend::float_into_data(tensor), "floats")
}

/// The numbers of whole numbers of any kind.
pub(super) fn read_wholes(tensor: Primitive) -> Result<Vec<i64>, EngineError> {
    match tensor.dtype() {
        DType::I64 => read(Backend::int_into_data(tensor), "integers"),
        _ => read(Backend::int_into_data(Backend::int_cast(tensor, IntDType::I64)), "integers"),
    }
}

fn read<E: ::burn::backend::Element>(
    data: impl Future<Output = Result<BurnData, ExecutionError>>,
    what: &str,
) -> Result<Vec<E>, EngineError> {
    let data = read_sync(data).map_err(failed)?;
    data.try_into_vec::<E>().map_err(|error| EngineError::Internal(format!("reading {what}: {error:?}")))
}

fn failed(error: impl std::fmt::Debug) -> EngineError {
    EngineError::Internal(format!("{error:?}"))
}

/// A shape in Burn's type.
pub(super) fn dims(shape: &[usize]) -> Shape {
    Shape::from(shape.to_vec())
}
