//! Batch normalisation, whose channels Burn has second where the graph has them last.

use ::burn::backend::TensorMetadata;
use ::burn::backend::ops::{FloatTensorOps, ModuleOps};

use super::transfer::dims;
use super::value::{Activation, untracked};
use super::{Backend, Primitive};

/// What a batch's own statistics were, to be taken into a parameter after the step.
pub(super) struct BatchStatistic {
    /// The parameter that keeps them.
    pub(super) parameter: usize,
    /// The batch's.
    pub(super) batch: Primitive,
    /// How much of the kept ones stays.
    pub(super) momentum: f64,
}

/// Normalises by the given statistics.
pub(super) fn given(
    x: Activation,
    scale: Primitive,
    offset: Primitive,
    mean: Primitive,
    variance: Primitive,
    epsilon: f64,
) -> Activation {
    over_channels(x, |x| (Backend::batch_norm(x, scale, offset, mean, variance, epsilon), ())).0
}

/// Normalises by the batch's own statistics; answers them too, the variance biased.
pub(super) fn of_batch(
    x: Activation,
    scale: Primitive,
    offset: Primitive,
    epsilon: f64,
) -> (Activation, Primitive, Primitive) {
    let (y, (mean, variance)) = over_channels(x, |x| {
        let result = Backend::batch_norm_train(x, scale, offset, epsilon);
        (result.output, (result.mean, result.variance))
    });
    (y, untracked(mean), untracked(variance))
}

/// Applies `f`, which has the channels second.
fn over_channels<T>(x: Activation, f: impl FnOnce(Primitive) -> (Primitive, T)) -> (Activation, T) {
    let shape = x.stored_shape();
    match (x, shape.len()) {
        (x, 4) => {
            let (y, rest) = f(x.first());
            (Activation::First(y), rest)
        }
        (x, _) => {
            let tensor = x.last();
            let channels = shape.last().copied().unwrap_or(1).max(1);
            let rows = tensor.shape().num_elements() / channels;
            let (y, rest) = f(Backend::float_reshape(tensor, dims(&[rows, channels])));
            (Activation::Last(Backend::float_reshape(y, dims(&shape))), rest)
        }
    }
}
