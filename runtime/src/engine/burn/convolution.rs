//! Windows that slide, channels-first as Burn has them.

use ndsl_compiler::ir::Interpolation;

use ::burn::backend::ops::{ConvOptions, ConvTransposeOptions, FloatTensorOps, ModuleOps};
use ::burn::backend::{Slice, TensorMetadata};

use super::arrange::pad;
use super::transfer::{Device, dims};
use super::value::Activation;
use super::{Backend, Primitive, fused};
use crate::engine::EngineError;
use ndsl_kernels::convolution::Sliding;

/// How windows slide; one entry an axis.
pub(super) struct Slide<'a> {
    pub(super) strides: &'a [usize],
    pub(super) dilation: &'a [usize],
    pub(super) padding: &'a [(usize, usize)],
}

/// The settings of so many axes.
fn exactly<T: Copy, const AXES: usize>(settings: &[T]) -> Result<[T; AXES], EngineError> {
    settings.try_into().map_err(|_| EngineError::Internal(format!("{} settings for {AXES} axes", settings.len())))
}

impl Slide<'_> {
    fn options<const AXES: usize>(&self, groups: usize) -> Result<ConvOptions<AXES>, EngineError> {
        let (strides, dilation) = (exactly(self.strides)?, exactly(self.dilation)?);
        Ok(ConvOptions::new_with_padding(strides, exactly(self.padding)?, dilation, groups))
    }

    fn transposed<const AXES: usize>(&self, groups: usize) -> Result<ConvTransposeOptions<AXES>, EngineError> {
        let (strides, dilation) = (exactly(self.strides)?, exactly(self.dilation)?);
        Ok(ConvTransposeOptions::new(strides, [0; AXES], [0; AXES], dilation, groups))
    }
}

/// A convolution of an image whose channels are last, by weights that lie as [`super::program::Layout::Windows`] has them.
pub(super) fn of_images(
    x: Primitive,
    weight: Primitive,
    bias: Option<Primitive>,
    slide: &Slide<'_>,
) -> Result<Primitive, EngineError> {
    let [_, height, width, channels] = x.shape().dims();
    let [tall, wide, ..]: [usize; 4] = weight.shape().dims();
    let sliding = Sliding {
        image: [height, width],
        channels,
        window: [tall, wide],
        strides: exactly(slide.strides)?,
        dilation: exactly(slide.dilation)?,
        padding: exactly(slide.padding)?,
    };
    Ok(fused::convolve(x, weight, bias, sliding))
}

/// How the windows of a pool slide over an image; nothing of a value that is none.
pub(super) fn pooled(x: &Activation, size: &[usize], strides: &[usize], padding: &[(usize, usize)]) -> Option<Sliding> {
    let (image, channels) = match (x, &x.stored_shape()[..]) {
        (Activation::Last(_), [_, height, width, channels]) => ([*height, *width], *channels),
        (Activation::First(_), [_, channels, height, width]) => ([*height, *width], *channels),
        _ => return None,
    };
    let (window, strides, padding) = (exactly(size).ok()?, exactly(strides).ok()?, exactly(padding).ok()?);
    Some(Sliding { image, channels, window, strides, dilation: [1, 1], padding })
}

pub(super) fn convolve(
    x: Primitive,
    weight: Primitive,
    bias: Option<Primitive>,
    slide: &Slide<'_>,
    groups: usize,
    device: &Device,
) -> Result<Primitive, EngineError> {
    Ok(match slide.strides.len() {
        1 => as_images(x, weight, slide, |x, weight, slide| convolve(x, weight, bias, slide, groups, device))?,
        2 => Backend::conv2d(x, weight, bias, slide.options(groups)?),
        _ => volume(x, weight, bias, slide, groups, device)?,
    })
}

