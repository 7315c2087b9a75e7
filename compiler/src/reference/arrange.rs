//! Operations that move elements, and those that make them of nothing.

use super::tensor::{Tensor, moved};
use crate::ir::ElementType;

pub(super) fn reshape(x: &Tensor, shape: &[usize]) -> Result<Tensor, String> {
    let reshaped = Tensor::new(x.element, shape, x.data.clone());
    reshaped.ok_or_else(|| format!("{:?} cannot be reshaped to {shape:?}", x.shape))
}

pub(super) fn transpose(x: &Tensor, permutation: &[usize]) -> Result<Tensor, String> {
    let mut sorted = permutation.to_vec();
    sorted.sort_unstable();
    if sorted != (0..x.rank()).collect::<Vec<_>>() {
        return Err(format!("{permutation:?} does not name every axis of {:?} once", x.shape));
    }
    let shape = permutation.iter().map(|axis| x.shape[*axis]).collect();
    Ok(Tensor::build(x.element, shape, |index| {
        let mut from = vec![0; index.len()];
        for (place, axis) in index.iter().zip(permutation) {
            from[*axis] = *place;
        }
        x.at(&from)
    }))
}

pub(super) fn expand(x: &Tensor, shape: &[usize]) -> Result<Tensor, String> {
    let missing = shape.len().checked_sub(x.rank());
    let fits = missing.is_some_and(|missing| {
        x.shape.iter().zip(&shape[missing..]).all(|(size, target)| *size == 1 || size == target)
    });
    match fits {
        true => Ok(Tensor::build(x.element, shape.to_vec(), |index| x.broadcast_at(index))),
        false => Err(format!("{:?} does not broadcast to {shape:?}", x.shape)),
    }
}

pub(super) fn slice(x: &Tensor, axis: usize, start: usize, end: usize, step: isize) -> Result<Tensor, String> {
    let length = x.length(axis)?;
    if start > end || end > length || step == 0 {
        return Err(format!("{start}..{end} by {step} is not in an axis of {length}"));
    }
    let stride = step.unsigned_abs();
    let mut shape = x.shape.clone();
    shape[axis] = (end - start).div_ceil(stride);
    Ok(Tensor::build(x.element, shape, |index| {
        let by = index[axis] * stride;
        x.at(&moved(index, axis, if step > 0 { start + by } else { end - 1 - by }))
    }))
}

pub(super) fn concat(parts: &[&Tensor], axis: usize) -> Result<Tensor, String> {
    let first = parts.first().ok_or("there is nothing to join")?;
    let mut shape = first.shape.clone();
    let mut total = 0;
    for part in parts {
        total += part.length(axis)?;
        let others = |shape: &[usize]| moved(shape, axis, 0);
        if others(&part.shape) != others(&first.shape) {
            return Err(format!("{:?} and {:?} do not join along axis {axis}", first.shape, part.shape));
        }
    }
    shape[axis] = total;
    Ok(Tensor::build(first.element, shape, |index| {
        let mut place = index[axis];
        for part in parts {
            if place < part.shape[axis] {
                return part.at(&moved(index, axis, place));
            }
            place -= part.shape[axis];
        }
        f64::NAN
    }))
}

pub(super) fn pad(x: &Tensor, padding: &[(usize, usize)], value: f64) -> Result<Tensor, String> {
    if padding.len() != x.rank() {
        return Err(format!("{} paddings for {:?}", padding.len(), x.shape));
    }
    let shape = x.shape.iter().zip(padding).map(|(size, (before, after))| before + size + after).collect();
    Ok(Tensor::build(x.element, shape, |index| {
        let places = index.iter().zip(padding).map(|(place, (before, _))| place.checked_sub(*before));
        match places.zip(&x.shape).map(|(place, size)| place.filter(|place| place < size)).collect::<Option<Vec<_>>>() {
            Some(inside) => x.at(&inside),
            None => value,
        }
    }))
}

pub(super) fn gather(x: &Tensor, indices: &Tensor, axis: usize) -> Result<Tensor, String> {
    let rows = x.length(axis)?;
    let (before, after) = (&x.shape[..axis], &x.shape[axis + 1..]);
    let chosen = |places: &[usize]| indices.at(places) as usize;
    within(indices, rows)?;
    Ok(Tensor::build(x.element, [before, &indices.shape, after].concat(), |index| {
        let (a, rest) = index.split_at(axis);
        let (i, b) = rest.split_at(indices.rank());
        x.at(&[a, &[chosen(i)], b].concat())
    }))
}

pub(super) fn gather_elements(x: &Tensor, indices: &Tensor, axis: usize) -> Result<Tensor, String> {
    let rows = x.length(axis)?;
    within(indices, rows)?;
    if moved(&indices.shape, axis, rows) != x.shape {
        return Err(format!("indices {:?} do not fit {:?} along axis {axis}", indices.shape, x.shape));
    }
    Ok(Tensor::build(x.element, indices.shape.clone(), |index| x.at(&moved(index, axis, indices.at(index) as usize))))
}

fn within(indices: &Tensor, rows: usize) -> Result<(), String> {
    match indices.data.iter().find(|index| **index < 0.0 || **index >= rows as f64) {
        Some(index) => Err(format!("{index} is not one of 0 to {}", rows as i64 - 1)),
        None => Ok(()),
    }
}

pub(super) fn one_hot(indices: &Tensor, depth: usize) -> Tensor {
    let shape = [&indices.shape[..], &[depth]].concat();
    Tensor::build(ElementType::F32, shape, |index| {
        let (class, place) = index.split_last().map_or((0, &[][..]), |(class, place)| (*class, place));
        f64::from(indices.at(place) == class as f64)
    })
}

pub(super) fn range(length: usize) -> Tensor {
    Tensor::build(ElementType::I64, vec![length], |index| index[0] as f64)
}
