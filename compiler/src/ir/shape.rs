//! Shapes and element types.

use std::fmt;

use super::{Dim, Sizes};

/// The kinds of numbers a tensor may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// 32-bit floating point.
    F32,
    /// 64-bit signed integers.
    I64,
    /// 8-bit unsigned integers.
    U8,
    /// True or false.
    Bool,
}

impl ElementType {
    /// Every element type, in the order the documentation lists them.
    pub const ALL: [Self; 4] = [Self::F32, Self::I64, Self::U8, Self::Bool];

    /// The name in the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }

    /// Bytes one element takes.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::I64 => 8,
            Self::U8 | Self::Bool => 1,
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The dimensions of a tensor. In a graph the first is the batch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape(pub Vec<Dim>);

impl Shape {
    /// A shape of numbers alone.
    pub fn known(dims: impl IntoIterator<Item = usize>) -> Self {
        Self(dims.into_iter().map(Dim::Known).collect())
    }

    /// `[N, …dims]`
    pub fn batched(dims: impl IntoIterator<Item = Dim>) -> Self {
        Self(std::iter::once(Dim::batch()).chain(dims).collect())
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The dimensions.
    pub fn dims(&self) -> &[Dim] {
        &self.0
    }

    /// The dimensions of one row: all but the batch, as the language writes them.
    pub fn row(&self) -> Shape {
        Shape(self.0.iter().skip(1).cloned().collect())
    }

    /// The product of the dimensions, when all are known and the product can be counted.
    pub fn elements(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |product, dim| product.checked_mul(dim.known()?))
    }

    /// The numbers, with `batch` as the batch; nothing when another dimension is not a number.
    pub fn at_batch(&self, batch: usize) -> Option<Vec<usize>> {
        let size = |dim: &Dim| match dim {
            Dim::Known(size) => Some(*size),
            dim if dim.is_batch() => Some(batch),
            dim => dim.at(&Sizes::from([("N".into(), batch)])),
        };
        self.0.iter().map(size).collect()
    }

    /// The numbers for these sizes of the symbols; nothing when a dimension stays without one.
    pub fn at(&self, sizes: &Sizes) -> Option<Vec<usize>> {
        self.0.iter().map(|dim| dim.at(sizes)).collect()
    }

    /// Whether the two can be the same shape.
    pub fn agrees(&self, other: &Self) -> bool {
        self.rank() == other.rank() && self.0.iter().zip(&other.0).all(|(a, b)| a.agrees(b))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, dim) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{dim}")?;
        }
        f.write_str("]")
    }
}
