//! Numbers under a shape.

use crate::ir::ElementType;
use crate::weights::Weight;

/// Numbers in row-major order under a shape. Every kind of number is held as an `f64`; booleans are 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Their kind.
    pub element: ElementType,
    /// The dimensions.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f64>,
}

impl Tensor {
    /// A tensor of these numbers; nothing if there are too few or too many.
    pub fn new(element: ElementType, shape: impl Into<Vec<usize>>, data: Vec<f64>) -> Option<Self> {
        let shape = shape.into();
        let count = shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size))?;
        (count == data.len()).then_some(Self { element, shape, data })
    }

    /// One number.
    pub fn scalar(element: ElementType, number: f64) -> Self {
        Self { element, shape: Vec::new(), data: vec![number] }
    }

    /// The numbers of a parameter.
    pub fn of_weight(weight: &Weight) -> Self {
        let data = weight.data.iter().map(|number| f64::from(*number)).collect();
        Self { element: ElementType::F32, shape: weight.shape.clone(), data }
    }

    /// A tensor whose element at each index is what `at` answers.
    pub(super) fn build(element: ElementType, shape: Vec<usize>, mut at: impl FnMut(&[usize]) -> f64) -> Self {
        let count: usize = shape.iter().product();
        let mut data = Vec::with_capacity(count);
        let mut index = vec![0; shape.len()];
        for _ in 0..count {
            data.push(at(&index));
            next(&mut index, &shape);
        }
        Self { element, shape, data }
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The number at an index of every axis.
    pub(super) fn at(&self, index: &[usize]) -> f64 {
        debug_assert!(
            index.len() == self.shape.len() && index.iter().zip(&self.shape).all(|(place, size)| place < size),
            "{index:?} in {:?}",
            self.shape
        );
        let offset = index.iter().zip(&self.shape).fold(0, |offset, (place, size)| offset * size + place);
        self.data.get(offset).copied().unwrap_or(f64::NAN)
    }

    /// The number at an index that is given in parts.
    pub(super) fn at_parts(&self, parts: &[&[usize]]) -> f64 {
        let index = parts.iter().copied().flatten();
        debug_assert!(index.clone().count() == self.shape.len(), "{parts:?} in {:?}", self.shape);
        debug_assert!(
            index.clone().zip(&self.shape).all(|(place, size)| place < size),
            "{parts:?} in {:?}",
            self.shape
        );
        let offset = index.zip(&self.shape).fold(0, |offset, (place, size)| offset * size + place);
        self.data.get(offset).copied().unwrap_or(f64::NAN)
    }

    /// The number at an index of a shape that this one broadcasts to.
    pub(super) fn broadcast_at(&self, index: &[usize]) -> f64 {
        let missing = index.len().saturating_sub(self.shape.len());
        let own: Vec<usize> =
            index[missing..].iter().zip(&self.shape).map(|(place, size)| if *size == 1 { 0 } else { *place }).collect();
        self.at(&own)
    }

    /// Each number by itself.
    pub(super) fn map(&self, function: impl Fn(f64) -> f64) -> Self {
        Self { data: self.data.iter().map(|number| function(*number)).collect(), ..self.clone() }
    }

    /// The length of an axis, or why there is none.
    pub(super) fn length(&self, axis: usize) -> Result<usize, String> {
        self.shape.get(axis).copied().ok_or_else(|| format!("{:?} has no axis {axis}", self.shape))
    }
}

/// Goes to the next index in row-major order.
fn next(index: &mut [usize], shape: &[usize]) {
    for (place, size) in index.iter_mut().zip(shape).rev() {
        *place += 1;
        if *place < *size {
            return;
        }
        *place = 0;
    }
}

/// `index` with another place on one axis.
pub(super) fn moved(index: &[usize], axis: usize, place: usize) -> Vec<usize> {
    let mut index = index.to_vec();
    if let Some(there) = index.get_mut(axis) {
        *there = place;
    }
    index
}

/// Every index of a shape, in row-major order.
pub(super) fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    let count: usize = shape.iter().product();
    let mut index = vec![0; shape.len()];
    (0..count).map(move |_| {
        let this = index.clone();
        next(&mut index, shape);
        this
    })
}

/// The shape that two shapes broadcast to.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |place| shape[place]);
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (1, other) | (other, 1) => Ok(other),
            (left, right) if left == right => Ok(left),
            _ => Err(format!("{a:?} and {b:?} do not broadcast")),
        })
        .collect()
}
