//! Products of matrices.

use super::tensor::{Tensor, broadcast};

pub(super) fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor, String> {
    let ([x @ .., m, k], [y @ .., l, n]) = (&a.shape[..], &b.shape[..]) else {
        return Err(format!("{:?} and {:?} are not both matrices", a.shape, b.shape));
    };
    if k != l {
        return Err(format!("{:?} @ {:?}: {k} is not {l}", a.shape, b.shape));
    }
    let mut shape = broadcast(x, y)?;
    shape.extend([*m, *n]);
    let place = |outer: &[usize], own: &[usize], row: usize, column: usize| -> Vec<usize> {
        let missing = outer.len() - own.len();
        let outer = outer[missing..].iter().zip(own).map(|(place, size)| if *size == 1 { 0 } else { *place });
        outer.chain([row, column]).collect()
    };
    Ok(Tensor::build(a.element, shape, |index| {
        let [outer @ .., row, column] = index else { return f64::NAN };
        (0..*k).map(|i| a.at(&place(outer, x, *row, i)) * b.at(&place(outer, y, i, *column))).sum()
    }))
}

pub(super) fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor, String> {
    let (Some((width, rows)), [units, inputs]) = (x.shape.split_last(), &weight.shape[..]) else {
        return Err(format!("{:?} by {:?}", x.shape, weight.shape));
    };
    if width != inputs {
        return Err(format!("a row of {width} by a weight of {inputs}"));
    }
    Ok(Tensor::build(x.element, [rows, &[*units]].concat(), |index| {
        let [row @ .., unit] = index else { return f64::NAN };
        let product: f64 = (0..*width).map(|i| x.at_parts(&[row, &[i]]) * weight.at(&[*unit, i])).sum();
        product + bias.map_or(0.0, |bias| bias.at(&[*unit]))
    }))
}
