//! What [`super::fused`] does in one step, of several of Burn's own operations: for devices whose numbers our kernels cannot read.

use ::burn::backend::TensorMetadata;
use ::burn::backend::ops::{ActivationOps, FloatTensorOps, IntTensorOps};

use super::transfer::dims;
use super::{Backend, Primitive};
use ndsl_kernels::activation::Function;
use ndsl_kernels::layer_normalization::Settings;

/// A function of each element.
pub(super) fn map(x: Primitive, function: Function) -> Primitive {
    match function {
        Function::Relu => Backend::relu(x),
        Function::Sigmoid => Backend::sigmoid(x),
        Function::Tanh => Backend::float_tanh(x),
        Function::Exp => Backend::float_exp(x),
        Function::Silu => Backend::float_mul(x.clone(), Backend::sigmoid(x)),
        // Not Burn's own: its gradient is that of the approximation, whichever was meant.
        Function::Gelu => {
            let share = Backend::float_erf(scaled(x.clone(), std::f64::consts::FRAC_1_SQRT_2));
            half_of_both(x, share)
        }
        Function::GeluTanh => {
            let cube = Backend::float_mul(Backend::float_mul(x.clone(), x.clone()), x.clone());
            let within = Backend::float_add(x.clone(), scaled(cube, 0.044_715));
            let share = Backend::float_tanh(scaled(within, (2.0 / std::f64::consts::PI).sqrt()));
            half_of_both(x, share)
        }
    }
}

/// `x (1 + share) / 2`
fn half_of_both(x: Primitive, share: Primitive) -> Primitive {
    scaled(Backend::float_mul(x, Backend::float_add_scalar(share, 1f32.into())), 0.5)
}

fn scaled(x: Primitive, factor: f64) -> Primitive {
    Backend::float_mul_scalar(x, factor.into())
}

/// The cross-entropy of the labels of each row, averaged over its places: `logits [rows, …, classes]`, a label for each place.
pub(super) fn cross_entropy(logits: Primitive, labels: Primitive) -> Primitive {
    let shape = logits.shape().to_vec();
    let (rows, axis) = (shape[0], shape.len() - 1);
    let mut one = shape.clone();
    one[axis] = 1;
    let places = shape[1..axis].iter().product();
    let logarithms = Backend::log_softmax(logits, axis);
    let chosen = Backend::float_gather(axis, logarithms, Backend::int_reshape(labels, dims(&one)));
    let losses = Backend::float_reshape(Backend::float_neg(chosen), dims(&[rows, places]));
    Backend::float_reshape(Backend::float_mean_dim(losses, 1), dims(&[rows]))
}

/// Each row of so many numbers normalised, as `[rows, width]`.
pub(super) fn standardised(x: Primitive, Settings { width, epsilon, centred }: Settings) -> Primitive {
    let rows = x.shape().num_elements() / width.max(1);
    let x = Backend::float_reshape(x, dims(&[rows, width]));
    let x = match centred {
        true => Backend::float_sub(x.clone(), Backend::float_mean_dim(x, 1)),
        false => x,
    };
    let variance = Backend::float_mean_dim(Backend::float_mul(x.clone(), x.clone()), 1);
    let deviation = Backend::float_sqrt(Backend::float_add_scalar(variance, epsilon.into()));
    Backend::float_div(x, deviation)
}
