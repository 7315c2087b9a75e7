//! Tensors in host memory: what goes into an engine and what comes out.

use ndsl_compiler::ir::ElementType;

/// Numbers in row-major order under a shape, the batch first.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The dimensions.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: TensorData,
}

/// The numbers of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum TensorData {
    /// 32-bit floating point.
    F32(Vec<f32>),
    /// 64-bit signed integers.
    I64(Vec<i64>),
    /// 8-bit unsigned integers.
    U8(Vec<u8>),
    /// True or false.
    Bool(Vec<bool>),
}

impl TensorData {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(data) => data.len(),
            Self::I64(data) => data.len(),
            Self::U8(data) => data.len(),
            Self::Bool(data) => data.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their kind.
    pub fn element(&self) -> ElementType {
        match self {
            Self::F32(_) => ElementType::F32,
            Self::I64(_) => ElementType::I64,
            Self::U8(_) => ElementType::U8,
            Self::Bool(_) => ElementType::Bool,
        }
    }

    /// The number at `index` as a float, false being 0 and true 1; nothing beyond the end.
    pub fn number(&self, index: usize) -> Option<f64> {
        match self {
            Self::F32(data) => data.get(index).map(|value| f64::from(*value)),
            Self::I64(data) => data.get(index).map(|value| *value as f64),
            Self::U8(data) => data.get(index).map(|value| f64::from(*value)),
            Self::Bool(data) => data.get(index).map(|value| f64::from(u8::from(*value))),
        }
    }

    /// Adds the numbers of another, where they are of one kind.
    pub fn append(&mut self, other: &Self) {
        match (self, other) {
            (Self::F32(data), Self::F32(more)) => data.extend_from_slice(more),
            (Self::I64(data), Self::I64(more)) => data.extend_from_slice(more),
            (Self::U8(data), Self::U8(more)) => data.extend_from_slice(more),
            (Self::Bool(data), Self::Bool(more)) => data.extend_from_slice(more),
            _ => {}
        }
    }

    /// The numbers of the given rows, each of `width`.
    pub fn gather(&self, rows: &[usize], width: usize) -> Self {
        fn pick<T: Copy>(data: &[T], rows: &[usize], width: usize) -> Vec<T> {
            let mut out = Vec::with_capacity(rows.len() * width);
            for row in rows {
                out.extend_from_slice(&data[row * width..(row + 1) * width]);
            }
            out
        }
        match self {
            Self::F32(data) => Self::F32(pick(data, rows, width)),
            Self::I64(data) => Self::I64(pick(data, rows, width)),
            Self::U8(data) => Self::U8(pick(data, rows, width)),
            Self::Bool(data) => Self::Bool(pick(data, rows, width)),
        }
    }
}

impl Tensor {
    /// A tensor of floats.
    pub fn f32(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Self {
        Self { shape: shape.into(), data: TensorData::F32(data) }
    }

    /// A tensor of integers.
    pub fn i64(shape: impl Into<Vec<usize>>, data: Vec<i64>) -> Self {
        Self { shape: shape.into(), data: TensorData::I64(data) }
    }

    /// The floats, if that is what it holds.
    pub fn as_f32(&self) -> Option<&[f32]> {
        match &self.data {
            TensorData::F32(data) => Some(data),
            _ => None,
        }
    }

    /// Rows: the first dimension, or 1 for a single number.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Whether the shape and the numbers agree.
    pub fn is_consistent(&self) -> bool {
        self.shape.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim)) == Some(self.data.len())
    }
}
