//! Normalisations.

use super::tensor::{Tensor, indices};

/// Learnt numbers over the last axes of a value.
pub(super) struct Learnt<'a> {
    pub(super) scale: Option<&'a Tensor>,
    pub(super) offset: Option<&'a Tensor>,
}

impl Learnt<'_> {
    /// The number, scaled and moved by what is learnt for its place on the last axes.
    fn apply(&self, number: f64, place: &[usize]) -> f64 {
        number * self.scale.map_or(1.0, |scale| scale.at(place)) + self.offset.map_or(0.0, |offset| offset.at(place))
    }

    /// Refuses learnt numbers of another shape than the axes they are for.
    fn check(&self, shape: &[usize]) -> Result<(), String> {
        match [self.scale, self.offset].into_iter().flatten().find(|learnt| learnt.shape != shape) {
            Some(learnt) => Err(format!("learnt numbers of {:?} for {shape:?}", learnt.shape)),
            None => Ok(()),
        }
    }
}

/// The mean and the (biased) variance.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    (mean, numbers.iter().map(|number| (number - mean) * (number - mean)).sum::<f64>() / count)
}

/// Each channel of the last axis by the given mean and variance.
pub(super) fn by_channel(
    x: &Tensor,
    learnt: &Learnt<'_>,
    mean: &[f64],
    variance: &[f64],
    epsilon: f64,
) -> Result<Tensor, String> {
    let channels = *x.shape.last().ok_or("one number has no channels")?;
    learnt.check(&[channels])?;
    if [mean.len(), variance.len()] != [channels; 2] {
        return Err(format!("statistics of {} and {} channels for {:?}", mean.len(), variance.len(), x.shape));
    }
    Ok(Tensor::build(x.element, x.shape.clone(), |index| {
        let channel = index[index.len() - 1];
        learnt.apply((x.at(index) - mean[channel]) / (variance[channel] + epsilon).sqrt(), &[channel])
    }))
}

/// The mean and the variance of each channel of the last axis.
pub(super) fn channel_moments(x: &Tensor) -> (Vec<f64>, Vec<f64>) {
    let channels = x.shape.last().copied().unwrap_or(0);
    let of = |channel: usize| -> Vec<f64> { x.data.iter().skip(channel).step_by(channels.max(1)).copied().collect() };
    (0..channels).map(|channel| moments(&of(channel))).unzip()
}

/// Over the last `axes` axes together.
pub(super) fn layer(x: &Tensor, axes: usize, learnt: &Learnt<'_>, epsilon: f64) -> Result<Tensor, String> {
    rows(x, axes, learnt, |numbers| {
        let (mean, variance) = moments(numbers);
        (mean, (variance + epsilon).sqrt())
    })
}

/// By the root of the mean of the squares over the last `axes` axes together.
pub(super) fn root_mean_square(x: &Tensor, axes: usize, learnt: &Learnt<'_>, epsilon: f64) -> Result<Tensor, String> {
    rows(x, axes, learnt, |numbers| {
        let squares: f64 = numbers.iter().map(|number| number * number).sum();
        (0.0, (squares / numbers.len() as f64 + epsilon).sqrt())
    })
}

/// Each row of the last `axes` axes, less what `of` answers first and divided by what it answers second.
fn rows(x: &Tensor, axes: usize, learnt: &Learnt<'_>, of: impl Fn(&[f64]) -> (f64, f64)) -> Result<Tensor, String> {
    let split = x.rank().checked_sub(axes).ok_or_else(|| format!("{:?} has not {axes} axes", x.shape))?;
    let inner = &x.shape[split..];
    learnt.check(inner)?;
    let width: usize = inner.iter().product();
    let mut data = Vec::with_capacity(x.data.len());
    for row in x.data.chunks(width.max(1)) {
        let (less, by) = of(row);
        data.extend(row.iter().zip(indices(inner)).map(|(number, place)| learnt.apply((number - less) / by, &place)));
    }
    Ok(Tensor { data, ..x.clone() })
}

/// Over all axes but the batch, for each group of neighbouring channels.
pub(super) fn group(x: &Tensor, groups: usize, learnt: &Learnt<'_>, epsilon: f64) -> Result<Tensor, String> {
    let [_, places @ .., channels] = &x.shape[..] else { return Err(format!("{:?} has no channels", x.shape)) };
    if groups == 0 || channels % groups != 0 {
        return Err(format!("{channels} channels in {groups} groups"));
    }
    learnt.check(&[*channels])?;
    let width = channels / groups;
    let of = |row: usize, group: usize| {
        let members = indices(places).flat_map(|place| {
            (group * width..(group + 1) * width).map(move |channel| [&[row], &place[..], &[channel]].concat())
        });
        moments(&members.map(|index| x.at(&index)).collect::<Vec<f64>>())
    };
    let all: Vec<Vec<(f64, f64)>> =
        (0..x.shape[0]).map(|row| (0..groups).map(|group| of(row, group)).collect()).collect();
    Ok(Tensor::build(x.element, x.shape.clone(), |index| {
        let channel = index[index.len() - 1];
        let (mean, variance) = all[index[0]][channel / width];
        learnt.apply((x.at(index) - mean) / (variance + epsilon).sqrt(), &[channel])
    }))
}
