//! Every operation against numbers worked out by hand, and what must hold whatever the numbers.

mod arrange;
mod attention;
mod element_wise;
mod graphs;
mod norm;
mod product;
mod recurrent;
mod reduce;
mod window;

use super::{Draws, Mode, Seeded, Step, Tensor};
use crate::ir::{ElementType, Op, Sizes};

/// Floats under a shape.
fn floats(shape: &[usize], numbers: &[f64]) -> Tensor {
    typed(ElementType::F32, shape, numbers)
}

/// Whole numbers under a shape.
fn whole(shape: &[usize], numbers: &[f64]) -> Tensor {
    typed(ElementType::I64, shape, numbers)
}

/// Truth values under a shape.
fn truths(shape: &[usize], numbers: &[f64]) -> Tensor {
    typed(ElementType::Bool, shape, numbers)
}

fn typed(element: ElementType, shape: &[usize], numbers: &[f64]) -> Tensor {
    Tensor::new(element, shape, numbers.to_vec()).expect("as many numbers as the shape has")
}

/// `0, 1, 2, …` under a shape.
fn counted(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    floats(shape, &(0..count).map(|number| number as f64).collect::<Vec<_>>())
}

/// Numbers without a pattern under a shape, from -1 to 1, the same for the same seed.
fn drawn(seed: u64, shape: &[usize]) -> Tensor {
    let numbers = Seeded::new(seed).uniform(0, shape.iter().product());
    floats(shape, &numbers).map(|number| 2.0 * number - 1.0)
}

/// What an operation makes in inference, with `T` as 3.
fn run(op: Op, read: &[&Tensor]) -> Tensor {
    super::apply(&op, read, &sizes()).expect("it works")
}

/// Why an operation makes nothing.
fn fails(op: Op, read: &[&Tensor]) -> String {
    super::apply(&op, read, &sizes()).expect_err("it fails")
}

/// What an operation makes in training.
fn trained(op: Op, read: &[&Tensor], draws: &mut dyn Draws) -> Tensor {
    Step { sizes: &sizes(), mode: Mode::Training, draws, index: 0 }.apply(&op, read).expect("it works")
}

fn sizes() -> Sizes {
    Sizes::from([("T".into(), 3)])
}

#[track_caller]
fn close(found: &Tensor, shape: &[usize], numbers: &[f64]) {
    assert_eq!(found.shape, shape);
    assert_eq!(found.data.len(), numbers.len(), "{found:?}");
    let apart = found.data.iter().zip(numbers).map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() });
    assert!(apart.fold(0.0, f64::max) < 1e-9, "{:?} is not {numbers:?}", found.data);
}

#[track_caller]
fn same(a: &Tensor, b: &Tensor) {
    close(a, &b.shape, &b.data);
}
