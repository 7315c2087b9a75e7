//! Convolutions and pools, channels-first as Burn has them.

use ::burn::backend::ops::{ConvOptions, FloatTensorOps, ModuleOps};
use ::burn::backend::{Slice, TensorMetadata};

use super::transfer::Device;
use super::{Backend, Primitive};

pub(super) fn convolve(
    x: Primitive,
    weight: Primitive,
    bias: Option<Primitive>,
    strides: [usize; 2],
    dilation: [usize; 2],
    padding: [(usize, usize); 2],
    groups: usize,
) -> Primitive {
    Backend::conv2d(x, weight, bias, ConvOptions::new_with_padding(strides, padding, dilation, groups))
}

pub(super) fn max_pool(
    x: Primitive,
    size: [usize; 2],
    strides: [usize; 2],
    padding: [(usize, usize); 2],
    device: &Device,
) -> Primitive {
    match symmetric(padding) {
        Some(around) => Backend::max_pool2d(x, size, strides, around, [1, 1], false),
        None => {
            let x = pad(x, padding, f64::NEG_INFINITY, device);
            Backend::max_pool2d(x, size, strides, [0, 0], [1, 1], false)
        }
    }
}

pub(super) fn average_pool(
    x: Primitive,
    size: [usize; 2],
    strides: [usize; 2],
    padding: [(usize, usize); 2],
    device: &Device,
) -> Primitive {
    if let Some(around) = symmetric(padding) {
        return Backend::avg_pool2d(x, size, strides, around, false, false);
    }
    // The mean over all of each window, corrected by the share of it that is image.
    let [_, _, height, width] = x.shape().dims();
    let y = Backend::avg_pool2d(pad(x, padding, 0.0, device), size, strides, [0, 0], true, false);
    let [_, _, rows, columns] = y.shape().dims();
    let counts = |count: usize, size: usize, stride: usize, before: usize, length: usize| -> Vec<usize> {
        let covered = |at: usize| {
            let start = (at * stride).max(before);
            let end = (at * stride + size).min(before + length);
            end.saturating_sub(start).max(1)
        };
        (0..count).map(covered).collect()
    };
    let vertical = counts(rows, size[0], strides[0], padding[0].0, height);
    let horizontal = counts(columns, size[1], strides[1], padding[1].0, width);
    let area = (size[0] * size[1]) as f32;
    let factors = vertical.iter().flat_map(|v| horizontal.iter().map(move |h| area / (v * h) as f32)).collect();
    Backend::float_mul(y, device.floats(factors, &[1, 1, rows, columns]))
}

/// The padding as Burn's pools take it, where it is the same on both sides.
fn symmetric(padding: [(usize, usize); 2]) -> Option<[usize; 2]> {
    padding.iter().all(|(before, after)| before == after).then_some(padding.map(|(before, _)| before))
}

/// The image with `number` around it.
fn pad(x: Primitive, padding: [(usize, usize); 2], number: f64, device: &Device) -> Primitive {
    let [n, c, h, w] = x.shape().dims();
    let [(top, bottom), (left, right)] = padding;
    let frame = device.full(&[n, c, h + top + bottom, w + left + right], number);
    let place = [Slice::from(0..n), Slice::from(0..c), Slice::from(top..top + h), Slice::from(left..left + w)];
    Backend::float_slice_assign(frame, &place, x)
}
