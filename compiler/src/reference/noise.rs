//! Operations that draw numbers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::tensor::Tensor;
use crate::ir::ElementType;

/// Where the numbers come from that operations draw.
pub trait Draws {
    /// So many numbers from 0 up to 1 for the node at an index of the graph.
    fn uniform(&mut self, node: usize, count: usize) -> Vec<f64>;

    /// So many numbers of the unit normal distribution for the node at an index of the graph.
    fn normal(&mut self, node: usize, count: usize) -> Vec<f64>;
}

/// Numbers from a seed: the same for the same seed.
#[derive(Debug)]
pub struct Seeded(ChaCha8Rng);

impl Seeded {
    /// Those of this seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
}

impl Draws for Seeded {
    fn uniform(&mut self, _: usize, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.0.random()).collect()
    }

    fn normal(&mut self, _: usize, count: usize) -> Vec<f64> {
        // Box and Muller's transform.
        let mut draw = || {
            let radius = (-2.0 * (1.0 - self.0.random::<f64>()).ln()).sqrt();
            radius * (std::f64::consts::TAU * self.0.random::<f64>()).cos()
        };
        (0..count).map(|_| draw()).collect()
    }
}

/// Zero where a draw is below `rate`; what stays is scaled so that the mean stays. One draw for all elements along `shared`.
pub(super) fn dropout(x: &Tensor, rate: f64, shared: &[usize], draw: impl FnOnce(usize) -> Vec<f64>) -> Tensor {
    let one = |(axis, size): (usize, &usize)| if shared.contains(&axis) { 1 } else { *size };
    let shape: Vec<usize> = x.shape.iter().enumerate().map(one).collect();
    let data = draw(shape.iter().product());
    let fates = Tensor { element: ElementType::F32, shape, data };
    Tensor::build(x.element, x.shape.clone(), |index| {
        if fates.broadcast_at(index) < rate { 0.0 } else { x.at(index) / (1.0 - rate) }
    })
}

/// With normal noise added.
pub(super) fn noise(x: &Tensor, deviation: f64, draw: impl FnOnce(usize) -> Vec<f64>) -> Tensor {
    let noise = draw(x.data.len());
    Tensor { data: x.data.iter().zip(noise).map(|(number, noise)| number + deviation * noise).collect(), ..x.clone() }
}

/// Drawn numbers in the shape of `x`.
pub(super) fn drawn(x: &Tensor, draw: impl FnOnce(usize) -> Vec<f64>) -> Tensor {
    Tensor { element: ElementType::F32, shape: x.shape.clone(), data: draw(x.data.len()) }
}
