//! Several elements to one, and what goes along an axis.

use super::tensor::{Tensor, indices, moved};
use crate::ir::{ElementType, Reduction};

pub(super) fn reduce(x: &Tensor, reduction: Reduction, axes: &[usize], keep: bool) -> Result<Tensor, String> {
    for axis in axes {
        x.length(*axis)?;
    }
    let element = if matches!(reduction, Reduction::Any | Reduction::All) { ElementType::Bool } else { x.element };
    let one_by = |sizes: &[usize]| -> Vec<usize> {
        sizes.iter().enumerate().map(|(axis, size)| if axes.contains(&axis) { 1 } else { *size }).collect()
    };
    let taken: Vec<usize> =
        x.shape.iter().enumerate().map(|(axis, size)| if axes.contains(&axis) { *size } else { 1 }).collect();
    let mut result = Tensor::build(element, one_by(&x.shape), |index| {
        let each = indices(&taken).map(|other| {
            let place: Vec<usize> = index.iter().zip(&other).map(|(kept, taken)| kept + taken).collect();
            x.at(&place)
        });
        combine(reduction, each.collect())
    });
    if !keep {
        result.shape =
            x.shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, size)| *size).collect();
    }
    super::element_wise::held(result)
}

fn combine(reduction: Reduction, numbers: Vec<f64>) -> f64 {
    let count = numbers.len() as f64;
    let mut numbers = numbers.into_iter();
    match reduction {
        Reduction::Mean => numbers.sum::<f64>() / count,
        Reduction::Sum => numbers.sum(),
        Reduction::Product => numbers.product(),
        Reduction::Max => numbers.fold(f64::NEG_INFINITY, |a, b| if b > a || b.is_nan() { b } else { a }),
        Reduction::Min => numbers.fold(f64::INFINITY, |a, b| if b < a || b.is_nan() { b } else { a }),
        Reduction::Any => f64::from(numbers.any(|number| number != 0.0)),
        Reduction::All => f64::from(numbers.all(|number| number != 0.0)),
    }
}

pub(super) fn argmax(x: &Tensor, axis: usize, keep: bool) -> Result<Tensor, String> {
    let length = x.length(axis)?;
    if length == 0 {
        return Err("the largest of nothing stands nowhere".to_owned());
    }
    let mut result = Tensor::build(ElementType::I64, moved(&x.shape, axis, 1), |index| {
        let mut best = 0;
        for place in 1..length {
            if x.at(&moved(index, axis, place)) > x.at(&moved(index, axis, best)) {
                best = place;
            }
        }
        best as f64
    });
    if !keep {
        result.shape.remove(axis);
    }
    Ok(result)
}

pub(super) fn cumsum(x: &Tensor, axis: usize, exclusive: bool, reverse: bool) -> Result<Tensor, String> {
    let length = x.length(axis)?;
    let result = Tensor::build(x.element, x.shape.clone(), |index| {
        let here = index[axis];
        let summed = |place: &usize| match (reverse, exclusive) {
            (false, false) => *place <= here,
            (false, true) => *place < here,
            (true, false) => *place >= here,
            (true, true) => *place > here,
        };
        (0..length).filter(summed).map(|place| x.at(&moved(index, axis, place))).sum()
    });
    super::element_wise::held(result)
}

pub(super) fn softmax(x: &Tensor, axis: usize) -> Result<Tensor, String> {
    Ok(log_softmax(x, axis)?.map(f64::exp))
}

pub(super) fn log_softmax(x: &Tensor, axis: usize) -> Result<Tensor, String> {
    let length = x.length(axis)?;
    Ok(Tensor::build(x.element, x.shape.clone(), |index| {
        let along: Vec<f64> = (0..length).map(|place| x.at(&moved(index, axis, place))).collect();
        // Around the largest, so that nothing overflows.
        let largest = combine(Reduction::Max, along.clone());
        let sum: f64 = along.iter().map(|number| (number - largest).exp()).sum();
        x.at(index) - largest - sum.ln()
    }))
}

/// `-log(softmax(logits))[label]`, averaged over all axes but the batch.
pub(super) fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor, String> {
    let Some((classes, others)) = logits.shape.split_last() else { return Err("logits have no classes".to_owned()) };
    let [rows, places @ ..] = others else { return Err("logits have no batch".to_owned()) };
    if labels.shape != others {
        return Err(format!("labels {:?} for logits {:?}", labels.shape, logits.shape));
    }
    if let Some(label) = labels.data.iter().find(|label| **label < 0.0 || **label >= *classes as f64) {
        return Err(format!("label {label} is not one of {classes} classes"));
    }
    let logs = log_softmax(logits, others.len())?;
    let count: usize = places.iter().product();
    Ok(Tensor::build(ElementType::F32, vec![*rows], |row| {
        let losses = indices(places).map(|place| {
            let at = [row, &place].concat();
            let label = labels.at(&at) as usize;
            -logs.at_parts(&[&at, &[label]])
        });
        losses.sum::<f64>() / count as f64
    }))
}