/// With its padding added before: Burn's gradient of a convolution of volumes takes what is before an axis for both sides.
fn volume(
    x: Primitive,
    weight: Primitive,
    bias: Option<Primitive>,
    slide: &Slide<'_>,
    groups: usize,
    device: &Device,
) -> Result<Primitive, EngineError> {
    if slide.padding.iter().all(|(before, after)| before == after) {
        return Ok(Backend::conv3d(x, weight, bias, slide.options(groups)?));
    }
    let around: Vec<(usize, usize)> = [(0, 0); 2].iter().chain(slide.padding).copied().collect();
    let bare = Slide { padding: &[(0, 0); 3], ..*slide };
    Ok(Backend::conv3d(pad(x, &around, 0.0, device), weight, bias, bare.options(groups)?))
}

/// A sequence as an image of one column: Burn's own convolution of sequences is made so too, but the gradient of its grouped
/// weights is wrong where the windows leave something over (0.22.1 does not cut it to the kernel's size).
fn as_images(
    x: Primitive,
    weight: Primitive,
    slide: &Slide<'_>,
    work: impl FnOnce(Primitive, Primitive, &Slide<'_>) -> Result<Primitive, EngineError>,
) -> Result<Primitive, EngineError> {
    let column = |tensor: Primitive| {
        let shape = [tensor.shape().to_vec(), vec![1]].concat();
        Backend::float_reshape(tensor, dims(&shape))
    };
    let (strides, dilation) = ([slide.strides[0], 1], [slide.dilation.first().copied().unwrap_or(1), 1]);
    let padding = [slide.padding.first().copied().unwrap_or((0, 0)), (0, 0)];
    let slide = Slide { strides: &strides, dilation: &dilation, padding: &padding };
    let y = work(column(x), column(weight), &slide)?;
    let [n, c, length, _] = y.shape().dims();
    Ok(Backend::float_reshape(y, dims(&[n, c, length])))
}

/// Without padding, then cut and filled up: Burn's own padding is the same on both sides.
pub(super) fn convolve_transposed(
    x: Primitive,
    weight: Primitive,
    bias: Option<Primitive>,
    slide: &Slide<'_>,
    output_padding: &[usize],
    groups: usize,
    device: &Device,
) -> Result<Primitive, EngineError> {
    let whole = match slide.strides.len() {
        1 => as_images(x, weight, slide, |x, weight, slide| {
            Ok(Backend::conv_transpose2d(x, weight, None, slide.transposed(groups)?))
        })?,
        2 => Backend::conv_transpose2d(x, weight, None, slide.transposed(groups)?),
        _ => Backend::conv_transpose3d(x, weight, None, slide.transposed(groups)?),
    };
    let shape = whole.shape().to_vec();
    let mut kept = vec![Slice::from(0..shape[0]), Slice::from(0..shape[1])];
    let mut added = vec![(0, 0); 2];
    for ((length, (before, after)), more) in shape[2..].iter().zip(slide.padding).zip(output_padding) {
        kept.push(Slice::from(*before..(length + more.min(after)).saturating_sub(*after)));
        added.push((0, more.saturating_sub(*after)));
    }
    let mut y = whole;
    if slide.padding.iter().any(|around| *around != (0, 0)) {
        y = Backend::float_slice(y, &kept);
    }
    if added.iter().any(|around| *around != (0, 0)) {
        y = pad(y, &added, 0.0, device);
    }
    let Some(bias) = bias else { return Ok(y) };
    let mut channels = vec![1; shape.len()];
    channels[1] = shape[1];
    Ok(Backend::float_add(y, Backend::float_reshape(bias, dims(&channels))))
}

/// A pool of two axes.
type Pool<'a> = &'a dyn Fn(Primitive, [usize; 2], [usize; 2], [(usize, usize); 2]) -> Primitive;

/// A pool over one to three axes by pools over two: what it takes of a window, it takes of its rows first.
fn by_planes(
    x: Primitive,
    size: &[usize],
    strides: &[usize],
    padding: &[(usize, usize)],
    pool: Pool<'_>,
) -> Result<Primitive, EngineError> {
    let shape = x.shape().to_vec();
    match *shape {
        [n, c, length] => {
            let plane = Backend::float_reshape(x, dims(&[n, c, length, 1]));
            let y = pool(plane, [size[0], 1], [strides[0], 1], [padding[0], (0, 0)]);
            let length = y.shape()[2];
            Ok(Backend::float_reshape(y, dims(&[n, c, length])))
        }
        [_, _, _, _] => Ok(pool(x, exactly(size)?, exactly(strides)?, exactly(padding)?)),
        [n, c, depth, height, width] => {
            let planes = Backend::float_reshape(x, dims(&[n, c * depth, height, width]));
            let planes = pool(planes, exactly(&size[1..])?, exactly(&strides[1..])?, exactly(&padding[1..])?);
            let [_, _, rows, columns] = planes.shape().dims();
            let lines = Backend::float_reshape(planes, dims(&[n, c, depth, rows * columns]));
            let y = pool(lines, [size[0], 1], [strides[0], 1], [padding[0], (0, 0)]);
            let depth = y.shape()[2];
            Ok(Backend::float_reshape(y, dims(&[n, c, depth, rows, columns])))
        }
        _ => Err(EngineError::Internal(format!("a pool over {shape:?}"))),
    }
}

pub(super) fn max_pool(
    x: Primitive,
    size: &[usize],
    strides: &[usize],
    padding: &[(usize, usize)],
    device: &Device,
) -> Result<Primitive, EngineError> {
    by_planes(x, size, strides, padding, &|x, size, strides, padding| match symmetric(padding) {
        Some(around) => Backend::max_pool2d(x, size, strides, around, [1, 1], false),
        None => {
            let x = pad(x, &framed(padding), f64::NEG_INFINITY, device);
            Backend::max_pool2d(x, size, strides, [0, 0], [1, 1], false)
        }
    })
}

pub(super) fn average_pool(
    x: Primitive,
    size: &[usize],
    strides: &[usize],
    padding: &[(usize, usize)],
    device: &Device,
) -> Result<Primitive, EngineError> {
    by_planes(x, size, strides, padding, &|x, size, strides, padding| {
        if let Some(around) = symmetric(padding) {
            return Backend::avg_pool2d(x, size, strides, around, false, false);
        }
        // The mean over all of each window, corrected by the share of it that is image.
        let [_, _, height, width] = x.shape().dims();
        let y = Backend::avg_pool2d(pad(x, &framed(padding), 0.0, device), size, strides, [0, 0], true, false);
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
    })
}

/// The padding as Burn's pools take it, where it is the same on both sides.
fn symmetric(padding: [(usize, usize); 2]) -> Option<[usize; 2]> {
    padding.iter().all(|(before, after)| before == after).then_some(padding.map(|(before, _)| before))
}

/// The padding of the whole tensor.
fn framed([vertical, horizontal]: [(usize, usize); 2]) -> [(usize, usize); 4] {
    [(0, 0), (0, 0), vertical, horizontal]
}

/// Makes the spatial axes of a channels-last value larger, one after the other.
pub(super) fn resize(
    x: Primitive,
    scale: &[usize],
    interpolation: Interpolation,
    device: &Device,
) -> Result<Primitive, EngineError> {
    let mut x = x;
    for (axis, scale) in scale.iter().copied().enumerate().filter(|(_, scale)| *scale > 1) {
        let (axis, size) = (axis + 1, x.shape()[axis + 1]);
        let along = |place: &dyn Fn(usize) -> i64| device.indices((0..size * scale).map(place).collect());
        x = match interpolation {
            Interpolation::Nearest => Backend::float_select(x, axis, along(&|place| (place / scale) as i64)?),
            Interpolation::Linear => {
                // Between the middles of two elements.
                let middle = |place: usize| {
                    ((place as f64 + 0.5) / scale as f64 - 0.5).clamp(0.0, size.saturating_sub(1) as f64)
                };
                let below = Backend::float_select(x.clone(), axis, along(&|place| middle(place) as i64)?);
                let next = |place: usize| (middle(place) as i64 + 1).min(size as i64 - 1);
                let above = Backend::float_select(x, axis, along(&next)?);
                let mut shape = vec![1; below.shape().num_dims()];
                shape[axis] = size * scale;
                let share = (0..size * scale).map(|place| middle(place).fract() as f32).collect();
                let between = Backend::float_sub(above, below.clone());
                Backend::float_add(below, Backend::float_mul(between, device.floats(share, &shape)))
            }
        };
    }
    Ok(x)
}
