//! Between host memory and the device.

use ndsl_compiler::ir::ElementType;

use ::burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use ::burn::backend::{
    Backend as _, BoolDType, DType, DeviceOps, DispatchDevice, ExecutionError, FloatDType, IntDType, Shape,
    TensorData as BurnData, read_sync,
};

use super::value::{Activation, Value};
use super::{Backend, Primitive};
use crate::engine::EngineError;
use crate::tensor::{Tensor, TensorData};

/// Where the tensors of a session are, and what it has for them.
#[derive(Clone, Debug)]
pub(super) struct Device {
    at: DispatchDevice,
    /// Whether [`super::fused`] computes: our kernels read plain numbers in memory.
    pub(super) has_kernels: bool,
    /// How whole numbers are stored; those of one byte are apart where there is such a type.
    whole: IntDType,
    byte: IntDType,
    /// How truth values are stored.
    pub(super) truth: BoolDType,
}

impl Device {
    /// `fuses` says whether our kernels are wanted where they can be had.
    pub(super) fn new(at: DispatchDevice, fuses: bool) -> Self {
        let stores = |kind: IntDType| Backend::supports_dtype(&at, DType::from(kind)).then_some(kind);
        let whole = stores(IntDType::I64).unwrap_or(IntDType::I32);
        Self {
            has_kernels: fuses && matches!(at, DispatchDevice::Flex(_)),
            byte: stores(IntDType::U8).unwrap_or(whole),
            truth: at.defaults().bool_dtype,
            whole,
            at,
        }
    }

    /// How whole numbers of that kind are stored.
    pub(super) fn stored(&self, element: ElementType) -> IntDType {
        if element == ElementType::U8 { self.byte } else { self.whole }
    }

    /// A tensor of one number.
    pub(super) fn number(&self, number: f64) -> Primitive {
        self.full(&[1], number)
    }

    /// Every element of a tensor of that shape the same.
    pub(super) fn full(&self, shape: &[usize], number: f64) -> Primitive {
        Backend::float_full(dims(shape), number.into(), &self.at, FloatDType::F32)
    }

    /// The same of whole numbers.
    pub(super) fn full_of_whole(&self, shape: &[usize], number: i64, element: ElementType) -> Primitive {
        Backend::int_full(dims(shape), number.into(), &self.at, self.stored(element))
    }

    /// Moves floats to the device.
    pub(super) fn floats(&self, data: Vec<f32>, shape: &[usize]) -> Primitive {
        Backend::float_from_data(BurnData::new(data, dims(shape)), &self.at)
    }

    /// Moves numbers that are written in the program to the device; a single one without axes has one here.
    pub(super) fn constant(&self, element: ElementType, shape: &[usize], data: &[f64]) -> Result<Value, EngineError> {
        let shape = if shape.is_empty() { vec![1] } else { shape.to_vec() };
        let data = match element {
            ElementType::F32 => TensorData::F32(data.iter().map(|number| *number as f32).collect()),
            ElementType::I64 => TensorData::I64(data.iter().map(|number| *number as i64).collect()),
            ElementType::U8 => TensorData::U8(data.iter().map(|number| *number as u8).collect()),
            ElementType::Bool => TensorData::Bool(data.iter().map(|number| *number != 0.0).collect()),
        };
        self.upload(Tensor { shape, data })
    }

    /// Moves places along an axis to the device.
    pub(super) fn indices(&self, data: Vec<i64>) -> Result<Primitive, EngineError> {
        let shape = [data.len()];
        self.wholes(data, &shape)
    }

    /// Moves whole numbers to the device.
    fn wholes(&self, data: Vec<i64>, shape: &[usize]) -> Result<Primitive, EngineError> {
        let data = match self.whole {
            IntDType::I64 => BurnData::new(data, dims(shape)),
            // What would be cut off would be another number.
            _ => {
                let number = |number: i64| i32::try_from(number).map_err(|_| EngineError::WholeTooLarge { number });
                BurnData::new(data.into_iter().map(number).collect::<Result<Vec<_>, _>>()?, dims(shape))
            }
        };
        Ok(Backend::int_from_data(data, &self.at))
    }

    /// Moves truth values to the device.
    pub(super) fn truths(&self, data: Vec<bool>, shape: &[usize]) -> Result<Primitive, EngineError> {
        let data = BurnData::new(data, dims(shape)).try_cast(self.truth.into()).map_err(failed)?;
        Ok(Backend::bool_from_data(data, &self.at))
    }

    /// Moves a tensor to the device.
    pub(super) fn upload(&self, Tensor { shape, data }: Tensor) -> Result<Value, EngineError> {
        Ok(match data {
            TensorData::F32(data) => Value::Float(Activation::Last(self.floats(data, &shape))),
            TensorData::I64(data) => Value::Int(self.wholes(data, &shape)?, ElementType::I64),
            TensorData::U8(data) => {
                let data = BurnData::new(data, dims(&shape)).try_cast(self.byte.into()).map_err(failed)?;
                Value::Int(Backend::int_from_data(data, &self.at), ElementType::U8)
            }
            TensorData::Bool(data) => Value::Bool(self.truths(data, &shape)?),
        })
    }

    /// Moves a value to the host, under the shape that the graph gives it.
    pub(super) fn download(&self, value: Value, shape: Vec<usize>) -> Result<Tensor, EngineError> {
        let data = match value {
            Value::Number(number) => TensorData::F32(vec![number as f32]),
            Value::Float(activation) => TensorData::F32(read_floats(activation.last())?),
            Value::Int(tensor, ElementType::U8) => TensorData::U8(read(Backend::int_into_data(tensor), "integers")?),
            Value::Int(tensor, _) => TensorData::I64(read_wholes(tensor)?),
            Value::Bool(tensor) => TensorData::Bool(read(Backend::bool_into_data(tensor), "truth values")?),
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
    read(Backend::int_into_data(tensor), "integers")
}

fn read<E: ::burn::backend::Element>(
    data: impl Future<Output = Result<BurnData, ExecutionError>>,
    what: &str,
) -> Result<Vec<E>, EngineError> {
    let data = read_sync(data).map_err(failed)?;
    data.try_into_vec_as::<E>().map_err(|error| EngineError::Internal(format!("reading {what}: {error:?}")))
}

fn failed(error: impl std::fmt::Debug) -> EngineError {
    EngineError::Internal(format!("{error:?}"))
}

/// A shape in Burn's type.
pub(super) fn dims(shape: &[usize]) -> Shape {
    Shape::from(shape.to_vec())
}
