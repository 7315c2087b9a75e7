//! Windows that slide over the spatial axes of a channels-last value.

use super::tensor::{Tensor, indices};
use crate::ir::{Interpolation, infer::reach};

/// How windows slide; one entry an axis.
pub(super) struct Slide<'a> {
    pub(super) strides: &'a [usize],
    pub(super) dilation: &'a [usize],
    pub(super) padding: &'a [(usize, usize)],
}

/// A value `[N, …, c]` taken apart.
fn parts(x: &Tensor, axes: usize) -> Result<(usize, &[usize], usize), String> {
    match &x.shape[..] {
        [rows, sizes @ .., channels] if sizes.len() == axes => Ok((*rows, sizes, *channels)),
        _ => Err(format!("{:?} has not {axes} spatial axes", x.shape)),
    }
}

impl Slide<'_> {
    fn check(&self, size: &[usize]) -> Result<(), String> {
        let axes = size.len();
        let counts = [self.strides.len(), self.dilation.len(), self.padding.len()];
        let whole = self.strides.iter().chain(self.dilation).chain(size).all(|number| *number > 0);
        if counts == [axes; 3] && whole { Ok(()) } else { Err("its settings do not fit its window".to_owned()) }
    }

    /// How many windows of `size` fit along each axis of `sizes`.
    fn windows(&self, sizes: &[usize], size: &[usize]) -> Result<Vec<usize>, String> {
        self.check(size)?;
        let count = |axis: usize| {
            let (before, after) = self.padding[axis];
            let room = (sizes[axis] + before + after).checked_sub(reach(size[axis], self.dilation[axis]));
            room.map(|room| room / self.strides[axis] + 1)
        };
        let counts: Option<Vec<usize>> = (0..sizes.len()).map(count).collect();
        counts.ok_or_else(|| format!("a window of {size:?} does not fit in {sizes:?}"))
    }

    /// Where the element `tap` of the window at `window` lies in an image of `sizes`; nothing in the padding.
    fn place(&self, window: &[usize], tap: &[usize], sizes: &[usize]) -> Option<Vec<usize>> {
        (0..sizes.len())
            .map(|axis| {
                let along = window[axis] * self.strides[axis] + tap[axis] * self.dilation[axis];
                along.checked_sub(self.padding[axis].0).filter(|place| *place < sizes[axis])
            })
            .collect()
    }
}

pub(super) fn convolve(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    slide: &Slide<'_>,
    groups: usize,
) -> Result<Tensor, String> {
    let (rows, sizes, channels) = parts(x, slide.strides.len())?;
    let [filters, inner, size @ ..] = &weight.shape[..] else { return Err("a weight has two axes".to_owned()) };
    if groups == 0 || filters % groups != 0 || inner * groups != channels || size.len() != sizes.len() {
        return Err(format!("{:?} by {:?} in {groups} groups", x.shape, weight.shape));
    }
    let shape = [&[rows], &slide.windows(sizes, size)?[..], &[*filters]].concat();
    Ok(Tensor::build(x.element, shape, |index| {
        let [row, window @ .., filter] = index else { return f64::NAN };
        let group = filter / (filters / groups);
        let mut sum = bias.map_or(0.0, |bias| bias.at(&[*filter]));
        for tap in indices(size) {
            let Some(place) = slide.place(window, &tap, sizes) else { continue };
            for channel in 0..*inner {
                let pixel = x.at_parts(&[&[*row], &place[..], &[group * inner + channel]]);
                sum += pixel * weight.at_parts(&[&[*filter, channel], &tap[..]]);
            }
        }
        sum
    }))
}

