//! Attention, step by step.

use ::burn::backend::TensorMetadata;
use ::burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps};

use super::transfer::{Device, dims};
use super::{Backend, Primitive, fused};
use crate::engine::EngineError;
use ndsl_kernels::attention::Settings;

/// The score of a key that is not seen, whose weight is then 0.
const HIDDEN: f32 = -1e30;

/// What decides which keys a query sees, and how much.
pub(super) struct Sight {
    pub(super) causal: bool,
    /// Broadcasts to `[N, h, T, S]`, with as many axes.
    pub(super) mask: Option<Primitive>,
    pub(super) scale: f64,
}

/// `drop` makes factors for the weights, of the shape it is given.
pub(super) fn attend(
    [q, k, v]: [Primitive; 3],
    sight: Sight,
    drop: impl FnOnce(&[usize]) -> Option<Primitive>,
    device: &Device,
) -> Result<Primitive, EngineError> {
    let [n, heads, queries, _] = q.shape().dims();
    let [_, groups, keys, _] = k.shape().dims();
    // So many query heads in a row share a key head.
    let each = heads / groups.max(1);
    let spread = |x: Primitive| {
        Ok::<_, EngineError>(match each {
            1 => x,
            _ => Backend::float_select(x, 1, device.indices((0..heads).map(|head| (head / each) as i64).collect())?),
        })
    };
    let (k, v) = (spread(k)?, spread(v)?);
    let whole = [n, heads, queries, keys];
    let factors = drop(&whole);
    let plain = sight.mask.is_none() && factors.is_none() && (!sight.causal || queries <= keys);
    if plain && device.has_kernels {
        return Ok(fused::attend([q, k, v], Settings { scale: sight.scale as f32, causal: sight.causal }));
    }
    let scaled = Backend::float_mul_scalar(q, sight.scale.into());
    let mut scores = Backend::float_matmul(scaled, Backend::float_swap_dims(k, 2, 3));
    let future = match sight.causal {
        true => {
            let future = (0..queries).flat_map(|query| (0..keys).map(move |key| key > query)).collect();
            Some(Backend::bool_expand(device.truths(future, &[1, 1, queries, keys])?, dims(&whole)))
        }
        false => None,
    };
    if let Some(future) = &future {
        scores = Backend::float_mask_fill(scores, future.clone(), HIDDEN.into());
    }
    let hidden = sight.mask.map(|mask| Backend::bool_not(Backend::bool_expand(mask, dims(&whole))));
    if let Some(hidden) = &hidden {
        scores = Backend::float_mask_fill(scores, hidden.clone(), HIDDEN.into());
    }
    let mut weights = Backend::softmax(scores, 3);
    if let Some(hidden) = hidden {
        // A query may see no key at all; the causal mask alone always leaves it one.
        weights = Backend::float_mask_fill(weights, hidden, 0f32.into());
        if let Some(future) = future {
            weights = Backend::float_mask_fill(weights, future, 0f32.into());
        }
    }
    if let Some(factors) = factors {
        weights = Backend::float_mul(weights, factors);
    }
    Ok(Backend::float_matmul(weights, v))
}
