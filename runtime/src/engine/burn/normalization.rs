//! Normalisation of channels over a batch, and of rows.

use ::burn::backend::TensorMetadata;
use ::burn::backend::ops::{FloatTensorOps, ModuleOps};

use super::transfer::{Device, dims, read_floats};
use super::value::{Activation, untracked};
use super::{Backend, Primitive, composed, fused};
use crate::engine::EngineError;
use ndsl_kernels::batch_normalization::Statistics;
use ndsl_kernels::layer_normalization::Settings;

/// What a batch's own statistics were, to be taken into a parameter after the step.
pub(super) struct BatchStatistic {
    /// The parameter that keeps them.
    pub(super) parameter: usize,
    /// The batch's.
    pub(super) batch: Vec<f32>,
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
    let normalised = |x| Backend::batch_norm(x, scale, offset, mean, variance, epsilon);
    let shape = x.stored_shape();
    match (x, shape.len()) {
        (x, 3..=5) if matches!(x, Activation::First(_)) || shape.len() == 4 => Activation::First(normalised(x.first())),
        (x, _) => {
            let tensor = x.last();
            let channels = shape.last().copied().unwrap_or(1).max(1);
            let rows = tensor.shape().num_elements() / channels;
            let y = normalised(Backend::float_reshape(tensor, dims(&[rows, channels])));
            Activation::Last(Backend::float_reshape(y, dims(&shape)))
        }
    }
}

/// Normalises by the batch's own statistics; answers them too, the variance biased.
pub(super) fn of_batch(
    x: Activation,
    scale: Primitive,
    offset: Primitive,
    epsilon: f64,
    device: &Device,
) -> Result<(Activation, Statistics), EngineError> {
    let composed = |x| {
        let result = Backend::batch_norm_train(x, scale.clone(), offset.clone(), epsilon);
        let [mean, variance] = [result.mean, result.variance].map(|it| read_floats(untracked(it)));
        Ok((result.output, Statistics { mean: mean?, variance: variance? }))
    };
    match x {
        Activation::First(x) => composed(x).map(|(y, statistics)| (Activation::First(y), statistics)),
        Activation::Last(x) if device.has_kernels => {
            let (y, statistics) = fused::batch_norm(x, scale, offset, epsilon as f32);
            Ok((Activation::Last(y), statistics))
        }
        Activation::Last(x) => {
            let shape = x.shape();
            let channels = shape.to_vec().pop().unwrap_or(1).max(1);
            let rows = Backend::float_reshape(x, dims(&[shape.num_elements() / channels, channels]));
            let (y, statistics) = composed(rows)?;
            Ok((Activation::Last(Backend::float_reshape(y, shape)), statistics))
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

/// Over the last axes together, `width` elements.
pub(super) fn layer(
    x: Primitive,
    width: usize,
    learnt: Learnt,
    epsilon: f64,
    centred: bool,
    device: &Device,
) -> Primitive {
    let settings = Settings { width, epsilon: epsilon as f32, centred };
    if device.has_kernels {
        return fused::layer_norm(x, learnt.scale, learnt.offset, settings);
    }
    let shape = x.shape();
    Backend::float_reshape(learnt.apply(composed::standardised(x, settings), width), shape)
}

/// Over all axes but the batch, for each group of neighbouring channels.
pub(super) fn group(x: Primitive, groups: usize, learnt: Learnt, epsilon: f64, device: &Device) -> Primitive {
    let shape = x.shape();
    let sizes = shape.to_vec();
    let (n, channels) = (sizes[0], sizes[sizes.len() - 1]);
    let (places, width) = (shape.num_elements() / (n * channels).max(1), channels / groups.max(1));
    let apart = Backend::float_reshape(x, dims(&[n, places, groups, width]));
    let together = Backend::float_permute(apart, &[0, 2, 1, 3]);
    let rows = Backend::float_reshape(together, dims(&[n * groups, places * width]));
    let settings = Settings { width: places * width, epsilon: epsilon as f32, centred: true };
    let standardised = match device.has_kernels {
        true => fused::layer_norm(rows, None, None, settings),
        false => composed::standardised(rows, settings),
    };
    let normal = Backend::float_reshape(standardised, dims(&[n, groups, places, width]));
    let back = Backend::float_reshape(Backend::float_permute(normal, &[0, 2, 1, 3]), dims(&[n * places, channels]));
    Backend::float_reshape(learnt.apply(back, channels), shape)
}