/// Every element of `x` adds the kernel, times itself, to the answer at its window.
pub(super) fn convolve_transposed(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    slide: &Slide<'_>,
    output_padding: &[usize],
    groups: usize,
) -> Result<Tensor, String> {
    let (rows, sizes, channels) = parts(x, slide.strides.len())?;
    let [inputs, inner, size @ ..] = &weight.shape[..] else { return Err("a weight has two axes".to_owned()) };
    slide.check(size)?;
    if groups == 0 || *inputs != channels || channels % groups != 0 || output_padding.len() != sizes.len() {
        return Err(format!("{:?} by {:?} in {groups} groups", x.shape, weight.shape));
    }
    let length = |axis: usize| {
        let (before, after) = slide.padding[axis];
        let between = sizes[axis].checked_sub(1)? * slide.strides[axis];
        (between + reach(size[axis], slide.dilation[axis]) + output_padding[axis]).checked_sub(before + after)
    };
    let lengths: Option<Vec<usize>> = (0..sizes.len()).map(length).collect();
    let lengths = lengths.ok_or("the padding takes all there is")?;
    let shape = [&[rows], &lengths[..], &[inner * groups]].concat();
    let mut sums = Tensor::build(x.element, shape.clone(), |index| {
        bias.zip(index.last()).map_or(0.0, |(bias, channel)| bias.at(&[*channel]))
    });
    for index in indices(&x.shape) {
        let [row, window @ .., channel] = &index[..] else { continue };
        let group = channel / (channels / groups);
        for tap in indices(size) {
            let Some(place) = slide.place(window, &tap, &lengths) else { continue };
            for out in 0..*inner {
                let to = [&[*row], &place[..], &[group * inner + out]].concat();
                let offset = to.iter().zip(&shape).fold(0, |offset, (place, size)| offset * size + place);
                sums.data[offset] += x.at(&index) * weight.at_parts(&[&[*channel, out], &tap[..]]);
            }
        }
    }
    Ok(sums)
}

pub(super) fn pool(
    x: &Tensor,
    size: &[usize],
    slide: &Slide<'_>,
    combine: impl Fn(&[f64]) -> f64,
) -> Result<Tensor, String> {
    let (rows, sizes, channels) = parts(x, slide.strides.len())?;
    if size.len() != sizes.len() {
        return Err(format!("a window of {size:?} over {sizes:?}"));
    }
    let shape = [&[rows], &slide.windows(sizes, size)?[..], &[channels]].concat();
    Ok(Tensor::build(x.element, shape, |index| {
        let [row, window @ .., channel] = index else { return f64::NAN };
        let places = indices(size).filter_map(|tap| slide.place(window, &tap, sizes));
        let numbers: Vec<f64> = places.map(|place| x.at_parts(&[&[*row], &place[..], &[*channel]])).collect();
        combine(&numbers)
    }))
}

pub(super) fn resize(x: &Tensor, scale: &[usize], interpolation: Interpolation) -> Result<Tensor, String> {
    let (rows, sizes, channels) = parts(x, scale.len())?;
    if scale.contains(&0) {
        return Err("a factor is 0".to_owned());
    }
    let lengths: Vec<usize> = sizes.iter().zip(scale).map(|(size, factor)| size * factor).collect();
    let shape = [&[rows], &lengths[..], &[channels]].concat();
    Ok(Tensor::build(x.element, shape, |index| {
        let [row, place @ .., channel] = index else { return f64::NAN };
        // Along each axis the neighbours, and how much of each.
        let neighbours: Vec<Vec<(usize, f64)>> = (0..sizes.len())
            .map(|axis| match interpolation {
                Interpolation::Nearest => vec![(place[axis] / scale[axis], 1.0)],
                Interpolation::Linear => between(place[axis], scale[axis], sizes[axis]),
            })
            .collect();
        let counts: Vec<usize> = neighbours.iter().map(Vec::len).collect();
        indices(&counts)
            .map(|choice| {
                let chosen = || choice.iter().zip(&neighbours).map(|(which, all)| all[*which]);
                let from: Vec<usize> = chosen().map(|(place, _)| place).collect();
                let share: f64 = chosen().map(|(_, share)| share).product();
                share * x.at_parts(&[&[*row], &from[..], &[*channel]])
            })
            .sum()
    }))
}

/// The two elements that the middle of the element `place` of the larger axis lies between, and how much of each.
fn between(place: usize, scale: usize, size: usize) -> Vec<(usize, f64)> {
    let middle = ((place as f64 + 0.5) / scale as f64 - 0.5).clamp(0.0, size.saturating_sub(1) as f64);
    let below = middle.floor();
    let above = (below as usize + 1).min(size.saturating_sub(1));
    vec![(below as usize, 1.0 - (middle - below)), (above, middle - below)]
}
