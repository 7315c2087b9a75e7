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
        (x, 3..=5) if matches!(x, Activation::First(_)) || shape.len() == 4 => {
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

/// Numbers learnt for what is normalised.
pub(super) struct Learnt {
    pub(super) scale: Option<Primitive>,
    pub(super) offset: Option<Primitive>,
}

impl Learnt {
    /// `x [rows, width]`, scaled and moved by the learnt numbers, `width` of each.
    fn apply(self, x: Primitive, width: usize) -> Primitive {
        let row = |learnt| Backend::float_reshape(learnt, dims(&[1, width]));
        let x = match self.scale {
            Some(scale) => Backend::float_mul(x, row(scale)),
            None => x,
        };
        match self.offset {
            Some(offset) => Backend::float_add(x, row(offset)),
            None => x,
        }
    }
}

/// `x [rows, width]`: each row to mean 0 and variance 1.
fn standardised(x: Primitive, epsilon: f64) -> Primitive {
    let centred = Backend::float_sub(x.clone(), Backend::float_mean_dim(x, 1));
    by_root_mean_square(centred, epsilon)
}

/// `x [rows, width]`: each row by the root of the mean of its squares.
fn by_root_mean_square(x: Primitive, epsilon: f64) -> Primitive {
    let square = Backend::float_mean_dim(Backend::float_mul(x.clone(), x.clone()), 1);
    Backend::float_div(x, Backend::float_sqrt(Backend::float_add_scalar(square, epsilon.into())))
}

/// Over the last axes together, `width` elements.
pub(super) fn layer(x: Primitive, width: usize, learnt: Learnt, epsilon: f64, centred: bool) -> Primitive {
    let shape = x.shape();
    let rows = shape.num_elements() / width.max(1);
    let x = Backend::float_reshape(x, dims(&[rows, width]));
    let normal = if centred { standardised(x, epsilon) } else { by_root_mean_square(x, epsilon) };
    Backend::float_reshape(learnt.apply(normal, width), shape)
}

/// Over all axes but the batch, for each group of neighbouring channels.
pub(super) fn group(x: Primitive, groups: usize, learnt: Learnt, epsilon: f64) -> Primitive {
    let shape = x.shape();
    let sizes = shape.to_vec();
    let (n, channels) = (sizes[0], sizes[sizes.len() - 1]);
    let (places, width) = (shape.num_elements() / (n * channels).max(1), channels / groups.max(1));
    let apart = Backend::float_reshape(x, dims(&[n, places, groups, width]));
    let together = Backend::float_permute(apart, &[0, 2, 1, 3]);
    let rows = Backend::float_reshape(together, dims(&[n * groups, places * width]));
    let normal = Backend::float_reshape(standardised(rows, epsilon), dims(&[n, groups, places, width]));
    let back = Backend::float_reshape(Backend::float_permute(normal, &[0, 2, 1, 3]), dims(&[n * places, channels]));
    Backend::float_reshape(learnt.apply(back, channels), shape)
}
